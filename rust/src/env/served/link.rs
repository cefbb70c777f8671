//! What carries lines to a server and frames back, and how it is lost.

use std::fmt;
use std::time::Duration;

use crate::error::{Error, ErrorKind};
use crate::protocol::assembly::Frame;
use crate::transport;

/// Why a server is of no use any more: it, the way to it, or what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    kind: ErrorKind,
    reason: String,
}

impl Loss {
    /// Makes the loss of a server that says what it must not.
    pub fn protocol(reason: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::ServerProtocol,
            reason: reason.into(),
        }
    }

    /// Makes the loss of a server that does not answer in time.
    pub fn silence(reason: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::RequestTimeout,
            reason: reason.into(),
        }
    }

    /// Says what was lost and why.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Loss {}

impl From<Loss> for Error {
    fn from(loss: Loss) -> Self {
        Self::new(loss.kind, loss.reason)
    }
}

impl From<transport::Error> for Loss {
    fn from(error: transport::Error) -> Self {
        let error = Error::from(error);
        Self {
            kind: error.kind(),
            reason: error.to_string(),
        }
    }
}

impl From<crate::view::mirror::FrameError> for Loss {
    fn from(error: crate::view::mirror::FrameError) -> Self {
        Self::protocol(error.to_string())
    }
}

/// What passed over a link so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LinkMetrics {
    pub requests: u64,
    pub round_trip_p50_seconds: Option<f64>,
    pub round_trip_p99_seconds: Option<f64>,
    pub bytes_sent: u64,
    pub bytes_received: u64,
    pub datagrams: u64,
    pub datagram_bytes: u64,
    pub frames: u64,
    /// Fragments that did not come in time.
    pub lost: u64,
    pub duplicated: u64,
    pub reordered: u64,
    /// Lines that were sent again after a lost connection.
    pub resent: u64,
    pub reconnects: u64,
}

/// A way to one server. Lines are answered in their order; frames come beside them, or not at all.
pub trait Link: Send + Sync {
    /// Sends lines that the server does not execute twice, and returns their replies.
    ///
    /// A connection that is lost meanwhile is made again, and what is not answered sent again.
    ///
    /// # Errors
    /// Where that did not help.
    fn exchange(&mut self, lines: &[String]) -> Result<Vec<String>, Loss>;

    /// Lets a moment pass before a question is put for the `attempt`th time, from 1.
    ///
    /// # Errors
    /// Where it has been put for too long.
    fn pause(&mut self, attempt: u32) -> Result<(), Loss>;

    /// Gives the port to which the server should send frames, 0 where there is none.
    fn udp_port(&self) -> u16;

    /// Expects the frames of an episode from 0 on.
    fn begin_episode(&mut self, environment: u16, episode: u32);

    /// Waits at most `limit` for the next frame of an environment.
    fn frame(&mut self, environment: u16, limit: Duration) -> Option<Frame>;

    /// Notes that the next frame of an environment did not come in time.
    fn note_missing(&mut self, environment: u16);

    /// Takes a frame that came as a reply; returns whether it is the one that is missing.
    fn supply(&mut self, frame: Frame) -> bool;

    /// Says what passed so far.
    fn metrics(&self) -> LinkMetrics;

    /// Ends the link.
    fn close(&mut self);
}
