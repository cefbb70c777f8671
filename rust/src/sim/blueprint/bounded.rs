//! Lists of a document with a named limit on their length, refused at the first element too many.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::model::{Entity, Exchange, Filter, Tile};

/// Entities of one blueprint.
pub const MAX_ENTITIES: usize = 100_000;
/// Tiles of one blueprint.
pub const MAX_TILES: usize = 200_000;
/// Members of one book.
pub const MAX_BOOK_MEMBERS: usize = 10_000;
/// Filter slots of one entity; the game's largest, a fully filtered cargo wagon, has 40.
pub const MAX_FILTERS: usize = 1_000;

pub(super) fn entities<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<Entity>, D::Error> {
    list(source, "entities", MAX_ENTITIES)
}

pub(super) fn tiles<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<Tile>, D::Error> {
    list(source, "tiles", MAX_TILES)
}

pub(super) fn members<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<Exchange>, D::Error> {
    list(source, "blueprints", MAX_BOOK_MEMBERS)
}

pub(super) fn filters<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<Filter>, D::Error> {
    list(source, "filters", MAX_FILTERS)
}

fn list<'de, D, T>(source: D, what: &'static str, limit: usize) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    source.deserialize_any(ListVisitor {
        what,
        limit,
        element: PhantomData,
    })
}

struct ListVisitor<T> {
    what: &'static str,
    limit: usize,
    element: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {} {}", self.limit, self.what)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(element) = elements.next_element()? {
            if found.len() == self.limit {
                return Err(A::Error::custom(format!(
                    "more than {} {}; split the blueprint into smaller ones",
                    self.limit, self.what
                )));
            }
            found.push(element);
        }
        Ok(found)
    }

    /// Lua has one kind of table, so strings made by mods write an empty list as `{}`.
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        match entries.next_key::<String>()? {
            None => Ok(Vec::new()),
            Some(key) => Err(A::Error::custom(format!(
                "{} is an object, not a list; key \"{key}\"",
                self.what
            ))),
        }
    }
}
