//! One RCON connection: what came in, what has to go out, and whether it has logged in.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;

use crate::protocol::rcon::{
    self, Decoder, KIND_COMMAND, KIND_LOGIN, KIND_LOGIN_REPLY, KIND_REPLY,
};

/// A password is at most this long; a longer packet before the login ends the connection.
const MAX_LOGIN_BYTES: usize = 4 << 10;
/// Bytes that are read at once.
pub(super) const READ_BYTES: usize = 64 << 10;
/// Past so many unanswered commands a connection is not read until some are answered.
const MAX_WAITING_COMMANDS: usize = 4_096;
/// Past so many bytes of replies that the client has not taken, its commands wait and it is not read.
const MAX_UNSENT_BYTES: usize = 16 << 20;
/// So many bytes of replies go out before the rest of the commands is executed: a client that sent many at once reads
/// them meanwhile.
const FLUSHED_BYTES: usize = 16 << 10;
/// An empty buffer of replies keeps at most this much memory.
const KEPT_BYTES: usize = 256 << 10;

/// A command that waits to be executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Command {
    /// The number of the connection that it came by.
    pub(super) connection: u64,
    pub(super) id: i32,
    pub(super) body: Vec<u8>,
}

/// One client.
pub(super) struct Connection {
    pub(super) number: u64,
    stream: TcpStream,
    decoder: Decoder,
    is_logged_in: bool,
    /// The client sends no more; what it is owed still goes out.
    has_ended: bool,
    /// The connection is of no more use.
    is_broken: bool,
    /// Commands that were handed out and not answered.
    n_waiting: usize,
    unsent: Vec<u8>,
    /// Bytes of `unsent` that have gone.
    sent: usize,
}

impl Connection {
    /// Takes over a new connection.
    ///
    /// # Errors
    /// The socket is gone already.
    pub(super) fn new(number: u64, stream: TcpStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        Ok(Self {
            number,
            stream,
            decoder: Decoder::new(MAX_LOGIN_BYTES),
            is_logged_in: false,
            has_ended: false,
            is_broken: false,
            n_waiting: 0,
            unsent: Vec::new(),
            sent: 0,
        })
    }

    pub(super) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Says whether more is read from the client now.
    pub(super) fn is_read(&self) -> bool {
        !self.has_ended && self.n_waiting < MAX_WAITING_COMMANDS && !self.is_congested()
    }

    /// Says whether replies wait for the client to take them.
    pub(super) fn has_unsent(&self) -> bool {
        !self.unsent.is_empty()
    }

    /// Says whether the client has so much to take that its commands wait.
    pub(super) fn is_congested(&self) -> bool {
        self.unsent.len() - self.sent > MAX_UNSENT_BYTES
    }

    /// Says whether there is nothing more to do for this connection.
    pub(super) fn is_done(&self) -> bool {
        self.is_broken || (self.has_ended && self.n_waiting == 0 && !self.has_unsent())
    }

    /// Gives the connection up.
    pub(super) fn give_up(&mut self) {
        self.is_broken = true;
    }

    /// Reads what is there; commands are added to `commands`, a login is answered at once.
    pub(super) fn read(&mut self, password: &[u8], buffer: &mut [u8], commands: &mut Vec<Command>) {
        if self.is_broken || !self.is_read() {
            return;
        }
        // Once: what is executed meanwhile and what the others sent need not wait for more.
        match self.stream.read(buffer) {
            Ok(0) => self.has_ended = true,
            Ok(bytes) => {
                self.decoder.feed(&buffer[..bytes]);
                self.take_packets(password, commands);
            }
            Err(error) => {
                let kind = error.kind();
                self.is_broken =
                    kind != io::ErrorKind::WouldBlock && kind != io::ErrorKind::Interrupted;
            }
        }
    }

    fn take_packets(&mut self, password: &[u8], commands: &mut Vec<Command>) {
        loop {
            let packet = match self.decoder.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => return,
                Err(_) => {
                    self.is_broken = true;
                    return;
                }
            };
            match packet.kind {
                KIND_LOGIN => self.log_in(packet.id, packet.body == password),
                KIND_COMMAND if self.is_logged_in => {
                    // The game never answers an empty command.
                    if !packet.body.is_empty() {
                        self.n_waiting += 1;
                        commands.push(Command {
                            connection: self.number,
                            id: packet.id,
                            body: packet.body,
                        });
                    }
                }
                // Whoever has not logged in has nothing to say here; packets of other kinds mean nothing.
                _ if self.is_logged_in => {}
                _ => {
                    self.is_broken = true;
                    return;
                }
            }
        }
    }

    fn log_in(&mut self, id: i32, is_right: bool) {
        if is_right {
            self.is_logged_in = true;
            self.decoder.set_max_body_bytes(rcon::MAX_COMMAND_BYTES);
        }
        let id = if is_right { id } else { rcon::ID_REFUSED };
        rcon::encode(id, KIND_LOGIN_REPLY, b"", &mut self.unsent);
    }

    /// Queues the reply of a command.
    pub(super) fn reply(&mut self, id: i32, body: &[u8]) {
        self.n_waiting = self.n_waiting.saturating_sub(1);
        rcon::encode(id, KIND_REPLY, body, &mut self.unsent);
        if self.unsent.len() - self.sent > FLUSHED_BYTES {
            self.flush();
        }
    }

    /// Queues the first half of the reply of a command, sends what goes, and gives the connection up.
    pub(super) fn reply_in_part(&mut self, id: i32, body: &[u8]) {
        self.flush();
        let before = self.unsent.len();
        rcon::encode(id, KIND_REPLY, body, &mut self.unsent);
        self.unsent
            .truncate(usize::midpoint(before, self.unsent.len()));
        self.flush();
        self.is_broken = true;
    }

    /// Sends what the client takes.
    pub(super) fn flush(&mut self) {
        while !self.is_broken && self.sent < self.unsent.len() {
            match self.stream.write(&self.unsent[self.sent..]) {
                Ok(0) => self.is_broken = true,
                Ok(bytes) => self.sent += bytes,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if self.sent > self.unsent.len() / 2 {
                        self.unsent.drain(..self.sent);
                        self.sent = 0;
                    }
                    return;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => self.is_broken = true,
            }
        }
        self.unsent.clear();
        self.unsent.shrink_to(KEPT_BYTES);
        self.sent = 0;
    }
}
