//! What drills give and take: ore at the drop point, fluids in their boxes.

use super::place::drop_position;
use super::resources::ResourceFacts;
use crate::contract::codes::Status;
use crate::prototypes::{FluidBoxRole, ItemId};
use crate::sim::entity::{Body, EntityRef};
use crate::sim::inventory::ItemStack;
use crate::sim::position::MapPos;
use crate::sim::world::World;

/// Computes what an operation on a fluid field of `amount` yields.
pub(super) fn yield_of(facts: &ResourceFacts, amount: u32) -> f64 {
    let full_yield = facts.fluid.map_or(0.0, |(_, amount)| amount);
    full_yield * f64::from(amount.max(facts.minimum)) / f64::from(facts.normal)
}

impl World {
    /// Puts down what a drill holds; returns whether its hold is empty.
    pub(super) fn deliver_held(&mut self, slot: u32, index: u32) -> bool {
        while let Some(held) = self.drills.get(index).and_then(|drill| drill.held) {
            if !self.deliver(slot, index, held.item) {
                return false;
            }
            if let Some(drill) = self.drills.get_mut(index) {
                let count = held.count - 1;
                drill.held = (count > 0).then_some(ItemStack { count, ..held });
            }
        }
        true
    }

    /// Puts one `item` down at a drill's drop point; where there is no room the drill waits, asleep if something will
    /// wake it.
    fn deliver(&mut self, slot: u32, index: u32, item: ItemId) -> bool {
        let Some(drill) = self.entities.get(slot) else {
            return false;
        };
        let (unit, from, drop) = (drill.unit, drill.position, drop_position(drill));
        let tile = drop.tile();
        let Some(target) = self.entity_slot_at(tile) else {
            // On bare ground one item lies; the drill looks again each tick until it is gone.
            if self.grid.cell(tile).blocks_walking() || !self.ground.is_clear(drop) {
                return false;
            }
            self.lay_pile(drop, ItemStack { item, count: 1 });
            return true;
        };
        match self.entities.get(target).map(|entity| entity.body) {
            Some(Body::Belt(_) | Body::Splitter(_)) => {
                let is_down = self.drop_on_belt(target, from, drop, item);
                if !is_down && self.may_belt_move(target) {
                    // A belt that moves may have room soon; waking the drill in each tick would cost more than trying.
                    self.jam_drill(index, target, from, drop);
                } else if !is_down {
                    self.wait_for_belt(target, EntityRef { slot, unit });
                    if let Some(drill) = self.drills.get_mut(index) {
                        drill.asleep = true;
                    }
                }
                is_down
            }
            _ if self.insert_by_machine(target, item) => true,
            _ => {
                self.wait_for(target, EntityRef { slot, unit });
                if let Some(drill) = self.drills.get_mut(index) {
                    drill.asleep = true;
                }
                false
            }
        }
    }

    /// Says whether the drill at `index` would find no room for what it holds, as before.
    #[inline]
    pub(super) fn is_drill_jammed(&self, index: u32) -> bool {
        self.drill_jams
            .get(index as usize)
            .is_some_and(|(until, jam)| self.tick <= *until && self.belts.is_jammed(jam))
    }

    /// Forgets for how long the drill at `index` finds no room.
    pub(in crate::sim) fn free_drill(&mut self, index: u32) {
        if let Some((until, _)) = self.drill_jams.get_mut(index as usize) {
            *until = 0;
        }
    }

    /// Notes for how long the drill at `index` finds no room on the belt in `target`.
    fn jam_drill(&mut self, index: u32, target: u32, from: MapPos, drop: MapPos) {
        let found = self
            .belt_drop_place(target, from, drop)
            .and_then(|(belt, lane, position)| self.belts.ticks_jammed(belt, lane, position));
        let Some((jam, ticks)) = found else {
            return;
        };
        let place = index as usize;
        if place >= self.drill_jams.len() {
            self.drill_jams.resize(place + 1, Default::default());
        }
        self.drill_jams[place] = (self.tick + u64::from(ticks), jam);
    }

    /// Says whether a drill has the fluid that its ore takes, and room for the fluid that it gives; else it sleeps until
    /// fluid flows.
    pub(super) fn check_fluids(
        &mut self,
        slot: u32,
        index: u32,
        facts: &ResourceFacts,
        amount: u32,
    ) -> Result<(), Status> {
        if let Some((fluid, needed)) = facts.required_fluid {
            if !self.force.bonuses.mining_with_fluid {
                return Err(Status::NoResources);
            }
            let fluid_box = self.drill_box(slot, FluidBoxRole::Input);
            let is_there = fluid_box.is_some_and(|index| {
                self.fluids.fluid(index) == Some(fluid) && self.fluids.available(index) >= needed
            });
            if !is_there {
                self.sleep_until_flow(index, fluid_box);
                return Err(Status::NoIngredients);
            }
        }
        if let Some((fluid, _)) = facts.fluid {
            let fluid_box = self.drill_box(slot, FluidBoxRole::Output);
            let room = fluid_box.map_or(0.0, |index| self.fluids.room(index, fluid));
            if room < yield_of(facts, amount) {
                self.sleep_until_flow(index, fluid_box);
                return Err(Status::Full);
            }
        }
        Ok(())
    }

    fn sleep_until_flow(&mut self, index: u32, fluid_box: Option<u32>) {
        if let (Some(drill), Some(fluid_box)) = (self.drills.get_mut(index), fluid_box) {
            self.fluids.wake_owner_on_change(fluid_box);
            drill.asleep = true;
        }
    }

    /// Finds the fluid box of the drill in `slot` by its role.
    pub(super) fn drill_box(&self, slot: u32, role: FluidBoxRole) -> Option<u32> {
        let shapes = &self.entities.get(slot)?.prototype().fluid_boxes;
        let number = shapes.iter().position(|shape| shape.role == role)?;
        self.fluids.boxes_of(slot).get(number).copied()
    }

    /// Opens the input box of a new drill for the fluid that its ore takes, and closes it where none does.
    pub(in crate::sim) fn fit_drill_box(&mut self, slot: u32, index: u32) {
        let Some(fluid_box) = self.drill_box(slot, FluidBoxRole::Input) else {
            return;
        };
        let Some(drill) = self.drills.get(index) else {
            return;
        };
        let required = drill.tiles.iter().find_map(|tile| {
            let code = self.terrain.resource(*tile)?.code;
            let (fluid, _) = super::resource_facts(code)?.required_fluid?;
            drill.mines(code).then_some(fluid)
        });
        self.fluids.set_filter(fluid_box, required);
        self.fluids.set_open(fluid_box, required.is_some());
    }
}
