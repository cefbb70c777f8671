//! Belts drawn as text, and what feeds and drains them.
//!
//! `^ > v <` are transport belts; a splitter is drawn as two of `n ] u [` side by side, heading north, east, south and
//! west; capital letters `N E S W` are entrances of underground belts, `n`-like digits `8 6 2 4` their exits.

use super::super::{BeltKind, Belts};
use crate::prototypes::{EntityPrototypeId, ItemId, vanilla};
use crate::sim::position::{Direction, TilePos};

pub(super) fn item(name: &str) -> ItemId {
    vanilla().item(name).unwrap()
}

pub(super) fn plate() -> ItemId {
    item("iron-plate")
}

fn prototype(name: &str) -> EntityPrototypeId {
    vanilla().entity(name).unwrap()
}

/// Belts with the tile of every one.
pub(super) struct Rig {
    pub belts: Belts,
    tier: &'static str,
    n_built: u32,
    /// First halves of splitters whose second half has not been drawn yet.
    halves: Vec<TilePos>,
}

impl Rig {
    /// Builds yellow belts as drawn, the top left tile being (0, 0).
    pub(super) fn new(rows: &[&str]) -> Self {
        Self::of_tier("", rows)
    }

    /// Builds belts of a tier: "", "fast-" or "express-".
    pub(super) fn of_tier(tier: &'static str, rows: &[&str]) -> Self {
        let mut rig = Self {
            belts: Belts::default(),
            tier,
            n_built: 0,
            halves: Vec::new(),
        };
        rig.build(0, 0, rows);
        rig.belts.settle();
        rig
    }

    /// Builds what is drawn with its top left tile at (x, y).
    pub(super) fn build(&mut self, x: i32, y: i32, rows: &[&str]) {
        for (row, line) in rows.iter().enumerate() {
            for (col, symbol) in line.chars().enumerate() {
                self.put(TilePos::new(x + col as i32, y + row as i32), symbol);
            }
        }
    }

    fn put(&mut self, tile: TilePos, symbol: char) {
        let (kind, direction) = match symbol {
            '^' => (BeltKind::Surface, Direction::NORTH),
            '>' => (BeltKind::Surface, Direction::EAST),
            'v' => (BeltKind::Surface, Direction::SOUTH),
            '<' => (BeltKind::Surface, Direction::WEST),
            'N' => (BeltKind::Entrance, Direction::NORTH),
            'E' => (BeltKind::Entrance, Direction::EAST),
            'S' => (BeltKind::Entrance, Direction::SOUTH),
            'W' => (BeltKind::Entrance, Direction::WEST),
            '8' => (BeltKind::Exit, Direction::NORTH),
            '6' => (BeltKind::Exit, Direction::EAST),
            '2' => (BeltKind::Exit, Direction::SOUTH),
            '4' => (BeltKind::Exit, Direction::WEST),
            'n' | ']' | 'u' | '[' => return self.put_half_splitter(tile, symbol),
            _ => return,
        };
        let name = match kind {
            BeltKind::Surface => "transport-belt",
            _ => "underground-belt",
        };
        let prototype = prototype(&format!("{}{name}", self.tier));
        self.belts
            .add_belt(self.n_built, prototype, tile, direction, kind);
        self.n_built += 1;
    }

    /// The second half drawn, below or to the right of the first, builds the splitter.
    fn put_half_splitter(&mut self, tile: TilePos, symbol: char) {
        let (direction, dx, dy) = match symbol {
            'n' => (Direction::NORTH, -1, 0),
            ']' => (Direction::EAST, 0, -1),
            'u' => (Direction::SOUTH, -1, 0),
            _ => (Direction::WEST, 0, -1),
        };
        let first = tile.offset(dx, dy);
        let Some(place) = self.halves.iter().position(|half| *half == first) else {
            self.halves.push(tile);
            return;
        };
        self.halves.remove(place);
        let tiles = match direction {
            Direction::NORTH | Direction::EAST => [first, tile],
            _ => [tile, first],
        };
        let prototype = prototype(&format!("{}splitter", self.tier));
        self.belts
            .add_splitter(self.n_built, prototype, tiles, direction);
        self.n_built += 1;
    }

    /// Finds the belt at (x, y).
    pub(super) fn at(&self, x: i32, y: i32) -> u32 {
        self.belts.belt_at(TilePos::new(x, y)).unwrap()
    }

    /// Puts an item so that it reads `position` at once, as a script's insert on a free line does.
    pub(super) fn lay(&mut self, x: i32, y: i32, lane: usize, position: i32) {
        let belt = self.at(x, y);
        let speed = self.belts.belt(belt).unwrap().speed;
        assert!(self.belts.insert(belt, lane, position + speed, plate()));
        assert!(self.positions(x, y, lane).contains(&position));
    }

    /// Puts an item on the upstream edge of a belt, if there is room.
    pub(super) fn feed(&mut self, belt: u32, lane: usize, item: ItemId) -> bool {
        let length = self.belts.lane_length(belt, lane);
        // Only at the very edge, as one that is fed from behind.
        let last = self.belts.items_on(belt, lane).last();
        if last.is_some_and(|(position, _)| position + super::super::SPACING > length) {
            return false;
        }
        self.belts.insert(belt, lane, length, item)
    }

    /// Takes everything off a belt and counts it by lane.
    pub(super) fn drain(&mut self, belt: u32) -> [u32; 2] {
        [0, 1].map(|lane| {
            let items: Vec<_> = self.belts.items_on(belt, lane).collect();
            for (position, item) in &items {
                assert!(self.belts.take(belt, lane, *position, *item));
            }
            items.len() as u32
        })
    }

    pub(super) fn run(&mut self, ticks: u32) {
        for _ in 0..ticks {
            self.belts.tick();
        }
    }

    /// Reads the positions on one lane of the belt at (x, y).
    pub(super) fn positions(&self, x: i32, y: i32, lane: usize) -> Vec<i32> {
        self.belts
            .items_on(self.at(x, y), lane)
            .map(|(position, _)| position)
            .collect()
    }

    /// Counts all items.
    pub(super) fn count(&self) -> usize {
        self.belts.placed_items().len()
    }
}

/// Measures what passes: feeds `sources` full on `lanes`, drains `sinks`, and counts per sink over `ticks` after
/// `warm_up` ticks.
pub(super) fn flow(
    rig: &mut Rig,
    sources: &[u32],
    lanes: &[usize],
    sinks: &[u32],
    warm_up: u32,
    ticks: u32,
) -> Vec<u32> {
    let mut counts = vec![0; sinks.len()];
    for tick in 0..warm_up + ticks {
        for source in sources {
            for lane in lanes {
                rig.feed(*source, *lane, plate());
            }
        }
        rig.belts.tick();
        for (count, sink) in counts.iter_mut().zip(sinks) {
            let drained: u32 = rig.drain(*sink).iter().sum();
            if tick >= warm_up {
                *count += drained;
            }
        }
    }
    counts
}
