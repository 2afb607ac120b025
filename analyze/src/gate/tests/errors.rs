//! What is wrong with a condition, and where it is pointed at.

use super::evaluate;
use super::sample::report;
use crate::gate::{Expr, GateError};
use crate::report::Report;

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
    let sample = report();
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
            "there are: step",
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
        let error = evaluate(text, &sample).unwrap_err();
        assert!(matches!(error, GateError::Name { .. }), "{text}: {error}");
        let message = error.to_string();
        assert!(message.contains(problem), "{message}");
        assert!(message.ends_with(&format!("\n  {carets}")), "{message}");
    }
}

#[test]
fn figures_that_cannot_be_had_are_errors_and_never_false() {
    let sample = report();
    let mut loose = Report {
        bundles: Vec::new(),
        ..report()
    };
    loose.headline.study = None;
    let mut unmatched = Report {
        matched_groups: Vec::new(),
        ..report()
    };
    unmatched.comparisons.truncate(1);
    for (text, facts, why) in [
        ("mean('host, (6.18)') > 5m", &sample, "too few trials"),
        ("not mean('host, (6.18)') > 5m", &sample, "too few trials"),
        (
            "warnings > 9 or mean('host, (6.18)') > 5m",
            &sample,
            "too few trials",
        ),
        (
            "incomplete and mean('host, (6.18)') > 5m",
            &sample,
            "too few trials",
        ),
        ("exponent(6.1.144) > 2", &sample, "too few scales"),
        ("incomplete", &loose, "no bundle was read"),
        ("improvement < 50%", &loose, "no two groups"),
        ("matched.improvement < 50%", &unmatched, "matched scale"),
        (
            "matched.mean(6.1.144) > 5m",
            &unmatched,
            "no scale is common",
        ),
        (
            "matched.p(6.1.144, eks/6.12.46) > 5%",
            &unmatched,
            "no scale is common",
        ),
    ] {
        let error = evaluate(text, facts).unwrap_err();
        assert!(
            matches!(error, GateError::NoValue { .. }),
            "{text}: {error}"
        );
        assert!(error.to_string().contains(why), "{error}");
    }
}

#[test]
fn a_value_that_is_none_is_no_figure() {
    let mut sample = report();
    sample.groups[0].mean_s = Some(f64::NAN);
    for text in ["mean(6.1.144) > 5m", "not mean(6.1.144) > 5m"] {
        let error = evaluate(text, &sample).unwrap_err();
        assert!(
            matches!(error, GateError::NoValue { .. }),
            "{text}: {error}"
        );
    }
}
