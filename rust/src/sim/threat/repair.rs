//! Repair: the character mends a damaged entity with repair packs, a tick's worth at a time.
//!
//! A pack has a durability; each point of it gives back as much health as the pack's speed says, one point a tick.

use super::figures::{Side, figures};
use crate::contract::action::RejectReason;
use crate::prototypes::{ItemId, vanilla};
use crate::sim::entity::EntityRef;
use crate::sim::mining::is_in_reach;
use crate::sim::world::World;

/// Finds the repair pack of the game's data: the item, its durability, and the health that a point of it gives.
fn repair_pack() -> Option<(ItemId, f64, f64)> {
    use std::sync::OnceLock;
    static PACK: OnceLock<Option<(ItemId, f64, f64)>> = OnceLock::new();
    *PACK.get_or_init(|| {
        let index = vanilla()
            .items()
            .iter()
            .position(|item| item.kind == "repair-tool")?;
        let item = ItemId::from_index(index);
        Some((
            item,
            vanilla()[item].durability?,
            vanilla()[item].repair_speed?,
        ))
    })
}

impl World {
    /// Lets the character repair an entity until it is whole, out of reach, or the packs are used up.
    ///
    /// # Errors
    /// `NoTarget`, `OutOfReach`, `WrongTarget` (it cannot be repaired or belongs to the enemy), `Full` (it is whole),
    /// `MissingItem` (no repair pack), `Dead`.
    pub fn start_repair(&mut self, reference: EntityRef) -> Result<(), RejectReason> {
        self.check_repair(reference)?;
        self.threats.repairing = Some(reference);
        Ok(())
    }

    /// Stops repairing.
    pub fn stop_repair(&mut self) {
        self.threats.repairing = None;
    }

    fn check_repair(&self, reference: EntityRef) -> Result<(), RejectReason> {
        if !self.character.is_alive() {
            return Err(RejectReason::Dead);
        }
        let entity = self.entity(reference).ok_or(RejectReason::NoTarget)?;
        let facts = figures(entity.prototype);
        if !facts.is_repairable || facts.side != Side::Player {
            return Err(RejectReason::WrongTarget);
        }
        let distance = entity
            .collision_box()
            .distance_squared(self.character.position);
        if !is_in_reach(distance) {
            return Err(RejectReason::OutOfReach);
        }
        if !self.is_damaged(entity) {
            return Err(RejectReason::Full);
        }
        let has_pack = self.threats.repair_durability > 0.0
            || repair_pack().is_some_and(|(item, ..)| self.character.inventory.count(item) > 0);
        if has_pack {
            Ok(())
        } else {
            Err(RejectReason::MissingItem)
        }
    }
}

/// Repairs one tick.
pub(super) fn tick_repair(world: &mut World) {
    let Some(reference) = world.threats.repairing else {
        return;
    };
    if world.check_repair(reference).is_err() {
        world.threats.repairing = None;
        return;
    }
    let Some((item, durability, speed)) = repair_pack() else {
        return;
    };
    if world.threats.repair_durability <= 0.0 {
        world.character.inventory.remove(item, 1);
        world.production.use_item(item, 1);
        world.changes.contents = true;
        world.threats.repair_durability = durability;
    }
    world.threats.repair_durability -= 1.0;
    let Some(health) = world.entity(reference).map(|entity| world.health(entity)) else {
        return;
    };
    world.set_health(reference, health + speed);
}
