//! The character's gun: whoever carries a gun and magazines fires at the nearest enemy in range.
//!
//! The contract has no action for shooting, so the character shoots by itself (a rule of this project; the game leaves it to
//! the player). It takes the fastest gun and the strongest magazines that it carries, straight from its inventory.

use serde::{Deserialize, Serialize};

use super::figures::{BULLET, bullets, guns, magazines};
use super::turret::{nearest_foe, sped_up};
use crate::prototypes::ItemId;
use crate::sim::world::World;

/// Ticks between two looks of a character that has nothing to shoot at, or nothing to shoot with.
const LOOK_TICKS: u64 = 10;

/// What is loaded in the gun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadedGun {
    /// The started magazine, which is no longer in the inventory.
    magazine: Option<ItemId>,
    rounds_left: u32,
    ready_tick: u64,
}

/// Fires, if there is something to fire at and with.
pub(super) fn tick_gun(world: &mut World) {
    if world.tick < world.threats.gun.ready_tick || !world.character.is_alive() {
        return;
    }
    world.threats.gun.ready_tick = world.tick + fire(world).unwrap_or(LOOK_TICKS);
}

/// Fires one round and returns the ticks until the next.
fn fire(world: &mut World) -> Option<u64> {
    let inventory = &world.character.inventory;
    let gun = guns()
        .iter()
        .find(|(item, _)| inventory.count(*item) > 0)
        .map(|(_, gun)| gun)?;
    let target = nearest_foe(world, world.character.position, gun.range_subtiles)?;
    if world.threats.gun.rounds_left == 0 {
        let magazine = *magazines()
            .iter()
            .find(|item| world.character.inventory.count(**item) > 0)?;
        world.character.inventory.remove(magazine, 1);
        world.production.use_item(magazine, 1);
        world.changes.contents = true;
        world.threats.gun.magazine = Some(magazine);
        world.threats.gun.rounds_left = bullets(magazine)?.rounds;
    }
    let loaded = &mut world.threats.gun;
    let mut blow = bullets(loaded.magazine?)?.blow;
    loaded.rounds_left -= 1;
    let bonuses = &world.force.bonuses;
    blow.damage *= 1.0 + bonuses.ammo_damage(BULLET);
    let cooldown_ticks = sped_up(gun.cooldown_ticks, bonuses.gun_speed(BULLET));
    world.hurt_foe(target, blow);
    Some(cooldown_ticks)
}
