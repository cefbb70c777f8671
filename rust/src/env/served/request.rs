//! Lines to the mod, and what its replies say.

use super::link::Loss;
use super::lower::{PART_BYTES, unpack};
use crate::contract::action::RejectReason;
use crate::contract::frame::{MAX_FRAGMENT_PAYLOAD_BYTES, MAX_FRAGMENTS};
use crate::contract::wire::COMMAND;
use crate::view::mirror::SetupCounts;

/// A frame unpacks to no more bytes.
pub const MAX_FRAME_BYTES: usize = MAX_FRAGMENTS * MAX_FRAGMENT_PAYLOAD_BYTES;
/// Characters of a reply that an error quotes.
const MAX_QUOTED: usize = 200;

/// Which things a look tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What is in the windows of the characters.
    Window,
    /// That, and every machine wherever it stands.
    Machines,
    /// Everything.
    All,
}

impl Scope {
    const fn letter(self) -> char {
        match self {
            Self::Window => 'w',
            Self::Machines => 'm',
            Self::All => 'a',
        }
    }
}

/// Asks who is there.
pub fn hello() -> String {
    format!("/{COMMAND} hello")
}

/// Prepares the server; `udp_port` 0 lets frames come by RCON.
pub fn configure(udp_port: u16, speed: f64, is_fair: bool) -> String {
    format!(
        "/{COMMAND} configure {{\"udp_port\":{udp_port},\"speed\":{speed},\"fair_play\":{is_fair}}}"
    )
}

/// Sends a transfer in parts.
pub fn put(id: u32, text: &str, lines: &mut Vec<String>) {
    let parts = text.len().div_ceil(PART_BYTES).max(1);
    for part in 0..parts {
        let end = ((part + 1) * PART_BYTES).min(text.len());
        let data = &text[part * PART_BYTES..end];
        lines.push(format!("/{COMMAND} put {id} {} {parts} {data}", part + 1));
    }
}

/// Makes an environment anew from a transfer.
pub fn reset(sequence: u32, environment: u16, episode: u32, transfer: u32) -> String {
    format!("/{COMMAND} reset {sequence} {environment} {episode} {transfer}")
}

/// Applies commands (`ENV:CMD,CMD;ENV:CMD`) and lets ticks run.
pub fn step(sequence: u32, ticks: u32, actions: &str) -> String {
    let actions = if actions.is_empty() { "-" } else { actions };
    format!("/{COMMAND} step {sequence} {ticks} {actions}")
}

/// Asks for a frame of each environment.
pub fn look(sequence: u32, scope: Scope, environments: &[u16]) -> String {
    let listed: Vec<String> = environments.iter().map(u16::to_string).collect();
    format!(
        "/{COMMAND} look {sequence} {} {}",
        scope.letter(),
        listed.join(",")
    )
}

/// Asks for the last frame once more.
pub fn again(environment: u16, frame: u32) -> String {
    format!("/{COMMAND} again {environment} {frame}")
}

/// Gives an environment back.
pub fn close(environment: u16) -> String {
    format!("/{COMMAND} close {environment}")
}

/// What a reply is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply<'a> {
    Ok(&'a str),
    /// The ticks of the last step have not all run.
    Wait,
    /// The sequence number was not the next one; this was the last.
    OutOfSequence(u32),
    Error {
        kind: &'a str,
        text: &'a str,
    },
}

/// Reads a reply.
///
/// # Errors
/// What is not one of the mod's.
pub fn reply(line: &str) -> Result<Reply<'_>, Loss> {
    let line = line.trim_end_matches(['\n', '\r']);
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    match word {
        "ok" => Ok(Reply::Ok(rest)),
        "wait" => Ok(Reply::Wait),
        "error" => {
            let (kind, text) = rest.split_once(' ').unwrap_or((rest, ""));
            if kind == "out-of-sequence" {
                let last = text.split(' ').find_map(|word| word.parse().ok());
                return last.map(Reply::OutOfSequence).ok_or_else(|| strange(line));
            }
            Ok(Reply::Error { kind, text })
        }
        _ => Err(strange(line)),
    }
}

/// Makes the loss for a reply that makes no sense.
pub fn strange(line: &str) -> Loss {
    let quoted: String = line.chars().take(MAX_QUOTED).collect();
    Loss::protocol(format!("the mod does not answer so: \"{quoted}\""))
}

fn number<T: std::str::FromStr>(word: Option<&str>, line: &str) -> Result<T, Loss> {
    word.and_then(|word| word.parse().ok())
        .ok_or_else(|| strange(line))
}

/// Reads what a reset answers: the tick, and what the game counts after the set-up.
///
/// # Errors
/// Where it says something else.
pub fn reset_reply(text: &str) -> Result<(u64, SetupCounts), Loss> {
    let mut words = text.split(' ');
    let tick = number(words.next(), text)?;
    let mut counts = words.next().unwrap_or("").split(',');
    let counts = SetupCounts {
        entities: number(counts.next(), text)?,
        ghosts: number(counts.next(), text)?,
        resource_tiles: number(counts.next(), text)?,
        resource_sum: number(counts.next(), text)?,
    };
    Ok((tick, counts))
}

/// A command that the server refused: environment, place in its commands from 0, code.
pub type Refusal = (u16, usize, u8);

/// Reads what a step answers: the refusals, `-` where there are none.
///
/// # Errors
/// Where it says something else.
pub fn step_reply(text: &str) -> Result<Vec<Refusal>, Loss> {
    let (target, refusals) = text.split_once(' ').unwrap_or((text, "-"));
    let _: u64 = number(Some(target), text)?;
    let refusals = refusals.trim();
    if refusals == "-" || refusals.is_empty() {
        return Ok(Vec::new());
    }
    refusals
        .split(';')
        .map(|refusal| {
            let mut parts = refusal.split('/');
            let environment = number(parts.next(), text)?;
            let index = number(parts.next(), text)?;
            let code: u8 = number(parts.next(), text)?;
            if code == 0 || usize::from(code) > RejectReason::ALL.len() {
                return Err(strange(text));
            }
            Ok((environment, index, code))
        })
        .collect()
}

/// What a look answers: its tick, and the frames where they do not come by UDP.
pub type Looked = (u64, Option<Vec<(u16, Vec<u8>)>>);

/// Reads what a look answers.
///
/// # Errors
/// Where it says something else.
pub fn look_reply(text: &str) -> Result<Looked, Loss> {
    let mut words = text.split(' ');
    let tick = number(words.next(), text)?;
    match words.next() {
        Some("udp") => Ok((tick, None)),
        Some("rcon") => {
            let frames = words.filter(|word| !word.is_empty()).map(|word| {
                let (environment, packed) = word.split_once('=').ok_or_else(|| strange(text))?;
                let environment = number(Some(environment), text)?;
                let payload = unpack(packed, MAX_FRAME_BYTES).ok_or_else(|| strange(text))?;
                Ok((environment, payload))
            });
            Ok((tick, Some(frames.collect::<Result<_, Loss>>()?)))
        }
        _ => Err(strange(text)),
    }
}

/// Reads what a frame that was asked for again is.
///
/// # Errors
/// Where it says something else.
pub fn again_reply(text: &str) -> Result<(u64, Vec<u8>), Loss> {
    let (tick, packed) = text.split_once(' ').ok_or_else(|| strange(text))?;
    let payload = unpack(packed.trim(), MAX_FRAME_BYTES).ok_or_else(|| strange(text))?;
    Ok((number(Some(tick), text)?, payload))
}
