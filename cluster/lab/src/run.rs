//! The verbs.

use std::path::PathBuf;

use tokio::process::Command;

use crate::cli::{Api, Cli, Global, Run, Up, Verb};
use crate::control::{self, Request};
use crate::debian;
use crate::down;
use crate::error::Error;
use crate::show;
use crate::state::Place;
use crate::up;

/// Does what the command line asks.
///
/// # Errors
/// See [`Error`]; [`Error::exit_code`] gives the exit status.
pub async fn run(cli: Cli) -> Result<(), Error> {
    let global = &cli.global;
    match cli.verb {
        Verb::Up(flags) => bring_up(global, &flags).await,
        Verb::Down => down::down(global),
        Verb::Status(flags) => show::status(global, flags.output).await,
        Verb::Logs(flags) => show::logs(global, &flags).await,
        Verb::Kernels => debian::list_kernels().await,
        Verb::Prepare(flags) => debian::prepare(&flags).await,
        Verb::Restart(one) => order(global, &Request::Restart(one.node)).await,
        Verb::Rotate(one) => order(global, &Request::Rotate(one.node)).await,
        Verb::Api(Api::Stop) => order(global, &Request::StopApi).await,
        Verb::Api(Api::Start) => order(global, &Request::StartApi).await,
        Verb::Run(flags) => whole_run(global, &flags).await,
        // `main` does that without a runtime of ours.
        Verb::Supervise => Ok(()),
    }
}

async fn bring_up(global: &Global, flags: &Up) -> Result<(), Error> {
    let spec = up::up(global, flags).await?;
    let place = Place::of(&global.name)?;
    up::say(&place, &spec, &control::status(&place).await?);
    Ok(())
}

async fn order(global: &Global, request: &Request) -> Result<(), Error> {
    let place = Place::of(&global.name)?;
    control::ask(&place, request).await.map(|_| ())
}

/// Up, driver, down. The lab goes down whatever the driver's end.
async fn whole_run(global: &Global, flags: &Run) -> Result<(), Error> {
    let driver = driver(flags)?;
    bring_up(global, &flags.up).await?;
    let place = Place::of(&global.name)?;
    let mut child = Command::new(&driver);
    child
        .env("KUBECONFIG", place.kubeconfig("admin"))
        .args(&flags.words);
    // Ctrl-C reaches the driver too, which then finishes its bundle: it is waited for.
    let status = child.status();
    tokio::pin!(status);
    let ended = loop {
        tokio::select! {
            ended = &mut status => break ended,
            _ = tokio::signal::ctrl_c() => {}
        }
    };
    if !flags.keep {
        down::down(global)?;
    }
    let status = ended.map_err(Error::io(&driver, "running"))?;
    match status.code() {
        Some(0) => Ok(()),
        code => Err(Error::Driver(code.unwrap_or(1))),
    }
}

fn driver(flags: &Run) -> Result<PathBuf, Error> {
    if let Some(path) = &flags.driver {
        return Ok(path.clone());
    }
    let own = std::env::current_exe().map_err(|e| Error::Usage(format!("no own path: {e}")))?;
    let beside = own.with_file_name("driver");
    if beside.exists() {
        return Ok(beside);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .map(|directory| directory.join("driver"))
        .find(|candidate| candidate.exists());
    found.ok_or_else(|| Error::Missing {
        program: "driver".to_owned(),
        mend: "`cargo build --release -p driver`, or name it with --driver".to_owned(),
    })
}
