//! The minimal automation that a strategic scenario starts with: ore round the spawn point, burner drills that feed
//! furnaces and chests, with fuel.
//!
//! Iron and copper lie on opposite sides, coal and stone on the other two; which is where is drawn from the seed.
//! All of it, and room for more, lies in the character's reach: at 0.1 Hz a step of walking leads 89 tiles, so a player
//! of such a scenario works from one place.

use crate::contract::codes::{RESOURCE_NAMES, code_of};
use crate::error::Result;
use crate::prototypes::{ItemId, vanilla};
use crate::sim::drill::drop_position_of;
use crate::sim::position::{Direction, MapPos, SUBTILES, TilePos};
use crate::sim::rng::Rng;
use crate::sim::setup::SetupOp;

use super::canvas::{Canvas, disc};
use super::no_room;
use super::noise::value_noise;
use super::patches::Patch;

/// Coal in each drill and furnace: a drill burns one in 27 s, so the base runs for 9 minutes by itself.
const FUEL_COAL: u32 = 20;
/// Coal in the chest of the coal drill: it fuels the growth until further coal drills pay.
const STORED_COAL: u32 = 400;
/// Tiles round the spawn point that belong to the base.
const RADIUS: i32 = 12;
/// Ore on a tile, give or take `AMOUNT_NOISE` of it: a drill on four such tiles works for six hours and a half.
const AMOUNT: f64 = 1_500.0;
const AMOUNT_NOISE: f64 = 0.3;
/// Tiles over which the amounts change.
const NOISE_CELL: i32 = 4;
/// Tiles from the spawn point to the middle of the drills: the furnaces fit between.
const DRILLS_OUT: f64 = 4.5;

/// One side of the base, described as if it lay to the north.
struct Side {
    resource: &'static str,
    /// First and last column of ore, counted from the spawn tile.
    columns: (i32, i32),
    /// First and last row of ore, counted outward.
    rows: (i32, i32),
    /// Columns of the drills' middles.
    drills: &'static [f64],
    outlet: Outlet,
}

/// What a drill drops into.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outlet {
    Furnace,
    Chest,
}

/// The sides, clockwise; the seed turns them, and swaps the two that feed chests.
const SIDES: [Side; 4] = [
    Side {
        resource: "iron-ore",
        columns: (-8, 7),
        rows: (4, 5),
        drills: &[-0.5, 1.5],
        outlet: Outlet::Furnace,
    },
    Side {
        resource: "coal",
        columns: (-3, 3),
        rows: (8, 11),
        drills: &[-0.5],
        outlet: Outlet::Chest,
    },
    Side {
        resource: "copper-ore",
        columns: (-3, 3),
        rows: (8, 11),
        drills: &[-0.5],
        outlet: Outlet::Furnace,
    },
    Side {
        resource: "stone",
        columns: (-3, 3),
        rows: (8, 11),
        drills: &[-0.5],
        outlet: Outlet::Chest,
    },
];

/// Puts the base round the spawn point and keeps its ground free.
///
/// # Errors
/// `InvalidScenario` where the map ends in the base.
pub(super) fn place(
    spawn: TilePos,
    rng: &mut Rng,
    canvas: &mut Canvas,
    patches: &mut Vec<Patch>,
    ops: &mut Vec<SetupOp>,
) -> Result<()> {
    let room = canvas.inner(1);
    if !disc(spawn, RADIUS).all(|tile| room.contains(tile)) {
        return Err(no_room(format!(
            "starting_base = \"minimal_automation\" takes {RADIUS} tiles round the spawn point, and the map ends \
             before; make it larger or spawn_radius smaller"
        )));
    }
    canvas.reserve_disc(spawn, RADIUS);
    let first_turns = rng.below(4) as u8;
    let swaps_stores = rng.chance(1, 2);
    let seed = rng.next_u64();
    for (place, side) in SIDES.iter().enumerate() {
        let half_turn = 2 * u8::from(swaps_stores && side.outlet == Outlet::Chest);
        let turns = (first_turns + place as u8 + half_turn) % 4;
        let item = vanilla().item(side.resource)?;
        let middle_row = i32::midpoint(side.rows.0, side.rows.1);
        patches.push(Patch {
            item,
            center: turned(spawn, (0.0, -f64::from(middle_row)), turns).tile(),
        });
        lay_ore(side, spawn, turns, seed, ops);
        for column in side.drills {
            place_drill(side, *column, spawn, turns, ops)?;
        }
    }
    Ok(())
}

/// Turns a place, in tiles from the spawn point's middle, clockwise round it.
fn turned(spawn: TilePos, (x, y): (f64, f64), quarter_turns: u8) -> MapPos {
    let (x, y) = match quarter_turns {
        0 => (x, y),
        1 => (-y, x),
        2 => (-x, -y),
        _ => (y, -x),
    };
    let offset = MapPos::from_tiles(x, y);
    spawn.center().offset(offset.x, offset.y)
}

/// Lays a side's field, and ore under its drills.
///
/// The tiles of a field that are nearest to the spawn point, which the observation lists, are those on which a drill
/// can be built in line with the others: a drill is built with such a tile as its north-western one.
/// Only iron does so: it is a band, since tiles behind the drills would take the rows that machines need, and the
/// other fields begin farther out for the same reason.
fn lay_ore(side: &Side, spawn: TilePos, quarter_turns: u8, seed: u64, ops: &mut Vec<SetupOp>) {
    let code = code_of(&RESOURCE_NAMES, side.resource);
    let mut lay = |column: f64, row: f64| {
        let tile = turned(spawn, (column, -row), quarter_turns).tile();
        let noise = value_noise(seed, tile, NOISE_CELL);
        ops.push(SetupOp::Resource {
            tile,
            code,
            amount: (AMOUNT * (1.0 + AMOUNT_NOISE * noise)) as u32,
        });
    };
    // To the north and west a drill reaches from its tile toward the spawn point.
    let is_north_or_west = quarter_turns == 0 || quarter_turns == 3;
    let is_band = f64::from(side.rows.0) < DRILLS_OUT;
    let first_row = side.rows.0 + i32::from(is_band && is_north_or_west);
    for row in first_row..=side.rows.1 {
        for column in side.columns.0..=side.columns.1 {
            lay(f64::from(column), f64::from(row));
        }
    }
    for column in side.drills {
        for (right, out) in [(-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5), (0.5, 0.5)] {
            let row = DRILLS_OUT + out;
            if row < f64::from(first_row) {
                lay(column + right, row);
            }
        }
    }
}

/// Places a drill that faces the spawn point, and what it drops into.
fn place_drill(
    side: &Side,
    column: f64,
    spawn: TilePos,
    quarter_turns: u8,
    ops: &mut Vec<SetupOp>,
) -> Result<()> {
    let coal = vanilla().item("coal")?;
    let drill = vanilla().entity("burner-mining-drill")?;
    let position = turned(spawn, (column, -DRILLS_OUT), quarter_turns);
    let direction = Direction::from_eighths(2 * ((quarter_turns + 2) % 4));
    let drop = drop_position_of(&vanilla()[drill], position, direction.quarter_turns());
    let (name, place, items) = match side.outlet {
        Outlet::Furnace => (
            "stone-furnace",
            furnace_at(drop.tile(), direction),
            vec![(coal, FUEL_COAL)],
        ),
        Outlet::Chest => ("wooden-chest", drop, stored(side, coal)),
    };
    ops.push(SetupOp::Entity {
        prototype: vanilla().entity(name)?,
        position: place,
        direction: Direction::NORTH,
        items,
        recipe: None,
    });
    ops.push(SetupOp::Entity {
        prototype: drill,
        position,
        direction,
        items: vec![(coal, FUEL_COAL)],
        recipe: None,
    });
    Ok(())
}

fn stored(side: &Side, coal: ItemId) -> Vec<(ItemId, u32)> {
    if side.resource == "coal" {
        vec![(coal, STORED_COAL)]
    } else {
        Vec::new()
    }
}

/// Puts a furnace where building one at a drill's drop point puts it, so that further ones fit beside it.
fn furnace_at(drop: TilePos, direction: Direction) -> MapPos {
    let (right, down) = match direction.quarter_turns() {
        0 => (1, 0),
        1 | 2 => (1, 1),
        _ => (0, 1),
    };
    MapPos::new((drop.x + right) * SUBTILES, (drop.y + down) * SUBTILES)
}
