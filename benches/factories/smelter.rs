//! A smelting line: drills on ore and coal, a mixed belt between two rows of stone furnaces, one belt of plates.

use factorio_fast::sim::entity::EntityRef;

use super::Factory;
use super::yard::Yard;

/// Drills on each side of the ore belt: together 8 ore a second, a lane's worth.
const DRILLS_PER_SIDE: i32 = 8;
/// Furnaces on each side: together 7.5 plates a second.
const FURNACES_PER_SIDE: i32 = 12;
const FIRST_ROW: i32 = 5;
/// The row below the last furnace, on which the plates come together.
pub(crate) const LAST_ROW: i32 = FIRST_ROW + 2 * FURNACES_PER_SIDE + 1;

/// Makes the line alone, its power given by an interface, its plates taken off the end.
pub(crate) fn line() -> Factory {
    let mut yard = Yard::new(96, 96);
    yard.set_origin(0, -20);
    build(&mut yard, "iron-ore");
    let [_, end] = yard.belts("transport-belt", &[(5, LAST_ROW), (5, LAST_ROW + 8)]);
    yard.keep_empty(end);
    yard.put("electric-energy-interface", (3, -6), "north");
    Factory {
        name: "smelting line",
        world: yard.world,
        sinks: vec![end],
        products: &["iron-ore", "coal", "iron-plate"],
        ticks_to_steady: 7_200,
    }
}

/// Builds a line whose ore and coal meet on tile (0, 0) and whose plates leave southward below (5, `LAST_ROW` - 1).
/// Returns a pole of it.
///
/// It covers columns -25 to 5; the ore lies in the west, the coal in the east up to column 4.
pub(crate) fn build(yard: &mut Yard, ore: &str) -> EntityRef {
    let west = -3 * DRILLS_PER_SIDE;
    yard.ore(ore, (west - 1, -5), (0, 6));
    yard.ore("coal", (1, -5), (5, 6));
    yard.belts("transport-belt", &[(west, 0), (-1, 0)]);
    yard.belts("transport-belt", &[(3, 0), (1, 0)]);
    for drill in 0..=DRILLS_PER_SIDE {
        // The last column is coal.
        let x = if drill == DRILLS_PER_SIDE {
            1
        } else {
            west + 3 * drill
        };
        yard.put("electric-mining-drill", (x, -3), "south");
        yard.put("electric-mining-drill", (x, 1), "north");
    }
    for x in (west + 2..=2).step_by(6) {
        yard.put("medium-electric-pole", (x, -4), "north");
        yard.put("medium-electric-pole", (x, 4), "north");
    }
    let bottom = FIRST_ROW + 2 * FURNACES_PER_SIDE - 1;
    // It ends short of the belt of plates below, which it would run onto.
    yard.belts("transport-belt", &[(0, 0), (0, bottom - 1)]);
    for row in 0..FURNACES_PER_SIDE {
        let y = FIRST_ROW + 2 * row;
        yard.put("stone-furnace", (2, y), "north");
        yard.put("stone-furnace", (-3, y), "north");
        // Arms point to where they take from.
        yard.put("inserter", (1, y), "west");
        yard.put("inserter", (4, y), "west");
        yard.put("inserter", (-1, y), "east");
        yard.put("inserter", (-4, y), "east");
    }
    let mut pole = None;
    for y in (FIRST_ROW + 1..=bottom).step_by(6) {
        yard.put("medium-electric-pole", (-1, y), "north");
        pole = Some(yard.put("medium-electric-pole", (1, y), "north"));
    }
    yard.belts("transport-belt", &[(5, FIRST_ROW), (5, LAST_ROW - 1)]);
    yard.belts(
        "transport-belt",
        &[(-5, FIRST_ROW), (-5, LAST_ROW - 1), (4, LAST_ROW - 1)],
    );
    pole.expect("there are rows")
}
