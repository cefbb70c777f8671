//! Holds the crate to its layers: a module uses modules of its own line of [`LAYERS`] and of lines above, and
//! `sim` knows no hash-map order, no single-precision float and no time.
//!
//! It reads tokens, not text: names in comments and strings do not count.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules of the crate, lowest layer first; ARCHITECTURE.md says why in this order.
const LAYERS: &[&[&str]] = &[
    &["contract", "prototypes", "error"],
    &["sim", "protocol"],
    &["view", "observation", "action", "scenario"],
    &["env", "transport", "lua"],
    &["sim_server"],
    &["bindings"],
];

/// What `lib.rs` re-exports at the crate's root, and the module that it comes from.
const ROOT_ITEMS: &[(&str, &str)] = &[
    ("Error", "error"),
    ("ErrorKind", "error"),
    ("Result", "error"),
];

/// Files of `sim` that may use single precision, since the game's own rule does.
///
/// The orientation of an inserter's arm is a float in the game: only so do its energies and ticks agree to the last bit.
const SINGLE_PRECISION_FILES: &[&str] = &["sim/inserter/arm.rs"];

#[derive(Debug, PartialEq, Eq)]
struct Token<'a> {
    text: &'a str,
    line: usize,
}

#[test]
fn modules_use_only_their_own_layer_and_those_above() {
    let faults = faults_of_crate(|_, module, depth, source| layer_faults(module, depth, source));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn sim_names_nothing_that_could_differ_between_two_runs() {
    let faults = faults_of_crate(|path, module, _, source| {
        if module != "sim" {
            return Vec::new();
        }
        let mut faults = sim_faults(source);
        if SINGLE_PRECISION_FILES
            .iter()
            .any(|file| path == Path::new(file))
        {
            faults.retain(|fault| !fault.contains("f32\""));
        }
        faults
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn use_of_a_higher_layer_is_a_fault() {
    assert_eq!(
        layer_faults("sim", 1, "use crate::error::Error;\nuse crate::env::Env;\n"),
        ["2: \"sim\" uses \"env\", which is of a higher layer"],
    );
}

#[test]
fn inline_paths_and_groups_are_edges() {
    let source =
        "use crate::{error::{Error, Result}, sim::World, bindings};\nfn f() { crate::lua::run() }";
    assert_eq!(
        layer_faults("view", 1, source),
        [
            "1: \"view\" uses \"bindings\", which is of a higher layer",
            "2: \"view\" uses \"lua\", which is of a higher layer",
        ],
    );
}

#[test]
fn super_paths_that_reach_the_root_are_edges() {
    let higher = "1: \"sim\" uses \"env\", which is of a higher layer";
    assert_eq!(layer_faults("sim", 1, "use super::env::Env;"), [higher]);
    assert_eq!(
        layer_faults("sim", 2, "use super::super::env::Env;"),
        [higher]
    );
    assert_eq!(
        layer_faults("sim", 1, "mod tests { use super::super::env::Env; }"),
        [higher]
    );
    assert!(layer_faults("sim", 2, "use super::env::Env;").is_empty());
    assert!(layer_faults("sim", 1, "mod tests { use super::env::Env; }").is_empty());
}

#[test]
fn own_layer_and_root_items_are_allowed() {
    let source =
        "use crate::{Error, action::Action};\nuse crate::view::WorldView;\npub(crate) fn f() {}";
    assert!(layer_faults("observation", 1, source).is_empty());
}

#[test]
fn module_without_a_layer_is_a_fault() {
    assert_eq!(
        layer_faults("sim", 1, "use crate::newcomer::Thing;"),
        ["1: \"newcomer\" stands in no line of LAYERS and is no root item"],
    );
    assert_eq!(
        layer_faults("newcomer", 1, ""),
        ["1: \"newcomer\" stands in no line of LAYERS and is no root item"],
    );
}

#[test]
fn refused_names_in_sim_are_faults() {
    let source = "use std::collections::HashMap;\nlet s: HashSet<u8>;\nlet x: f32 = 1.0;\nlet y = 2.5f32;\n\
                  use std::{fmt, time::Duration};\nstd::time::Instant::now();";
    assert_eq!(
        sim_faults(source),
        [
            "1: \"HashMap\" has no place in sim: its order differs between runs; use a Vec or BTreeMap",
            "2: \"HashSet\" has no place in sim: its order differs between runs; use a Vec or BTreeSet",
            "3: \"f32\" has no place in sim: use integers, fixed point or f64",
            "4: \"2.5f32\" has no place in sim: use integers, fixed point or f64",
            "5: \"std::time\" has no place in sim: time is counted in ticks",
            "6: \"std::time\" has no place in sim: time is counted in ticks",
        ],
    );
}

#[test]
fn comments_and_strings_do_not_count() {
    let source = "// HashMap f32 crate::env\n/* std::time /* nested */ HashSet */ let a = \"crate::env f32\";\n\
                  let b = r#\"HashMap \" crate::lua\"#; let c = '\"'; let d: &'static str = \"\\\"f32\";\n";
    assert!(sim_faults(source).is_empty());
    assert!(layer_faults("sim", 1, source).is_empty());
}

/// Runs `check(path, module, depth, source)` on every file of the crate; faults come back as `path:line: what`.
fn faults_of_crate(check: impl Fn(&Path, &str, usize, &str) -> Vec<String>) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("rust/src");
    let mut files = Vec::new();
    collect_files(&root, &mut files);
    assert!(!files.is_empty(), "no source file under {}", root.display());
    let mut faults = Vec::new();
    for file in files {
        let path = file
            .strip_prefix(&root)
            .expect("a collected file is under the root");
        if path == Path::new("lib.rs") {
            continue;
        }
        let inner = path.with_extension("");
        let mut names: Vec<&str> = inner
            .iter()
            .map(|name| name.to_str().expect("UTF-8"))
            .collect();
        if names.last() == Some(&"mod") {
            names.pop();
        }
        let source = fs::read_to_string(&file).expect("source files are readable UTF-8");
        let found = check(path, names[0], names.len(), &source);
        faults.extend(
            found
                .into_iter()
                .map(|fault| format!("rust/src/{}:{fault}", path.display())),
        );
    }
    faults
}

/// Collects the Rust files under `folder`, in name order.
fn collect_files(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).expect("the folder is readable");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("readable").path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Finds the edges of a file of `module` that its layer does not allow; `depth` counts the file's module path.
fn layer_faults(module: &str, depth: usize, source: &str) -> Vec<String> {
    let Some(own) = layer_of(module) else {
        return vec![no_layer(1, module)];
    };
    edges(&tokens(source), depth)
        .into_iter()
        .filter_map(|edge| match layer_of(edge.text) {
            None => Some(no_layer(edge.line, edge.text)),
            Some(used) if used > own => Some(format!(
                "{}: \"{module}\" uses \"{}\", which is of a higher layer",
                edge.line, edge.text
            )),
            Some(_) => None,
        })
        .collect()
}

fn no_layer(line: usize, name: &str) -> String {
    format!("{line}: \"{name}\" stands in no line of LAYERS and is no root item")
}

fn layer_of(name: &str) -> Option<usize> {
    let module = ROOT_ITEMS
        .iter()
        .find(|(item, _)| *item == name)
        .map_or(name, |(_, module)| module);
    LAYERS.iter().position(|line| line.contains(&module))
}

/// Gives the first name of every path that starts at the crate's root, by `crate::` or by enough `super::`.
fn edges<'a>(tokens: &[Token<'a>], file_depth: usize) -> Vec<Token<'a>> {
    let mut found = Vec::new();
    let mut braces = 0_usize;
    let mut inline_modules: Vec<usize> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let text_at = |at: usize| tokens.get(at).map_or("", |token| token.text);
        match token.text {
            "{" => {
                if index >= 2 && text_at(index - 2) == "mod" {
                    inline_modules.push(braces);
                }
                braces += 1;
            }
            "}" => {
                braces = braces.saturating_sub(1);
                if inline_modules.last() == Some(&braces) {
                    inline_modules.pop();
                }
            }
            "crate" if text_at(index + 1) == "::" => found.extend(heads(&tokens[index + 2..])),
            "super" if index == 0 || text_at(index - 1) != "::" => {
                let depth = file_depth + inline_modules.len();
                let is_super = |step: &usize| {
                    text_at(index + 2 * step) == "super" && text_at(index + 2 * step + 1) == "::"
                };
                let supers = (0..depth).take_while(is_super).count();
                if supers == depth {
                    found.extend(heads(&tokens[(index + 2 * supers).min(tokens.len())..]));
                }
            }
            _ => {}
        }
    }
    found
}

/// Gives the first name of a path, or of each path of a group `{a::b, c::{d, e}}`.
fn heads<'a>(path: &[Token<'a>]) -> Vec<Token<'a>> {
    let copy = |token: &Token<'a>| Token {
        text: token.text,
        line: token.line,
    };
    if path.first().is_none_or(|token| token.text != "{") {
        return path
            .first()
            .map(copy)
            .into_iter()
            .filter(|token| token.text != "*")
            .collect();
    }
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut at_start = false;
    for token in path {
        match token.text {
            "{" => {
                depth += 1;
                at_start = depth == 1;
            }
            "}" if depth == 1 => break,
            "}" => depth -= 1,
            "," => at_start = depth == 1,
            "self" | "*" => at_start = false,
            _ if at_start => {
                found.push(copy(token));
                at_start = false;
            }
            _ => {}
        }
    }
    found
}

/// Finds the names that `sim` must not know.
fn sim_faults(source: &str) -> Vec<String> {
    let tokens = tokens(source);
    let mut faults = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let (name, reason) = match token.text {
            "HashMap" => (
                "HashMap",
                "its order differs between runs; use a Vec or BTreeMap",
            ),
            "HashSet" => (
                "HashSet",
                "its order differs between runs; use a Vec or BTreeSet",
            ),
            number if number.ends_with("f32") && is_float(number) => {
                (number, "use integers, fixed point or f64")
            }
            "std" if tokens.get(index + 1).is_some_and(|next| next.text == "::") => {
                if heads(&tokens[index + 2..])
                    .iter()
                    .all(|head| head.text != "time")
                {
                    continue;
                }
                ("std::time", "time is counted in ticks")
            }
            _ => continue,
        };
        faults.push(format!(
            "{}: \"{name}\" has no place in sim: {reason}",
            token.line
        ));
    }
    faults
}

fn is_float(text: &str) -> bool {
    text == "f32" || text.starts_with(|first: char| first.is_ascii_digit())
}

/// Splits source text into names, numbers, `::` and single characters, without comments, strings and characters.
fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut line = 1;
    while at < source.len() {
        let rest = &source[at..];
        let (length, is_token) = if let Some(length) = skipped(rest) {
            (length, false)
        } else if rest.starts_with("::") {
            (2, true)
        } else if rest.starts_with(is_word) {
            (word_length(rest), true)
        } else {
            let first = rest.chars().next().expect("rest is not empty");
            (first.len_utf8(), !first.is_whitespace())
        };
        if is_token {
            found.push(Token {
                text: &rest[..length],
                line,
            });
        }
        line += rest[..length].matches('\n').count();
        at += length;
    }
    found
}

/// Gives the length of the name or number at the start; a number keeps its point and suffix, as in `2.5f32`.
fn word_length(rest: &str) -> usize {
    let word = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    let is_number = rest.starts_with(|c: char| c.is_ascii_digit());
    match rest[word..].strip_prefix('.') {
        Some(fraction) if is_number && fraction.starts_with(|c: char| c.is_ascii_digit()) => {
            word + 1 + fraction.find(|c| !is_word(c)).unwrap_or(fraction.len())
        }
        _ => word,
    }
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// Gives the length of a comment, string or character literal at the start, if there is one.
fn skipped(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(block_comment_length(rest));
    }
    let raw = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'));
    if let Some(after) = raw {
        let hashes = after.len() - after.trim_start_matches('#').len();
        if let Some(body) = after[hashes..].strip_prefix('"') {
            let close = format!("\"{}", "#".repeat(hashes));
            let inner = body
                .find(&close)
                .map_or(body.len(), |end| end + close.len());
            return Some(rest.len() - body.len() + inner);
        }
    }
    let quoted = rest.strip_prefix('b').unwrap_or(rest);
    let prefix = rest.len() - quoted.len();
    if let Some(body) = quoted.strip_prefix('"') {
        return Some(prefix + 1 + quoted_length(body, '"'));
    }
    let body = quoted.strip_prefix('\'')?;
    // `'a'` and `'\n'` are characters, `'a` without a closing quote is a lifetime.
    let second = body.chars().nth(1);
    (body.starts_with('\\') || second == Some('\'')).then(|| prefix + 1 + quoted_length(body, '\''))
}

fn block_comment_length(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// Gives the length up to and with the closing quote, or to the end of the text.
fn quoted_length(body: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        if c == quote && !escaped {
            return at + c.len_utf8();
        }
        escaped = c == '\\' && !escaped;
    }
    body.len()
}
