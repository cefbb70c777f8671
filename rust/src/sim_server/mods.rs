//! The mods of a server: which are enabled, and their files.
//!
//! Owns the mod folder's rules: `mod-list.json`, folders and zips that are called `NAME` or `NAME_VERSION`, the checks
//! of `info.json`. Scripts of one mod run; the official mods other than `base` are not simulated.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use zip::ZipArchive;

use super::failure::Failure;

/// A mod has at most so many bytes of files that are read; a larger one is refused.
const MAX_MOD_BYTES: u64 = 64 << 20;
/// Folders of a mod are read to this depth.
const MAX_DEPTH: usize = 16;
/// The file that is run first.
const CONTROL: &str = "control.lua";
/// What is part of the game.
const BASE: &str = "base";
const NOT_SIMULATED: &[&str] = &["space-age", "quality", "elevated-rails"];

/// A mod that is enabled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mod {
    pub(super) name: String,
    pub(super) version: String,
    dependencies: Vec<String>,
    /// Its scripts and its `info.json`, by their path in the mod.
    pub(super) files: BTreeMap<String, Vec<u8>>,
}

impl Mod {
    /// Says whether it has scripts that run with the game.
    pub(super) fn has_control(&self) -> bool {
        self.files.contains_key(CONTROL)
    }
}

#[derive(Deserialize)]
struct Info {
    name: String,
    version: String,
    #[expect(dead_code, reason = "the game refuses a mod without a title")]
    title: String,
    #[expect(dead_code, reason = "the game refuses a mod without an author")]
    author: String,
    #[serde(default = "oldest_line")]
    factorio_version: String,
    dependencies: Option<Vec<String>>,
}

fn oldest_line() -> String {
    "0.12".to_owned()
}

#[derive(Deserialize)]
struct ModList {
    mods: Vec<ListedMod>,
}

#[derive(Deserialize)]
struct ListedMod {
    name: String,
    enabled: bool,
}

/// Reads the mods that are enabled in `folder`, in the order of their names, for a game of `game_version`.
///
/// A mod that the list does not name is enabled. `note` takes what is worth a line in the log.
///
/// # Errors
/// A list or mod that is malformed, of another version of the game, or that needs what is not there.
pub(super) fn read(
    folder: &Path,
    game_version: &str,
    note: &mut dyn FnMut(String),
) -> Result<Vec<Mod>, Failure> {
    let disabled = disabled_mods(&folder.join("mod-list.json"), note)?;
    let mut found: BTreeMap<String, (Version, Mod, String)> = BTreeMap::new();
    for path in candidates(folder)? {
        let (info, files) = read_mod(&path)?;
        if disabled.contains(&info.name) {
            continue;
        }
        let version = Version::parse(&info.version).ok_or_else(|| {
            refused(
                &path,
                format!("its version is not N.N.N: \"{}\"", info.version),
            )
        })?;
        if found
            .get(&info.name)
            .is_some_and(|(other, ..)| *other >= version)
        {
            continue;
        }
        let dependencies = info.dependencies.unwrap_or_else(|| vec![BASE.to_owned()]);
        let found_mod = Mod {
            name: info.name.clone(),
            version: info.version,
            dependencies,
            files,
        };
        found.insert(info.name, (version, found_mod, info.factorio_version));
    }
    let mut mods = Vec::new();
    for (_, found_mod, line) in found.into_values() {
        let wanted = line_of(game_version);
        if line != wanted {
            return Err(Failure::new(format!(
                "Failed to load mod \"{}\" {}: it is for Factorio {line}, and this is {wanted}; its info.json has factorio_version \"{line}\"",
                found_mod.name, found_mod.version
            )));
        }
        mods.push(found_mod);
    }
    for checked in &mods {
        check_dependencies(checked, &mods, game_version)?;
    }
    check_scripts(&mods)?;
    Ok(mods)
}

fn check_scripts(mods: &[Mod]) -> Result<(), Failure> {
    let with_scripts: Vec<&str> = mods
        .iter()
        .filter(|checked| checked.has_control())
        .map(|checked| checked.name.as_str())
        .collect();
    if with_scripts.len() > 1 {
        return Err(Failure::new(format!(
            "the simulated server runs the control.lua of one mod; disable all but one of these in mod-list.json: {}",
            with_scripts.join(", ")
        )));
    }
    Ok(())
}

/// Gives the line of a version: its first two numbers.
fn line_of(game_version: &str) -> &str {
    game_version
        .rsplit_once('.')
        .map_or(game_version, |(line, _)| line)
}

fn disabled_mods(list: &Path, note: &mut dyn FnMut(String)) -> Result<BTreeSet<String>, Failure> {
    if !list.exists() {
        return Ok(BTreeSet::new());
    }
    let text = std::fs::read_to_string(list).map_err(|error| refused(list, error))?;
    let list: ModList = serde_json::from_str(&text)
        .map_err(|error| Failure::new(format!("Error parsing {}: {error}", list.display())))?;
    for listed in &list.mods {
        if listed.enabled && NOT_SIMULATED.contains(&listed.name.as_str()) {
            note(format!(
                "Mod {} is not simulated: it is left out",
                listed.name
            ));
        }
    }
    let disabled = list.mods.into_iter().filter(|listed| !listed.enabled);
    Ok(disabled.map(|listed| listed.name).collect())
}

/// Lists folders with an `info.json`, and zips, in the order of their names.
fn candidates(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(folder).map_err(|error| refused(folder, error))?;
    let mut paths: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.join("info.json").exists()
                || (path.is_file() && path.extension().is_some_and(|ending| ending == "zip"))
        })
        .collect();
    paths.sort();
    Ok(paths)
}

fn refused(path: &Path, reason: impl Display) -> Failure {
    Failure::new(format!("Failed to load mod {}: {reason}", path.display()))
}

type Files = BTreeMap<String, Vec<u8>>;

fn read_mod(path: &Path) -> Result<(Info, Files), Failure> {
    let mut files = BTreeMap::new();
    if path.is_dir() {
        let mut left = MAX_MOD_BYTES;
        read_folder(path, "", MAX_DEPTH, &mut left, &mut files)
            .map_err(|error| refused(path, error))?;
    } else {
        read_zip(path, &mut files)?;
    }
    let info = files
        .get("info.json")
        .ok_or_else(|| refused(path, "it has no info.json"))?;
    let info: Info = serde_json::from_slice(info)
        .map_err(|error| refused(path, format!("its info.json is malformed: {error}")))?;
    let stem = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = stem.strip_suffix(".zip").unwrap_or(&stem);
    if stem != info.name && *stem != format!("{}_{}", info.name, info.version) {
        return Err(refused(
            path,
            format!(
                "by its info.json it must be called \"{0}\" or \"{0}_{1}\"",
                info.name, info.version
            ),
        ));
    }
    Ok((info, files))
}

/// Says whether a file of a mod is read: its scripts and its description.
fn is_wanted(name: &str) -> bool {
    let is_script = Path::new(name)
        .extension()
        .is_some_and(|ending| ending == "lua");
    is_script || name == "info.json"
}

fn read_folder(
    folder: &Path,
    prefix: &str,
    depth: usize,
    left: &mut u64,
    files: &mut Files,
) -> Result<(), String> {
    let entries = std::fs::read_dir(folder).map_err(|error| error.to_string())?;
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{prefix}{name}");
        if path.is_dir() {
            if depth > 0 {
                read_folder(&path, &format!("{name}/"), depth - 1, left, files)?;
            }
        } else if is_wanted(&name) {
            let bytes = std::fs::read(&path).map_err(|error| error.to_string())?;
            take(&name, bytes, left, files)?;
        }
    }
    Ok(())
}

fn read_zip(path: &Path, files: &mut Files) -> Result<(), Failure> {
    let broken = |error: &dyn Display| refused(path, format!("it is no readable zip: {error}"));
    let file = File::open(path).map_err(|error| refused(path, error))?;
    let mut archive = ZipArchive::new(file).map_err(|error| broken(&error))?;
    let mut left = MAX_MOD_BYTES;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| broken(&error))?;
        // All lies in one folder, whose name does not matter.
        let path_in_zip = entry.name().map_err(|error| broken(&error))?;
        let Some((_, name)) = path_in_zip.split_once('/') else {
            continue;
        };
        let name = name.to_owned();
        if !is_wanted(&name) {
            continue;
        }
        let mut bytes = Vec::new();
        let mut limited = entry.by_ref().take(left + 1);
        limited
            .read_to_end(&mut bytes)
            .map_err(|error| broken(&error))?;
        take(&name, bytes, &mut left, files).map_err(|error| refused(path, error))?;
    }
    Ok(())
}

fn take(name: &str, bytes: Vec<u8>, left: &mut u64, files: &mut Files) -> Result<(), String> {
    *left = left
        .checked_sub(bytes.len() as u64)
        .ok_or_else(|| format!("its scripts are longer than {MAX_MOD_BYTES} bytes"))?;
    files.insert(name.to_owned(), bytes);
    Ok(())
}

/// Three numbers, or the two of a line with 0 behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Version([u32; 3]);

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let mut numbers = [0; 3];
        let mut parts = text.split('.');
        for number in &mut numbers {
            let Some(part) = parts.next() else { break };
            *number = part.parse().ok()?;
        }
        parts.next().is_none().then_some(Self(numbers))
    }
}

/// How a mod depends on another.
#[derive(Debug, PartialEq, Eq)]
struct Dependency<'a> {
    kind: Kind,
    name: &'a str,
    /// A comparison and the version behind it.
    version: Option<(&'a str, &'a str)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Required,
    Optional,
    Incompatible,
}

impl<'a> Dependency<'a> {
    /// Parses `[!|?|(?)|~] NAME [COMPARISON VERSION]`.
    fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let (kind, rest) = [
            ("(?)", Kind::Optional),
            ("?", Kind::Optional),
            ("!", Kind::Incompatible),
            ("~", Kind::Required),
        ]
        .into_iter()
        .find_map(|(mark, kind)| {
            text.strip_prefix(mark)
                .map(|rest| (kind, rest.trim_start()))
        })
        .unwrap_or((Kind::Required, text));
        let at = rest.find(['<', '>', '=']).unwrap_or(rest.len());
        let (name, condition) = rest.split_at(at);
        let name = name.trim();
        let digits = condition
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(condition.len());
        let (comparison, version) = condition.split_at(digits);
        let comparison = comparison.trim();
        let version = match (comparison, version.trim()) {
            ("", "") => None,
            ("<" | "<=" | "=" | ">=" | ">", version) => {
                Version::parse(version)?;
                Some((comparison, version))
            }
            _ => return None,
        };
        (!name.is_empty()).then_some(Self {
            kind,
            name,
            version,
        })
    }

    fn fits(&self, found: &str) -> bool {
        let Some((comparison, wanted)) = self.version else {
            return true;
        };
        let (found, wanted) = (Version::parse(found), Version::parse(wanted));
        match comparison {
            "<" => found < wanted,
            "<=" => found <= wanted,
            "=" => found == wanted,
            ">=" => found >= wanted,
            _ => found > wanted,
        }
    }
}

fn check_dependencies(checked: &Mod, mods: &[Mod], game_version: &str) -> Result<(), Failure> {
    for text in &checked.dependencies {
        let failure = |reason: String| {
            Failure::new(format!(
                "Failed to load mod \"{}\" {}: {reason}",
                checked.name, checked.version
            ))
        };
        let dependency = Dependency::parse(text)
            .ok_or_else(|| failure(format!("its dependency is malformed: \"{text}\"")))?;
        let found = match dependency.name {
            BASE => Some(game_version),
            name => mods
                .iter()
                .find(|other| other.name == name)
                .map(|other| other.version.as_str()),
        };
        match (dependency.kind, found) {
            (Kind::Required, None) => return Err(failure(format!("\"{text}\" is missing"))),
            (Kind::Incompatible, Some(found)) if dependency.fits(found) => {
                return Err(failure(format!(
                    "it does not go with {} {found}",
                    dependency.name
                )));
            }
            (Kind::Required | Kind::Optional, Some(found)) if !dependency.fits(found) => {
                return Err(failure(format!(
                    "it needs \"{text}\", and {} is {found}",
                    dependency.name
                )));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;
    use crate::sim_server::testing::Folder;

    fn info(name: &str, version: &str, more: &str) -> String {
        format!(
            r#"{{"name": "{name}", "version": "{version}", "title": "t", "author": "a", "factorio_version": "2.0"{more}}}"#
        )
    }

    fn read_all(folder: &Folder) -> Result<Vec<Mod>, String> {
        read(folder.path(), "2.0.77", &mut |_| {}).map_err(|failure| failure.to_string())
    }

    fn names(folder: &Folder) -> Vec<String> {
        let mods = read_all(folder).unwrap();
        mods.iter()
            .map(|found| format!("{} {}", found.name, found.version))
            .collect()
    }

    #[test]
    fn folders_and_zips_are_read_and_the_newest_version_counts() {
        let folder = Folder::new();
        folder.write("gym/info.json", info("gym", "0.1.0", ""));
        folder.write("gym/control.lua", "old");
        let mut zip = ZipWriter::new(File::create(folder.path().join("gym_0.2.0.zip")).unwrap());
        for (name, text) in [
            ("any/info.json", info("gym", "0.2.0", "")),
            ("any/control.lua", "new".to_owned()),
            ("any/lib/deep.lua", "deep".to_owned()),
            ("any/thumbnail.png", "no script".to_owned()),
        ] {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        folder.write("other_1.0.0/info.json", info("other", "1.0.0", ""));
        folder.write("no-mod/readme.txt", "");
        let mods = read_all(&folder).unwrap();
        let files = |pairs: &[(&str, &str)]| -> Files {
            let owned = pairs
                .iter()
                .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
            owned.collect()
        };
        assert_eq!(mods.len(), 2);
        assert_eq!(
            (mods[0].name.as_str(), mods[0].version.as_str()),
            ("gym", "0.2.0")
        );
        assert_eq!(
            mods[0].files,
            files(&[
                ("control.lua", "new"),
                ("info.json", &info("gym", "0.2.0", "")),
                ("lib/deep.lua", "deep"),
            ])
        );
        assert!(mods[0].has_control());
        assert!(!mods[1].has_control());
    }

    #[test]
    fn mods_are_enabled_unless_the_list_says_no() {
        let folder = Folder::new();
        folder.write("a/info.json", info("a", "1.0.0", ""));
        folder.write("b/info.json", info("b", "1.0.0", ""));
        assert_eq!(names(&folder), ["a 1.0.0", "b 1.0.0"]);
        let list = r#"{"mods": [{"name": "base", "enabled": true}, {"name": "a", "enabled": false},
                       {"name": "space-age", "enabled": true}, {"name": "gone", "enabled": true}]}"#;
        folder.write("mod-list.json", list);
        let mut notes = Vec::new();
        let mods = read(folder.path(), "2.0.77", &mut |note| notes.push(note)).unwrap();
        assert_eq!(mods.len(), 1);
        assert_eq!(notes, ["Mod space-age is not simulated: it is left out"]);
        folder.write("mod-list.json", "{}");
        assert!(read_all(&folder).unwrap_err().starts_with("Error parsing "));
    }

    #[test]
    fn mods_of_another_game_are_refused() {
        let folder = Folder::new();
        folder.write("a/info.json", info("a", "1.0.0", ""));
        let refused = read(folder.path(), "2.1.14", &mut |_| {})
            .unwrap_err()
            .to_string();
        assert_eq!(
            refused,
            "Failed to load mod \"a\" 1.0.0: it is for Factorio 2.0, and this is 2.1; its info.json has factorio_version \"2.0\""
        );
    }

    #[test]
    fn dependencies_are_checked() {
        for (dependency, refusal) in [
            ("base >= 2.0.61", None),
            (
                "base >= 2.0.78",
                Some("it needs \"base >= 2.0.78\", and base is 2.0.77"),
            ),
            ("base = 2.0.77", None),
            ("base < 2.1", None),
            ("? absent >= 1.0", None),
            ("(?) absent", None),
            ("! absent", None),
            ("! base", Some("it does not go with base 2.0.77")),
            ("~ base", None),
            ("absent", Some("\"absent\" is missing")),
            (
                "base >> 1",
                Some("its dependency is malformed: \"base >> 1\""),
            ),
        ] {
            let folder = Folder::new();
            let more = format!(r#", "dependencies": ["{dependency}"]"#);
            folder.write("a/info.json", info("a", "1.0.0", &more));
            let expected = refusal.map(|text| format!("Failed to load mod \"a\" 1.0.0: {text}"));
            assert_eq!(read_all(&folder).err(), expected, "{dependency}");
        }
    }

    #[test]
    fn malformed_mods_are_refused_by_name() {
        let refused = |name: &str, text: &str| {
            let folder = Folder::new();
            let path = folder.write(name, text);
            let text = read_all(&folder).unwrap_err();
            let path = if name.contains('/') {
                path.parent().unwrap().to_owned()
            } else {
                path
            };
            let prefix = format!("Failed to load mod {}: ", path.display());
            text.strip_prefix(&prefix).unwrap_or(&text).to_owned()
        };
        assert!(refused("a/info.json", "{").starts_with("its info.json is malformed: "));
        assert_eq!(
            refused("b/info.json", &info("a", "1.0.0", "")),
            "by its info.json it must be called \"a\" or \"a_1.0.0\""
        );
        assert_eq!(
            refused("a/info.json", &info("a", "1.x", "")),
            "its version is not N.N.N: \"1.x\""
        );
        assert!(refused("a.zip", "no zip").starts_with("it is no readable zip: "));
    }

    #[test]
    fn scripts_of_two_mods_are_refused() {
        let folder = Folder::new();
        for name in ["a", "b"] {
            folder.write(&format!("{name}/info.json"), info(name, "1.0.0", ""));
            folder.write(&format!("{name}/control.lua"), "");
        }
        assert!(read_all(&folder).unwrap_err().ends_with(": a, b"));
    }
}
