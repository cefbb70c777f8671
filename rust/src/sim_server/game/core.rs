//! The state of one save: surfaces with their worlds, forces, the clock, and what waits for the end of an update.
//!
//! It knows no Lua. A surface is a [`World`]; a world has one force of its own, so a force of the game is bound to the
//! surfaces on which its things stand: see [`Core::bind`].

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use super::handle::{Handle, MAX_SURFACES, Thing};
use crate::prototypes::{TechnologyId, TileId, vanilla};
use crate::sim::World;
use crate::sim::entity::Target;
use crate::sim::research::Research;
use crate::sim::script;
use crate::sim::terrain::MAX_MAP_SIDE;

/// Forces of one save, those of the game itself included.
pub(super) const MAX_FORCES: usize = 64;
/// The forces that every save has, in the order of their numbers.
pub(super) const GAME_FORCES: [&str; 3] = ["player", "enemy", "neutral"];
pub(super) const PLAYER: u16 = 1;
pub(super) const ENEMY: u16 = 2;
pub(super) const NEUTRAL: u16 = 3;
/// Side of a surface that is made without one: the game's have no end, ours do.
pub(super) const DEFAULT_SIDE: i32 = 512;
/// Side of the surface that every save has; nothing is generated on it.
const FIRST_SIDE: i32 = 64;

/// One surface.
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are independent settings of the game's"
)]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Surface {
    pub name: String,
    /// Which life of the number.
    pub serial: u32,
    /// Which life of what stands on it.
    pub epoch: u32,
    pub seed: u32,
    /// As given when it was made; 0 is without end.
    pub sides: (u32, u32),
    pub world: Box<World>,
    /// The number of the character, if there is one.
    pub character: Option<u32>,
    pub selected: Option<Target>,
    /// The force of what stands on it, once something does.
    pub force: Option<u16>,
    pub has_lab_tiles: bool,
    pub requested: BTreeSet<(i32, i32)>,
    pub generated: BTreeSet<(i32, i32)>,
    /// Which force has charted which chunks.
    pub charted: BTreeSet<(u16, (i32, i32))>,
    pub always_day: bool,
    pub freeze_daytime: bool,
    pub peaceful_mode: bool,
    pub no_enemies_mode: bool,
    pub daytime: f64,
}

/// One force.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Force {
    pub name: String,
    /// Which life of the number.
    pub epoch: u32,
    /// What is researched, while no surface is bound to it.
    pub spare: Box<World>,
    pub research_enabled: bool,
    pub friends: BTreeSet<u16>,
    pub cease_fires: BTreeSet<u16>,
}

/// Something that happened, for handlers of events.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Event {
    SurfaceCreated(u16),
    PreSurfaceDeleted(u16),
    SurfaceDeleted(u16),
    PreSurfaceCleared(u16),
    SurfaceCleared(u16),
    ChunkGenerated(u16, (i32, i32)),
    ForceCreated(u16),
    ForceReset(u16),
    ForcesMerging(u16, u16),
    ForcesMerged(String, u16, u16),
    ResearchStarted(u16, TechnologyId),
    ResearchFinished(u16, TechnologyId, bool),
    ResearchCancelled(u16, TechnologyId),
    ScriptRaisedBuilt(u128),
    ScriptRaisedDestroy(u128),
    ScriptRaisedRevive(u128),
    ObjectDestroyed {
        registration: u64,
        useful_id: u64,
        kind: u32,
    },
    EntityDied(u128),
    BiterBaseBuilt(u128),
    UdpPacket {
        payload: Vec<u8>,
        source_port: u16,
    },
}

/// What survives in a save, the mod's tables apart.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Core {
    pub surfaces: Vec<Option<Surface>>,
    pub forces: Vec<Option<Force>>,
    pub tick: u64,
    pub ticks_played: u64,
    pub tick_paused: bool,
    pub ticks_to_run: u32,
    pub speed: f64,
    pub autosave_enabled: bool,
    pub console_command_used: bool,
    pub next_epoch: u32,
    pub next_character: u32,
    pub next_registration: u64,
    /// Objects whose end is to be told, by registration number.
    pub registered: BTreeMap<u64, u128>,
    /// Surfaces that go at the end of the update.
    pub deletions: Vec<u16>,
    /// Surfaces that are emptied at the end of the update.
    pub clearings: Vec<u16>,
    /// Forces that join others at the end of the update, as (source, destination).
    pub merges: Vec<(u16, u16)>,
    pub events: VecDeque<Event>,
    pub next_event_name: u32,
}

impl Core {
    /// Makes a new save: the first surface, the game's forces.
    pub(super) fn new(seed: u64) -> Self {
        let mut core = Self {
            surfaces: Vec::new(),
            forces: Vec::new(),
            tick: 0,
            ticks_played: 0,
            tick_paused: false,
            ticks_to_run: 0,
            speed: 1.0,
            autosave_enabled: true,
            console_command_used: false,
            next_epoch: 1,
            next_character: 1,
            next_registration: 1,
            registered: BTreeMap::new(),
            deletions: Vec::new(),
            clearings: Vec::new(),
            merges: Vec::new(),
            events: VecDeque::new(),
            next_event_name: 0,
        };
        for name in GAME_FORCES {
            core.add_force(name);
        }
        let sides = (FIRST_SIDE as u32, FIRST_SIDE as u32);
        core.add_surface("nauvis", seed as u32, sides);
        core.events.clear();
        core
    }

    pub(super) fn take_epoch(&mut self) -> u32 {
        let epoch = self.next_epoch;
        self.next_epoch += 1;
        epoch
    }

    /// Adds a force under the least free number.
    pub(super) fn add_force(&mut self, name: &str) -> Option<u16> {
        let place = free_place(&mut self.forces, MAX_FORCES)?;
        let force = Force {
            name: name.to_owned(),
            epoch: self.take_epoch(),
            spare: Box::new(spare_world()),
            research_enabled: true,
            friends: BTreeSet::new(),
            cease_fires: BTreeSet::new(),
        };
        self.forces[place] = Some(force);
        let number = place as u16 + 1;
        self.events.push_back(Event::ForceCreated(number));
        Some(number)
    }

    /// Adds a surface under the least free number.
    pub(super) fn add_surface(&mut self, name: &str, seed: u32, sides: (u32, u32)) -> Option<u16> {
        let place = free_place(&mut self.surfaces, usize::from(MAX_SURFACES) - 1)?;
        let surface = Surface {
            name: name.to_owned(),
            serial: self.take_epoch(),
            epoch: self.take_epoch(),
            seed,
            sides,
            world: Box::new(new_world(seed, sides, false)),
            character: None,
            selected: None,
            force: None,
            has_lab_tiles: false,
            requested: BTreeSet::new(),
            generated: BTreeSet::new(),
            charted: BTreeSet::new(),
            always_day: false,
            freeze_daytime: false,
            peaceful_mode: false,
            no_enemies_mode: false,
            daytime: 0.0,
        };
        self.surfaces[place] = Some(surface);
        let number = place as u16 + 1;
        self.events.push_back(Event::SurfaceCreated(number));
        Some(number)
    }

    /// Reads a surface by its number.
    pub(super) fn surface(&self, number: u16) -> Option<&Surface> {
        self.surfaces
            .get(usize::from(number).checked_sub(1)?)?
            .as_ref()
    }

    /// Borrows a surface by its number.
    pub(super) fn surface_mut(&mut self, number: u16) -> Option<&mut Surface> {
        self.surfaces
            .get_mut(usize::from(number).checked_sub(1)?)?
            .as_mut()
    }

    /// Reads a force by its number.
    pub(super) fn force(&self, number: u16) -> Option<&Force> {
        self.forces
            .get(usize::from(number).checked_sub(1)?)?
            .as_ref()
    }

    /// Borrows a force by its number.
    pub(super) fn force_mut(&mut self, number: u16) -> Option<&mut Force> {
        self.forces
            .get_mut(usize::from(number).checked_sub(1)?)?
            .as_mut()
    }

    /// Finds a surface by its name.
    pub(super) fn surface_named(&self, name: &str) -> Option<u16> {
        numbered(&self.surfaces)
            .find(|(_, surface)| surface.name == name)
            .map(|(number, _)| number)
    }

    /// Finds a force by its name.
    pub(super) fn force_named(&self, name: &str) -> Option<u16> {
        numbered(&self.forces)
            .find(|(_, force)| force.name == name)
            .map(|(number, _)| number)
    }

    /// Walks the surfaces in the order of their numbers.
    pub(super) fn surfaces(&self) -> impl Iterator<Item = (u16, &Surface)> {
        numbered(&self.surfaces)
    }

    /// Walks the forces in the order of their numbers.
    pub(super) fn forces(&self) -> impl Iterator<Item = (u16, &Force)> {
        numbered(&self.forces)
    }

    /// Makes the world of `surface` that of `force`, if it is of no force yet; says whether it is of that one now.
    ///
    /// What the force has researched by now holds there from then on. A force that no surface is bound to keeps what it
    /// has researched in a world of its own.
    pub(super) fn bind(&mut self, surface: u16, force: u16) -> bool {
        match self.surface(surface).map(|surface| surface.force) {
            Some(Some(bound)) => return bound == force,
            Some(None) => {}
            None => return false,
        }
        let source = self.force_world(force);
        let (facts, research) = (source.force.clone(), source.research.clone());
        if let Some(surface) = self.surface_mut(surface) {
            surface.force = Some(force);
            surface.world.force = facts;
            surface.world.research = research;
            script::force_changed(&mut surface.world);
        }
        true
    }

    /// Gives a surface back its freedom; the force keeps what it has researched.
    pub(super) fn unbind(&mut self, surface: u16) {
        let Some(bound) = self.surface_mut(surface) else {
            return;
        };
        let Some(force) = bound.force.take() else {
            return;
        };
        let (facts, research) = (bound.world.force.clone(), bound.world.research.clone());
        bound.world.force.reset();
        bound.world.research = Research::default();
        script::force_changed(&mut bound.world);
        if let Some(force) = self.force_mut(force) {
            force.spare.force = facts;
            force.spare.research = research;
        }
    }

    /// Reads the world that knows what a force has researched.
    pub(super) fn force_world(&self, force: u16) -> &World {
        self.surfaces()
            .find(|(_, surface)| surface.force == Some(force))
            .map(|(_, surface)| &*surface.world)
            .or_else(|| self.force(force).map(|force| &*force.spare))
            .expect("the handle of a force was checked")
    }

    /// Changes every world that knows what a force has researched.
    pub(super) fn change_force(&mut self, force: u16, mut change: impl FnMut(&mut World)) {
        for surface in self.surfaces.iter_mut().flatten() {
            if surface.force == Some(force) {
                change(&mut surface.world);
            }
        }
        if let Some(force) = self.force_mut(force) {
            change(&mut force.spare);
        }
    }

    /// Finds the surface of a handle, if it is still the same.
    pub(super) fn surface_of(&self, handle: Handle) -> Option<&Surface> {
        self.surface(handle.surface)
            .filter(|surface| surface.epoch == handle.epoch)
    }

    /// Borrows the surface of a handle.
    pub(super) fn surface_of_mut(&mut self, handle: Handle) -> Option<&mut Surface> {
        self.surface_mut(handle.surface)
            .filter(|surface| surface.epoch == handle.epoch)
    }

    /// Says whether the thing of a handle is still there.
    pub(super) fn is_thing_valid(&self, handle: Handle) -> bool {
        let Some(surface) = self.surface_of(handle) else {
            return false;
        };
        match handle.thing() {
            Some(thing) => surface.has(thing),
            None => false,
        }
    }

    /// Empties a surface: a new life for all that refers to things on it.
    pub(super) fn clear_surface(&mut self, number: u16) {
        self.unbind(number);
        let epoch = self.take_epoch();
        if let Some(surface) = self.surface_mut(number) {
            surface.epoch = epoch;
            *surface.world = new_world(surface.seed, surface.sides, surface.has_lab_tiles);
            surface.character = None;
            surface.selected = None;
            surface.requested.clear();
            surface.generated.clear();
            surface.charted.clear();
        }
    }

    /// Takes a surface away.
    pub(super) fn drop_surface(&mut self, number: u16) {
        self.unbind(number);
        if let Some(place) = usize::from(number).checked_sub(1)
            && let Some(surface) = self.surfaces.get_mut(place)
        {
            *surface = None;
        }
    }
}

impl Surface {
    /// Says whether a thing is there.
    pub(super) fn has(&self, thing: Thing) -> bool {
        match thing {
            Thing::Entity(entity) => self.world.entity(entity).is_some(),
            Thing::Ghost(ghost) => self.world.ghost(ghost).is_some(),
            Thing::Resource(tile) => self.world.terrain.resource(tile).is_some(),
            Thing::Pile(place) => self.world.ground.get(place).is_some(),
            Thing::Character(number) => self.character == Some(number),
            Thing::Unit(unit) => self.world.unit(unit).is_some(),
        }
    }
}

/// Makes the world of a surface.
fn new_world(seed: u32, sides: (u32, u32), has_lab_tiles: bool) -> World {
    let side = |tiles: u32| match tiles {
        0 => DEFAULT_SIDE,
        tiles => (tiles.min(MAX_MAP_SIDE as u32)) as i32,
    };
    let tile = |name: &str| vanilla().tile(name).expect("the base game has the tile");
    let mut world = script::new_world(
        side(sides.0),
        side(sides.1),
        tile("grass-1"),
        u64::from(seed),
    );
    if has_lab_tiles {
        let tiles: [TileId; 2] = [tile("lab-dark-1"), tile("lab-dark-2")];
        for place in world.terrain.area().tiles() {
            let odd = (place.x + place.y).rem_euclid(2) as usize;
            script::set_tile(&mut world, place, tiles[odd]);
        }
    }
    world
}

/// Makes a world that only knows what a force has researched.
fn spare_world() -> World {
    let tile = vanilla().tile("grass-1").expect("the base game has grass");
    script::new_world(1, 1, tile, 0)
}

fn free_place<T>(places: &mut Vec<Option<T>>, limit: usize) -> Option<usize> {
    match places.iter().position(Option::is_none) {
        Some(place) => Some(place),
        None if places.len() < limit => {
            places.push(None);
            Some(places.len() - 1)
        }
        None => None,
    }
}

fn numbered<T>(places: &[Option<T>]) -> impl Iterator<Item = (u16, &T)> {
    places
        .iter()
        .enumerate()
        .filter_map(|(place, held)| Some((place as u16 + 1, held.as_ref()?)))
}
