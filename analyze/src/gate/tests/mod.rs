//! Tables: conditions and what they say of a report like that of the published trials.

mod sample;

use proptest::prelude::*;

use self::sample::{Sample, comparison, group};
use super::{Expr, Facts, GateError, ReportFacts, junit};

fn evaluate(text: &str, facts: &dyn Facts) -> Result<super::Verdict, GateError> {
    Expr::parse(text)?.evaluate(facts)
}

#[test]
fn conditions_hold_or_not() {
    let sample = Sample::new();
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
        let verdict = evaluate(text, &sample.facts()).unwrap();
        assert_eq!(verdict.holds, holds, "{verdict}");
        assert_eq!(verdict.expression, text);
        assert!(!verdict.findings.is_empty());
    }
}

#[test]
fn verdicts_say_what_was_found() {
    let sample = Sample::new();
    for (text, words) in [
        (
            "improvement < 50%",
            "`improvement < 50%` does not hold: improvement = 72.565 % \
             [eks: 6.1.144 -> 6.12.46, n = 5 and 4] (limit 50%)",
        ),
        (
            "4m > mean(6.1.144)",
            "`4m > mean(6.1.144)` does not hold: mean(6.1.144) = 912.129 s \
             [eks/6.1.144, n = 5] (limit 4m)",
        ),
        ("incomplete", "`incomplete` holds: incomplete = yes [lab]"),
        (
            "warnings > 2 or mean('host, (6.18)') > 1s",
            "`warnings > 2 or mean('host, (6.18)') > 1s` holds: warnings = 3 (limit 2); \
             mean(host, (6.18)) is unknown (limit 1s)",
        ),
    ] {
        assert_eq!(evaluate(text, &sample.facts()).unwrap().to_string(), words);
    }
}

#[test]
fn what_cannot_be_read_is_pointed_at() {
    for (text, problem, carets) in [
        ("", "a figure or a limit is missing at the end", "^"),
        ("meen(6.1) > 5m", "no figure is called `meen`", "^^^^"),
        (
            "matched.n(x) < 5 or foo",
            "called `foo`",
            "                    ^^^",
        ),
        ("improvement", "a comparison is missing", "^^^^^^^^^^^"),
        ("50%", "a limit without a figure", "^^^"),
        ("5 > 3", "two limits and no figure", "^^^^^"),
        ("improvement < 50", "in percent", "              ^^"),
        ("improvement < 50s", "in percent", "              ^^^"),
        ("mean(x) > 5", "a duration", "          ^"),
        ("mean(x) > 5x", "no limit", "          ^^"),
        ("mean(x) > 5min", "no limit", "          ^^^^"),
        ("p < 1e999", "no limit", "    ^^^^^"),
        ("n(x) < 2.5", "a count", "       ^^^"),
        ("speedup < 300%", "a number", "          ^^^^"),
        ("mean(x) > n(x)", "different units", "^^^^^^^^^^^^^^"),
        ("p == 0.05", "only counts", "  ^^"),
        ("n(x) = 5", "write `==`", "     ^"),
        ("n(x) =< 5", "no comparison", "     ^^"),
        ("incomplete == 1", "by itself", "           ^^"),
        ("incomplete && p > 1%", "write `and`", "           ^^"),
        ("incomplete | p > 1%", "write `or`", "           ^"),
        ("!incomplete", "write `not`", "^"),
        (
            "incomplete incomplete",
            "`and`, `or` or the end",
            "           ^^^^^^^^^^",
        ),
        ("1% < p < 2%", "`and`, `or` or the end", "       ^"),
        ("(incomplete", "not closed", "^"),
        (
            "(incomplete incomplete)",
            "`and`, `or` or `)`",
            "            ^^^^^^^^^^",
        ),
        ("incomplete)", "`and`, `or` or the end", "          ^"),
        ("incomplete and", "missing at the end", "              ^"),
        ("mean(6.1 > 5m", "not closed", "    ^"),
        ("mean('6.1) > 5m", "quote is not closed", "     ^"),
        ("mean('6.1' x) > 5m", "`,` or `)`", "           ^"),
        ("mean() > 5m", "write mean(GROUP)", "^^^^^^"),
        ("mean > 5m", "write mean(GROUP)", "^^^^"),
        ("mean(a,) > 5m", "a name is missing", "       ^"),
        ("mean(a, b) > 5m", "write mean(GROUP)", "^^^^^^^^^^"),
        ("mean(max(x)) > 5m", "inside each other", "        ^"),
        (
            "improvement(a) < 5%",
            "(BASELINE, CANDIDATE)",
            "^^^^^^^^^^^^^^",
        ),
        (
            "matched.exponent(a) < 2",
            "without `matched.`",
            "^^^^^^^^^^^^^^^^",
        ),
        // Carets are counted in characters, and control characters do not move them.
        (
            "n(kernel-µ) < 5 or\tµ",
            "called `µ`",
            "                   ^",
        ),
    ] {
        let error = Expr::parse(text).unwrap_err();
        assert!(matches!(error, GateError::Syntax { .. }), "{text}");
        let message = error.to_string();
        let lines: Vec<&str> = message.lines().collect();
        assert!(lines[0].contains(problem), "{text}\n{message}");
        assert_eq!(
            lines.last().copied(),
            Some(format!("  {carets}").as_str()),
            "{text}\n{message}"
        );
    }
}

#[test]
fn deep_nesting_is_an_error_and_no_crash() {
    for open in ["(", "not "] {
        let error = Expr::parse(&(open.repeat(100_000) + "incomplete")).unwrap_err();
        assert!(error.to_string().contains("inside each other"));
    }
}

#[test]
fn names_that_do_not_exist_are_errors_even_where_another_part_decides() {
    let sample = Sample::new();
    for (text, problem, carets) in [
        (
            "mean(6.2) > 5m",
            "no group is called `6.2`; there are: eks/6.1.144, eks/6.12.46",
            "     ^^^",
        ),
        (
            "incomplete or mean(6.2) > 5m",
            "no group",
            "                   ^^^",
        ),
        (
            "mean(6.12.46) > 5m",
            "more than one study has a group `6.12.46`",
            "     ^^^^^^^",
        ),
        (
            "exponent(6.1.144, whole) > 2",
            "build, commit, step",
            "                  ^^^^^",
        ),
        (
            "p(eks/6.12.46, 6.1.144) > 0.05",
            "the baseline is 6.1.144: write p(6.1.144, 6.12.46)",
            "^^^^^^^^^^^^^^^^^^^^^^^",
        ),
        (
            "p(6.1.144, lab/6.12.46) > 0.05",
            "different studies",
            "^^^^^^^^^^^^^^^^^^^^^^^",
        ),
        (
            "p('host, (6.18)', lab/6.12.46) > 0.05",
            "were not compared",
            "^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        ),
    ] {
        let error = evaluate(text, &sample.facts()).unwrap_err();
        assert!(matches!(error, GateError::Name { .. }), "{text}: {error}");
        let message = error.to_string();
        assert!(message.contains(problem), "{message}");
        assert!(message.ends_with(&format!("\n  {carets}")), "{message}");
    }
}

#[test]
fn figures_that_cannot_be_had_are_errors_and_never_false() {
    let sample = Sample::new();
    let loose = ReportFacts {
        bundles: &[],
        study: None,
        ..sample.facts()
    };
    let unmatched = ReportFacts {
        matched_groups: &[],
        comparisons: &sample.comparisons[..1],
        ..sample.facts()
    };
    for (text, facts, why) in [
        (
            "mean('host, (6.18)') > 5m",
            sample.facts(),
            "too few trials",
        ),
        (
            "not mean('host, (6.18)') > 5m",
            sample.facts(),
            "too few trials",
        ),
        (
            "warnings > 9 or mean('host, (6.18)') > 5m",
            sample.facts(),
            "too few trials",
        ),
        (
            "incomplete and mean('host, (6.18)') > 5m",
            sample.facts(),
            "too few trials",
        ),
        ("exponent(6.1.144) > 2", sample.facts(), "too few scales"),
        ("incomplete", loose, "no bundle was read"),
        ("improvement < 50%", loose, "no two groups"),
        ("matched.improvement < 50%", unmatched, "matched scale"),
        (
            "matched.mean(6.1.144) > 5m",
            unmatched,
            "no scale is common",
        ),
        (
            "matched.p(6.1.144, eks/6.12.46) > 5%",
            unmatched,
            "no scale is common",
        ),
    ] {
        let error = evaluate(text, &facts).unwrap_err();
        assert!(
            matches!(error, GateError::NoValue { .. }),
            "{text}: {error}"
        );
        assert!(error.to_string().contains(why), "{error}");
    }
}

#[test]
fn a_value_that_is_none_is_no_figure() {
    let mut sample = Sample::new();
    sample.groups[0].mean_s = Some(f64::NAN);
    for text in ["mean(6.1.144) > 5m", "not mean(6.1.144) > 5m"] {
        let error = evaluate(text, &sample.facts()).unwrap_err();
        assert!(
            matches!(error, GateError::NoValue { .. }),
            "{text}: {error}"
        );
    }
}

#[test]
fn several_candidates_must_be_named() {
    let mut sample = Sample::new();
    sample.groups.push(group("eks", "6.18.1", 4, Some(200.0)));
    sample
        .comparisons
        .push(comparison("eks", "6.18.1", false, 78.0, 0.02));
    let error = evaluate("improvement < 50%", &sample.facts()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("improvement(6.1.144, 6.12.46) or improvement(6.1.144, 6.18.1)"),
        "{error}"
    );
    let named = evaluate("improvement(6.1.144, 6.18.1) < 75%", &sample.facts()).unwrap();
    assert!(!named.holds);
}

#[test]
fn junit_names_each_condition_and_escapes_it() {
    let sample = Sample::new();
    let verdicts: Vec<_> = [
        "improvement < 50%",
        "matched.p > 0.05",
        "n('lab/host, (6.18)') == 0",
    ]
    .iter()
    .map(|text| evaluate(text, &sample.facts()).unwrap())
    .collect();
    let xml = junit(&verdicts).unwrap();
    for part in [
        "<testsuites name=\"analyze\" tests=\"3\" skipped=\"0\" failures=\"2\" errors=\"0\">",
        "name=\"not (improvement &lt; 50%)\"",
        "<failure message=\"`matched.p &gt; 0.05` holds: matched.p = 0.0571",
        "type=\"condition\"",
    ] {
        assert!(xml.contains(part), "{part}\n{xml}");
    }
    assert!(!xml.contains("timestamp") && !xml.contains("uuid"), "{xml}");
    assert_eq!(xml, junit(&verdicts).unwrap());
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
