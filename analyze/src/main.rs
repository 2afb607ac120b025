//! `analyze`: offline analyzer of kube-proxy's rule syncs.

use std::process::ExitCode;

use analyze::report::visible;
use analyze::{Cli, Verdict, run};

fn main() -> ExitCode {
    let cli = match Cli::called() {
        Ok(cli) => cli,
        // Help and the version are for standard output, and are clap's own.
        Err(told) if !told.use_stderr() => told.exit(),
        // What was given stands in the message.
        Err(error) => {
            let styled = error.render();
            let text = match anstream::AutoStream::choice(&std::io::stderr()) {
                anstream::ColorChoice::Never => visible::lines(&styled.to_string()),
                _ if visible::lines(&styled.to_string()) != styled.to_string() => {
                    visible::lines(&styled.to_string())
                }
                _ => styled.ansi().to_string(),
            };
            eprint!("{text}");
            return ExitCode::from(2);
        }
    };
    match run(&cli) {
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
