//! What Prometheus' query API answers (<https://prometheus.io/docs/prometheus/latest/querying/api/>):
//! a vector or a matrix, also the bare list that `promtool query -o json` prints.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::doubts::Doubts;
use super::sample::{Labels, Place, Sample, named, value};

#[derive(Deserialize)]
struct Answer {
    data: Option<Data>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Data {
    result: Vec<Series>,
}

/// A series with one value or several.
#[derive(Deserialize)]
struct Series {
    metric: Labels,
    value: Option<(f64, String)>,
    #[serde(default)]
    values: Vec<(f64, String)>,
    /// Native histograms, which are not read.
    histogram: Option<IgnoredAny>,
    histograms: Option<IgnoredAny>,
}

/// What is wrong with an answer: line and column from 1, if they are known, and the problem.
pub(super) struct Wrong {
    pub(super) line: u64,
    pub(super) problem: String,
}

/// The samples of one answer, or of several one behind the other.
///
/// # Errors
/// Where and why it is no answer with series.
pub(super) fn read(input: &str, text: &str, doubts: &mut Doubts) -> Result<Vec<Sample>, Wrong> {
    let mut samples = Vec::new();
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    while let Some(raw) = documents.next() {
        let raw = raw.map_err(|error| Wrong {
            line: error.line() as u64,
            problem: format!("no JSON: {error}"),
        })?;
        let begins = documents.byte_offset().saturating_sub(raw.get().len());
        let before = text.as_bytes().get(..begins).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count() as u64;
        for (number, series) in (0..).zip(series_of(raw.get(), line)?) {
            of_series(input, number, series, &mut samples, doubts);
        }
    }
    Ok(samples)
}

fn series_of(text: &str, line: u64) -> Result<Vec<Series>, Wrong> {
    let wrong = |problem: String| Wrong { line, problem };
    let other = |error: serde_json::Error| {
        let expected =
            "give what /api/v1/query or /api/v1/query_range answers, a vector or a matrix";
        wrong(format!(
            "no answer of Prometheus with series ({error}): {expected}"
        ))
    };
    if text.starts_with('[') {
        return serde_json::from_str(text).map_err(other);
    }
    let answer: Answer = serde_json::from_str(text).map_err(other)?;
    match (answer.data, answer.error) {
        (_, Some(error)) => Err(wrong(format!("Prometheus answered with an error: {error}"))),
        (Some(data), None) => Ok(data.result),
        (None, None) => Err(wrong(
            "an answer of Prometheus has data, this one none".to_owned(),
        )),
    }
}

fn of_series(input: &str, number: u64, of: Series, samples: &mut Vec<Sample>, doubts: &mut Doubts) {
    let place = Place::Element(format!("data.result[{number}]"));
    let mut doubt = |code, problem: &str| doubts.add(code, input, Some(&place), problem);
    let mut labels = of.metric;
    let Some(name) = labels.remove("__name__") else {
        let problem = "a series without a name: ask for the counters themselves, without rate(), \
                       increase() or sum()";
        return doubt("nameless_series", problem);
    };
    let (measure, part) = match named(&name, &mut labels) {
        Ok(Some(known)) => known,
        Ok(None) => return,
        Err(problem) => return doubt("malformed_metric", &problem),
    };
    if of.histogram.is_some() || of.histograms.is_some() {
        let problem = "a native histogram, which is not read: ask for the _bucket, _sum and _count";
        doubt("native_histogram", problem);
    }
    for (at, text) in of.value.into_iter().chain(of.values) {
        match value(&text, part) {
            Ok(value) => samples.push(Sample {
                measure,
                part,
                labels: labels.clone(),
                at_ms: at.is_finite().then(|| (at * 1e3).round() as i64),
                value,
                place: place.clone(),
            }),
            Err(problem) => doubt("malformed_metric", &problem),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "kubeproxy_sync_proxy_rules_duration_seconds";

    /// Samples, or line and problem; and the codes of what is doubtful.
    type ReadAll = (Result<Vec<Sample>, (u64, String)>, Vec<String>);

    fn read_all(text: &str) -> ReadAll {
        let mut doubts = Doubts::default();
        let read = read("f", text, &mut doubts).map_err(|wrong| (wrong.line, wrong.problem));
        (
            read,
            doubts.told().into_iter().map(|one| one.code).collect(),
        )
    }

    fn answer(kind: &str, result: &str) -> String {
        format!(r#"{{"status":"success","data":{{"resultType":"{kind}","result":[{result}]}}}}"#)
    }

    #[test]
    fn vector_matrix_and_bare_list() {
        let series = |values: &str| {
            format!(r#"{{"metric":{{"__name__":"{NAME}_count","node":"a"}},{values}}}"#)
        };
        let vector = series(r#""value":[1.5,"3"]"#);
        let matrix = series(r#""values":[[1,"3"],[2.25,"4"]]"#);
        for (text, times) in [
            (answer("vector", &vector), vec![1_500]),
            (answer("matrix", &matrix), vec![1_000, 2_250]),
            (format!("[{matrix}]"), vec![1_000, 2_250]),
            (
                answer("vector", &vector) + "\n" + &answer("matrix", &matrix),
                vec![1_500, 1_000, 2_250],
            ),
            (answer("matrix", ""), vec![]),
        ] {
            let (read, told) = read_all(&text);
            let read = read.unwrap();
            let at: Vec<i64> = read.iter().filter_map(|one| one.at_ms).collect();
            assert_eq!((at, told.len()), (times, 0), "{text}");
            assert!(read.iter().all(|one| one.labels.len() == 1));
        }
    }

    #[test]
    fn what_is_no_answer_is_an_error_with_its_line() {
        for (text, line, words) in [
            ("{\n\"status\":", 2, "no JSON"),
            (
                r#"{"status":"error","errorType":"bad_data","error":"parse error"}"#,
                1,
                "parse error",
            ),
            (r#"{"status":"success"}"#, 1, "this one none"),
            (
                r#"{"data":{"resultType":"scalar","result":[1,"2"]}}"#,
                1,
                "a vector or a matrix",
            ),
            ("{}\n{", 1, "this one none"),
            ("[]\n{}", 2, "this one none"),
            ("[1]", 1, "no answer"),
        ] {
            let (read, _) = read_all(text);
            let (at, problem) = read.unwrap_err();
            assert_eq!(at, line, "{text}: {problem}");
            assert!(problem.contains(words), "{text}: {problem}");
        }
        let deep = "[".repeat(100_000);
        assert!(read_all(&deep).0.is_err());
    }

    #[test]
    fn series_that_are_no_counters_are_told() {
        let named = |name: &str| format!(r#""__name__":"{name}""#);
        for (metric, more, code) in [
            (String::new(), r#""value":[1,"3"]"#, Some("nameless_series")),
            (named("up"), r#""value":[1,"1"]"#, None),
            (
                named(&format!("{NAME}_count")),
                r#""value":[1,"0.5"]"#,
                Some("malformed_metric"),
            ),
            (
                named(&format!("{NAME}_sum")),
                r#""value":[1,"NaN"]"#,
                Some("malformed_metric"),
            ),
            (
                named(&format!("{NAME}_bucket")),
                r#""value":[1,"1"]"#,
                Some("malformed_metric"),
            ),
            (
                named(&format!("{NAME}_count")),
                r#""histograms":[[1,{}]]"#,
                Some("native_histogram"),
            ),
        ] {
            let text = answer("vector", &format!(r#"{{"metric":{{{metric}}},{more}}}"#));
            let (read, told) = read_all(&text);
            assert_eq!(read.unwrap(), [], "{text}");
            assert_eq!(told.first().map(String::as_str), code, "{text}");
        }
    }
}
