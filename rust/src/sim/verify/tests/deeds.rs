//! What is done to a world between ticks. A deed that fails must change nothing; one that succeeds must keep the books.

use crate::error::{Error, ErrorKind, Result};
use crate::prototypes::vanilla;
use crate::sim::command::Command;
use crate::sim::entity::EntityRef;
use crate::sim::inventory::ItemStack;
use crate::sim::position::{Direction, MapPos};
use crate::sim::sandbox::{
    self, belts, contents, enemies, fluids, person, settings::Settings, supplies,
};
use crate::sim::world::World;

/// One deed; entities are named by where they stand, so that a plan stays meaningful when it is made smaller.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Deed {
    Place {
        name: &'static str,
        at: (f64, f64),
        facing: &'static str,
        recipe: Option<&'static str>,
        filter: Option<&'static str>,
    },
    Remove {
        at: (f64, f64),
    },
    Rotate {
        at: (f64, f64),
        facing: &'static str,
    },
    Recipe {
        at: (f64, f64),
        recipe: &'static str,
    },
    Insert {
        at: (f64, f64),
        item: &'static str,
        count: u32,
    },
    Take {
        at: (f64, f64),
        item: &'static str,
        count: u32,
    },
    Fluid {
        at: (f64, f64),
        fluid: &'static str,
        amount: f64,
    },
    Lay {
        at: (f64, f64),
        lane: i64,
        item: &'static str,
        position: i64,
    },
    KeepFull {
        at: (f64, f64),
        what: &'static str,
    },
    KeepEmpty {
        at: (f64, f64),
    },
    Release {
        at: (f64, f64),
    },
    Energy {
        at: (f64, f64),
        joules: f64,
    },
    Drop {
        item: &'static str,
        at: (f64, f64),
        count: u32,
    },
    Resource {
        name: &'static str,
        area: ((f64, f64), (f64, f64)),
        amount: u64,
    },
    Tiles {
        name: &'static str,
        area: ((f64, f64), (f64, f64)),
    },
    Grant {
        technology: &'static str,
    },
    Research {
        technology: &'static str,
    },
    EnableAll,
    Give {
        item: &'static str,
        count: u32,
    },
    Walk {
        direction: Option<u8>,
    },
    Teleport {
        at: (f64, f64),
    },
    Mine {
        at: (f64, f64),
    },
    StopMining,
    Build {
        item: &'static str,
        at: (f64, f64),
        direction: u8,
    },
    Put {
        at: (f64, f64),
        item: &'static str,
    },
    TakeByHand {
        at: (f64, f64),
    },
    Craft {
        recipe: &'static str,
        count: u32,
    },
    RecipeByHand {
        at: (f64, f64),
        recipe: &'static str,
    },
    RotateByHand {
        at: (f64, f64),
    },
    Repair {
        at: (f64, f64),
    },
    Launch {
        at: (f64, f64),
    },
    Spawn {
        name: &'static str,
        at: (f64, f64),
    },
    Pollute {
        at: (f64, f64),
        amount: f64,
    },
    Destroy {
        at: (f64, f64),
    },
    /// Goes on with the world that comes back from a snapshot.
    Restore,
    Run {
        ticks: u32,
    },
}

/// Finds the entity that covers a position.
fn at(world: &World, place: (f64, f64)) -> Result<EntityRef> {
    let tile = sandbox::names::map_position(place)?.tile();
    world
        .entity_slot_at(tile)
        .and_then(|slot| world.reference(slot))
        .ok_or_else(|| Error::new(ErrorKind::StaleEntity, "nothing stands there"))
}

/// What a deed puts into a world from outside, by item: signed counts.
pub(super) struct Gift(pub(super) Vec<i64>);

impl Gift {
    pub(super) fn none() -> Self {
        Self(vec![0; vanilla().items().len()])
    }

    fn add(&mut self, stack: ItemStack, sign: i64) {
        self.0[stack.item.index()] += sign * i64::from(stack.count);
    }

    fn add_named(&mut self, item: &str, count: i64) {
        if let Ok(item) = vanilla().item(item) {
            self.0[item.index()] += count;
        }
    }
}

/// Carries a deed out; `gift` gets what it brings or takes.
pub(super) fn act(world: &mut World, deed: &Deed, gift: &mut Gift) -> Result<()> {
    match *deed {
        Deed::Place {
            name,
            at,
            facing,
            recipe,
            filter,
        } => {
            let settings = Settings {
                recipe: recipe.map(str::to_owned),
                filters: filter.into_iter().map(str::to_owned).collect(),
                ..Settings::default()
            };
            let placed = sandbox::place(world, name, at, facing, &settings)?;
            let prototype = world
                .entity(placed)
                .expect("it was just placed")
                .prototype();
            for stack in World::items_of_entity(prototype) {
                gift.add(stack, 1);
            }
        }
        Deed::Remove { at: place } => {
            let entity = at(world, place)?;
            let facts = world.entity(entity).expect("it was just found");
            let gone = world.contents_of(facts).into_iter();
            let gone: Vec<ItemStack> = gone
                .chain(World::items_of_entity(facts.prototype()))
                .chain(world.rocket_parts_of(facts))
                .collect();
            let used = world.ingredients_at_work(facts);
            sandbox::remove(world, entity)?;
            for stack in gone {
                gift.add(stack, -1);
            }
            for stack in used {
                gift.add(stack, 1);
            }
        }
        Deed::Rotate { at: place, facing } => {
            let entity = at(world, place)?;
            sandbox::rotate(world, entity, facing)?;
        }
        Deed::Recipe { at: place, recipe } => {
            let entity = at(world, place)?;
            contents::set_recipe(world, entity, recipe)?;
        }
        Deed::Insert {
            at: place,
            item,
            count,
        } => {
            let entity = at(world, place)?;
            let inserted = contents::insert(world, entity, item, count)?;
            gift.add_named(item, i64::from(inserted));
        }
        Deed::Take {
            at: place,
            item,
            count,
        } => {
            let entity = at(world, place)?;
            let taken = contents::take(world, entity, item, count)?;
            gift.add_named(item, -i64::from(taken));
        }
        Deed::Fluid {
            at: place,
            fluid,
            amount,
        } => {
            let entity = at(world, place)?;
            fluids::set(world, entity, fluid, amount, None)?;
        }
        Deed::Lay {
            at: place,
            lane,
            item,
            position,
        } => {
            let entity = at(world, place)?;
            let laid = belts::insert_at(world, entity, lane, item, position)?;
            gift.add_named(item, i64::from(laid));
        }
        Deed::KeepFull { at: place, what } => {
            let entity = at(world, place)?;
            supplies::keep_full(world, entity, what, None)?;
        }
        Deed::KeepEmpty { at: place } => {
            let entity = at(world, place)?;
            supplies::keep_empty(world, entity)?;
        }
        Deed::Release { at: place } => {
            let entity = at(world, place)?;
            supplies::release(world, entity)?;
        }
        _ => from_above(world, deed, gift)?,
    }
    Ok(())
}

/// Carries out what is done to no items of entities: to energy, the ground, the force, the character's pockets.
fn from_above(world: &mut World, deed: &Deed, gift: &mut Gift) -> Result<()> {
    match *deed {
        Deed::Energy { at: place, joules } => {
            let entity = at(world, place)?;
            contents::set_energy(world, entity, joules)?;
        }
        Deed::Drop { item, at, count } => {
            sandbox::drop_items(world, item, at, count)?;
            gift.add_named(item, i64::from(count));
        }
        Deed::Resource { name, area, amount } => sandbox::set_resource(world, name, area, amount)?,
        Deed::Tiles { name, area } => sandbox::set_tiles(world, name, area)?,
        Deed::Grant { technology } => sandbox::research(world, technology)?,
        Deed::Research { technology } => sandbox::start_research(world, technology)?,
        Deed::EnableAll => sandbox::enable_all_recipes(world),
        Deed::Give { item, count } => {
            let given = person::insert(world, item, count)?;
            gift.add_named(item, i64::from(given));
        }
        _ => by_hand(world, deed)?,
    }
    Ok(())
}

/// Carries out what the character does, what enemies do, and what only time does.
fn by_hand(world: &mut World, deed: &Deed) -> Result<()> {
    match *deed {
        Deed::Walk { direction } => person::order(
            world,
            &Command::Walk(direction.map(Direction::from_eighths)),
        ),
        Deed::Teleport { at } => person::teleport(world, at),
        Deed::Mine { at } => {
            let target = person::target_at(world, at)?;
            person::order(world, &Command::Mine(target))
        }
        Deed::StopMining => person::order(world, &Command::StopMining),
        Deed::Build {
            item,
            at,
            direction,
        } => {
            let command = Command::Build {
                item: vanilla().item(item)?,
                position: MapPos::from_tiles(at.0, at.1),
                direction: Direction::from_eighths(direction),
            };
            person::order(world, &command)
        }
        Deed::Put { at: place, item } => {
            let entity = at(world, place)?;
            let item = vanilla().item(item)?;
            let count = u32::MAX;
            person::order(
                world,
                &Command::Insert {
                    entity,
                    item,
                    count,
                },
            )
        }
        Deed::TakeByHand { at: place } => {
            let entity = at(world, place)?;
            person::order(world, &Command::Take { entity, only: None })
        }
        Deed::Craft { recipe, count } => person::craft(world, recipe, count).map(|_| ()),
        Deed::RecipeByHand { at: place, recipe } => {
            let entity = at(world, place)?;
            let recipe = vanilla().recipe(recipe)?;
            person::order(world, &Command::SetRecipe { entity, recipe })
        }
        Deed::RotateByHand { at: place } => {
            let entity = at(world, place)?;
            person::order(world, &Command::Rotate { entity })
        }
        Deed::Repair { at: place } => {
            let entity = at(world, place)?;
            world
                .start_repair(entity)
                .map_err(|reason| Error::new(ErrorKind::ActionRejected, reason.to_string()))
        }
        Deed::Launch { at: place } => {
            let entity = at(world, place)?;
            world
                .launch_rocket(entity)
                .map_err(|_| Error::new(ErrorKind::ActionRejected, "no launch"))
        }
        Deed::Spawn { name, at } => enemies::spawn(world, name, at).map(|_| ()),
        Deed::Pollute { at, amount } => enemies::pollute(world, at, amount),
        Deed::Destroy { at: place } => {
            let entity = at(world, place)?;
            enemies::destroy(world, entity)
        }
        Deed::Restore => {
            *world = World::restore(&world.snapshot())?;
            Ok(())
        }
        _ => Ok(()),
    }
}
