//! What others do with items on belts: look for them, take them and put them on.

use std::ops::Range;

use super::super::entity::EntityRef;
use super::super::inventory::ItemStack;
use super::super::position::TilePos;
use super::tile::Spot;
use super::{BeltKind, BeltTile, Belts, HALF_LENGTH, Splitter};
use crate::prototypes::ItemId;

impl Belts {
    /// Reads a belt.
    pub fn belt(&self, index: u32) -> Option<&BeltTile> {
        self.tiles.get(index)
    }

    /// Reads a splitter.
    pub fn splitter(&self, index: u32) -> Option<&Splitter> {
        self.splitters.get(index)
    }

    /// Borrows a splitter to set its priorities and filter.
    pub fn splitter_mut(&mut self, index: u32) -> Option<&mut Splitter> {
        if let Some(splitter) = self.splitters.get(index) {
            // What was refused so far may pass now.
            for half in splitter.halves {
                self.wake_belt(half);
            }
        }
        self.splitters.get_mut(index)
    }

    fn wake_belt(&mut self, index: u32) {
        if let Some(line) = self.tiles.get(index).and_then(|tile| tile.line) {
            self.wake_track(line * 2);
            self.wake_track(line * 2 + 1);
        }
    }

    /// Walks the four half belts of a splitter: left in, right in, left out, right out.
    pub fn splitter_belts(&self, index: u32) -> impl Iterator<Item = u32> + use<> {
        self.splitters
            .get(index)
            .map(|splitter| splitter.halves)
            .into_iter()
            .flatten()
    }

    /// Finds the belt on a tile; of a splitter the half that takes items in.
    pub fn belt_at(&self, tile: TilePos) -> Option<u32> {
        debug_assert!(
            self.changed.is_empty(),
            "belts are settled before they are looked at"
        );
        self.by_tile.get(&tile).copied()
    }

    /// Walks the items on one lane of a belt, front first: position in the belt (0 is its downstream edge) and kind.
    pub fn items_on(
        &self,
        belt: u32,
        lane: usize,
    ) -> impl Iterator<Item = (i32, ItemId)> + use<'_> {
        self.tiles
            .get(belt)
            .and_then(|tile| Some((tile, tile.line?)))
            .map(|(tile, line)| {
                let spot = tile.spots[lane];
                let items = &self.tracks[line as usize * 2 + lane].lane;
                let range = items.range(spot.start..spot.start + spot.length);
                items.positions()[range.clone()]
                    .iter()
                    .zip(&items.items()[range])
                    .map(move |(position, item)| (position - spot.start, *item))
            })
            .into_iter()
            .flatten()
    }

    /// Walks all items, in no order that means anything.
    pub(in super::super) fn all_items(&self) -> impl Iterator<Item = ItemId> + '_ {
        self.tracks
            .iter()
            .flat_map(|track| track.lane.items().iter().copied())
    }

    /// Gives the part of a lane of a belt that is above ground.
    pub(in super::super) fn visible_part(&self, belt: u32, lane: usize) -> Range<i32> {
        self.tiles
            .get(belt)
            .map_or(0..0, |tile| tile.visible_part(lane))
    }

    /// Walks the items on one lane of a belt that are above ground, as [`Belts::items_on`] does.
    #[inline]
    pub(in super::super) fn visible_items(
        &self,
        belt: u32,
        lane: usize,
    ) -> impl Iterator<Item = (i32, ItemId)> + use<'_> {
        let found = self.tiles.get(belt).and_then(|tile| {
            let items = &self.tracks[tile.line? as usize * 2 + lane].lane;
            let (start, part) = (tile.spots[lane].start, tile.visible_part(lane));
            let first = items.first_at(start + part.start);
            Some((
                start,
                part.end,
                &items.positions()[first..],
                &items.items()[first..],
            ))
        });
        let (start, end, positions, items) = found.unwrap_or((0, 0, &[], &[]));
        positions
            .iter()
            .zip(items)
            .map(move |(position, item)| (position - start, *item))
            .take_while(move |(position, _)| *position < end)
    }

    /// Finds where the last item of a kind lies that is above ground and at most one step downstream of `position`.
    #[inline]
    pub(in super::super) fn follow(
        &self,
        belt: u32,
        lane: usize,
        position: i32,
        item: ItemId,
    ) -> Option<i32> {
        let tile = self.tiles.get(belt)?;
        let items = &self.tracks[tile.line? as usize * 2 + lane].lane;
        let (start, part) = (tile.spots[lane].start, tile.visible_part(lane));
        let first = start + part.start.max(position - tile.speed);
        let last = start + (part.end - 1).min(position);
        let from = items.first_at(first);
        items.positions()[from..]
            .iter()
            .zip(&items.items()[from..])
            .take_while(|(position, _)| **position <= last)
            .filter(|(_, kind)| **kind == item)
            .last()
            .map(|(position, _)| position - start)
    }

    /// Gives the length of one lane of a belt.
    pub fn lane_length(&self, belt: u32, lane: usize) -> i32 {
        self.tiles
            .get(belt)
            .map_or(0, |tile| tile.spots[lane].length)
    }

    /// Says whether an item dropped at `position` would be taken.
    pub fn can_insert(&self, belt: u32, lane: usize, position: i32) -> bool {
        debug_assert!(
            self.changed.is_empty(),
            "belts are settled before they are looked at"
        );
        self.spot(belt, lane).is_some_and(|(track, spot)| {
            let target = spot.start + position;
            self.place_on(track, belt, target, target).is_some()
        })
    }

    /// Drops an item at `position`, or up to one spacing behind it; it moves one step at once. Returns whether it was
    /// taken.
    pub fn insert(&mut self, belt: u32, lane: usize, position: i32, item: ItemId) -> bool {
        self.settle();
        self.spot(belt, lane).is_some_and(|(track, spot)| {
            let target = spot.start + position;
            self.put(track, belt, target, target, item)
        })
    }

    /// Takes the item that lies exactly at `position`; returns whether it was there.
    pub fn take(&mut self, belt: u32, lane: usize, position: i32, item: ItemId) -> bool {
        self.settle();
        let Some((track, spot)) = self.spot(belt, lane) else {
            return false;
        };
        let items = &mut self.tracks[track as usize].lane;
        let at = spot.start + position;
        let Some(index) = items
            .range(at..at + 1)
            .find(|index| items.items()[*index] == item)
        else {
            return false;
        };
        items.remove(index);
        self.note_removal(belt, track);
        self.touch(track);
        true
    }

    /// Lists what lies on a belt, and in the tunnel that ends there, as removing it yields it.
    pub fn contents_of(&self, index: u32) -> Vec<ItemStack> {
        let single = |item| ItemStack { item, count: 1 };
        let mut contents: Vec<ItemStack> = (0..2)
            .flat_map(|lane| self.items_on(index, lane))
            .map(|(_, item)| single(item))
            .collect();
        if let Some(mate) = self.tiles.get(index).and_then(|tile| tile.mate) {
            for lane in 0..2 {
                contents.extend(
                    self.hidden_on(mate, lane)
                        .into_iter()
                        .map(|(_, i)| single(i)),
                );
            }
        }
        contents
    }

    /// Says whether anything moved on the line of a belt in the last tick.
    pub fn did_move(&self, belt: u32) -> bool {
        self.tiles
            .get(belt)
            .and_then(|tile| tile.line)
            .is_some_and(|line| {
                let tracks = &self.tracks[line as usize * 2..line as usize * 2 + 2];
                tracks
                    .iter()
                    .any(|track| track.moved && track.acted_at == self.clock)
            })
    }

    /// Says whether anything on the line of a belt may move in the next tick; watching a line that cannot costs nothing.
    pub fn is_awake(&self, belt: u32) -> bool {
        self.tiles
            .get(belt)
            .and_then(|tile| tile.line)
            .is_some_and(|line| self.is_line_awake(line))
    }

    #[inline]
    pub(super) fn is_line_awake(&self, line: u32) -> bool {
        let tracks = &self.tracks[line as usize * 2..line as usize * 2 + 2];
        tracks.iter().any(|track| track.awake != 0)
    }

    /// Notes that `watcher` is to be told when something on the line of a belt moves or changes.
    pub fn watch(&mut self, belt: u32, watcher: EntityRef) {
        self.settle();
        if let Some(line) = self.tiles.get(belt).and_then(|tile| tile.line) {
            let watchers = &mut self.lines[line as usize].watchers;
            if !watchers.contains(&watcher) {
                watchers.push(watcher);
            }
        }
    }

    /// Moves those who are to be told of a change to the end of `woken`, in the order in which it happened.
    pub fn drain_woken(&mut self, woken: &mut Vec<EntityRef>) {
        woken.append(&mut self.woken);
    }

    /// Says whether someone is to be told of a change.
    pub fn has_woken(&self) -> bool {
        !self.woken.is_empty()
    }

    /// Takes the items that lost their place when an underground belt was changed.
    pub(in super::super) fn take_displaced(&mut self) -> Vec<(TilePos, ItemId)> {
        std::mem::take(&mut self.displaced)
    }

    /// Empties everything for another episode, keeping memory where that is easy.
    pub fn clear(&mut self) {
        self.tiles.clear();
        self.splitters.clear();
        self.next_born = 0;
        self.displaced.clear();
        self.woken.clear();
        self.by_tile.clear();
        self.lines.clear();
        self.tracks.clear();
        self.awake.clear();
        self.next_awake = 0;
        self.clock = 0;
        self.changed.clear();
        self.changed_lines.clear();
        self.free_lines.clear();
        self.n_undergrounds = 0;
    }

    /// Counts belts, four to a splitter, and splitters.
    pub(in super::super) fn counts(&self) -> (usize, usize) {
        (self.tiles.len(), self.splitters.len())
    }

    /// Says whether there is no belt.
    pub fn is_empty(&self) -> bool {
        self.tiles.is_empty()
    }

    fn spot(&self, belt: u32, lane: usize) -> Option<(u32, Spot)> {
        let tile = self.tiles.get(belt)?;
        Some((tile.line? * 2 + lane as u32, tile.spots[lane]))
    }

    /// Lists what lies in the hidden part of an end of an underground belt.
    pub(super) fn hidden_on(&self, belt: u32, lane: usize) -> Vec<(i32, ItemId)> {
        let Some(tile) = self.tiles.get(belt).filter(|tile| tile.mate.is_some()) else {
            return Vec::new();
        };
        let hidden = match tile.kind {
            BeltKind::Entrance => 0..tile.spots[lane].length - HALF_LENGTH,
            _ => HALF_LENGTH..tile.spots[lane].length,
        };
        self.items_on(belt, lane)
            .filter(|(position, _)| hidden.contains(position))
            .collect()
    }

    fn note_removal(&mut self, belt: u32, track: u32) {
        let track = &mut self.tracks[track as usize];
        track.removals = track.removals.wrapping_add(1);
        if let Some(tile) = self.tiles.get_mut(belt) {
            tile.removals = tile.removals.wrapping_add(1);
        }
    }

    pub(super) fn remove_all(&mut self, belt: u32, lane: usize, items: &[(i32, ItemId)]) {
        let Some((track, spot)) = self.spot(belt, lane) else {
            return;
        };
        for (position, item) in items {
            let at = spot.start + position;
            let lane = &mut self.tracks[track as usize].lane;
            let found = lane
                .range(at..at + 1)
                .find(|index| lane.items()[*index] == *item);
            if let Some(index) = found {
                lane.remove(index);
            }
        }
        if !items.is_empty() {
            self.note_removal(belt, track);
            self.touch(track);
        }
    }
}
