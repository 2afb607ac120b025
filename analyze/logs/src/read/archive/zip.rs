//! Members of a zip archive, in the order of its directory, which stands at its end.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::path::{Path, PathBuf};

use zip::read::ZipFile;
use zip::result::ZipError;
use zip::{DateTime, ZipArchive};

use super::{Visit, Walk, inner};
use crate::read::open::{self, Opened};
use crate::read::regular;
use crate::request::Place;

/// Largest archive that is read where nobody can go back in it: on standard input, inside another.
const LARGEST_STREAM: u64 = 512 * 1024 * 1024;

pub(super) fn walk<V: Visit>(
    walk: &mut Walk<'_, V>,
    path: &Path,
    place: Option<&Place>,
    opened: Opened<'_>,
) -> io::Result<()> {
    match place {
        Some(Place::File(file)) if opened.layers == ["zip"] => {
            let file = BufReader::new(regular::open(file)?);
            members::<V, BufReader<File>>(walk, path, file, &opened)
        }
        _ => {
            let (mut bytes, mut whole) = (opened.bytes, Vec::new());
            (&mut bytes)
                .take(LARGEST_STREAM + 1)
                .read_to_end(&mut whole)?;
            if whole.len() as u64 > LARGEST_STREAM {
                let most = LARGEST_STREAM >> 20;
                return Err(io::Error::other(format!(
                    "a zip archive of more than {most} MB inside a stream: give it as a file"
                )));
            }
            let opened = Opened { bytes, ..opened };
            members(walk, path, Cursor::new(whole), &opened)
        }
    }
}

fn members<V: Visit, R: Read + Seek>(
    walk: &mut Walk<'_, V>,
    path: &Path,
    bytes: R,
    opened: &Opened<'_>,
) -> io::Result<()> {
    let mut archive = ZipArchive::new(bytes)?;
    // Members that share their bytes are how a small archive unpacks to all the world's disks.
    if archive.has_overlapping_files()? {
        return Err(io::Error::other("members of the zip archive overlap"));
    }
    for at in 0..archive.len() {
        walk.count()?;
        let Some(member) = Member::of(&archive.by_index_raw(at)?) else {
            continue;
        };
        let path = path.join(&member.name);
        if member.encrypted {
            if walk.visit.counts(&path) {
                walk.visit.encrypted(&path);
            }
            continue;
        }
        let (archive, layers) = (&mut archive, opened.layers.clone());
        walk.member(&path, member.modified_s, || {
            let bytes = archive.by_index(at).map_err(in_words)?;
            open::unpack(
                open::bounded(Box::new(bytes), &opened.raw),
                &opened.raw,
                layers,
            )
        });
    }
    Ok(())
}

/// What the directory tells of a member.
struct Member {
    name: PathBuf,
    encrypted: bool,
    modified_s: Option<u64>,
}

impl Member {
    /// None for what is no file.
    fn of<R: Read>(file: &ZipFile<'_, R>) -> Option<Self> {
        file.is_file().then(|| Self {
            // What packs on Windows writes its own separators.
            name: inner(Path::new(&file.name().replace('\\', "/"))),
            encrypted: file.encrypted(),
            modified_s: file.last_modified().and_then(seconds),
        })
    }
}

/// A local time without a zone: near enough to tell a year by.
fn seconds(time: DateTime) -> Option<u64> {
    let date = chrono::NaiveDate::from_ymd_opt(
        time.year().into(),
        time.month().into(),
        time.day().into(),
    )?;
    let time = date.and_hms_opt(
        time.hour().into(),
        time.minute().into(),
        time.second().into(),
    )?;
    u64::try_from(time.and_utc().timestamp()).ok()
}

fn in_words(error: ZipError) -> io::Error {
    match error {
        ZipError::UnsupportedArchive(what) => {
            io::Error::other(format!("{what}: unpack it and give its files"))
        }
        other => other.into(),
    }
}
