//! Standard input as the server's own console: each line is a command or a word to the players.

use std::io;
use std::os::fd::BorrowedFd;

/// A line is at most this long; what is longer is cut there.
const MAX_LINE_BYTES: usize = 1 << 20;

/// The lines that are typed.
pub(super) struct Stdin {
    unread: Vec<u8>,
    is_open: bool,
}

impl Stdin {
    pub(super) fn new() -> Self {
        Self {
            unread: Vec::new(),
            is_open: true,
        }
    }

    /// Gives the descriptor to wait for, until the input has ended.
    pub(super) fn descriptor(&self) -> Option<BorrowedFd<'static>> {
        self.is_open.then(rustix::stdio::stdin)
    }

    /// Reads what is there and gives the lines that are complete; false: the input has ended.
    pub(super) fn read(&mut self) -> (Vec<String>, bool) {
        let mut buffer = [0; 4_096];
        match rustix::io::read(rustix::stdio::stdin(), &mut buffer) {
            Ok(bytes @ 1..) => (self.take(&buffer[..bytes]), true),
            Err(error) if io::Error::from(error).kind() == io::ErrorKind::Interrupted => {
                (Vec::new(), true)
            }
            Ok(_) | Err(_) => {
                self.is_open = false;
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
    use super::*;

    #[test]
    fn lines_come_out_whole_however_they_arrive() {
        let mut stdin = Stdin::new();
        assert_eq!(stdin.take(b"/server"), Vec::<String>::new());
        assert_eq!(
            stdin.take(b"-save\r\n\nhello\n/qu"),
            ["/server-save", "hello"]
        );
        assert_eq!(stdin.take(b"it\n"), ["/quit"]);
    }
}
