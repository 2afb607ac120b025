//! What a run has beside its logs, as one object: manifest, timeline, what was captured. Logs
//! stand in it empty, so that it is known where they stood.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;

use tar::{Archive, Builder, EntryType, Header};
use tempfile::TempDir;

/// A file beside logs, or where a log stood.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileOf {
    /// Its name there, with `/`.
    pub name: String,
    /// What of it is kept.
    pub held: Held,
}

/// What is kept of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Held {
    /// All of it.
    Whole(PathBuf),
    /// Its name alone: it is a log.
    Name,
}

/// Packs files: the same bytes for the same files, whenever and by whomever.
///
/// # Errors
/// A file cannot be read, with its path.
pub fn pack(files: &[FileOf]) -> io::Result<Vec<u8>> {
    let packed = zstd::Encoder::new(Vec::new(), zstd::DEFAULT_COMPRESSION_LEVEL)?;
    let mut archive = Builder::new(packed);
    let mut files: Vec<&FileOf> = files.iter().collect();
    files.sort();
    for one in files {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o600);
        header.set_mtime(0);
        let named =
            |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", one.name));
        match &one.held {
            Held::Name => {
                header.set_size(0);
                archive.append_data(&mut header, &one.name, io::empty())?;
            }
            Held::Whole(path) => {
                let file = File::open(path).map_err(named)?;
                let size = file.metadata().map_err(named)?.len();
                header.set_size(size);
                // A file that grows meanwhile is kept as long as it was.
                let bytes = file.take(size);
                archive
                    .append_data(&mut header, &one.name, bytes)
                    .map_err(named)?;
            }
        }
    }
    archive.into_inner()?.finish()
}

/// Unpacks files into a directory of their own, which goes when it is dropped.
///
/// # Errors
/// It is no such object, or there is no room.
pub fn unpack(packed: &[u8]) -> io::Result<TempDir> {
    let directory = tempfile::Builder::new().prefix("analyze-").tempdir()?;
    let mut archive = Archive::new(zstd::Decoder::new(packed)?);
    archive.set_preserve_permissions(false);
    for entry in archive.entries()? {
        let mut entry = entry?;
        if entry.header().entry_type() != EntryType::Regular {
            return Err(io::Error::other("something that is no file is in it"));
        }
        // Refuses names that lead out.
        if !entry.unpack_in(directory.path())? {
            return Err(io::Error::other("a name in it leads out of it"));
        }
    }
    Ok(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back_and_logs_are_empty() {
        let from = tempfile::tempdir().unwrap();
        let path = from.path().join("bundle.json");
        std::fs::write(&path, "{}").unwrap();
        let of = |name: &str, held| FileOf {
            name: name.to_owned(),
            held,
        };
        let long = format!("nodes/{}/kube-proxy.0.log", "n".repeat(253));
        let files = [of(&long, Held::Name), of("bundle.json", Held::Whole(path))];
        let packed = pack(&files).unwrap();
        let turned: Vec<FileOf> = files.iter().rev().cloned().collect();
        assert_eq!(pack(&turned).unwrap(), packed, "in any order the same");
        let there = unpack(&packed).unwrap();
        let read = |name: &str| std::fs::read_to_string(there.path().join(name)).unwrap();
        assert_eq!(
            (read("bundle.json").as_str(), read(&long).as_str()),
            ("{}", "")
        );
        assert!(unpack(b"no such thing").is_err() && unpack(&packed[..20]).is_err());
        let gone = [of("x", Held::Whole(from.path().join("gone")))];
        assert!(pack(&gone).unwrap_err().to_string().starts_with("x: "));
    }

    #[test]
    fn a_name_that_leads_out_is_refused() {
        let mut archive = Builder::new(zstd::Encoder::new(Vec::new(), 0).unwrap());
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_size(1);
        // The builder refuses such a name: it is written by hand.
        header.as_mut_bytes()[..7].copy_from_slice(b"../evil");
        header.set_cksum();
        archive.append(&header, &b"x"[..]).unwrap();
        let packed = archive.into_inner().unwrap().finish().unwrap();
        assert!(unpack(&packed).is_err());
    }
}
