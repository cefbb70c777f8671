//! Why the server ends with a status other than 0.

use std::fmt;

/// A text for the log's last error line, and the process's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    text: String,
}

impl Failure {
    /// Makes a failure; texts of the game are in its own words, others name the value, the limit and the fix.
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Failure {}
