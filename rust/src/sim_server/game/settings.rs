//! `LuaSettings`: no mod has settings here, so all tables are empty.

use super::host::Registrar;
use super::tables;

pub(super) fn register(r: &mut Registrar<'_>) {
    for name in ["startup", "global", "player_default"] {
        r.read("LuaSettings", name, |call| {
            tables::empty(call.host, call.lua)
        });
    }
}
