//! Electric poles, their wires and their supply areas.

use serde::{Deserialize, Serialize};

use super::Power;
use crate::prototypes::{EntityPrototypeId, vanilla};
use crate::sim::position::{MapPos, Rect, SUBTILES};

/// How many poles a new one is wired to at most (wiki: a built pole connects to at most five).
const MAX_NEW_WIRES: usize = 5;

/// An electric pole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pole {
    /// Slot of its entity.
    pub slot: u32,
    /// The entity's number: the oldest pole's network serves what several could.
    pub unit: u32,
    pub prototype: EntityPrototypeId,
    pub position: MapPos,
    /// The poles that it is wired to, by their places among the poles, in order.
    pub wires: Vec<u32>,
}

impl Pole {
    /// Gives the area in which it serves entities.
    pub fn supply_area(&self) -> Rect {
        let distance = vanilla()[self.prototype]
            .electric_pole
            .as_ref()
            .map_or(0.0, |pole| pole.supply_area_distance);
        let reach = (distance * f64::from(SUBTILES)) as i32;
        Rect {
            left: self.position.x - reach,
            top: self.position.y - reach,
            right: self.position.x + reach,
            bottom: self.position.y + reach,
        }
    }

    fn reach_tiles(&self) -> f64 {
        vanilla()[self.prototype]
            .electric_pole
            .as_ref()
            .map_or(0.0, |pole| pole.maximum_wire_distance)
    }

    /// Says whether a wire can run between two poles: not longer than either allows.
    pub fn reaches(&self, other: &Self) -> bool {
        let longest = self.reach_tiles().min(other.reach_tiles()) * f64::from(SUBTILES);
        self.position.distance_squared(other.position) as f64 <= longest * longest
    }
}

/// Says whether a body lies in a supply area; touching its edge from outside is not enough.
pub(super) fn is_supplied(area: &Rect, body: &Rect) -> bool {
    area.left < body.right
        && body.left < area.right
        && area.top < body.bottom
        && body.top < area.bottom
}

impl Power {
    /// Wires a pole to the nearest ones in reach, as building by hand does.
    pub(super) fn wire_to_nearest(&mut self, index: u32) {
        let Some(new) = self.poles.get(index) else {
            return;
        };
        let mut near: Vec<(i64, u32)> = self
            .poles
            .iter()
            .filter(|(other, pole)| *other != index && new.reaches(pole))
            .map(|(other, pole)| (new.position.distance_squared(pole.position), other))
            .collect();
        near.sort_unstable();
        for (_, other) in near.into_iter().take(MAX_NEW_WIRES) {
            self.add_wire(index, other);
        }
    }

    /// Wires two poles, given by their entity slots; says whether they are wired now.
    pub fn connect_poles(&mut self, slot: u32, other: u32) -> bool {
        let (Some(a), Some(b)) = (self.pole_of(slot), self.pole_of(other)) else {
            return false;
        };
        let is_possible = a != b
            && self
                .poles
                .get(a)
                .zip(self.poles.get(b))
                .is_some_and(|(a, b)| a.reaches(b));
        if is_possible {
            self.add_wire(a, b);
        }
        is_possible
    }

    /// Takes the wire between two poles away, given by their entity slots; says whether there was one.
    pub fn disconnect_poles(&mut self, slot: u32, other: u32) -> bool {
        let (Some(a), Some(b)) = (self.pole_of(slot), self.pole_of(other)) else {
            return false;
        };
        let was_wired = self.remove_wire(a, b);
        self.remove_wire(b, a);
        self.topology.are_poles_stale |= was_wired;
        was_wired
    }

    /// Takes all wires of a pole away, as before a blueprint sets its own.
    pub fn disconnect_all(&mut self, slot: u32) {
        let Some(index) = self.pole_of(slot) else {
            return;
        };
        let wires = self
            .poles
            .get_mut(index)
            .map_or_else(Vec::new, |pole| std::mem::take(&mut pole.wires));
        for other in wires {
            self.remove_wire(other, index);
        }
        self.topology.are_poles_stale = true;
    }

    /// Lists the slots of the poles that the pole in `slot` is wired to.
    pub fn wires_of(&self, slot: u32) -> Vec<u32> {
        self.pole_of(slot)
            .and_then(|index| self.poles.get(index))
            .map_or_else(Vec::new, |pole| {
                pole.wires
                    .iter()
                    .filter_map(|other| self.poles.get(*other))
                    .map(|other| other.slot)
                    .collect()
            })
    }

    fn pole_of(&self, slot: u32) -> Option<u32> {
        self.poles
            .iter()
            .find(|(_, pole)| pole.slot == slot)
            .map(|(index, _)| index)
    }

    fn add_wire(&mut self, a: u32, b: u32) {
        for (from, to) in [(a, b), (b, a)] {
            if let Some(pole) = self.poles.get_mut(from)
                && let Err(place) = pole.wires.binary_search(&to)
            {
                pole.wires.insert(place, to);
            }
        }
        self.topology.are_poles_stale = true;
    }

    fn remove_wire(&mut self, from: u32, to: u32) -> bool {
        self.poles.get_mut(from).is_some_and(|pole| {
            let found = pole.wires.binary_search(&to);
            if let Ok(place) = found {
                pole.wires.remove(place);
            }
            found.is_ok()
        })
    }
}
