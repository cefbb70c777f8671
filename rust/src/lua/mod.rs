//! Runs a mod's Lua as the game does: Lua 5.2 in the game's sandbox, over a strict object layer.
//!
//! Owns the language side only: what scripts may name ([`State`]), the tables of the official API ([`Api`]), and objects
//! that raise the game's own errors ([`ObjectLayer`]). It knows no world and no wire; whoever holds a world registers
//! what each attribute and method does.
//!
//! Invariants:
//! - Equal files, seeds and calls give equal results: `math.random` is seeded, `pairs` and `next` have an order of their
//!   own, and there is no clock, no file and no address of memory in an order.
//! - A script cannot run for ever ([`Limits`]): past its instructions every call raises, through any `pcall`.
//!
//! What differs from the game:
//! - The game's tables keep insertion order. Stock Lua does not keep it, so [`PairsOrder::Canonical`] goes by key:
//!   numbers, strings by their bytes, booleans, objects. Keys that are tables or functions come last, and several of
//!   them in no order that can be repeated. Correct scripts give equal results under [`PairsOrder::Shuffled`] too.
//! - `collectgarbage` and `loadstring` are absent, whether or not the game has them: nothing of ours may need them.
//! - `tostring` of a table holds its address, as in the game; nothing that must repeat may use it.
//! - One call into C code (`string.rep`, a hard pattern) is limited by memory, not by instructions.

mod api;
mod modules;
mod object;
mod pack;
mod portable;
mod state;
mod storage;

#[cfg(test)]
mod tests;

pub use api::{Access, Api, Arity, Class, GameLine};
pub use object::{Getter, ObjectLayer, ObjectRef, Pairs, Setter, fault, object_of};
pub use pack::{pack, packed_size, unpack};
pub use portable::Portable;
pub use state::{Limits, Options, PairsOrder, State, error_text, renew_budget, traced_text};
pub use storage::check_storage;
