//! The local map: 32 x 32 cells of 8 bytes round the character, scrolled when it crosses a tile and patched where
//! something changed. Rebuilding it whole costs about three times as much (`docs/decisions.md`).

use super::entities::Thing;
use crate::contract::observation::{
    CENTER_CELL, GHOST_FLAG, LOCAL_MAP_SIZE, MAP_CHANNELS, MAP_SIDE, channel, overlay,
    resource_amount_code,
};
use crate::prototypes::{FluidId, ItemId};
use crate::sim::World;
use crate::sim::entity::{Body, Entity, codes_of, footprint};
use crate::sim::machine::most_held;
use crate::sim::position::{MapPos, TilePos};
use crate::sim::threat::figures::{Side, figures};
use crate::sim::world::Look;

/// Bytes of one row of cells.
const ROW_BYTES: usize = MAP_SIDE * MAP_CHANNELS;
/// Bytes of the character's own overlay within the map.
const CHARACTER_OVERLAY: usize =
    (CENTER_CELL * MAP_SIDE + CENTER_CELL) * MAP_CHANNELS + channel::OVERLAY;

/// A tile of a belt or splitter.
#[derive(Clone, Debug)]
struct Carrier {
    tile: TilePos,
    body: Body,
    /// Where the lanes were entered the last time.
    hints: [u32; 2],
}

/// What is kept beside the map's bytes, which live in the record.
#[derive(Clone, Debug, Default)]
pub struct KeptMap {
    /// Tile of cell [0, 0]; none before the first drawing.
    origin: Option<TilePos>,
    waypoint: Option<TilePos>,
    /// Entities, ghosts and piles whose centres lie in the window, in no order.
    things: Vec<Thing>,
    /// Where the things are, in the same order: most are passed over by their place alone.
    places: Vec<MapPos>,
    /// Belts and splitters in the window, in no order: what they carry is read each time.
    carriers: Vec<Carrier>,
    /// The belt tick of the last update.
    belt_clock: u64,
    /// For each row the cells whose resource can be reached from above, bit = column.
    resources: [u32; MAP_SIDE],
    /// For each row the cells that `things` or `carriers` list something of, bit = column.
    listed: [u32; MAP_SIDE],
    /// Bytes of the overlays on which units were drawn; they are drawn anew each time, since units move all the time.
    enemies: Vec<usize>,
}

impl KeptMap {
    /// Forgets what was drawn: the next update draws everything.
    pub fn invalidate(&mut self) {
        self.origin = None;
    }

    /// Reads the entities, ghosts and piles in the window.
    pub fn things(&self) -> &[Thing] {
        &self.things
    }

    /// Reads where the things are, in their order.
    pub fn places(&self) -> &[MapPos] {
        &self.places
    }

    /// Moves the things of these indices to the front; what is no index of a thing stays where it is.
    pub fn bring_forward(&mut self, indices: &mut [u32]) {
        let mut front = 0;
        for place in 0..indices.len() {
            let index = indices[place];
            if index as usize >= self.things.len() {
                continue;
            }
            self.things.swap(front, index as usize);
            self.places.swap(front, index as usize);
            for later in &mut indices[place + 1..] {
                if *later == front as u32 {
                    *later = index;
                }
            }
            front += 1;
        }
    }

    /// Reads the cells with a resource that nothing covers.
    pub fn resources(&self) -> &[u32; MAP_SIDE] {
        &self.resources
    }

    /// Gives the tile of cell [0, 0].
    pub fn origin(&self) -> TilePos {
        self.origin.unwrap_or_default()
    }

    /// Brings the map up to date; `world.changes` says what changed since the last call.
    pub fn update(
        &mut self,
        map: &mut [u8; LOCAL_MAP_SIZE],
        world: &World,
        waypoint: Option<TilePos>,
    ) {
        for byte in self.enemies.drain(..) {
            map[byte] &= !overlay::ENEMY;
        }
        let center = world.character.position.tile();
        let origin = center.offset(-(CENTER_CELL as i32), -(CENTER_CELL as i32));
        match self.origin {
            Some(before) if !world.changes.overflowed && self.waypoint == waypoint => {
                map[CHARACTER_OVERLAY] &= !overlay::CHARACTER;
                let (dx, dy) = (origin.x - before.x, origin.y - before.y);
                self.origin = Some(origin);
                if dx.unsigned_abs() as usize >= MAP_SIDE || dy.unsigned_abs() as usize >= MAP_SIDE
                {
                    self.draw_all(map, world);
                } else {
                    self.scroll(map, world, dx, dy);
                    self.patch(map, world);
                    self.carry(map, world);
                }
            }
            _ => {
                self.origin = Some(origin);
                self.waypoint = waypoint;
                self.draw_all(map, world);
            }
        }
        self.belt_clock = world.belts.clock();
        map[CHARACTER_OVERLAY] |= overlay::CHARACTER;
        self.draw_units(map, world);
    }

    /// Marks the cells on which units stand.
    fn draw_units(&mut self, map: &mut [u8; LOCAL_MAP_SIZE], world: &World) {
        let origin = self.origin();
        for (_, unit) in world.units.iter() {
            let tile = unit.tile();
            let (col, row) = (tile.x - origin.x, tile.y - origin.y);
            if (col as u32) < MAP_SIDE as u32 && (row as u32) < MAP_SIDE as u32 {
                let byte =
                    row as usize * ROW_BYTES + col as usize * MAP_CHANNELS + channel::OVERLAY;
                // What stands there may be an enemy itself: its mark must stay when the unit goes.
                if map[byte] & overlay::ENEMY == 0 {
                    map[byte] |= overlay::ENEMY;
                    self.enemies.push(byte);
                }
            }
        }
    }

    /// Draws what belts carry where it may have changed since the last update.
    fn carry(&mut self, map: &mut [u8; LOCAL_MAP_SIZE], world: &World) {
        // On the belts of a mirror lies nothing; what they show is reported.
        if world.reported.is_some() || !world.belts.any_changed_since(self.belt_clock) {
            return;
        }
        let origin = self.origin();
        let codes = item_codes();
        for Carrier { tile, body, hints } in &mut self.carriers {
            let shown = match *body {
                Body::Belt(index) => world.belts.shown_since(index, self.belt_clock, hints),
                body => has_moved(world, body, self.belt_clock).then(|| carried(world, body)),
            };
            if let Some(item) = shown {
                let (col, row) = ((tile.x - origin.x) as usize, (tile.y - origin.y) as usize);
                map[row * ROW_BYTES + col * MAP_CHANNELS + channel::CONTENTS] =
                    item.map_or(0, |item| codes[item.index()]);
            }
        }
    }

    fn draw_all(&mut self, map: &mut [u8; LOCAL_MAP_SIZE], world: &World) {
        self.things.clear();
        self.places.clear();
        self.carriers.clear();
        for row in 0..MAP_SIDE {
            self.draw_row(map, world, row);
        }
    }

    fn draw_row(&mut self, map: &mut [u8; LOCAL_MAP_SIZE], world: &World, row: usize) {
        for col in 0..MAP_SIDE {
            self.draw_cell(map, world, row, col);
        }
    }

    #[inline]
    fn draw_cell(&mut self, map: &mut [u8; LOCAL_MAP_SIZE], world: &World, row: usize, col: usize) {
        let tile = self.origin().offset(col as i32, row as i32);
        let look = world.look(tile);
        let cell = draw(world, tile, &look, self.waypoint);
        let start = row * ROW_BYTES + col * MAP_CHANNELS;
        map[start..start + MAP_CHANNELS].copy_from_slice(&cell);
        let bit = 1 << col;
        self.listed[row] &= !bit;
        if look.resource.is_some() && look.entity.is_none() {
            self.resources[row] |= bit;
        } else {
            self.resources[row] &= !bit;
        }
        if let Some(Entity { body, .. }) = look.entity
            && matches!(body, Body::Belt(_) | Body::Splitter(_))
        {
            self.carriers.push(Carrier {
                tile,
                body: *body,
                hints: [0; 2],
            });
            self.listed[row] |= bit;
        }
        if !look.cell.is_bare() {
            let n_before = self.things.len();
            Thing::collect(world, tile, &look, &mut self.things);
            for thing in &self.things[n_before..] {
                self.listed[row] |= bit;
                self.places.push(thing.position);
            }
        }
    }

    /// Moves the picture by whole tiles and draws the rows and columns that come into view.
    fn scroll(&mut self, map: &mut [u8; LOCAL_MAP_SIZE], world: &World, dx: i32, dy: i32) {
        if dy != 0 {
            let rows = dy.unsigned_abs() as usize;
            if dy > 0 {
                map.copy_within(rows * ROW_BYTES.., 0);
                self.resources.copy_within(rows.., 0);
                self.listed.copy_within(rows.., 0);
            } else {
                map.copy_within(..LOCAL_MAP_SIZE - rows * ROW_BYTES, rows * ROW_BYTES);
                self.resources.copy_within(..MAP_SIDE - rows, rows);
                self.listed.copy_within(..MAP_SIDE - rows, rows);
            }
        }
        if dx != 0 {
            let cols = dx.unsigned_abs() as usize;
            let bytes = cols * MAP_CHANNELS;
            for row in map.chunks_exact_mut(ROW_BYTES) {
                if dx > 0 {
                    row.copy_within(bytes.., 0);
                } else {
                    row.copy_within(..ROW_BYTES - bytes, bytes);
                }
            }
            for bits in self.resources.iter_mut().chain(&mut self.listed) {
                *bits = if dx > 0 { *bits >> cols } else { *bits << cols };
            }
        }
        // What leaves the window, and what the rows and columns drawn below will list again.
        if dx != 0 || dy != 0 {
            let rows = if dy > 0 {
                0..MAP_SIDE as i32 - dy
            } else {
                -dy..MAP_SIDE as i32
            };
            let cols = if dx > 0 {
                0..MAP_SIDE as i32 - dx
            } else {
                -dx..MAP_SIDE as i32
            };
            let origin = self.origin();
            let stays = |tile: TilePos| {
                rows.contains(&(tile.y - origin.y)) && cols.contains(&(tile.x - origin.x))
            };
            keep_things(&mut self.things, &mut self.places, stays);
            keep(&mut self.carriers, |carrier| stays(carrier.tile));
        }
        let entering = |delta: i32| {
            let n = delta.unsigned_abs() as usize;
            if delta > 0 {
                MAP_SIDE - n..MAP_SIDE
            } else {
                0..n
            }
        };
        for row in entering(dy) {
            self.draw_row(map, world, row);
        }
        let drawn_rows = entering(dy);
        for col in entering(dx) {
            for row in (0..MAP_SIDE).filter(|row| !drawn_rows.contains(row)) {
                self.draw_cell(map, world, row, col);
            }
        }
    }

    fn patch(&mut self, map: &mut [u8; LOCAL_MAP_SIZE], world: &World) {
        let origin = self.origin();
        for tile in world.changes.tiles() {
            let (col, row) = (tile.x - origin.x, tile.y - origin.y);
            if (col as u32) < MAP_SIDE as u32 && (row as u32) < MAP_SIDE as u32 {
                self.draw_again(map, world, row as usize, col as usize);
            }
        }
        for slot in world.changes.restyled() {
            if let Some(entity) = world.entities.get(*slot) {
                self.restyle(map, world, entity);
            }
        }
    }

    /// Draws a cell that was drawn before.
    fn draw_again(
        &mut self,
        map: &mut [u8; LOCAL_MAP_SIZE],
        world: &World,
        row: usize,
        col: usize,
    ) {
        if self.listed[row] & 1 << col != 0 {
            let tile = self.origin().offset(col as i32, row as i32);
            keep_things(&mut self.things, &mut self.places, |place| place != tile);
            keep(&mut self.carriers, |carrier| carrier.tile != tile);
        }
        self.draw_cell(map, world, row, col);
    }

    /// Draws the status and the contents of an entity that stands where it stood.
    fn restyle(&mut self, map: &mut [u8; LOCAL_MAP_SIZE], world: &World, entity: &Entity) {
        let area = footprint(entity.prototype, entity.position, entity.direction);
        let origin = self.origin();
        let (left, top) = (area.left - origin.x, area.top - origin.y);
        let side = MAP_SIDE as i32;
        let rows = top.max(0)..(top + area.height).min(side);
        let cols = left.max(0)..(left + area.width).min(side);
        if rows.is_empty() || cols.is_empty() {
            return;
        }
        if codes_of(entity.prototype).resource != 0 {
            // A tree shows no status on the map, but in its row.
            for row in rows {
                for col in cols.clone() {
                    self.draw_again(map, world, row as usize, col as usize);
                }
            }
            return;
        }
        let status = world.status(entity) as u8;
        let contents = contents_code(world, entity);
        for row in rows {
            for col in cols.clone() {
                let start = row as usize * ROW_BYTES + col as usize * MAP_CHANNELS;
                map[start + channel::STATUS] = status;
                map[start + channel::CONTENTS] = contents;
            }
        }
    }
}

/// Takes out the things whose tiles are not to be kept; the last ones take the places.
fn keep_things(
    things: &mut Vec<Thing>,
    places: &mut Vec<MapPos>,
    is_kept: impl Fn(TilePos) -> bool,
) {
    let mut index = 0;
    while index < places.len() {
        if is_kept(places[index].tile()) {
            index += 1;
        } else {
            places.swap_remove(index);
            things.swap_remove(index);
        }
    }
}

/// Takes out what is not to be kept; the last ones take the places.
fn keep<T>(list: &mut Vec<T>, mut is_kept: impl FnMut(&T) -> bool) {
    let mut index = 0;
    while index < list.len() {
        if is_kept(&list[index]) {
            index += 1;
        } else {
            list.swap_remove(index);
        }
    }
}

/// Draws one tile: its eight channels.
#[inline]
fn draw(
    world: &World,
    tile: TilePos,
    look: &Look<'_>,
    waypoint: Option<TilePos>,
) -> [u8; MAP_CHANNELS] {
    let mut cell = [0; MAP_CHANNELS];
    cell[channel::TERRAIN] = look.cell.terrain();
    if waypoint == Some(tile) {
        cell[channel::OVERLAY] |= overlay::OBJECTIVE;
    }
    if look.cell.is_bare() {
        return cell;
    }
    if let Some(resource) = look.resource {
        cell[channel::RESOURCE] = resource.code;
        cell[channel::AMOUNT] = resource_amount_code(resource.amount);
    }
    if let Some(ghost) = look.ghost {
        cell[channel::ENTITY] = codes_of(ghost.prototype).entity;
        cell[channel::DIRECTION] = 1 + ghost.direction.eighths() + GHOST_FLAG;
        cell[channel::OVERLAY] |= overlay::WANTED;
    }
    if let Some(entity) = look.entity {
        draw_entity(&mut cell, world, entity);
    }
    if let Some((_, stack)) = look.pile
        && cell[channel::ENTITY] == 0
    {
        cell[channel::ENTITY] = pile_code();
        cell[channel::CONTENTS] = item_code(stack.item);
    }
    cell
}

fn draw_entity(cell: &mut [u8; MAP_CHANNELS], world: &World, entity: &Entity) {
    let codes = codes_of(entity.prototype);
    cell[channel::ENTITY] = codes.entity;
    if codes.resource != 0 {
        cell[channel::RESOURCE] = codes.resource;
        return;
    }
    if figures(entity.prototype).side == Side::Enemy {
        cell[channel::OVERLAY] |= overlay::ENEMY;
    }
    cell[channel::DIRECTION] = 1 + entity.direction.eighths();
    cell[channel::STATUS] = world.status(entity) as u8;
    cell[channel::CONTENTS] = contents_code(world, entity);
}

/// Codes what a machine works on, a chest holds most of, or a pipe carries.
pub fn contents_code(world: &World, entity: &Entity) -> u8 {
    if let Some((_, code)) = world.reported_style(entity.unit) {
        return code;
    }
    let item = match entity.body {
        Body::Lab(_) => most_held(world.slots(entity).source),
        Body::Chest(_) | Body::Turret(_) => most_held(world.slots(entity).contents),
        Body::Drill(_) => crate::sim::drill::mined_item(world, entity),
        Body::Belt(_) | Body::Splitter(_) => carried(world, entity.body),
        Body::Crafter(_) => crate::sim::crafter::crafted_item(world, entity),
        Body::Pipe(_) | Body::Pump(_) => {
            return world.fluid_shown(entity.body).map_or(0, fluid_code);
        }
        Body::Inserter(_) => {
            crate::sim::inserter::held_stack(world, entity).map(|stack| stack.item)
        }
        _ => None,
    };
    item.map_or(0, item_code)
}

/// Finds the item that stands for what a belt or splitter carries.
fn carried(world: &World, body: Body) -> Option<ItemId> {
    match body {
        Body::Belt(index) => world.belts.shown(index),
        Body::Splitter(index) => world
            .belts
            .splitter_belts(index)
            .find_map(|belt| world.belts.shown(belt)),
        _ => None,
    }
}

/// Says whether what a belt or splitter carries may have changed in or after belt tick `clock`.
fn has_moved(world: &World, body: Body, clock: u64) -> bool {
    match body {
        Body::Belt(index) => world.belts.changed_since(index, clock),
        Body::Splitter(index) => world
            .belts
            .splitter_belts(index)
            .any(|belt| world.belts.changed_since(belt, clock)),
        _ => false,
    }
}

/// Gives the contract's code of a fluid, 0 if it has none.
pub fn fluid_code(fluid: FluidId) -> u8 {
    use std::sync::OnceLock;
    static TABLE: OnceLock<Vec<u8>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let names = &crate::contract::codes::ITEM_NAMES;
        crate::prototypes::vanilla()
            .fluids()
            .iter()
            .map(|fluid| crate::contract::codes::code_of(names, &fluid.name))
            .collect()
    })[fluid.index()]
}

/// Gives the contract's code of an item, 0 if it has none.
pub fn item_code(item: ItemId) -> u8 {
    item_codes()[item.index()]
}

fn item_codes() -> &'static [u8] {
    use std::sync::OnceLock;
    static TABLE: OnceLock<Vec<u8>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let names = &crate::contract::codes::ITEM_NAMES;
        crate::prototypes::vanilla()
            .items()
            .iter()
            .map(|item| crate::contract::codes::code_of(names, &item.name))
            .collect()
    })
}

/// Gives the entity code of items on the ground.
pub fn pile_code() -> u8 {
    use std::sync::OnceLock;
    static CODE: OnceLock<u8> = OnceLock::new();
    *CODE.get_or_init(|| {
        crate::contract::codes::code_of(&crate::contract::codes::ENTITY_NAMES, "item-on-ground")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prototypes::vanilla;
    use crate::sim::position::Direction;
    use crate::sim::setup::{SetupOp, execute};
    use crate::sim::tick::tick;

    fn world() -> World {
        let entity = |name: &str, x: f64, y: f64| SetupOp::Entity {
            prototype: vanilla().entity(name).unwrap(),
            position: MapPos::from_tiles(x, y),
            direction: Direction::NORTH,
            items: Vec::new(),
            recipe: None,
        };
        let ops = [
            SetupOp::Map {
                width: 96,
                height: 96,
                tile: vanilla().tile("grass-1").unwrap(),
            },
            entity("small-worm-turret", 8.0, 8.0),
            entity("stone-wall", -3.5, 0.5),
            SetupOp::Character {
                position: MapPos::from_tiles(0.5, 0.5),
            },
        ];
        let mut world = World::new();
        execute(&mut world, 1, &ops).unwrap();
        world
    }

    fn enemy_cells(map: &[u8; LOCAL_MAP_SIZE]) -> Vec<(usize, usize)> {
        (0..MAP_SIDE * MAP_SIDE)
            .filter(|cell| map[cell * MAP_CHANNELS + channel::OVERLAY] & overlay::ENEMY != 0)
            .map(|cell| (cell % MAP_SIDE, cell / MAP_SIDE))
            .collect()
    }

    #[test]
    fn units_and_worms_are_enemies_and_walls_are_not() {
        let mut world = world();
        let unit = vanilla().entity("small-biter").unwrap();
        world.add_unit(unit, MapPos::from_tiles(-10.5, -4.5));
        let mut kept = KeptMap::default();
        let mut map = [0; LOCAL_MAP_SIZE];
        kept.update(&mut map, &world, None);
        assert_eq!(
            enemy_cells(&map),
            [(5, 11), (23, 23), (24, 23), (23, 24), (24, 24)]
        );
    }

    #[test]
    fn the_kept_map_follows_what_a_drill_mines_as_a_new_one_does() {
        let tile = |x, y, code| SetupOp::Resource {
            tile: TilePos::new(x, y),
            code,
            amount: 1,
        };
        let ops = [
            SetupOp::Map {
                width: 96,
                height: 96,
                tile: vanilla().tile("grass-1").unwrap(),
            },
            tile(3, 3, 1),
            tile(4, 4, 2),
            SetupOp::Entity {
                prototype: vanilla().entity("burner-mining-drill").unwrap(),
                position: MapPos::from_tiles(4.0, 4.0),
                direction: Direction::NORTH,
                items: vec![(vanilla().item("coal").unwrap(), 5)],
                recipe: None,
            },
            SetupOp::Character {
                position: MapPos::from_tiles(0.5, 0.5),
            },
        ];
        let mut world = World::new();
        execute(&mut world, 1, &ops).unwrap();
        let mut kept = KeptMap::default();
        let mut map = [0; LOCAL_MAP_SIZE];
        let mut shown = Vec::new();
        for step in 0..1_500 {
            tick(&mut world);
            kept.update(&mut map, &world, None);
            world.changes.clear();
            let mut fresh = [0; LOCAL_MAP_SIZE];
            KeptMap::default().update(&mut fresh, &world, None);
            assert!(map == fresh, "step {step}");
            shown.push(map[19 * ROW_BYTES + 20 * MAP_CHANNELS + channel::CONTENTS]);
        }
        shown.dedup();
        let code = |name: &str| item_code(vanilla().item(name).unwrap());
        assert_eq!(shown, [code("copper-ore"), code("iron-ore"), 0]);
    }

    #[test]
    fn the_kept_map_follows_units_as_a_new_one_does() {
        let mut world = world();
        let unit = vanilla().entity("small-biter").unwrap();
        for index in 0..6 {
            world.add_unit(unit, MapPos::from_tiles(-14.0, f64::from(index)));
        }
        let mut kept = KeptMap::default();
        let mut map = [0; LOCAL_MAP_SIZE];
        for step in 0..200 {
            tick(&mut world);
            if step == 60 {
                world.character.position = MapPos::from_tiles(3.5, -2.5);
            }
            kept.update(&mut map, &world, None);
            world.changes.clear();
            let mut fresh = [0; LOCAL_MAP_SIZE];
            KeptMap::default().update(&mut fresh, &world, None);
            assert!(map == fresh, "step {step}");
        }
        assert!(!enemy_cells(&map).is_empty());
    }
}
