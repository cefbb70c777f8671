//! Saves: where they lie, and the frame around the game's bytes.
//!
//! Owns the file's format: a magic word, the format's version, the game's version, then the game's own bytes,
//! compressed. It has the game's ending `.zip`, since launchers look for it, but it is no zip, and a zip is refused.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use super::failure::Failure;

const MAGIC: &[u8; 8] = b"FFASTSAV";
const FORMAT: u8 = 1;
/// How a zip begins.
const ZIP_MAGIC: &[u8; 2] = b"PK";
/// A save is at most this long once decompressed; a longer one is refused.
const MAX_SAVE_BYTES: u64 = 4 << 30;

/// What a save holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Save {
    pub(super) game_version: String,
    pub(super) game: Vec<u8>,
}

/// Gives the path of the save that is called `name`: a path, or a bare name in the folder `saves`.
pub(super) fn path_of(name: &Path, saves: &Path) -> PathBuf {
    let is_bare = name.parent().is_none_or(|parent| parent == Path::new(""));
    let path = if is_bare && !name.exists() {
        saves.join(name)
    } else {
        name.to_owned()
    };
    if path.exists() || path.extension().is_some_and(|ending| ending == "zip") {
        return path;
    }
    let mut with_ending = path.into_os_string();
    with_ending.push(".zip");
    with_ending.into()
}

/// Finds the save that was written last.
///
/// # Errors
/// There is none.
pub(super) fn latest(saves: &Path) -> Result<PathBuf, Failure> {
    let entries = std::fs::read_dir(saves).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "zip"))
        .filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path)))
        .max()
        .map(|(_, path)| path)
        .ok_or_else(|| {
            Failure::new(format!(
                "there is no save, make one with --create: \"{}\"",
                saves.display()
            ))
        })
}

/// Reads a save.
///
/// # Errors
/// The file cannot be read, is none of ours, or is damaged.
pub(super) fn read(path: &Path) -> Result<Save, Failure> {
    let refused = |reason: &dyn std::fmt::Display| {
        Failure::new(format!("Couldn't load save {}: {reason}", path.display()))
    };
    let bytes = std::fs::read(path).map_err(|error| refused(&error))?;
    if bytes.starts_with(ZIP_MAGIC) {
        return Err(refused(
            &"it is a save of the game itself, which the simulation cannot read; make one with --create",
        ));
    }
    let damaged = || refused(&"it is truncated or no save of the simulated server");
    let rest = bytes.strip_prefix(MAGIC).ok_or_else(damaged)?;
    let (format, rest) = rest.split_first().ok_or_else(damaged)?;
    if *format != FORMAT {
        return Err(refused(&format!(
            "its format is {format}, and this server reads {FORMAT}; make a new one with --create"
        )));
    }
    let (length, rest) = rest.split_first().ok_or_else(damaged)?;
    let (version, rest) = rest
        .split_at_checked(usize::from(*length))
        .ok_or_else(damaged)?;
    let mut game = Vec::new();
    let mut unpacked = ZlibDecoder::new(rest).take(MAX_SAVE_BYTES);
    unpacked.read_to_end(&mut game).map_err(|_| damaged())?;
    Ok(Save {
        game_version: String::from_utf8(version.to_vec()).map_err(|_| damaged())?,
        game,
    })
}

/// Writes a save: a new file first, which then takes the place of the old one, so that there always is a whole one.
///
/// # Errors
/// The disk is full, or the folder cannot be written.
pub(super) fn write(path: &Path, save: &Save) -> Result<(), Failure> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    let temporary = path.with_file_name(name);
    let written = write_file(&temporary, save).and_then(|()| std::fs::rename(&temporary, path));
    written.map_err(|error| {
        // A part of a save is of no use; that it cannot be removed changes nothing about the error.
        let _ = std::fs::remove_file(&temporary);
        Failure::new(format!("Couldn't save {}: {error}", path.display()))
    })
}

fn write_file(path: &Path, save: &Save) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = File::create(path)?;
    let version = save.game_version.as_bytes();
    let length = u8::try_from(version.len()).expect("versions are short");
    file.write_all(MAGIC)?;
    file.write_all(&[FORMAT, length])?;
    file.write_all(version)?;
    let mut packed = ZlibEncoder::new(file, Compression::fast());
    packed.write_all(&save.game)?;
    packed.finish()?.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim_server::testing::Folder;

    fn save() -> Save {
        Save {
            game_version: "2.0.77".to_owned(),
            game: (0..10_000_u32).flat_map(u32::to_le_bytes).collect(),
        }
    }

    #[test]
    fn save_comes_back_as_it_was() {
        let folder = Folder::new();
        let path = folder.path().join("saves/one.zip");
        write(&path, &save()).unwrap();
        write(&path, &save()).unwrap();
        assert_eq!(read(&path), Ok(save()));
        let names: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(names.len(), 1, "no temporary file is left");
    }

    #[test]
    fn damaged_and_foreign_files_are_refused() {
        let folder = Folder::new();
        let path = folder.path().join("one.zip");
        write(&path, &save()).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        for length in [0, 7, 8, 9, 12, bytes.len() - 5] {
            folder.write("one.zip", &bytes[..length]);
            let refused = read(&path).unwrap_err().to_string();
            assert!(refused.ends_with("it is truncated or no save of the simulated server"));
        }
        folder.write("one.zip", b"PK\x03\x04 a real save");
        assert!(
            read(&path)
                .unwrap_err()
                .to_string()
                .contains("a save of the game itself")
        );
        let mut newer = bytes.clone();
        newer[8] = 2;
        folder.write("one.zip", &newer);
        assert!(
            read(&path)
                .unwrap_err()
                .to_string()
                .contains("its format is 2")
        );
    }

    #[test]
    fn folder_that_cannot_be_written_is_named_and_nothing_is_left() {
        let folder = Folder::new();
        let file = folder.write("file", "");
        let refused = write(&file.join("one.zip"), &save())
            .unwrap_err()
            .to_string();
        assert!(refused.starts_with(&format!("Couldn't save {}/one.zip: ", file.display())));
    }

    #[test]
    fn bare_names_are_those_of_the_folder() {
        let folder = Folder::new();
        let saves = folder.path();
        let found = |name: &str| path_of(Path::new(name), saves);
        assert_eq!(found("one"), saves.join("one.zip"));
        assert_eq!(found("one.zip"), saves.join("one.zip"));
        assert_eq!(found("/tmp/x/one"), Path::new("/tmp/x/one.zip"));
        folder.write("bare", "");
        assert_eq!(found("bare"), saves.join("bare"));
    }

    #[test]
    fn latest_save_is_the_one_written_last() {
        let folder = Folder::new();
        assert!(
            latest(folder.path())
                .unwrap_err()
                .to_string()
                .contains("--create")
        );
        let at = |name: &str, seconds| {
            let path = folder.write(name, "");
            let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
            File::options()
                .write(true)
                .open(&path)
                .unwrap()
                .set_modified(time)
                .unwrap();
            path
        };
        at("a.zip", 5);
        let newest = at("b.zip", 9);
        at("c.zip", 7);
        at("d.txt", 11);
        assert_eq!(latest(folder.path()), Ok(newest));
    }
}
