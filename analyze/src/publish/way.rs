//! The way from a report to the logs that it names.

use std::path::Path;

/// The way from a directory up to where the program was started, to which paths of logs are
/// relative; none from a directory that does not lie below.
pub(super) fn way_up(directory: &Path) -> Option<String> {
    use std::path::Component;
    let mut up = String::new();
    for component in directory.components() {
        match component {
            Component::CurDir => {}
            Component::Normal(_) => up.push_str("../"),
            _ => return None,
        }
    }
    Some(up)
}
