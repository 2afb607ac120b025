//! See `driver --help`.

use std::process::ExitCode;

use clap::Parser as _;
use driver::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match driver::run::run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("driver: {error}");
            error.exit_code()
        }
    }
}
