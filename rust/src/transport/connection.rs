//! One login over one socket: connects, presents the password, reads what comes.
//!
//! Owns nothing that outlives the connection. What is in flight on it is `client`'s business.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream, ToSocketAddrs as _};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::client::{Patience, Settings};
use super::clock;
use super::error::Error;
use crate::protocol::rcon::{self, Decoder, Packet};

/// A reader takes at most this many bytes at once.
const READ_BYTES: usize = 64 << 10;
/// A write that makes no progress for so long looks whether there is something to read: a peer that is stuck in
/// writing to us does not read.
const WRITE_SLICE: Duration = Duration::from_millis(5);
/// Packets before the answer to a login that are passed over: Valve's servers send one empty reply first.
const MAX_PACKETS_BEFORE_LOGIN_REPLY: usize = 4;
/// The id of the login; not 0, since a client with that id gets the lines of the console among its replies.
pub(super) const LOGIN_ID: i32 = 1;

/// A connection that is logged in.
pub(super) struct Link {
    pub(super) stream: TcpStream,
    /// The buffer of who writes: one packet is never cut by another.
    pub(super) outgoing: Mutex<Vec<u8>>,
}

/// What reads from a connection; whoever has it reads, the others wait.
pub(super) struct Reader {
    decoder: Decoder,
    buffer: Box<[u8]>,
}

/// What one look at the socket brought.
pub(super) struct Arrival {
    pub(super) packets: Vec<Packet>,
    pub(super) bytes: usize,
    /// Why nothing more will come.
    pub(super) failure: Option<Error>,
}

impl Link {
    /// Ends the connection; who reads from it wakes up.
    pub(super) fn shut_down(&self) {
        // It may be gone already, which is what is wanted.
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

impl Reader {
    fn new() -> Self {
        Self {
            decoder: Decoder::default(),
            buffer: vec![0; READ_BYTES].into_boxed_slice(),
        }
    }

    /// Reads what is there, or waits for something at most `limit`.
    pub(super) fn read(&mut self, link: &Link, limit: Duration, address: &str) -> Arrival {
        let mut arrival = Arrival {
            packets: Vec::new(),
            bytes: 0,
            failure: None,
        };
        // A limit of zero would mean none at all.
        let limit = limit.max(Duration::from_micros(100));
        let outcome = link
            .stream
            .set_read_timeout(Some(limit))
            .and_then(|()| (&link.stream).read(&mut self.buffer));
        match outcome {
            Ok(0) => {
                arrival.failure = Some(Error::Lost {
                    address: address.to_owned(),
                    reason: "the server closed it".to_owned(),
                });
            }
            Ok(bytes) => {
                arrival.bytes = bytes;
                self.decoder.feed(&self.buffer[..bytes]);
                arrival.failure = self.decode(&mut arrival.packets, address);
            }
            Err(error) => arrival.failure = Error::of_socket(&error, address),
        }
        arrival
    }

    fn decode(&mut self, packets: &mut Vec<Packet>, address: &str) -> Option<Error> {
        loop {
            match self.decoder.next_packet() {
                Ok(Some(packet)) => packets.push(packet),
                Ok(None) => return None,
                Err(error) => return Some(Error::protocol(address, &error)),
            }
        }
    }
}

/// Connects and logs in.
pub(super) fn connect(
    settings: &Settings,
    patience: &Patience<'_>,
) -> Result<(Link, Reader), Error> {
    let deadline = clock::now() + settings.connect_timeout;
    rcon::check_body(settings.password.as_bytes()).map_err(Error::Command)?;
    let stream = open(settings, deadline)?;
    let lost = |error: std::io::Error| Error::Lost {
        address: settings.address.clone(),
        reason: error.to_string(),
    };
    // A command is one small packet, and its sender waits for the reply.
    stream.set_nodelay(true).map_err(lost)?;
    stream.set_write_timeout(Some(WRITE_SLICE)).map_err(lost)?;
    let mut login = Vec::new();
    rcon::encode(
        LOGIN_ID,
        rcon::KIND_LOGIN,
        settings.password.as_bytes(),
        &mut login,
    );
    (&stream).write_all(&login).map_err(lost)?;
    let link = Link {
        stream,
        outgoing: Mutex::new(login),
    };
    let mut reader = Reader::new();
    await_login(&link, &mut reader, settings, patience, deadline)?;
    Ok((link, reader))
}

/// Opens a socket to the first address of the host that takes it.
fn open(settings: &Settings, deadline: Instant) -> Result<TcpStream, Error> {
    let address = &settings.address;
    let unreachable = |reason: String| Error::Unreachable {
        address: address.clone(),
        reason,
    };
    let candidates = address
        .to_socket_addrs()
        .map_err(|error| unreachable(error.to_string()))?;
    let mut failure = unreachable("the name has no address".to_owned());
    for candidate in candidates {
        let left = deadline.saturating_duration_since(clock::now());
        if left.is_zero() {
            return Err(settings.login_timed_out("connect"));
        }
        match TcpStream::connect_timeout(&candidate, left) {
            Ok(stream) => return Ok(stream),
            Err(error) => {
                failure = match error.kind() {
                    std::io::ErrorKind::ConnectionRefused => Error::Refused {
                        address: address.clone(),
                    },
                    std::io::ErrorKind::TimedOut => settings.login_timed_out("connect"),
                    _ => unreachable(error.to_string()),
                }
            }
        }
    }
    Err(failure)
}

/// Waits for the one packet that says whether the password was right.
fn await_login(
    link: &Link,
    reader: &mut Reader,
    settings: &Settings,
    patience: &Patience<'_>,
    deadline: Instant,
) -> Result<(), Error> {
    let address = &settings.address;
    let mut passed_over = 0;
    loop {
        let left = deadline.saturating_duration_since(clock::now());
        if left.is_zero() {
            return Err(settings.login_timed_out("log in"));
        }
        let arrival = reader.read(
            link,
            left.min(super::client::CANCEL_CHECK_INTERVAL),
            address,
        );
        for packet in &arrival.packets {
            match (packet.kind, packet.id) {
                (rcon::KIND_LOGIN_REPLY, LOGIN_ID) => return Ok(()),
                (rcon::KIND_LOGIN_REPLY, rcon::ID_REFUSED) => {
                    return Err(Error::WrongPassword {
                        address: address.clone(),
                    });
                }
                (rcon::KIND_REPLY, _) if passed_over < MAX_PACKETS_BEFORE_LOGIN_REPLY => {
                    passed_over += 1;
                }
                (kind, id) => {
                    let reason = format!("a login was answered with kind {kind} and id {id}");
                    return Err(Error::protocol(address, &reason));
                }
            }
        }
        if let Some(failure) = arrival.failure {
            return Err(failure);
        }
        if arrival.packets.is_empty() && patience.is_over() {
            return Err(Error::Cancelled);
        }
    }
}
