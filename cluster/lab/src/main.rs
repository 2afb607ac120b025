//! See `lab --help`.

use std::process::ExitCode;

use clap::Parser as _;
use lab::cli::{Cli, Verb};
use lab::error::Error;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.verb {
        // It enters a network namespace first, which must happen before there are threads.
        Verb::Supervise => lab::supervise::enter(&cli.global),
        _ => tokio::runtime::Runtime::new()
            .map_err(|error| Error::Usage(format!("no runtime: {error}")))
            .and_then(|runtime| runtime.block_on(lab::run::run(cli))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            lab::progress::tell(&format!("lab: {error}"));
            error.exit_code()
        }
    }
}
