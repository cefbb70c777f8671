//! One update of the game: what happens, in the order in which it happens.
//!
//! Commands have run before, as input of the update. Then: `on_nth_tick` and `on_tick` with tick T, the tick of all
//! worlds, T + 1; then what waits for the end of an update, whether or not a tick ran.

use super::core::{Core, Event};
use super::host::Side;
use super::script::useful_number;
use super::{Game, GameError, events};
use crate::lua::GameLine;
use crate::prototypes::TechnologyId;
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
            let before = surface
                .world
                .research
                .current()
                .map(|current| current.technology);
            let levels = before.map(|id| surface.world.force.levels_of(id));
            tick(&mut surface.world);
            if surface.character.is_some() && !surface.world.character.is_alive() {
                surface.character = None;
                surface.selected = None;
            }
            if let (Some(id), Some(levels), Some(force)) = (before, levels, surface.force)
                && surface.world.force.levels_of(id) > levels
            {
                let event = Event::ResearchFinished(force, id, false);
                core.events.push_back(event);
                if let Some(next) = next_research(surface) {
                    core.events.push_back(Event::ResearchStarted(force, next));
                }
            }
            debug_assert!(place < usize::from(super::handle::MAX_SURFACES));
        }
        core.tick += 1;
        core.ticks_to_run = core.ticks_to_run.saturating_sub(1);
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

fn next_research(surface: &super::core::Surface) -> Option<TechnologyId> {
    surface
        .world
        .research
        .current()
        .map(|current| current.technology)
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
        self.is_thing_valid(super::handle::Handle::unpack(marked))
    }
}
