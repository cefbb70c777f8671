//! The console: lines as they come by RCON or from the keyboard, and what they answer.

use mlua::Value;

use super::host::Side;
use super::{Game, GameError};

/// What the game says instead of executing the first Lua command of a save.
pub(super) const GATE_WARNING: &str =
    "Using Lua console commands will disable achievements. Please repeat the command to proceed.";
/// The code of a runtime error names the chunk so.
const CHUNK: &str = "=(command)";
/// Calls a command's function with its table, which Lua makes quicker than it is made from outside.
pub(super) const CALLER: &str = "local call, name, tick, parameter = ...
return call({ name = name, tick = tick, parameter = parameter })";
pub(super) const CALLER_CHUNK: &str = "=[console]";

/// What a line answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The body of the answer; every `rcon.print` ends with a line feed.
    pub text: String,
}

impl Game {
    /// Runs a line of the console.
    ///
    /// An error of a handler that the line set off is kept: the next [`Game::update`] returns it.
    pub fn console(&mut self, line: &str) -> Reply {
        let session = &self.host.session;
        *session.reply.borrow_mut() = Some(String::new());
        let answer = self.run_line(line);
        let printed = self.host.session.reply.borrow_mut().take();
        let mut text = printed.unwrap_or_default();
        if let Some(answer) = answer {
            text.push_str(&answer);
        }
        if self.crash.is_none()
            && let Err(error) = self.deliver()
        {
            self.crash = Some(error);
        }
        if let Some(why) = self.host.session.aborted.borrow_mut().take() {
            self.crash = Some(GameError::Aborted(why));
        }
        Reply { text }
    }

    fn run_line(&mut self, line: &str) -> Option<String> {
        let line = line.trim_start();
        let Some(command) = line.strip_prefix('/') else {
            if !line.trim().is_empty() {
                (self.host.session.log)(&format!("[CHAT] <server>: {line}"));
            }
            return None;
        };
        let (name, rest) = match command.split_once(char::is_whitespace) {
            Some((name, rest)) => (name, rest),
            None => (command, ""),
        };
        match name {
            "c" | "command" | "sc" | "silent-command" => self.lua_command(rest),
            "version" => Some(format!("{}\n", self.host.session.game_version)),
            "players" | "p" => Some("Players (0):\n".to_owned()),
            "evolution" => Some(self.evolution()),
            "time" => Some(self.time()),
            "server-save" => {
                *self.host.session.wants_save.borrow_mut() = Some(None);
                None
            }
            "quit" => {
                self.host.session.wants_quit.set(true);
                None
            }
            "h" | "help" => Some(self.help()),
            name => self.custom(name, rest),
        }
    }

    fn time(&self) -> String {
        let seconds = self.host.core.borrow().ticks_played / 60;
        let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        let unit = |count: u64, name: &str| {
            let plural = if count == 1 { "" } else { "s" };
            format!("{count} {name}{plural}")
        };
        let mut parts = Vec::new();
        if hours > 0 {
            parts.push(unit(hours, "hour"));
        }
        if minutes > 0 {
            parts.push(unit(minutes, "minute"));
        }
        parts.push(unit(seconds, "second"));
        match parts.as_slice() {
            [one] => format!("{one}\n"),
            [first, last] => format!("{first} and {last}\n"),
            _ => format!("{}, {} and {}\n", parts[0], parts[1], parts[2]),
        }
    }

    fn evolution(&self) -> String {
        let core = self.host.core.borrow();
        let lines: Vec<String> = core
            .surfaces()
            .map(|(_, surface)| {
                let factor = surface.world.evolution();
                format!("{} - Evolution factor: {factor:.4}.\n", surface.name)
            })
            .collect();
        lines.concat()
    }

    fn help(&self) -> String {
        let commands = self.host.commands.borrow();
        let mut names: Vec<&str> = vec![
            "c",
            "command",
            "evolution",
            "help",
            "players",
            "quit",
            "server-save",
            "silent-command",
            "time",
            "version",
        ];
        names.extend(commands.keys().map(String::as_str));
        names.sort_unstable();
        format!("{}\n", names.join(" "))
    }

    /// Runs code of the console in the mod's state or in the scenario's.
    fn lua_command(&mut self, code: &str) -> Option<String> {
        {
            let mut core = self.host.core.borrow_mut();
            if !core.console_command_used {
                // The first one only asks to be repeated, since achievements end with it.
                core.console_command_used = true;
                (self.host.session.log)(&format!("[WARNING] {GATE_WARNING}"));
                let reply = self.gate_reply.clone();
                return (!reply.is_empty()).then(|| format!("{reply}\n"));
            }
        }
        let (side, code) = match self.addressed(code) {
            Ok(found) => found,
            Err(answer) => return Some(answer),
        };
        let state = &self.states[side as usize];
        let function = match state.compile(CHUNK, code) {
            Ok(function) => function,
            // The message of a syntax error names the code itself.
            Err(_) => match state.compile(code, code) {
                Ok(function) => function,
                Err(message) => return Some(refusal(&message)),
            },
        };
        match state.call::<_, ()>(&function, ()) {
            Ok(()) => None,
            Err(message) => Some(refusal(&message)),
        }
    }

    /// Finds the state that `__name__ code` is for.
    fn addressed<'a>(&self, code: &'a str) -> Result<(Side, &'a str), String> {
        let trimmed = code.trim_start();
        let Some((name, rest)) = trimmed
            .strip_prefix("__")
            .and_then(|rest| rest.split_once("__"))
        else {
            return Ok((Side::Level, code));
        };
        if name == "level" {
            return Ok((Side::Level, rest));
        }
        if name == self.host.session.mod_name {
            return Ok((Side::Mod, rest));
        }
        Err(format!(
            "Cannot execute command. Error: Unknown mod name: {name}\n"
        ))
    }

    /// Runs a command that a script added.
    fn custom(&mut self, name: &str, rest: &str) -> Option<String> {
        let found = {
            let commands = self.host.commands.borrow();
            let found = commands.get(name);
            found.map(|command| (command.function.clone(), command.side))
        };
        let Some((function, side)) = found else {
            return Some(format!(
                "Unknown command \"{name}\". Use /help to see all commands.\n"
            ));
        };
        let parameter = Some(rest.trim_start()).filter(|rest| !rest.is_empty());
        let tick = self.host.core.borrow().tick;
        let caller = &self.callers[side as usize];
        let state = &self.states[side as usize];
        let result = state.call::<_, Value>(caller, (function, name, tick, parameter));
        match result {
            Ok(_) => None,
            Err(message) => Some(refusal(&message)),
        }
    }
}

fn refusal(message: &str) -> String {
    format!("Cannot execute command. Error: {message}\n")
}
