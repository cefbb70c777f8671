//! Building and removing belts and splitters: what of their items stays where.

use super::super::inventory::ItemStack;
use super::super::position::{Direction, TilePos};
use super::tile::Spot;
use super::{BeltKind, BeltTile, Belts, Shape, Splitter};
use crate::prototypes::{EntityPrototypeId, ItemId, vanilla};

impl Belts {
    /// Adds a belt and returns its index; the tile must be free.
    pub fn add_belt(
        &mut self,
        entity_slot: u32,
        prototype: EntityPrototypeId,
        tile: TilePos,
        direction: Direction,
        kind: BeltKind,
    ) -> u32 {
        self.changed.push(tile);
        let speed = vanilla()[prototype]
            .belt
            .as_ref()
            .map_or(0, |belt| belt.speed_subtiles_per_tick);
        let born = self.next_born;
        self.next_born += 1;
        let index = self.tiles.insert(BeltTile {
            entity: entity_slot,
            prototype,
            tile,
            direction,
            kind,
            born,
            shape: Shape::Straight,
            speed,
            line: None,
            spots: [Spot {
                start: 0,
                length: 0,
            }; 2],
            mate: None,
            removals: 0,
        });
        match kind {
            BeltKind::SplitterOut { .. } => {}
            BeltKind::Entrance | BeltKind::Exit => {
                self.n_undergrounds += 1;
                self.by_tile.insert(tile, index);
            }
            BeltKind::Surface | BeltKind::SplitterIn { .. } => {
                self.by_tile.insert(tile, index);
            }
        }
        index
    }

    /// Takes a belt away and returns what lay on it, and in the tunnel that ends there: lane 1, then lane 2, front first.
    pub fn remove_belt(&mut self, index: u32) -> Vec<ItemStack> {
        let contents = self.contents_of(index);
        let Some(tile) = self.tiles.get(index).cloned() else {
            return contents;
        };
        self.cut_out(index);
        if let Some(mate) = tile.mate {
            self.cut_out_hidden(mate);
        }
        self.tiles.remove(index);
        if self.by_tile.get(&tile.tile) == Some(&index) {
            self.by_tile.remove(&tile.tile);
        }
        self.n_undergrounds -= u32::from(tile.is_underground());
        self.changed.push(tile.tile);
        self.changed_lines.extend(tile.line);
        contents
    }

    /// Turns a belt; what lies on it stays on it.
    pub fn turn_belt(&mut self, index: u32, direction: Direction) {
        if let Some(tile) = self.tiles.get_mut(index) {
            tile.direction = direction;
            self.changed.push(tile.tile);
        }
    }

    /// Turns an underground belt and its other end round: what led down leads up, the other way.
    pub fn reverse_underground(&mut self, index: u32) {
        self.settle();
        let mate = self.tiles.get(index).and_then(|tile| tile.mate);
        for end in std::iter::once(index).chain(mate) {
            // What lies on either end runs the other way now; it comes out instead.
            self.displace(end);
            if let Some(tile) = self.tiles.get_mut(end) {
                tile.direction = tile.direction.rotated().rotated();
                tile.kind = match tile.kind {
                    BeltKind::Entrance => BeltKind::Exit,
                    _ => BeltKind::Entrance,
                };
                self.changed.push(tile.tile);
            }
        }
    }

    /// Makes an underground belt the end that leads down or the one that leads up.
    pub(super) fn set_underground_end(&mut self, index: u32, kind: BeltKind) {
        if let Some(tile) = self.tiles.get_mut(index)
            && tile.is_underground()
            && tile.kind != kind
        {
            tile.kind = kind;
            self.changed.push(tile.tile);
        }
    }

    /// Says whether an underground belt built here facing `direction` would be the exit of one that is already there.
    pub fn kind_of_new_underground(
        &mut self,
        prototype: EntityPrototypeId,
        tile: TilePos,
        direction: Direction,
    ) -> BeltKind {
        self.settle();
        let reach = vanilla()[prototype]
            .belt
            .as_ref()
            .map_or(0, |belt| belt.max_distance as i32);
        let (dx, dy) = direction.steps();
        let nearest = (1..=reach)
            .filter_map(|distance| self.belt_at(tile.offset(-dx * distance, -dy * distance)))
            .filter_map(|index| self.tiles.get(index))
            .find(|other| other.is_underground() && other.prototype == prototype);
        match nearest {
            Some(other)
                if other.kind == BeltKind::Entrance
                    && other.direction == direction
                    && other.mate.is_none() =>
            {
                BeltKind::Exit
            }
            _ => BeltKind::Entrance,
        }
    }

    /// Adds a splitter whose left half stands on `left` and right half on `right`; returns its index.
    pub fn add_splitter(
        &mut self,
        entity_slot: u32,
        prototype: EntityPrototypeId,
        [left, right]: [TilePos; 2],
        direction: Direction,
    ) -> u32 {
        let splitter = self.splitters.insert(Splitter::new(entity_slot));
        let halves = [(left, 0), (right, 1)];
        let ins = halves.map(|(tile, side)| {
            let kind = BeltKind::SplitterIn { splitter, side };
            self.add_belt(entity_slot, prototype, tile, direction, kind)
        });
        let outs = halves.map(|(tile, side)| {
            let kind = BeltKind::SplitterOut { splitter, side };
            self.add_belt(entity_slot, prototype, tile, direction, kind)
        });
        if let Some(facts) = self.splitters.get_mut(splitter) {
            facts.halves = [ins[0], ins[1], outs[0], outs[1]];
        }
        splitter
    }

    /// Takes a splitter away and returns what was in it.
    pub fn remove_splitter(&mut self, index: u32) -> Vec<ItemStack> {
        let Some(splitter) = self.splitters.remove(index) else {
            return Vec::new();
        };
        let halves = splitter.halves;
        halves
            .into_iter()
            .flat_map(|half| self.remove_belt(half))
            .collect()
    }

    /// Turns a splitter round on the spot; left and right change tiles with it.
    pub fn turn_splitter(&mut self, index: u32, direction: Direction) {
        let Some(halves) = self.splitters.get(index).map(|splitter| splitter.halves) else {
            return;
        };
        let tiles = halves.map(|half| self.tiles.get(half).map(|tile| tile.tile));
        for (half, tile) in halves
            .into_iter()
            .zip([tiles[1], tiles[0], tiles[3], tiles[2]])
        {
            if let (Some(belt), Some(tile)) = (self.tiles.get_mut(half), tile) {
                belt.tile = tile;
                belt.direction = direction;
                if matches!(belt.kind, BeltKind::SplitterIn { .. }) {
                    self.by_tile.insert(tile, half);
                }
                self.changed.push(tile);
            }
        }
    }

    fn cut_out(&mut self, belt: u32) {
        for lane in 0..2 {
            let items: Vec<(i32, ItemId)> = self.items_on(belt, lane).collect();
            self.remove_all(belt, lane, &items);
        }
    }

    fn cut_out_hidden(&mut self, belt: u32) {
        for lane in 0..2 {
            let items = self.hidden_on(belt, lane);
            self.remove_all(belt, lane, &items);
        }
    }

    fn displace(&mut self, belt: u32) {
        let Some(place) = self.tiles.get(belt).map(|tile| tile.tile) else {
            return;
        };
        for lane in 0..2 {
            let items: Vec<(i32, ItemId)> = self.items_on(belt, lane).collect();
            self.remove_all(belt, lane, &items);
            self.displaced
                .extend(items.into_iter().map(|(_, item)| (place, item)));
        }
    }
}
