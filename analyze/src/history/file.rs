//! The file: CSV with a heading, oldest rows first, only ever appended to.

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use super::rows::RunFigure;
use crate::error::Error;

/// The heading. A file without it is somebody else's.
const HEADING: &str = "time,run,load,figure,of,seconds,kernel,kube_proxy,image,name\n";

/// What a file holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// The rows with their lines, in the order of the file.
    pub rows: Vec<(u64, RunFigure)>,
}

impl History {
    /// Reads a history.
    ///
    /// # Errors
    /// [`Error::History`] with the line of what is no row; [`Error::Bundle`] for what is no file, or too
    /// large; [`Error::NoSuchPath`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = text(path)?.ok_or_else(|| Error::NoSuchPath(path.to_path_buf()))?;
        Self::parse(path, &text)
    }

    /// Appends the rows that are not there yet, and reads the whole; a file that is not there is
    /// made. A row is there if its run has the figure of the same kernel series. Two programs
    /// that append at once wait for one another. Gives how many were added.
    ///
    /// # Errors
    /// As [`Self::read`]: a file that cannot be read whole is not touched. [`Error::File`].
    pub fn append(path: &Path, rows: Vec<RunFigure>) -> Result<(Self, usize), Error> {
        // A pipe would be waited for, once it is open.
        text(path)?;
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        let mut file = options.open(path).map_err(Error::file(path))?;
        file.lock().map_err(Error::file(path))?;
        let mut text = text(path)?.unwrap_or_default();
        let known = Self::parse(path, &text)?;
        let key = |row: &RunFigure| {
            let row = row.clone();
            (row.run, row.figure, row.of, row.load)
        };
        let mut there: HashSet<_> = known.rows.iter().map(|(_, row)| key(row)).collect();
        let rows = rows.into_iter();
        let new: Vec<RunFigure> = rows.filter(|row| there.insert(key(row))).collect();
        let more = written(&new, text.is_empty()).map_err(|error| wrong(path, 0, &error))?;
        // In one piece, so that a reader sees no half of a row.
        file.write_all(more.as_bytes())
            .and_then(|()| file.sync_data())
            .map_err(Error::file(path))?;
        text += &more;
        Ok((Self::parse(path, &text)?, new.len()))
    }

    fn parse(path: &Path, text: &str) -> Result<Self, Error> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        if !text.starts_with(HEADING) {
            let problem = format!(
                "no history of analyze: it does not begin with {}",
                HEADING.trim_end()
            );
            return Err(at_line(path, 1, problem));
        }
        if !text.ends_with('\n') {
            let last = text.lines().count() as u64;
            return Err(at_line(
                path,
                last,
                "this row was cut short; complete or delete it".to_owned(),
            ));
        }
        let mut rows = Vec::new();
        let mut csv = csv::Reader::from_reader(text.as_bytes());
        let heading = csv
            .headers()
            .map_err(|error| wrong(path, 1, &error))?
            .clone();
        for record in csv.into_records() {
            let record = record.map_err(|error| wrong(path, 0, &error))?;
            let line = record.position().map_or(0, csv::Position::line);
            let row = record.deserialize::<RunFigure>(Some(&heading));
            let row = row.map_err(|error| wrong(path, line, &error))?;
            let sound = row.seconds.is_finite() && row.seconds > 0.0;
            let timed = chrono::DateTime::parse_from_rfc3339(&row.time).is_ok();
            if !sound || !timed {
                let problem = match sound {
                    false => format!("seconds are {}, and must be above 0", row.seconds),
                    true => format!("time is `{}`, and must be as in RFC 3339", row.time),
                };
                return Err(at_line(path, line, problem));
            }
            rows.push((line, row));
        }
        Ok(Self { rows })
    }
}

/// Largest history: a million rows have 200 MB.
const LARGEST: u64 = 256 << 20;

/// A file's text; none if there is none.
fn text(path: &Path) -> Result<Option<String>, Error> {
    let bytes = bundle::regular::read(path, LARGEST, "reading a history")?;
    let text = |bytes| {
        String::from_utf8(bytes).map_err(|error| {
            let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = before.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
            at_line(path, line, "not UTF-8".to_owned())
        })
    };
    bytes.map(text).transpose()
}

/// Rows as they stand in the file, the heading before the first of all.
fn written(rows: &[RunFigure], first: bool) -> Result<String, csv::Error> {
    let mut csv = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(Vec::new());
    for row in rows {
        csv.serialize(row)?;
    }
    let bytes = csv.into_inner().map_err(|error| error.into_error())?;
    let heading = if first { HEADING } else { "" };
    Ok(heading.to_owned() + &String::from_utf8_lossy(&bytes))
}

fn wrong(path: &Path, line: u64, error: &csv::Error) -> Error {
    let line = error.position().map_or(line, csv::Position::line);
    at_line(path, line, error.to_string())
}

fn at_line(path: &Path, line: u64, problem: String) -> Error {
    Error::History {
        path: path.to_path_buf(),
        line,
        problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(run: &str, seconds: f64) -> RunFigure {
        RunFigure {
            time: "2025-10-15T12:00:00Z".to_owned(),
            run: run.to_owned(),
            load: "ramp 500x30 nftables".to_owned(),
            figure: "mean".to_owned(),
            of: "6.12".to_owned(),
            seconds,
            kernel: "6.12.46".to_owned(),
            kube_proxy: "v1.34.1".to_owned(),
            image: "a, \"quoted\" image".to_owned(),
            name: String::new(),
        }
    }

    #[test]
    fn rows_are_appended_once_and_read_back() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("history.csv");
        let (_, added) = History::append(&path, vec![row("a", 1.5)]).unwrap();
        assert_eq!(added, 1);
        let first = std::fs::read_to_string(&path).unwrap();
        let (whole, added) = History::append(&path, vec![row("a", 9.0), row("b", 2.5)]).unwrap();
        assert_eq!(added, 1);
        assert!(std::fs::read_to_string(&path).unwrap().starts_with(&first));
        assert_eq!(whole.rows, [(2, row("a", 1.5)), (3, row("b", 2.5))]);
        assert_eq!(History::read(&path).unwrap(), whole);
    }

    #[test]
    fn a_row_of_two_lines_moves_those_behind_it() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("history.csv");
        let mut two = row("a", 1.5);
        two.image = "one\ntwo".to_owned();
        let (whole, _) = History::append(&path, vec![two, row("b", 2.0)]).unwrap();
        let lines: Vec<u64> = whole.rows.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [2, 4]);
    }

    #[test]
    fn a_device_and_a_directory_are_no_history() {
        let place = tempfile::tempdir().unwrap();
        for path in [Path::new("/dev/zero"), place.path()] {
            let error = History::append(path, Vec::new()).unwrap_err().to_string();
            assert_eq!(History::read(path).unwrap_err().to_string(), error);
            assert!(error.contains("file"), "{error}");
        }
        let none = place.path().join("none.csv");
        assert!(matches!(History::read(&none), Err(Error::NoSuchPath(_))));
    }

    #[test]
    fn what_is_no_history_is_named_by_its_line_and_left_as_it_is() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("history.csv");
        let good = "2025-10-15T12:00:00Z,a,l,mean,6.12,1.5,6.12.46,,,\n";
        for (text, line) in [
            ("a,b\n1,2\n".to_owned(), ":1:"),
            (format!("{HEADING}{good}2025-10-15T12"), ":3:"),
            (
                format!("{HEADING}{good}2025-10-15T12:00:00Z,b,l,mean,6.12,fast,k,,,\n"),
                ":3:",
            ),
            (
                format!("{HEADING}2025-10-15T12:00:00Z,b,l,mean,6.12,0,k,,,\n"),
                ":2:",
            ),
            (
                format!("{HEADING}{good}yesterday,b,l,mean,6.12,1,k,,,\n"),
                ":3:",
            ),
            (format!("{HEADING}{good}2025-10-15T12:00:00Z,b\n"), ":3:"),
        ] {
            std::fs::write(&path, &text).unwrap();
            let error = History::append(&path, vec![row("c", 1.0)])
                .unwrap_err()
                .to_string();
            assert!(error.contains(line), "{text}: {error}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }
}
