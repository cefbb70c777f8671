//! Random legal actions, and names of the bytes of a record.

use factorio_fast::action::Action;
use factorio_fast::contract::action::{Interact, NVEC};
use factorio_fast::contract::mask::{INTERACT_BIT, ITEM_BIT, MOVE_BIT, TARGET_BIT};
use factorio_fast::contract::observation::{
    ENTITIES_OFFSET, ENTITY_COLUMNS, ENTITY_ROWS, LOCAL_MAP_OFFSET, MAP_CHANNELS, MAP_SIDE,
    PLAYER_STATE_OFFSET,
};
use factorio_fast::env::Episode;
use factorio_fast::observation::{Record, record};
use factorio_fast::sim::rng::Rng;

/// Draws an action; seven in eight are legal ones, so that worlds go somewhere.
pub(crate) fn draw_action(rng: &mut Rng, episode: &Episode, record: &Record) -> Action {
    let bits = record::mask_of(record);
    let choose = |rng: &mut Rng, first: usize, size: usize| {
        let legal: Vec<usize> = (0..size).filter(|index| bits[first + index] != 0).collect();
        if legal.is_empty() {
            return 0;
        }
        legal[rng.below(legal.len() as u32) as usize]
    };
    let numbers = if rng.chance(1, 8) {
        NVEC.map(|size| i64::from(rng.below(size as u32)))
    } else {
        let can_walk = bits[MOVE_BIT..INTERACT_BIT].iter().any(|bit| *bit != 0);
        let walk = if can_walk && rng.chance(1, 2) {
            choose(rng, MOVE_BIT, 8) as i64 + 1
        } else {
            0
        };
        let interact = choose(rng, INTERACT_BIT, 8);
        // An exact pair for the interaction, where there is one.
        let table = episode.conditional_mask(Interact::ALL[interact]);
        let pairs: Vec<(usize, usize)> = (0..ENTITY_ROWS)
            .flat_map(|target| (0..32).map(move |item| (target, item)))
            .filter(|(target, item)| table[*target] >> item & 1 == 1)
            .collect();
        let (target, item) = if pairs.is_empty() {
            (choose(rng, TARGET_BIT, 16), choose(rng, ITEM_BIT, 32))
        } else {
            pairs[rng.below(pairs.len() as u32) as usize]
        };
        [walk, interact as i64, target as i64, item as i64]
    };
    Action::parse(numbers).unwrap()
}

/// Names the field of a record that a byte belongs to.
pub(crate) fn field_of(at: usize) -> String {
    if at >= PLAYER_STATE_OFFSET {
        format!("player_state[{}]", (at - PLAYER_STATE_OFFSET) / 4)
    } else if at >= LOCAL_MAP_OFFSET {
        let cell = (at - LOCAL_MAP_OFFSET) / MAP_CHANNELS;
        let (row, col) = (cell / MAP_SIDE, cell % MAP_SIDE);
        let channel = (at - LOCAL_MAP_OFFSET) % MAP_CHANNELS;
        format!("local_map[{row}, {col}, {channel}]")
    } else if at >= ENTITIES_OFFSET {
        let number = (at - ENTITIES_OFFSET) / 4;
        format!(
            "entities[{}, {}]",
            number / ENTITY_COLUMNS,
            number % ENTITY_COLUMNS
        )
    } else {
        format!("action_mask[{at}]")
    }
}
