//! What stands and lies on the map of a mirror.

use super::{MAX_UNIT, Misfit};
use crate::contract::codes::{self, Status};
use crate::prototypes::{EntityPrototypeId, TileId, vanilla};
use crate::sim::drill::resource_facts;
use crate::sim::entity::{EntityRef, footprint, is_simulated};
use crate::sim::inventory::ItemStack;
use crate::sim::position::{Direction, MapPos, TileArea, TilePos};
use crate::sim::terrain::{MAX_RESOURCE_AMOUNT, Resource, tile_facts};
use crate::sim::threat::damage::Wound;
use crate::sim::threat::figures::figures;
use crate::sim::threat::unit::Unit;
use crate::sim::world::World;

/// Where and what an entity or ghost is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub unit: u32,
    pub prototype: EntityPrototypeId,
    pub position: MapPos,
    pub direction: Direction,
}

impl World {
    /// Checks a position on the map.
    ///
    /// # Errors
    /// [`Misfit::OffMap`].
    pub fn check_on_map(&self, position: MapPos) -> Result<(), Misfit> {
        if self.terrain.index(position.tile()).is_some() {
            Ok(())
        } else {
            let MapPos { x, y } = position;
            Err(Misfit::OffMap { x, y })
        }
    }

    fn check_area_on_map(&self, area: TileArea, position: MapPos) -> Result<(), Misfit> {
        let corners = [
            TilePos::new(area.left, area.top),
            TilePos::new(area.left + area.width - 1, area.top + area.height - 1),
        ];
        if corners
            .iter()
            .all(|tile| self.terrain.index(*tile).is_some())
        {
            Ok(())
        } else {
            let MapPos { x, y } = position;
            Err(Misfit::OffMap { x, y })
        }
    }

    /// Makes an entity stand as it is reported, `known` being the one of that number so far; `None` where the simulation
    /// has nothing of the kind.
    ///
    /// # Errors
    /// Where there is no room for it.
    pub fn mirror_entity(
        &mut self,
        known: Option<EntityRef>,
        standing: &Standing,
    ) -> Result<Option<EntityRef>, Misfit> {
        let Standing {
            unit,
            prototype,
            position,
            direction,
        } = *standing;
        if let Some(reference) = known
            && let Some(entity) = self.entity(reference)
        {
            if entity.prototype == prototype && entity.position == position {
                if entity.direction == direction {
                    return Ok(known);
                }
                if footprint(prototype, position, direction)
                    == footprint(prototype, position, entity.direction)
                {
                    self.turn_entity(reference, direction);
                    return Ok(known);
                }
            }
            self.remove_entity(reference);
        }
        let Some(area) = self.area_of(standing)? else {
            return Ok(None);
        };
        for tile in area.tiles() {
            if let Some(other) = self.entity_at(tile) {
                return Err(Misfit::Covered {
                    unit,
                    by: other.unit,
                });
            }
        }
        let next_unit = self.next_unit.max(unit + 1);
        self.next_unit = unit;
        let reference = self.add_entity(prototype, position, direction);
        self.next_unit = next_unit;
        Ok(Some(reference))
    }

    /// Gives the tiles that a thing covers where it is reported; `None` where the simulation has nothing of the kind.
    fn area_of(&self, standing: &Standing) -> Result<Option<TileArea>, Misfit> {
        let Standing {
            unit,
            prototype,
            position,
            direction,
        } = *standing;
        if !is_simulated(prototype) {
            return Ok(None);
        }
        if unit == 0 || unit > MAX_UNIT {
            return Err(Misfit::Unit { unit });
        }
        // Far away coordinates would not fit into a footprint.
        self.check_on_map(position)?;
        let area = footprint(prototype, position, direction);
        self.check_area_on_map(area, position)?;
        Ok(Some(area))
    }

    /// Takes the entity or the ghost in a place away.
    pub fn mirror_removed(&mut self, reference: EntityRef, is_ghost: bool) {
        if is_ghost {
            self.remove_ghost(reference.slot);
        } else {
            self.damaged.remove(&reference.unit);
            self.remove_entity(reference);
        }
    }

    /// Sets how an entity looks and how whole it is, `health` in 1/256; `None` is whole.
    pub fn mirror_style(&mut self, reference: EntityRef, style: (Status, u8), health: Option<u32>) {
        let before = self.reported_style(reference.unit);
        if before != Some(style)
            && let Some(reported) = &mut self.reported
        {
            reported.set_style(reference.unit, style);
            self.mark_entity(reference.slot);
        }
        let tick = self.tick;
        match health {
            None => drop(self.damaged.remove(&reference.unit)),
            Some(health) => {
                let health = f64::from(health) / 256.0;
                self.damaged.insert(reference.unit, Wound { health, tick });
            }
        }
    }

    /// Puts a ghost where it is reported.
    ///
    /// # Errors
    /// Where it does not fit the map.
    pub fn mirror_ghost(&mut self, standing: &Standing) -> Result<Option<EntityRef>, Misfit> {
        let Standing {
            unit,
            prototype,
            position,
            direction,
        } = *standing;
        let Some(area) = self.area_of(standing)? else {
            return Ok(None);
        };
        for tile in area.tiles() {
            if let Some(slot) = self.ghost_slot_at(tile)
                && let Some(other) = self.ghosts.get(slot)
            {
                return Err(Misfit::Covered {
                    unit,
                    by: other.unit,
                });
            }
        }
        let next_unit = self.next_unit.max(unit + 1);
        self.next_unit = unit;
        let reference = self.add_ghost(prototype, position, direction);
        self.next_unit = next_unit;
        Ok(Some(reference))
    }

    /// Lays or takes a pile.
    ///
    /// # Errors
    /// Where it lies off the map.
    pub fn mirror_pile(
        &mut self,
        position: MapPos,
        stack: Option<ItemStack>,
    ) -> Result<(), Misfit> {
        self.check_on_map(position)?;
        self.take_pile(position);
        if let Some(stack) = stack {
            self.lay_pile(position, stack);
        }
        Ok(())
    }

    /// Sets what a resource tile holds; amount 0 is nothing.
    ///
    /// # Errors
    /// A tile off the map, or a resource that does not exist.
    pub fn mirror_resource(&mut self, tile: TilePos, code: u8, amount: u32) -> Result<(), Misfit> {
        self.check_on_map(tile.center())?;
        let resource = if amount == 0 {
            None
        } else if resource_facts(code).is_some() && amount <= MAX_RESOURCE_AMOUNT {
            Some(Resource { code, amount })
        } else {
            return Err(Misfit::Resource { code });
        };
        self.set_resource(tile, resource);
        Ok(())
    }

    /// Covers a run of tiles with ground of a class.
    ///
    /// # Errors
    /// A run that leaves the map.
    pub fn mirror_tiles(&mut self, left: TilePos, length: u16, class: u8) -> Result<(), Misfit> {
        self.check_on_map(left.center())?;
        let right = left.offset(i32::from(length) - 1, 0);
        self.check_on_map(right.center())?;
        let Some(ground) = ground_of(class) else {
            return Ok(());
        };
        for x in left.x..=right.x {
            let tile = TilePos::new(x, left.y);
            if self.terrain.facts(tile).code != class {
                self.set_tile(tile, ground);
            }
        }
        Ok(())
    }

    /// Makes the units those that are reported, as (number, prototype, position, health in 1/256).
    ///
    /// # Errors
    /// One that is off the map.
    pub fn mirror_units(
        &mut self,
        units: impl Iterator<Item = (u32, EntityPrototypeId, MapPos, u32)>,
    ) -> Result<(), Misfit> {
        let had_some = !self.units.is_empty();
        self.units.clear();
        for (unit, prototype, position, health) in units {
            self.check_on_map(position)?;
            if figures(prototype).unit.is_none() {
                continue;
            }
            let health = f64::from(health) / 256.0;
            let seen = Unit::seen(unit, prototype, position, self.tick, health);
            self.units.insert(seen);
        }
        self.changes.entities |= had_some || !self.units.is_empty();
        Ok(())
    }
}

/// Finds ground of a class: the frame tells classes, not names.
fn ground_of(class: u8) -> Option<TileId> {
    let name = match class {
        codes::TERRAIN_WATER => "water",
        codes::TERRAIN_LAND => "grass-1",
        codes::TERRAIN_PAVED => "stone-path",
        _ => return None,
    };
    let ground = vanilla().tile(name).ok()?;
    (tile_facts(ground).code == class).then_some(ground)
}
