//! Belts as bytes: what is built, what lies on it, who is awake; lines are made anew on the way back in.
//!
//! Items are stored belt by belt with their place in the belt, and lanes by their downstream belts, so that neither the
//! numbers of lines nor unused memory show.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::super::entity::EntityRef;
use super::super::position::{Direction, TilePos};
use super::super::slab::Slab;
use super::lines::Head;
use super::placing::Placed;
use super::tile::Spot;
use super::{BeltKind, BeltTile, Belts, Shape, Splitter};
use crate::prototypes::{EntityPrototypeId, ItemId, vanilla};

/// Belts as they are stored.
#[derive(Serialize, Deserialize)]
struct Stored {
    tiles: Slab<StoredTile>,
    splitters: Slab<Splitter>,
    next_born: u32,
    displaced: Vec<(TilePos, ItemId)>,
    woken: Vec<EntityRef>,
    /// (belt, lane, position, item), sorted.
    items: Vec<(u32, u8, i32, ItemId)>,
    /// Downstream belts and lanes in order of waking.
    awake: Vec<(u32, u8)>,
    /// By downstream belt, sorted.
    watchers: Vec<(u32, Vec<EntityRef>)>,
}

#[derive(Clone, Serialize, Deserialize)]
struct StoredTile {
    entity: u32,
    prototype: EntityPrototypeId,
    tile: TilePos,
    direction: Direction,
    kind: BeltKind,
    born: u32,
}

impl Serialize for Belts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut watchers: Vec<(u32, Vec<EntityRef>)> = self
            .lines
            .iter()
            .filter(|line| !line.watchers.is_empty())
            .map(|line| (line.belts[0], line.watchers.clone()))
            .collect();
        watchers.sort_unstable();
        Stored {
            tiles: self.tiles.map(|tile| StoredTile {
                entity: tile.entity,
                prototype: tile.prototype,
                tile: tile.tile,
                direction: tile.direction,
                kind: tile.kind,
                born: tile.born,
            }),
            splitters: self.splitters.clone(),
            next_born: self.next_born,
            displaced: self.displaced.clone(),
            woken: self.woken.clone(),
            items: self
                .placed_items()
                .into_iter()
                .map(|placed| (placed.belt, placed.lane as u8, placed.position, placed.item))
                .collect(),
            awake: self
                .awake_heads()
                .into_iter()
                .map(|(belt, lane)| (belt, lane as u8))
                .collect(),
            watchers,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Belts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Stored::deserialize(deserializer)?;
        let n_prototypes = vanilla().entities().len();
        let n_items = vanilla().items().len();
        if stored.tiles.iter().any(|(_, tile)| {
            tile.prototype.index() >= n_prototypes || vanilla()[tile.prototype].belt.is_none()
        }) {
            return Err(D::Error::custom("a belt is of a kind that is no belt"));
        }
        let is_item_bad =
            |(_, lane, _, item): &(u32, u8, i32, ItemId)| *lane > 1 || item.index() >= n_items;
        if stored.items.iter().any(is_item_bad) {
            return Err(D::Error::custom("an item on a belt has no lane or kind"));
        }
        Ok(Self::from_stored(stored))
    }
}

impl Belts {
    fn from_stored(stored: Stored) -> Self {
        let mut belts = Self {
            tiles: stored.tiles.map(|tile| BeltTile {
                entity: tile.entity,
                prototype: tile.prototype,
                tile: tile.tile,
                direction: tile.direction,
                kind: tile.kind,
                born: tile.born,
                shape: Shape::Straight,
                speed: vanilla()[tile.prototype]
                    .belt
                    .as_ref()
                    .map_or(0, |belt| belt.speed_subtiles_per_tick),
                line: None,
                spots: [Spot {
                    start: 0,
                    length: 0,
                }; 2],
                mate: None,
                removals: 0,
            }),
            splitters: stored.splitters,
            next_born: stored.next_born,
            displaced: stored.displaced,
            woken: stored.woken,
            ..Self::default()
        };
        belts.link();
        let items: Vec<Placed> = stored
            .items
            .into_iter()
            .map(|(belt, lane, position, item)| Placed {
                belt,
                lane: usize::from(lane),
                position,
                item,
            })
            .collect();
        belts.place(&items);
        let heads: Vec<Head> = stored
            .awake
            .into_iter()
            .map(|(belt, lane)| (belt, usize::from(lane.min(1))))
            .collect();
        for (belt, lane) in heads {
            belts.wake_head((belt, lane));
        }
        for (belt, watchers) in stored.watchers {
            if let Some(line) = belts.tiles.get(belt).and_then(|tile| tile.line) {
                belts.lines[line as usize].watchers = watchers;
            }
        }
        belts
    }
}
