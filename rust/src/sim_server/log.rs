//! The server's log: lines in the game's form, on standard output and in `factorio-current.log`.
//!
//! A line is the seconds since the start, right-aligned, and a text; lines of the console have the date instead and go
//! to the console log too. A log that cannot be written is not an error: the game goes on.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::clock::{self, Clock, SystemClock};

const CURRENT: &str = "factorio-current.log";
const PREVIOUS: &str = "factorio-previous.log";

/// Writes the log; clones write the same one.
#[derive(Clone)]
pub(super) struct Log {
    inner: Arc<Inner>,
}

struct Inner {
    clock: SystemClock,
    writes_stdout: bool,
    files: Mutex<Files>,
}

#[derive(Default)]
struct Files {
    log: Option<File>,
    console: Option<File>,
}

impl Log {
    /// Makes a log that writes to standard output alone; its time begins now.
    pub(super) fn new() -> Self {
        Self::with_stdout(true)
    }

    /// Makes a log that nobody reads, until it is given a file.
    #[cfg(test)]
    pub(super) fn silent() -> Self {
        Self::with_stdout(false)
    }

    fn with_stdout(writes_stdout: bool) -> Self {
        Self {
            inner: Arc::new(Inner {
                clock: SystemClock::new(),
                writes_stdout,
                files: Mutex::default(),
            }),
        }
    }

    /// Begins `factorio-current.log` in `write_data`; the one that is there becomes `factorio-previous.log`, unless
    /// `rotates` is false: then lines are appended.
    ///
    /// # Errors
    /// The file cannot be made.
    pub(super) fn open_file(&self, write_data: &Path, rotates: bool) -> io::Result<()> {
        let path = write_data.join(CURRENT);
        if rotates && path.exists() {
            std::fs::rename(&path, write_data.join(PREVIOUS))?;
        }
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        self.files().log = Some(file);
        Ok(())
    }

    /// Begins or goes on with the console log, a copy of the console's lines.
    ///
    /// # Errors
    /// The file cannot be made.
    pub(super) fn open_console(&self, path: &Path) -> io::Result<()> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        self.files().console = Some(file);
        Ok(())
    }

    /// Writes one line with the time since the start.
    pub(super) fn line(&self, text: &str) {
        let line = format!("{:8.3} {text}\n", self.inner.clock.now().as_secs_f64());
        self.write(&line, false);
    }

    /// Writes one line of the console, such as `[CHAT] <server>: hello`, with the date.
    pub(super) fn console(&self, text: &str) {
        self.write(&format!("{} {text}\n", clock::date()), true);
    }

    /// Writes a text as it is, as answers to the console are.
    pub(super) fn plain(&self, text: &str) {
        self.write(&format!("{}\n", text.trim_end_matches('\n')), false);
    }

    fn write(&self, line: &str, is_console: bool) {
        // Whoever started the server may have closed its output; a line that nobody reads is not worth dying for.
        if self.inner.writes_stdout {
            let mut stdout = io::stdout().lock();
            let _ = stdout.write_all(line.as_bytes());
            let _ = stdout.flush();
        }
        let mut files = self.files();
        if let Some(file) = &mut files.log {
            let _ = file.write_all(line.as_bytes());
        }
        if let Some(file) = files.console.as_mut().filter(|_| is_console) {
            let _ = file.write_all(line.as_bytes());
        }
    }

    fn files(&self) -> std::sync::MutexGuard<'_, Files> {
        self.inner
            .files
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim_server::testing::Folder;

    #[test]
    fn log_of_the_last_run_is_kept_as_the_previous_one() {
        let folder = Folder::new();
        for run in ["first", "second", "third"] {
            let log = Log::silent();
            log.open_file(folder.path(), true).unwrap();
            log.line(run);
        }
        let read = |name| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(&read(CURRENT)[8..], " third\n");
        assert_eq!(&read(PREVIOUS)[8..], " second\n");
        let log = Log::silent();
        log.open_file(folder.path(), false).unwrap();
        log.line("fourth");
        assert_eq!(read(CURRENT).lines().count(), 2);
    }

    #[test]
    fn console_lines_have_a_date_and_go_to_both_files() {
        let folder = Folder::new();
        let log = Log::silent();
        log.open_file(folder.path(), true).unwrap();
        log.open_console(&folder.path().join("console.log"))
            .unwrap();
        log.line("no console line");
        log.console("[CHAT] <server>: hello");
        let console = std::fs::read_to_string(folder.path().join("console.log")).unwrap();
        assert_eq!(&console[19..], " [CHAT] <server>: hello\n");
        let all = std::fs::read_to_string(folder.path().join(CURRENT)).unwrap();
        assert!(all.ends_with(&console));
    }
}
