//! Reading a scenario file: TOML values that know their file, line and key path, and say so when they are wrong.
//!
//! It knows nothing of what scenarios mean; `settings` and `objective_spec` do.

use std::fmt;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::{Error, ErrorKind, Result, nearest, quoted_list};

/// The longest text that a message quotes.
const MAX_QUOTED_CHARS: usize = 60;

/// The text being read and the name by which messages call it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub name: &'a str,
    pub text: &'a str,
}

/// Where in a file a mistake is.
#[derive(Clone, Debug)]
struct Place<'a> {
    source: Source<'a>,
    /// Byte offset of the key or value.
    offset: usize,
    /// Keys from the root, joined by dots; empty at the root.
    path: String,
}

/// A table of the file.
#[derive(Clone, Debug)]
pub(super) struct Table<'a> {
    place: Place<'a>,
    entries: &'a DeTable<'a>,
}

/// A value of the file.
#[derive(Clone, Debug)]
pub(super) struct Value<'a> {
    place: Place<'a>,
    value: &'a DeValue<'a>,
}

impl Source<'_> {
    fn line(&self, offset: usize) -> usize {
        // Spans begin where tokens do, so never inside a character.
        1 + self
            .text
            .get(..offset)
            .unwrap_or(self.text)
            .matches('\n')
            .count()
    }
}

impl Place<'_> {
    fn error(&self, kind: ErrorKind, message: impl fmt::Display) -> Error {
        let (name, line) = (self.source.name, self.source.line(self.offset));
        let colon = if self.path.is_empty() { "" } else { ": " };
        Error::new(
            kind,
            format!("{name}:{line}: {}{colon}{message}", self.path),
        )
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }
}

/// Parses a file's text into its tables.
///
/// # Errors
/// `InvalidScenario` with file and line if the text is not TOML.
pub(super) fn parse(source: Source<'_>) -> Result<Spanned<DeTable<'_>>> {
    DeTable::parse(source.text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        let place = Place {
            source,
            offset,
            path: String::new(),
        };
        place.error(
            ErrorKind::InvalidScenario,
            format_args!("not valid TOML: {}", error.message()),
        )
    })
}

impl<'a> Table<'a> {
    /// Makes the file's outermost table.
    pub(super) fn root(source: Source<'a>, entries: &'a Spanned<DeTable<'a>>) -> Self {
        Self {
            place: Place {
                source,
                offset: 0,
                path: String::new(),
            },
            entries: entries.get_ref(),
        }
    }

    /// Reads a key, if it is there.
    pub(super) fn get(&self, key: &str) -> Option<Value<'a>> {
        let value = self.entries.get(key)?;
        Some(Value {
            place: Place {
                source: self.place.source,
                offset: value.span().start,
                path: self.place.path_of(key),
            },
            value: value.get_ref(),
        })
    }

    /// Reads a key that must be there; `allowed` says what it takes.
    pub(super) fn need(&self, key: &str, allowed: &str) -> Result<Value<'a>> {
        self.get(key).ok_or_else(|| {
            self.place.error(
                ErrorKind::InvalidScenario,
                format_args!("the key \"{key}\" is missing; it takes {allowed}"),
            )
        })
    }

    /// Refuses keys that are not among `known`.
    pub(super) fn refuse_unknown_keys(&self, known: &[&str]) -> Result<()> {
        for (key, value) in self.entries {
            if known.contains(&key.get_ref().as_ref()) {
                continue;
            }
            let hint = hint(key.get_ref(), known);
            let place = Place {
                source: self.place.source,
                offset: key.span().start.min(value.span().start),
                path: self.place.path.clone(),
            };
            return Err(place.error(
                ErrorKind::InvalidScenario,
                format_args!(
                    "takes the keys {}{hint}, not \"{}\"",
                    quoted_list(known),
                    key.get_ref()
                ),
            ));
        }
        Ok(())
    }

    /// Walks the keys and values in alphabetical order of the keys.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> {
        let place = self.place.clone();
        self.entries.iter().map(move |(key, value)| {
            let key = key.get_ref().as_ref();
            let place = Place {
                source: place.source,
                offset: value.span().start,
                path: place.path_of(key),
            };
            (
                key,
                Value {
                    place,
                    value: value.get_ref(),
                },
            )
        })
    }

    /// Makes an error about the table as a whole.
    pub(super) fn error(&self, message: impl fmt::Display) -> Error {
        self.place.error(ErrorKind::InvalidScenario, message)
    }
}

impl<'a> Value<'a> {
    /// Makes the error for a value that is not what `allowed` says.
    pub(super) fn wrong(&self, allowed: impl fmt::Display) -> Error {
        self.error(format_args!("takes {allowed}, not {self}"))
    }

    /// Makes an error about the value.
    pub(super) fn error(&self, message: impl fmt::Display) -> Error {
        self.place.error(ErrorKind::InvalidScenario, message)
    }

    /// Makes the error for a mechanic that the simulation does not have.
    pub(super) fn absent(&self, mechanic: &str, allowed: &str) -> Error {
        self.place.error(
            ErrorKind::AbsentMechanic,
            format_args!(
                "the simulation does not have {mechanic} yet; it takes {allowed}, not {self}"
            ),
        )
    }

    /// Puts the value's place in front of another layer's error.
    pub(super) fn locate(&self, error: &Error) -> Error {
        self.place.error(error.kind(), error)
    }

    /// Reads a string.
    pub(super) fn text(&self) -> Result<&'a str> {
        self.value.as_str().ok_or_else(|| self.wrong("a string"))
    }

    /// Says whether the value is a string.
    pub(super) fn is_text(&self) -> bool {
        self.value.is_str()
    }

    /// Reads one of a few words and returns its place among `allowed`.
    pub(super) fn one_of(&self, allowed: &[&str]) -> Result<usize> {
        let given = self.value.as_str();
        given
            .and_then(|given| allowed.iter().position(|word| *word == given))
            .ok_or_else(|| {
                let hint = given.map_or_else(String::new, |given| hint(given, allowed));
                let one_of = if allowed.len() == 1 { "" } else { "one of " };
                self.wrong(format_args!("{one_of}{}{hint}", quoted_list(allowed)))
            })
    }

    /// Reads a whole number in `low..=high`.
    pub(super) fn whole(&self, low: u32, high: u32) -> Result<u32> {
        self.value
            .as_integer()
            .and_then(|integer| i64::from_str_radix(integer.as_str(), integer.radix()).ok())
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| (low..=high).contains(number))
            .ok_or_else(|| self.wrong(format_args!("a whole number from {low} to {high}")))
    }

    /// Reads a number that `is_allowed`, in words `allowed`.
    pub(super) fn number(&self, allowed: &str, is_allowed: impl Fn(f64) -> bool) -> Result<f64> {
        let number = match self.value {
            DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
                .ok()
                .map(|whole| whole as f64),
            DeValue::Float(float) => float.as_str().parse::<f64>().ok(),
            _ => None,
        };
        number
            .filter(|number| number.is_finite() && is_allowed(*number))
            .ok_or_else(|| self.wrong(allowed))
    }

    /// Reads a list.
    pub(super) fn list(&self, allowed: &str) -> Result<Vec<Self>> {
        let list = self.value.as_array().ok_or_else(|| self.wrong(allowed))?;
        Ok(list
            .iter()
            .enumerate()
            .map(|(index, value)| Self {
                place: Place {
                    source: self.place.source,
                    offset: value.span().start,
                    path: format!("{}[{index}]", self.place.path),
                },
                value: value.get_ref(),
            })
            .collect())
    }

    /// Reads a table.
    pub(super) fn table(&self, allowed: &str) -> Result<Table<'a>> {
        let entries = self.value.as_table().ok_or_else(|| self.wrong(allowed))?;
        Ok(Table {
            place: self.place.clone(),
            entries,
        })
    }
}

/// The value as the file has it, shortened.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            DeValue::String(text) if text.chars().count() > MAX_QUOTED_CHARS => {
                let start: String = text.chars().take(MAX_QUOTED_CHARS).collect();
                write!(f, "\"{start}…\"")
            }
            DeValue::String(text) => write!(f, "\"{text}\""),
            DeValue::Integer(integer) => write!(f, "{integer}"),
            DeValue::Float(float) => write!(f, "{float}"),
            DeValue::Boolean(is_true) => write!(f, "{is_true}"),
            DeValue::Datetime(date) => write!(f, "{date}"),
            DeValue::Array(list) => write!(f, "a list of {}", list.len()),
            DeValue::Table(_) => f.write_str("a table"),
        }
    }
}

fn hint(given: &str, known: &[&str]) -> String {
    match nearest(given, known.iter().copied()).first() {
        Some(best) => format!(" (did you mean \"{best}\"?)"),
        None => String::new(),
    }
}
