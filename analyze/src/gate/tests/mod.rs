//! Tables: conditions and what they say of a report like that of the published trials.

mod errors;
mod sample;

use proptest::prelude::*;

use self::sample::{comparison, group, report};
use super::{Expr, Figures, GateError, judge, junit};
use crate::report::Report;

fn evaluate(text: &str, report: &Report) -> Result<super::Verdict, GateError> {
    Expr::parse(text)?.evaluate(report)
}

#[test]
fn conditions_hold_or_not() {
    let sample = report();
    for (text, holds) in [
        ("improvement < 50%", false),
        ("improvement < 73 %", true),
        ("50% > improvement", false),
        ("73% >= improvement", true),
        ("matched.improvement < 70%", true),
        ("improvement(6.1.144, eks/6.12.46) < 70%", false),
        ("matched.improvement( 6.1.144 ,eks/6.12.46 )<70%", true),
        ("improvement_low < 63%", true),
        ("improvement_high < 63%", false),
        ("p > 0.05", false),
        ("p > 1%", true),
        ("matched.p > 0.05", true),
        ("matched.p_holm > 5e-2", true),
        ("speedup < 3.5", false),
        ("delta >= 1", true),
        ("shift < 10m", false),
        ("mean(eks/6.12.46) > 5m", false),
        ("mean(eks/6.12.46) > 4m10s", true),
        ("mean(eks/6.12.46) > 4m10.25s", false),
        ("mean(6.1.144) > 15m", true),
        ("mean(6.1.144) > 912129ms", true),
        ("mean(6.1.144) > 0.3h", false),
        ("mean(\"6.1.144\") > mean('eks/6.12.46')", true),
        ("p95(6.1.144) > 30m", true),
        ("cv(6.1.144) > 10%", true),
        ("cv(6.1.144) > 0.2", false),
        ("n(6.1.144) < 5", false),
        ("n(6.1.144) <= 5", true),
        ("n(6.1.144) == 5", true),
        ("n(6.1.144) != 5", false),
        ("n('lab/host, (6.18)') == 0", true),
        ("warnings > 2", true),
        ("incomplete", true),
        ("not incomplete", false),
        ("not not incomplete", true),
        // `and` binds more tightly than `or`, `not` more tightly than both.
        ("incomplete or p > 1% and warnings > 9", true),
        ("(incomplete or p > 1%) and warnings > 9", false),
        ("not incomplete or warnings > 2", true),
        ("not (incomplete or warnings > 2)", false),
        ("  (((incomplete)))  ", true),
        // A figure that is missing decides nothing where the other side does.
        ("incomplete or mean('host, (6.18)') > 5m", true),
        ("mean('host, (6.18)') > 5m and not incomplete", false),
    ] {
        let verdict = evaluate(text, &sample).unwrap();
        assert_eq!(verdict.holds, holds, "{verdict}");
        assert_eq!(verdict.expression, text);
        assert!(!verdict.findings.is_empty());
    }
}

#[test]
fn verdicts_say_what_was_found() {
    let sample = report();
    for (text, words) in [
        (
            "improvement < 50%",
            "`improvement < 50%` does not hold: improvement = 72.565 % \
             [eks: 6.1.144 -> 6.12.46, 5 and 4 runs] (limit 50%)",
        ),
        (
            "4m > mean(6.1.144)",
            "`4m > mean(6.1.144)` does not hold: mean(6.1.144) = 912.129 s \
             [eks/6.1.144, 5 runs, 5 trials] (limit 4m)",
        ),
        ("incomplete", "`incomplete` holds: incomplete = yes [lab]"),
        (
            "warnings > 2 or mean('host, (6.18)') > 1s",
            "`warnings > 2 or mean('host, (6.18)') > 1s` holds: warnings = 3 (limit 2); \
             mean(host, (6.18)) is unknown (limit 1s)",
        ),
    ] {
        assert_eq!(evaluate(text, &sample).unwrap().to_string(), words);
    }
}

#[test]
fn several_candidates_must_be_named() {
    let mut sample = report();
    sample.groups.push(group("eks", "6.18.1", 4, Some(200.0)));
    sample
        .comparisons
        .push(comparison("eks", "6.18.1", false, 78.0, 0.02));
    let error = evaluate("improvement < 50%", &sample).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("improvement(6.1.144, 6.12.46) or improvement(6.1.144, 6.18.1)"),
        "{error}"
    );
    let named = evaluate("improvement(6.1.144, 6.18.1) < 75%", &sample).unwrap();
    assert!(!named.holds);
}

#[test]
fn figures_to_explain_stand_alone_or_in_a_condition() {
    for (text, figures) in [
        ("mean(6.1.144)", vec!["mean(6.1.144)"]),
        (" matched.improvement ", vec!["matched.improvement"]),
        ("warnings", vec!["warnings"]),
        ("improvement < 50% or p > 0.05", vec!["improvement", "p"]),
        (
            "(mean(a) > mean(b)) and not incomplete",
            vec!["mean(a)", "mean(b)", "incomplete"],
        ),
        ("p > 1% and p < 5%", vec!["p"]),
    ] {
        let found: Figures = text.parse().unwrap();
        let found: Vec<String> = found.calls.iter().map(ToString::to_string).collect();
        assert_eq!(found, figures, "{text}");
    }
    for text in [
        "",
        "meen(a)",
        "mean(a",
        "50%",
        "mean(a) >",
        "mean(a) mean(b)",
    ] {
        assert!(text.parse::<Figures>().is_err(), "{text}");
    }
}

#[test]
fn junit_names_each_condition_and_escapes_it() {
    let sample = report();
    let conditions = [
        "improvement < 50%",
        "matched.p > 0.05",
        "n('lab/host, (6.18)') == 0",
        "mean(6.2) > 5m",
    ]
    .map(|text| Expr::parse(text).unwrap());
    let judged = judge(&conditions, &sample);
    let xml = junit(&judged).unwrap();
    for part in [
        "<testsuites name=\"analyze\" tests=\"4\" skipped=\"0\" failures=\"2\" errors=\"1\">",
        "<error message=\"no group is called `6.2`",
        "name=\"not (improvement &lt; 50%)\"",
        "<failure message=\"`matched.p &gt; 0.05` holds: matched.p = 0.0571",
        "type=\"condition\"",
    ] {
        assert!(xml.contains(part), "{part}\n{xml}");
    }
    assert!(!xml.contains("timestamp") && !xml.contains("uuid"), "{xml}");
    assert_eq!(xml, junit(&judged).unwrap());
    assert!(junit(&[]).unwrap().contains("tests=\"0\""));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_parser_panic(
        parts in prop::collection::vec(
            prop_oneof![
                prop::sample::select(vec![
                    "mean", "p", "(", ")", "'", "\"", ",", "<", ">=", "==", "5m", "50%", "%", "not",
                    "and", "or", "incomplete", "matched.", " ", "6.1.144", "\u{b5}", "\t",
                ]).prop_map(str::to_owned),
                any::<String>(),
            ],
            0..12,
        )
    ) {
        let text = parts.concat();
        match Expr::parse(&text) {
            Ok(expr) => prop_assert_eq!(expr.text(), text),
            Err(error) => prop_assert!(error.to_string().contains('^'), "{}", error),
        }
    }
}
