//! The lock that keeps a second process out of a write-data folder.

use std::fs::{File, OpenOptions};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

use super::failure::Failure;

const NAME: &str = ".lock";

/// Holds the lock until it is dropped; the system lets it go with the process, however that ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a write-data folder.
    ///
    /// # Errors
    /// Another process holds it, or the file cannot be made.
    pub(super) fn acquire(write_data: &Path) -> Result<Self, Failure> {
        let path = write_data.join(NAME);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| {
                Failure::new(format!(
                    "Couldn't create lock file {}: {error}",
                    path.display()
                ))
            })?;
        flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|_| {
            Failure::new(format!(
                "Couldn't acquire exclusive lock for {}\nIs another instance already running?",
                path.display()
            ))
        })?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim_server::testing::Folder;

    #[test]
    fn second_holder_is_refused_until_the_first_is_gone() {
        let folder = Folder::new();
        let first = Lock::acquire(folder.path()).unwrap();
        let refused = Lock::acquire(folder.path()).unwrap_err().to_string();
        assert_eq!(
            refused,
            format!(
                "Couldn't acquire exclusive lock for {}/.lock\nIs another instance already running?",
                folder.path().display()
            )
        );
        drop(first);
        Lock::acquire(folder.path()).unwrap();
    }
}
