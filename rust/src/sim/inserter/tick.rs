//! One tick of the inserters: swing, act on arrival, rest when there is nothing to do.

use super::arm::{Hand, LEAST_JOULES};
use super::chase::tick_over_belt;
use super::drop::{Dropped, drop_held, fill_own_slot};
use super::kind::{Kind, kinds};
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
    let kinds = kinds();
    while place > 0 {
        place -= 1;
        if let Some(index) = world.inserter_order.awake_at(place)
            && !world.is_in_lull(index)
        {
            tick_inserter(world, kinds, index, place);
        }
    }
    world.inserter_order.tidy();
}

#[inline]
fn tick_inserter(world: &mut World, kinds: &'static [Option<Kind>], index: u32, place: usize) {
    let Some(inserter) = world.inserters.get_mut(index) else {
        return;
    };
    let Some(kind) = kinds
        .get(inserter.prototype.index())
        .and_then(Option::as_ref)
    else {
        return;
    };
    let arrived = match (inserter.stage, inserter.source) {
        (Stage::ToPickup | Stage::AtPickup, Place::Belt(source)) => {
            tick_over_belt(world, index, place, source.belts);
            return;
        }
        (Stage::AtPickup | Stage::AtDrop, _) => inserter.is_powered(&world.power),
        _ => inserter.swing(kind, &mut world.power),
    };
    if arrived {
        act(world, index, place);
        return;
    }
    let ended = inserter.end_tick(kind, &world.power, None);
    if ended.is_noteworthy() {
        note(world, index, place, ended);
    }
}

/// What the end of a tick brought that others have to know.
#[derive(Clone, Copy)]
struct Ended {
    has_new_status: bool,
    has_lit_fuel: bool,
    is_out_of_fuel: bool,
}

impl Ended {
    fn is_noteworthy(self) -> bool {
        self.has_new_status || self.has_lit_fuel || self.is_out_of_fuel
    }
}

impl Inserter {
    /// Moves the arm by one tick toward where its stage says, and says whether it arrived.
    #[inline]
    pub(super) fn swing(&mut self, kind: &Kind, power: &mut Power) -> bool {
        if self.holds_fuel && self.stage != Stage::ToPickup {
            self.stage = self.stage_with_load();
        }
        let side = &kind.sides[usize::from(self.quarter)];
        let aim = match self.stage {
            Stage::ToDrop | Stage::AtDrop => side.drop,
            Stage::ToPickup | Stage::AtPickup => side.pickup,
            Stage::ToOwnSlot => side.own_slot,
        };
        self.swing_to(aim, kind, power)
    }

    /// Moves the arm by one tick toward `aim` and says whether it arrived.
    #[inline]
    pub(super) fn swing_to(&mut self, aim: Hand, kind: &Kind, power: &mut Power) -> bool {
        let step = self.hand.step(aim, &kind.motor);
        let joules = step.extension_joules + step.rotation_joules;
        let available = match &mut self.energy {
            Energy::Burner(burner) => burner.buffer_joules,
            Energy::Electric(link) if joules > 0.0 => {
                let most = kind.motor.most_joules(&step);
                let drain = link.drain_joules_per_tick;
                self.is_slowed = power.satisfaction(link.network) < 1.0;
                power.draw_up_to(link.network, joules, most, drain)
            }
            Energy::Electric(link) => {
                let satisfaction = power.satisfaction(link.network);
                self.is_slowed = satisfaction < 1.0;
                satisfaction
            }
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

    /// Says where it brings what it holds: fuel to its own slot when that is empty, from wherever the arm is.
    pub(super) fn stage_with_load(&self) -> Stage {
        let is_empty = self.holds_fuel
            && self
                .energy
                .burner()
                .is_some_and(|burner| burner.fuel.is_none());
        if is_empty {
            Stage::ToOwnSlot
        } else {
            Stage::ToDrop
        }
    }

    /// Lists the places whose changes may end its waiting.
    ///
    /// What it holds goes into the sink whatever the source has. What it takes depends on the sink only where that is a
    /// machine: a belt takes everything, and one that moves below would wake it in every tick.
    fn watched_places(&self) -> [Option<Place>; 2] {
        match (self.stage, self.sink) {
            (Stage::AtDrop, sink) => [Some(sink), None],
            (_, sink @ Place::Machine(_)) => [Some(self.source), Some(sink)],
            _ => [Some(self.source), None],
        }
    }

    /// Says whether an arm that need not move may act: an electric one does not without power.
    pub(super) fn is_powered(&mut self, power: &Power) -> bool {
        let Energy::Electric(link) = &self.energy else {
            return true;
        };
        let satisfaction = power.satisfaction(link.network);
        self.is_slowed = satisfaction < 1.0;
        satisfaction > 0.0
    }

    /// Ends a tick: fills the burner's buffer and sets the status, `idle` where it only waits.
    #[inline]
    fn end_tick(&mut self, kind: &Kind, power: &Power, idle: Option<Status>) -> Ended {
        let mut ended = Ended {
            has_new_status: false,
            has_lit_fuel: false,
            is_out_of_fuel: false,
        };
        let status = match &mut self.energy {
            Energy::Burner(burner) => {
                ended.has_lit_fuel = burner.refill(kind.buffer_joules);
                ended.is_out_of_fuel = burner.buffer_joules < LEAST_JOULES;
                if burner.buffer_joules > 0.0 {
                    idle.unwrap_or(Status::Working)
                } else {
                    Status::NoFuel
                }
            }
            Energy::Electric(_) if !self.is_slowed => idle.unwrap_or(Status::Working),
            Energy::Electric(link) if power.satisfaction(link.network) <= 0.0 => Status::NoPower,
            Energy::Electric(_) => idle.unwrap_or(Status::LowPower),
            Energy::Void => idle.unwrap_or(Status::Working),
        };
        ended.has_new_status = status != self.status;
        self.status = status;
        ended
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
    let Some(inserter) = world.inserters.get_mut(index) else {
        return;
    };
    inserter.stage = match next {
        Stage::ToDrop => inserter.stage_with_load(),
        other => other,
    };
    if is_waiting {
        let is_full = next == Stage::AtDrop || has_anything(world, index);
        rest(world, index, place, is_full);
    } else {
        end_tick(world, index, place, None);
    }
}

/// Ends a tick in which the inserter moved, acted or looked; `idle` is the status of one that only waits.
pub(super) fn end_tick(world: &mut World, index: u32, place: usize, idle: Option<Status>) {
    let Some(inserter) = world.inserters.get_mut(index) else {
        return;
    };
    let kind = inserter.kind();
    let ended = inserter.end_tick(kind, &world.power, idle);
    if ended.is_noteworthy() {
        note(world, index, place, ended);
    }
}

#[cold]
fn note(world: &mut World, index: u32, place: usize, ended: Ended) {
    let Some(inserter) = world.inserters.get_mut(index) else {
        return;
    };
    let (slot, lit) = (
        inserter.slot,
        inserter.energy.burner().and_then(|burner| burner.burning),
    );
    if ended.is_out_of_fuel {
        // Only fuel put into its slot gets it going again.
        inserter.rest = Rest::Dozing;
        world.inserter_order.doze_at(place);
    }
    if ended.has_new_status {
        world.mark_entity(slot);
    }
    if ended.has_lit_fuel {
        if let Some(item) = lit {
            world.production.use_item(item, 1);
        }
        // Its slot has room again for those that bring it fuel.
        world.wake_waiters(slot);
        world.changes.contents = true;
    }
}

/// Gives the status of an inserter that waits: for room in its sink, or for something to take.
pub(super) const fn waiting_status(is_full: bool) -> Status {
    if is_full {
        Status::Full
    } else {
        Status::WaitingForSource
    }
}

/// Lets an inserter that can do nothing wait: asleep on a machine, dozing on the ground or on a belt that stands still.
///
/// `is_full` says that it waits for room in its sink, not for something to take.
pub(super) fn rest(world: &mut World, index: u32, place: usize, is_full: bool) {
    let Some(inserter) = world.inserters.get(index) else {
        return;
    };
    let (slot, source, sink) = (inserter.slot, inserter.source, inserter.sink);
    let watched = inserter.watched_places();
    let status = waiting_status(is_full);
    // Waiting for a machine or belt, the burner's buffer keeps what the last move left (measured).
    let (rest, refills) = match if is_full { sink } else { source } {
        Place::Ground => (Rest::Dozing, true),
        Place::Belt(belt) => {
            // One that moves is looked at every tick.
            let moves = belt.belts.iter().any(|belt| world.belts.is_awake(*belt));
            (if moves { Rest::Awake } else { Rest::Dozing }, false)
        }
        Place::Machine(slot) => match world.entities.get(slot).map(|entity| entity.body) {
            Some(Body::Inserter(_)) => (Rest::Dozing, true),
            _ => (Rest::Asleep, false),
        },
    };
    if refills {
        end_tick(world, index, place, Some(status));
    }
    if rest != Rest::Awake {
        watch(world, slot, watched);
    }
    let Some(inserter) = world.inserters.get_mut(index) else {
        return;
    };
    let before = std::mem::replace(&mut inserter.status, status);
    inserter.rest = rest;
    match rest {
        Rest::Awake => {}
        Rest::Dozing => world.inserter_order.doze_at(place),
        Rest::Asleep => world.inserter_order.sleep_at(place),
    }
    if before != status {
        world.mark_entity(slot);
    }
    if let (Rest::Awake, true, Place::Belt(belt)) = (rest, is_full, sink) {
        world.begin_jam(index, belt);
    }
}

/// Has the inserter in entity slot `slot` told when something at one of `places` changes.
fn watch(world: &mut World, slot: u32, places: [Option<Place>; 2]) {
    let Some(reference) = world.reference(slot) else {
        return;
    };
    for place in places.into_iter().flatten() {
        match place {
            Place::Machine(machine) => world.wait_for(machine, reference),
            Place::Belt(belt) => world.wait_for_belt(belt.slot, reference),
            Place::Ground => {}
        }
    }
}
