//! The calls of a program in the documentation's blocks of `sh`. Read by the tests of each program's
//! command line.

use std::path::{Path, PathBuf};

/// The pages with calls, below the repository's root.
pub(crate) fn pages(root: &Path) -> Vec<PathBuf> {
    let listed = std::fs::read_dir(root.join("docs")).unwrap();
    let docs = listed.map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> = docs
        .filter(|page| page.extension().is_some_and(|end| end == "md"))
        .collect();
    pages.sort();
    pages.extend(["README.md", "CONTRIBUTING.md", "cluster/README.md"].map(|page| root.join(page)));
    pages
}

/// The words of each call of `program` on a page, without what the shell does with the output: by its
/// name, as it is installed, or built at once by `cargo run --release -p NAME --`.
pub(crate) fn calls(page: &str, program: &str) -> Vec<Vec<String>> {
    let mut calls = Vec::new();
    let mut shell = false;
    for line in page.replace("\\\n", " ").lines().map(str::trim) {
        match line {
            "```sh" => shell = true,
            "```" => shell = false,
            line if shell => {
                let lines = commands(line).into_iter();
                calls.extend(lines.filter_map(|words| call(words, program)));
            }
            _ => {}
        }
    }
    calls
}

/// A command if it is a call of the program.
fn call(words: Vec<String>, program: &str) -> Option<Vec<String>> {
    let built = ["cargo", "run", "--release", "-p", program, "--"];
    match words.strip_prefix(built.map(str::to_owned).as_slice()) {
        Some(rest) => Some([&[program.to_owned()], rest].concat()),
        None => (words.first().is_some_and(|word| word == program)).then_some(words),
    }
}

/// The words of each command of a line of `sh`: quotes keep spaces; `&&`, `;` and `|` end a command,
/// `>` what the program sees of it, `#` the line.
fn commands(line: &str) -> Vec<Vec<String>> {
    let mut commands = vec![vec![String::new()]];
    let (mut quoted, mut redirected) = (false, false);
    for letter in line.chars() {
        let words = commands.last_mut().unwrap();
        match letter {
            '\'' | '"' => quoted = !quoted,
            '#' if !quoted && words.last().is_some_and(String::is_empty) => break,
            ';' | '|' | '&' if !quoted => {
                redirected = false;
                commands.push(vec![String::new()]);
            }
            '>' if !quoted => redirected = true,
            _ if redirected => {}
            ' ' if !quoted => words.push(String::new()),
            letter => words.last_mut().unwrap().push(letter),
        }
    }
    for words in &mut commands {
        words.retain(|word| !word.is_empty());
    }
    commands.retain(|words| !words.is_empty());
    commands
}

/// Asserts that there is one way to call the programs on the pages: no path into a build's directory,
/// and no `sudo`, of which one page says when it is needed.
pub(crate) fn assert_one_way(root: &Path) {
    for page in pages(root) {
        let text = std::fs::read_to_string(&page).unwrap();
        let wrong = text.lines().find(|line| is_another_way(line));
        assert_eq!(wrong, None, "{}", page.display());
    }
}

/// Whether a line calls a program of this project in another way than by its name.
fn is_another_way(line: &str) -> bool {
    let by_sudo = ["driver", "lab", "analyze"].map(|program| format!("sudo {program} "));
    [
        "target/release/",
        "target/debug/",
        "sudo -E",
        "cargo run --release --bin",
    ]
    .iter()
    .any(|way| line.contains(way))
        || by_sudo.iter().any(|way| line.contains(way.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_found_as_a_shell_reads_them() {
        let page = "lab no\n```sh\nlab a \\\n  --if 'x > 5m; y' > out # why\ndriver run\n  driver b#c \
                    && cargo run --release -p lab -- d | lab e; lab f>g\n```\nlab no\n";
        let lab = calls(page, "lab").into_iter().map(|words| words.join("|"));
        let wanted = ["lab|a|--if|x > 5m; y", "lab|d", "lab|e", "lab|f"];
        assert_eq!(lab.collect::<Vec<_>>(), wanted);
        assert_eq!(
            calls(page, "driver"),
            [vec!["driver", "run"], vec!["driver", "b#c"]]
        );
    }

    #[test]
    fn another_way_to_call_is_noticed() {
        for (line, noticed) in [
            ("sudo -E target/release/lab up", true),
            ("target/release/driver check", true),
            ("cargo run --release --bin analyze -- samples/", true),
            ("sudo lab down", true),
            ("lab down", false),
            ("cargo run --release -p analyze -- samples/", false),
            ("put `sudo env \"PATH=$PATH\"` before it", false),
            ("sudo labels", false),
        ] {
            assert_eq!(is_another_way(line), noticed, "{line}");
        }
    }
}
