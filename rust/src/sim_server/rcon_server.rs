//! The server's side of the remote console: its port and its connections.
//!
//! Owns the sockets. Commands come out in the order in which they arrived, and replies go in by the number of their
//! connection; what a command does is the game's. Factorio's dialect: a login is answered by one packet of kind 2; a
//! command by one packet, however long; an empty command never.

use std::io;
use std::net::{SocketAddr, TcpListener};

use rustix::event::{PollFd, PollFlags};

use super::connection::{Command, Connection, READ_BYTES};
use super::log::Log;
use crate::protocol::rcon::MAX_REPLY_BYTES;

/// So many clients may be connected; one more is hung up on.
const MAX_CONNECTIONS: usize = 128;

/// Listens, and holds the connections.
pub(super) struct RconServer {
    listener: TcpListener,
    address: SocketAddr,
    password: Vec<u8>,
    connections: Vec<Connection>,
    n_accepted: u64,
    /// Whether the process can have more sockets; it is tried again when one is closed.
    is_accepting: bool,
    buffer: Vec<u8>,
    log: Log,
}

impl RconServer {
    /// Listens at `address`; port 0 takes a free one.
    ///
    /// # Errors
    /// The address is taken or none of this machine's.
    pub(super) fn bind(address: SocketAddr, password: &str, log: Log) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(Self {
            address: listener.local_addr()?,
            listener,
            password: password.as_bytes().to_vec(),
            connections: Vec::new(),
            n_accepted: 0,
            is_accepting: true,
            buffer: vec![0; READ_BYTES],
            log,
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Adds what is waited for: new clients first, then each connection.
    pub(super) fn watch<'a>(&'a self, fds: &mut Vec<PollFd<'a>>) {
        let flags = if self.is_accepting {
            PollFlags::IN
        } else {
            PollFlags::empty()
        };
        fds.push(PollFd::new(&self.listener, flags));
        for connection in &self.connections {
            let mut flags = PollFlags::empty();
            flags.set(PollFlags::IN, connection.is_read());
            flags.set(PollFlags::OUT, connection.has_unsent());
            fds.push(PollFd::new(connection.stream(), flags));
        }
    }

    /// Does what `ready` says can be done, in the order of [`RconServer::watch`]; commands are added to `commands`.
    pub(super) fn serve(&mut self, ready: &[PollFlags], commands: &mut Vec<Command>) {
        let (new, ready) = ready.split_first().expect("the listener is watched");
        for (connection, ready) in self.connections.iter_mut().zip(ready) {
            if ready.contains(PollFlags::OUT) {
                connection.flush();
            }
            if ready.intersects(PollFlags::IN | PollFlags::HUP | PollFlags::ERR) {
                connection.read(&self.password, &mut self.buffer, commands);
            }
            if ready.intersects(PollFlags::HUP | PollFlags::ERR) && !connection.is_read() {
                connection.give_up();
            }
        }
        if new.contains(PollFlags::IN) {
            self.accept();
        }
        self.sweep();
    }

    fn accept(&mut self) {
        loop {
            match self.listener.accept() {
                Ok((stream, peer)) => {
                    if self.connections.len() >= MAX_CONNECTIONS {
                        self.log.line(&format!(
                            "Warning RemoteCommandProcessor.cpp:240: Refused RCON connection from IP ADDR:({{{peer}}}): \
                             the limit is {MAX_CONNECTIONS}"
                        ));
                        continue;
                    }
                    self.log.line(&format!(
                        "Info RemoteCommandProcessor.cpp:245: New RCON connection from IP ADDR:({{{peer}}})"
                    ));
                    self.n_accepted += 1;
                    if let Ok(connection) = Connection::new(self.n_accepted, stream) {
                        self.connections.push(connection);
                    }
                }
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock => return,
                    io::ErrorKind::Interrupted | io::ErrorKind::ConnectionAborted => {}
                    _ => {
                        self.log.line(&format!(
                            "Error RemoteCommandProcessor.cpp:250: Couldn't accept an RCON connection: {error}"
                        ));
                        self.is_accepting = self.connections.is_empty();
                        return;
                    }
                },
            }
        }
    }

    /// Says whether commands of a connection wait until its client takes replies.
    pub(super) fn is_congested(&self, connection: u64) -> bool {
        self.connections
            .iter()
            .any(|open| open.number == connection && open.is_congested())
    }

    /// Queues the reply of a command; that of a connection which is gone is forgotten.
    pub(super) fn reply(&mut self, command: &Command, body: &[u8]) {
        let Some(connection) = self.find(command.connection) else {
            return;
        };
        if body.len() <= MAX_REPLY_BYTES {
            connection.reply(command.id, body);
            return;
        }
        let refusal = format!(
            "Cannot execute command. Error: a reply is at most {MAX_REPLY_BYTES} bytes long, not {}\n",
            body.len()
        );
        connection.reply(command.id, refusal.as_bytes());
    }

    /// Sends half of a reply and hangs up.
    pub(super) fn reply_in_part(&mut self, command: &Command, body: &[u8]) {
        if let Some(connection) = self.find(command.connection) {
            connection.reply_in_part(command.id, body);
        }
    }

    /// Hangs up on a client, after the replies that were there before.
    pub(super) fn hang_up(&mut self, connection: u64) {
        if let Some(connection) = self.find(connection) {
            connection.flush();
            connection.give_up();
        }
    }

    /// Sends what the clients take, each connection's replies in one write.
    pub(super) fn flush(&mut self) {
        for connection in &mut self.connections {
            if connection.has_unsent() {
                connection.flush();
            }
        }
        self.sweep();
    }

    fn find(&mut self, number: u64) -> Option<&mut Connection> {
        self.connections
            .iter_mut()
            .find(|connection| connection.number == number)
    }

    fn sweep(&mut self) {
        let before = self.connections.len();
        self.connections.retain(|connection| !connection.is_done());
        self.is_accepting |= self.connections.len() < before;
    }
}
