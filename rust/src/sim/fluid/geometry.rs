//! Where the boxes of entities open, and which openings meet.
//!
//! Two openings meet when they face each other across the border between their tiles; underground ones when they face
//! each other along a line, with no other of the same line between them, at most `max_underground_distance` apart.

use super::derived::{Neighbour, Opening};
use super::{Content, Fluids, Part};
use crate::prototypes::{
    EntityKind, EntityPrototype, EntityPrototypeId, FluidBox, FluidId, PipeConnection, vanilla,
};
use crate::sim::position::{Direction, MapPos, TilePos};

/// Gives the tile and the direction of a connection of an entity.
pub(super) fn opening_of(
    connection: &PipeConnection,
    position: MapPos,
    direction: Direction,
) -> (TilePos, Direction) {
    let turns = direction.quarter_turns();
    let (x, y) = connection.positions[usize::from(turns % 4)];
    let inner = MapPos::from_tiles(x, y);
    (
        position.offset(inner.x, inner.y).tile(),
        Direction::from_eighths(connection.direction / 2 + 2 * turns),
    )
}

/// Gives the opposite direction.
pub(super) const fn opposite(direction: Direction) -> Direction {
    Direction::from_eighths(direction.eighths() + 4)
}

impl Fluids {
    /// Says how the boxes of a prototype take part; makes the pump of one that is a pump.
    pub(super) fn part_of(&mut self, facts: &EntityPrototype) -> Part {
        match facts.kind {
            EntityKind::Pipe
            | EntityKind::InfinityPipe
            | EntityKind::PipeToGround
            | EntityKind::StorageTank => Part::Segment,
            EntityKind::Pump | EntityKind::OffshorePump => {
                Part::Pump(self.pumps.insert(super::Pump::new(facts)))
            }
            _ => Part::Machine,
        }
    }

    /// Opens the connections of a box and notes its neighbours.
    pub(super) fn connect(&mut self, index: u32) {
        for (number, connection, tile, direction) in self.openings_of(index) {
            let here = Opening {
                fluid_box: index,
                connection: number,
            };
            self.derived
                .openings
                .insert((tile, direction, connection.is_underground), here);
            let found = if connection.is_underground {
                self.find_underground(tile, direction, connection)
            } else {
                let (dx, dy) = direction.steps();
                let key = (tile.offset(dx, dy), opposite(direction), false);
                self.derived.openings.get(&key).copied()
            };
            if let Some(there) = found {
                // Between two undergrounds that were joined comes a third: the far one loses its partner.
                self.dissolve(there.fluid_box);
                self.derived.cut(there);
                self.join(here, there);
            }
        }
        self.derived.mark_dirty(index);
    }

    /// Closes the connections of a box; its segment, if it is in one, falls apart until the next settling.
    pub(super) fn disconnect(&mut self, index: u32) {
        self.dissolve(index);
        let openings = self.openings_of(index);
        for (number, connection, tile, direction) in openings {
            let key = (tile, direction, connection.is_underground);
            let here = Opening {
                fluid_box: index,
                connection: number,
            };
            if self.derived.openings.get(&key) == Some(&here) {
                self.derived.openings.remove(&key);
            }
            let partner = self.derived.cut(here);
            if let (Some(partner), true) = (partner, connection.is_underground) {
                self.search_again(partner);
            }
            if let Some(partner) = partner {
                self.derived.mark_dirty(partner.fluid_box);
            }
        }
        self.apart
            .retain(|(low, high)| *low != index && *high != index);
        self.derived.mark_dirty(index);
    }

    /// Lists the openings of a box on the map.
    pub(super) fn openings_of(
        &self,
        index: u32,
    ) -> Vec<(u8, &'static PipeConnection, TilePos, Direction)> {
        let Some(fluid_box) = self.boxes.get(index) else {
            return Vec::new();
        };
        let Some(place) = self.derived.place_of(fluid_box.owner) else {
            return Vec::new();
        };
        let first = usize::from(fluid_box.number);
        vanilla()[place.prototype].fluid_boxes[first..first + usize::from(fluid_box.span)]
            .iter()
            .flat_map(|shape| &shape.connections)
            .enumerate()
            .map(|(number, connection)| {
                let (tile, direction) = opening_of(connection, place.position, place.direction);
                (number as u8, connection, tile, direction)
            })
            .collect()
    }

    /// Reads the prototype's figures of a box.
    pub(super) fn shape_of(&self, index: u32) -> Option<&'static FluidBox> {
        let fluid_box = self.boxes.get(index)?;
        let place = self.derived.place_of(fluid_box.owner)?;
        vanilla()[place.prototype]
            .fluid_boxes
            .get(usize::from(fluid_box.number))
    }

    /// Reads the prototype's figures of a connection of a box.
    pub(super) fn connection(&self, opening: Opening) -> Option<&'static PipeConnection> {
        let fluid_box = self.boxes.get(opening.fluid_box)?;
        let place = self.derived.place_of(fluid_box.owner)?;
        // Of merged boxes, those of the first come first.
        vanilla()[place.prototype].fluid_boxes[usize::from(fluid_box.number)..]
            .iter()
            .flat_map(|shape| &shape.connections)
            .nth(usize::from(opening.connection))
    }

    fn join(&mut self, here: Opening, there: Opening) {
        self.derived.add_neighbour(
            here.fluid_box,
            Neighbour {
                connection: here.connection,
                other: there,
            },
        );
        self.derived.add_neighbour(
            there.fluid_box,
            Neighbour {
                connection: there.connection,
                other: here,
            },
        );
        self.derived.mark_dirty(there.fluid_box);
    }

    /// Finds the underground opening that faces one at `tile`; one that faces the same way hides what is behind it.
    fn find_underground(
        &self,
        tile: TilePos,
        direction: Direction,
        connection: &PipeConnection,
    ) -> Option<Opening> {
        let (dx, dy) = direction.steps();
        for distance in 1..=connection.max_underground_distance {
            let step = distance as i32;
            let place = tile.offset(dx * step, dy * step);
            if let Some(found) = self
                .derived
                .openings
                .get(&(place, opposite(direction), true))
            {
                let reach = self.connection(*found)?.max_underground_distance;
                return (distance <= reach).then_some(*found);
            }
            if self
                .derived
                .openings
                .contains_key(&(place, direction, true))
            {
                return None;
            }
        }
        None
    }

    /// Lets an underground opening that lost its partner look for another.
    fn search_again(&mut self, opening: Opening) {
        let found = self
            .openings_of(opening.fluid_box)
            .into_iter()
            .find(|(number, ..)| *number == opening.connection)
            .and_then(|(_, connection, tile, direction)| {
                self.find_underground(tile, direction, connection)
            });
        if let Some(there) = found {
            self.dissolve(there.fluid_box);
            self.derived.cut(there);
            self.join(opening, there);
        }
    }

    /// Says whether building an entity would join different fluids: the game refuses that.
    pub fn would_mix(
        &self,
        prototype: EntityPrototypeId,
        position: MapPos,
        direction: Direction,
    ) -> bool {
        let facts = &vanilla()[prototype];
        if facts.kind.is_crafting_machine() {
            // Its boxes are closed until it has a recipe.
            return false;
        }
        facts.fluid_boxes.iter().any(|shape| {
            let mut fluid: Option<FluidId> = shape.filter;
            shape.connections.iter().any(|connection| {
                let (tile, direction) = opening_of(connection, position, direction);
                let found = if connection.is_underground {
                    self.find_underground(tile, direction, connection)
                } else {
                    let (dx, dy) = direction.steps();
                    let key = (tile.offset(dx, dy), opposite(direction), false);
                    self.derived.openings.get(&key).copied()
                };
                let Some(there) = found.and_then(|there| self.expected_fluid(there.fluid_box))
                else {
                    return false;
                };
                fluid.replace(there).is_some_and(|known| known != there)
            })
        })
    }

    /// Gives the fluid that is in a box, or the one that machines linked to it take or give.
    fn expected_fluid(&self, index: u32) -> Option<FluidId> {
        let pool = self.pool(index)?;
        let Content { fluid, .. } = pool.content;
        fluid.or(pool.filter).or_else(|| {
            self.derived
                .links_of(pool.system)
                .iter()
                .filter_map(|link| link.other_side(pool.pool))
                .find_map(|other| {
                    let other = self.boxes.get(other)?;
                    other.filter.or(other.content.fluid)
                })
        })
    }
}
