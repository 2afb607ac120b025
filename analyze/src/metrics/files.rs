//! Files as scrapes, each with the kube-proxy that it is of.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::doubts::Doubts;
use super::sample::{PREFIX, Sample};
use super::{Scraped, answer, exposition};
use crate::error::Error;

/// Largest file, unpacked: a day of a hundred kube-proxies, a value a minute, has 250 MB.
const LARGEST: u64 = 1 << 30;
/// What a file is told by.
const HEAD: u64 = 1 << 20;

/// What one kube-proxy showed at one moment, or what a Prometheus kept of many.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scrape {
    /// The file as it was given.
    pub(super) input: String,
    /// Whose it is, beside what its labels say; empty where labels alone tell.
    pub(super) owner: String,
    /// When its process began, seconds since the epoch.
    pub(super) process: Option<f64>,
    /// What it says.
    pub(super) samples: Vec<Sample>,
}

/// Reads all files, in the order given. A file that is given twice is read once.
///
/// Labels tell one kube-proxy from the other in what Prometheus answers. What kube-proxy itself shows
/// has no such label: scrapes of one process, told by when it began, are of one kube-proxy, and other
/// files each of its own, unless a name was given.
///
/// # Errors
/// [`Error::Metrics`], [`Error::NoSuchPath`], [`Error::File`], [`Error::Option`].
pub(super) fn read(scraped: &Scraped, doubts: &mut Doubts) -> Result<Vec<Scrape>, Error> {
    named_are_read(scraped)?;
    let mut scrapes = Vec::new();
    let mut owners: HashMap<u64, String> = HashMap::new();
    for (at, path) in scraped.files.iter().enumerate() {
        if scraped.files[..at].contains(path) {
            continue;
        }
        let input = path.to_string_lossy().replace('\\', "/");
        let text = text(path)?;
        let named = scraped.nodes.iter().find(|(file, _)| *file == input);
        let named = named.map(|(_, name)| name.clone());
        let before = scrapes.len();
        if text.trim_start().starts_with(['{', '[']) {
            let samples = answer::read(&input, &text, doubts).map_err(|wrong| Error::Metrics {
                path: input.clone(),
                line: wrong.line,
                problem: wrong.problem,
            })?;
            scrapes.push(Scrape {
                owner: named.unwrap_or_default(),
                input: input.clone(),
                process: None,
                samples,
            });
        } else {
            for one in exposition::read(&input, &text, doubts) {
                let process = one.process.map(f64::to_bits);
                let own = process.map(|start| owners.entry(start).or_insert_with(|| input.clone()));
                let own = own.map_or_else(|| input.clone(), |own| own.clone());
                scrapes.push(Scrape {
                    owner: named.clone().unwrap_or(own),
                    input: input.clone(),
                    process: one.process,
                    samples: one.samples,
                });
            }
        }
        if scrapes[before..]
            .iter()
            .all(|scrape| scrape.samples.is_empty())
        {
            let problem = "no metric of kube-proxy's syncs in it";
            doubts.add("no_metrics", &input, None, problem);
        }
    }
    Ok(scrapes)
}

fn named_are_read(scraped: &Scraped) -> Result<(), Error> {
    let given = |file: &String| scraped.files.iter().any(|path| path == Path::new(file));
    match scraped.nodes.iter().find(|(file, _)| !given(file)) {
        None => Ok(()),
        Some((file, name)) => Err(Error::Option {
            option: "node",
            value: format!("{file}={name}"),
            problem: "no such file is read".to_owned(),
        }),
    }
}

/// A file's text, unpacked. What is no UTF-8 is in labels or in no metric at all.
fn text(path: &Path) -> Result<String, Error> {
    let bytes = match path.as_os_str() == "-" {
        true => standard_input(),
        false if !path.exists() => return Err(Error::NoSuchPath(path.to_path_buf())),
        false => kube_proxy_logs::unpacked(path, LARGEST),
    };
    let bytes = bytes.map_err(Error::file(path))?;
    Ok(String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

fn standard_input() -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = io::stdin()
        .lock()
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)?;
    match read as u64 > LARGEST {
        true => Err(io::Error::other(format!("more than {LARGEST} bytes"))),
        false => Ok(bytes),
    }
}

/// Whether a file begins with metrics: only the head of one that is no pipe is looked at.
pub(super) fn begins_with_metrics(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = path.is_file() && {
        let file = File::open(path);
        file.is_ok_and(|file| file.take(HEAD).read_to_end(&mut head).is_ok())
    };
    let text = String::from_utf8_lossy(&head);
    let answer = || text.trim_start().starts_with('{') && text.contains(&format!("\"{PREFIX}"));
    read && (exposition::begins(&text) || answer())
}
