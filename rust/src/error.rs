//! The one error type of the crate: what went wrong, of which kind, with the offending value quoted.
//!
//! Layers may have enums of their own (`sim::RejectReason`); what leaves the crate is an [`Error`].

use std::fmt;

/// What a caller can match on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// A name that is not in the prototype data or not in a contract table.
    UnknownName,
    /// A value outside its documented range, or of the wrong shape.
    InvalidValue,
    /// A scenario file that does not say what it must.
    InvalidScenario,
    /// A blueprint string that cannot be read.
    InvalidBlueprint,
    /// Snapshot bytes that are truncated, damaged or of another version.
    InvalidSnapshot,
    /// A call that is not allowed in the present state (`step` before `reset`, after `close`).
    InvalidState,
    /// A reference to an entity that does not exist any more.
    StaleEntity,
    /// A command that the world refuses; the message names the reason.
    ActionRejected,
    /// A mechanic of the game that the simulation does not have.
    AbsentMechanic,
    /// No connection to a server, for another reason than the kinds below name.
    ServerConnection,
    /// Nothing listens at a server's address.
    ServerRefused,
    /// The connection to a server was lost.
    ServerClosed,
    /// A server refuses the password.
    ServerAuthentication,
    /// A peer does not speak the protocol that is expected of it.
    ServerProtocol,
    /// A server did not answer in time.
    RequestTimeout,
    /// A call to something that was closed.
    Closed,
}

/// An error with its kind and a message that names the value, the limit and, where there is one, the fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    message: String,
}

/// The crate's result.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Makes an error of `kind`; `message` is lower case, without a full stop, offending value last.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// Says what kind of error this is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Returns the same error with `context` and a colon in front of its message.
    #[must_use]
    pub fn within(self, context: impl fmt::Display) -> Self {
        Self {
            kind: self.kind,
            message: format!("{context}: {}", self.message),
        }
    }

    /// Makes the error for a name that is not among `known`, with the nearest known names as a hint.
    pub fn unknown_name<'a>(
        what: &str,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let hint = nearest(name, known);
        let hint = match hint.as_slice() {
            [] => String::new(),
            [one] => format!("; did you mean \"{one}\"?"),
            several => format!("; did you mean one of {}?", quoted_list(several)),
        };
        Self::new(
            ErrorKind::UnknownName,
            format!("unknown {what} \"{name}\"{hint}"),
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Joins names as `"a", "b", "c"`.
pub fn quoted_list<S: AsRef<str>>(names: &[S]) -> String {
    names
        .iter()
        .map(|name| format!("\"{}\"", name.as_ref()))
        .collect::<Vec<_>>()
        .join(", ")
}

/// How many hints an unknown name gives at most.
const MAX_HINTS: usize = 3;

/// Finds the known names nearest to `name` by edit distance, nearest first, ties in alphabetical order.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let lowered = name.to_lowercase().replace([' ', '_'], "-");
    // A third of the letters may be wrong: more than that and the hint would only confuse.
    let limit = (lowered.chars().count() / 3).max(2);
    let mut found: Vec<(usize, &str)> = known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lowered, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .collect();
    found.sort_unstable();
    found.truncate(MAX_HINTS);
    found.into_iter().map(|(_, candidate)| candidate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_names_suggest_the_nearest() {
        let error =
            Error::unknown_name("item", "iron plate", ["iron-plate", "copper-plate", "coal"]);
        assert_eq!(
            error.to_string(),
            "unknown item \"iron plate\"; did you mean \"iron-plate\"?"
        );
        assert_eq!(error.kind(), ErrorKind::UnknownName);
        assert_eq!(
            Error::unknown_name("item", "zzz", ["coal"]).to_string(),
            "unknown item \"zzz\""
        );
    }
}
