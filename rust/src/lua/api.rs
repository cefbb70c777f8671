//! The tables of the game's runtime API: which classes there are, what each has, and how it may be used.
//!
//! Owns the embedded files `api-2.0.json` and `api-2.1.json` (facts only, written by `scripts/extract_api.py`).

use std::collections::BTreeMap;

use serde::Deserialize;

/// A line of the game's versions; the API differs between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GameLine {
    V2_0,
    V2_1,
}

/// How an attribute may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Access {
    #[serde(rename = "r")]
    Read,
    #[serde(rename = "w")]
    Write,
    #[serde(rename = "rw")]
    ReadWrite,
}

impl Access {
    /// Says whether the attribute can be read.
    pub fn reads(self) -> bool {
        self != Self::Write
    }

    /// Says whether the attribute can be written.
    pub fn writes(self) -> bool {
        self != Self::Read
    }
}

/// What a method takes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Arity {
    /// The least and the most arguments by position; no most: any number.
    Positional(usize, Option<usize>),
    /// One table of named arguments.
    Named {
        required: Vec<String>,
        optional: Vec<String>,
    },
    /// One table whose fields depend on what is made.
    Open {
        /// Always true; it tells this form from the others in the file.
        open: bool,
    },
}

/// One class, inherited members included.
#[derive(Clone, Debug, Deserialize)]
pub struct Class {
    pub attributes: BTreeMap<String, Access>,
    pub methods: BTreeMap<String, Arity>,
    #[serde(default)]
    pub parent: Option<String>,
    #[serde(default)]
    pub operators: Vec<String>,
}

/// The API of one line of the game.
#[derive(Clone, Debug, Deserialize)]
pub struct Api {
    /// The version that the tables describe.
    pub game_version: String,
    /// Global objects and their classes.
    pub globals: BTreeMap<String, String>,
    pub classes: BTreeMap<String, Class>,
    /// Fields of each event; those that may be absent end with `?`.
    pub events: BTreeMap<String, Vec<String>>,
    /// Names under `defines`, in groups; the documentation has no numbers.
    pub defines: BTreeMap<String, serde_json::Value>,
}

impl Api {
    /// Reads the embedded tables of `line`.
    pub fn of(line: GameLine) -> Self {
        let text = match line {
            GameLine::V2_0 => include_str!("api-2.0.json"),
            GameLine::V2_1 => include_str!("api-2.1.json"),
        };
        serde_json::from_str(text).expect("the embedded tables have the extractor's form")
    }

    /// Says whether `class` is `ancestor` or extends it.
    pub fn extends(&self, class: &str, ancestor: &str) -> bool {
        let mut current = Some(class);
        while let Some(name) = current {
            if name == ancestor {
                return true;
            }
            current = self
                .classes
                .get(name)
                .and_then(|found| found.parent.as_deref());
        }
        false
    }
}
