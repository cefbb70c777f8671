//! Turrets and worms: they shoot at the nearest enemy in range, with ammunition, electricity or acid.
//!
//! A turret that sees nothing looks again every [`LOOK_TICKS`]. Approximate: a turret unfolds for a fixed time before its
//! first shot and does not turn; of two targets the nearer one is taken, whatever its health. Flamethrower and artillery
//! turrets are absent.
//!
//! Invariant: a magazine that has been started stays in its slot until its last round is shot.

use serde::{Deserialize, Serialize};

use super::damage::{Foe, Prey};
use super::figures::{Blow, Delivery, Side, Weapon, bullets, figures};
use super::hunt::nearest_prey;
use super::stream::Stream;
use crate::contract::codes::Status;
use crate::prototypes::{EntityPrototype, EntityPrototypeId, ItemId, vanilla};
use crate::sim::energy::Energy;
use crate::sim::entity::EntityRef;
use crate::sim::inventory::{ItemStack, Slot, insert_into, stack_size};
use crate::sim::position::MapPos;
use crate::sim::world::World;

/// Ticks between two looks of a turret that has no target.
const LOOK_TICKS: u64 = 10;

/// A turret or worm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Turret {
    pub entity: EntityRef,
    pub prototype: EntityPrototypeId,
    pub position: MapPos,
    #[serde(with = "side_as_bool")]
    pub side: Side,
    /// Magazines.
    pub ammo: Slot,
    /// Rounds shot of the started magazine.
    pub rounds_used: u32,
    pub energy: Energy,
    /// Electric energy at hand, for the next shots.
    pub energy_joules: f64,
    /// What it shoots at.
    target: Option<Mark>,
    /// The tick from which it may shoot again.
    ready_tick: u64,
}

/// What a turret shoots at: the character's turrets at foes, worms at prey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Mark {
    Foe(Foe),
    Prey(Prey),
}

mod side_as_bool {
    use serde::{Deserialize as _, Deserializer, Serializer};

    use super::Side;

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde calls it with a reference"
    )]
    pub(super) fn serialize<S: Serializer>(side: &Side, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_bool(*side == Side::Enemy)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Side, D::Error> {
        Ok(if bool::deserialize(from)? {
            Side::Enemy
        } else {
            Side::Player
        })
    }
}

impl Turret {
    /// Makes a turret without ammunition.
    pub(in crate::sim) fn new(
        entity: EntityRef,
        prototype: EntityPrototypeId,
        position: MapPos,
    ) -> Self {
        Self {
            entity,
            prototype,
            position,
            side: figures(prototype).side,
            ammo: None,
            rounds_used: 0,
            energy: Energy::of(&vanilla()[prototype]),
            energy_joules: 0.0,
            target: None,
            ready_tick: 0,
        }
    }

    /// Counts the rounds at hand.
    pub fn rounds_left(&self) -> u32 {
        self.ammo.map_or(0, |stack| {
            let rounds = bullets(stack.item).map_or(1, |bullets| bullets.rounds);
            stack.count * rounds - self.rounds_used
        })
    }

    /// Counts the magazines at hand, the started one too.
    fn n_magazines(&self) -> u32 {
        self.ammo.map_or(0, |stack| stack.count)
    }

    /// Says whether it has something to shoot at.
    pub fn is_aiming(&self) -> bool {
        self.target.is_some()
    }

    /// Says whether it shoots what is put into it.
    pub fn has_slot(&self) -> bool {
        figures(self.prototype).takes_bullets
    }

    /// Says whether it shoots with electric energy.
    pub fn is_electric(&self) -> bool {
        figures(self.prototype).store.is_some()
    }

    /// Reads its status class.
    pub fn status(&self) -> Status {
        let blow_joules = figures(self.prototype)
            .weapon
            .map_or(0.0, |weapon| weapon.joules_per_blow);
        if self.has_slot() && self.ammo.is_none() {
            Status::NoIngredients
        } else if self.energy_joules < blow_joules {
            Status::NoPower
        } else if self.is_aiming() {
            Status::Working
        } else {
            Status::Normal
        }
    }

    /// Takes up to `count` magazines out, as a hand does; a started one counts as whole.
    pub fn remove(&mut self, count: u32) {
        if let Some(stack) = self.ammo {
            let left = stack.count.saturating_sub(count);
            self.ammo = (left > 0).then_some(ItemStack {
                count: left,
                ..stack
            });
            if left == 0 {
                self.rounds_used = 0;
            }
        }
    }

    /// Computes how many magazines of `item` a hand can put in.
    pub fn room_by_hand(&self, item: ItemId) -> u32 {
        if !self.has_slot() || bullets(item).is_none() {
            return 0;
        }
        match self.ammo {
            None => stack_size(item),
            Some(stack) if stack.item == item => stack_size(item).saturating_sub(stack.count),
            Some(_) => 0,
        }
    }

    /// Computes how many magazines of `item` an inserter would put in: it keeps a few there, not a stack.
    pub fn room_by_inserter(&self, item: ItemId) -> u32 {
        let held = self.ammo.map_or(0, |stack| stack.count);
        figures(self.prototype)
            .automated_ammo_count
            .saturating_sub(held)
            .min(self.room_by_hand(item))
    }

    /// Puts up to `count` magazines in and returns how many went in.
    pub fn insert(&mut self, item: ItemId, count: u32) -> u32 {
        let count = count.min(self.room_by_hand(item));
        insert_into(std::slice::from_mut(&mut self.ammo), item, count)
    }

    /// Takes one round out of the started magazine and returns what it does.
    fn take_round(&mut self) -> Option<Blow> {
        let stack = self.ammo?;
        let bullets = bullets(stack.item)?;
        self.rounds_used += 1;
        if self.rounds_used >= bullets.rounds {
            self.rounds_used = 0;
            self.ammo = (stack.count > 1).then_some(ItemStack {
                count: stack.count - 1,
                ..stack
            });
        }
        Some(bullets.blow)
    }
}

/// Says whether a turret shoots `item`.
pub fn takes_ammo(prototype: &EntityPrototype, item: ItemId) -> bool {
    super::figures::takes_bullets(prototype) && bullets(item).is_some()
}

/// Runs one tick of all turrets and worms.
pub(super) fn tick_turrets(world: &mut World) {
    for index in 0..world.turrets.end() {
        let Some(turret) = world.turrets.get(index) else {
            continue;
        };
        if world.tick >= turret.ready_tick {
            tick_turret(world, index);
        }
    }
}

/// Lets all turrets fold: nothing is left to shoot at.
pub(super) fn stand_down(world: &mut World) {
    for index in 0..world.turrets.end() {
        if let Some(turret) = world.turrets.get_mut(index)
            && turret.target.take().is_some()
        {
            turret.ready_tick = 0;
            let slot = turret.entity.slot;
            world.mark_entity(slot);
        }
    }
}

/// Charges the laser turrets from their networks, at most as fast as their sources allow.
pub(super) fn charge_lasers(world: &mut World) {
    if world.threats.n_lasers == 0 {
        return;
    }
    for index in 0..world.turrets.end() {
        let Some(turret) = world.turrets.get_mut(index) else {
            continue;
        };
        let Some(store) = figures(turret.prototype).store else {
            continue;
        };
        let wanted = (store.capacity_joules - turret.energy_joules).min(store.joules_per_tick);
        if wanted > 0.0
            && let Some(link) = turret.energy.electric_mut()
        {
            let share = world
                .power
                .draw_first(link.network, wanted, link.drain_joules_per_tick);
            let before = turret.status();
            turret.energy_joules += wanted * share;
            if turret.status() != before {
                let slot = turret.entity.slot;
                world.mark_entity(slot);
            }
        }
    }
}

fn tick_turret(world: &mut World, index: u32) {
    let tick = world.tick;
    let Some(turret) = world.turrets.get(index) else {
        return;
    };
    let Some(weapon) = figures(turret.prototype).weapon.as_ref() else {
        return;
    };
    let from = turret.position;
    if turret
        .target
        .is_some_and(|mark| is_in_range(world, mark, from, weapon))
    {
        shoot(world, index, weapon);
        return;
    }
    let had_target = turret.target.is_some();
    let found = match turret.side {
        Side::Enemy => nearest_prey(world, from, weapon.range_subtiles).map(Mark::Prey),
        _ => nearest_foe(world, from, weapon.range_subtiles).map(Mark::Foe),
    };
    let Some(turret) = world.turrets.get_mut(index) else {
        return;
    };
    let before = turret.status();
    turret.target = found;
    let is_changed = turret.status() != before;
    let slot = turret.entity.slot;
    match found {
        // An unfolded turret goes on at once.
        Some(_) if had_target => shoot(world, index, weapon),
        Some(_) => turret.ready_tick = tick + weapon.preparing_ticks,
        None => turret.ready_tick = tick + LOOK_TICKS,
    }
    if is_changed {
        world.mark_entity(slot);
    }
}

fn is_in_range(world: &World, mark: Mark, from: MapPos, weapon: &Weapon) -> bool {
    let reach = i64::from(weapon.range_subtiles) * i64::from(weapon.range_subtiles);
    let distance = match mark {
        Mark::Foe(foe) => world
            .foe_position(foe)
            .map(|place| place.distance_squared(from)),
        Mark::Prey(prey) => world.prey_box(prey).map(|area| area.distance_squared(from)),
    };
    distance.is_some_and(|distance| distance <= reach)
}

/// Shoots once, if there is ammunition or energy for it.
fn shoot(world: &mut World, index: u32, weapon: &Weapon) {
    let tick = world.tick;
    let Some(turret) = world.turrets.get_mut(index) else {
        return;
    };
    let Some(mark) = turret.target else {
        return;
    };
    let before = (turret.ammo, turret.status());
    let n_magazines = turret.n_magazines();
    let from = turret.position;
    let bonuses = &world.force.bonuses;
    let category = weapon.bonus_category();
    let (speed, damage) = category.map_or((0.0, 0.0), |category| {
        (bonuses.gun_speed(category), bonuses.ammo_damage(category))
    });
    let factor = (1.0 + damage) * (1.0 + bonuses.turret_attack(turret.prototype));
    let blow = match weapon.blow {
        None => {
            let Some(mut blow) = turret.take_round() else {
                turret.ready_tick = tick + LOOK_TICKS;
                return;
            };
            blow.damage *= factor;
            blow
        }
        Some(mut blow) => {
            if turret.energy_joules < weapon.joules_per_blow {
                return;
            }
            turret.energy_joules -= weapon.joules_per_blow;
            blow.damage *= factor;
            blow
        }
    };
    if let Some(turret) = world.turrets.get_mut(index) {
        turret.ready_tick = tick + sped_up(weapon.cooldown_ticks, speed);
        if let Some(stack) = before.0
            && turret.n_magazines() < n_magazines
        {
            world.production.use_item(stack.item, 1);
        }
        if before != (turret.ammo, turret.status()) {
            let slot = turret.entity.slot;
            world.mark_entity(slot);
            world.wake_waiters(slot);
        }
    }
    match (weapon.delivery, mark) {
        (Delivery::Stream { .. }, Mark::Prey(prey)) => {
            if let Some(target) = world.prey_box(prey) {
                let to = MapPos::new(
                    i32::midpoint(target.left, target.right),
                    i32::midpoint(target.top, target.bottom),
                );
                // A worm's preparation is over when it spits.
                let weapon = Weapon {
                    preparing_ticks: 0,
                    ..*weapon
                };
                let stream = Stream::new(&weapon, blow, from, to, tick);
                world.threats.streams.push(stream);
            }
        }
        (_, Mark::Foe(foe)) => world.hurt_foe(foe, blow),
        (_, Mark::Prey(prey)) => world.hurt_prey(prey, blow),
    }
}

/// Shortens a cooldown by a bonus on the speed of shooting.
pub(super) fn sped_up(cooldown_ticks: u64, bonus: f64) -> u64 {
    ((cooldown_ticks as f64 / (1.0 + bonus)) as u64).max(1)
}

/// Finds the enemy that is nearest to a place; of equals units before nests, then the one that was first.
pub(super) fn nearest_foe(world: &World, from: MapPos, reach_subtiles: i32) -> Option<Foe> {
    let mut best = i64::from(reach_subtiles) * i64::from(reach_subtiles) + 1;
    let mut found = None;
    for (slot, unit) in world.units.iter() {
        let distance = unit.position().distance_squared(from);
        if distance < best {
            best = distance;
            found = Some(Foe::Unit(EntityRef {
                slot,
                unit: unit.unit,
            }));
        }
    }
    for (_, spawner) in world.spawners.iter() {
        if let Some(entity) = world.entities.get(spawner.slot) {
            let distance = entity.position.distance_squared(from);
            if distance < best {
                best = distance;
                found = Some(Foe::Structure(EntityRef {
                    slot: spawner.slot,
                    unit: entity.unit,
                }));
            }
        }
    }
    if world.threats.n_worms > 0 {
        for (_, turret) in world.turrets.iter() {
            let distance = turret.position.distance_squared(from);
            if turret.side == Side::Enemy && distance < best {
                best = distance;
                found = Some(Foe::Structure(turret.entity));
            }
        }
    }
    found
}
