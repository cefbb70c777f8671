//! One tick of the inserters: swing, act on arrival, rest when there is nothing to do.

use super::arm::LEAST_JOULES;
use super::drop::{Dropped, drop_held, fill_own_slot};
use super::pick::{Picked, has_anything, pick_up};
use super::{Inserter, Place, Rest, Stage};
use crate::contract::codes::Status;
use crate::sim::energy::Energy;
use crate::sim::entity::Body;
use crate::sim::power::Power;
use crate::sim::world::World;

/// Runs the inserters that are awake, from the last of the order to the first.
pub(in crate::sim) fn tick_inserters(world: &mut World) {
    // Those that join meanwhile stand past the place where the run began: they act from the next tick on.
    let mut place = world.inserter_order.len();
    while place > 0 {
        place -= 1;
        if let Some(index) = world.inserter_order.awake_at(place) {
            tick_inserter(world, index, place);
        }
    }
    world.inserter_order.tidy();
}

#[inline]
fn tick_inserter(world: &mut World, index: u32, place: usize) {
    let Some(inserter) = world.inserters.get_mut(index) else {
        return;
    };
    let arrived = match inserter.stage {
        Stage::AtPickup | Stage::AtDrop => inserter.is_powered(&world.power),
        _ => inserter.swing(&mut world.power),
    };
    if arrived {
        act(world, index, place);
    } else {
        end_tick(world, index, place);
    }
}

impl Inserter {
    /// Moves the arm by one tick and says whether it arrived.
    #[inline]
    fn swing(&mut self, power: &mut Power) -> bool {
        if self.holds_fuel {
            self.stage = self.stage_with_fuel();
        }
        let (kind, side) = (self.kind(), self.side());
        let aim = match self.stage {
            Stage::ToDrop | Stage::AtDrop => side.drop,
            Stage::ToPickup | Stage::AtPickup => side.pickup,
            Stage::ToOwnSlot => side.own_slot,
        };
        let step = self.hand.step(aim, &kind.motor);
        let joules = step.extension_joules + step.rotation_joules;
        let available = match &mut self.energy {
            Energy::Burner(burner) => burner.buffer_joules,
            Energy::Electric(link) if joules > 0.0 => {
                let share = power.draw(link.network, joules, link.drain_joules_per_tick);
                self.status = match share {
                    share if share <= 0.0 => Status::NoPower,
                    share if share < 1.0 => Status::LowPower,
                    _ => Status::Working,
                };
                if share < 1.0 { joules * share } else { joules }
            }
            Energy::Electric(link) => power.satisfaction(link.network),
            Energy::Void => joules.max(1.0),
        };
        if available < LEAST_JOULES {
            return false;
        }
        let (extension, rotation) = self.hand.advance(aim, &kind.motor, &step, available);
        if let Energy::Burner(burner) = &mut self.energy {
            // In this order: the crumb that is left after a short tick depends on it.
            burner.buffer_joules = (burner.buffer_joules - extension - rotation).max(0.0);
        }
        step.arrives && joules <= available
    }

    /// Turns to its own fuel slot when that is empty, from wherever the arm is.
    fn stage_with_fuel(&self) -> Stage {
        let is_empty = self
            .energy
            .burner()
            .is_some_and(|burner| burner.fuel.is_none());
        if is_empty {
            Stage::ToOwnSlot
        } else {
            Stage::ToDrop
        }
    }

    /// Says whether an arm that need not move may act: an electric one does not without power.
    fn is_powered(&self, power: &Power) -> bool {
        match &self.energy {
            Energy::Electric(link) => power.satisfaction(link.network) > 0.0,
            _ => true,
        }
    }
}

/// Does what the arm came for.
fn act(world: &mut World, index: u32, place: usize) {
    let Some(stage) = world.inserters.get(index).map(|inserter| inserter.stage) else {
        return;
    };
    let (next, is_waiting) = match stage {
        Stage::ToPickup | Stage::AtPickup => match pick_up(world, index) {
            Picked::Done => (Stage::ToDrop, false),
            Picked::Some => (Stage::AtPickup, false),
            Picked::Nothing => (Stage::AtPickup, true),
        },
        Stage::ToDrop | Stage::AtDrop => match drop_held(world, index) {
            Dropped::All => (Stage::ToPickup, false),
            Dropped::Some => (Stage::AtDrop, false),
            Dropped::Nothing => (Stage::AtDrop, true),
        },
        Stage::ToOwnSlot => (fill_own_slot(world, index), false),
    };
    if let Some(inserter) = world.inserters.get_mut(index) {
        inserter.stage = next;
        if next == Stage::ToDrop && inserter.holds_fuel {
            inserter.stage = inserter.stage_with_fuel();
        }
        if is_waiting {
            rest(world, index, place);
        } else {
            end_tick(world, index, place);
        }
    }
}

/// Ends a tick in which the inserter did something or tried to: refills the burner, sets the status.
#[inline]
fn end_tick(world: &mut World, index: u32, place: usize) {
    let Some(inserter) = world.inserters.get_mut(index) else {
        return;
    };
    let capacity = inserter.kind().buffer_joules;
    let mut has_lit = false;
    let before = inserter.shown;
    match &mut inserter.energy {
        Energy::Burner(burner) => {
            has_lit = burner.refill(capacity);
            inserter.status = if burner.buffer_joules > 0.0 {
                Status::Working
            } else {
                Status::NoFuel
            };
            if burner.buffer_joules < LEAST_JOULES {
                // Only fuel put into its slot gets it going again.
                inserter.rest = Rest::Dozing;
                world.inserter_order.doze_at(place);
            }
        }
        Energy::Electric(link) => {
            if world.power.satisfaction(link.network) <= 0.0 {
                inserter.status = Status::NoPower;
            } else if inserter.status != Status::LowPower {
                inserter.status = Status::Working;
            }
        }
        Energy::Void => inserter.status = Status::Working,
    }
    inserter.shown = inserter.status;
    let slot = inserter.slot;
    if before != inserter.shown {
        world.mark_entity(slot);
    }
    if has_lit {
        // Its slot has room again for those that bring it fuel.
        world.wake_waiters(slot);
        world.changes.contents = true;
    }
}

/// Lets an inserter that can do nothing wait: asleep on a machine, dozing on the ground.
fn rest(world: &mut World, index: u32, place: usize) {
    let Some(inserter) = world.inserters.get(index) else {
        return;
    };
    let (slot, source, sink) = (inserter.slot, inserter.source, inserter.sink);
    let is_full = inserter.stage == Stage::AtDrop || has_anything(world, index);
    let cause = if is_full { sink } else { source };
    let status = if is_full {
        Status::Full
    } else {
        Status::WaitingForSource
    };
    let sleeps = match cause {
        Place::Ground => false,
        Place::Machine(slot) => !matches!(
            world.entities.get(slot).map(|entity| entity.body),
            Some(Body::Inserter(_))
        ),
    };
    if !sleeps {
        end_tick(world, index, place);
    }
    if let Some(reference) = world.reference(slot) {
        for place in [source, sink] {
            if let Place::Machine(slot) = place {
                world.wait_for(slot, reference);
            }
        }
    }
    let Some(inserter) = world.inserters.get_mut(index) else {
        return;
    };
    let before = std::mem::replace(&mut inserter.shown, status);
    inserter.status = status;
    if sleeps {
        inserter.rest = Rest::Asleep;
        world.inserter_order.sleep_at(place);
    } else {
        inserter.rest = Rest::Dozing;
        world.inserter_order.doze_at(place);
    }
    if before != status {
        world.mark_entity(slot);
    }
}
