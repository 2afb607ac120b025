//! By what name the program was called: its own, or that of a plugin of kubectl.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::{CommandFactory as _, FromArgMatches as _};

use super::Cli;

/// What kubectl finds the program by, and what a person then types.
const PLUGIN: (&str, &str) = ("kubectl-sync_times", "kubectl sync-times");

impl Cli {
    /// What this process was called with. Called as a plugin of kubectl, usage says what to type.
    ///
    /// # Errors
    ///
    /// What clap has to say: usage, help, the version.
    pub fn called() -> Result<Self, clap::Error> {
        Self::of(std::env::args_os().collect())
    }

    fn of(words: Vec<OsString>) -> Result<Self, clap::Error> {
        let plugin = words
            .first()
            .is_some_and(|word| Path::new(word).file_stem() == Some(OsStr::new(PLUGIN.0)));
        let command = match plugin {
            true => Self::command().no_binary_name(true).bin_name(PLUGIN.1),
            false => Self::command(),
        };
        let words = words.into_iter().skip(usize::from(plugin));
        Self::from_arg_matches(&command.try_get_matches_from(words)?)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test may stop at the first surprise
mod tests {
    use super::*;

    #[test]
    fn a_plugin_of_kubectl_tells_what_to_type() {
        let said = |words: &[&str]| {
            let words = words.iter().map(OsString::from).collect();
            Cli::of(words).unwrap_err().to_string()
        };
        for called in ["kubectl-sync_times", "/usr/bin/kubectl-sync_times.exe"] {
            let usage = said(&[called, "--no-such-flag"]);
            assert!(usage.contains("Usage: kubectl sync-times "), "{usage}");
            let usage = said(&[called, "explain"]);
            assert!(
                usage.contains("Usage: kubectl sync-times explain "),
                "{usage}"
            );
        }
        assert!(said(&["analyze", "--no-such-flag"]).contains("Usage: analyze "));
        let cli = Cli::of(["kubectl-sync_times", "x.log"].map(OsString::from).to_vec());
        assert!(cli.unwrap().command.is_none());
    }
}
