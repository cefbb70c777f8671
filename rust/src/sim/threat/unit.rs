//! Units: biters and spitters. They are no entities: they walk off the grid and live in a slab of their own.
//!
//! A unit walks legs: straight lines at a fixed speed, so that a tick of marching is two additions and, where a tile border
//! is crossed, one look at the grid. It follows the bends of a path that [`super::path`] found, its own or its group's.
//! Approximate: units neither push nor block each other (small ones do not in the game either), a unit's body is its
//! centre, acceleration and turning are left out.

use serde::{Deserialize, Serialize};

use super::damage::{Prey, Wound};
use super::figures::{UnitFigures, figures};
use crate::prototypes::{EntityPrototype, EntityPrototypeId, vanilla};
use crate::sim::entity::EntityRef;
use crate::sim::position::{MapPos, Rect, TilePos};
use crate::sim::rng::mix;
use crate::sim::world::World;

/// Parts of a tile in which units move.
const PARTS_SHIFT: i32 = 16;
/// How far from the middle of a tile a unit walks at most, in parts: units of a group do not walk on one line.
const MAX_ASIDE: i32 = 24_000;

/// What a unit does when nothing is there to attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Task {
    /// Stands at its home.
    Free,
    /// Walks home.
    Return,
    /// Walks to where its group gathers.
    Gather,
    /// Waits there for the others.
    Wait,
    /// Walks the group's path.
    March,
}

/// A biter or spitter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unit {
    /// Number of the unit, unique in the world among entities and units.
    pub unit: u32,
    pub prototype: EntityPrototypeId,
    pub task: Task,
    /// What it attacks or chases now.
    pub prey: Option<Prey>,
    /// What it bites because it stands in the way.
    pub(super) blocker: Option<EntityRef>,
    /// Position in 1/65536 tile.
    pub(super) at: (i32, i32),
    pub(super) leg: Leg,
    pub(super) wound: Wound,
    /// The nest that counts it among its units.
    pub(super) nest: Option<EntityRef>,
    /// Its group's place in the slab of groups.
    pub(super) group: Option<u32>,
    /// Where it returns to.
    pub(super) home: MapPos,
    /// The bends of its own path; empty where it walks straight or follows its group's path.
    pub(super) path: Vec<TilePos>,
    /// The next bend; [`Unit::LOST`] where it has left its group's path.
    pub(super) step: u32,
    /// The tick from which it may strike again.
    pub(super) ready_tick: u64,
    /// The tick at which it looks again for a way to what it chases.
    pub(super) look_tick: u64,
}

/// A straight walk: what is added to the position each tick, and for how many ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Leg {
    dx: i32,
    dy: i32,
    ticks_left: u32,
}

/// What a tick of walking came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Walked {
    OnTheWay,
    /// The leg is done.
    Arrived,
    /// The next tile is not free.
    Blocked(TilePos),
}

impl Unit {
    /// The step of a unit that has no way.
    pub(super) const LOST: u32 = u32::MAX;

    /// Makes a healthy unit that stands at `position`.
    pub(super) fn new(
        unit: u32,
        prototype: EntityPrototypeId,
        position: MapPos,
        tick: u64,
    ) -> Self {
        Self {
            unit,
            prototype,
            task: Task::Free,
            prey: None,
            blocker: None,
            at: (position.x << 8, position.y << 8),
            leg: Leg::default(),
            wound: Wound {
                health: figures(prototype).max_health,
                tick,
            },
            nest: None,
            group: None,
            home: position,
            path: Vec::new(),
            step: Self::LOST,
            ready_tick: 0,
            look_tick: 0,
        }
    }

    /// Makes a unit of which only is known what can be seen.
    pub(in crate::sim) fn seen(
        unit: u32,
        prototype: EntityPrototypeId,
        position: MapPos,
        tick: u64,
        health: f64,
    ) -> Self {
        let mut seen = Self::new(unit, prototype, position, tick);
        seen.wound.health = health;
        seen
    }

    /// Reads the unit's prototype.
    pub fn prototype(&self) -> &'static EntityPrototype {
        &vanilla()[self.prototype]
    }

    /// Gives the place of its middle.
    pub fn position(&self) -> MapPos {
        MapPos::new(self.at.0 >> 8, self.at.1 >> 8)
    }

    /// Gives the tile on which its middle is.
    #[inline]
    pub fn tile(&self) -> TilePos {
        TilePos::new(self.at.0 >> PARTS_SHIFT, self.at.1 >> PARTS_SHIFT)
    }

    /// Gives its collision box.
    pub fn collision_box(&self) -> Rect {
        Rect::around(self.position(), self.prototype().collision_box, 0)
    }

    /// Reads what it can do.
    pub(super) fn figures(&self) -> &'static UnitFigures {
        figures(self.prototype)
            .unit
            .as_ref()
            .expect("a unit's prototype is one of units")
    }

    /// Forgets what it is about to do.
    pub(super) fn forget(&mut self) {
        *self = Self {
            wound: self.wound,
            at: self.at,
            ..Self::new(self.unit, self.prototype, self.position(), 0)
        };
    }

    /// Says whether it stands.
    pub(super) fn is_standing(&self) -> bool {
        self.leg.ticks_left == 0
    }

    /// Says whether it walks and will not be at the end of its leg after this tick.
    #[inline]
    pub(super) fn is_mid_leg(&self) -> bool {
        self.leg.ticks_left > 1
    }

    /// Stops walking and forgets its way.
    pub(super) fn stop(&mut self) {
        self.leg.ticks_left = 0;
        self.path.clear();
        self.step = Self::LOST;
        self.blocker = None;
    }

    /// Takes a path of its own from its beginning.
    pub(super) fn follow(&mut self, path: Vec<TilePos>) {
        self.leg.ticks_left = 0;
        self.path = path;
        self.step = 0;
    }

    /// Stops walking, the path being kept.
    pub(super) fn halt(&mut self) {
        self.leg.ticks_left = 0;
    }

    /// Starts to walk straight to a position.
    pub(super) fn head_for(&mut self, to: MapPos) {
        self.head_for_parts((to.x << 8, to.y << 8));
    }

    /// Starts to walk straight to a tile, a little beside its middle.
    pub(super) fn head_for_tile(&mut self, tile: TilePos) {
        let half = 1 << (PARTS_SHIFT - 1);
        let (aside_x, aside_y) = self.aside();
        self.head_for_parts((
            (tile.x << PARTS_SHIFT) + half + aside_x,
            (tile.y << PARTS_SHIFT) + half + aside_y,
        ));
    }

    /// How far beside the middle of tiles this unit walks.
    fn aside(&self) -> (i32, i32) {
        let bits = mix(u64::from(self.unit));
        let part = |bits: u64| (bits % (2 * MAX_ASIDE as u64 + 1)) as i32 - MAX_ASIDE;
        (part(bits >> 32), part(bits & 0xffff_ffff))
    }

    fn head_for_parts(&mut self, to: (i32, i32)) {
        let (dx, dy) = (
            i64::from(to.0) - i64::from(self.at.0),
            i64::from(to.1) - i64::from(self.at.1),
        );
        let distance = (dx * dx + dy * dy).unsigned_abs().isqrt() as i64;
        // At least a tick, so that whoever is there already arrives.
        let ticks = distance.div_euclid(i64::from(self.figures().speed)) + 1;
        self.leg = Leg {
            dx: (dx / ticks) as i32,
            dy: (dy / ticks) as i32,
            ticks_left: ticks as u32,
        };
    }

    /// Walks one tick of the leg, unless the next tile stops it.
    #[inline]
    pub(super) fn walk(&mut self, is_free: impl FnOnce(TilePos) -> bool) -> Walked {
        if self.leg.ticks_left == 0 {
            return Walked::Arrived;
        }
        let to = (self.at.0 + self.leg.dx, self.at.1 + self.leg.dy);
        let tile = TilePos::new(to.0 >> PARTS_SHIFT, to.1 >> PARTS_SHIFT);
        if tile != self.tile() && !is_free(tile) {
            return Walked::Blocked(tile);
        }
        self.at = to;
        self.leg.ticks_left -= 1;
        if self.leg.ticks_left == 0 {
            Walked::Arrived
        } else {
            Walked::OnTheWay
        }
    }
}

impl World {
    /// Reads the unit behind a reference, if it lives.
    pub fn unit(&self, reference: EntityRef) -> Option<&Unit> {
        self.units
            .get(reference.slot)
            .filter(|unit| unit.unit == reference.unit)
    }

    /// Adds a unit.
    pub fn add_unit(&mut self, prototype: EntityPrototypeId, position: MapPos) -> EntityRef {
        debug_assert!(
            figures(prototype).unit.is_some(),
            "only biters and spitters are units"
        );
        let unit = self.take_unit();
        self.changes.entities = true;
        let slot = self
            .units
            .insert(Unit::new(unit, prototype, position, self.tick));
        EntityRef { slot, unit }
    }

    /// Takes a unit away; its nest may make another, its group goes on without it.
    pub(in crate::sim) fn remove_unit(&mut self, reference: EntityRef) {
        if self.unit(reference).is_none() {
            return;
        }
        if let Some(unit) = self.units.remove(reference.slot) {
            self.changes.entities = true;
            self.release_from_nest(unit.nest);
            self.leave_group(unit.group, unit.task);
        }
    }
}
