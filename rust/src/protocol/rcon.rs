//! Packets of the remote console: Source RCON's framing, in Factorio's dialect.
//!
//! A packet is `size: i32, id: i32, kind: i32, body, 0, 0`, little endian, where `size` counts all that follows it.
//! Factorio answers a command with exactly one packet, however long, under the command's id; a body of no bytes is
//! never answered; a login is answered by one packet of kind 2, whose id is -1 where the password is wrong.
//!
//! Owns encoding, incremental decoding and the limits. Invariant: a [`Decoder`] holds no more than it was fed since
//! the last whole packet, and refuses a packet by its size field, before any of its body is there.

use thiserror::Error;

/// Asks for a login; the body is the password.
pub const KIND_LOGIN: i32 = 3;
/// Runs the body as a console command.
pub const KIND_COMMAND: i32 = 2;
/// Answers a login (the number is also that of a command, which travels the other way).
pub const KIND_LOGIN_REPLY: i32 = 2;
/// Answers a command.
pub const KIND_REPLY: i32 = 0;
/// The id with which a wrong password is answered.
pub const ID_REFUSED: i32 = -1;

/// Bytes of a packet beside its body and its size field: id, kind and two zeros.
pub const OVERHEAD_BYTES: usize = 10;
/// Bytes of the size field.
pub const SIZE_FIELD_BYTES: usize = 4;
/// A body that is sent is at most this long; a longer one is refused here. Factorio was measured with 1 MB.
pub const MAX_COMMAND_BYTES: usize = 16 << 20;
/// A body that is received is at most this long; a longer one ends the connection. Factorio was measured with 16 MB.
pub const MAX_REPLY_BYTES: usize = 64 << 20;

/// Why bytes are no packet, or why a body cannot be sent.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Error {
    #[error("a packet is between {OVERHEAD_BYTES} and {limit} bytes long, not {size}")]
    Size { size: i64, limit: usize },
    #[error("a packet of {size} bytes does not end with two zeros")]
    Ending { size: usize },
    #[error("a command is at most {MAX_COMMAND_BYTES} bytes long, not {bytes}")]
    CommandTooLong { bytes: usize },
    #[error("Factorio never answers an empty command; \" \" is answered with nothing")]
    EmptyCommand,
    #[error("a zero ends a command before its end, at byte {at}")]
    ZeroInCommand { at: usize },
}

/// One packet; the body's two closing zeros are not part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    pub id: i32,
    pub kind: i32,
    pub body: Vec<u8>,
}

/// Checks that `body` can be sent as a command and will be answered.
///
/// # Errors
/// An empty body, one with a zero in it, and one longer than [`MAX_COMMAND_BYTES`].
pub fn check_command(body: &[u8]) -> Result<(), Error> {
    if body.is_empty() {
        return Err(Error::EmptyCommand);
    }
    check_body(body)
}

/// Checks what holds for every body that is sent.
///
/// # Errors
/// A body with a zero in it, and one longer than [`MAX_COMMAND_BYTES`].
pub fn check_body(body: &[u8]) -> Result<(), Error> {
    if body.len() > MAX_COMMAND_BYTES {
        return Err(Error::CommandTooLong { bytes: body.len() });
    }
    match body.iter().position(|byte| *byte == 0) {
        Some(at) => Err(Error::ZeroInCommand { at }),
        None => Ok(()),
    }
}

/// Appends a packet to `out`; `body` is one that [`check_body`] accepts, or a reply within [`MAX_REPLY_BYTES`].
pub fn encode(id: i32, kind: i32, body: &[u8], out: &mut Vec<u8>) {
    let size = i32::try_from(body.len() + OVERHEAD_BYTES).expect("bodies are within their limits");
    out.reserve(SIZE_FIELD_BYTES + OVERHEAD_BYTES + body.len());
    out.extend_from_slice(&size.to_le_bytes());
    out.extend_from_slice(&id.to_le_bytes());
    out.extend_from_slice(&kind.to_le_bytes());
    out.extend_from_slice(body);
    out.extend_from_slice(&[0, 0]);
}

/// Makes packets of a stream of bytes that arrives in pieces.
///
/// After an error the stream has lost its framing: nothing more can be decoded from it.
#[derive(Debug)]
pub struct Decoder {
    /// Bytes that were fed; those before `taken` belong to packets that were handed out.
    fed: Vec<u8>,
    taken: usize,
    max_body_bytes: usize,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new(MAX_REPLY_BYTES)
    }
}

impl Decoder {
    /// Makes a decoder that refuses packets whose body is longer than `max_body_bytes`.
    pub fn new(max_body_bytes: usize) -> Self {
        Self {
            fed: Vec::new(),
            taken: 0,
            max_body_bytes,
        }
    }

    /// Refuses longer or shorter bodies from here on, as a server does once a client has logged in.
    pub fn set_max_body_bytes(&mut self, max_body_bytes: usize) {
        self.max_body_bytes = max_body_bytes;
    }

    /// Says whether the stream has ended in the middle of a packet, if it has ended.
    pub fn is_within_packet(&self) -> bool {
        self.taken < self.fed.len()
    }

    /// Takes more bytes of the stream.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.taken > 0 {
            // What was handed out goes only now: once for many small packets that came together.
            self.fed.drain(..self.taken);
            self.taken = 0;
        }
        self.fed.extend_from_slice(bytes);
    }

    /// Hands out the next whole packet, or `None` until more bytes were fed.
    ///
    /// # Errors
    /// A size outside the limits, known as soon as its four bytes are there, and a packet without its closing zeros.
    pub fn next_packet(&mut self) -> Result<Option<Packet>, Error> {
        let rest = &self.fed[self.taken..];
        let Some((size_field, rest)) = rest.split_first_chunk::<SIZE_FIELD_BYTES>() else {
            return Ok(None);
        };
        let size = i32::from_le_bytes(*size_field);
        let limit = self.max_body_bytes.saturating_add(OVERHEAD_BYTES);
        let length = usize::try_from(size)
            .ok()
            .filter(|length| (OVERHEAD_BYTES..=limit).contains(length))
            .ok_or(Error::Size {
                size: i64::from(size),
                limit,
            })?;
        let Some(packet) = rest.get(..length) else {
            return Ok(None);
        };
        let (id, packet) = packet.split_first_chunk().expect("ten bytes at least");
        let (kind, packet) = packet.split_first_chunk().expect("ten bytes at least");
        let body = packet
            .strip_suffix(&[0, 0])
            .ok_or(Error::Ending { size: length })?;
        let packet = Packet {
            id: i32::from_le_bytes(*id),
            kind: i32::from_le_bytes(*kind),
            body: body.to_vec(),
        };
        self.taken += SIZE_FIELD_BYTES + length;
        if self.taken == self.fed.len() {
            self.forget();
        }
        Ok(Some(packet))
    }

    /// Empties the buffer, and gives the memory of a long reply back.
    fn forget(&mut self) {
        self.fed.clear();
        self.taken = 0;
        self.fed.shrink_to(KEPT_BYTES);
    }
}

/// An empty decoder keeps at most this much memory.
const KEPT_BYTES: usize = 256 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(id: i32, kind: i32, body: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        encode(id, kind, body, &mut out);
        out
    }

    #[test]
    fn packet_is_laid_out_as_source_rcon_says() {
        assert_eq!(
            encoded(7, KIND_COMMAND, b"/h"),
            [12, 0, 0, 0, 7, 0, 0, 0, 2, 0, 0, 0, b'/', b'h', 0, 0]
        );
    }

    #[test]
    fn size_outside_the_limits_is_refused_before_the_body_is_there() {
        for size in [i32::MIN, -1, 0, 9, 31, i32::MAX] {
            let mut decoder = Decoder::new(20);
            decoder.feed(&size.to_le_bytes());
            let refused = decoder.next_packet();
            assert_eq!(
                refused,
                Err(Error::Size {
                    size: i64::from(size),
                    limit: 30
                })
            );
        }
    }

    #[test]
    fn packet_without_closing_zeros_is_refused() {
        let mut bytes = encoded(1, KIND_REPLY, b"abc");
        *bytes.last_mut().unwrap() = b'x';
        let mut decoder = Decoder::default();
        decoder.feed(&bytes);
        assert_eq!(decoder.next_packet(), Err(Error::Ending { size: 13 }));
    }

    #[test]
    fn reply_of_the_longest_length_is_one_packet() {
        let body = vec![b'x'; 1 << 20];
        let mut decoder = Decoder::new(1 << 20);
        for piece in encoded(3, KIND_REPLY, &body).chunks(65_536) {
            assert_eq!(decoder.next_packet(), Ok(None));
            decoder.feed(piece);
        }
        assert_eq!(decoder.next_packet().unwrap().unwrap().body, body);
        assert!(decoder.fed.capacity() <= KEPT_BYTES);
    }

    #[test]
    fn commands_that_would_never_be_answered_are_refused() {
        assert_eq!(check_command(b""), Err(Error::EmptyCommand));
        assert_eq!(check_command(b"a\0b"), Err(Error::ZeroInCommand { at: 1 }));
        let long = vec![b'a'; MAX_COMMAND_BYTES + 1];
        assert_eq!(
            check_command(&long),
            Err(Error::CommandTooLong { bytes: long.len() })
        );
        assert_eq!(check_command(b" "), Ok(()));
    }

    proptest! {
        #[test]
        fn packets_come_out_as_they_went_in_however_the_stream_is_cut(
            packets in prop::collection::vec(
                (any::<i32>(), any::<i32>(), prop::collection::vec(any::<u8>(), 0..40)), 0..20),
            cuts in prop::collection::vec(1_usize..50, 1..20),
        ) {
            let mut stream = Vec::new();
            for (id, kind, body) in &packets {
                encode(*id, *kind, body, &mut stream);
            }
            let mut decoder = Decoder::default();
            let mut found = Vec::new();
            let mut rest = &stream[..];
            for cut in cuts.iter().cycle() {
                let (piece, after) = rest.split_at((*cut).min(rest.len()));
                decoder.feed(piece);
                rest = after;
                while let Some(packet) = decoder.next_packet().unwrap() {
                    found.push((packet.id, packet.kind, packet.body));
                }
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(found, packets);
        }

        #[test]
        fn hostile_bytes_neither_panic_nor_take_more_memory_than_they_are(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..20),
            sizes in prop::collection::vec(-2_i32..300, 0..20),
        ) {
            let mut decoder = Decoder::new(200);
            let mut fed_bytes = 0;
            'stream: for (index, piece) in pieces.iter().enumerate() {
                if let Some(size) = sizes.get(index) {
                    decoder.feed(&size.to_le_bytes());
                    fed_bytes += 4;
                }
                decoder.feed(piece);
                fed_bytes += piece.len();
                loop {
                    match decoder.next_packet() {
                        Ok(Some(packet)) => prop_assert!(packet.body.len() <= 200),
                        Ok(None) => break,
                        Err(_) => break 'stream,
                    }
                }
            }
            prop_assert!(decoder.fed.capacity() <= (2 * fed_bytes).max(64));
        }
    }
}
