//! Ablation: what a piece of the kernel costs, by an experiment. nf_tables is built with and
//! without an edit, and each build loads the same transactions, in guests alone.

mod build;
mod edit;
mod tokens;

use crate::cli::{Ablate, Global, ReplayClock};
use crate::debian;
use crate::error::Error;
use crate::preflight;
use crate::progress::Progress;
use crate::replay::{Job, Means, Module, Session, generated_jobs, read_jobs};
use edit::Edit;

/// The build in which nothing is changed.
const CONTROL: &str = "control";
/// The distribution's own module, which no build is.
const STOCK: &str = "stock";

/// Builds, boots, loads.
///
/// # Errors
/// What an edit, the compiler, a kernel or the bundle says; [`Error::Unmet`] if a load did not end
/// well, after all others have been tried.
pub async fn ablate(global: &Global, flags: &Ablate) -> Result<(), Error> {
    preflight::qemu()?;
    let progress = Progress::new(global.quiet);
    let edits = flags.edits.iter().map(|path| Edit::read(path));
    let edits = edits.collect::<Result<Vec<_>, _>>()?;
    let jobs = jobs(flags)?;
    let means = Means {
        clock: ReplayClock::Instructions,
        loading: flags.loading.clone(),
    };
    let mut session = Session::open(&flags.output, &jobs, means, progress)?;
    let mut kernels = Vec::new();
    for wanted in &flags.kernels {
        kernels.push(debian::replay_guest(wanted).await?);
    }
    let mut whole = Vec::new();
    for kernel in &kernels {
        let series = series(kernel.release());
        let mine: Vec<&Edit> = edits.iter().filter(|edit| edit.is_for(&series)).collect();
        if mine.is_empty() {
            return Err(Error::Usage(format!("no edit is for the series {series}")));
        }
        let modules = build::all(kernel.release(), &mine, progress).await?;
        let modules = modules
            .into_iter()
            .filter(|one| flags.wants(&one.row.build));
        whole.push(modules.collect::<Vec<_>>());
    }
    for edit in &edits {
        session.keep_edit(&edit.file, &edit.text)?;
    }
    let stock = usize::from(flags.wants(STOCK));
    let builds: usize = whole.iter().map(|modules| modules.len() + stock).sum();
    session.expect(builds * jobs.len());
    for (kernel, modules) in kernels.iter().zip(&whole) {
        let none = std::iter::repeat_n(None, stock);
        let builds: Vec<Option<&Module>> = none.chain(modules.iter().map(Some)).collect();
        for job in &jobs {
            for build in &builds {
                session.load(kernel, *build, job, 1).await?;
            }
        }
    }
    session.finish()
}

/// Files, or cold transactions of several sizes.
fn jobs(flags: &Ablate) -> Result<Vec<Job>, Error> {
    if flags.files.is_empty() {
        return generated_jobs(&flags.shape, &flags.services, flags.endpoints);
    }
    read_jobs(&flags.files, None)
}

/// `6.1.0-56-cloud-amd64` is of 6.1.
fn series(release: &str) -> String {
    let numbers: Vec<&str> = release.splitn(3, ['.', '-']).take(2).collect();
    numbers.join(".")
}

impl Ablate {
    fn wants(&self, build: &str) -> bool {
        self.builds.is_empty() || self.builds.iter().any(|name| name == build)
    }
}
