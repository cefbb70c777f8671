//! Carries a plan out and checks everything on the way; makes a plan that fails small.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::deeds::{Deed, Gift, act};
use crate::prototypes::vanilla;
use crate::sim::sandbox;
use crate::sim::tick::tick;
use crate::sim::verify::Findings;
use crate::sim::world::World;

/// A map and what is done on it.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) seed: u64,
    pub(super) side: i64,
    pub(super) deeds: Vec<Deed>,
}

/// How much is checked.
#[derive(Clone, Copy)]
pub(super) struct Checks {
    /// Ticks from one check of rules and caches to the next; they follow every deed too.
    pub(super) every_ticks: u64,
    /// Ticks that copies run at the checks.
    pub(super) future_ticks: u32,
    /// Whether the books are checked after every tick and deed.
    pub(super) keeps_books: bool,
    /// Whether belts stay as they were built, so that nothing comes to crowd on them.
    pub(super) has_fixed_belts: bool,
}

impl Checks {
    pub(super) const USUAL: Self = Self {
        every_ticks: 37,
        future_ticks: 12,
        keeps_books: true,
        has_fixed_belts: false,
    };
}

/// What was not as it must be.
pub(super) type Failure = String;

/// Makes the empty world of a plan.
pub(super) fn world_of(plan: &Plan) -> World {
    sandbox::create(plan.side, plan.side, plan.seed, "grass-1").expect("the side is allowed")
}

/// Carries a plan out without any checks.
pub(super) fn built(plan: &Plan) -> World {
    let mut world = world_of(plan);
    for deed in &plan.deeds {
        if let Deed::Run { ticks } = deed {
            crate::sim::tick::run(&mut world, *ticks);
        } else {
            // Whatever does not fit is left out.
            let _ = act(&mut world, deed, &mut Gift::none());
        }
    }
    world
}

/// Carries a plan out and checks it on the way.
pub(super) fn run(plan: &Plan, checks: Checks) -> Result<World, Failure> {
    let mut world = world_of(plan);
    let mut books = Books {
        balance: world.balance(),
        checks,
    };
    for (number, deed) in plan.deeds.iter().enumerate() {
        books.carry_out(&mut world, deed).map_err(|failure| {
            format!(
                "{failure}\n  at deed {number}, {deed:?}, tick {}",
                world.tick
            )
        })?;
    }
    Ok(world)
}

struct Books {
    balance: Vec<i64>,
    checks: Checks,
}

impl Books {
    fn carry_out(&mut self, world: &mut World, deed: &Deed) -> Result<(), Failure> {
        if let Deed::Run { ticks } = deed {
            for _ in 0..*ticks {
                self.tick(world)?;
            }
            world.changes.clear();
            return Ok(());
        }
        let digest = world.digest();
        let mut gift = Gift::none();
        if let Err(error) = act(world, deed, &mut gift) {
            if world.digest() != digest {
                return Err(format!("it failed ({error}) and changed the world"));
            }
            return Ok(());
        }
        let moves_items = matches!(deed, Deed::KeepFull { .. } | Deed::KeepEmpty { .. });
        if moves_items || !self.checks.keeps_books {
            self.balance = world.balance();
        } else {
            for (count, given) in self.balance.iter_mut().zip(&gift.0) {
                *count += given;
            }
            self.compare(world)?;
        }
        sound(world, 0)
    }

    fn tick(&mut self, world: &mut World) -> Result<(), Failure> {
        let n_crowds = world.belts.count_crowds();
        let stored: Vec<f64> = stored(world).collect();
        let built = (world.next_unit, world.entities.len());
        tick(world);
        if !world.supplies.is_empty() || !self.checks.keeps_books {
            self.balance = world.balance();
        }
        self.compare(world)?;
        if built == (world.next_unit, world.entities.len()) {
            compare_energy(world, &stored)?;
        }
        if self.checks.has_fixed_belts && world.belts.count_crowds() > n_crowds {
            return Err("items crowd on a belt".to_owned());
        }
        if world.tick.is_multiple_of(self.checks.every_ticks) {
            sound(world, self.checks.future_ticks)?;
        }
        Ok(())
    }

    /// Compares what there is with what the books say.
    fn compare(&self, world: &World) -> Result<(), Failure> {
        for (index, (is, should)) in world.balance().iter().zip(&self.balance).enumerate() {
            if is != should {
                let name = &vanilla().items()[index].name;
                return Err(format!(
                    "of \"{name}\" there are {} more than the books say",
                    is - should
                ));
            }
        }
        Ok(())
    }
}

fn stored(world: &World) -> impl Iterator<Item = f64> {
    world
        .power
        .stored_and_gained()
        .into_iter()
        .map(|(stored, _)| stored)
}

/// Compares how the energy in accumulators changed in a tick with what their networks say.
fn compare_energy(world: &World, before: &[f64]) -> Result<(), Failure> {
    let after = world.power.stored_and_gained();
    let mut findings = Findings::default();
    world.power.check_generators(&mut findings);
    if !findings.is_empty() {
        return Err(findings.0.join("; "));
    }
    for (number, (before, (after, gained))) in before.iter().zip(after).enumerate() {
        if (before + gained - after).abs() > 1e-3 + 1e-9 * after {
            return Err(format!(
                "the accumulators of network {number} went from {before} to {after} and gained {gained}"
            ));
        }
    }
    Ok(())
}

fn sound(world: &World, future_ticks: u32) -> Result<(), Failure> {
    let findings = world.verify(future_ticks);
    if findings.is_empty() {
        Ok(())
    } else {
        Err(findings.join("\n  "))
    }
}

/// Carries a plan out; a panic is a failure too.
pub(super) fn fails(plan: &Plan, checks: Checks) -> Option<Failure> {
    match catch_unwind(AssertUnwindSafe(|| run(plan, checks))) {
        Ok(Ok(_)) => None,
        Ok(Err(failure)) => Some(failure),
        Err(panic) => {
            let text = panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Some(format!("panic: {}", text.unwrap_or_default()))
        }
    }
}

/// Gives what a failure is about: its words without where, when and how many.
fn nature(failure: &str) -> String {
    let letters = failure.chars().filter(|letter| !letter.is_ascii_digit());
    letters.take(40).collect()
}

/// Makes a failing plan small: leaves out what it fails without, largest pieces first.
pub(super) fn shrunk(plan: &Plan, checks: Checks) -> Plan {
    let mut best = plan.clone();
    let wanted = fails(plan, checks).map(|failure| nature(&failure));
    let fails_alike = |plan: &Plan| fails(plan, checks).map(|failure| nature(&failure)) == wanted;
    let mut piece = best.deeds.len().div_ceil(2);
    loop {
        let mut start = 0;
        let mut is_smaller = false;
        while start < best.deeds.len() {
            let mut tried = best.clone();
            let end = (start + piece).min(tried.deeds.len());
            tried.deeds.drain(start..end);
            if fails_alike(&tried) {
                best = tried;
                is_smaller = true;
            } else {
                start += piece;
            }
        }
        for index in 0..best.deeds.len() {
            while let Deed::Run { ticks } = best.deeds[index]
                && ticks > 1
            {
                let mut tried = best.clone();
                tried.deeds[index] = Deed::Run { ticks: ticks / 2 };
                if !fails_alike(&tried) {
                    break;
                }
                best = tried;
                is_smaller = true;
            }
        }
        if piece > 1 {
            piece = piece.div_ceil(2);
        } else if !is_smaller {
            return best;
        }
    }
}

/// Carries a plan out, and on a failure reports the smallest plan that fails like it.
pub(super) fn assert_sound(plan: &Plan, checks: Checks) {
    if fails(plan, checks).is_some() {
        let small = shrunk(plan, checks);
        let failure = fails(&small, checks);
        panic!(
            "seed {}, side {}: {}\n{:#?}",
            small.seed,
            small.side,
            failure.unwrap_or_default(),
            small.deeds
        );
    }
}
