//! Items with their places on belts: taken off lines that are made anew, put on new ones, stored.

use super::Belts;
use crate::prototypes::ItemId;

/// An item with its place on its belt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    pub belt: u32,
    pub lane: usize,
    pub position: i32,
    pub item: ItemId,
}

impl Belts {
    /// Lists all items, by belt, lane and position.
    pub(super) fn placed_items(&self) -> Vec<Placed> {
        let all: Vec<u32> = self.tiles.iter().map(|(index, _)| index).collect();
        self.items_of(&all)
    }

    /// Lists the items on some belts, by belt, lane and position.
    pub(super) fn items_of(&self, belts: &[u32]) -> Vec<Placed> {
        let mut found = Vec::new();
        for &belt in belts {
            for lane in 0..2 {
                found.extend(self.items_on(belt, lane).map(|(position, item)| Placed {
                    belt,
                    lane,
                    position,
                    item,
                }));
            }
        }
        found
    }

    /// Puts items onto lanes that are empty; `items` are sorted by belt, lane and position.
    pub(super) fn place(&mut self, items: &[Placed]) {
        let mut lines: Vec<u32> = items
            .iter()
            .filter_map(|placed| self.tiles.get(placed.belt)?.line)
            .collect();
        lines.sort_unstable();
        lines.dedup();
        for line in lines {
            for place in 0..self.lines[line as usize].belts.len() {
                let belt = self.lines[line as usize].belts[place];
                let Some(tile) = self.tiles.get(belt) else {
                    continue;
                };
                let start = items.partition_point(|placed| placed.belt < belt);
                for placed in items[start..]
                    .iter()
                    .take_while(|placed| placed.belt == belt)
                {
                    let position = tile.spots[placed.lane].start + placed.position;
                    self.tracks[line as usize * 2 + placed.lane]
                        .lane
                        .push_back(position, placed.item);
                }
            }
        }
    }
}
