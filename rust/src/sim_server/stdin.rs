//! Standard input as the server's own console: each line is a command or a word to the players.
//!
//! A thread reads it and hands the bytes on by a socket, since not every system lets a terminal be waited for together
//! with sockets. The thread ends with the input or with the process.

use std::io::{self, Read as _};
use std::os::unix::net::UnixStream;

use rustix::event::{PollFd, PollFlags};

/// A line is at most this long; what is longer is cut there.
const MAX_LINE_BYTES: usize = 1 << 20;

/// The lines that are typed.
pub(super) struct Stdin {
    /// Gone once the input has ended.
    stream: Option<UnixStream>,
    unread: Vec<u8>,
}

impl Stdin {
    /// Begins to read standard input.
    ///
    /// # Errors
    /// The system has no socket or no thread to give.
    pub(super) fn open() -> io::Result<Self> {
        let (stdin, mut writer) = Self::by_hand()?;
        std::thread::Builder::new()
            .name("stdin".to_owned())
            .spawn(move || {
                // That nobody listens any more ends it as the end of the input does.
                let _ = io::copy(&mut io::stdin().lock(), &mut writer);
            })?;
        Ok(stdin)
    }

    /// Makes an input that is what is written to the stream.
    pub(super) fn by_hand() -> io::Result<(Self, UnixStream)> {
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        let stdin = Self {
            stream: Some(reader),
            unread: Vec::new(),
        };
        Ok((stdin, writer))
    }

    /// Says how many descriptors [`Stdin::watch`] adds.
    pub(super) fn n_watched(&self) -> usize {
        usize::from(self.stream.is_some())
    }

    pub(super) fn watch<'a>(&'a self, fds: &mut Vec<PollFd<'a>>) {
        if let Some(stream) = &self.stream {
            fds.push(PollFd::new(stream, PollFlags::IN));
        }
    }

    /// Reads what is there and gives the lines that are complete; false: the input has ended.
    pub(super) fn read(&mut self) -> (Vec<String>, bool) {
        let mut buffer = [0; 4_096];
        let Some(stream) = &mut self.stream else {
            return (Vec::new(), false);
        };
        match stream.read(&mut buffer) {
            Ok(bytes @ 1..) => (self.take(&buffer[..bytes]), true),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => (Vec::new(), true),
            Ok(_) | Err(_) => {
                self.stream = None;
                (Vec::new(), false)
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Vec<String> {
        self.unread.extend_from_slice(bytes);
        let mut lines = Vec::new();
        while let Some(at) = self.unread.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.unread.drain(..=at).collect();
            let line = String::from_utf8_lossy(&line).trim().to_owned();
            if !line.is_empty() {
                lines.push(line);
            }
        }
        self.unread.truncate(MAX_LINE_BYTES);
        lines
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn lines_come_out_whole_however_they_arrive_until_the_input_ends() {
        let (mut stdin, mut writer) = Stdin::by_hand().unwrap();
        assert_eq!(stdin.read(), (vec![], true));
        let mut typed = |text: &str| {
            writer.write_all(text.as_bytes()).unwrap();
            stdin.read().0
        };
        assert_eq!(typed("/server"), Vec::<String>::new());
        assert_eq!(typed("-save\r\n\nhello\n/qu"), ["/server-save", "hello"]);
        assert_eq!(typed("it\n"), ["/quit"]);
        drop(writer);
        assert_eq!(stdin.read(), (vec![], false));
        assert_eq!(stdin.n_watched(), 0);
    }
}
