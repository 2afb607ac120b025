//! The files that are to be loaded.

use std::path::{Path, PathBuf};

use bundle::Transaction;
use transaction::{Family, Ledger, Mode, Request, Scale, Tables, fingerprint, generate, split};

use super::own;
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
    /// Whose addresses, which iptables has a program of its own for.
    pub(super) family: Option<Family>,
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
            family: self.family,
        })
    }

    /// The program that loads it.
    pub(super) const fn loader(&self) -> &'static str {
        match (self.mode, self.family) {
            (Mode::Nftables, _) => "nft",
            (Mode::Iptables, Some(Family::Ipv6)) => "ip6tables-restore",
            (Mode::Iptables, _) => "iptables-restore",
        }
    }
}

/// Reads the files. What `nft list` or `iptables-save` has printed becomes the cold transaction
/// that would make it, one for each family.
///
/// # Errors
/// [`Error::Io`]; [`Error::Usage`] with file and line where one is not understood.
pub(crate) fn read(files: &[PathBuf], prepare: Option<&Path>) -> Result<Vec<Job>, Error> {
    let prepare = prepare.map(own::read).transpose()?;
    let prepare = match prepare.as_deref() {
        None => None,
        Some([one]) => Some(one),
        Some(_) => {
            let problem = "holds both families: `lab ruleset --from` takes one out of it";
            return Err(Error::Usage(format!("--prepare {problem}")));
        }
    };
    let mut jobs: Vec<Job> = Vec::new();
    for path in files {
        for file in own::read(path)? {
            if jobs.iter().any(|job| job.row.transaction == file.name) {
                return Err(Error::Usage(format!(
                    "two files have the name {}",
                    file.name
                )));
            }
            jobs.push(job(file, prepare)?);
        }
    }
    Ok(jobs)
}

fn job(file: own::File, prepare: Option<&own::File>) -> Result<Job, Error> {
    let mut tables = Tables::default();
    if let Some(before) = prepare {
        load(&mut tables, &before.text, &before.path)?;
    }
    let ledger = load(&mut tables, &file.text, &file.path)?;
    let mode = Mode::of(&file.text);
    let family = Family::of(&file.text);
    let row = Transaction {
        after: prepare.map_or_else(String::new, |before| before.name.clone()),
        from_replicas: prepare.and_then(|before| Scale::of(&before.text).endpoints_per_service),
        ..row(file.name, &file.text, &ledger)
    };
    Ok(Job {
        row,
        prepare: prepare.map(|before| before.text.clone()),
        pieces: vec![file.text],
        ledger,
        mode,
        family,
    })
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
            row: row(name, &text, &ledger),
            prepare: None,
            pieces: vec![text],
            ledger,
            mode: Mode::Nftables,
            family: Some(Family::Ipv4),
        })
    };
    services.iter().map(one).collect()
}

fn load(tables: &mut Tables, text: &str, path: &Path) -> Result<Ledger, Error> {
    let failed = |error| Error::Usage(format!("{}: {error}", path.display()));
    tables.load(text).map_err(failed)
}

/// Scale and shape are told by what is in it, not by its name.
fn row(name: String, text: &str, ledger: &Ledger) -> Transaction {
    let scale = Scale::of(text);
    let shape = scale.shape_of(text).map_or("own", |shape| shape.name());
    Transaction {
        mode: Mode::of(text).name().to_owned(),
        shape: shape.to_owned(),
        family: Family::of(text).map_or("", Family::name).to_owned(),
        // A file without any is of something else.
        services: (scale.services > 0).then_some(scale.services),
        endpoints_per_service: scale.endpoints_per_service,
        from_replicas: None,
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
        after: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jobs(cold: &str, step: &str) -> (Job, Job) {
        let file = |name: &str, text: &str| own::File {
            name: name.to_owned(),
            path: PathBuf::from(name),
            text: text.to_owned(),
        };
        let before = file("before", cold);
        let after = job(file("a", step), Some(&before)).unwrap();
        (job(before, None).unwrap(), after)
    }

    #[test]
    fn scale_and_shape_are_told_by_what_is_in_a_file_not_by_its_name() {
        for (mode, shape) in [
            (Mode::Nftables, transaction::Shape::KubeProxy1_32),
            (Mode::Nftables, transaction::Shape::KubeProxy1_36),
            (Mode::Iptables, transaction::Shape::KubeProxy1_32),
        ] {
            let cold = Request {
                mode,
                shape,
                services: 6,
                endpoints: 2,
                from_replicas: None,
                local: 0,
                has_api_endpoint: true,
            };
            let step = Request {
                endpoints: 3,
                from_replicas: Some(2),
                ..cold
            };
            let (cold, step) = jobs(&generate(&cold), &generate(&step));
            let scale = |job: &Job| {
                let row = &job.row;
                (row.services, row.endpoints_per_service, row.from_replicas)
            };
            assert_eq!(scale(&cold), (Some(6), Some(2), None));
            assert_eq!(scale(&step), (Some(6), Some(3), Some(2)));
            let shapes = [&cold, &step].map(|job| job.row.shape.as_str());
            assert_eq!(shapes, [shape.name(); 2]);
            assert_eq!(
                (cold.row.family.as_str(), step.row.after.as_str()),
                ("ipv4", "before")
            );
        }
    }

    #[test]
    fn a_file_of_nothing_of_kube_proxys_has_no_scale() {
        let (job, _) = jobs(
            "add table ip6 t\nadd chain ip6 t c\n",
            "add chain ip6 t d\n",
        );
        assert_eq!((job.row.services, job.row.shape.as_str()), (None, "own"));
        assert_eq!((job.row.family.as_str(), job.loader()), ("ipv6", "nft"));
        let (job, _) = jobs(
            "*nat\n:C - [0:0]\n-A C -d fd00::1/128 -j RETURN\nCOMMIT\n",
            "*nat\nCOMMIT\n",
        );
        assert_eq!(job.loader(), "ip6tables-restore");
    }
}
