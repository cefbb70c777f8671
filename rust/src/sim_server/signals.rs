//! SIGINT and SIGTERM, as something that a server can wait for beside its sockets.

use std::io::{self, Read as _};
use std::os::unix::net::UnixStream;

use rustix::event::{PollFd, PollFlags};

/// The signals that end a server.
pub(super) struct Signals {
    /// Each gets a byte when its signal comes.
    streams: Vec<(&'static str, UnixStream)>,
}

impl Signals {
    /// Takes the signals over for the rest of the process.
    ///
    /// # Errors
    /// The system refuses a handler or a socket.
    pub(super) fn register() -> io::Result<Self> {
        let mut streams = Vec::new();
        for (name, number) in [
            ("SIGINT", signal_hook::consts::SIGINT),
            ("SIGTERM", signal_hook::consts::SIGTERM),
        ] {
            let (reader, writer) = UnixStream::pair()?;
            reader.set_nonblocking(true)?;
            signal_hook::low_level::pipe::register(number, writer)?;
            streams.push((name, reader));
        }
        Ok(Self { streams })
    }

    /// Makes a signal that a test gives by writing a byte.
    #[cfg(test)]
    pub(super) fn by_hand() -> (Self, UnixStream) {
        let (reader, writer) = UnixStream::pair().unwrap();
        reader.set_nonblocking(true).unwrap();
        let signals = Self {
            streams: vec![("SIGINT", reader)],
        };
        (signals, writer)
    }

    /// Says how many descriptors [`Signals::watch`] adds.
    pub(super) fn n_watched(&self) -> usize {
        self.streams.len()
    }

    pub(super) fn watch<'a>(&'a self, fds: &mut Vec<PollFd<'a>>) {
        for (_, stream) in &self.streams {
            fds.push(PollFd::new(stream, PollFlags::IN));
        }
    }

    /// Gives the name of a signal that has come since the last call.
    pub(super) fn taken(&mut self) -> Option<&'static str> {
        self.streams.iter_mut().find_map(|(name, stream)| {
            matches!(stream.read(&mut [0; 16]), Ok(1..)).then_some(*name)
        })
    }
}
