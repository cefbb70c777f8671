//! What goes wrong on demand: datagrams, connections, the process.
//!
//! Owns the decisions, which depend on the seed and on the number of datagrams and commands so far, not on time: equal
//! runs meet equal faults. Whoever owns the sockets carries them out.

use std::time::Duration;

use super::failure::Failure;
use crate::sim::rng::Rng;

/// A delay is at most this long.
const MAX_DELAY_MS: u64 = 60_000;
/// Commands wait at most this many updates.
const MAX_LATENCY_UPDATES: u64 = 1_000;
/// A damaged datagram has at most this many bytes changed.
const MAX_DAMAGED_BYTES: u32 = 16;
/// Streams of decisions that do not disturb each other.
const DATAGRAM_STREAM: u64 = 1;
const COMMAND_STREAM: u64 = 2;
const DAMAGE_STREAM: u64 = 3;

/// What shall go wrong, and how often.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct FaultSpec {
    /// Probabilities, for each datagram that is sent.
    drop: f64,
    duplicate: f64,
    reorder: f64,
    truncate: f64,
    garbage: f64,
    delay: Duration,
    delayed: f64,
    /// Every so many commands a connection is lost; 0: never.
    disconnect_every: u64,
    pub(super) freeze_at: Option<u64>,
    pub(super) crash_at: Option<u64>,
    pub(super) latency_updates: u64,
    /// Bytes of a command that arrive in one update; 0: all.
    pub(super) segment_bytes: u64,
    seed: u64,
}

impl FaultSpec {
    /// Parses `NAME=VALUE,NAME=VALUE`.
    ///
    /// # Errors
    /// An unknown name, and a value out of its range.
    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        let mut spec = Self::default();
        for entry in text.split(',').filter(|entry| !entry.is_empty()) {
            let (name, value) = entry
                .split_once('=')
                .ok_or_else(|| Failure::new(format!("a fault is NAME=VALUE, not \"{entry}\"")))?;
            match name {
                "drop" => spec.drop = probability(name, value)?,
                "duplicate" => spec.duplicate = probability(name, value)?,
                "reorder" => spec.reorder = probability(name, value)?,
                "truncate" => spec.truncate = probability(name, value)?,
                "garbage" => spec.garbage = probability(name, value)?,
                "delay" => (spec.delay, spec.delayed) = delay(value)?,
                "disconnect_every" => {
                    spec.disconnect_every = number(name, value, 1, u64::MAX)?;
                }
                "freeze_at" => spec.freeze_at = Some(number(name, value, 0, u64::MAX)?),
                "crash_at" => spec.crash_at = Some(number(name, value, 0, u64::MAX)?),
                "latency_updates" => {
                    spec.latency_updates = number(name, value, 0, MAX_LATENCY_UPDATES)?;
                }
                "segment_bytes" => spec.segment_bytes = number(name, value, 1, u64::MAX)?,
                "seed" => spec.seed = number(name, value, 0, u64::MAX)?,
                _ => {
                    return Err(Failure::new(format!(
                        "a fault is one of {NAMES}, not \"{name}\""
                    )));
                }
            }
        }
        Ok(spec)
    }

    /// Says in how many updates from now a command of so many bytes is executed; `None`: as soon as can be.
    pub(super) fn updates_until_executed(&self, command_bytes: usize) -> Option<u64> {
        if self.latency_updates == 0 && self.segment_bytes == 0 {
            return None;
        }
        let segments = match self.segment_bytes {
            0 => 0,
            // The first segment travels with the request itself.
            bytes => (command_bytes as u64).saturating_sub(1) / bytes,
        };
        Some(self.latency_updates.max(1) + segments)
    }
}

const NAMES: &str = "drop, duplicate, reorder, truncate, garbage, delay, disconnect_every, freeze_at, crash_at, \
                     latency_updates, segment_bytes and seed";

fn probability(name: &str, value: &str) -> Result<f64, Failure> {
    value
        .parse()
        .ok()
        .filter(|chance| (0.0..=1.0).contains(chance))
        .ok_or_else(|| {
            Failure::new(format!(
                "the fault {name} is a probability from 0 to 1, not \"{value}\""
            ))
        })
}

fn number(name: &str, value: &str, least: u64, most: u64) -> Result<u64, Failure> {
    value
        .parse()
        .ok()
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| {
            Failure::new(format!(
                "the fault {name} is a number from {least} to {most}, not \"{value}\""
            ))
        })
}

fn delay(value: &str) -> Result<(Duration, f64), Failure> {
    let (milliseconds, chance) = value.split_once('@').unwrap_or((value, "1"));
    let milliseconds = number("delay", milliseconds, 0, MAX_DELAY_MS)?;
    Ok((
        Duration::from_millis(milliseconds),
        probability("delay", chance)?,
    ))
}

/// How one copy of a datagram travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Delivery {
    pub(super) data: Vec<u8>,
    pub(super) after: Duration,
    /// It waits until the next datagram has gone.
    pub(super) is_overtaken: bool,
}

/// What becomes of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CommandFate {
    Executed,
    /// The connection is lost before the command is executed.
    LostBefore,
    /// The command is executed, and the connection is lost without a byte of the reply.
    LostAfter,
    /// The command is executed, and the connection is lost in the middle of the reply.
    LostWithin,
}

/// Draws the faults of one run.
pub(super) struct Faults {
    spec: FaultSpec,
    datagrams: Rng,
    damage: Rng,
    commands: Rng,
    n_commands: u64,
}

impl Faults {
    pub(super) fn new(spec: FaultSpec) -> Self {
        let stream = |number: u64| Rng::new(spec.seed.wrapping_mul(4).wrapping_add(number));
        Self {
            datagrams: stream(DATAGRAM_STREAM),
            damage: stream(DAMAGE_STREAM),
            commands: stream(COMMAND_STREAM),
            n_commands: 0,
            spec,
        }
    }

    pub(super) fn spec(&self) -> &FaultSpec {
        &self.spec
    }

    /// Decides what becomes of the next datagram: how its copies travel, none where it is lost.
    pub(super) fn deliveries(&mut self, data: Vec<u8>) -> Vec<Delivery> {
        // All draws are made for every datagram, so that one fault's rate leaves the others' decisions as they are.
        let mut happens = |chance: f64| self.datagrams.unit() < chance;
        let is_dropped = happens(self.spec.drop);
        let is_doubled = happens(self.spec.duplicate);
        let is_overtaken = happens(self.spec.reorder);
        let is_cut = happens(self.spec.truncate);
        let is_damaged = happens(self.spec.garbage);
        let is_late = happens(self.spec.delayed);
        let rng = &mut self.damage;
        let mut data = data;
        if is_cut && !data.is_empty() {
            data.truncate(rng.below(data.len() as u32) as usize);
        }
        if is_damaged && !data.is_empty() {
            for _ in 0..=rng.below(MAX_DAMAGED_BYTES) {
                let at = rng.below(data.len() as u32) as usize;
                data[at] ^= 1 + rng.below(255) as u8;
            }
        }
        if is_dropped {
            return Vec::new();
        }
        let delivery = Delivery {
            data,
            after: if is_late {
                self.spec.delay
            } else {
                Duration::ZERO
            },
            is_overtaken,
        };
        let copy = is_doubled.then(|| Delivery {
            is_overtaken: false,
            ..delivery.clone()
        });
        std::iter::once(delivery).chain(copy).collect()
    }

    /// Decides what becomes of the next command.
    pub(super) fn command_fate(&mut self) -> CommandFate {
        self.n_commands += 1;
        let every = self.spec.disconnect_every;
        if every == 0 || !self.n_commands.is_multiple_of(every) {
            return CommandFate::Executed;
        }
        match self.commands.below(3) {
            0 => CommandFate::LostBefore,
            1 => CommandFate::LostAfter,
            _ => CommandFate::LostWithin,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(spec: &str) -> Faults {
        Faults::new(FaultSpec::parse(spec).unwrap())
    }

    fn datagrams(faults: &mut Faults) -> Vec<Vec<Delivery>> {
        (0..1_000_u32)
            .map(|index| faults.deliveries(index.to_le_bytes().to_vec()))
            .collect()
    }

    #[test]
    fn equal_seeds_meet_equal_faults() {
        let spec = "drop=0.1,duplicate=0.1,reorder=0.1,truncate=0.1,garbage=0.1,delay=3@0.1";
        let first = datagrams(&mut faults(&format!("{spec},seed=1")));
        assert_eq!(first, datagrams(&mut faults(&format!("{spec},seed=1"))));
        assert_ne!(first, datagrams(&mut faults(&format!("{spec},seed=2"))));
    }

    #[test]
    fn rates_are_what_was_asked_for() {
        let found = datagrams(&mut faults(
            "drop=0.05,duplicate=0.05,reorder=0.05,delay=9@0.5",
        ));
        let count = |is_so: &dyn Fn(&Vec<Delivery>) -> bool| {
            found.iter().filter(|deliveries| is_so(deliveries)).count()
        };
        assert!((30..70).contains(&count(&Vec::is_empty)));
        assert!((30..70).contains(&count(&|copies| copies.len() == 2)));
        assert!((30..70).contains(&count(&|copies| {
            copies.iter().any(|copy| copy.is_overtaken)
        })));
        let late = count(&|copies| {
            copies
                .iter()
                .any(|copy| copy.after == Duration::from_millis(9))
        });
        assert!((400..600).contains(&late));
    }

    #[test]
    fn one_fault_leaves_the_decisions_of_another_as_they_are() {
        let lost = |spec| -> Vec<bool> {
            let all = datagrams(&mut faults(spec));
            all.iter().map(Vec::is_empty).collect()
        };
        assert_eq!(lost("drop=0.2"), lost("drop=0.2,duplicate=0.9,reorder=0.4"));
    }

    #[test]
    fn nothing_goes_wrong_where_nothing_is_asked_for() {
        let all = datagrams(&mut faults(""));
        let whole = |index: usize| Delivery {
            data: (index as u32).to_le_bytes().to_vec(),
            after: Duration::ZERO,
            is_overtaken: false,
        };
        assert!(
            all.iter()
                .enumerate()
                .all(|(index, found)| *found == [whole(index)])
        );
        let mut faults = faults("");
        assert!((0..1_000).all(|_| faults.command_fate() == CommandFate::Executed));
    }

    #[test]
    fn connection_is_lost_at_every_nth_command_in_all_three_ways() {
        let mut faults = faults("disconnect_every=10,seed=5");
        let fates: Vec<CommandFate> = (0..300).map(|_| faults.command_fate()).collect();
        for (index, fate) in fates.iter().enumerate() {
            assert_eq!(*fate != CommandFate::Executed, index % 10 == 9);
        }
        for way in [
            CommandFate::LostBefore,
            CommandFate::LostAfter,
            CommandFate::LostWithin,
        ] {
            assert!(fates.contains(&way), "{way:?}");
        }
    }

    #[test]
    fn long_commands_take_more_updates_than_short_ones() {
        let spec = |text| FaultSpec::parse(text).unwrap();
        assert_eq!(spec("").updates_until_executed(5_000), None);
        assert_eq!(
            spec("latency_updates=2").updates_until_executed(5_000),
            Some(2)
        );
        let both = spec("latency_updates=2,segment_bytes=100");
        let found: Vec<_> = [1, 100, 101, 1_000]
            .map(|bytes| both.updates_until_executed(bytes))
            .into();
        assert_eq!(found, [Some(2), Some(2), Some(3), Some(11)]);
    }

    #[test]
    fn faults_that_are_none_are_refused_by_name() {
        for (spec, text) in [
            ("drop", "a fault is NAME=VALUE, not \"drop\""),
            (
                "drop=2",
                "the fault drop is a probability from 0 to 1, not \"2\"",
            ),
            (
                "delay=5@x",
                "the fault delay is a probability from 0 to 1, not \"x\"",
            ),
            (
                "disconnect_every=0",
                "the fault disconnect_every is a number from 1 to 18446744073709551615, not \"0\"",
            ),
        ] {
            assert_eq!(FaultSpec::parse(spec).unwrap_err().to_string(), text);
        }
        let unknown = FaultSpec::parse("dorp=1").unwrap_err().to_string();
        assert!(unknown.starts_with("a fault is one of drop, duplicate,"));
        assert!(unknown.ends_with("not \"dorp\""));
    }
}
