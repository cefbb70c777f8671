//! Saves: the state of the game and what a mod keeps in `storage`.
//!
//! The worlds, the clock and the forces are [`Core`], written by the snapshot code of the simulation; the mod's tables are
//! copied out of Lua with all references to objects of the game, which are numbers that stay true.

use mlua::{Table, Value};
use serde::{Deserialize, Serialize};

use super::core::Core;
use super::host::Side;
use super::{Game, GameError, GameOptions};
use crate::lua::Portable;
use crate::sim::snapshot;

/// A save.
#[derive(Serialize, Deserialize)]
struct Save {
    core: Core,
    storage: Portable,
    level_storage: Portable,
    mod_name: String,
    mod_version: String,
    game_version: String,
    random: [u64; 2],
}

pub(super) fn save(game: &Game) -> Result<Vec<u8>, GameError> {
    let storage = |side: Side| -> Result<Portable, GameError> {
        let state = &game.states[side as usize];
        state.check_storage().map_err(GameError::CannotSave)?;
        let handlers = game.host.handlers(side).borrow();
        let name_of = |table: &Table| {
            let known = handlers.metatables.iter();
            known
                .filter(|(_, held)| held.to_pointer() == table.to_pointer())
                .map(|(name, _)| name.clone())
                .next()
        };
        state
            .lua()
            .globals()
            .raw_get::<Value>("storage")
            .and_then(|storage| Portable::with_metatables(&[storage], &name_of))
            .map_err(|error| GameError::CannotSave(error.to_string()))
    };
    let session = &game.host.session;
    let save = Save {
        core: game.host.core.borrow().clone(),
        storage: storage(Side::Mod)?,
        level_storage: storage(Side::Level)?,
        mod_name: session.mod_name.clone(),
        mod_version: session.mod_version.clone(),
        game_version: session.game_version.clone(),
        random: [game.states[0].random_state(), game.states[1].random_state()],
    };
    Ok(snapshot::to_bytes(&save))
}

pub(super) fn load(options: GameOptions, bytes: &[u8]) -> Result<Game, GameError> {
    let invalid = |error: crate::Error| GameError::InvalidSave(error.to_string());
    let mut save: Save = snapshot::from_bytes(bytes).map_err(invalid)?;
    for surface in save.core.surfaces.iter_mut().flatten() {
        surface.world.rebuild_caches();
    }
    for force in save.core.forces.iter_mut().flatten() {
        force.spare.rebuild_caches();
    }
    let mut game = Game::build(options, save.core)?;
    game.load_scripts()?;
    for (side, storage) in [
        (Side::Mod, &save.storage),
        (Side::Level, &save.level_storage),
    ] {
        restore_storage(&game, side, storage)
            .map_err(|error| GameError::InvalidSave(error.to_string()))?;
        game.states[side as usize].set_random_state(save.random[side as usize]);
    }
    let session = &game.host.session;
    let is_new = session.mod_name != save.mod_name;
    if is_new {
        return game.first_calls().map(|()| game);
    }
    let on_load = game.host.handlers(Side::Mod).borrow().on_load.clone();
    if let Some(on_load) = on_load {
        let result = game.states[0].call_traced::<_, ()>(&on_load, ());
        result.map_err(|message| game.crashed("on_load()", &message))?;
    }
    game.show_game()?;
    let session = &game.host.session;
    if session.mod_version != save.mod_version || session.game_version != save.game_version {
        configuration_changed(&game, &save.mod_version, &save.game_version)?;
        game.deliver()?;
    }
    Ok(game)
}

fn restore_storage(game: &Game, side: Side, storage: &Portable) -> mlua::Result<()> {
    let lua = game.states[side as usize].lua();
    let handlers = game.host.handlers(side).borrow();
    let metatable = |name: &str| handlers.metatables.get(name).cloned();
    // Scripts may hold the table itself since `control.lua` ran, so it is filled, not replaced.
    let root: Table = lua.globals().raw_get("storage")?;
    storage
        .to_values(lua, &game.layer, &metatable, Some(root))
        .map(drop)
}

/// Calls `on_configuration_changed` with what has changed.
fn configuration_changed(
    game: &Game,
    mod_version: &str,
    game_version: &str,
) -> Result<(), GameError> {
    let handler = {
        let handlers = game.host.handlers(Side::Mod).borrow();
        handlers.on_configuration_changed.clone()
    };
    let Some(handler) = handler else {
        return Ok(());
    };
    let session = &game.host.session;
    let state = &game.states[0];
    let data = || -> mlua::Result<Table> {
        let lua = state.lua();
        let data = lua.create_table()?;
        let changes = lua.create_table()?;
        let note = |name: &str, old: &str, new: &str| -> mlua::Result<()> {
            if old != new {
                let change = lua.create_table()?;
                change.raw_set("old_version", old)?;
                change.raw_set("new_version", new)?;
                changes.raw_set(name, change)?;
            }
            Ok(())
        };
        note(&session.mod_name, mod_version, &session.mod_version)?;
        note("base", game_version, &session.game_version)?;
        if game_version != session.game_version {
            data.raw_set("old_version", game_version)?;
            data.raw_set("new_version", session.game_version.as_str())?;
        }
        data.raw_set("mod_changes", changes)?;
        data.raw_set("mod_startup_settings_changed", false)?;
        data.raw_set("migration_applied", false)?;
        Ok(data)
    };
    let data = data().map_err(|error| GameError::Setup(error.to_string()))?;
    state
        .call_traced::<_, ()>(&handler, data)
        .map_err(|message| game.crashed("on_configuration_changed()", &message))
}
