//! What people see: bars on a terminal, plain lines elsewhere, nothing with `--quiet`.

use std::io::{IsTerminal as _, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::cli::{Global, LogFormat};
use crate::show::board::{Board, Sync};
use crate::span::Span;

/// Time between two drawings of the bars.
const DRAWING: Duration = Duration::from_millis(500);
/// Time between two plain lines of the state.
const TELLING: Duration = Duration::from_secs(30);

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

/// Writes to stderr without tearing the bars.
struct AboveBars(Option<MultiProgress>);

impl Write for AboveBars {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let write = || std::io::stderr().write_all(bytes).map(|()| bytes.len());
        match &self.0 {
            Some(bars) => bars.suspend(write),
            None => write(),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stderr().flush()
    }
}

/// The bars of a run.
struct Bars {
    all: MultiProgress,
    services: ProgressBar,
    endpoints: ProgressBar,
    nodes: Vec<ProgressBar>,
}

impl Bars {
    fn new(all: &MultiProgress) -> Self {
        let bar = |what: &str| {
            let template = format!("{what:<10} {{bar:30}} {{pos}}/{{len}} {{msg}}");
            let style = ProgressStyle::with_template(&template);
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
            all.add(ProgressBar::new(0).with_style(style))
        };
        Self {
            all: all.clone(),
            services: bar("Services"),
            endpoints: bar("Endpoints"),
            nodes: Vec::new(),
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
        let nodes = self.nodes.iter();
        nodes
            .chain([&self.services, &self.endpoints])
            .for_each(ProgressBar::finish_and_clear);
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
        let nodes = board.nodes();
        while self.nodes.len() < nodes.len() {
            let style = ProgressStyle::with_template("{msg}");
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
            self.nodes
                .push(self.all.add(ProgressBar::new(0).with_style(style)));
        }
        for (bar, (name, sync)) in self.nodes.iter().zip(&nodes) {
            bar.set_message(node_line(name, sync, carried));
        }
    }
}

/// `node-a: syncing for 4m10s; 12 syncs, the last took 5m2s and ended 8s ago; ...`
fn node_line(name: &str, sync: &Sync, carried: u64) -> String {
    let ago = |at: tokio::time::Instant| Span(Duration::from_secs(at.elapsed().as_secs()));
    let now = match sync.running_since() {
        Some(since) => format!("syncing for {}", ago(since)),
        None => "quiet".to_owned(),
    };
    let last = match (sync.last_end, sync.last_took) {
        (Some(end), Some(took)) => {
            let (syncs, took) = (sync.syncs, Span(took));
            format!(
                "{syncs} syncs, the last took {took} and ended {} ago",
                ago(end)
            )
        }
        (Some(end), None) => format!("{} syncs, the last ended {} ago", sync.syncs, ago(end)),
        (None, _) => "no sync seen yet".to_owned(),
    };
    format!(
        "{name}: {now}; {last}; {} lines; {carried} endpoints in the API",
        sync.lines
    )
}

/// One line a node now and then.
async fn tell(board: &Board, stop: &CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(TELLING) => {}
            () = stop.cancelled() => return,
        }
        let (carried, target) = board.endpoints();
        let made = board.made.load(Ordering::Relaxed);
        let services = board.services.load(Ordering::Relaxed);
        tracing::info!(made, services, carried, target, "{}", board.phase());
        for (name, sync) in board.nodes() {
            tracing::info!("{}", node_line(&name, &sync, carried));
        }
    }
}
