//! The files that set a server up: `config.ini`, the server's settings, the settings of a new map.
//!
//! Owns where the server's folders are. Of the settings only what has an effect here is kept; the files must be well
//! formed all the same.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::failure::Failure;

/// Where the server reads and writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Folders {
    /// Named by `config.ini`; nothing is read from it, since the prototype data is built in.
    pub(super) read_data: Option<PathBuf>,
    pub(super) write_data: PathBuf,
}

impl Folders {
    /// Reads `config.ini`; without one everything is written into `factorio-fast-server` of the current folder.
    ///
    /// # Errors
    /// The file cannot be read, or it does not name `write-data`.
    pub(super) fn read(config: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = config else {
            return Ok(Self {
                read_data: None,
                write_data: absolute(Path::new("factorio-fast-server"))?,
            });
        };
        let text = read_text(path)?;
        let write_data = path_of(&text, "write-data").ok_or_else(|| {
            Failure::new(format!(
                "a line \"write-data=PATH\" is missing under [path] in \"{}\"",
                path.display()
            ))
        })?;
        Ok(Self {
            read_data: path_of(&text, "read-data"),
            write_data: absolute(&write_data)?,
        })
    }

    /// Makes the folders that a server writes to.
    ///
    /// # Errors
    /// One of them cannot be made.
    pub(super) fn make(&self) -> Result<(), Failure> {
        for folder in [self.saves(), self.script_output(), self.mods()] {
            std::fs::create_dir_all(&folder).map_err(|error| {
                Failure::new(format!("Couldn't create {}: {error}", folder.display()))
            })?;
        }
        Ok(())
    }

    pub(super) fn saves(&self) -> PathBuf {
        self.write_data.join("saves")
    }

    pub(super) fn script_output(&self) -> PathBuf {
        self.write_data.join("script-output")
    }

    pub(super) fn mods(&self) -> PathBuf {
        self.write_data.join("mods")
    }
}

/// Gives the value of `key` in section `[path]`.
fn path_of(text: &str, key: &str) -> Option<PathBuf> {
    let mut is_in_section = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            is_in_section = line == "[path]";
        } else if is_in_section
            && let Some((name, value)) = line.split_once('=')
            && name.trim() == key
        {
            return Some(PathBuf::from(value.trim()));
        }
    }
    None
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path)
        .map_err(|error| Failure::new(format!("no such path: {error}: \"{}\"", path.display())))
}

fn read_text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::new(format!("Couldn't read {}: {error}", path.display())))
}

/// What of `server-settings.json` has an effect.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct ServerSettings {
    pub(super) name: String,
    /// Ticks stand still while there are no players; there never are any here. The game's own default is true.
    pub(super) auto_pause: Option<bool>,
    visibility: Visibility,
    require_user_verification: Option<bool>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Visibility {
    public: bool,
}

impl ServerSettings {
    /// Reads the settings; without a file they are the game's defaults.
    ///
    /// # Errors
    /// The file cannot be read, is no JSON of this form, or asks for what the game refuses.
    pub(super) fn read(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let settings: Self = parse_json(path)?;
        if settings.visibility.public && settings.require_user_verification == Some(false) {
            return Err(Failure::new(
                "require_user_verification must be enabled for public games.",
            ));
        }
        Ok(settings)
    }

    /// Says whether ticks stand still without players.
    pub(super) fn pauses_without_players(&self) -> bool {
        self.auto_pause.unwrap_or(true)
    }
}

/// What of the settings of a new map is looked at; the rest must be JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct MapGenSettings {
    pub(super) seed: Option<u32>,
    pub(super) width: Option<u32>,
    pub(super) height: Option<u32>,
}

impl MapGenSettings {
    /// Reads the settings of a new map.
    ///
    /// # Errors
    /// The file cannot be read or is no JSON of this form.
    pub(super) fn read(path: Option<&Path>) -> Result<Self, Failure> {
        path.map_or_else(|| Ok(Self::default()), parse_json)
    }
}

fn parse_json<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T, Failure> {
    serde_json::from_str(&read_text(path)?)
        .map_err(|error| Failure::new(format!("Error parsing {}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim_server::testing::Folder;

    #[test]
    fn folders_are_those_of_the_path_section() {
        let folder = Folder::new();
        let config = folder.write(
            "config.ini",
            "; version=12\n[other]\nwrite-data=/no\n[path]\nread-data = /opt/data\nwrite-data=/srv/one\n[general]\n",
        );
        let folders = Folders::read(Some(&config)).unwrap();
        assert_eq!(
            folders,
            Folders {
                read_data: Some("/opt/data".into()),
                write_data: "/srv/one".into()
            }
        );
        assert_eq!(folders.saves(), Path::new("/srv/one/saves"));
    }

    #[test]
    fn config_without_write_data_is_refused() {
        let folder = Folder::new();
        let config = folder.write("config.ini", "[path]\nread-data=x\n");
        let refused = Folders::read(Some(&config)).unwrap_err().to_string();
        assert!(refused.starts_with("a line \"write-data=PATH\" is missing"));
        let absent = Folders::read(Some(&folder.path().join("none"))).unwrap_err();
        assert!(absent.to_string().starts_with("Couldn't read "));
    }

    #[test]
    fn servers_pause_without_players_unless_told_otherwise() {
        let folder = Folder::new();
        let read = |text: &str| ServerSettings::read(Some(&folder.write("s.json", text)));
        assert!(ServerSettings::read(None).unwrap().pauses_without_players());
        assert!(read("{}").unwrap().pauses_without_players());
        let awake = read(r#"{"name": "n", "auto_pause": false, "tags": ["x"]}"#).unwrap();
        assert!(!awake.pauses_without_players());
        assert!(
            read("{")
                .unwrap_err()
                .to_string()
                .starts_with("Error parsing ")
        );
        let public = r#"{"visibility": {"public": true}, "require_user_verification": false}"#;
        assert_eq!(
            read(public).unwrap_err().to_string(),
            "require_user_verification must be enabled for public games."
        );
    }
}
