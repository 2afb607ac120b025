//! Which part of a cluster's nodes a process has, where several share them.

use bundle::Shard;

/// The index that an Indexed Job gives each of its pods, from 0.
const INDEX: &str = "JOB_COMPLETION_INDEX";

/// Reads `2/8`, or `8` alone: then the index is that of the pod in its Job.
///
/// # Errors
/// A sentence if that names no part.
pub fn shard(text: &str) -> Result<Shard, String> {
    read(text, std::env::var(INDEX).ok().as_deref())
}

fn read(text: &str, index: Option<&str>) -> Result<Shard, String> {
    if text.contains('/') {
        return text.parse();
    }
    match index {
        Some(index) => format!("{index}/{text}")
            .parse()
            .map_err(|problem| format!("with {INDEX}={index}: {problem}")),
        None => Err(format!(
            "{text} alone takes the index from {INDEX}, which is not set; give one, as 0/{text}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_given_or_is_the_jobs() {
        let part = |index: u32, of: u32| Ok(Shard { index, of });
        assert_eq!(read("2/8", None), part(2, 8));
        assert_eq!(read("2/8", Some("5")), part(2, 8), "what is given wins");
        assert_eq!(read("8", Some("5")), part(5, 8));
        for (text, index, word) in [
            ("8", None, "JOB_COMPLETION_INDEX, which is not set"),
            (
                "8",
                Some("8"),
                "JOB_COMPLETION_INDEX=8: shard 8 is none of 8",
            ),
            ("8", Some(""), "no shard"),
            ("x", Some("0"), "no shard"),
            ("8/8", None, "from 0 to 7"),
        ] {
            let said = read(text, index).unwrap_err();
            assert!(said.contains(word), "{text} {index:?}: {said}");
        }
    }
}
