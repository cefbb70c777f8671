//! Random plans from a seed: layouts side by side, strewn entities, and deeds while the factory runs.

use super::deeds::Deed;
use super::layouts::{LAYOUTS, SIDE, Site};
use super::runner::Plan;
use crate::prototypes::{EntityKind, vanilla};
use crate::sim::rng::Rng;

const FACINGS: [&str; 4] = ["north", "east", "south", "west"];
/// What is strewn over the map and handled while it runs.
const STREWN: [&str; 34] = [
    "transport-belt",
    "fast-transport-belt",
    "underground-belt",
    "splitter",
    "inserter",
    "burner-inserter",
    "long-handed-inserter",
    "fast-inserter",
    "bulk-inserter",
    "wooden-chest",
    "iron-chest",
    "stone-furnace",
    "electric-furnace",
    "assembling-machine-1",
    "assembling-machine-2",
    "assembling-machine-3",
    "chemical-plant",
    "pipe",
    "pipe-to-ground",
    "storage-tank",
    "pump",
    "boiler",
    "steam-engine",
    "solar-panel",
    "accumulator",
    "small-electric-pole",
    "medium-electric-pole",
    "substation",
    "lab",
    "beacon",
    "gun-turret",
    "laser-turret",
    "electric-mining-drill",
    "burner-mining-drill",
];
const RECIPES: [&str; 14] = [
    "iron-gear-wheel",
    "copper-cable",
    "electronic-circuit",
    "transport-belt",
    "pipe",
    "automation-science-pack",
    "stone-brick",
    "iron-plate",
    "plastic-bar",
    "sulfuric-acid",
    "advanced-circuit",
    "concrete",
    "iron-stick",
    "wooden-chest",
];
const ITEMS: [&str; 16] = [
    "coal",
    "wood",
    "stone",
    "iron-ore",
    "copper-ore",
    "iron-plate",
    "copper-plate",
    "iron-gear-wheel",
    "electronic-circuit",
    "automation-science-pack",
    "firearm-magazine",
    "speed-module",
    "productivity-module",
    "transport-belt",
    "inserter",
    "solid-fuel",
];
const FLUIDS: [&str; 5] = [
    "water",
    "steam",
    "crude-oil",
    "petroleum-gas",
    "sulfuric-acid",
];

/// What kind of plan is made.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    /// Layouts along a side of the map.
    pub(super) layouts: i32,
    /// Ticks that it runs in all.
    pub(super) ticks: u32,
    /// Deeds while it runs.
    pub(super) n_deeds: u32,
    pub(super) has_enemies: bool,
    /// Whether some deeds ask for nonsense.
    pub(super) is_wild: bool,
    /// Whether chests and belts are kept full.
    pub(super) has_supplies: bool,
}

struct Planner {
    deeds: Vec<Deed>,
    rng: Rng,
    kind: Kind,
}

/// Makes the plan of a seed.
pub(super) fn plan(seed: u64, kind: Kind) -> Plan {
    let mut planner = Planner {
        deeds: Vec::new(),
        rng: Rng::new(seed),
        kind,
    };
    planner.build();
    planner.live();
    Plan {
        seed,
        side: i64::from(kind.layouts) * SIDE as i64 + 8,
        deeds: planner.deeds,
    }
}

impl Planner {
    fn pick<T: Copy>(&mut self, options: &[T]) -> T {
        options[self.rng.below(options.len() as u32) as usize]
    }

    /// Draws a place where something was placed, mostly, else anywhere.
    fn known_place(&mut self) -> (f64, f64) {
        if self.rng.chance(2, 3) {
            for _ in 0..8 {
                let index = self.rng.below(self.deeds.len() as u32) as usize;
                if let Deed::Place { at, .. } = self.deeds[index] {
                    return at;
                }
            }
        }
        self.place()
    }

    /// Draws a place on the map, in steps of a quarter of a tile.
    fn place(&mut self) -> (f64, f64) {
        let half = self.kind.layouts * SIDE as i32 / 2 + 4;
        let mut draw = || f64::from(self.rng.between(-half * 4, half * 4)) / 4.0;
        (draw(), draw())
    }

    fn build(&mut self) {
        if self.rng.chance(4, 5) {
            self.deeds.push(Deed::EnableAll);
        }
        for technology in [
            "bulk-inserter",
            "inserter-capacity-bonus-1",
            "mining-productivity-1",
            "steel-axe",
        ] {
            if self.rng.chance(1, 2) {
                self.deeds.push(Deed::Grant { technology });
            }
        }
        let half = f64::from(self.kind.layouts) * SIDE / 2.0;
        if self.rng.chance(3, 4) {
            self.wire(half);
        }
        for row in 0..self.kind.layouts {
            for column in 0..self.kind.layouts {
                let layout = LAYOUTS[self.rng.below(LAYOUTS.len() as u32) as usize];
                let quarters = self.rng.below(4) as usize;
                layout(&mut Site {
                    deeds: &mut self.deeds,
                    rng: &mut self.rng,
                    corner: (
                        f64::from(column) * SIDE - half,
                        f64::from(row) * SIDE - half,
                    ),
                    quarters,
                });
            }
        }
        for _ in 0..self.kind.layouts * self.kind.layouts * 5 {
            self.strew();
        }
        for item in ["coal", "iron-plate", "stone", "wood", "copper-plate"] {
            let count = self.rng.below(120);
            self.deeds.push(Deed::Give { item, count });
        }
        for item in [
            "transport-belt",
            "inserter",
            "pipe",
            "stone-furnace",
            "firearm-magazine",
            "repair-pack",
        ] {
            self.deeds.push(Deed::Give { item, count: 10 });
        }
        if self.kind.has_enemies {
            self.deeds.push(Deed::Give {
                item: "submachine-gun",
                count: 1,
            });
            let at = self.place();
            self.deeds.push(Deed::Place {
                name: "biter-spawner",
                at,
                facing: "north",
                recipe: None,
                filter: None,
            });
            let at = self.place();
            self.deeds.push(Deed::Place {
                name: "small-worm-turret",
                at,
                facing: "north",
                recipe: None,
                filter: None,
            });
            self.deeds.push(Deed::Pollute {
                at: (0.0, 0.0),
                amount: 500.0,
            });
        }
    }

    /// Puts substations where the corners of layouts meet, and mostly something that feeds them.
    fn wire(&mut self, half: f64) {
        let mut place = |name, at| {
            self.deeds.push(Deed::Place {
                name,
                at,
                facing: "north",
                recipe: None,
                filter: None,
            });
        };
        for row in 0..=self.kind.layouts {
            for column in 0..=self.kind.layouts {
                let at = (
                    f64::from(column) * SIDE - half,
                    f64::from(row) * SIDE - half,
                );
                place("substation", at);
            }
        }
        let at = (half + 2.5, half + 2.5);
        let source = if self.rng.chance(2, 3) {
            "electric-energy-interface"
        } else {
            "solar-panel"
        };
        self.deeds.push(Deed::Place {
            name: source,
            at,
            facing: "north",
            recipe: None,
            filter: None,
        });
    }

    fn strew(&mut self) {
        let (name, at, facing) = (self.pick(&STREWN), self.place(), self.pick(&FACINGS));
        let recipe = (name.starts_with("assembling") || name == "chemical-plant")
            .then(|| self.pick(&RECIPES));
        let filter =
            (name.ends_with("inserter") && self.rng.chance(1, 4)).then(|| self.pick(&ITEMS));
        self.deeds.push(Deed::Place {
            name,
            at,
            facing,
            recipe,
            filter,
        });
        if self.rng.chance(1, 2) {
            let (item, count) = (self.pick(&ITEMS), 1 + self.rng.below(30));
            self.deeds.push(Deed::Insert { at, item, count });
        }
    }

    fn live(&mut self) {
        let n_deeds = self.kind.n_deeds.max(1);
        let step = (self.kind.ticks / n_deeds).max(1);
        for _ in 0..n_deeds {
            let ticks = 1 + self.rng.below(2 * step);
            self.deeds.push(Deed::Run { ticks });
            if self.kind.n_deeds == 0 {
                continue;
            }
            if self.kind.is_wild && self.rng.chance(1, 3) {
                self.wild();
            } else {
                self.deed();
            }
        }
    }

    fn deed(&mut self) {
        let at = self.known_place();
        let (item, recipe) = (self.pick(&ITEMS), self.pick(&RECIPES));
        let count = 1 + self.rng.below(60);
        let facing = self.pick(&FACINGS);
        let direction = self.rng.below(8) as u8;
        let deed = match self.rng.below(34) {
            0..=3 => return self.strew(),
            4..=6 => Deed::Remove { at },
            7 | 8 => Deed::Rotate { at, facing },
            9 => Deed::Recipe { at, recipe },
            10 | 11 => Deed::Insert { at, item, count },
            12 | 13 => Deed::Take { at, item, count },
            14 => Deed::Fluid {
                at,
                fluid: self.pick(&FLUIDS),
                amount: f64::from(count) * 1.7,
            },
            15 => Deed::Lay {
                at,
                lane: i64::from(1 + self.rng.below(8)),
                item,
                position: i64::from(self.rng.below(256)),
            },
            16 => Deed::Drop {
                item,
                at,
                count: 1 + count / 10,
            },
            17 => {
                let area = (at, (at.0 + 3.0, at.1 + 2.0));
                Deed::Resource {
                    name: "iron-ore",
                    area,
                    amount: u64::from(count),
                }
            }
            18 => Deed::Walk {
                direction: (direction > 1).then_some(direction),
            },
            19 => Deed::Teleport { at },
            20..=22 => Deed::Mine { at },
            23 => Deed::StopMining,
            24 | 25 => Deed::Build {
                item: self.pick(&["transport-belt", "inserter", "pipe", "stone-furnace"]),
                at,
                direction,
            },
            26 => Deed::Put { at, item },
            27 => Deed::TakeByHand { at },
            28 => Deed::Craft {
                recipe,
                count: 1 + count / 12,
            },
            29 => Deed::RotateByHand { at },
            30 => Deed::Restore,
            31 if self.kind.has_supplies => match self.rng.below(3) {
                0 => Deed::KeepFull { at, what: item },
                1 => Deed::KeepEmpty { at },
                _ => Deed::Release { at },
            },
            31 => Deed::Research {
                technology: self.pick(&["automation", "logistics", "optics", "stone-wall"]),
            },
            32 if self.kind.has_enemies => match self.rng.below(5) {
                4 => Deed::Launch { at },
                0 => Deed::Spawn {
                    name: self.pick(&["small-biter", "small-spitter", "medium-biter"]),
                    at,
                },
                1 => Deed::Destroy { at },
                2 => Deed::Repair { at },
                _ => Deed::Pollute { at, amount: 100.0 },
            },
            32 => Deed::RecipeByHand { at, recipe },
            _ => Deed::Energy {
                at,
                joules: f64::from(count) * 1e4,
            },
        };
        self.deeds.push(deed);
    }

    /// Asks for something that may make no sense at all.
    fn wild(&mut self) {
        let data = vanilla();
        let entities = data.entities();
        let prototype = &entities[self.rng.below(entities.len() as u32) as usize];
        let item = data.items()[self.rng.below(data.items().len() as u32) as usize]
            .name
            .as_str();
        let recipe = data.recipes()[self.rng.below(data.recipes().len() as u32) as usize]
            .name
            .as_str();
        let fluid = data.fluids()[self.rng.below(data.fluids().len() as u32) as usize]
            .name
            .as_str();
        let odd = self.pick(&[0.0, -1.0, 0.1, 1e5, 1e9, f64::NAN, f64::INFINITY, -0.0]);
        let mut at = self.known_place();
        if self.rng.chance(1, 12) {
            at.0 = odd;
        }
        let count = self.pick(&[0, 1, 49, 1_000, u32::MAX]);
        let facing = self.pick(&["north", "east", "south", "west", "northeast", "down"]);
        // Nests are left to the worlds that have enemies.
        let is_hostile = matches!(prototype.kind, EntityKind::UnitSpawner | EntityKind::Turret);
        let name = if is_hostile && !self.kind.has_enemies {
            "nothing"
        } else {
            prototype.name.as_str()
        };
        let technology = data.technologies()
            [self.rng.below(data.technologies().len() as u32) as usize]
            .name
            .as_str();
        let deed = match self.rng.below(24) {
            0..=5 => Deed::Place {
                name,
                at,
                facing,
                recipe: self.rng.chance(1, 4).then_some(recipe),
                filter: self.rng.chance(1, 4).then_some(item),
            },
            6 => Deed::Rotate { at, facing },
            7 | 8 => Deed::Recipe { at, recipe },
            9 | 10 => Deed::Insert { at, item, count },
            11 => Deed::Take { at, item, count },
            12 => Deed::Fluid {
                at,
                fluid,
                amount: odd,
            },
            13 => Deed::Lay {
                at,
                lane: self.pick(&[0, -1, 9, i64::MAX, i64::MIN, 2]),
                item,
                position: self.pick(&[-1, 0, 300, i64::MAX]),
            },
            14 => Deed::Energy { at, joules: odd },
            15 => Deed::Drop {
                item,
                at,
                count: count.min(1_000),
            },
            16 => Deed::Resource {
                name: self.pick(&["tree", "rock", "crude-oil", "iron-ore", "x"]),
                area: (at, (at.0 + 2.0, at.1 + odd)),
                amount: self.pick(&[0, 5, u64::MAX]),
            },
            17 => Deed::Tiles {
                name: self.pick(&["water", "landfill", "grass-1", "x"]),
                area: (at, (at.0 + 1.5, at.1 + 1.0)),
            },
            18 => Deed::Give { item, count },
            19 => Deed::Build {
                item,
                at,
                direction: self.rng.below(8) as u8,
            },
            20 => Deed::Craft { recipe, count },
            21 => Deed::Teleport { at: (odd, at.1) },
            22 => Deed::Grant { technology },
            _ => Deed::Research { technology },
        };
        self.deeds.push(deed);
    }
}
