//! Fragments: the datagrams in which a frame travels; the layout is `contract::frame`'s.
//!
//! Owns the header's bytes and the cutting of a frame. Invariant: what [`parse`] lets through agrees with its own
//! header: every length, and the number of the fragment.

use thiserror::Error;

use crate::contract::VERSION;
use crate::contract::frame::{
    HEADER_BYTES, MAGIC, MAX_DATAGRAM_BYTES, MAX_FRAGMENT_PAYLOAD_BYTES, MAX_FRAGMENTS,
};

/// Why a datagram is no fragment, or a frame cannot be cut.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Error {
    #[error("a datagram is {HEADER_BYTES} to {MAX_DATAGRAM_BYTES} bytes long, not {bytes}")]
    Length { bytes: usize },
    #[error("a datagram begins with {MAGIC:#010x}, not {magic:#010x}")]
    Magic { magic: u32 },
    #[error("the contract's version is {VERSION} here and {version} there")]
    Version { version: u16 },
    #[error("no fragment {fragment} of {fragments}; a frame has 1 to {MAX_FRAGMENTS}")]
    Number { fragment: u8, fragments: u8 },
    #[error("a header announces {announced} bytes of payload before {bytes}")]
    Payload { announced: usize, bytes: usize },
    #[error("a frame has at most {MAX_FRAGMENTS} fragments, not {fragments}")]
    TooLong { fragments: usize },
}

/// Says which frame of which environment this is; ordered by environment, then episode, then step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FrameKey {
    pub environment: u16,
    pub episode: u32,
    pub step: u32,
}

/// What a datagram's header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub key: FrameKey,
    /// Tick of the game when the frame was made.
    pub tick: u64,
    /// Number of the fragment, below `fragments`.
    pub fragment: u8,
    pub fragments: u8,
}

/// Reads a datagram: its header and its payload.
///
/// # Errors
/// A datagram that is too short or too long, of something else, of another version, or not as long as it says.
pub fn parse(datagram: &[u8]) -> Result<(Header, &[u8]), Error> {
    let length = Error::Length {
        bytes: datagram.len(),
    };
    if datagram.len() > MAX_DATAGRAM_BYTES {
        return Err(length);
    }
    let Some((header, payload)) = datagram.split_first_chunk::<HEADER_BYTES>() else {
        return Err(length);
    };
    let mut rest = &header[..];
    let magic = u32::from_le_bytes(taken(&mut rest));
    if magic != MAGIC {
        return Err(Error::Magic { magic });
    }
    let version = u16::from_le_bytes(taken(&mut rest));
    if u32::from(version) != VERSION {
        return Err(Error::Version { version });
    }
    let key = FrameKey {
        environment: u16::from_le_bytes(taken(&mut rest)),
        episode: u32::from_le_bytes(taken(&mut rest)),
        step: u32::from_le_bytes(taken(&mut rest)),
    };
    let tick = u64::from_le_bytes(taken(&mut rest));
    let [fragment, fragments] = taken(&mut rest);
    if fragment >= fragments || usize::from(fragments) > MAX_FRAGMENTS {
        return Err(Error::Number {
            fragment,
            fragments,
        });
    }
    let announced = usize::from(u16::from_le_bytes(taken(&mut rest)));
    if announced != payload.len() {
        return Err(Error::Payload {
            announced,
            bytes: payload.len(),
        });
    }
    let header = Header {
        key,
        tick,
        fragment,
        fragments,
    };
    Ok((header, payload))
}

/// Cuts a frame into datagrams, all but the last as long as may be; an empty frame is one datagram.
///
/// # Errors
/// A payload that needs more than [`MAX_FRAGMENTS`].
pub fn cut(key: FrameKey, tick: u64, payload: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
    let fragments = payload.len().div_ceil(MAX_FRAGMENT_PAYLOAD_BYTES).max(1);
    if fragments > MAX_FRAGMENTS {
        return Err(Error::TooLong { fragments });
    }
    let mut datagrams = Vec::with_capacity(fragments);
    for fragment in 0..fragments {
        let begin = fragment * MAX_FRAGMENT_PAYLOAD_BYTES;
        let end = (begin + MAX_FRAGMENT_PAYLOAD_BYTES).min(payload.len());
        let header = Header {
            key,
            tick,
            fragment: fragment as u8,
            fragments: fragments as u8,
        };
        datagrams.push(datagram(&header, &payload[begin..end]));
    }
    Ok(datagrams)
}

/// Writes one datagram.
fn datagram(header: &Header, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER_BYTES + payload.len());
    out.extend(MAGIC.to_le_bytes());
    out.extend((VERSION as u16).to_le_bytes());
    out.extend(header.key.environment.to_le_bytes());
    out.extend(header.key.episode.to_le_bytes());
    out.extend(header.key.step.to_le_bytes());
    out.extend(header.tick.to_le_bytes());
    out.extend([header.fragment, header.fragments]);
    out.extend((payload.len() as u16).to_le_bytes());
    out.extend_from_slice(payload);
    out
}

/// Takes the first bytes of a header, which is long enough by its type.
fn taken<const N: usize>(rest: &mut &[u8]) -> [u8; N] {
    let (first, after) = rest
        .split_first_chunk()
        .expect("the fields are as long as the header");
    *rest = after;
    *first
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: FrameKey = FrameKey {
        environment: 3,
        episode: 5,
        step: 7,
    };

    #[test]
    fn header_is_laid_out_as_the_contract_says() {
        let datagrams = cut(KEY, 9, b"ab").unwrap();
        let mut expected = b"FFG1".to_vec();
        expected.extend((VERSION as u16).to_le_bytes());
        expected.extend([
            3, 0, 5, 0, 0, 0, 7, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0,
        ]);
        expected.extend(b"ab");
        assert_eq!(datagrams, [expected]);
    }

    #[test]
    fn frame_beyond_the_limit_is_not_cut() {
        let longest = vec![0; MAX_FRAGMENTS * MAX_FRAGMENT_PAYLOAD_BYTES];
        let datagrams = cut(KEY, 0, &longest).unwrap();
        assert_eq!(datagrams.len(), MAX_FRAGMENTS);
        assert!(
            datagrams
                .iter()
                .all(|datagram| datagram.len() == MAX_DATAGRAM_BYTES)
        );
        let longer = [longest, vec![0]].concat();
        assert_eq!(cut(KEY, 0, &longer), Err(Error::TooLong { fragments: 256 }));
    }

    #[test]
    fn datagrams_that_contradict_themselves_are_refused() {
        let good = &cut(KEY, 9, b"abc").unwrap()[0];
        let changed = |at: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[at] = byte;
            bytes
        };
        assert!(matches!(parse(&changed(0, b'X')), Err(Error::Magic { .. })));
        assert!(matches!(
            parse(&changed(4, 99)),
            Err(Error::Version { version: 99 })
        ));
        assert_eq!(
            parse(&changed(24, 1)),
            Err(Error::Number {
                fragment: 1,
                fragments: 1
            })
        );
        assert_eq!(
            parse(&changed(25, 0)),
            Err(Error::Number {
                fragment: 0,
                fragments: 0
            })
        );
        assert_eq!(
            parse(&changed(26, 4)),
            Err(Error::Payload {
                announced: 4,
                bytes: 3
            })
        );
        assert_eq!(parse(&good[..27]), Err(Error::Length { bytes: 27 }));
        let long = [&good[..], &[0; MAX_DATAGRAM_BYTES]].concat();
        assert_eq!(parse(&long), Err(Error::Length { bytes: long.len() }));
    }

    proptest! {
        #[test]
        fn hostile_datagrams_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..60), at in 0_usize..28, byte: u8) {
            let _ = parse(&bytes);
            let mut good = cut(KEY, 9, &bytes).unwrap().remove(0);
            good[at] = byte;
            if let Ok((header, payload)) = parse(&good) {
                prop_assert!(header.fragment < header.fragments);
                prop_assert_eq!(payload, &bytes[..]);
            }
        }
    }
}
