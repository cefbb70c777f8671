//! Splitters: which way each item goes.
//!
//! Lanes are kept. Items alternate one by one whatever they are; a side that was blocked is owed up to
//! [`MAX_OWED`] items. With an output priority the other side gets what the first has no room for; a filter sends its
//! item to the priority side (left if none is set) and everything else to the other. Inputs alternate in the same way,
//! and with an input priority the other one only fills gaps.

use serde::{Deserialize, Serialize};

use crate::prototypes::ItemId;

/// How many items a splitter remembers to owe to the side that was blocked (wiki).
const MAX_OWED: i8 = 5;

/// A side of a splitter, seen along the way of travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SplitterSide {
    Left,
    Right,
}

/// A splitter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Splitter {
    /// Slot of the entity.
    pub entity: u32,
    pub input_priority: Option<SplitterSide>,
    pub output_priority: Option<SplitterSide>,
    pub filter: Option<ItemId>,
    /// Its halves: left in, right in, left out, right out.
    pub(super) halves: [u32; 4],
    /// Lines of the left and right input, and of the outputs.
    #[serde(skip)]
    pub(super) in_lines: [u32; 2],
    #[serde(skip)]
    pub(super) out_lines: [u32; 2],
    /// For each lane how many items more went left than right, within [`MAX_OWED`].
    balance: [i8; 2],
    /// For each lane the input that an item came from last.
    last_input: [u8; 2],
}

impl Splitter {
    pub(super) fn new(entity: u32) -> Self {
        Self {
            entity,
            input_priority: None,
            output_priority: None,
            filter: None,
            halves: [0; 4],
            in_lines: [0; 2],
            out_lines: [0; 2],
            balance: [0; 2],
            // The left input goes first.
            last_input: [1; 2],
        }
    }

    /// Gives the input whose item goes first where both have one.
    pub(super) fn preferred_input(&self, lane: usize) -> u8 {
        match self.input_priority {
            Some(SplitterSide::Left) => 0,
            Some(SplitterSide::Right) => 1,
            None => 1 - self.last_input[lane],
        }
    }

    /// Gives the outputs that may take `item`, the better one first.
    pub(super) fn outputs_for(&self, lane: usize, item: ItemId) -> (usize, Option<usize>) {
        let priority = self.output_priority.map(|side| side as usize);
        match (self.filter, priority) {
            (Some(filter), side) => {
                let side = side.unwrap_or(0);
                (if item == filter { side } else { 1 - side }, None)
            }
            (None, Some(side)) => (side, Some(1 - side)),
            (None, None) => {
                let better = usize::from(self.balance[lane] > 0);
                (better, Some(1 - better))
            }
        }
    }

    /// Notes that an item went from `input` to `output`.
    pub(super) fn note_passed(&mut self, lane: usize, input: u8, output: usize) {
        self.last_input[lane] = input;
        if self.filter.is_none() && self.output_priority.is_none() {
            let step = if output == 0 { 1 } else { -1 };
            self.balance[lane] = (self.balance[lane] + step).clamp(-MAX_OWED, MAX_OWED);
        }
    }
}
