//! A red and green science base: iron and copper on one belt, gears and circuits on another, machines on both sides,
//! labs at the end.

use super::yard::Yard;
use super::{Factory, steam};

/// The row on which the belts of packs meet.
const LAB_ROW: i32 = 52;
const LABS_PER_SIDE: i32 = 5;
/// What a base makes.
pub(crate) const PRODUCTS: [&str; 7] = [
    "iron-gear-wheel",
    "copper-cable",
    "electronic-circuit",
    "inserter",
    "transport-belt",
    "automation-science-pack",
    "logistic-science-pack",
];
/// Rows in which no inserter stands on columns 2, 6 and -5.
const POLE_ROWS: [i32; 8] = [4, 10, 16, 22, 30, 34, 40, 46];
/// Boilers of the base that stands alone: 3.6 MW.
const N_BOILERS: i32 = 2;

/// Makes the base alone, with plates and coal on belts that are kept full and steam power.
pub(crate) fn base() -> Factory {
    let mut yard = Yard::new(128, 128);
    yard.set_origin(0, -40);
    build(&mut yard);
    let [iron, _] = yard.belts("transport-belt", &[(-6, 0), (-1, 0)]);
    let [copper, _] = yard.belts("transport-belt", &[(6, 0), (1, 0)]);
    yard.keep_full(iron, "iron-plate");
    yard.keep_full(copper, "copper-plate");
    yard.set_origin(12, -40);
    let coal = steam::build(&mut yard, N_BOILERS, "transport-belt");
    yard.keep_full(coal, "coal");
    super::research_red_and_green(&mut yard.world);
    Factory {
        name: "science base",
        world: yard.world,
        sinks: Vec::new(),
        products: &PRODUCTS,
        ticks_to_steady: 18_000,
    }
}

/// Builds a base into which iron comes on (-1, 0) from the west and copper on (1, 0) from the east.
///
/// It covers columns -8 to 7 and the rows down to `LAB_ROW` + 20. Column 0 carries iron and copper, column 1 gears (west
/// lane) and circuits (east lane); machines in the east drop onto the west lane and the other way round.
pub(crate) fn build(yard: &mut Yard) {
    yard.belts("transport-belt", &[(0, 0), (0, 48)]);
    yard.belts("transport-belt", &[(1, 1), (1, 48)]);
    for row in 0..3 {
        let y = 2 + 3 * row;
        yard.put_making("assembling-machine-1", (3, y), "iron-gear-wheel");
        yard.put("long-handed-inserter", (2, y), "west");
        yard.put("inserter", (2, y + 1), "east");
    }
    circuits(yard, 2);
    red_packs(yard, 14, 4);
    green_packs(yard, 12);
    labs(yard);
    for y in POLE_ROWS {
        yard.put("medium-electric-pole", (2, y), "north");
        yard.put("medium-electric-pole", (6, y), "north");
        if y < 26 {
            yard.put("medium-electric-pole", (-5, y), "north");
        }
    }
}

/// Puts two cable machines, and a circuit machine between them that both hand their cable to.
fn circuits(yard: &mut Yard, top: i32) {
    for y in [top, top + 8] {
        yard.put_making("assembling-machine-1", (-4, y), "copper-cable");
        yard.put("fast-inserter", (-1, y + 1), "east");
    }
    yard.put_making("assembling-machine-1", (-4, top + 4), "electronic-circuit");
    yard.put("fast-inserter", (-3, top + 3), "north");
    yard.put("fast-inserter", (-3, top + 7), "south");
    yard.put("inserter", (-1, top + 4), "east");
    yard.put("long-handed-inserter", (-1, top + 5), "west");
}

/// Puts machines that make red packs of gears and copper, onto a belt in the west.
fn red_packs(yard: &mut Yard, top: i32, count: i32) {
    for row in 0..count {
        let y = top + 3 * row;
        yard.put_making("assembling-machine-1", (-4, y), "automation-science-pack");
        yard.put("inserter", (-1, y), "east");
        yard.put("long-handed-inserter", (-1, y + 1), "east");
        yard.put("inserter", (-5, y + 1), "east");
    }
    yard.belts("transport-belt", &[(-6, top), (-6, LAB_ROW), (-1, LAB_ROW)]);
}

/// Puts machines that make green packs, each between one that makes belts and one that makes inserters.
fn green_packs(yard: &mut Yard, top: i32) {
    const ORDER: [&str; 9] = [
        "transport-belt",
        "logistic-science-pack",
        "inserter",
        "logistic-science-pack",
        "transport-belt",
        "logistic-science-pack",
        "inserter",
        "logistic-science-pack",
        "transport-belt",
    ];
    for (row, recipe) in ORDER.into_iter().enumerate() {
        let y = top + 4 * row as i32;
        yard.put_making("assembling-machine-1", (3, y), recipe);
        if recipe == "logistic-science-pack" {
            yard.put("inserter", (4, y - 1), "north");
            yard.put("inserter", (4, y + 3), "south");
            yard.put("inserter", (6, y + 1), "west");
        } else {
            yard.put("inserter", (2, y), "west");
            yard.put("long-handed-inserter", (2, y + 1), "west");
        }
    }
    yard.belts("transport-belt", &[(7, top), (7, LAB_ROW), (1, LAB_ROW)]);
}

/// Puts labs along the belt on which both packs come.
fn labs(yard: &mut Yard) {
    yard.belts(
        "transport-belt",
        &[(0, LAB_ROW), (0, LAB_ROW + 1 + 3 * LABS_PER_SIDE)],
    );
    for row in 0..LABS_PER_SIDE {
        let y = LAB_ROW + 2 + 3 * row;
        yard.put("lab", (2, y), "north");
        yard.put("lab", (-4, y), "north");
        yard.put("inserter", (1, y + 1), "west");
        yard.put("inserter", (-1, y + 1), "east");
        if row % 2 == 0 {
            yard.put("medium-electric-pole", (1, y), "north");
        }
    }
}
