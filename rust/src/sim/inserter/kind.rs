//! What all inserters of one prototype have in common, worked out once: motor, hand size, the places that the arm goes to.

use std::sync::OnceLock;

use super::arm::{Hand, Motor};
use crate::prototypes::{EntityPrototypeId, vanilla};
use crate::sim::entity::Entity;
use crate::sim::position::MapPos;

/// The buffer of a burner holds this many ticks of the largest draw (measured on 2.0.60).
const BUFFER_TICKS: f64 = 16.0 / 15.0;
/// The place of the own fuel slot, to the side of and behind the centre (measured: 28 ticks from the pickup point).
const OWN_SLOT_TILES: f64 = 0.01;
/// The resting hand's distance where the prototype sets none.
const DEFAULT_START_TILES: f64 = 0.7;

/// One prototype of inserter.
#[derive(Clone, Debug)]
pub struct Kind {
    pub motor: Motor,
    pub buffer_joules: f64,
    pub is_bulk: bool,
    pub filter_count: usize,
    /// What depends on the direction, by quarter turns.
    pub sides: [Side; 4],
}

/// An inserter that faces one way; it faces the tile that it takes from.
#[derive(Clone, Copy, Debug)]
pub struct Side {
    pub start: Hand,
    pub pickup: Hand,
    pub drop: Hand,
    /// Its own fuel slot.
    pub own_slot: Hand,
    pub pickup_offset: MapPos,
    pub drop_offset: MapPos,
}

impl Kind {
    fn of(prototype: &crate::prototypes::EntityPrototype) -> Option<Self> {
        let inserter = prototype.inserter.as_ref()?;
        let watts = (inserter.energy_per_rotation_joules * inserter.rotation_speed
            + inserter.energy_per_movement_joules * inserter.extension_speed)
            * 60.0;
        Some(Self {
            motor: Motor::of(inserter),
            buffer_joules: watts / 60.0 * BUFFER_TICKS,
            is_bulk: inserter.bulk,
            filter_count: inserter.filter_count as usize,
            sides: std::array::from_fn(|quarter| Side::of(inserter, quarter)),
        })
    }

    /// Gives the side that `entity` shows.
    pub fn side(&self, entity: &Entity) -> &Side {
        &self.sides[usize::from(entity.direction.quarter_turns() % 4)]
    }
}

impl Side {
    fn of(inserter: &crate::prototypes::Inserter, quarter: usize) -> Self {
        let turned = |(x, y): (f64, f64)| match quarter {
            0 => (x, y),
            1 => (-y, x),
            2 => (-x, -y),
            _ => (y, -x),
        };
        let (pickup, drop) = (
            turned(inserter.pickup_position),
            turned(inserter.insert_position),
        );
        // The swing to the own slot is mirrored in the south and west, as measured.
        let own = match quarter {
            0 | 3 => (OWN_SLOT_TILES, OWN_SLOT_TILES),
            1 => (-OWN_SLOT_TILES, OWN_SLOT_TILES),
            _ => (OWN_SLOT_TILES, -OWN_SLOT_TILES),
        };
        let hand = |(x, y)| Hand::at(x, y);
        Self {
            start: hand(pickup)
                .with_length(inserter.starting_distance.unwrap_or(DEFAULT_START_TILES)),
            pickup: hand(pickup),
            drop: hand(drop),
            own_slot: hand(own),
            pickup_offset: MapPos::from_tiles(pickup.0, pickup.1),
            drop_offset: MapPos::from_tiles(drop.0, drop.1),
        }
    }
}

/// Gives the kinds of inserters, by entity prototype.
pub fn kinds() -> &'static [Option<Kind>] {
    static KINDS: OnceLock<Vec<Option<Kind>>> = OnceLock::new();
    KINDS.get_or_init(|| vanilla().entities().iter().map(Kind::of).collect())
}

/// Gives the kind of an inserter's prototype.
pub fn kind_of(prototype: EntityPrototypeId) -> Option<&'static Kind> {
    kinds().get(prototype.index())?.as_ref()
}

/// Gives how far from its own tile an inserter reaches at most, in tiles along an axis, over all inserters.
pub fn reach_tiles() -> i32 {
    static REACH: OnceLock<i32> = OnceLock::new();
    *REACH.get_or_init(|| {
        kinds()
            .iter()
            .flatten()
            .flat_map(|kind| [kind.sides[0].pickup_offset, kind.sides[0].drop_offset])
            .map(|offset| (offset.x.abs().max(offset.y.abs()) + 255) / 256)
            .max()
            .unwrap_or(0)
    })
}
