//! What each histogram was, scrape by scrape, in order.

use std::collections::BTreeMap;

use super::doubts::Doubts;
use super::files::Scrape;
use super::sample::{Bound, Labels, Part, Place, Sample};
use crate::report::metrics::Measure;

/// A histogram over time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    /// Of what.
    pub(super) measure: Measure,
    /// Whose, beside what its labels say.
    pub(super) owner: String,
    /// Its labels.
    pub(super) labels: Labels,
    /// At least one, in order of time.
    pub(super) moments: Vec<Moment>,
}

/// A histogram at a scrape.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Moment {
    /// When, in milliseconds since the epoch.
    pub(super) at_ms: Option<i64>,
    /// When its process began.
    pub(super) process: Option<f64>,
    /// Its parts.
    pub(super) values: BTreeMap<Part, f64>,
    /// Where the first of them stands.
    pub(super) input: String,
    /// The same, within the input.
    pub(super) place: Place,
}

/// One histogram: of what, whose, with which labels.
type Key = (Measure, String, Labels);
/// A time stamp, or else the number of the scrape.
type When = Result<i64, usize>;

/// Samples as histograms. Parts of one moment belong together, whatever file they are in.
pub(super) fn in_order(scrapes: Vec<Scrape>, doubts: &mut Doubts) -> Vec<Series> {
    let mut by: BTreeMap<Key, BTreeMap<When, Moment>> = BTreeMap::new();
    for (number, scrape) in scrapes.into_iter().enumerate() {
        for sample in scrape.samples {
            let key = (sample.measure, scrape.owner.clone(), sample.labels.clone());
            let when = sample.at_ms.ok_or(number);
            let moment = by.entry(key).or_default().entry(when);
            let moment = moment.or_insert_with(|| Moment {
                at_ms: sample.at_ms,
                process: scrape.process.filter(|_| sample.at_ms.is_none()),
                values: BTreeMap::new(),
                input: scrape.input.clone(),
                place: sample.place.clone(),
            });
            enter(moment, &scrape.input, &sample, doubts);
        }
    }
    let series = by
        .into_iter()
        .filter_map(|((measure, owner, labels), moments)| {
            let mut moments: Vec<Moment> = moments.into_values().collect();
            one_kind_of_time(&mut moments, doubts);
            moments.retain_mut(|moment| is_whole(moment, doubts));
            sort(&mut moments);
            (!moments.is_empty()).then_some(Series {
                measure,
                owner,
                labels,
                moments,
            })
        });
    series.collect()
}

fn enter(moment: &mut Moment, input: &str, sample: &Sample, doubts: &mut Doubts) {
    let there = moment.values.entry(sample.part).or_insert(sample.value);
    if *there != sample.value {
        let problem = format!(
            "a metric for the second time, with {} instead of {}: the first is used",
            sample.value, there
        );
        doubts.add("duplicate_metric", input, Some(&sample.place), &problem);
    }
}

/// Of moments with a time and moments without, no order is known.
fn one_kind_of_time(moments: &mut Vec<Moment>, doubts: &mut Doubts) {
    let timed = moments.iter().any(|moment| moment.at_ms.is_some());
    moments.retain(|moment| {
        let kept = !timed || moment.at_ms.is_some();
        if !kept {
            let problem = "a scrape without a time, beside others with one: not used";
            doubts.add(
                "untimed_scrape",
                &moment.input,
                Some(&moment.place),
                problem,
            );
        }
        kept
    });
}

/// Whether a histogram adds up; the number of all is completed from the last bucket and the other
/// way round, which are the same by definition.
fn is_whole(moment: &mut Moment, doubts: &mut Doubts) -> bool {
    const ALL: Part = Part::Bucket(Bound(f64::INFINITY));
    let buckets = |of: &Moment| -> Vec<f64> {
        let buckets = of.values.iter();
        let buckets = buckets.filter(|(part, _)| matches!(part, Part::Bucket(_)));
        buckets.map(|(_, value)| *value).collect()
    };
    let count = moment.values.get(&Part::Count).copied();
    let all = moment.values.get(&ALL).copied();
    if let Some(count) = count
        && !buckets(moment).is_empty()
    {
        moment.values.entry(ALL).or_insert(count);
    }
    if let (None, Some(all)) = (count, all) {
        moment.values.insert(Part::Count, all);
    }
    let problem = match (count, all) {
        (Some(count), Some(all)) if count != all => {
            format!("_count is {count}, but {all} in the bucket +Inf: not used")
        }
        _ => {
            let fallen = buckets(moment)
                .windows(2)
                .find_map(|two| (two[1] < two[0]).then(|| (two[0], two[1])));
            let Some((more, fewer)) = fallen else {
                return true;
            };
            format!("a bucket has {fewer}, and one below it {more}: not used")
        }
    };
    doubts.add("buckets_fall", &moment.input, Some(&moment.place), &problem);
    false
}

/// By time; or by process and, within one, by count; or as they were given.
fn sort(moments: &mut [Moment]) {
    if moments.iter().all(|moment| moment.at_ms.is_some()) {
        return moments.sort_by_key(|moment| moment.at_ms);
    }
    if moments.iter().all(|moment| moment.process.is_some()) {
        let process = |moment: &Moment| moment.process.unwrap_or_default();
        let count = |moment: &Moment| moment.values.get(&Part::Count).copied().unwrap_or_default();
        moments.sort_by(|one, other| {
            let by_process = process(one).total_cmp(&process(other));
            by_process.then(count(one).total_cmp(&count(other)))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A scrape with these parts, in its process, at a time.
    fn scrape(process: Option<f64>, at_ms: Option<i64>, values: &[(Part, f64)]) -> Scrape {
        let sample = |(at, (part, value)): (usize, &(Part, f64))| Sample {
            measure: Measure::Sync,
            part: *part,
            labels: Labels::new(),
            at_ms,
            value: *value,
            place: Place::Line(at as u64 + 1),
        };
        Scrape {
            input: "f".to_owned(),
            owner: "f".to_owned(),
            process,
            samples: values.iter().enumerate().map(sample).collect(),
        }
    }

    fn bucket(bound: f64) -> Part {
        Part::Bucket(Bound(bound))
    }

    const ALL: f64 = f64::INFINITY;

    /// Counts in order, and the codes of what is doubtful.
    fn counts(scrapes: Vec<Scrape>) -> (Vec<f64>, Vec<String>) {
        let mut doubts = Doubts::default();
        let series = in_order(scrapes, &mut doubts);
        let moments = series.iter().flat_map(|one| &one.moments);
        let counts = moments.map(|moment| moment.values[&Part::Count]).collect();
        (
            counts,
            doubts.told().into_iter().map(|one| one.code).collect(),
        )
    }

    #[test]
    fn order_is_of_time_or_process_or_as_given() {
        let count = |process, at_ms, n: f64| scrape(process, at_ms, &[(Part::Count, n)]);
        for (scrapes, order) in [
            (
                vec![count(None, Some(9), 5.0), count(None, Some(1), 8.0)],
                [8.0, 5.0],
            ),
            (
                vec![count(Some(1.0), None, 9.0), count(Some(1.0), None, 4.0)],
                [4.0, 9.0],
            ),
            (
                vec![count(Some(2.0), None, 4.0), count(Some(1.0), None, 9.0)],
                [9.0, 4.0],
            ),
            (
                vec![count(None, None, 9.0), count(Some(1.0), None, 4.0)],
                [9.0, 4.0],
            ),
        ] {
            assert_eq!(counts(scrapes), (order.to_vec(), vec![]));
        }
        let mixed = vec![count(None, None, 9.0), count(None, Some(1), 4.0)];
        assert_eq!(
            counts(mixed),
            (vec![4.0], vec!["untimed_scrape".to_owned()])
        );
    }

    #[test]
    fn a_histogram_that_does_not_add_up_is_left_out() {
        for (values, code) in [
            (
                vec![(bucket(ALL), 3.0), (bucket(1.0), 2.0), (Part::Count, 3.0)],
                None,
            ),
            (vec![(bucket(1.0), 2.0), (Part::Count, 3.0)], None),
            (vec![(bucket(1.0), 3.0), (bucket(ALL), 3.0)], None),
            (
                vec![(bucket(1.0), 4.0), (Part::Count, 3.0)],
                Some("buckets_fall"),
            ),
            (
                vec![(bucket(1.0), 2.0), (bucket(2.0), 1.0), (bucket(ALL), 3.0)],
                Some("buckets_fall"),
            ),
            (
                vec![(bucket(ALL), 2.0), (Part::Count, 3.0)],
                Some("buckets_fall"),
            ),
        ] {
            let (counts, told) = counts(vec![scrape(None, None, &values)]);
            assert_eq!(told.first().map(String::as_str), code, "{values:?}");
            assert_eq!(
                counts.first().copied(),
                code.is_none().then_some(3.0),
                "{values:?}"
            );
        }
    }

    #[test]
    fn the_same_metric_twice_is_told_where_it_differs() {
        let twice = |n: f64| {
            vec![scrape(
                None,
                Some(1),
                &[(Part::Count, 3.0), (Part::Count, n)],
            )]
        };
        assert_eq!(counts(twice(3.0)), (vec![3.0], vec![]));
        let (first, told) = counts(twice(4.0));
        assert_eq!(
            (first, told),
            (vec![3.0], vec!["duplicate_metric".to_owned()])
        );
    }
}
