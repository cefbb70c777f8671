//! Rockets.

use serde::{Deserialize, Serialize};

use crate::prototypes::ItemId;

/// What was launched since the world began.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rockets {
    pub launched: u64,
    cargo: Vec<(ItemId, u64)>,
}

impl Rockets {
    /// Forgets everything.
    pub fn clear(&mut self) {
        self.launched = 0;
        self.cargo.clear();
    }

    /// Counts how many of `item` were launched as cargo.
    pub fn launched(&self, item: ItemId) -> u64 {
        self.cargo
            .iter()
            .find(|(known, _)| *known == item)
            .map_or(0, |(_, count)| *count)
    }
}
