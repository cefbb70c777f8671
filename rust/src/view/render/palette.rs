//! Colours: of ground, resources, items, machines and states; and the hash that scatters details over tiles.

use std::sync::OnceLock;

use crate::contract::codes::{self, Status};
use crate::prototypes::{EntityKind, EntityPrototype, EntityPrototypeId, ItemId, TileId, vanilla};

/// Red, green, blue.
pub(super) type Color = [u8; 3];

pub(super) const BLACK: Color = [0, 0, 0];
pub(super) const WHITE: Color = [255, 255, 255];
pub(super) const INK: Color = [28, 26, 24];
pub(super) const GHOST: Color = [96, 170, 255];
pub(super) const YELLOW: Color = [255, 214, 64];
pub(super) const RED: Color = [235, 64, 52];
pub(super) const GREEN: Color = [84, 214, 92];
pub(super) const ORANGE: Color = [240, 140, 36];

/// Colours of the resource codes 1 to 8.
const RESOURCES: [Color; 8] = [
    [104, 142, 172],
    [224, 122, 62],
    [44, 44, 50],
    [206, 188, 138],
    [92, 220, 60],
    [150, 72, 186],
    [58, 112, 46],
    [134, 114, 92],
];

/// Colours for things that have none of their own, by hash.
const SPARE: [Color; 10] = [
    [196, 98, 98],
    [206, 150, 80],
    [188, 186, 84],
    [118, 182, 92],
    [82, 176, 146],
    [88, 158, 200],
    [110, 120, 206],
    [160, 108, 200],
    [204, 104, 172],
    [150, 150, 150],
];

/// Mixes two colours; `share` is that of `other` in 1/256.
#[inline]
pub(super) fn mix([r, g, b]: Color, [r2, g2, b2]: Color, share: u32) -> Color {
    let one = |a: u8, b: u8| ((u32::from(a) * (256 - share) + u32::from(b) * share) >> 8) as u8;
    [one(r, r2), one(g, g2), one(b, b2)]
}

/// Makes a colour lighter by `amount`, darker if it is negative.
pub(super) fn shade(color: Color, amount: i32) -> Color {
    color.map(|part| (i32::from(part) + amount).clamp(0, 255) as u8)
}

/// Hashes a place with a salt; equal on every machine.
pub(super) const fn hash(x: i32, y: i32, salt: u32) -> u32 {
    let mut h = (x as u32).wrapping_mul(0x9E37_79B1)
        ^ (y as u32).wrapping_mul(0x85EB_CA77)
        ^ salt.wrapping_mul(0xC2B2_AE3D);
    h ^= h >> 15;
    h = h.wrapping_mul(0x2C1B_3C6D);
    h ^= h >> 12;
    h = h.wrapping_mul(0x297A_2D39);
    h ^ (h >> 15)
}

fn hash_name(name: &str) -> u32 {
    name.bytes()
        .fold(17, |h, byte| hash(h as i32, i32::from(byte), 0))
}

fn spare(name: &str) -> Color {
    SPARE[hash_name(name) as usize % SPARE.len()]
}

/// Gives the colour of a kind of ground: the game's map colour, brightened; grass is pulled towards green.
pub(super) fn tile_color(tile: TileId) -> Color {
    static TABLE: OnceLock<Vec<Color>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let brightened = |part: u8| {
            let part = u32::from(part);
            (part + part * (255 - part) / 300) as u8
        };
        vanilla()
            .tiles()
            .iter()
            .map(|tile| {
                let color = tile.map_color.map(brightened);
                if tile.name.starts_with("grass") {
                    mix(color, [108, 130, 62], 150)
                } else if tile.is_water {
                    mix(color, [52, 122, 168], 128)
                } else {
                    color
                }
            })
            .collect()
    })[tile.index()]
}

/// Gives the colour of a resource code, grey for 0 and unknown codes.
pub(super) fn resource_color(code: u8) -> Color {
    usize::from(code)
        .checked_sub(1)
        .and_then(|index| RESOURCES.get(index))
        .copied()
        .unwrap_or([128; 3])
}

/// Gives the colour of an item: of what it builds, of the ore it is, or one of its own.
pub(super) fn item_color(item: ItemId) -> Color {
    static TABLE: OnceLock<Vec<Color>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let color_of = |item: &crate::prototypes::Item| {
            let code = codes::code_of(&codes::RESOURCE_NAMES, &item.name);
            if code != 0 {
                return resource_color(code);
            }
            named_item_color(&item.name).unwrap_or_else(|| match item.place_result {
                Some(entity) => entity_color(entity),
                None => spare(&item.name),
            })
        };
        vanilla().items().iter().map(color_of).collect()
    })[item.index()]
}

fn named_item_color(name: &str) -> Option<Color> {
    Some(match name {
        "wood" => [150, 106, 60],
        "iron-plate" => [196, 204, 212],
        "copper-plate" => [240, 158, 104],
        "steel-plate" => [150, 160, 174],
        "stone-brick" => [178, 170, 156],
        "iron-gear-wheel" => [146, 152, 158],
        "iron-stick" => [172, 178, 184],
        "copper-cable" => [232, 132, 70],
        "electronic-circuit" => [82, 182, 84],
        "advanced-circuit" => [216, 66, 58],
        "processing-unit" => [72, 104, 214],
        "automation-science-pack" => [222, 60, 56],
        "logistic-science-pack" => [70, 200, 82],
        "military-science-pack" => [92, 96, 104],
        "chemical-science-pack" => [84, 182, 232],
        "production-science-pack" => [170, 84, 206],
        "utility-science-pack" => [240, 206, 72],
        "space-science-pack" => [236, 236, 240],
        _ => return None,
    })
}

/// Gives the main colour of a machine.
pub(super) fn entity_color(prototype: EntityPrototypeId) -> Color {
    static TABLE: OnceLock<Vec<Color>> = OnceLock::new();
    TABLE.get_or_init(|| {
        vanilla()
            .entities()
            .iter()
            .map(compute_entity_color)
            .collect()
    })[prototype.index()]
}

fn compute_entity_color(entity: &EntityPrototype) -> Color {
    match entity.name.as_str() {
        "burner-mining-drill" => return [186, 140, 70],
        "electric-mining-drill" => return [92, 142, 168],
        "stone-furnace" => return [164, 150, 130],
        "steel-furnace" => return [128, 136, 150],
        "electric-furnace" => return [176, 178, 168],
        "wooden-chest" => return [172, 120, 66],
        "iron-chest" => return [150, 162, 172],
        "steel-chest" => return [116, 128, 146],
        "burner-inserter" => return [150, 128, 96],
        "inserter" => return [226, 190, 60],
        "fast-inserter" => return [72, 138, 216],
        "long-handed-inserter" => return [214, 74, 62],
        _ => {}
    }
    match entity.kind {
        EntityKind::Wall => [150, 148, 142],
        EntityKind::Pipe | EntityKind::PipeToGround => [136, 138, 140],
        EntityKind::ElectricPole => [146, 102, 62],
        EntityKind::Lab => [196, 200, 206],
        kind if kind.is_belt_like() => match entity.name.as_bytes().first() {
            Some(b'f') => [222, 66, 56],
            Some(b'e') => [76, 146, 226],
            _ => [234, 190, 58],
        },
        _ if codes::code_of(&codes::ENTITY_NAMES, &entity.name) == 0 => [150, 150, 150],
        _ => spare(&entity.name),
    }
}

/// Gives the colour of a status lamp; none for things without a status.
pub(super) fn status_color(status: Status) -> Option<Color> {
    match status {
        Status::Normal => None,
        Status::Working => Some(GREEN),
        Status::NoFuel | Status::NoPower | Status::Damaged => Some(RED),
        Status::LowPower => Some(ORANGE),
        Status::NoIngredients | Status::NoRecipe | Status::Full | Status::WaitingForSource => {
            Some(YELLOW)
        }
        Status::NoResources | Status::Disabled => Some([140, 140, 146]),
    }
}
