//! Verdicts as JUnit XML, which CI systems show beside their own tests.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::Judged;
use super::error::GateError;
use super::evaluate::Verdict;

/// One test case a condition: it fails if the condition holds, and is an error if it cannot be
/// judged. No time and no identity is written: the same verdicts give the same bytes.
///
/// # Errors
/// [`GateError::Junit`] if the text cannot be written as XML.
pub fn junit(judged: &[Judged]) -> Result<String, GateError> {
    let mut suite = TestSuite::new("--fail-if");
    suite.add_test_cases(judged.iter().map(test_case));
    let mut report = Report::new("analyze");
    report.add_test_suite(suite);
    report
        .to_string()
        .map_err(|error| GateError::Junit(error.to_string()))
}

fn test_case(judged: &Judged) -> TestCase {
    let name = format!("not ({})", judged.expression);
    let mut case = match &judged.outcome {
        Ok(verdict) => of_verdict(name, verdict),
        Err(error) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_type("condition").set_message(error.to_string());
            TestCase::new(name, status)
        }
    };
    case.set_classname("analyze.fail-if");
    case
}

fn of_verdict(name: String, verdict: &Verdict) -> TestCase {
    let figures: Vec<&str> = verdict
        .findings
        .iter()
        .map(|one| one.text.as_str())
        .collect();
    let figures = figures.join("\n");
    let status = if verdict.holds {
        let mut failure = TestCaseStatus::non_success(NonSuccessKind::Failure);
        failure
            .set_type("condition")
            .set_message(verdict.to_string())
            .set_description(&figures);
        failure
    } else {
        TestCaseStatus::success()
    };
    let mut case = TestCase::new(name, status);
    case.set_system_out(figures);
    case
}
