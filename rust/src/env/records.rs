//! The records of a batch: one stretch of memory that never moves, in huge pages where the system has them.
//!
//! A step touches every record whole; with pages of 4 KiB the look-ups of their addresses cost as much as the work
//! (`docs/decisions.md`).

use memmap2::MmapMut;

use crate::contract::observation::RECORD_SIZE;
use crate::error::{Error, ErrorKind, Result};
use crate::observation::Record;

/// Huge pages have this size on x86-64 and, as a rule, on ARM64; the records begin on such a border.
const HUGE_PAGE_BYTES: usize = 2 << 20;

/// Records side by side, zero at first.
pub struct Records {
    memory: MmapMut,
    /// First byte of the first record.
    start: usize,
    count: usize,
}

impl Records {
    /// Allocates `n_records` records.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidValue`] where the system does not give that much memory.
    pub fn new(n_records: usize) -> Result<Self> {
        let n_bytes = n_records * RECORD_SIZE;
        let memory = MmapMut::map_anon(n_bytes + HUGE_PAGE_BYTES).map_err(|error| {
            Error::new(
                ErrorKind::InvalidValue,
                format!("cannot allocate {n_bytes} bytes for {n_records} observations: {error}"),
            )
        })?;
        // Advice that the system does not take leaves the memory as it is.
        #[cfg(target_os = "linux")]
        let _ = memory.advise(memmap2::Advice::HugePage);
        let start = memory
            .as_ptr()
            .align_offset(HUGE_PAGE_BYTES)
            .min(HUGE_PAGE_BYTES);
        Ok(Self {
            memory,
            start,
            count: n_records,
        })
    }

    /// Reads the records.
    pub fn as_slice(&self) -> &[Record] {
        let end = self.start + self.count * RECORD_SIZE;
        self.memory[self.start..end].as_chunks().0
    }

    /// Borrows the records for change.
    pub fn as_mut_slice(&mut self) -> &mut [Record] {
        let end = self.start + self.count * RECORD_SIZE;
        self.memory[self.start..end].as_chunks_mut().0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_zero_and_lie_side_by_side() {
        let mut records = Records::new(3).unwrap();
        assert!(
            records
                .as_slice()
                .iter()
                .all(|record| record == &[0; RECORD_SIZE])
        );
        assert_eq!(records.as_slice().len(), 3);
        records.as_mut_slice()[2][RECORD_SIZE - 1] = 7;
        assert_eq!(records.as_slice().as_flattened()[3 * RECORD_SIZE - 1], 7);
        assert_eq!(Records::new(0).unwrap().as_slice().len(), 0);
    }
}
