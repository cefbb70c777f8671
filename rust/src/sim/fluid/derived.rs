//! What follows from the boxes and is never part of the state: places, openings, neighbours, links, systems.
//!
//! A system is a set of pools that fluid can pass between; it sleeps while nothing in it can move, and is woken by any
//! [`Fluids::put`](super::Fluids::put) or [`Fluids::take`](super::Fluids::take) on one of its pools.

use std::collections::BTreeMap;

use crate::prototypes::EntityPrototypeId;
use crate::sim::position::{Direction, MapPos, TilePos};

/// The system of a pool that is linked to nothing.
pub(super) const NO_SYSTEM: u32 = u32::MAX;

/// A connection of a box, by the box's index and the connection's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Opening {
    pub(super) fluid_box: u32,
    pub(super) connection: u8,
}

/// An opening of another box that one of a box's own connections meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Neighbour {
    pub(super) connection: u8,
    pub(super) other: Opening,
}

/// Where the entity of a box stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) prototype: EntityPrototypeId,
    pub(super) position: MapPos,
    pub(super) direction: Direction,
    boxes: Vec<u32>,
}

/// What passes fluid between pools.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Link {
    /// By the flow rule, from the first pool to the second.
    Flow { from: u32, to: u32 },
    /// By the flow rule both ways, at a rate for each unit of difference in fullness.
    Level { from: u32, to: u32, rate: f64 },
    /// A pump, with the pools before and behind it.
    Pump {
        pump: u32,
        input: Option<u32>,
        output: Option<u32>,
    },
    /// An offshore pump that fills its own box.
    Source { pump: u32 },
}

impl Link {
    /// Gives the pool at the other end of a plain link.
    pub(super) fn other_side(self, pool: u32) -> Option<u32> {
        match self {
            Self::Flow { from, to } | Self::Level { from, to, .. } if from == pool => Some(to),
            Self::Flow { from, to } | Self::Level { from, to, .. } if to == pool => Some(from),
            _ => None,
        }
    }
}

/// Links that depend on each other: a range of the list of links.
#[derive(Clone, Copy, Debug)]
pub(super) struct System {
    pub(super) first: u32,
    pub(super) end: u32,
    pub(super) is_awake: bool,
}

/// All that follows from the boxes.
#[derive(Clone, Debug, Default)]
pub(super) struct Derived {
    /// By entity slot.
    places: Vec<Option<Place>>,
    /// By tile, direction and whether it is underground.
    pub(super) openings: BTreeMap<(TilePos, Direction, bool), Opening>,
    /// By box, ordered by connection.
    neighbours: Vec<Vec<Neighbour>>,
    pub(super) links: Vec<Link>,
    pub(super) systems: Vec<System>,
    /// Boxes whose surroundings changed since the last settling.
    pub(super) dirty: Vec<u32>,
    /// Owners to wake.
    pub(super) woken: Vec<u32>,
    /// Pools that have another fluid than before, or none.
    pub(super) recoloured: Vec<u32>,
    /// Owners whose status changed.
    pub(super) restyled: Vec<u32>,
}

impl Derived {
    pub(super) fn clear(&mut self) {
        self.places.clear();
        self.openings.clear();
        self.neighbours.clear();
        self.links.clear();
        self.systems.clear();
        self.dirty.clear();
        self.woken.clear();
        self.restyled.clear();
        self.recoloured.clear();
    }

    pub(super) fn set_owner(
        &mut self,
        slot: u32,
        prototype: EntityPrototypeId,
        position: MapPos,
        direction: Direction,
        boxes: Vec<u32>,
    ) {
        let slot = slot as usize;
        if self.places.len() <= slot {
            self.places.resize(slot + 1, None);
        }
        self.places[slot] = Some(Place {
            prototype,
            position,
            direction,
            boxes,
        });
    }

    pub(super) fn turn_owner(&mut self, slot: u32, direction: Direction) {
        if let Some(Some(place)) = self.places.get_mut(slot as usize) {
            place.direction = direction;
        }
    }

    pub(super) fn forget_owner(&mut self, slot: u32) {
        if let Some(place) = self.places.get_mut(slot as usize) {
            *place = None;
        }
    }

    pub(super) fn place_of(&self, slot: u32) -> Option<&Place> {
        self.places.get(slot as usize)?.as_ref()
    }

    pub(super) fn boxes_of(&self, slot: u32) -> &[u32] {
        self.place_of(slot).map_or(&[], |place| &place.boxes)
    }

    pub(super) fn neighbours_of(&self, fluid_box: u32) -> &[Neighbour] {
        self.neighbours
            .get(fluid_box as usize)
            .map_or(&[], Vec::as_slice)
    }

    pub(super) fn add_neighbour(&mut self, fluid_box: u32, neighbour: Neighbour) {
        let index = fluid_box as usize;
        if self.neighbours.len() <= index {
            self.neighbours.resize(index + 1, Vec::new());
        }
        let list = &mut self.neighbours[index];
        let place = list.partition_point(|known| known.connection < neighbour.connection);
        list.insert(place, neighbour);
    }

    /// Parts an opening from the one that it meets, and returns that one.
    pub(super) fn cut(&mut self, opening: Opening) -> Option<Opening> {
        let partner = self.remove_neighbour(opening)?;
        self.remove_neighbour(partner);
        self.mark_dirty(partner.fluid_box);
        Some(partner)
    }

    fn remove_neighbour(&mut self, opening: Opening) -> Option<Opening> {
        let list = self.neighbours.get_mut(opening.fluid_box as usize)?;
        let place = list
            .iter()
            .position(|known| known.connection == opening.connection)?;
        Some(list.remove(place).other)
    }

    pub(super) fn mark_dirty(&mut self, fluid_box: u32) {
        self.dirty.push(fluid_box);
    }

    #[inline]
    pub(super) fn wake_system(&mut self, system: u32) {
        if let Some(system) = self.systems.get_mut(system as usize) {
            system.is_awake = true;
        }
    }

    pub(super) fn links_of(&self, system: u32) -> &[Link] {
        self.systems.get(system as usize).map_or(&[], |system| {
            &self.links[system.first as usize..system.end as usize]
        })
    }
}
