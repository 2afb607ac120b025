//! `manual DIR`: man pages and completions of `analyze`, made from its command line.

use std::path::Path;
use std::{env, fs, io};

use analyze::Cli;
use clap::{CommandFactory as _, ValueEnum as _};
use clap_complete::Shell;
use clap_complete_nushell::Nushell;

fn main() -> io::Result<()> {
    let directory = env::args()
        .nth(1)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "usage: manual DIR"))?;
    let directory = Path::new(&directory);
    fs::create_dir_all(directory)?;
    clap_mangen::generate_to(Cli::command(), directory)?;
    for shell in Shell::value_variants() {
        clap_complete::generate_to(*shell, &mut Cli::command(), "analyze", directory)?;
    }
    clap_complete::generate_to(Nushell, &mut Cli::command(), "analyze", directory)?;
    Ok(())
}
