//! Searches on a surface: what a filter of `find_entities_filtered` means, and what it finds.
//!
//! The order is part of our promise, not of the game's: entities and ghosts by number, then the character, units by
//! number, piles and resources row by row. A script that must be right on a real server does not rely on it.

use mlua::{Table, Value};

use super::convert::{self, truth};
use super::core::{ENEMY, NEUTRAL, Surface};
use super::handle::Thing;
use super::host::Call;
use crate::prototypes::{EntityKind, EntityPrototypeId, vanilla};
use crate::sim::drill::resource_facts;
use crate::sim::entity::{EntityRef, collision_box};
use crate::sim::position::{MapPos, Rect, TilePos};
use crate::sim::threat::figures::{Side, figures};

/// Half the side of a pile's box, 1/256 tile.
const PILE_HALF_SUBTILES: i32 = 35;
/// Half the side of a resource's box, 1/256 tile.
const RESOURCE_HALF_SUBTILES: i32 = 25;
/// Areas of more tiles are searched by going through all things.
const MAX_WALKED_TILES: i64 = 16_384;

/// A filter.
pub(super) struct Filter {
    area: Option<Rect>,
    /// Centres within so many 1/256 tiles, squared.
    around: Option<(MapPos, i64)>,
    names: Option<Vec<String>>,
    types: Option<Vec<String>>,
    ghost_names: Option<Vec<String>>,
    ghost_types: Option<Vec<String>>,
    forces: Option<Vec<u16>>,
    directions: Option<Vec<u8>>,
    pub limit: usize,
    is_inverted: bool,
}

impl Filter {
    /// Takes everything within an area, or everywhere.
    pub(super) fn within(area: Option<Rect>) -> Self {
        Self {
            area,
            around: None,
            names: None,
            types: None,
            ghost_names: None,
            ghost_types: None,
            forces: None,
            directions: None,
            limit: usize::MAX,
            is_inverted: false,
        }
    }

    /// Takes one name at one position.
    pub(super) fn named_at(name: String, position: MapPos) -> Self {
        let mut filter = Self::within(Some(point(position)));
        filter.names = Some(vec![name]);
        filter
    }

    /// Reads a filter of a script.
    pub(super) fn of(call: Call<'_>, table: &Table) -> mlua::Result<Self> {
        let get = |name: &str| table.raw_get::<Value>(name);
        let mut filter = Self::within(None);
        match (get("position")?, get("radius")?) {
            (Value::Nil, _) => match get("area")? {
                Value::Nil => {}
                area => filter.area = Some(convert::area(&area)?),
            },
            (position, Value::Nil) => filter.area = Some(point(convert::position(&position)?)),
            (position, radius) => {
                let center = convert::position(&position)?;
                let radius = (convert::number(&radius)?.clamp(0.0, 1.0e6) * 256.0) as i32;
                filter.around = Some((center, i64::from(radius) * i64::from(radius)));
                filter.area = Some(Rect {
                    left: center.x - radius,
                    top: center.y - radius,
                    right: center.x + radius,
                    bottom: center.y + radius,
                });
            }
        }
        filter.names = convert::names(call, &get("name")?)?;
        filter.types = convert::names(call, &get("type")?)?;
        filter.ghost_names = convert::names(call, &get("ghost_name")?)?;
        filter.ghost_types = convert::names(call, &get("ghost_type")?)?;
        filter.forces = forces(call, &get("force")?)?;
        filter.directions = match get("direction")? {
            Value::Nil => None,
            Value::Table(list) => Some(
                list.sequence_values::<Value>()
                    .map(|one| Ok(convert::direction(&one?)?.sixteenths()))
                    .collect::<mlua::Result<_>>()?,
            ),
            one => Some(vec![convert::direction(&one)?.sixteenths()]),
        };
        match get("limit")? {
            Value::Nil => {}
            limit => filter.limit = convert::count(&limit)? as usize,
        }
        filter.is_inverted = truth(&get("invert")?);
        for name in [
            "collision_mask",
            "has_item_inside",
            "to_be_deconstructed",
            "to_be_upgraded",
            "is_military_target",
        ] {
            if !get(name)?.is_nil() {
                return Err(super::host::fault(format!(
                    "the filter \"{name}\" is in the game's API, but this server has not built it"
                )));
            }
        }
        Ok(filter)
    }

    /// Says whether a thing agrees with all but the place.
    fn agrees(&self, name: &str, kind: &str, ghost: Option<EntityPrototypeId>, more: More) -> bool {
        let listed = |list: &Option<Vec<String>>, value: &str| {
            list.as_ref()
                .is_none_or(|list| list.iter().any(|known| known == value))
        };
        let ghost_agrees = match ghost {
            None => self.ghost_names.is_none() && self.ghost_types.is_none(),
            Some(id) => {
                let facts = &vanilla()[id];
                listed(&self.ghost_names, &facts.name)
                    && listed(&self.ghost_types, facts.kind.name())
            }
        };
        let agrees = listed(&self.names, name)
            && listed(&self.types, kind)
            && ghost_agrees
            && self
                .forces
                .as_ref()
                .is_none_or(|list| list.contains(&more.force))
            && self
                .directions
                .as_ref()
                .is_none_or(|list| list.contains(&more.direction));
        agrees != self.is_inverted
    }

    /// Says whether anything of a name or type can agree: cheap, and true where it is not known.
    fn may_be(&self, name: &str, kind: &str) -> bool {
        let listed = |list: &Option<Vec<String>>, value: &str| {
            list.as_ref()
                .is_none_or(|list| list.iter().any(|known| known == value))
        };
        self.is_inverted || (listed(&self.names, name) && listed(&self.types, kind))
    }

    fn covers(&self, body: &Rect, center: MapPos) -> bool {
        if let Some((middle, reach)) = self.around {
            return middle.distance_squared(center) <= reach;
        }
        self.area.is_none_or(|area| {
            if area.left == area.right || area.top == area.bottom {
                return area.touches(body);
            }
            area.left < body.right
                && body.left < area.right
                && area.top < body.bottom
                && body.top < area.bottom
        })
    }
}

#[derive(Clone, Copy)]
struct More {
    force: u16,
    direction: u8,
}

fn point(position: MapPos) -> Rect {
    Rect {
        left: position.x,
        top: position.y,
        right: position.x,
        bottom: position.y,
    }
}

fn forces(call: Call<'_>, value: &Value) -> mlua::Result<Option<Vec<u16>>> {
    let core = call.host.core.borrow();
    match value {
        Value::Nil => Ok(None),
        Value::Table(list) => {
            let mut forces = Vec::new();
            for one in list.sequence_values::<Value>() {
                forces.push(convert::force(call.host, &core, &one?)?);
            }
            Ok(Some(forces))
        }
        one => Ok(Some(vec![convert::force(call.host, &core, one)?])),
    }
}

/// Gives the force of an entity on a surface.
pub(super) fn force_of(surface: &Surface, prototype: EntityPrototypeId) -> u16 {
    match figures(prototype).side {
        Side::Enemy => ENEMY,
        _ if vanilla()[prototype].is_natural() => NEUTRAL,
        _ => surface.force.unwrap_or(NEUTRAL),
    }
}

/// Finds what agrees with a filter, at most its limit.
pub(super) fn find(surface: &Surface, filter: &Filter) -> Vec<Thing> {
    let mut found = Found {
        things: Vec::new(),
        limit: filter.limit,
    };
    // An empty list of names finds nothing.
    let is_hopeless = |list: &Option<Vec<String>>| list.as_ref().is_some_and(Vec::is_empty);
    if (is_hopeless(&filter.names) || is_hopeless(&filter.types)) && !filter.is_inverted {
        return found.things;
    }
    let tiles = walked_tiles(surface, filter);
    find_entities(surface, filter, tiles, &mut found);
    find_ghosts(surface, filter, &mut found);
    find_character(surface, filter, &mut found);
    find_units(surface, filter, &mut found);
    find_piles(surface, filter, &mut found);
    find_resources(surface, filter, &mut found);
    found.things
}

struct Found {
    things: Vec<Thing>,
    limit: usize,
}

impl Found {
    fn is_full(&self) -> bool {
        self.things.len() >= self.limit
    }

    fn add(&mut self, thing: Thing) {
        if !self.is_full() {
            self.things.push(thing);
        }
    }
}

/// Gives the first and the last tile of the area, where it is small enough to be walked.
fn walked_tiles(surface: &Surface, filter: &Filter) -> Option<(TilePos, TilePos)> {
    let area = filter.area?;
    let map = surface.world.terrain.area();
    let low = MapPos::new(area.left, area.top).tile();
    let high = MapPos::new(area.right, area.bottom).tile();
    let low = TilePos::new(low.x.max(map.left), low.y.max(map.top));
    let high = TilePos::new(
        high.x.min(map.left + map.width - 1),
        high.y.min(map.top + map.height - 1),
    );
    let tiles = i64::from(high.x - low.x + 1).max(0) * i64::from(high.y - low.y + 1).max(0);
    (tiles <= MAX_WALKED_TILES).then_some((low, high))
}

fn find_entities(
    surface: &Surface,
    filter: &Filter,
    tiles: Option<(TilePos, TilePos)>,
    found: &mut Found,
) {
    if filter.ghost_names.is_some() || filter.ghost_types.is_some() {
        return;
    }
    let world = &surface.world;
    let mut slots: Vec<u32> = match tiles {
        Some((low, high)) => {
            let mut slots = Vec::new();
            for y in low.y..=high.y {
                for x in low.x..=high.x {
                    if let Some(slot) = world.entity_slot_at(TilePos::new(x, y))
                        && slots.last() != Some(&slot)
                    {
                        slots.push(slot);
                    }
                }
            }
            slots.sort_unstable();
            slots.dedup();
            slots
        }
        None => world.entities.iter().map(|(slot, _)| slot).collect(),
    };
    slots.retain(|slot| {
        world.entities.get(*slot).is_some_and(|entity| {
            let facts = entity.prototype();
            let more = More {
                force: force_of(surface, entity.prototype),
                direction: entity.direction.sixteenths(),
            };
            filter.agrees(&facts.name, facts.kind.name(), None, more)
                && filter.covers(&entity.collision_box(), entity.position)
        })
    });
    let mut references: Vec<EntityRef> = slots
        .into_iter()
        .filter_map(|slot| world.reference(slot))
        .collect();
    references.sort_unstable_by_key(|reference| reference.unit);
    for reference in references {
        found.add(Thing::Entity(reference));
    }
}

fn find_ghosts(surface: &Surface, filter: &Filter, found: &mut Found) {
    if found.is_full() || !filter.may_be("entity-ghost", "entity-ghost") {
        return;
    }
    let mut ghosts: Vec<EntityRef> = surface
        .world
        .ghosts
        .iter()
        .filter(|(_, ghost)| {
            let body = collision_box(ghost.prototype, ghost.position, ghost.direction);
            let more = More {
                force: surface.force.unwrap_or(NEUTRAL),
                direction: ghost.direction.sixteenths(),
            };
            filter.agrees("entity-ghost", "entity-ghost", Some(ghost.prototype), more)
                && filter.covers(&body, ghost.position)
        })
        .map(|(slot, ghost)| EntityRef {
            slot,
            unit: ghost.unit,
        })
        .collect();
    ghosts.sort_unstable_by_key(|ghost| ghost.unit);
    for ghost in ghosts {
        found.add(Thing::Ghost(ghost));
    }
}

fn find_character(surface: &Surface, filter: &Filter, found: &mut Found) {
    let Some(number) = surface.character else {
        return;
    };
    if filter.ghost_names.is_some() || filter.ghost_types.is_some() {
        return;
    }
    let character = &surface.world.character;
    let more = More {
        force: surface.force.unwrap_or(NEUTRAL),
        direction: character.facing.sixteenths(),
    };
    let body = crate::sim::collision::character_box(character.position);
    if character.is_alive()
        && filter.agrees("character", "character", None, more)
        && filter.covers(&body, character.position)
    {
        found.add(Thing::Character(number));
    }
}

fn find_units(surface: &Surface, filter: &Filter, found: &mut Found) {
    if filter.ghost_names.is_some() || filter.ghost_types.is_some() {
        return;
    }
    let mut units: Vec<EntityRef> = surface
        .world
        .living_units()
        .filter(|(_, unit)| {
            let facts = unit.prototype();
            let more = More {
                force: ENEMY,
                direction: 0,
            };
            filter.agrees(&facts.name, facts.kind.name(), None, more)
                && filter.covers(&unit.collision_box(), unit.position())
        })
        .map(|(reference, _)| reference)
        .collect();
    units.sort_unstable_by_key(|unit| unit.unit);
    for unit in units {
        found.add(Thing::Unit(unit));
    }
}

fn find_piles(surface: &Surface, filter: &Filter, found: &mut Found) {
    let kind = EntityKind::ItemEntity.name();
    if found.is_full() || !filter.may_be("item-on-ground", kind) {
        return;
    }
    let more = More {
        force: NEUTRAL,
        direction: 0,
    };
    for (position, _) in surface.world.ground.iter() {
        if filter.agrees("item-on-ground", kind, None, more)
            && filter.covers(&square(position, PILE_HALF_SUBTILES), position)
        {
            found.add(Thing::Pile(position));
        }
    }
}

fn find_resources(surface: &Surface, filter: &Filter, found: &mut Found) {
    let kind = EntityKind::Resource.name();
    let may_be_resource = filter.is_inverted
        || filter
            .types
            .as_ref()
            .is_none_or(|list| list.iter().any(|known| known == kind));
    let is_named = filter.names.as_ref().is_none_or(|names| {
        names.iter().any(|name| {
            vanilla()
                .entity(name)
                .is_ok_and(|id| vanilla()[id].kind == EntityKind::Resource)
        })
    });
    if found.is_full() || !may_be_resource || (!is_named && !filter.is_inverted) {
        return;
    }
    let world = &surface.world;
    let map = world.terrain.area();
    let (low, high) = match filter.area {
        Some(area) => (
            MapPos::new(area.left, area.top).tile(),
            MapPos::new(area.right, area.bottom).tile(),
        ),
        None => (
            TilePos::new(map.left, map.top),
            TilePos::new(map.left + map.width - 1, map.top + map.height - 1),
        ),
    };
    let more = More {
        force: NEUTRAL,
        direction: 0,
    };
    for y in low.y.max(map.top)..=high.y.min(map.top + map.height - 1) {
        for x in low.x.max(map.left)..=high.x.min(map.left + map.width - 1) {
            let tile = TilePos::new(x, y);
            if !world.grid.cell(tile).has_resource() {
                continue;
            }
            let Some(resource) = world.terrain.resource(tile) else {
                continue;
            };
            let Some(facts) = resource_facts(resource.code) else {
                continue;
            };
            let name = &vanilla()[facts.prototype].name;
            if filter.agrees(name, kind, None, more)
                && filter.covers(
                    &square(tile.center(), RESOURCE_HALF_SUBTILES),
                    tile.center(),
                )
            {
                found.add(Thing::Resource(tile));
                if found.is_full() {
                    return;
                }
            }
        }
    }
}

fn square(center: MapPos, half: i32) -> Rect {
    Rect {
        left: center.x - half,
        top: center.y - half,
        right: center.x + half,
        bottom: center.y + half,
    }
}
