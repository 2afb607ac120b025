//! The files that are to be loaded.

use std::path::{Path, PathBuf};

use bundle::Transaction;
use transaction::{Ledger, Mode, Request, Tables, fingerprint, generate, split};

use crate::error::Error;

/// A transaction and what must be there before it.
pub(crate) struct Job {
    /// As in the bundle.
    pub(super) row: Transaction,
    /// The file, or the pieces that it is loaded in.
    pub(super) pieces: Vec<String>,
    /// The file before it.
    pub(super) prepare: Option<String>,
    /// What the file makes.
    pub(super) ledger: Ledger,
    /// Its language.
    pub(super) mode: Mode,
}

impl Job {
    /// Whether it is loaded in several transactions.
    pub(super) const fn is_cut(&self) -> bool {
        self.pieces.len() > 1
    }

    /// The same change in so many transactions.
    ///
    /// # Errors
    /// [`Error::Usage`] where it cannot be cut so.
    pub(super) fn in_pieces(&self, pieces: u32) -> Result<Self, Error> {
        let name = &self.row.transaction;
        let failed = |problem: String| Error::Usage(format!("{name}: {problem}"));
        Ok(Self {
            row: self.row.clone(),
            pieces: split(&self.pieces.concat(), pieces).map_err(failed)?,
            prepare: self.prepare.clone(),
            ledger: self.ledger,
            mode: self.mode,
        })
    }

    /// The program that loads it.
    pub(super) const fn loader(&self) -> &'static str {
        match self.mode {
            Mode::Nftables => "nft",
            Mode::Iptables => "iptables-restore",
        }
    }
}

/// Reads the files.
///
/// # Errors
/// [`Error::Io`]; [`Error::Usage`] with file and line where one is not understood.
pub(crate) fn read(files: &[PathBuf], prepare: Option<&Path>) -> Result<Vec<Job>, Error> {
    let prepare = match prepare {
        Some(path) => Some((name_of(path), text_of(path)?, path)),
        None => None,
    };
    let mut jobs: Vec<Job> = Vec::new();
    for path in files {
        let text = text_of(path)?;
        let mut tables = Tables::default();
        if let Some((_, before, path)) = &prepare {
            load(&mut tables, before, path)?;
        }
        let ledger = load(&mut tables, &text, path)?;
        let (name, mode) = (name_of(path), Mode::of(&text));
        if jobs.iter().any(|job| job.row.transaction == name) {
            return Err(Error::Usage(format!("two files have the name {name}")));
        }
        let after = prepare
            .as_ref()
            .map_or_else(String::new, |(name, ..)| name.clone());
        jobs.push(Job {
            row: row(name, after, mode, &text, &ledger),
            prepare: prepare.as_ref().map(|(_, text, _)| text.clone()),
            pieces: vec![text],
            ledger,
            mode,
        });
    }
    Ok(jobs)
}

/// Cold transactions of several sizes, as [`generate`] writes them.
///
/// # Errors
/// [`Error::Usage`] for a shape that is not known.
pub(crate) fn generated(shape: &str, services: &[u32], endpoints: u32) -> Result<Vec<Job>, Error> {
    let shape: transaction::Shape = shape.parse().map_err(Error::Usage)?;
    let one = |services: &u32| {
        let text = generate(&Request {
            mode: Mode::Nftables,
            shape,
            services: *services,
            endpoints,
            from_replicas: None,
            local: 0,
            has_api_endpoint: true,
        });
        let name = format!("cold-{services}x{endpoints}-{}", shape.name());
        let ledger = load(&mut Tables::default(), &text, Path::new(&name))?;
        Ok(Job {
            row: row(name, String::new(), Mode::Nftables, &text, &ledger),
            prepare: None,
            pieces: vec![text],
            ledger,
            mode: Mode::Nftables,
        })
    };
    services.iter().map(one).collect()
}

fn load(tables: &mut Tables, text: &str, path: &Path) -> Result<Ledger, Error> {
    let failed = |error| Error::Usage(format!("{}: {error}", path.display()));
    tables.load(text).map_err(failed)
}

fn text_of(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(Error::io(path, "reading"))
}

fn name_of(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn row(name: String, after: String, mode: Mode, text: &str, ledger: &Ledger) -> Transaction {
    let scale = Scale::of(&name);
    Transaction {
        mode: mode.name().to_owned(),
        shape: scale.shape.unwrap_or_else(|| "own".to_owned()),
        family: "ipv4".to_owned(),
        services: scale.services,
        endpoints_per_service: scale.endpoints,
        from_replicas: scale.from,
        sha256: fingerprint(text),
        bytes: ledger.bytes,
        commands: ledger.commands,
        chains: ledger.chains,
        rules: ledger.rules,
        sets: ledger.sets,
        maps: ledger.maps,
        anonymous_maps: ledger.anonymous,
        elements: ledger.elements,
        entries: ledger.entries,
        table_sets: ledger.table_sets,
        transaction: name,
        after,
    }
}

/// What a name such as `cold-1000x30-kube-proxy-1.32` or `step-1000x25-30-kube-proxy-1.36` says.
#[derive(Default)]
struct Scale {
    services: Option<u64>,
    endpoints: Option<u64>,
    from: Option<u64>,
    shape: Option<String>,
}

impl Scale {
    fn of(name: &str) -> Self {
        let read = || {
            let (numbers, version) = name.split_once("-kube-proxy-")?;
            let (kind, numbers) = numbers.split_once('-')?;
            let (services, endpoints) = numbers.split_once('x')?;
            let version = version.trim_end_matches("-iptables");
            let (from, to) = match endpoints.split_once('-') {
                Some((from, to)) if kind == "step" => (Some(from.parse().ok()?), to),
                None if kind == "cold" => (None, endpoints),
                _ => return None,
            };
            Some(Self {
                services: Some(services.parse().ok()?),
                endpoints: Some(to.parse().ok()?),
                from,
                shape: Some(format!("kube-proxy-{version}")),
            })
        };
        read().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Scale;

    #[test]
    fn names_say_the_scale_and_others_say_none() {
        for (name, services, endpoints, from, shape) in [
            (
                "cold-1000x30-kube-proxy-1.32",
                Some(1000),
                Some(30),
                None,
                Some("kube-proxy-1.32"),
            ),
            (
                "step-500x25-30-kube-proxy-1.36",
                Some(500),
                Some(30),
                Some(25),
                Some("kube-proxy-1.36"),
            ),
            (
                "cold-9x1-kube-proxy-1.32-iptables",
                Some(9),
                Some(1),
                None,
                Some("kube-proxy-1.32"),
            ),
            ("cold-9x1-2-kube-proxy-1.32", None, None, None, None),
            ("mine", None, None, None, None),
        ] {
            let scale = Scale::of(name);
            let found = (
                scale.services,
                scale.endpoints,
                scale.from,
                scale.shape.as_deref(),
            );
            assert_eq!(found, (services, endpoints, from, shape), "{name}");
        }
    }
}
