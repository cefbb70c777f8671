//! What `[map_generation]` says: size, ground, resources, decorations, starting items and base.

use super::default_map::MIN_SIDE_TILES;
use super::file::{Table, Value};
use super::kits::{KITS, Kit};
use crate::contract::action::{ITEM, NVEC};
use crate::contract::codes;
use crate::error::Result;
use crate::prototypes::{ItemId, vanilla};
use crate::sim::drill::resource_facts;
use crate::sim::terrain::MAX_MAP_SIDE;

/// The named map sizes, in tiles along a side.
const SIZES: [(&str, i32); 4] = [
    ("tiny", 64),
    ("small", 128),
    ("medium", 256),
    ("large", 512),
];
/// The shortest side of a map: spawn, goal and a margin must fit.
const MIN_MAP_SIDE: u32 = 32;
/// The most trees or rocks that a scenario asks for.
const MAX_DECORATIONS: u32 = 20_000;
/// The most patches of one resource.
const MAX_PATCHES: u32 = 16;
/// Sides from which each resource gets a second, farther patch unless the file says otherwise.
const SECOND_PATCH_FROM_SIDE: i32 = 256;

/// The shape of the ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    Flat,
    Lakes,
}

/// How much a patch holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Richness {
    Poor,
    Normal,
    Rich,
}

/// What stands on the map from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartingBase {
    None,
    MinimalAutomation,
}

/// The patches of one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PatchSettings {
    /// The contract's resource code.
    pub code: u8,
    pub item: ItemId,
    pub richness: Richness,
    pub n_patches: u32,
    /// Tiles from the spawn point to the centre of the first patch, at least and at most; others lie anywhere beyond.
    pub distance_tiles: Option<(u32, u32)>,
}

/// A map like that of a new game, instead of one drawn by the other settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewGame {
    pub has_enemies: bool,
    pub has_woods: bool,
}

/// What `[map_generation]` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapSettings {
    pub width: i32,
    pub height: i32,
    pub ground: Ground,
    pub patches: Vec<PatchSettings>,
    pub starting_items: Vec<(ItemId, u32)>,
    pub starting_base: StartingBase,
    pub n_trees: u32,
    pub n_rocks: u32,
    /// The spawn point is drawn this far from the map's centre at most, in tiles on each axis.
    pub spawn_radius: u32,
    /// Where it is given, only size and starting items count beside it.
    pub new_game: Option<NewGame>,
    pub(super) default_palette: Vec<ItemId>,
}

const KEYS: [&str; 13] = [
    "size",
    "width",
    "height",
    "terrain",
    "resources",
    "enemies",
    "starting_items",
    "complexity",
    "starting_base",
    "trees",
    "rocks",
    "spawn_radius",
    "cliffs",
];

impl MapSettings {
    /// Reads the table; `default_kit` is what the scenario's type starts with.
    pub(super) fn read(table: &Table<'_>, default_kit: &'static str) -> Result<Self> {
        table.refuse_unknown_keys(&KEYS)?;
        let (width, height) = read_size(table)?;
        let complexity = match table.get("complexity") {
            Some(value) => value.one_of(&["simple", "full_game", "new_game"])?,
            None => 0,
        };
        let is_full_game = complexity == 1;
        let new_game = (complexity == 2)
            .then(|| read_new_game(table, width.min(height)))
            .transpose()?;
        refuse_absent_mechanics(table, new_game.is_some())?;
        let ground = match table.get("terrain") {
            Some(value) => [Ground::Flat, Ground::Lakes][value.one_of(&["flat", "lakes"])?],
            None if is_full_game => Ground::Lakes,
            None => Ground::Flat,
        };
        let patches = match table.get("resources") {
            Some(value) => read_resources(&value, width.min(height))?,
            None if is_full_game => every_resource(width.min(height)),
            None => Vec::new(),
        };
        let starting_base = match table.get("starting_base") {
            Some(value) => read_starting_base(&value, &patches)?,
            None => StartingBase::None,
        };
        let (starting_items, default_palette) =
            read_starting_items(table.get("starting_items"), default_kit)?;
        let decorations = if is_full_game {
            Density::Few
        } else {
            Density::None
        };
        let spawn_limit = width.min(height) as u32 / 4;
        Ok(Self {
            width,
            height,
            ground,
            patches,
            starting_items,
            starting_base,
            n_trees: read_count(table.get("trees"), width * height, TREES, decorations)?,
            n_rocks: read_count(table.get("rocks"), width * height, ROCKS, decorations)?,
            spawn_radius: match table.get("spawn_radius") {
                Some(value) => value.whole(0, spawn_limit)?,
                None => 4,
            },
            new_game,
            default_palette,
        })
    }
}

/// Reads what a new game's map may say beside its size.
fn read_new_game(table: &Table<'_>, side: i32) -> Result<NewGame> {
    if side < MIN_SIDE_TILES {
        return Err(table.error(format_args!(
            "complexity \"new_game\" needs a map of at least {MIN_SIDE_TILES} tiles a side, not {side}: take size \"large\""
        )));
    }
    for key in [
        "terrain",
        "resources",
        "starting_base",
        "rocks",
        "spawn_radius",
    ] {
        if let Some(value) = table.get(key) {
            return Err(value.error("is decided by complexity \"new_game\": leave it out"));
        }
    }
    let has = |key: &str, default: usize| match table.get(key) {
        Some(value) => value.one_of(&["none", "normal"]),
        None => Ok(default),
    };
    Ok(NewGame {
        has_enemies: has("enemies", 0)? == 1,
        has_woods: has("trees", 1)? == 1,
    })
}

fn refuse_absent_mechanics(table: &Table<'_>, is_new_game: bool) -> Result<()> {
    for (key, mechanic) in [("enemies", "enemies"), ("cliffs", "cliffs")] {
        if let Some(value) = table.get(key)
            && value.text()? != "none"
            && !(is_new_game && key == "enemies")
        {
            return Err(value.absent(mechanic, "\"none\""));
        }
    }
    Ok(())
}

fn read_size(table: &Table<'_>) -> Result<(i32, i32)> {
    let names = SIZES.map(|(name, _)| name);
    match (table.get("size"), table.get("width"), table.get("height")) {
        (Some(size), None, None) => {
            let side = SIZES[size.one_of(&names)?].1;
            Ok((side, side))
        }
        (None, Some(width), Some(height)) => {
            let side = |value: &Value<'_>| value.whole(MIN_MAP_SIDE, MAX_MAP_SIDE as u32);
            Ok((side(&width)? as i32, side(&height)? as i32))
        }
        (None, None, None) => Err(table.error(
            "the key \"size\" is missing; it takes one of \"tiny\", \
             \"small\", \"medium\", \"large\", or give \"width\" and \"height\" in tiles",
        )),
        _ => Err(table.error("takes either \"size\" or both \"width\" and \"height\"")),
    }
}

fn read_resources(value: &Value<'_>, side: i32) -> Result<Vec<PatchSettings>> {
    let allowed = "\"none\", \"all\" or a table such as { \"iron-ore\" = \"rich\" }";
    if value.is_text() {
        return match value.text()? {
            "none" => Ok(Vec::new()),
            "all" => Ok(every_resource(side)),
            _ => Err(value.wrong(allowed)),
        };
    }
    let mut patches = Vec::new();
    for (name, entry) in value.table(allowed)?.entries() {
        let known = plain_resources();
        let Some((code, item)) = known
            .iter()
            .find(|(known, ..)| *known == name)
            .map(|found| found.1)
        else {
            if codes::RESOURCE_NAMES[..6].contains(&name) {
                return Err(entry.absent(&format!("a way to mine \"{name}\""), "other resources"));
            }
            let names: Vec<&str> = known.iter().map(|(known, _)| *known).collect();
            let error = crate::error::Error::unknown_name("resource", name, names);
            return Err(entry.locate(&error));
        };
        patches.push(read_patch(&entry, code, item, side)?);
    }
    // In code order, so that the order of the keys in the file does not matter.
    patches.sort_by_key(|patch| patch.code);
    Ok(patches)
}

const RICHNESS: [(&str, Richness); 3] = [
    ("poor", Richness::Poor),
    ("normal", Richness::Normal),
    ("rich", Richness::Rich),
];

fn read_patch(value: &Value<'_>, code: u8, item: ItemId, side: i32) -> Result<PatchSettings> {
    let words = RICHNESS.map(|(word, _)| word);
    let mut patch = default_patch(code, item, side);
    if value.is_text() {
        patch.richness = RICHNESS[value.one_of(&words)?].1;
        return Ok(patch);
    }
    let table = value.table("\"poor\", \"normal\", \"rich\" or a table with these and more")?;
    table.refuse_unknown_keys(&["richness", "patches", "distance"])?;
    if let Some(richness) = table.get("richness") {
        patch.richness = RICHNESS[richness.one_of(&words)?].1;
    }
    if let Some(n_patches) = table.get("patches") {
        patch.n_patches = n_patches.whole(1, MAX_PATCHES)?;
    }
    if let Some(distance) = table.get("distance") {
        patch.distance_tiles = Some(read_range(&distance, 0, side as u32)?);
    }
    Ok(patch)
}

/// Reads `[least, most]`, whole numbers in `low..=high`.
pub(super) fn read_range(value: &Value<'_>, low: u32, high: u32) -> Result<(u32, u32)> {
    let allowed = "a list of the least and the most, such as [10, 25]";
    let ends = value.list(allowed)?;
    let [least, most] = ends.as_slice() else {
        return Err(value.wrong(allowed));
    };
    let (least, most) = (least.whole(low, high)?, most.whole(low, high)?);
    if least > most {
        return Err(value.error(format_args!(
            "takes the least before the most, not [{least}, {most}]"
        )));
    }
    Ok((least, most))
}

fn default_patch(code: u8, item: ItemId, side: i32) -> PatchSettings {
    PatchSettings {
        code,
        item,
        richness: Richness::Normal,
        n_patches: if side >= SECOND_PATCH_FROM_SIDE { 2 } else { 1 },
        distance_tiles: None,
    }
}

/// Resources that hands and burner drills mine, with code and item.
fn plain_resources() -> Vec<(&'static str, (u8, ItemId))> {
    codes::RESOURCE_NAMES
        .iter()
        .zip(1..)
        .filter_map(|(name, code)| {
            let facts = resource_facts(code).filter(|facts| facts.is_plain_solid)?;
            Some((*name, (code, facts.item?)))
        })
        .collect()
}

fn every_resource(side: i32) -> Vec<PatchSettings> {
    plain_resources()
        .into_iter()
        .map(|(_, (code, item))| default_patch(code, item, side))
        .collect()
}

fn read_starting_base(value: &Value<'_>, patches: &[PatchSettings]) -> Result<StartingBase> {
    if value.one_of(&["none", "minimal_automation"])? == 0 {
        return Ok(StartingBase::None);
    }
    for (name, (code, _)) in plain_resources() {
        if !patches.iter().any(|patch| patch.code == code) {
            return Err(value.error(format_args!(
                "\"minimal_automation\" stands on iron-ore, copper-ore, coal and stone; resources lacks \"{name}\""
            )));
        }
    }
    Ok(StartingBase::MinimalAutomation)
}

type Items = Vec<(ItemId, u32)>;

fn read_starting_items(
    value: Option<Value<'_>>,
    default_kit: &'static str,
) -> Result<(Items, Vec<ItemId>)> {
    let kit_of = |kit: &Kit| Ok((kit.items()?, kit.palette()?));
    let Some(value) = value else {
        return kit_of(Kit::named(default_kit).expect("every type names a kit"));
    };
    if value.is_text() {
        return kit_of(&KITS[value.one_of(&KITS.map(|kit| kit.name))?]);
    }
    let table = value.table("the name of a kit or a table such as { \"coal\" = 50 }")?;
    let (mut items, mut stacks) = (Vec::new(), 0);
    let slots = vanilla().character().inventory_size;
    for (name, count) in table.entries() {
        let item = vanilla().item(name).map_err(|error| count.locate(&error))?;
        let size = vanilla()[item].stack_size;
        let given = count.whole(1, slots * size)?;
        stacks += given.div_ceil(size);
        items.push((item, given));
    }
    if stacks > slots {
        return Err(value.error(format_args!(
            "the inventory has {slots} slots; these items need {stacks}"
        )));
    }
    let palette = items
        .iter()
        .map(|(item, _)| *item)
        .take(NVEC[ITEM])
        .collect();
    Ok((items, palette))
}

/// How thick trees or rocks stand.
#[derive(Clone, Copy)]
enum Density {
    None,
    Few,
    Normal,
    Many,
}

/// Tiles for one tree by density, from none to many.
const TREES: [u32; 4] = [0, 400, 150, 60];
/// Tiles for one rock by density, from none to many.
const ROCKS: [u32; 4] = [0, 4_000, 1_500, 600];

/// Reads a number of trees or rocks: a count, or a word for one per so many tiles.
fn read_count(
    value: Option<Value<'_>>,
    n_tiles: i32,
    tiles_for_one: [u32; 4],
    default: Density,
) -> Result<u32> {
    let density = match value {
        None => default,
        Some(value) if value.is_text() => {
            const ALL: [Density; 4] = [Density::None, Density::Few, Density::Normal, Density::Many];
            ALL[value.one_of(&["none", "few", "normal", "many"])?]
        }
        Some(value) => return value.whole(0, MAX_DECORATIONS),
    };
    let tiles = tiles_for_one[density as usize];
    Ok((n_tiles as u32)
        .checked_div(tiles)
        .unwrap_or(0)
        .min(MAX_DECORATIONS))
}
