//! The text of /metrics, in Prometheus' form
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>) or OpenMetrics'.

use super::doubts::Doubts;
use super::labels;
use super::sample::{Labels, PREFIX, PROCESS, Part, Place, Sample, named, value};

/// From here on a time stamp is of milliseconds, as Prometheus writes it, and no more of seconds, as
/// OpenMetrics does: these seconds are of the year 5138, these milliseconds of 1973.
const MILLISECONDS: f64 = 1e11;

/// What stood at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Exposition {
    /// When the process began, seconds since the epoch.
    pub(super) process: Option<f64>,
    /// Its samples, in the order of the file.
    pub(super) samples: Vec<Sample>,
}

/// Reads a file of one scrape, or of several one behind the other: the next one begins where a family
/// is announced, or, without announcements, the first metric stands, for a second time. Lines of other
/// metrics are passed over.
pub(super) fn read(input: &str, text: &str, doubts: &mut Doubts) -> Vec<Exposition> {
    let mut scrapes = Scrapes::default();
    let whole = text.ends_with('\n');
    let mut lines = (1..).zip(text.lines()).peekable();
    while let Some((line, text)) = lines.next() {
        let (text, place) = (text.trim(), Place::Line(line));
        if text.starts_with("# TYPE kubeproxy_") {
            scrapes.marked(text);
            continue;
        }
        if !text.starts_with(PREFIX) && !text.starts_with(PROCESS) {
            continue;
        }
        if !whole && lines.peek().is_none() {
            let problem = "the last line has no end: its number may be cut, and is not used";
            doubts.add("cut_short", input, Some(&place), problem);
            continue;
        }
        match metric(text) {
            Ok(Some(Read::Process(start))) => scrapes.newest().process = Some(start),
            Ok(Some(Read::Sample(sample, mark))) => {
                if sample.at_ms.is_none() {
                    scrapes.marked(mark);
                }
                scrapes.newest().samples.push(Sample { place, ..sample });
            }
            Ok(None) => {}
            Err(problem) => doubts.add("malformed_metric", input, Some(&place), &problem),
        }
    }
    scrapes.ended.push(scrapes.now);
    scrapes.ended
}

/// Scrapes of one file.
#[derive(Default)]
struct Scrapes {
    ended: Vec<Exposition>,
    now: Exposition,
    /// What every scrape begins with.
    begins: Option<String>,
}

impl Scrapes {
    /// Here stands what a scrape may begin with.
    fn marked(&mut self, mark: &str) {
        match &self.begins {
            Some(begins) if begins == mark => self.ended.push(std::mem::take(&mut self.now)),
            Some(_) => {}
            None => self.begins = Some(mark.to_owned()),
        }
    }

    fn newest(&mut self) -> &mut Exposition {
        &mut self.now
    }
}

/// What a line says.
enum Read<'t> {
    Process(f64),
    /// And the line as far as it names what it is of.
    Sample(Sample, &'t str),
}

/// `name{labels} value [time stamp] [# exemplar]`; none if it is of something else.
fn metric(text: &str) -> Result<Option<Read<'_>>, String> {
    let end = text
        .find(['{', ' ', '\t'])
        .ok_or("a metric without a value")?;
    let (name, rest) = text.split_at(end);
    let (mut labels, rest) = match rest.trim_start() {
        rest if rest.starts_with('{') => labels::read(rest)?,
        rest => (Labels::new(), rest),
    };
    let mark = text[..text.len() - rest.len()].trim_end();
    // Behind the labels, a # begins an exemplar.
    let numbers = rest.split_once('#').map_or(rest, |(numbers, _)| numbers);
    let mut numbers = numbers.split_whitespace();
    let number = numbers.next().ok_or("a metric without a value")?;
    if name == PROCESS {
        let start: Option<f64> = number.parse().ok().filter(|start: &f64| *start > 0.0);
        return Ok(start.filter(|start| start.is_finite()).map(Read::Process));
    }
    let Some((measure, part)) = named(name, &mut labels)? else {
        return Ok(None);
    };
    let sample = Sample {
        measure,
        part,
        labels,
        at_ms: numbers.next().map(stamp).transpose()?,
        value: value(number, part)?,
        place: Place::Line(0),
    };
    if numbers.next().is_some() {
        return Err("more than a value and a time stamp".to_owned());
    }
    Ok(Some(Read::Sample(sample, mark)))
}

/// A time stamp in milliseconds.
fn stamp(text: &str) -> Result<i64, String> {
    let number: Option<f64> = text.parse().ok().filter(|number: &f64| number.is_finite());
    let number = number.ok_or_else(|| format!("`{text}` is no time stamp"))?;
    let ms = match number.abs() >= MILLISECONDS {
        true => number,
        false => number * 1e3,
    };
    Ok(ms.round() as i64)
}

/// Whether a text has what is read here.
pub(super) fn begins(text: &str) -> bool {
    let mut lines = text.lines();
    lines.any(|line| matches!(metric(line.trim()), Ok(Some(Read::Sample(sample, _))) if sample.part != Part::Sum))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::metrics::Measure;

    const NAME: &str = "kubeproxy_sync_proxy_rules_duration_seconds";

    fn read_all(text: &str) -> (Vec<Exposition>, Vec<(String, Option<u64>)>) {
        let mut doubts = Doubts::default();
        let all = read("f", text, &mut doubts);
        let told = doubts.told().into_iter();
        (all, told.map(|one| (one.code, one.line)).collect())
    }

    #[test]
    fn a_line_is_read_with_its_time_and_without_its_exemplar() {
        let labelled = format!("{NAME}_count{{ip_family=\"IPv4\"}}");
        for (line, at_ms, value) in [
            (format!("{NAME}_count 12"), None, 12.0),
            (
                format!("{labelled} 12 1700000000123"),
                Some(1_700_000_000_123),
                12.0,
            ),
            (
                format!("{labelled}12 1700000000.123"),
                Some(1_700_000_000_123),
                12.0,
            ),
            (format!("{labelled} 12.0 # {{a=\"b\"}} 0.5 1.0"), None, 12.0),
            (format!("  {NAME}_sum\t1.5e-3\r"), None, 0.0015),
        ] {
            let (all, told) = read_all(&format!("# HELP x\n{line}\n"));
            assert_eq!(told, [], "{line}");
            let [sample] = &all[0].samples[..] else {
                panic!("{line}")
            };
            assert_eq!((sample.at_ms, sample.value), (at_ms, value), "{line}");
            assert_eq!(
                (sample.measure, &sample.place),
                (Measure::Sync, &Place::Line(2))
            );
        }
        assert_eq!(stamp("99999999999"), Ok(99_999_999_999_000));
        assert_eq!(stamp("100000000000"), Ok(100_000_000_000));
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_line() {
        for line in [
            format!("{NAME}_count"),
            format!("{NAME}_count x"),
            format!("{NAME}_count NaN"),
            format!("{NAME}_count -1"),
            format!("{NAME}_count 1 2 3"),
            format!("{NAME}_count 1 soon"),
            format!("{NAME}_count{{a=\"b\" 1"),
            format!("{NAME}_bucket 1"),
            format!("{NAME}_bucket{{le=\"fast\"}} 1"),
        ] {
            let (all, told) = read_all(&format!("\n{line}\n"));
            assert_eq!(told, [("malformed_metric".to_owned(), Some(2))], "{line}");
            assert_eq!(all, [Exposition::default()], "{line}");
        }
        for line in [
            format!("x_{NAME}_count -1"),
            format!("{NAME}_created NaN"),
            "# EOF".to_owned(),
        ] {
            assert_eq!(read_all(&format!("{line}\n")).1, [], "{line}");
        }
    }

    #[test]
    fn half_a_last_line_is_not_used() {
        let text = format!("{NAME}_count 12\n{NAME}_sum 34");
        let (all, told) = read_all(&text);
        assert_eq!(
            (all[0].samples.len(), told),
            (1, vec![("cut_short".to_owned(), Some(2))])
        );
        let (all, told) = read_all(&(text + "\n"));
        assert_eq!((all[0].samples.len(), told.len()), (2, 0));
    }

    #[test]
    fn scrapes_one_behind_the_other_are_told_apart() {
        let scrape =
            |count: u32| format!("{NAME}_count {count}\n{NAME}_sum {count}\n{PROCESS} 7\n");
        let typed = |count: u32| format!("# TYPE {NAME} histogram\n{}", scrape(count));
        for text in [scrape(1) + &scrape(2), typed(1) + &typed(2)] {
            let (all, told) = read_all(&text);
            assert_eq!((all.len(), told.len()), (2, 0), "{text}");
            for (one, value) in all.iter().zip([1.0, 2.0]) {
                assert_eq!((one.process, one.samples.len()), (Some(7.0), 2));
                assert_eq!(one.samples[0].value, value);
            }
        }
        // A series that stands twice in one scrape does not begin another.
        let twice = typed(1) + &format!("{NAME}_count 5\n");
        assert_eq!(read_all(&twice).0.len(), 1);
        // Nor do the samples of one series over time.
        let timed = format!("{NAME}_count 1 1000\n{NAME}_count 2 2000\n");
        assert_eq!(read_all(&timed).0.len(), 1);
    }
}
