//! `LuaCommandProcessor` and `LuaRCON`: commands of scripts, and what they answer.

use mlua::Value;

use super::convert::{argument, expected, text};
use super::host::{Call, CustomCommand, Host, Registrar, fault};

/// The game's own commands; scripts cannot take their names.
const GAME_COMMANDS: [&str; 13] = [
    "c",
    "command",
    "evolution",
    "h",
    "help",
    "p",
    "players",
    "quit",
    "sc",
    "server-save",
    "silent-command",
    "time",
    "version",
];

pub(super) fn register(r: &mut Registrar<'_>) {
    r.method("LuaCommandProcessor", "add_command", |call, arguments| {
        let name = text(&argument(&arguments, 0))?;
        let Value::Function(function) = argument(&arguments, 2) else {
            return Err(expected("a function", &argument(&arguments, 2)));
        };
        let mut commands = call.host.commands.borrow_mut();
        if GAME_COMMANDS.contains(&name.as_str()) || commands.contains_key(&name) {
            return Err(fault(format!("Command \"{name}\" already exists.")));
        }
        let command = CustomCommand {
            help: argument(&arguments, 1),
            function,
            side: Host::side(call.lua),
        };
        commands.insert(name, command);
        Ok(Value::Nil)
    });
    r.method(
        "LuaCommandProcessor",
        "remove_command",
        |call, arguments| {
            let name = text(&argument(&arguments, 0))?;
            let removed = call.host.commands.borrow_mut().remove(&name);
            Ok(Value::Boolean(removed.is_some()))
        },
    );
    r.read("LuaCommandProcessor", "commands", |call| {
        let listed = call.lua.create_table()?;
        for (name, command) in call.host.commands.borrow().iter() {
            let help = super::helpers::localised(&command.help)?;
            listed.raw_set(name.as_str(), help)?;
        }
        Ok(Value::Table(listed))
    });
    r.read("LuaCommandProcessor", "game_commands", |call| {
        let listed = call.lua.create_table()?;
        for name in GAME_COMMANDS {
            listed.raw_set(name, "")?;
        }
        Ok(Value::Table(listed))
    });
    r.method("LuaRCON", "print", |call, arguments| {
        print(call, &argument(&arguments, 0))
    });
}

/// Adds a line to the reply of the command that runs, if one does.
fn print(call: Call<'_>, message: &Value) -> mlua::Result<Value> {
    let line = super::helpers::localised_bytes(message)?;
    if let Some(reply) = call.host.session.reply.borrow_mut().as_mut() {
        reply.push_str(&line);
        reply.push('\n');
    }
    Ok(Value::Nil)
}
