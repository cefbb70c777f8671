//! Why a request to a server failed.

use std::io;
use std::time::Duration;

use thiserror::Error as ThisError;

use crate::error::ErrorKind;
use crate::protocol::rcon;

/// What can go wrong between a request and its reply; each says where and why.
///
/// Cloneable, since one lost connection fails every request that was in flight on it.
#[derive(Clone, Debug, ThisError, PartialEq, Eq)]
pub enum Error {
    /// Nothing listens there.
    #[error("connection refused; does a server listen there (--rcon-bind)? \"{address}\"")]
    Refused { address: String },
    /// No connection for another reason: no such host, no route.
    #[error("cannot connect: {reason}: \"{address}\"")]
    Unreachable { address: String, reason: String },
    /// The server answered the login with id -1.
    #[error("the server refuses the password: \"{address}\"")]
    WrongPassword { address: String },
    /// The connection ended; commands in flight may or may not have been executed.
    #[error("connection lost: {reason}: \"{address}\"")]
    Lost { address: String, reason: String },
    /// Nothing came in time; a command in flight may or may not have been executed.
    #[error("timed out after {} s: {what}: \"{address}\"", seconds.as_secs_f64())]
    TimedOut {
        what: &'static str,
        seconds: Duration,
        address: String,
    },
    /// The peer does not speak the protocol.
    #[error("the peer does not speak RCON: {reason}: \"{address}\"")]
    Protocol { address: String, reason: String },
    /// The console still refuses to run code after every attempt to unlock it.
    #[error(
        "the console did not run a command in {attempts} attempts; its last reply: \"{reply}\""
    )]
    ConsoleLocked { attempts: u32, reply: String },
    /// A command that cannot be sent, or would never be answered.
    #[error(transparent)]
    Command(rcon::Error),
    /// More requests at once than the client keeps track of.
    #[error("more than {limit} requests are in flight")]
    TooManyInFlight { limit: usize },
    /// The client was closed, by `close` or while the request waited.
    #[error("the client is closed")]
    Closed,
    /// Whoever waited does not want the reply any more.
    #[error("cancelled")]
    Cancelled,
    /// The caller's own function, which decides whether a command was executed, failed.
    #[error("cannot tell whether the command was executed: {reason}")]
    Unresolved { reason: String },
}

impl Error {
    /// Says whether a command may have been executed although no reply to it came.
    pub fn leaves_command_open(&self) -> bool {
        matches!(
            self,
            Self::Lost { .. } | Self::TimedOut { .. } | Self::Protocol { .. }
        )
    }

    pub(super) fn protocol(address: &str, reason: &dyn std::fmt::Display) -> Self {
        Self::Protocol {
            address: address.to_owned(),
            reason: reason.to_string(),
        }
    }

    /// Names why a socket's operation failed; `None` where it only did not come to anything yet.
    pub(super) fn of_socket(error: &io::Error, address: &str) -> Option<Self> {
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted => {
                None
            }
            _ => Some(Self::Lost {
                address: address.to_owned(),
                reason: error.to_string(),
            }),
        }
    }
}

impl From<Error> for crate::Error {
    fn from(error: Error) -> Self {
        let kind = match &error {
            Error::Refused { .. } => ErrorKind::ServerRefused,
            Error::Unreachable { .. } | Error::Unresolved { .. } => ErrorKind::ServerConnection,
            Error::WrongPassword { .. } => ErrorKind::ServerAuthentication,
            Error::Lost { .. } => ErrorKind::ServerClosed,
            Error::TimedOut { .. } => ErrorKind::RequestTimeout,
            Error::Protocol { .. } | Error::ConsoleLocked { .. } => ErrorKind::ServerProtocol,
            Error::Command(_) | Error::TooManyInFlight { .. } => ErrorKind::InvalidValue,
            Error::Closed | Error::Cancelled => ErrorKind::Closed,
        };
        Self::new(kind, error.to_string())
    }
}
