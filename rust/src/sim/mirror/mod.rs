//! A world as a mirror: made by the same set-up as a world elsewhere, never ticked, patched by what is reported of that one.
//!
//! - [`Reported`]: what a world that does not tick cannot compute, so it is told: statuses, shown contents, progress
//! - `things`: what stands and lies on the map; `holdings`: slots, recipes, the character, the force
//!
//! The facts come from outside and were checked by the caller as far as their types go; what does not fit the world is a
//! [`Misfit`], and nothing here panics or grows beyond what a world may hold.

mod holdings;
mod things;

use std::fmt;

use super::world::World;
use crate::contract::codes::Status;

pub use holdings::{Group, Person};
pub use things::Standing;

/// No entity or ghost has a larger number; what is beyond is a misfit.
pub const MAX_UNIT: u32 = 1 << 20;
/// No record counts more items of one kind than this.
pub const MAX_ITEMS: u32 = 1 << 24;

/// What is reported of a world that a mirror would not compute.
#[derive(Clone, Debug, Default)]
pub struct Reported {
    /// Status and shown contents by number of the entity; `None` where nothing was reported.
    styles: Vec<Option<(Status, u8)>>,
    pub mining_progress: f64,
    pub crafting_progress: f64,
    pub occupied_slots: u32,
    pub power_satisfaction: f64,
}

impl Reported {
    /// Reads status and code of the shown contents of an entity.
    #[inline]
    pub fn style(&self, unit: u32) -> Option<(Status, u8)> {
        self.styles.get(unit as usize).copied().flatten()
    }

    fn set_style(&mut self, unit: u32, style: (Status, u8)) {
        let place = unit as usize;
        if place >= self.styles.len() {
            self.styles.resize(place + 1, None);
        }
        self.styles[place] = Some(style);
    }
}

/// A fact that does not fit the world of which it is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// A place that is not on the map, in 1/256 tile.
    OffMap { x: i32, y: i32 },
    /// A number that no entity or ghost has, or may have.
    Unit { unit: u32 },
    /// Another entity or ghost covers the place.
    Covered { unit: u32, by: u32 },
    /// More items than a record may count.
    Items { count: u32 },
    /// A pile without items, or a resource that does not exist.
    Resource { code: u8 },
    /// More levels of a technology than [`MAX_LEVELS`].
    Levels { levels: u16 },
    /// No slots of that group.
    Group { unit: u32 },
}

/// No technology is researched to more levels.
pub const MAX_LEVELS: u16 = 1_000;

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::OffMap { x, y } => write!(
                f,
                "({}, {}) is not on the map",
                f64::from(x) / 256.0,
                f64::from(y) / 256.0
            ),
            Self::Unit { unit } => write!(f, "no entity or ghost has the number {unit}"),
            Self::Covered { unit, by } => {
                write!(f, "number {unit} would stand where number {by} stands")
            }
            Self::Items { count } => {
                write!(f, "{count} items are more than the {MAX_ITEMS} of a record")
            }
            Self::Resource { code } => write!(f, "no resource has the code {code}"),
            Self::Levels { levels } => write!(
                f,
                "{levels} levels of a technology are more than {MAX_LEVELS}"
            ),
            Self::Group { unit } => write!(f, "number {unit} has no such slots"),
        }
    }
}

impl std::error::Error for Misfit {}

impl World {
    /// Makes the world a mirror: from now on what is reported rules over what would be computed.
    pub fn begin_mirror(&mut self) {
        self.reported = Some(Box::new(Reported {
            power_satisfaction: 1.0,
            ..Reported::default()
        }));
    }

    /// Makes what follows from where things stand true again after facts were written; nobody acts on them here.
    pub fn settle_mirror(&mut self) {
        self.woken.clear();
        self.views.clear();
        self.settle();
    }

    /// Makes a mirror a world of its own again, which goes on as far as it knows itself.
    pub fn end_mirror(&mut self) {
        if self.reported.take().is_some() {
            self.rebuild_caches();
        }
    }

    /// Reads the share of the item that is mined.
    pub fn mining_progress(&self) -> f64 {
        match &self.reported {
            Some(reported) => reported.mining_progress,
            None => super::mining::progress(self),
        }
    }

    /// Reads the share of the present craft by hand that is done.
    pub fn crafting_progress(&self) -> f64 {
        match &self.reported {
            Some(reported) => reported.crafting_progress,
            None => self.character.crafting.progress(),
        }
    }

    /// Counts the slots of the character's inventory in use.
    pub fn occupied_slots(&self) -> u32 {
        match &self.reported {
            Some(reported) => reported.occupied_slots,
            None => self.character.inventory.occupied() as u32,
        }
    }

    /// Reads what was reported of an entity's status and shown contents.
    #[inline]
    pub fn reported_style(&self, unit: u32) -> Option<(Status, u8)> {
        self.reported.as_ref()?.style(unit)
    }
}
