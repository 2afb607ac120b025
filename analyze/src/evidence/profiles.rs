//! Profiles of loads and of nodes, and what the kernel's watchdog saw, which is a profile of few
//! samples.

use std::path::Path;

use bundle::Replay as Tables;
use kube_proxy_logs::Input;

use super::causes::{self, Cause};
use super::measurement::clock_name;
use super::stacks::{self, Stacks};
use crate::corpus::{Corpus, OpenBundle, ProfileFile, Studies};
use crate::error::Error;
use crate::report::words::replays::load;
use crate::report::{
    Complaint, LockupSummary, Profile, Replay, Report, Study, SyncTable, Warning, permalink,
};

/// Most that is read of a file, unpacked.
const LARGEST: u64 = 512 << 20;
/// Fewer reports of a watchdog are lines, and no profile.
const FEWEST_REPORTS: usize = 5;

/// All profiles of a report, whose replays and lockups are there already.
///
/// # Errors
/// [`Error::Bundle`] for a table whose first line is no header; [`Error::Internal`].
pub(super) fn put_in(
    report: &mut Report,
    corpus: &Corpus,
    (studies, inputs): (&Studies, &[Input]),
) -> Result<(), Error> {
    let known = causes::table()?;
    let mut profiles = Vec::new();
    for (open, replay) in corpus.replays.iter().zip(&report.replays) {
        of_replay(open, replay, &known, &mut profiles, &mut report.warnings)?;
    }
    for file in &corpus.profiles {
        let table = &report.syncs;
        let place = Recorded {
            corpus,
            studies,
            inputs,
            table,
        };
        profiles.extend(of_node(file, place, &known, &mut report.warnings));
    }
    let soft = report
        .lockups
        .iter()
        .filter(|one| one.kind == Complaint::SoftLockup);
    let studies = &report.studies;
    profiles.extend(soft.filter_map(|one| of_watchdog(one, studies, &known)));
    for (at, profile) in profiles.iter_mut().enumerate() {
        profile.id = permalink::file_name(&format!("{}-{}", profile.id, at + 1));
    }
    report.profiles = profiles;
    Ok(())
}

fn text(path: &Path, input: &str, warnings: &mut Vec<Warning>) -> Option<String> {
    let unread = |problem: String| Warning::new("profile_unread", problem).at(input, None);
    match kube_proxy_logs::unpacked(path, LARGEST) {
        Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) => {
            warnings.push(unread(error.to_string()));
            None
        }
    }
}

/// Reads a profile; none, with a warning, where there is no stack in it.
fn read(
    path: &Path,
    input: &str,
    spans: &[(i64, i64)],
    warnings: &mut Vec<Warning>,
) -> Option<Stacks> {
    let text = text(path, input, warnings)?;
    let unread = |problem: String| Warning::new("profile_unread", problem).at(input, None);
    let read = match stacks::read(&text, spans) {
        Ok(read) => read,
        Err(error) => {
            let problem = format!("neither folded stacks nor what `perf script` prints: {error}");
            warnings.push(unread(problem));
            return None;
        }
    };
    if read.unread > 0 {
        warnings.push(unread(format!("{} lines are no stack", read.unread)));
    }
    if read.all.is_empty() {
        let problem = match read.outside {
            Some(samples) => format!("none of its {samples} samples is within a commit"),
            None => {
                "holds no stack: folded stacks, or what `perf script` prints, are read".to_owned()
            }
        };
        warnings.push(unread(problem));
        return None;
    }
    Some(read)
}

/// Samples of perf.
const SAMPLES: &str = "the kernel's samples";
/// Samples of the kernel's watchdog.
const REPORTS: &str = "the watchdog's reports";

fn profile(
    read: Stacks,
    known: &[Cause],
    (whose, kernel): (&str, &str),
    maps: Option<u64>,
) -> Profile {
    let (samples, kernel_samples) = stacks::count(&read.all);
    let functions = stacks::functions(&read.all);
    Profile {
        id: String::new(),
        replay: None,
        study: None,
        run: None,
        what: String::new(),
        kernel: kernel.to_owned(),
        path: String::new(),
        sampler: String::new(),
        samples,
        kernel_samples,
        outside_commits: read.outside,
        cost_pct: None,
        causes: causes::of(known, (whose, kernel), &functions, maps),
        functions,
        stacks: read.all,
    }
}

fn of_replay(
    open: &OpenBundle,
    replay: &Replay,
    known: &[Cause],
    into: &mut Vec<Profile>,
    warnings: &mut Vec<Warning>,
) -> Result<(), Error> {
    let tables = Tables::read(&open.bundle.directory)?;
    for (line, problem) in &tables.profiles.faults {
        let input = format!("{}/{}", open.path, bundle::PROFILES);
        let warning = Warning::new("replay_row_unread", problem.clone());
        warnings.push(warning.at(input, Some(*line)));
    }
    for row in in_order(&tables) {
        // The name is the lab's own; one that leads elsewhere is not followed.
        let Some(file) = Path::new(&row.file).file_name() else {
            continue;
        };
        let path = open
            .bundle
            .directory
            .join(bundle::PROFILE_DIRECTORY)
            .join(file);
        let shown = format!("{}/{}/{}", open.path, bundle::PROFILE_DIRECTORY, row.file);
        let Some(read) = read(&path, &shown, &[], warnings) else {
            continue;
        };
        let of = replay
            .transactions
            .iter()
            .find(|of| of.name == row.transaction);
        let in_calls = stacks::in_calls(&read.all);
        let kernel = kernel_of(row);
        let measured = replay.figures.iter().find(|one| {
            let same = replay.transactions.get(one.transaction).map(|of| &of.name);
            same == Some(&row.transaction)
                && one.kernel_release == row.kernel_release
                && one.clock == clock_name(row.clock)
                && one.pieces <= 1
        });
        let sampled_s = in_calls as f64 / f64::from(row.frequency_hz.max(1));
        let maps = of.map(|of| of.anonymous_maps);
        into.push(Profile {
            id: format!("{}-{kernel}", open.id),
            replay: Some(open.id.clone()),
            what: of.map_or_else(
                || row.transaction.clone(),
                |of| format!("{} ({}, {})", load(of), of.mode, of.shape),
            ),
            path: shown,
            sampler: format!("{}, {} Hz", row.sampler, row.frequency_hz),
            cost_pct: measured.map(|one| (sampled_s / one.kernel_s - 1.0) * 100.0),
            ..profile(read, known, (SAMPLES, &kernel), maps)
        });
    }
    Ok(())
}

/// Profiles by transaction, then by release.
fn in_order(tables: &Tables) -> Vec<&bundle::Profile> {
    let mut rows: Vec<&bundle::Profile> = tables.profiles.rows.iter().map(|(_, row)| row).collect();
    rows.sort_by(|a, b| {
        let order = a.transaction.cmp(&b.transaction);
        order.then_with(|| super::names::by_release(&kernel_of(a), &kernel_of(b)))
    });
    rows
}

/// The kernel's version, or its release where the version is not told.
fn kernel_of(row: &bundle::Profile) -> String {
    match row.kernel_version.as_str() {
        "" => row.kernel_release.clone(),
        version => version.to_owned(),
    }
}

/// What a profile beside a log belongs to.
#[derive(Clone, Copy)]
struct Recorded<'r> {
    corpus: &'r Corpus,
    studies: &'r Studies,
    inputs: &'r [Input],
    table: &'r SyncTable,
}

fn of_node(
    file: &ProfileFile,
    place: Recorded<'_>,
    known: &[Cause],
    warnings: &mut Vec<Warning>,
) -> Option<Profile> {
    let folder = Path::new(&file.display).parent();
    let beside: Vec<usize> = (0..place.inputs.len())
        .filter(|at| Path::new(&place.inputs[*at].path).parent() == folder)
        .collect();
    let syncs = place.table.syncs.iter();
    let mine = syncs.filter(|sync| beside.contains(&(sync.input as usize)));
    let spans: Vec<(i64, i64)> = mine
        .filter_map(|sync| {
            let end = sync.end_ns?;
            Some((end - i64::try_from(sync.commit_ns?).ok()?, end))
        })
        .collect();
    let read = read(&file.path, &file.display, &spans, warnings)?;
    let log = |at: &&usize| !place.inputs[**at].kernel_log;
    let first = *beside.iter().find(log).or(beside.first())?;
    let input = &place.inputs[first];
    let kernel = place.studies.groups[first].clone();
    let study = place.studies.of_input.get(first);
    let study = study.and_then(|at| place.table.studies.get(*at)).cloned();
    let what = input.node.clone().unwrap_or_else(|| input.path.clone());
    if let Some(outside) = read.outside {
        let within = stacks::count(&read.all).0;
        let message = format!(
            "{what} was sampled while it synced ({within} samples within commits, {outside} outside): \
             its durations hold what the sampling costs"
        );
        warnings.push(Warning::new("sampled_run", message).at(&file.display, None));
    }
    let owner = place.corpus.owners_of(std::slice::from_ref(input));
    let bundle = owner.first().copied().flatten();
    let bundle = bundle.and_then(|at| place.corpus.bundles.get(at));
    let run = bundle.map(|open| open.id.clone());
    Some(Profile {
        id: study.clone().unwrap_or_default(),
        run: run.or_else(|| study.clone()),
        study,
        what,
        path: file.display.clone(),
        sampler: "perf".to_owned(),
        ..profile(read, known, (SAMPLES, &kernel), None)
    })
}

/// Each report of a watchdog is a sample of what was running.
fn of_watchdog(of: &LockupSummary, studies: &[Study], known: &[Cause]) -> Option<Profile> {
    let told = of.stacks.iter().filter(|stack| !stack.callers.is_empty());
    let all: Vec<(String, u64)> = told
        .map(|stack| {
            let callers: String = stack
                .callers
                .iter()
                .rev()
                .map(|name| format!("{name};"))
                .collect();
            (
                format!("watchdog;{callers}{}", stack.function),
                stack.reports as u64,
            )
        })
        .collect();
    let reports: u64 = all.iter().map(|(_, count)| count).sum();
    if reports < FEWEST_REPORTS as u64 {
        return None;
    }
    let read = Stacks {
        all,
        ..Stacks::default()
    };
    let study = studies.iter().find(|study| study.id == of.study);
    let run = match study.map(|study| study.bundles.as_slice()) {
        Some([]) => Some(of.study.clone()),
        Some([bundle]) => Some(bundle.clone()),
        Some(_) | None => None,
    };
    Some(Profile {
        id: of.study.clone(),
        study: Some(of.study.clone()),
        run,
        what: "soft lockups".to_owned(),
        path: String::new(),
        sampler: "the kernel's watchdog: a sample each report".to_owned(),
        ..profile(read, known, (REPORTS, &of.group), None)
    })
}
