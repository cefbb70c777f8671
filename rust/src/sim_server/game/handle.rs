//! What a script's object stands for, as one number: stable for the life of the save, and never reused.

use crate::sim::entity::EntityRef;
use crate::sim::position::{MapPos, TilePos};

/// Surfaces have numbers below this.
pub(super) const MAX_SURFACES: u16 = 1 << 12;

/// The parts of an object's number; what a class does not need is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Handle {
    pub kind: Kind,
    /// A group of slots, a lane, a kind of table.
    pub group: u8,
    /// Number of the surface.
    pub surface: u16,
    /// Which life of the surface: it changes when the surface is cleared or deleted.
    pub epoch: u32,
    pub a: u32,
    pub b: u32,
    /// Place of a slot.
    pub index: u16,
}

/// What `a` and `b` of a handle mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    #[default]
    Other,
    /// Slot and number.
    Entity,
    /// Slot and number.
    Ghost,
    /// Tile.
    Resource,
    /// Map position.
    Pile,
    /// Number of the character.
    Character,
    /// Slot and number of a biter or spitter.
    Unit,
}

/// Something on a surface that scripts know as an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thing {
    Entity(EntityRef),
    Ghost(EntityRef),
    Resource(TilePos),
    Pile(MapPos),
    Character(u32),
    Unit(EntityRef),
}

impl Handle {
    pub(super) fn pack(self) -> u128 {
        u128::from(self.kind as u8) << 124
            | u128::from(self.group & 0xf) << 120
            | u128::from(self.surface & 0xfff) << 108
            | u128::from(self.epoch & 0xfff_ffff) << 80
            | u128::from(self.a) << 48
            | u128::from(self.b) << 16
            | u128::from(self.index)
    }

    pub(super) fn unpack(packed: u128) -> Self {
        Self {
            kind: match packed >> 124 {
                1 => Kind::Entity,
                2 => Kind::Ghost,
                3 => Kind::Resource,
                4 => Kind::Pile,
                5 => Kind::Character,
                6 => Kind::Unit,
                _ => Kind::Other,
            },
            group: (packed >> 120) as u8 & 0xf,
            surface: (packed >> 108) as u16 & 0xfff,
            epoch: (packed >> 80) as u32 & 0xfff_ffff,
            a: (packed >> 48) as u32,
            b: (packed >> 16) as u32,
            index: packed as u16,
        }
    }

    /// Makes the handle of a thing.
    pub(super) fn of_thing(surface: u16, epoch: u32, thing: Thing) -> Self {
        let (kind, a, b) = match thing {
            Thing::Entity(entity) => (Kind::Entity, entity.slot, entity.unit),
            Thing::Ghost(ghost) => (Kind::Ghost, ghost.slot, ghost.unit),
            Thing::Resource(tile) => (Kind::Resource, tile.x as u32, tile.y as u32),
            Thing::Pile(place) => (Kind::Pile, place.x as u32, place.y as u32),
            Thing::Character(number) => (Kind::Character, number, 0),
            Thing::Unit(unit) => (Kind::Unit, unit.slot, unit.unit),
        };
        Self {
            kind,
            surface,
            epoch,
            a,
            b,
            ..Self::default()
        }
    }

    /// Reads which thing it is of, or belongs to.
    pub(super) fn thing(self) -> Option<Thing> {
        let reference = EntityRef {
            slot: self.a,
            unit: self.b,
        };
        Some(match self.kind {
            Kind::Other => return None,
            Kind::Entity => Thing::Entity(reference),
            Kind::Ghost => Thing::Ghost(reference),
            Kind::Resource => Thing::Resource(TilePos::new(self.a as i32, self.b as i32)),
            Kind::Pile => Thing::Pile(MapPos::new(self.a as i32, self.b as i32)),
            Kind::Character => Thing::Character(self.a),
            Kind::Unit => Thing::Unit(reference),
        })
    }
}
