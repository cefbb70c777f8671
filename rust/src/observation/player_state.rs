//! The sixteen numbers about the character, the objective and the clock.

use crate::contract::observation::{
    CENTER_CELL, CRAFTING_QUEUE_SCALE, MAP_SIDE, PLAYER_STATE_SIZE, POSITION_SCALE_TILES, player,
};
use crate::sim::World;
use crate::sim::character::max_health;
use crate::sim::position::{MapPos, Rect, SUBTILES};

/// What the observation shows beside the world: the objective and the clock.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Situation {
    /// Where the objective wants the character to be now.
    pub site: Option<MapPos>,
    /// Share of the objective that is done.
    pub progress: f64,
    /// Share of the episode's steps that are left.
    pub time_left: f64,
    /// Whether a component of the last action was refused.
    pub rejected: bool,
}

/// Computes the numbers; everything is computed in f64 and rounded once.
pub fn compute(world: &World, situation: &Situation) -> [f32; PLAYER_STATE_SIZE] {
    let character = &world.character;
    let tiles = |subtiles: i32| f64::from(subtiles) / 256.0;
    let mut state = [0.0_f64; PLAYER_STATE_SIZE];
    state[player::X] = tiles(character.position.x - world.spawn.x) / POSITION_SCALE_TILES;
    state[player::Y] = tiles(character.position.y - world.spawn.y) / POSITION_SCALE_TILES;
    state[player::HEALTH] = f64::from(character.health) / f64::from(max_health());
    let (dx, dy) = character.facing.steps();
    let unit = if character.facing.is_diagonal() {
        std::f64::consts::FRAC_1_SQRT_2
    } else {
        1.0
    };
    state[player::HEADING_SIN] = f64::from(dx) * unit;
    state[player::HEADING_COS] = f64::from(-dy) * unit;
    state[player::MINING_PROGRESS] = world.mining_progress();
    state[player::CRAFTING_PROGRESS] = world.crafting_progress();
    state[player::CRAFTING_QUEUE] = f64::from(character.crafting.crafts()) / CRAFTING_QUEUE_SCALE;
    state[player::INVENTORY_FILL] =
        f64::from(world.occupied_slots()) / character.inventory.slots().len() as f64;
    if let Some(site) = situation.site {
        let dx = tiles(site.x - character.position.x) / POSITION_SCALE_TILES;
        let dy = tiles(site.y - character.position.y) / POSITION_SCALE_TILES;
        state[player::OBJECTIVE_DX] = dx;
        state[player::OBJECTIVE_DY] = dy;
        state[player::OBJECTIVE_DISTANCE] = (dx * dx + dy * dy).sqrt();
    }
    state[player::OBJECTIVE_PROGRESS] = situation.progress;
    state[player::TIME_LEFT] = situation.time_left;
    state[player::POWER_SATISFACTION] = world.power_satisfaction_in(&window(character.position));
    state[player::REJECTED] = f64::from(u8::from(situation.rejected));
    state.map(|value| value as f32)
}

/// Gives the part of the map that the local map shows.
pub fn window(character: MapPos) -> Rect {
    let tile = character.tile();
    let (left, top) = (tile.x - CENTER_CELL as i32, tile.y - CENTER_CELL as i32);
    let side = MAP_SIDE as i32 * SUBTILES;
    Rect {
        left: left * SUBTILES,
        top: top * SUBTILES,
        right: left * SUBTILES + side - 1,
        bottom: top * SUBTILES + side - 1,
    }
}
