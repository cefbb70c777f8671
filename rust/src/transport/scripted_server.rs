//! A peer for tests: serves one connection after the other, each by a script.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::JoinHandle;

use crate::protocol::rcon::{self, Decoder, Packet};

pub(super) const PASSWORD: &str = "secret";

/// What a server does with one connection.
pub(super) type Script = Box<dyn FnOnce(&mut Peer) + Send>;

/// A server on a loopback port of its own.
pub(super) struct ScriptedServer {
    pub(super) address: SocketAddr,
    thread: JoinHandle<()>,
}

/// The server's side of one connection.
pub(super) struct Peer {
    pub(super) stream: TcpStream,
    decoder: Decoder,
}

impl ScriptedServer {
    pub(super) fn new(scripts: Vec<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let thread = std::thread::spawn(move || {
            for script in scripts {
                let (stream, _) = listener.accept().unwrap();
                stream.set_nodelay(true).unwrap();
                script(&mut Peer {
                    stream,
                    decoder: Decoder::default(),
                });
            }
        });
        Self { address, thread }
    }

    /// Waits until every script came to its end; a script's panic is the test's.
    pub(super) fn finish(self) {
        if let Err(panic) = self.thread.join() {
            std::panic::resume_unwind(panic);
        }
    }
}

impl Peer {
    /// Reads the next packet, or `None` where the client ended the connection.
    pub(super) fn next(&mut self) -> Option<Packet> {
        let mut buffer = vec![0; 65_536];
        loop {
            if let Some(packet) = self.decoder.next_packet().unwrap() {
                return Some(packet);
            }
            match self.stream.read(&mut buffer) {
                Ok(0) | Err(_) => return None,
                Ok(bytes) => self.decoder.feed(&buffer[..bytes]),
            }
        }
    }

    pub(super) fn send(&mut self, id: i32, kind: i32, body: &[u8]) {
        let mut bytes = Vec::new();
        rcon::encode(id, kind, body, &mut bytes);
        // The client may be gone, which is a test's business and not the script's.
        let _ = self.stream.write_all(&bytes);
    }

    pub(super) fn reply(&mut self, id: i32, body: &[u8]) {
        self.send(id, rcon::KIND_REPLY, body);
    }

    /// Answers a login as Factorio does: one packet of kind 2.
    pub(super) fn login(&mut self) {
        let packet = self.next().unwrap();
        assert_eq!(packet.kind, rcon::KIND_LOGIN);
        let is_right = packet.body == PASSWORD.as_bytes();
        let id = if is_right {
            packet.id
        } else {
            rcon::ID_REFUSED
        };
        self.send(id, rcon::KIND_LOGIN_REPLY, b"");
    }

    /// Answers every command with itself, until the client goes.
    pub(super) fn echo(&mut self) {
        while let Some(packet) = self.next() {
            self.reply(packet.id, &packet.body);
        }
    }
}
