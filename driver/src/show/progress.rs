//! What people see: bars on a terminal, plain lines elsewhere, nothing with `--quiet`.

use std::io::{IsTerminal as _, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::cli::{Global, LogFormat};
use crate::show::board::Board;
use crate::show::nodes;
use crate::span::Span;

/// Time between two drawings of the bars.
const DRAWING: Duration = Duration::from_millis(500);
/// Time between two plain lines of the state.
const TELLING: Duration = Duration::from_secs(30);
/// Most lines about nodes that are told at once.
const TOLD: usize = 12;

/// Where progress goes.
#[derive(Clone)]
pub enum Screen {
    /// Bars below the log lines.
    Bars(MultiProgress),
    /// A line now and then.
    Lines,
    /// Nothing.
    Silent,
}

impl Screen {
    /// Chooses by flags and terminal, and starts the log lines.
    #[must_use]
    pub fn open(global: &Global) -> Self {
        let terminal = std::io::stderr().is_terminal() && global.log_format == LogFormat::Text;
        let screen = match (global.quiet, terminal) {
            (true, _) => Self::Silent,
            (false, true) => {
                Self::Bars(MultiProgress::with_draw_target(ProgressDrawTarget::stderr()))
            }
            (false, false) => Self::Lines,
        };
        log_lines(global, &screen);
        screen
    }

    /// Shows the board until `stop` is told.
    pub fn show(&self, board: Arc<Board>, stop: CancellationToken) -> JoinHandle<()> {
        let screen = self.clone();
        tokio::spawn(async move {
            match screen {
                Self::Bars(bars) => Bars::new(&bars).run(&board, &stop).await,
                Self::Lines => tell(&board, &stop).await,
                Self::Silent => {}
            }
        })
    }
}

fn log_lines(global: &Global, screen: &Screen) {
    let default = if global.quiet { "warn" } else { "info" };
    // The client's own warnings repeat what the driver says with the object's name.
    let filter = EnvFilter::try_from_env("DRIVER_LOG").unwrap_or_else(|_| {
        EnvFilter::new(format!("{default},kube=off,kube_client=off,tower=off"))
    });
    let bars = match screen {
        Screen::Bars(bars) => Some(bars.clone()),
        Screen::Lines | Screen::Silent => None,
    };
    let writer = move || AboveBars(bars.clone());
    let base = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer);
    let started = match global.log_format {
        LogFormat::Json => base
            .json()
            .flatten_event(true)
            .with_target(false)
            .try_init(),
        LogFormat::Text => base.with_target(false).with_ansi(false).try_init(),
    };
    // A second run in one process, as in tests, keeps the first one's log.
    drop(started);
}

/// Writes to stderr without tearing the bars. Where nobody reads any more, as after a terminal was
/// closed, what is said is lost and the run ends in order all the same.
struct AboveBars(Option<MultiProgress>);

impl Write for AboveBars {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match &self.0 {
            // Not `suspend`, which panics where a terminal was closed.
            Some(bars) if !bars.is_hidden() => {
                let text = String::from_utf8_lossy(bytes);
                bars.println(text.trim_end_matches('\n')).ok();
            }
            _ => {
                std::io::stderr().write_all(bytes).ok();
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stderr().flush()
    }
}

/// Lines of text that are drawn anew in place.
pub(crate) struct Texts {
    all: MultiProgress,
    lines: Vec<ProgressBar>,
}

impl Texts {
    pub(crate) fn new(all: &MultiProgress) -> Self {
        Self {
            all: all.clone(),
            lines: Vec::new(),
        }
    }

    pub(crate) fn show(&mut self, texts: Vec<String>) {
        while self.lines.len() < texts.len() {
            let style = ProgressStyle::with_template("{wide_msg}");
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
            let line = self.all.add(ProgressBar::new(0).with_style(style));
            self.lines.push(line);
        }
        for spare in self.lines.drain(texts.len()..) {
            spare.finish_and_clear();
            self.all.remove(&spare);
        }
        for (line, text) in self.lines.iter().zip(texts) {
            line.set_message(text);
        }
    }

    pub(crate) fn clear(&self) {
        self.lines.iter().for_each(ProgressBar::finish_and_clear);
    }
}

/// The bars of a run, no more of them than the terminal is high.
struct Bars {
    began: Instant,
    services: ProgressBar,
    endpoints: ProgressBar,
    texts: Texts,
}

/// Lines of the terminal that stay free: log lines come above the bars.
pub(crate) const FREE: usize = 4;
/// Lines where the terminal does not say how high it is.
const USUAL_HEIGHT: usize = 24;

impl Bars {
    fn new(all: &MultiProgress) -> Self {
        let bar = |what: &str| {
            let template = format!("{what:<10} {{bar:30}} {{pos}}/{{len}} {{wide_msg}}");
            let style = ProgressStyle::with_template(&template);
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
            all.add(ProgressBar::new(0).with_style(style))
        };
        Self {
            began: Instant::now(),
            services: bar("Services"),
            endpoints: bar("Endpoints"),
            texts: Texts::new(all),
        }
    }

    async fn run(mut self, board: &Board, stop: &CancellationToken) {
        loop {
            self.draw(board);
            tokio::select! {
                () = tokio::time::sleep(DRAWING) => {}
                () = stop.cancelled() => break,
            }
        }
        self.texts.clear();
        self.services.finish_and_clear();
        self.endpoints.finish_and_clear();
    }

    fn draw(&mut self, board: &Board) {
        self.services
            .set_length(board.services.load(Ordering::Relaxed));
        self.services
            .set_position(board.made.load(Ordering::Relaxed));
        let (carried, target) = board.endpoints();
        self.endpoints.set_length(target);
        self.endpoints.set_position(carried);
        let replicas = board.replicas.load(Ordering::Relaxed);
        self.endpoints
            .set_message(format!("{replicas} replicas | {}", board.phase()));
        let mut texts = vec![time_line(board, self.began)];
        texts.extend(outage_line(board));
        let room = height().saturating_sub(FREE + 2 + texts.len());
        texts.extend(nodes::lines(&board.nodes(), room));
        self.texts.show(texts);
    }
}

/// Lines of the terminal.
pub(crate) fn height() -> usize {
    let size = rustix::termios::tcgetwinsize(std::io::stderr());
    match size.map_or(0, |size| usize::from(size.ws_row)) {
        0 => USUAL_HEIGHT,
        rows => rows,
    }
}

/// `4m10s so far; the plan says 12m to 45m in all`
fn time_line(board: &Board, began: Instant) -> String {
    let elapsed = Span(Duration::from_secs(began.elapsed().as_secs()));
    match board.estimate() {
        Some([least, most]) => {
            format!("{elapsed} so far; the plan says {least} to {most} in all")
        }
        None => format!("{elapsed} so far"),
    }
}

/// `the API server does not answer for 12s`
fn outage_line(board: &Board) -> Option<String> {
    let since = board.server_away()?;
    let time = Span(Duration::from_secs(since.elapsed().as_secs()));
    Some(format!("the API server does not answer for {time}"))
}

/// A few lines now and then.
async fn tell(board: &Board, stop: &CancellationToken) {
    let began = Instant::now();
    loop {
        tokio::select! {
            () = tokio::time::sleep(TELLING) => {}
            () = stop.cancelled() => return,
        }
        let (carried, target) = board.endpoints();
        let made = board.made.load(Ordering::Relaxed);
        let services = board.services.load(Ordering::Relaxed);
        let time = time_line(board, began);
        tracing::info!(made, services, carried, target, "{}; {time}", board.phase());
        for line in nodes::lines(&board.nodes(), TOLD) {
            tracing::info!("{line}");
        }
    }
}
