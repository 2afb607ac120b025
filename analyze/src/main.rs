//! `analyze`: offline analyzer of kube-proxy's rule syncs.

use std::process::ExitCode;

use analyze::report::visible;
use analyze::{Cli, Verdict, run};
use clap::Parser as _;

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(Verdict::Done) => ExitCode::SUCCESS,
        Ok(Verdict::Fails(reasons)) => {
            for reason in reasons {
                eprintln!("analyze: {}", visible::lines(&reason));
            }
            ExitCode::from(1)
        }
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("analyze: {}", visible::lines(&error.to_string()));
            ExitCode::from(2)
        }
    }
}
