//! Sleeping and waking: machines that have nothing to do cost nothing until something happens to them.

use super::entity::{Body, EntityRef};
use super::position::{TileArea, TilePos};
use super::world::World;

impl World {
    pub(super) fn is_awake(&self, body: Body) -> bool {
        match body {
            Body::Drill(index) => self.drills.get(index).is_some_and(|drill| !drill.asleep),
            Body::Crafter(index) => self
                .crafters
                .get(index)
                .is_some_and(|furnace| !furnace.asleep),
            Body::Lab(index) => self.labs.get(index).is_some_and(|lab| !lab.asleep),
            Body::Beacon(index) => self.beacons.get(index).is_some_and(|beacon| !beacon.asleep),
            Body::Boiler(index) => self.boilers.get(index).is_some_and(|boiler| !boiler.asleep),
            _ => false,
        }
    }

    /// Wakes a machine at once, as for what is done between ticks.
    pub(super) fn wake(&mut self, reference: EntityRef) {
        let Some(entity) = self.entity(reference) else {
            return;
        };
        let body = entity.body;
        if let Body::Inserter(index) = body {
            self.wake_inserter(index);
            return;
        }
        if let Body::Drill(index) = body {
            self.free_drill(index);
        }
        let was_asleep = match body {
            Body::Drill(index) => self.drills.get_mut(index).map(|drill| &mut drill.asleep),
            Body::Crafter(index) => self
                .crafters
                .get_mut(index)
                .map(|furnace| &mut furnace.asleep),
            Body::Lab(index) => self.labs.get_mut(index).map(|lab| &mut lab.asleep),
            Body::Beacon(index) => self.beacons.get_mut(index).map(|beacon| &mut beacon.asleep),
            Body::Boiler(index) => self.boilers.get_mut(index).map(|boiler| &mut boiler.asleep),
            _ => return,
        }
        .is_some_and(std::mem::take);
        if was_asleep {
            let place = self
                .awake
                .binary_search_by_key(&reference.unit, |(unit, ..)| *unit);
            if let Err(place) = place {
                self.awake
                    .insert(place, (reference.unit, reference.slot, body));
            }
        }
    }

    /// Wakes the machines that wait for room in the entity in `slot`; while machines act, from the next tick on.
    pub(super) fn wake_waiters(&mut self, slot: u32) {
        self.stir(slot);
        let Some(entity) = self.entities.get_mut(slot) else {
            return;
        };
        let mut waiters = std::mem::take(&mut entity.waiters);
        // Inserters rejoin their order at once; latest asleep first, so that the first asleep acts first.
        for waiter in waiters.drain(..).rev() {
            match self.entity(waiter).map(|entity| entity.body) {
                Some(Body::Inserter(index)) => self.wake_inserter(index),
                Some(_) => self.woken.push(waiter),
                None => {}
            }
        }
        // Those that wait again find the memory there.
        if let Some(entity) = self.entities.get_mut(slot)
            && entity.waiters.is_empty()
        {
            entity.waiters = waiters;
        }
    }

    /// Notes that the machine in `slot` lit a fuel item: its slot has room for those that wait to bring fuel.
    pub(super) fn lit_fuel(&mut self, slot: u32) {
        self.changes.contents = true;
        self.wake_waiters(slot);
    }

    /// Wakes what was woken while machines acted.
    pub(super) fn wake_pending(&mut self) {
        let mut woken = std::mem::take(&mut self.woken);
        for reference in woken.drain(..) {
            self.wake(reference);
        }
        self.woken = woken;
    }

    /// Wakes the drills whose drop point lies in `area`: what they drop into has changed.
    ///
    /// Only the tiles round `area` are looked at: a map is built from thousands of trees, one call each.
    pub(super) fn wake_drills_facing(&mut self, area: TileArea) {
        if self.drills.is_empty() {
            return;
        }
        let reach = super::drill::drop_reach_tiles();
        let near = TileArea {
            left: area.left - reach,
            top: area.top - reach,
            width: area.width + 2 * reach,
            height: area.height + 2 * reach,
        };
        let mut slots: Vec<u32> = near
            .tiles()
            .filter_map(|tile| self.entity_slot_at(tile))
            .filter(|slot| {
                self.entities.get(*slot).is_some_and(|entity| {
                    matches!(entity.body, Body::Drill(_))
                        && area.contains(super::drill::drop_position(entity).tile())
                })
            })
            .collect();
        slots.sort_unstable();
        slots.dedup();
        for slot in slots {
            if let Some(reference) = self.reference(slot) {
                self.wake(reference);
            }
        }
    }

    /// Wakes the drills that may mine `tile`: ore has come to it.
    pub(super) fn wake_drills_over(&mut self, tile: TilePos) {
        if self.drills.is_empty() {
            return;
        }
        let area = TileArea {
            left: tile.x,
            top: tile.y,
            width: 1,
            height: 1,
        };
        for tile in area.grown(super::drill::mining_reach_tiles()).tiles() {
            if let Some(slot) = self.entity_slot_at(tile)
                && let Some(entity) = self.entities.get(slot)
                && let (Body::Drill(index), unit) = (entity.body, entity.unit)
            {
                self.fit_drill_box(slot, index);
                self.wake(EntityRef { slot, unit });
            }
        }
    }

    /// Notes that the drills that mine `tile` show something else: it holds nothing any more.
    pub(super) fn restyle_drills_over(&mut self, tile: TilePos) {
        if self.drills.is_empty() {
            return;
        }
        let area = TileArea {
            left: tile.x,
            top: tile.y,
            width: 1,
            height: 1,
        };
        for tile in area.grown(super::drill::mining_reach_tiles()).tiles() {
            if let Some(slot) = self.entity_slot_at(tile)
                && let Some(entity) = self.entities.get(slot)
                && matches!(entity.body, Body::Drill(_))
            {
                self.mark_entity(slot);
            }
        }
    }

    /// Drops machines that fell asleep from the list of those that act.
    pub(super) fn drop_sleepers(&mut self) {
        let mut awake = std::mem::take(&mut self.awake);
        awake.retain(|(.., body)| self.is_awake(*body));
        self.awake = awake;
    }

    /// Counts the machines that act.
    pub fn awake_count(&self) -> usize {
        self.awake.len()
    }
}
