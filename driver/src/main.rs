//! See `driver --help`.

use std::io::Write as _;
use std::process::ExitCode;

use driver::cli::{Cli, LogFormat};

#[tokio::main]
async fn main() -> ExitCode {
    let cli = match Cli::called() {
        Ok(cli) => cli,
        Err(told) => told.exit(),
    };
    let format = cli.global.log_format;
    match driver::verbs::run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            match format {
                // Where nobody reads any more nobody is told, and the exit status stays what it is.
                LogFormat::Text => drop(writeln!(std::io::stderr(), "driver: {error}")),
                // Whoever reads JSON lines reads nothing else.
                LogFormat::Json => tracing::error!("{error}"),
            }
            error.exit_code()
        }
    }
}
