//! A mirror: the world of a server's environment, made by the same set-up and kept like it by the server's frames.
//!
//! Owns which number is which entity of the world that it patches, and the memory that frames are read into. Knows no
//! socket. A frame is hostile until it is shown to fit: what does not is a [`FrameError`] that says which record of which
//! section it was, nothing panics, and nothing grows beyond what the limits of the contract and the map allow. After an
//! error the world is half patched and must be made anew.

use std::fmt;
use std::sync::OnceLock;

use crate::contract::codes::{self, Status};
use crate::contract::frame::{FULL_HEALTH, NO_CRAFT, SECTIONS};
use crate::error::{Error, ErrorKind};
use crate::protocol::payload::{self, Payload, PayloadError};
use crate::prototypes::{EntityPrototypeId, FluidId, ItemId, RecipeId, TechnologyId, vanilla};
use crate::sim::World;
use crate::sim::entity::EntityRef;
use crate::sim::inventory::ItemStack;
use crate::sim::mirror::{Group, MAX_ITEMS, MAX_UNIT, Misfit, Person, Standing};
use crate::sim::position::{Direction, MapPos, TilePos};

/// No more crafts of one order, since they are added up.
const MAX_CRAFTS: u32 = 1 << 20;
/// No statistics count more, since they are added up.
const MAX_PRODUCED: u64 = 1 << 48;

/// Why a frame does not fit the world that it is of.
#[derive(Clone, Debug, PartialEq)]
pub enum FrameError {
    /// Its bytes are no payload.
    Payload(PayloadError),
    /// A field has a value that the contract does not give it.
    Value {
        section: u8,
        field: &'static str,
        value: f64,
    },
    /// A record says what cannot be in this world.
    Misfit { section: u8, misfit: Misfit },
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |section: u8| SECTIONS[usize::from(section) - 1].name;
        match self {
            Self::Payload(error) => write!(f, "{error}"),
            Self::Value {
                section,
                field,
                value,
            } => write!(
                f,
                "section \"{}\" of a frame: no \"{field}\" can be {value}",
                name(*section)
            ),
            Self::Misfit { section, misfit } => {
                write!(f, "section \"{}\" of a frame: {misfit}", name(*section))
            }
        }
    }
}

impl std::error::Error for FrameError {}

impl From<PayloadError> for FrameError {
    fn from(error: PayloadError) -> Self {
        Self::Payload(error)
    }
}

impl From<FrameError> for Error {
    fn from(error: FrameError) -> Self {
        Self::new(ErrorKind::ServerProtocol, error.to_string())
    }
}

/// What a number stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Nothing,
    Entity(u32),
    Ghost(u32),
    /// An entity that the simulation does not have.
    Unknown,
}

/// What is counted after a set-up, to be compared with the server's counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SetupCounts {
    pub entities: u64,
    pub ghosts: u64,
    pub resource_tiles: u64,
    pub resource_sum: u64,
}

impl SetupCounts {
    /// Counts what stands in a world.
    pub fn of(world: &World) -> Self {
        let mut counts = Self {
            entities: world.entities.len() as u64,
            ghosts: world.ghosts.len() as u64,
            ..Self::default()
        };
        for tile in world.terrain.area().tiles() {
            if let Some(resource) = world.terrain.resource(tile) {
                counts.resource_tiles += 1;
                counts.resource_sum += u64::from(resource.amount);
            }
        }
        counts
    }
}

impl fmt::Display for SetupCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} entities, {} ghosts, {} resource tiles with {} units",
            self.entities, self.ghosts, self.resource_tiles, self.resource_sum
        )
    }
}

/// What keeps a world like the one that frames are of.
#[derive(Clone, Debug, Default)]
pub struct Mirror {
    payload: Payload,
    /// What each number stands for; numbers count from 1.
    places: Vec<Place>,
    /// The tick of the server at which the episode's tick was 0.
    first_tick: u64,
    /// Items of one group of slots.
    group: Vec<(ItemId, u32)>,
}

impl Mirror {
    /// Begins to mirror: `world` has just been made by the set-up that the server executed at its tick `first_tick`.
    pub fn begin(&mut self, world: &mut World, first_tick: u64) {
        self.first_tick = first_tick;
        self.places.clear();
        for (slot, entity) in world.entities.iter() {
            self.set_place(entity.unit, Place::Entity(slot));
        }
        for (slot, ghost) in world.ghosts.iter() {
            self.set_place(ghost.unit, Place::Ghost(slot));
        }
        world.begin_mirror();
    }

    /// Writes a frame into the world.
    ///
    /// # Errors
    /// What does not fit; the world must then be made anew.
    pub fn apply(&mut self, world: &mut World, tick: u64, bytes: &[u8]) -> Result<(), FrameError> {
        let mut payload = std::mem::take(&mut self.payload);
        let outcome = payload
            .read(bytes)
            .map_err(FrameError::from)
            .and_then(|()| self.write(world, tick, &payload));
        self.payload = payload;
        outcome
    }

    fn write(&mut self, world: &mut World, tick: u64, said: &Payload) -> Result<(), FrameError> {
        world.tick = tick.saturating_sub(self.first_tick);
        world
            .mirror_person(&person(&said.character)?)
            .map_err(misfit(1))?;
        write_carried(world, &said.carried)?;
        for run in &said.tiles {
            let left = TilePos::new(i32::from(run.x), i32::from(run.y));
            if run.length > 0 {
                world
                    .mirror_tiles(left, run.length, run.terrain)
                    .map_err(misfit(3))?;
            }
        }
        for record in &said.resources {
            let tile = TilePos::new(i32::from(record.x), i32::from(record.y));
            world
                .mirror_resource(tile, record.resource, record.amount)
                .map_err(misfit(4))?;
        }
        for record in &said.removed {
            self.remove(world, record.unit);
        }
        for record in &said.entities {
            self.write_entity(world, record)?;
        }
        for record in &said.ghosts {
            self.write_ghost(world, record)?;
        }
        self.write_held(world, &said.held)?;
        write_produced(world, said)?;
        write_crafting(world, &said.crafting)?;
        for record in &said.piles {
            let stack = match record.count {
                0 => None,
                count => Some(ItemStack {
                    item: item(11, record.item)?,
                    count: items(11, count)?,
                }),
            };
            world
                .mirror_pile(MapPos::new(record.x, record.y), stack)
                .map_err(misfit(11))?;
        }
        write_units(world, &said.units)?;
        write_knowledge(world, said)?;
        for record in &said.fluids {
            let amount = not_negative(16, "amount", record.amount)?;
            let fluid = match record.fluid {
                0 => None,
                code => Some(fluid(16, code)?),
            };
            if let Some(reference) = self.entity(world, record.unit) {
                world.mirror_fluid(reference, fluid, amount);
            }
        }
        world.settle_mirror();
        Ok(())
    }

    fn set_place(&mut self, unit: u32, place: Place) {
        let index = unit as usize;
        if index >= self.places.len() {
            self.places.resize(index + 1, Place::Nothing);
        }
        self.places[index] = place;
    }

    fn place(&self, unit: u32) -> Place {
        self.places.get(unit as usize).copied().unwrap_or_default()
    }

    /// Finds the entity of a number.
    fn entity(&self, world: &World, unit: u32) -> Option<EntityRef> {
        match self.place(unit) {
            Place::Entity(slot) => world.reference(slot).filter(|found| found.unit == unit),
            _ => None,
        }
    }

    /// What is gone already, as the other end of an underground belt may be, is gone.
    fn remove(&mut self, world: &mut World, unit: u32) {
        match self.place(unit) {
            Place::Entity(slot) => world.mirror_removed(EntityRef { slot, unit }, false),
            Place::Ghost(slot) => world.mirror_removed(EntityRef { slot, unit }, true),
            Place::Nothing | Place::Unknown => return,
        }
        self.places[unit as usize] = Place::Nothing;
    }

    fn write_entity(
        &mut self,
        world: &mut World,
        record: &payload::EntityState,
    ) -> Result<(), FrameError> {
        let unit = record.unit;
        let standing = standing(
            5,
            unit,
            record.prototype,
            (record.x, record.y),
            record.direction,
        )?;
        let known = self.entity(world, unit);
        if known.is_none() {
            // A number that was a ghost's is not used again for an entity.
            match self.place(unit) {
                Place::Ghost(_) => return Err(misfit(5)(Misfit::Unit { unit })),
                Place::Unknown => return Ok(()),
                _ => {}
            }
        }
        let Some(reference) = world.mirror_entity(known, &standing).map_err(misfit(5))? else {
            if unit <= MAX_UNIT {
                self.set_place(unit, Place::Unknown);
            }
            return Ok(());
        };
        self.set_place(unit, Place::Entity(reference.slot));
        let recipe = match record.recipe {
            0 => None,
            number => Some(recipe(5, number - 1)?),
        };
        world.mirror_recipe(reference, recipe);
        let health = (record.health != FULL_HEALTH).then_some(record.health);
        let status = status(5, record.status)?;
        world.mirror_style(reference, (status, record.contents), health);
        Ok(())
    }

    fn write_ghost(
        &mut self,
        world: &mut World,
        record: &payload::GhostState,
    ) -> Result<(), FrameError> {
        let unit = record.unit;
        let standing = standing(
            6,
            unit,
            record.prototype,
            (record.x, record.y),
            record.direction,
        )?;
        match self.place(unit) {
            Place::Entity(_) | Place::Unknown => return Err(misfit(6)(Misfit::Unit { unit })),
            Place::Ghost(_) => self.remove(world, unit),
            Place::Nothing => {}
        }
        if let Some(reference) = world.mirror_ghost(&standing).map_err(misfit(6))? {
            self.set_place(unit, Place::Ghost(reference.slot));
        } else if unit <= MAX_UNIT {
            self.set_place(unit, Place::Unknown);
        }
        Ok(())
    }

    /// Writes groups of slots: the records of one come one after another.
    fn write_held(&mut self, world: &mut World, held: &[payload::Held]) -> Result<(), FrameError> {
        for records in held.chunk_by(|a, b| (a.unit, a.group) == (b.unit, b.group)) {
            let (unit, code) = (records[0].unit, records[0].group);
            let group = Group::from_code(code).ok_or(FrameError::Value {
                section: 9,
                field: "group",
                value: f64::from(code),
            })?;
            let mut contents = std::mem::take(&mut self.group);
            contents.clear();
            for record in records.iter().filter(|record| record.item != 0) {
                contents.push((item(9, record.item)?, record.count));
            }
            let outcome = match self.place(unit) {
                Place::Entity(slot) => {
                    world.mirror_slots(EntityRef { slot, unit }, group, &contents)
                }
                Place::Unknown => Ok(()),
                _ => Err(Misfit::Unit { unit }),
            };
            self.group = contents;
            outcome.map_err(misfit(9))?;
        }
        Ok(())
    }
}

fn misfit(section: u8) -> impl Fn(Misfit) -> FrameError {
    move |misfit| FrameError::Misfit { section, misfit }
}

fn value(section: u8, field: &'static str, value: f64) -> FrameError {
    FrameError::Value {
        section,
        field,
        value,
    }
}

fn person(said: &payload::Character) -> Result<Person, FrameError> {
    let share = |field, share: f64| {
        if (0.0..=1.0).contains(&share) {
            Ok(share)
        } else {
            Err(value(1, field, share))
        }
    };
    if said.facing > 7 {
        return Err(value(1, "facing", f64::from(said.facing)));
    }
    if said.alive > 1 {
        return Err(value(1, "alive", f64::from(said.alive)));
    }
    Ok(Person {
        position: MapPos::new(said.x, said.y),
        facing: Direction::from_eighths(said.facing),
        health: if said.alive == 0 {
            0
        } else {
            said.health.max(1)
        },
        mining_progress: share("mining_progress", said.mining_progress)?,
        crafting_progress: share("crafting_progress", said.crafting_progress)?,
        occupied_slots: u32::from(said.occupied_slots),
        slots: u32::from(said.slots),
        power_satisfaction: share("power_satisfaction", said.power_satisfaction)?,
    })
}

fn write_carried(world: &mut World, carried: &[payload::Carried]) -> Result<(), FrameError> {
    if carried.is_empty() {
        return Ok(());
    }
    let mut sum = [(ItemId::from_index(0), 0); MAX_CARRIED];
    let mut n_kinds = 0;
    for record in carried.iter().filter(|record| record.item != 0) {
        sum[n_kinds] = (item(2, record.item)?, items(2, record.count)?);
        n_kinds += 1;
    }
    world.mirror_carried(sum[..n_kinds].iter().copied());
    Ok(())
}

/// Records of the section of carried items at most, as the contract says.
const MAX_CARRIED: usize = SECTIONS[1].max_records;

fn write_produced(world: &mut World, said: &Payload) -> Result<(), FrameError> {
    for record in &said.produced {
        let count = statistic(8, record.count)?;
        world.mirror_production(item(8, record.item)?, Some(count), None);
    }
    for record in &said.consumed {
        let count = statistic(15, record.count)?;
        world.mirror_production(item(15, record.item)?, None, Some(count));
    }
    Ok(())
}

fn statistic(section: u8, count: u64) -> Result<u64, FrameError> {
    if count > MAX_PRODUCED {
        return Err(value(section, "count", count as f64));
    }
    Ok(count)
}

fn write_crafting(world: &mut World, queue: &[payload::Crafting]) -> Result<(), FrameError> {
    let Some(first) = queue.first() else {
        return Ok(());
    };
    if first.recipe == NO_CRAFT {
        world.mirror_crafting(std::iter::empty());
        return Ok(());
    }
    for record in queue {
        recipe(10, record.recipe)?;
        if record.count > MAX_CRAFTS {
            return Err(value(10, "count", f64::from(record.count)));
        }
    }
    world.mirror_crafting(queue.iter().map(|record| {
        (
            RecipeId::from_index(usize::from(record.recipe)),
            record.count,
        )
    }));
    Ok(())
}

fn write_units(world: &mut World, units: &[payload::UnitState]) -> Result<(), FrameError> {
    if units.is_empty() && world.units.is_empty() {
        return Ok(());
    }
    for record in units {
        prototype(12, record.prototype)?;
    }
    let known = units.iter().map(|record| {
        (
            record.unit,
            EntityPrototypeId::from_index(usize::from(record.prototype)),
            MapPos::new(record.x, record.y),
            record.health,
        )
    });
    world.mirror_units(known).map_err(misfit(12))
}

fn write_knowledge(world: &mut World, said: &Payload) -> Result<(), FrameError> {
    if !said.technologies.is_empty() {
        let n_technologies = vanilla().technologies().len();
        for record in &said.technologies {
            if usize::from(record.technology) >= n_technologies {
                return Err(value(14, "technology", f64::from(record.technology)));
            }
            not_negative(14, "progress", record.progress)?;
        }
        let known = said.technologies.iter().map(|record| {
            (
                TechnologyId::from_index(usize::from(record.technology)),
                record.level,
                record.progress.min(1.0),
            )
        });
        world.mirror_technologies(known).map_err(misfit(14))?;
    }
    if !said.recipes.is_empty() {
        for record in &said.recipes {
            recipe(13, record.recipe)?;
        }
        world.mirror_recipes(
            said.recipes
                .iter()
                .map(|record| RecipeId::from_index(usize::from(record.recipe))),
        );
    }
    Ok(())
}

fn standing(
    section: u8,
    unit: u32,
    prototype_index: u16,
    (x, y): (i32, i32),
    direction: u8,
) -> Result<Standing, FrameError> {
    if direction > 15 {
        return Err(value(section, "direction", f64::from(direction)));
    }
    Ok(Standing {
        unit,
        prototype: prototype(section, prototype_index)?,
        position: MapPos::new(x, y),
        direction: Direction::from_sixteenths(direction),
    })
}

fn prototype(section: u8, index: u16) -> Result<EntityPrototypeId, FrameError> {
    if usize::from(index) < vanilla().entities().len() {
        Ok(EntityPrototypeId::from_index(usize::from(index)))
    } else {
        Err(value(section, "prototype", f64::from(index)))
    }
}

fn recipe(section: u8, index: u16) -> Result<RecipeId, FrameError> {
    if usize::from(index) < vanilla().recipes().len() {
        Ok(RecipeId::from_index(usize::from(index)))
    } else {
        Err(value(section, "recipe", f64::from(index)))
    }
}

fn status(section: u8, code: u8) -> Result<Status, FrameError> {
    STATUSES
        .get(usize::from(code).wrapping_sub(1))
        .copied()
        .ok_or_else(|| value(section, "status", f64::from(code)))
}

/// The status classes by their codes, from 1.
const STATUSES: [Status; codes::STATUS_NAMES.len()] = [
    Status::Normal,
    Status::Working,
    Status::NoFuel,
    Status::NoPower,
    Status::LowPower,
    Status::NoIngredients,
    Status::NoRecipe,
    Status::Full,
    Status::NoResources,
    Status::WaitingForSource,
    Status::Disabled,
    Status::Damaged,
];

/// What an item code stands for.
#[derive(Clone, Copy, Debug)]
enum Coded {
    Item(ItemId),
    Fluid(FluidId),
}

fn coded(code: u8) -> Option<Coded> {
    static TABLE: OnceLock<Vec<Option<Coded>>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let of = |name: &&str| {
            let item = vanilla().item(name).ok().map(Coded::Item);
            item.or_else(|| vanilla().fluid(name).ok().map(Coded::Fluid))
        };
        codes::ITEM_NAMES.iter().map(of).collect()
    });
    table
        .get(usize::from(code).wrapping_sub(1))
        .copied()
        .flatten()
}

fn item(section: u8, code: u8) -> Result<ItemId, FrameError> {
    match coded(code) {
        Some(Coded::Item(item)) => Ok(item),
        _ => Err(value(section, "item", f64::from(code))),
    }
}

fn fluid(section: u8, code: u8) -> Result<FluidId, FrameError> {
    match coded(code) {
        Some(Coded::Fluid(fluid)) => Ok(fluid),
        _ => Err(value(section, "fluid", f64::from(code))),
    }
}

fn items(section: u8, count: u32) -> Result<u32, FrameError> {
    if count > MAX_ITEMS {
        return Err(misfit(section)(Misfit::Items { count }));
    }
    Ok(count)
}

/// Checks an amount that is not below 0.
fn not_negative(section: u8, field: &'static str, amount: f64) -> Result<f64, FrameError> {
    if amount.is_finite() && amount >= 0.0 {
        Ok(amount)
    } else {
        Err(value(section, field, amount))
    }
}

#[cfg(test)]
mod tests;
