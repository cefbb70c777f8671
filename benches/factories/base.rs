//! A base of some 3,000 entities: three smelting lines on two buses, six science bases that branch off them, a coal
//! mine, and one power plant for all.
//!
//! Iron runs on row -6 and copper on row -3, both eastward; a branch of iron passes under the copper.

use super::yard::Yard;
use super::{Factory, science, smelter, steam};

const IRON_ROW: i32 = -6;
const COPPER_ROW: i32 = -3;
const N_SCIENCE: i32 = 6;
/// From one science base to the next.
const SCIENCE_PITCH: i32 = 22;
/// Columns of the smelting lines, copper first.
const SMELTERS: [(&str, i32); 3] = [("copper-ore", -93), ("iron-ore", -62), ("iron-ore", -31)];
const SMELTER_ROW: i32 = -42;
/// 21.6 MW.
const N_BOILERS: i32 = 12;
const PLANT: (i32, i32) = (-100, 20);
const COAL_DRILLS_PER_SIDE: i32 = 6;
const PRODUCTS: [&str; 12] = [
    "iron-ore",
    "copper-ore",
    "coal",
    "iron-plate",
    "copper-plate",
    "iron-gear-wheel",
    "copper-cable",
    "electronic-circuit",
    "inserter",
    "transport-belt",
    "automation-science-pack",
    "logistic-science-pack",
];

/// Makes the base.
pub(crate) fn large() -> Factory {
    let mut yard = Yard::new(320, 200);
    plates(&mut yard);
    for number in 0..N_SCIENCE {
        let column = SCIENCE_PITCH * number;
        yard.set_origin(column, 0);
        science::build(&mut yard);
        yard.set_origin(0, 0);
        branches(&mut yard, column);
        if number + 1 < N_SCIENCE {
            yard.put("medium-electric-pole", (column + 12, 10), "north");
        }
    }
    buses(&mut yard);
    power(&mut yard);
    super::research_red_and_green(&mut yard.world);
    Factory {
        name: "large base",
        world: yard.world,
        sinks: Vec::new(),
        products: &PRODUCTS,
        ticks_to_steady: 48_000,
    }
}

/// Builds the smelting lines and leads their plates to where the buses begin.
fn plates(yard: &mut Yard) {
    let row = smelter::LAST_ROW + SMELTER_ROW;
    for (ore, column) in SMELTERS {
        yard.set_origin(column, SMELTER_ROW);
        smelter::build(yard, ore);
    }
    yard.set_origin(0, 0);
    let [copper, first, second] = SMELTERS.map(|(_, column)| column + 5);
    yard.belts("transport-belt", &[(copper, row), (copper, COPPER_ROW - 1)]);
    yard.belts("transport-belt", &[(first, row), (first, IRON_ROW - 1)]);
    // The second line joins the first in a splitter.
    yard.belts(
        "transport-belt",
        &[
            (second, row),
            (second, IRON_ROW - 1),
            (second + 1, IRON_ROW - 1),
        ],
    );
    yard.put("splitter", (second + 2, IRON_ROW - 1), "east");
}

/// Leads iron and copper from the buses to a science base.
fn branches(yard: &mut Yard, column: i32) {
    yard.put("splitter", (column - 5, IRON_ROW), "east");
    yard.put("transport-belt", (column - 4, IRON_ROW + 1), "south");
    yard.put("underground-belt", (column - 4, COPPER_ROW - 1), "south");
    yard.put("underground-belt", (column - 4, COPPER_ROW + 1), "south");
    yard.belts(
        "transport-belt",
        &[
            (column - 4, COPPER_ROW + 2),
            (column - 4, 0),
            (column - 1, 0),
        ],
    );
    yard.put("splitter", (column + 2, COPPER_ROW), "east");
    yard.belts(
        "transport-belt",
        &[
            (column + 3, COPPER_ROW + 1),
            (column + 3, 0),
            (column + 1, 0),
        ],
    );
}

/// Lays the buses between what stands on them already.
fn buses(yard: &mut Yard) {
    let end = SCIENCE_PITCH * (N_SCIENCE - 1) + 4;
    for (row, (_, column)) in [(COPPER_ROW, SMELTERS[0]), (IRON_ROW, SMELTERS[1])] {
        for x in column + 5..end {
            if yard.is_free((x, row)) {
                yard.put("transport-belt", (x, row), "east");
            }
        }
    }
}

/// Builds the power plant and its coal mine, and joins all networks.
fn power(yard: &mut Yard) {
    yard.set_origin(PLANT.0, PLANT.1);
    steam::build(yard, N_BOILERS, "transport-belt");
    // The coal belt goes on where the plant's begins.
    let (west, row) = (3 * N_BOILERS + 2, 3);
    let east = west + 2 + 3 * COAL_DRILLS_PER_SIDE;
    yard.ore("coal", (west, row - 4), (east + 2, row + 5));
    yard.belts("transport-belt", &[(east, row), (west, row)]);
    for drill in 0..COAL_DRILLS_PER_SIDE {
        let x = west + 3 + 3 * drill;
        yard.put("electric-mining-drill", (x, row - 3), "south");
        yard.put("electric-mining-drill", (x, row + 1), "north");
    }
    for x in (west + 4..=east).step_by(6) {
        yard.put("medium-electric-pole", (x, row - 4), "north");
        yard.put("medium-electric-pole", (x, row + 4), "north");
    }
    yard.set_origin(0, 0);
    // From the plant to the mine, from the mine and the smelting lines to the science bases.
    for place in [
        (-62, 33),
        (-37, 19),
        (-29, 19),
        (-21, 19),
        (-13, 20),
        (-24, -16),
        (-18, -13),
        (-11, -8),
        (-7, -1),
    ] {
        yard.put("medium-electric-pole", place, "north");
    }
}
