//! The lines of logs that a page brings along, as JSON for its script.

use crate::report::visible::visible;
use crate::report::{InputFacts, Report};

/// Bytes of lines that a page brings; a log that would go beyond brings none.
const MOST_BYTES: usize = 400_000;

/// `{log: [[line, text], ...]}` of the logs of a page; none where no line is known.
pub(super) fn of_logs(report: &Report, logs: &[&InputFacts]) -> Option<String> {
    let mut all = serde_json::Map::new();
    let mut bytes = 0;
    for log in logs {
        let lines = report.excerpts.of(&log.path);
        let size: usize = lines.iter().map(|(_, text)| text.len() + 12).sum();
        if lines.is_empty() || bytes + size > MOST_BYTES {
            continue;
        }
        bytes += size;
        let lines: Vec<_> = lines
            .iter()
            .map(|(number, text)| serde_json::json!([number, visible(text)]))
            .collect();
        all.insert(visible(&log.path).into_owned(), lines.into());
    }
    // Inside a `<script>` only `<` could end it.
    (!all.is_empty()).then(|| {
        serde_json::Value::Object(all)
            .to_string()
            .replace('<', "\\u003c")
    })
}
