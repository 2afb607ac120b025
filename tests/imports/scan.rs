//! The imports of a crate, from its sources as tokens: comments, strings and tests do not count.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A crate's files.
pub(crate) struct Crate {
    /// In the order of their paths.
    pub(crate) files: Vec<File>,
}

/// A source file.
pub(crate) struct File {
    /// Below `src`, with `/`.
    pub(crate) path: String,
    /// Its module: `["render", "view"]`; none for the root.
    module: Vec<String>,
    /// The paths that it names, as they are written: `["super", "view", "Way"]`.
    named: BTreeSet<Vec<String>>,
    /// What its `use` items bring in: the last name, and the path.
    brought: BTreeMap<String, Vec<String>>,
}

impl Crate {
    /// Reads every `.rs` below a directory.
    pub(crate) fn read(root: &Path) -> Result<Self, Box<dyn Error>> {
        let mut texts = BTreeMap::new();
        let mut open = vec![root.to_path_buf()];
        while let Some(at) = open.pop() {
            for entry in std::fs::read_dir(&at).map_err(|e| format!("{}: {e}", at.display()))? {
                let path = entry?.path();
                if path.is_dir() {
                    open.push(path);
                } else if path.extension().is_some_and(|end| end == "rs") {
                    let below = path
                        .strip_prefix(root)?
                        .to_string_lossy()
                        .replace('\\', "/");
                    texts.insert(below, std::fs::read_to_string(&path)?);
                }
            }
        }
        Self::of(texts)
    }

    /// Reads files that are in memory.
    pub(crate) fn of(
        texts: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Box<dyn Error>> {
        let mut files = Vec::new();
        for (path, text) in texts {
            let is_test = path
                .rsplit('/')
                .any(|part| matches!(part, "tests" | "tests.rs"));
            if is_test {
                continue;
            }
            let tokens: TokenStream = text.parse().map_err(|e| format!("{path}: {e}"))?;
            let mut file = File {
                module: module(&path),
                path,
                named: BTreeSet::new(),
                brought: BTreeMap::new(),
            };
            file.scan(tokens);
            files.push(file);
        }
        Ok(Self { files })
    }

    /// Which file imports which, each as a path. What a file takes from the front of its own
    /// room (`super::Plan`, said in `mod.rs`) is no import: a room is one thing with its front.
    pub(crate) fn imports(&self) -> BTreeSet<(String, String)> {
        let mut edges = BTreeSet::new();
        for file in &self.files {
            for path in &file.named {
                if let Some(to) = self
                    .home(file, path, 0)
                    .filter(|to| !file.module.starts_with(&to.module))
                {
                    edges.insert((file.path.clone(), to.path.clone()));
                }
            }
        }
        edges
    }

    /// The rooms that a file names: first parts of modules.
    pub(crate) fn rooms_imported(&self, file: &File) -> BTreeSet<String> {
        let absolute = |path: &Vec<String>| self.absolute(file, path);
        let rooms = file.named.iter().filter_map(absolute);
        rooms
            .filter_map(|path| path.into_iter().next().filter(|room| self.has(room)))
            .collect()
    }

    fn has(&self, room: &str) -> bool {
        self.files
            .iter()
            .any(|file| file.module.first().is_some_and(|first| first == room))
    }

    fn file(&self, module: &[String]) -> Option<&File> {
        self.files.iter().find(|file| file.module == module)
    }

    /// A path from the crate's root, as it is written at some place; none if it leads out of it.
    fn absolute(&self, from: &File, path: &[String]) -> Option<Vec<String>> {
        let mut at = from.module.clone();
        let mut rest = path;
        match rest.first()?.as_str() {
            "crate" => {
                at.clear();
                rest = &rest[1..];
            }
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|part| part == "super") {
                    at.pop()?;
                    rest = &rest[1..];
                }
            }
            // A module of its own, called by its name.
            first => {
                at.push(first.to_owned());
                self.file(&at)?;
                rest = &rest[1..];
            }
        }
        at.extend(rest.iter().cloned());
        Some(at)
    }

    /// The file that holds what a path names; through what rooms show of their files.
    fn home(&self, from: &File, path: &[String], depth: usize) -> Option<&File> {
        let absolute = self.absolute(from, path)?;
        let deepest = (0..=absolute.len())
            .rev()
            .find_map(|n| Some((n, self.file(&absolute[..n])?)));
        let (depth_of_file, file) = deepest?;
        let shown = absolute
            .get(depth_of_file)
            .and_then(|name| file.brought.get(name));
        match shown {
            Some(shown) if depth < 8 => self.home(file, shown, depth + 1).or(Some(file)),
            _ => Some(file),
        }
    }
}

impl File {
    /// The room that it is in: the first part of its module, or the root's file.
    pub(crate) fn room(&self) -> &str {
        let root = || self.path.strip_suffix(".rs").unwrap_or(&self.path);
        self.module.first().map_or_else(root, String::as_str)
    }

    /// Whether it names a crate.
    pub(crate) fn names(&self, part: &str) -> bool {
        self.named.iter().any(|path| path[0] == part)
    }

    fn scan(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            if is_test(&tokens[at..]) {
                at = past_item(&tokens, at);
                continue;
            }
            let is_use = is_word(&tokens[at], "use");
            let (paths, length) = paths(&tokens[at + usize::from(is_use)..]);
            if length == 0 {
                if let TokenTree::Group(group) = &tokens[at] {
                    self.scan(group.stream());
                }
                at += 1;
                continue;
            }
            if is_use {
                for path in &paths {
                    let name = path.last().cloned().unwrap_or_default();
                    self.brought.insert(name, path.clone());
                }
            }
            self.named.extend(paths);
            at += length + usize::from(is_use);
        }
    }
}

/// `render/view.rs` is `render::view`, `render/mod.rs` is `render`, `lib.rs` and `main.rs` are
/// the root: `main` has its own crate's name in place of `crate`.
fn module(path: &str) -> Vec<String> {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    if path == "lib" || path == "main" {
        return if path == "lib" {
            Vec::new()
        } else {
            vec!["main".to_owned()]
        };
    }
    let path = path.strip_suffix("/mod").unwrap_or(path);
    path.split('/').map(str::to_owned).collect()
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

fn is_sign(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

/// Whether `#[cfg(test)]` or `#[test]` stands here.
fn is_test(tokens: &[TokenTree]) -> bool {
    let [hash, TokenTree::Group(group), ..] = tokens else {
        return false;
    };
    let text: String = group.stream().to_string().split_whitespace().collect();
    is_sign(Some(hash), '#') && (text == "cfg(test)" || text == "test")
}

/// Behind the item whose attribute stands at `at`: its block, or its semicolon.
fn past_item(tokens: &[TokenTree], at: usize) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        other => is_sign(Some(other), ';'),
    };
    let end = tokens[at + 2..].iter().position(ends);
    end.map_or(tokens.len(), |end| at + 2 + end + 1)
}

/// The paths that begin here, `a::{b, c::d}` as two, and how many tokens they take. A name
/// alone is no path, unless braces or `use` make it one.
fn paths(tokens: &[TokenTree]) -> (Vec<Vec<String>>, usize) {
    let mut path = Vec::new();
    let mut at = 0;
    loop {
        match tokens.get(at) {
            Some(TokenTree::Ident(ident)) => path.push(ident.to_string()),
            Some(TokenTree::Group(group)) if !path.is_empty() => {
                return match group.delimiter() {
                    Delimiter::Brace => (branches(&path, group.stream()), at + 1),
                    _ => (vec![path], at),
                };
            }
            _ if path.is_empty() => return (Vec::new(), 0),
            _ => return (vec![path], at),
        }
        at += 1;
        if !(is_sign(tokens.get(at), ':') && is_sign(tokens.get(at + 1), ':')) {
            break;
        }
        at += 2;
    }
    if path.len() < 2 {
        (Vec::new(), 0)
    } else {
        (vec![path], at)
    }
}

/// What stands in the braces of `use a::{...}`.
fn branches(stem: &[String], inside: TokenStream) -> Vec<Vec<String>> {
    let tokens: Vec<TokenTree> = inside.into_iter().collect();
    let mut found = Vec::new();
    for part in tokens.split(|token| is_sign(Some(token), ',')) {
        let (mut below, length) = paths(part);
        if length == 0 {
            below = match part.first() {
                Some(TokenTree::Ident(name)) if name == "self" => vec![Vec::new()],
                Some(TokenTree::Ident(name)) => vec![vec![name.to_string()]],
                _ => Vec::new(),
            };
        }
        found.extend(below.into_iter().map(|rest| [stem, &rest].concat()));
    }
    found
}
