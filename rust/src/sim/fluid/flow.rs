//! The flow of fluid in a tick: machines with segments and with each other, pumps, offshore pumps.
//!
//! The rule (announced with 2.0, FFF-430): from a source that is `s` full to a sink that is `d` full flow at most
//! `max_fluid_flow` x `s` x (1 - `d`) units a tick. Where fluid may pass both ways the two flows are set off against each
//! other, which leaves `max_fluid_flow` x (`s` - `d`), and no more than makes both equally full. Pumps move their speed,
//! scaled by how full their source is and by the energy they get, whatever the fullness of the sink.
//!
//! Links act one after another in the order of their boxes; the order in the game is not published.

use super::derived::{Derived, Link};
use super::segments::utility_constant;
use super::{FluidBox, Fluids};
use crate::contract::codes::Status;
use crate::sim::power::Power;

/// Flows of less than this many units do not happen: else amounts would approach their limits for ever.
const SMALLEST_FLOW: f64 = 1e-6;

/// Gives the most that flows between two pools in a tick.
pub fn max_flow_per_tick() -> f64 {
    use std::sync::OnceLock;
    static LIMIT: OnceLock<f64> = OnceLock::new();
    *LIMIT.get_or_init(|| utility_constant("max_fluid_flow"))
}

impl Fluids {
    /// Runs one tick of all systems that are awake.
    pub fn tick(&mut self, power: &mut Power) {
        let limit = max_flow_per_tick();
        for number in 0..self.derived.systems.len() {
            let system = self.derived.systems[number];
            if !system.is_awake {
                continue;
            }
            let mut is_active = false;
            for place in system.first..system.end {
                is_active |= match self.derived.links[place as usize] {
                    Link::Flow { from, to } => self.flow(from, to, limit),
                    Link::Level { from, to, rate } => self.level(from, to, rate),
                    Link::Pump {
                        pump,
                        input,
                        output,
                    } => self.tick_pump(pump, input, output, power),
                    Link::Source { pump } => self.tick_source(pump),
                };
            }
            self.derived.systems[number].is_awake = is_active;
        }
    }

    /// Counts the systems that are awake.
    pub fn awake_count(&self) -> usize {
        self.derived
            .systems
            .iter()
            .filter(|system| system.is_awake)
            .count()
    }

    /// Lets fluid flow one way by the rule; says whether any did.
    fn flow(&mut self, from: u32, to: u32, limit: f64) -> bool {
        let Some((source, sink)) = self.boxes.get_pair_mut(from, to) else {
            return false;
        };
        let wanted = limit * source.fullness() * (1.0 - sink.fullness());
        pass(source, sink, wanted, &mut self.derived) > 0.0
    }

    /// Lets fluid flow to the emptier side by the rule; says whether any did.
    fn level(&mut self, from: u32, to: u32, rate: f64) -> bool {
        let Some((a, b)) = self.boxes.get_pair_mut(from, to) else {
            return false;
        };
        let difference = a.fullness() - b.fullness();
        let (source, sink) = if difference >= 0.0 { (a, b) } else { (b, a) };
        pass(source, sink, rate * difference.abs(), &mut self.derived) > 0.0
    }

    /// Says how much of `wanted` can pass from one pool to another.
    fn passing(&self, from: u32, to: u32, wanted: f64) -> f64 {
        match (self.boxes.get(from), self.boxes.get(to)) {
            (Some(source), Some(sink)) => passing(source, sink, wanted),
            _ => 0.0,
        }
    }

    /// Moves up to `wanted` from one pool to another, as the boxes allow.
    fn transfer(&mut self, from: u32, to: u32, wanted: f64) {
        if let Some((source, sink)) = self.boxes.get_pair_mut(from, to) {
            pass(source, sink, wanted, &mut self.derived);
        }
    }

    /// Runs one tick of a pump: out of its own box first, then into it. Returns whether it has something to do.
    fn tick_pump(
        &mut self,
        index: u32,
        input: Option<u32>,
        output: Option<u32>,
        power: &mut Power,
    ) -> bool {
        let Some(pump) = self.pumps.get(index) else {
            return false;
        };
        let (own, speed) = (pump.fluid_box, pump.speed_per_tick);
        let fullness = |pool: u32| self.boxes.get(pool).map_or(0.0, FluidBox::fullness);
        let pushes = output.map_or(0.0, |output| self.passing(own, output, speed));
        let pull = input.map_or(0.0, |input| speed * fullness(input));
        let pulls = input.map_or(0.0, |input| self.passing(input, own, pull));
        let has_work = pushes > 0.0 || pulls > 0.0;
        let mut status = if has_work {
            Status::Working
        } else if self
            .boxes
            .get(own)
            .is_some_and(|own| own.content.amount > 0.0)
        {
            Status::Full
        } else {
            Status::WaitingForSource
        };
        if has_work {
            let share = self
                .pumps
                .get_mut(index)
                .map_or(0.0, |pump| pump.energy.draw(power, pump.joules_per_tick));
            if share < 1.0 {
                status = if share > 0.0 {
                    Status::LowPower
                } else {
                    Status::NoPower
                };
            }
            if let Some(output) = output {
                self.transfer(own, output, speed * share);
            }
            if let Some(input) = input {
                self.transfer(input, own, pull * share);
            }
        }
        self.set_pump_status(index, status);
        has_work
    }

    /// Runs one tick of an offshore pump: it fills its own box, which the flow rule empties.
    fn tick_source(&mut self, index: u32) -> bool {
        let Some(pump) = self.pumps.get(index) else {
            return false;
        };
        let (own, speed) = (pump.fluid_box, pump.speed_per_tick);
        let Some(fluid) = pump.source else {
            return false;
        };
        let drawn = speed.min(self.room(own, fluid));
        let has_work = drawn >= SMALLEST_FLOW;
        if has_work {
            let temperature = crate::prototypes::vanilla()[fluid].default_temperature;
            self.put(own, fluid, drawn, temperature);
        }
        let status = if has_work {
            Status::Working
        } else {
            Status::Full
        };
        self.set_pump_status(index, status);
        has_work
    }

    fn set_pump_status(&mut self, index: u32, status: Status) {
        if let Some(pump) = self.pumps.get_mut(index)
            && pump.status != status
        {
            pump.status = status;
            let fluid_box = pump.fluid_box;
            if let Some(own) = self.boxes.get(fluid_box) {
                self.derived.restyled.push(own.owner);
            }
        }
    }
}

/// Says how much of `wanted` can pass from one pool to another.
#[inline]
fn passing(source: &FluidBox, sink: &FluidBox, wanted: f64) -> f64 {
    let room = sink.capacity - sink.content.amount;
    let amount = wanted.min(source.content.amount).min(room);
    if amount < SMALLEST_FLOW {
        return 0.0;
    }
    match source.content.fluid {
        Some(fluid) if sink.admits(fluid, source.content.temperature) => amount,
        _ => 0.0,
    }
}

/// Moves up to `wanted` from one pool to another, as the boxes allow, and returns how much that was.
#[inline]
fn pass(source: &mut FluidBox, sink: &mut FluidBox, wanted: f64, derived: &mut Derived) -> f64 {
    let amount = passing(source, sink, wanted);
    let (Some(fluid), true) = (source.content.fluid, amount > 0.0) else {
        return 0.0;
    };
    if sink.content.fluid.is_none() {
        derived.recoloured.push(sink.pool);
    }
    let temperature = source.content.temperature;
    let moved = source.content.remove(amount);
    sink.content.add(fluid, moved, temperature);
    if source.content.fluid.is_none() {
        derived.recoloured.push(source.pool);
    }
    for changed in [source, sink] {
        if std::mem::take(&mut changed.wakes_owner) {
            derived.woken.push(changed.owner);
        }
    }
    moved
}
