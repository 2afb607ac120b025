//! Opening what is named: regular files alone. A pipe never ends, a device gives what nobody logged.

use std::fs::{self, File, FileType};
use std::io::{self, Read as _};
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

/// Largest list of nodes or pods that is read.
pub(crate) const LARGEST_LIST: u64 = 512 * 1024 * 1024;

/// Opens a file.
///
/// # Errors
/// What the operating system says; that it is no regular file.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let known = fs::metadata(path)?;
    if known.is_file() {
        File::open(path)
    } else {
        Err(io::Error::other(what(known.file_type())))
    }
}

fn what(kind: FileType) -> &'static str {
    if kind.is_fifo() {
        "a pipe, not a file: give its bytes on standard input, as `-`"
    } else if kind.is_socket() {
        "a socket, not a file"
    } else if kind.is_char_device() || kind.is_block_device() {
        "a device, not a file"
    } else if kind.is_dir() {
        "a directory, not a file"
    } else {
        "not a regular file"
    }
}

/// Reads a whole file that is no larger than so many bytes.
///
/// # Errors
/// As [`open`]; that it is larger.
pub(crate) fn whole(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        let most = most / (1024 * 1024);
        return Err(io::Error::other(format!("larger than {most} MB")));
    }
    Ok(bytes)
}
