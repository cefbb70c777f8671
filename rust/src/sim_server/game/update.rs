//! One update of the game: what happens, in the order in which it happens.
//!
//! Commands have run before, as input of the update. Then: `on_nth_tick` and `on_tick` with tick T, the tick of all
//! worlds, T + 1; then what waits for the end of an update, whether or not a tick ran.

use std::collections::VecDeque;

use super::core::{Core, Event, Surface};
use super::handle::{Handle, Thing};
use super::host::Side;
use super::script::useful_number;
use super::{Game, GameError, events};
use crate::lua::GameLine;
use crate::prototypes::TechnologyId;
use crate::sim::entity::EntityRef;
use crate::sim::research::is_trigger_tick;
use crate::sim::script;
use crate::sim::tick::tick;

impl Game {
    /// Runs one update; returns whether it ran a tick of the entities.
    ///
    /// # Errors
    /// [`GameError::ModCrashed`] where a handler raises an error, [`GameError::Aborted`] where a real server aborts; the
    /// game cannot go on then, and every further update says so again.
    pub fn update(&mut self) -> Result<bool, GameError> {
        if self.crash.is_none()
            && let Err(error) = self.try_update().map(|ran| self.last_ran = ran)
        {
            self.crash = Some(error);
        }
        match &self.crash {
            Some(error) => Err(error.clone()),
            None => Ok(self.last_ran),
        }
    }

    fn try_update(&mut self) -> Result<bool, GameError> {
        self.receive();
        let runs = self.is_running();
        if runs {
            self.raise_ticks()?;
            self.tick_worlds();
        }
        self.host.core.borrow_mut().ticks_played += 1;
        self.deliver()?;
        self.bury();
        self.end_update()?;
        if let Some(why) = self.host.session.aborted.borrow_mut().take() {
            return Err(GameError::Aborted(why));
        }
        Ok(runs)
    }

    /// Tells of the datagrams that a script has asked for.
    fn receive(&mut self) {
        let session = &self.host.session;
        if session.line == GameLine::V2_0 || !session.wants_datagrams.take() {
            return;
        }
        let received = std::mem::take(&mut *session.received.borrow_mut());
        let mut core = self.host.core.borrow_mut();
        for (source_port, payload) in received {
            core.events.push_back(Event::UdpPacket {
                payload,
                source_port,
            });
        }
    }

    /// Calls the handlers of `on_tick` and `on_nth_tick`, which see the tick before the entities are updated.
    fn raise_ticks(&mut self) -> Result<(), GameError> {
        let now = self.tick();
        let number = self.host.defines.event("on_tick").unwrap_or(0);
        for side in [Side::Level, Side::Mod] {
            let state = &self.states[side as usize];
            let (nth, every) = {
                let handlers = self.host.handlers(side).borrow();
                let nth: Vec<(u32, mlua::Function)> = handlers
                    .nth_tick
                    .iter()
                    .filter(|(ticks, _)| now.is_multiple_of(u64::from(**ticks)))
                    .map(|(ticks, function)| (*ticks, function.clone()))
                    .collect();
                let every = handlers.events.get(&number);
                (nth, every.map(|(function, _)| function.clone()))
            };
            let data = |number| events::tick_data(state.lua(), number, now);
            let setup = |error: mlua::Error| GameError::Setup(error.to_string());
            if let Some(function) = every {
                let data = data(Some(number)).map_err(setup)?;
                state
                    .call_traced::<_, ()>(&function, data)
                    .map_err(|message| self.crashed("on_tick (ID 0)", &message))?;
            }
            for (ticks, function) in nth {
                let data = data(None).map_err(setup)?;
                if let mlua::Value::Table(data) = &data {
                    data.raw_set("nth_tick", ticks).map_err(setup)?;
                }
                state
                    .call_traced::<_, ()>(&function, data)
                    .map_err(|message| self.crashed(&format!("on_nth_tick({ticks})"), &message))?;
            }
        }
        Ok(())
    }

    /// Runs the tick of every surface.
    fn tick_worlds(&mut self) {
        let mut core = self.host.core.borrow_mut();
        let core = &mut *core;
        for (place, surface) in core.surfaces.iter_mut().enumerate() {
            let Some(surface) = surface else { continue };
            // A surface on which nothing stands has nothing to do.
            if surface.force.is_none() && surface.world.entities.is_empty() {
                continue;
            }
            let before = Before::of(surface);
            tick(&mut surface.world);
            before.tell(place as u16 + 1, surface, &mut core.events);
        }
        core.tick += 1;
        core.ticks_to_run = core.ticks_to_run.saturating_sub(1);
    }

    /// Takes the characters away that died in this update, now that their end has been told.
    fn bury(&mut self) {
        let mut core = self.host.core.borrow_mut();
        for surface in core.surfaces.iter_mut().flatten() {
            if surface.character.is_some() && !surface.world.character.is_alive() {
                surface.character = None;
                surface.selected = None;
            }
        }
    }

    /// Does what waits for the end of an update, and tells of it.
    fn end_update(&mut self) -> Result<(), GameError> {
        let (deletions, clearings, merges) = {
            let mut core = self.host.core.borrow_mut();
            (
                std::mem::take(&mut core.deletions),
                std::mem::take(&mut core.clearings),
                std::mem::take(&mut core.merges),
            )
        };
        for number in clearings {
            self.tell(Event::PreSurfaceCleared(number))?;
            self.host.core.borrow_mut().clear_surface(number);
            self.tell(Event::SurfaceCleared(number))?;
        }
        for number in deletions {
            self.tell(Event::PreSurfaceDeleted(number))?;
            self.host.core.borrow_mut().drop_surface(number);
            self.tell(Event::SurfaceDeleted(number))?;
        }
        for (source, destination) in merges {
            let name = self.host.core.borrow_mut().merge(source, destination);
            if let Some(name) = name {
                self.tell(Event::ForcesMerged(name, source, destination))?;
            }
        }
        self.tell_destroyed();
        self.deliver()
    }

    fn tell(&mut self, event: Event) -> Result<(), GameError> {
        self.host.core.borrow_mut().events.push_back(event);
        self.deliver()
    }

    /// Tells of the registered objects that are gone.
    fn tell_destroyed(&mut self) {
        let mut core = self.host.core.borrow_mut();
        if core.registered.is_empty() {
            return;
        }
        let gone: Vec<(u64, u128)> = core
            .registered
            .iter()
            .filter(|(_, marked)| !core.is_marked_valid(**marked))
            .map(|(number, marked)| (*number, *marked))
            .collect();
        for (registration, marked) in gone {
            core.registered.remove(&registration);
            let name = if marked >> 127 == 1 {
                "target_type.surface"
            } else {
                "target_type.entity"
            };
            let event = Event::ObjectDestroyed {
                registration,
                useful_id: useful_number(marked),
                kind: self.host.defines.number(name),
            };
            core.events.push_back(event);
        }
    }
}

/// What is compared with the state after a tick, to tell of what happened.
struct Before {
    /// What labs worked on, and how many levels of it were done.
    research: Option<(TechnologyId, u32)>,
    /// How many levels of each technology were done, where a trigger may be pulled in this tick.
    levels: Option<Vec<u32>>,
    next_number: u32,
    was_alive: bool,
}

impl Before {
    fn of(surface: &Surface) -> Self {
        let world = &surface.world;
        let current = world.research.current();
        Self {
            research: current.map(|held| (held.technology, world.force.levels_of(held.technology))),
            levels: is_trigger_tick(world.tick + 1).then(|| world.force.researched.clone()),
            next_number: script::next_number(world),
            was_alive: world.character.is_alive(),
        }
    }

    fn tell(&self, number: u16, surface: &Surface, events: &mut VecDeque<Event>) {
        let world = &surface.world;
        if let (Some((id, levels)), Some(force)) = (self.research, surface.force)
            && world.force.levels_of(id) > levels
        {
            events.push_back(Event::ResearchFinished(force, id, false));
            if let Some(next) = world.research.current() {
                events.push_back(Event::ResearchStarted(force, next.technology));
            }
        }
        if let (Some(levels), Some(force)) = (&self.levels, surface.force)
            && *levels != world.force.researched
        {
            for (index, done) in world.force.researched.iter().enumerate() {
                let id = TechnologyId::from_index(index);
                let is_told = self.research.is_some_and(|(told, _)| told == id);
                if *done > levels.get(index).copied().unwrap_or(0) && !is_told {
                    events.push_back(Event::ResearchFinished(force, id, false));
                }
            }
        }
        let handle = |thing| Handle::of_thing(number, surface.epoch, thing).pack();
        if let Some(character) = surface.character
            && self.was_alive
            && !world.character.is_alive()
        {
            events.push_back(Event::EntityDied(handle(Thing::Character(character))));
        }
        if script::next_number(world) > self.next_number {
            // Only enemies build by themselves.
            let mut built: Vec<EntityRef> = world
                .entities
                .iter()
                .filter(|(_, entity)| entity.unit >= self.next_number)
                .filter_map(|(slot, _)| world.reference(slot))
                .collect();
            built.sort_unstable_by_key(|entity| entity.unit);
            for entity in built {
                events.push_back(Event::BiterBaseBuilt(handle(Thing::Entity(entity))));
            }
        }
    }
}

impl Core {
    /// Lets a force join another; returns the name of the one that is gone.
    fn merge(&mut self, source: u16, destination: u16) -> Option<String> {
        let name = self.force(source)?.name.clone();
        let surfaces: Vec<u16> = self
            .surfaces()
            .filter(|(_, surface)| surface.force == Some(source))
            .map(|(number, _)| number)
            .collect();
        for number in surfaces {
            self.unbind(number);
            self.bind(number, destination);
        }
        let place = usize::from(source).checked_sub(1)?;
        self.forces[place] = None;
        Some(name)
    }

    /// Says whether a registered object is still there; surfaces are marked by the highest bit.
    fn is_marked_valid(&self, marked: u128) -> bool {
        if marked >> 127 == 1 {
            let handle = marked & !(1 << 127);
            return self
                .surface(handle as u16)
                .is_some_and(|surface| u128::from(surface.serial) == handle >> 16);
        }
        self.is_thing_valid(Handle::unpack(marked))
    }
}
