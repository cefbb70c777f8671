//! Small working factories of 12 x 12 tiles, turned and put side by side by [`super::plans`].

use super::deeds::Deed;
use crate::sim::rng::Rng;

/// Side of a layout's square, tiles.
pub(super) const SIDE: f64 = 12.0;

const FACINGS: [&str; 4] = ["north", "east", "south", "west"];

/// A square of the map that a layout is built on, turned by quarters.
pub(super) struct Site<'a> {
    pub(super) deeds: &'a mut Vec<Deed>,
    pub(super) rng: &'a mut Rng,
    pub(super) corner: (f64, f64),
    pub(super) quarters: usize,
}

impl Site<'_> {
    /// Gives the place on the map of a place in the square.
    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let (mut dx, mut dy) = (x - SIDE / 2.0, y - SIDE / 2.0);
        for _ in 0..self.quarters {
            (dx, dy) = (-dy, dx);
        }
        (
            self.corner.0 + SIDE / 2.0 + dx,
            self.corner.1 + SIDE / 2.0 + dy,
        )
    }

    fn area(&self, left: f64, top: f64, right: f64, bottom: f64) -> ((f64, f64), (f64, f64)) {
        let (one, other) = (self.at(left, top), self.at(right, bottom));
        (
            (one.0.min(other.0), one.1.min(other.1)),
            (one.0.max(other.0), one.1.max(other.1)),
        )
    }

    fn pick<T: Copy>(&mut self, options: &[T]) -> T {
        options[self.rng.below(options.len() as u32) as usize]
    }

    fn put(&mut self, name: &'static str, x: f64, y: f64, facing: usize) -> (f64, f64) {
        self.set(name, x, y, facing, None, None)
    }

    fn set(
        &mut self,
        name: &'static str,
        x: f64,
        y: f64,
        facing: usize,
        recipe: Option<&'static str>,
        filter: Option<&'static str>,
    ) -> (f64, f64) {
        let at = self.at(x, y);
        let facing = FACINGS[(facing + self.quarters) % 4];
        self.deeds.push(Deed::Place {
            name,
            at,
            facing,
            recipe,
            filter,
        });
        at
    }

    fn fill(&mut self, at: (f64, f64), item: &'static str, count: u32) {
        self.deeds.push(Deed::Insert { at, item, count });
    }

    fn belts(&mut self, name: &'static str, from: (i32, i32), facing: usize, length: i32) {
        let (dx, dy) = [(0, -1), (1, 0), (0, 1), (-1, 0)][facing];
        for step in 0..length {
            let (x, y) = (from.0 + dx * step, from.1 + dy * step);
            self.put(name, f64::from(x) + 0.5, f64::from(y) + 0.5, facing);
        }
    }

    fn inserter(&mut self) -> &'static str {
        self.pick(&[
            "burner-inserter",
            "inserter",
            "inserter",
            "fast-inserter",
            "bulk-inserter",
        ])
    }

    fn power(&mut self) {
        let pole = self.pick(&["medium-electric-pole", "substation", "small-electric-pole"]);
        self.put(pole, 6.0, 6.0, 0);
        self.put("medium-electric-pole", 0.5, 0.5, 0);
        self.put("medium-electric-pole", 11.5, 11.5, 0);
    }
}

pub(super) type Layout = fn(&mut Site<'_>);

/// All layouts.
pub(super) const LAYOUTS: [Layout; 11] = [
    smelting, assembling, steam, oil, science, belts, sun, defence, mall, yard, plumbing,
];

/// Ore, drills, a belt, furnaces, chests.
fn smelting(site: &mut Site<'_>) {
    let ore = site.pick(&["iron-ore", "copper-ore", "coal", "stone"]);
    let amount = site.pick(&[3, 40, 5_000]);
    let area = site.area(0.0, 0.0, 12.0, 4.0);
    site.deeds.push(Deed::Resource {
        name: ore,
        area,
        amount,
    });
    site.put("medium-electric-pole", 3.5, 1.5, 0);
    for (name, x, facing) in [
        ("electric-mining-drill", 1.5, 2),
        ("electric-mining-drill", 5.5, 2),
    ] {
        let at = site.put(name, x, 1.5, facing);
        if site.rng.chance(1, 3) {
            let module = site.pick(&["speed-module", "productivity-module-3", "efficiency-module"]);
            site.fill(at, module, 2);
        }
    }
    for x in [8.0, 10.0] {
        let drill = site.put("burner-mining-drill", x, 2.0, 2);
        let count = site.rng.below(6);
        site.fill(drill, "coal", count);
    }
    let belt = site.pick(&[
        "transport-belt",
        "fast-transport-belt",
        "express-transport-belt",
    ]);
    site.belts(belt, (11, 3), 3, 12);
    for x in [2.0, 5.0, 8.0] {
        let arm = site.inserter();
        let arm = site.put(arm, x + 0.5, 4.5, 0);
        site.fill(arm, "coal", 1);
        let furnace = site.pick(&["stone-furnace", "steel-furnace", "electric-furnace"]);
        let (dx, dy) = if furnace == "electric-furnace" {
            (0.5, 6.5)
        } else {
            (1.0, 6.0)
        };
        let furnace = site.put(furnace, x + dx, dy, 0);
        site.fill(furnace, "wood", 2);
        let arm = site.inserter();
        site.put(arm, x + 0.5, 8.5, 0);
        site.put("wooden-chest", x + 0.5, 9.5, 0);
    }
    site.put("medium-electric-pole", 4.5, 4.5, 0);
    site.put("medium-electric-pole", 11.5, 8.5, 0);
}

/// Chests, assembling machines that feed each other, modules, a beacon.
fn assembling(site: &mut Site<'_>) {
    let chest = site.put("iron-chest", 0.5, 1.5, 0);
    for (item, count) in [("iron-plate", 300), ("copper-plate", 200), ("coal", 20)] {
        site.fill(chest, item, count);
    }
    let arm = site.inserter();
    let arm = site.put(arm, 1.5, 1.5, 3);
    site.fill(arm, "coal", 2);
    let (name, recipe) = site.pick(&[
        ("assembling-machine-2", "iron-gear-wheel"),
        ("assembling-machine-3", "copper-cable"),
        ("assembling-machine-1", "iron-gear-wheel"),
    ]);
    let one = site.set(name, 3.5, 1.5, 0, Some(recipe), None);
    if site.rng.chance(1, 2) {
        let module = site.pick(&["speed-module-3", "productivity-module-3"]);
        site.fill(one, module, 4);
    }
    let arm = site.inserter();
    site.put(arm, 5.5, 1.5, 3);
    let recipe = site.pick(&[
        "transport-belt",
        "electronic-circuit",
        "automation-science-pack",
    ]);
    let two = site.set("assembling-machine-3", 7.5, 1.5, 0, Some(recipe), None);
    site.fill(two, "iron-plate", 50);
    site.fill(two, "copper-plate", 50);
    site.fill(two, "copper-cable", 40);
    site.fill(two, "iron-gear-wheel", 40);
    let filter = site.pick(&[None, Some("copper-plate"), Some("iron-gear-wheel")]);
    site.set("fast-inserter", 9.5, 1.5, 3, None, filter);
    site.belts("transport-belt", (10, 0), 2, 10);
    site.put("medium-electric-pole", 5.5, 3.5, 0);
    let beacon = site.put("beacon", 4.5, 6.5, 0);
    site.fill(beacon, "speed-module-2", 2);
    site.put("long-handed-inserter", 8.5, 7.5, 1);
    site.put("steel-chest", 6.5, 7.5, 0);
    site.put("medium-electric-pole", 8.5, 6.5, 0);
    site.put("burner-inserter", 5.5, 9.5, 1);
}

/// Water, boilers, steam engines.
fn steam(site: &mut Site<'_>) {
    let area = site.area(0.0, 10.0, 12.0, 12.0);
    site.deeds.push(Deed::Tiles {
        name: "water",
        area,
    });
    let facing = site.pick(&[0, 2]);
    site.put("offshore-pump", 1.5, 9.5, facing);
    for y in [7.5, 8.5] {
        site.put("pipe", 1.5, y, 0);
    }
    let boiler = site.put("boiler", 3.5, 7.0, 0);
    let count = site.rng.below(8);
    site.fill(boiler, "coal", count);
    site.put("steam-engine", 3.5, 3.5, 0);
    let other = site.put("boiler", 7.5, 7.0, 0);
    site.fill(other, "wood", 10);
    site.put("pipe", 5.5, 7.5, 0);
    site.put("steam-engine", 7.5, 3.5, 0);
    let chest = site.put("wooden-chest", 3.5, 9.5, 0);
    site.fill(chest, "coal", 40);
    site.put("burner-inserter", 3.5, 8.5, 2);
    site.put("inserter", 7.5, 8.5, 2);
    let chest = site.put("wooden-chest", 7.5, 9.5, 0);
    site.fill(chest, "solid-fuel", 5);
    site.put("medium-electric-pole", 5.5, 4.5, 0);
    site.put("medium-electric-pole", 5.5, 8.5, 0);
    site.put("medium-electric-pole", 11.5, 5.5, 0);
    site.put("accumulator", 10.0, 2.0, 0);
}

/// Oil, a refinery, chemical plants, tanks.
fn oil(site: &mut Site<'_>) {
    let area = site.area(1.0, 1.0, 2.0, 2.0);
    site.deeds.push(Deed::Resource {
        name: "crude-oil",
        area,
        amount: 300_000,
    });
    let facing = site.pick(&[0, 1, 2, 3]);
    site.put("pumpjack", 1.5, 1.5, facing);
    let tank = site.put("storage-tank", 1.5, 5.5, 0);
    let amount = site.pick(&[0.0, 500.0, 12_345.5]);
    site.deeds.push(Deed::Fluid {
        at: tank,
        fluid: "crude-oil",
        amount,
    });
    let recipe = site.pick(&["basic-oil-processing", "advanced-oil-processing"]);
    let refinery = site.set("oil-refinery", 6.5, 8.5, 0, Some(recipe), None);
    site.deeds.push(Deed::Fluid {
        at: refinery,
        fluid: "water",
        amount: 50.0,
    });
    site.deeds.push(Deed::Fluid {
        at: refinery,
        fluid: "crude-oil",
        amount: 200.0,
    });
    for x in [3.5, 4.5, 5.5] {
        site.put("pipe", x, 5.5, 0);
    }
    let recipe = site.pick(&["plastic-bar", "sulfur", "solid-fuel-from-petroleum-gas"]);
    let plant = site.set("chemical-plant", 8.5, 3.5, 2, Some(recipe), None);
    for (item, count) in [("coal", 10), ("productivity-module", 2)] {
        site.fill(plant, item, count);
    }
    site.deeds.push(Deed::Fluid {
        at: plant,
        fluid: "petroleum-gas",
        amount: 40.0,
    });
    site.deeds.push(Deed::Fluid {
        at: plant,
        fluid: "water",
        amount: 40.0,
    });
    site.put("inserter", 10.5, 3.5, 3);
    site.put("iron-chest", 11.5, 3.5, 0);
    site.put("pump", 3.5, 3.0, 0);
    site.put("medium-electric-pole", 5.5, 2.5, 0);
    site.put("substation", 3.0, 10.0, 0);
}

/// Labs that hand packs on.
fn science(site: &mut Site<'_>) {
    let chest = site.put("wooden-chest", 0.5, 2.5, 0);
    site.fill(chest, "automation-science-pack", 12);
    site.fill(chest, "logistic-science-pack", 12);
    let mut x = 1.5;
    for _ in 0..3 {
        let arm = site.inserter();
        let arm = site.put(arm, x, 2.5, 3);
        site.fill(arm, "wood", 1);
        let lab = site.put("lab", x + 2.0, 2.5, 0);
        if site.rng.chance(1, 3) {
            site.fill(lab, "productivity-module", 2);
        }
        site.fill(lab, "automation-science-pack", 2);
        x += 4.0;
    }
    site.put("medium-electric-pole", 5.5, 0.5, 0);
    site.put("medium-electric-pole", 1.5, 4.5, 0);
    site.put("beacon", 4.5, 6.5, 0);
    site.deeds.push(Deed::Grant {
        technology: "automation-science-pack",
    });
    let technology = site.pick(&["automation", "logistics", "steel-processing", "optics"]);
    site.deeds.push(Deed::Research { technology });
}

/// Belts of all kinds at random, with what they carry.
fn belts(site: &mut Site<'_>) {
    for y in 0..8 {
        for x in 0..12 {
            let (px, py) = (f64::from(x) + 0.5, f64::from(y) + 0.5);
            let facing = site.rng.below(4) as usize;
            let along = if site.rng.chance(2, 3) { 1 } else { facing };
            match site.rng.below(12) {
                0..=6 => {
                    let name =
                        site.pick(&["transport-belt", "transport-belt", "fast-transport-belt"]);
                    site.put(name, px, py, along);
                }
                7..=8 => {
                    site.put("underground-belt", px, py, along);
                }
                9 => {
                    let filter = site.pick(&[None, None, Some("coal")]);
                    site.set("splitter", px, py + 0.5, along, None, filter);
                }
                10 => {
                    let arm = site.inserter();
                    site.put(arm, px, py, facing);
                }
                _ => {
                    let chest = site.put("wooden-chest", px, py, 0);
                    site.fill(chest, "coal", 30);
                }
            }
            if site.rng.chance(1, 2) {
                let (at, item) = (site.at(px, py), site.pick(&["coal", "iron-plate", "wood"]));
                site.fill(at, item, 5);
            }
        }
    }
    site.put("medium-electric-pole", 6.5, 8.5, 0);
    // A closed loop.
    site.belts("transport-belt", (1, 9), 1, 3);
    site.belts("transport-belt", (4, 9), 2, 2);
    site.belts("transport-belt", (4, 11), 3, 3);
    site.belts("transport-belt", (1, 11), 0, 2);
    let on_loop = site.at(2.5, 9.5);
    site.fill(on_loop, "iron-gear-wheel", 6);
}

/// Solar panels, accumulators, what draws on them.
fn sun(site: &mut Site<'_>) {
    site.put("solar-panel", 1.5, 1.5, 0);
    site.put("solar-panel", 4.5, 1.5, 0);
    for x in [1.0, 3.0, 5.0] {
        let at = site.put("accumulator", x, 5.0, 0);
        let joules = site.pick(&[0.0, 1_000_000.0, 5_000_000.0]);
        site.deeds.push(Deed::Energy { at, joules });
    }
    site.put("medium-electric-pole", 6.5, 3.5, 0);
    site.put("laser-turret", 8.0, 2.0, 0);
    site.put("radar", 9.5, 6.5, 0);
    let beacon = site.put("beacon", 5.5, 8.5, 0);
    site.fill(beacon, "efficiency-module", 2);
    let machine = site.set("assembling-machine-2", 9.5, 10.5, 0, Some("pipe"), None);
    site.fill(machine, "iron-plate", 60);
    site.put("medium-electric-pole", 7.5, 8.5, 0);
}

/// Turrets that inserters feed, walls.
fn defence(site: &mut Site<'_>) {
    let chest = site.put("wooden-chest", 1.5, 1.5, 0);
    site.fill(chest, "firearm-magazine", 60);
    site.fill(chest, "coal", 5);
    site.put("burner-inserter", 1.5, 2.5, 0);
    site.put("gun-turret", 2.0, 4.0, 0);
    site.put("inserter", 2.5, 1.5, 3);
    site.put("gun-turret", 4.0, 2.0, 0);
    let turret = site.put("gun-turret", 8.0, 8.0, 0);
    site.fill(turret, "piercing-rounds-magazine", 3);
    for x in 0..12 {
        site.put("stone-wall", f64::from(x) + 0.5, 11.5, 0);
    }
    site.put("medium-electric-pole", 3.5, 0.5, 0);
    let at = site.at(10.5, 4.5);
    site.deeds.push(Deed::Drop {
        item: "firearm-magazine",
        at,
        count: 7,
    });
}

/// A silo and a landing pad, or a centrifuge with uranium.
fn mall(site: &mut Site<'_>) {
    if site.rng.chance(1, 2) {
        let silo = site.put("rocket-silo", 5.5, 5.5, 0);
        for item in ["processing-unit", "low-density-structure", "rocket-fuel"] {
            site.fill(silo, item, 20);
        }
        site.fill(silo, "productivity-module-3", 4);
        site.fill(silo, "satellite", 1);
        site.put("inserter", 10.5, 5.5, 1);
        let chest = site.put("wooden-chest", 11.5, 5.5, 0);
        site.fill(chest, "rocket-fuel", 40);
        site.put("substation", 11.0, 11.0, 0);
        return;
    }
    let centrifuge = site.set("centrifuge", 2.5, 2.5, 0, Some("uranium-processing"), None);
    site.fill(centrifuge, "uranium-ore", 40);
    site.put("fast-inserter", 4.5, 2.5, 3);
    site.put("iron-chest", 5.5, 2.5, 0);
    site.put("medium-electric-pole", 4.5, 0.5, 0);
    site.put("cargo-landing-pad", 8.0, 8.0, 0);
}

/// Arms in a ring over chests, the ground and each other.
fn yard(site: &mut Site<'_>) {
    for y in 0..6 {
        for x in 0..12 {
            let (px, py) = (f64::from(x) + 0.5, f64::from(y) + 0.5);
            let facing = site.rng.below(4) as usize;
            match site.rng.below(8) {
                0 | 1 => {
                    let arm = site.inserter();
                    let filter = site.pick(&[None, None, Some("wood"), Some("stone")]);
                    let at = site.set(arm, px, py, facing, None, filter);
                    site.fill(at, "coal", 1);
                }
                2 => {
                    let chest = site.pick(&["wooden-chest", "iron-chest"]);
                    let at = site.put(chest, px, py, 0);
                    let item =
                        site.pick(&["coal", "wood", "stone", "iron-ore", "firearm-magazine"]);
                    site.fill(at, item, 20);
                }
                3 => {
                    let (at, item) = (site.at(px, py), site.pick(&["wood", "stone", "coal"]));
                    site.deeds.push(Deed::Drop { item, at, count: 3 });
                }
                4 => {
                    site.put("stone-furnace", px + 0.5, py + 0.5, 0);
                }
                _ => {}
            }
        }
    }
    for (name, x) in [("tree-01", 1.5), ("big-rock", 6.0), ("tree-02", 10.5)] {
        site.put(name, x, 9.5, 0);
    }
    site.power();
}

/// Pipes, tanks, pumps and undergrounds at random.
fn plumbing(site: &mut Site<'_>) {
    for y in 0..12 {
        for x in 0..12 {
            let (px, py) = (f64::from(x) + 0.5, f64::from(y) + 0.5);
            let facing = site.rng.below(4) as usize;
            let at = match site.rng.below(16) {
                0..=4 => site.put("pipe", px, py, 0),
                5 | 6 => site.put("pipe-to-ground", px, py, facing),
                7 => site.put("pump", px, py + 0.5, facing),
                8 => site.put("storage-tank", px + 1.0, py + 1.0, facing),
                9 => site.put("medium-electric-pole", px, py, 0),
                _ => continue,
            };
            if site.rng.chance(1, 6) {
                let fluid = site.pick(&["water", "water", "crude-oil", "steam"]);
                let amount = f64::from(site.rng.below(400)) / 3.0;
                site.deeds.push(Deed::Fluid { at, fluid, amount });
            }
        }
    }
}
