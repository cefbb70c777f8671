//! Snapshots and digests: the whole state as bytes, checked on the way back in.
//!
//! Layout: magic, format version, contract hash, payload length, payload (postcard), XXH3 of all before it.
//! Equal worlds give equal bytes: every container of the state has a fixed order.

use serde::{Serialize, de::DeserializeOwned};
use xxhash_rust::xxh3::xxh3_64;

use super::world::World;
use crate::contract;
use crate::error::{Error, ErrorKind, Result};

const MAGIC: [u8; 4] = *b"FFSN";
/// Version of the snapshot format; it rises when the state's layout changes.
pub const FORMAT_VERSION: u32 = 4;
const HEADER_BYTES: usize = 4 + 4 + 8 + 8;
const CHECKSUM_BYTES: usize = 8;

/// Writes `state` as snapshot bytes.
pub fn to_bytes<T: Serialize>(state: &T) -> Vec<u8> {
    let payload = postcard::to_allocvec(state).expect("state is serialisable without limits");
    let mut bytes = Vec::with_capacity(HEADER_BYTES + payload.len() + CHECKSUM_BYTES);
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
    bytes.extend_from_slice(&contract::hash().to_le_bytes());
    bytes.extend_from_slice(&(payload.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&payload);
    let checksum = xxh3_64(&bytes);
    bytes.extend_from_slice(&checksum.to_le_bytes());
    bytes
}

/// Reads a state back from snapshot bytes.
///
/// # Errors
/// [`ErrorKind::InvalidSnapshot`] where the bytes are truncated, damaged, or of another version.
pub fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let invalid = |message: String| Error::new(ErrorKind::InvalidSnapshot, message);
    if bytes.len() < HEADER_BYTES + CHECKSUM_BYTES {
        return Err(invalid(format!(
            "snapshot is truncated: {} bytes, the header alone needs {}",
            bytes.len(),
            HEADER_BYTES + CHECKSUM_BYTES
        )));
    }
    let word = |start: usize| {
        u64::from_le_bytes(
            bytes[start..start + 8]
                .try_into()
                .expect("eight bytes were sliced"),
        )
    };
    if bytes[..4] != MAGIC {
        return Err(invalid(
            "these bytes are not a snapshot: the magic is missing".to_owned(),
        ));
    }
    let version = u32::from_le_bytes(bytes[4..8].try_into().expect("four bytes were sliced"));
    if version != FORMAT_VERSION {
        return Err(invalid(format!(
            "snapshot has format {version}, this build reads format {FORMAT_VERSION}"
        )));
    }
    if word(8) != contract::hash() {
        return Err(invalid(format!(
            "snapshot was made under contract {:016x}, this build has {:016x}",
            word(8),
            contract::hash()
        )));
    }
    let payload_bytes = bytes.len() - HEADER_BYTES - CHECKSUM_BYTES;
    if word(16) != payload_bytes as u64 {
        return Err(invalid(format!(
            "snapshot is truncated: {payload_bytes} bytes of payload, the header says {}",
            word(16)
        )));
    }
    let end = HEADER_BYTES + payload_bytes;
    if xxh3_64(&bytes[..end]) != word(end) {
        return Err(invalid(
            "snapshot is damaged: its checksum does not match".to_owned(),
        ));
    }
    postcard::from_bytes(&bytes[HEADER_BYTES..end])
        .map_err(|error| invalid(format!("snapshot cannot be read: {error}")))
}

impl World {
    /// Writes the world as snapshot bytes.
    pub fn snapshot(&self) -> Vec<u8> {
        to_bytes(self)
    }

    /// Reads a world back from snapshot bytes.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSnapshot`] where the bytes are not a snapshot of this version.
    pub fn restore(bytes: &[u8]) -> Result<Self> {
        let mut world: Self = from_bytes(bytes)?;
        world.rebuild_caches();
        Ok(world)
    }

    /// Hashes the state; equal states have equal digests on every machine.
    pub fn digest(&self) -> u64 {
        xxh3_64(&postcard::to_allocvec(self).expect("state is serialisable without limits"))
    }
}
