//! Removing an entity and placing it again is the identity.
//!
//! What the identity is: an entity that holds nothing is removed and placed again where nothing has run; the world then
//! has the same bytes, and goes on the same, as one in which the entity was placed there once, and once elsewhere before,
//! so that both have given out the same numbers. The neighbours are of every kind that looks at what stands beside it.
//! In a world that runs, removing wakes those that waited for the entity, and they act in another order from then on, as
//! in the game: there what stands and what it holds must be the same at once, and all caches true.

use super::plans::{Kind, plan};
use super::runner::built;
use crate::prototypes::{EntityKind, EntityPrototypeId, vanilla};
use crate::sim::entity::{Body, EntityRef, footprint, is_simulated};
use crate::sim::placement::{built_direction, is_placeable, snapped};
use crate::sim::position::{Direction, MapPos, TileArea};
use crate::sim::sandbox;
use crate::sim::tick::tick;
use crate::sim::world::World;

const FACINGS: [&str; 4] = ["north", "east", "south", "west"];
/// What stands round the entity, in turn.
const NEIGHBOURS: [&str; 8] = [
    "inserter",
    "pipe",
    "transport-belt",
    "burner-inserter",
    "wooden-chest",
    "pipe-to-ground",
    "underground-belt",
    "medium-electric-pole",
];

/// Makes a place with water, ore and neighbours round `area`, and power.
fn scene(area: TileArea, shift: usize) -> World {
    let mut world = sandbox::create(64, 64, 3, "grass-1").unwrap();
    sandbox::enable_all_recipes(&mut world);
    sandbox::set_resource(&mut world, "iron-ore", ((-12.0, -12.0), (12.0, 0.0)), 50).unwrap();
    sandbox::set_resource(&mut world, "crude-oil", ((-12.0, 1.0), (12.0, 2.0)), 50_000).unwrap();
    let round = area.grown(1);
    for (number, tile) in round.tiles().enumerate() {
        if area.contains(tile) {
            continue;
        }
        let name = NEIGHBOURS[(number + shift) % NEIGHBOURS.len()];
        let place = (f64::from(tile.x) + 0.5, f64::from(tile.y) + 0.5);
        let facing = FACINGS[(number / 3 + shift) % 4];
        // Large ones do not fit everywhere.
        let _ = sandbox::place(
            &mut world,
            name,
            place,
            facing,
            &sandbox::settings::Settings::default(),
        );
    }
    for (name, place) in [
        ("substation", (-8.0, 8.0)),
        ("electric-energy-interface", (-11.0, 8.0)),
        ("accumulator", (-11.0, 11.0)),
        ("beacon", (9.5, 9.5)),
    ] {
        sandbox::place(
            &mut world,
            name,
            place,
            "north",
            &sandbox::settings::Settings::default(),
        )
        .unwrap();
    }
    world
}

fn add(
    world: &mut World,
    prototype: EntityPrototypeId,
    place: MapPos,
    direction: Direction,
) -> EntityRef {
    let reference = world.add_entity(prototype, place, direction);
    world.settle();
    reference
}

fn remove(world: &mut World, reference: EntityRef) {
    sandbox::remove(world, reference).unwrap();
}

/// Compares, for one prototype and direction, placing twice at a place with placing elsewhere first.
fn assert_identity(prototype: EntityPrototypeId, direction: Direction, shift: usize) -> bool {
    let name = &vanilla()[prototype].name;
    let direction = built_direction(prototype, direction);
    let place = snapped(prototype, MapPos::default(), direction);
    let elsewhere = snapped(prototype, MapPos::from_tiles(24.0, 24.0), direction);
    let mut once = scene(footprint(prototype, place, direction), shift);
    if vanilla()[prototype].kind == EntityKind::OffshorePump {
        let (dx, dy) = direction.steps();
        let water = vanilla().tile("water").unwrap();
        for center in [place.tile(), elsewhere.tile()] {
            for (x, y) in (-3..=3).flat_map(|x| (-3..=3).map(move |y| (x, y))) {
                if x * dx + y * dy > 0 {
                    once.set_tile(center.offset(x, y), water);
                }
            }
        }
    }
    if !is_placeable(&once, None, prototype, place, direction) {
        return false;
    }
    let mut twice = once.clone();
    let other = add(&mut once, prototype, elsewhere, direction);
    remove(&mut once, other);
    add(&mut once, prototype, place, direction);
    let first = add(&mut twice, prototype, place, direction);
    remove(&mut twice, first);
    add(&mut twice, prototype, place, direction);
    for ticks in 0..40 {
        let parts = super::super::future::differing_parts(&once, &twice);
        assert!(
            parts.is_empty(),
            "\"{name}\" to {direction:?}, tick {ticks}: {parts:?}"
        );
        tick(&mut once);
        tick(&mut twice);
    }
    assert_eq!(twice.verify(5), Vec::<String>::new(), "\"{name}\"");
    true
}

#[test]
fn an_empty_entity_that_is_removed_and_placed_again_was_never_away() {
    let mut n_tried = 0;
    for index in 0..vanilla().entities().len() {
        let prototype = EntityPrototypeId::from_index(index);
        let facts = &vanilla()[prototype];
        // Nests let units out at moments drawn at random when they are founded.
        if !is_simulated(prototype) || facts.kind == EntityKind::UnitSpawner {
            continue;
        }
        let mut was_tried = false;
        for direction in [0, 2, 4, 6] {
            let direction = Direction::from_eighths(direction);
            was_tried |= assert_identity(prototype, direction, index);
        }
        assert!(was_tried, "\"{}\" was nowhere placed", facts.name);
        n_tried += 1;
    }
    assert!(n_tried > 80, "only {n_tried} prototypes");
}

/// Says what stands and what it holds, numbers and order apart.
fn shown(world: &World) -> Vec<String> {
    let mut lines: Vec<String> = world
        .entities
        .iter()
        .map(|(slot, entity)| {
            let fluids = world.fluids.contents_of(slot);
            let fluids: Vec<String> = fluids
                .iter()
                .map(|(fluid, amount, heat)| format!("{fluid:?} {amount:.6} {heat:.3}"))
                .collect();
            format!(
                "{:?} {} {:?} {:?} {fluids:?}",
                entity.position,
                entity.prototype().name,
                entity.direction,
                world.contents_of(entity),
            )
        })
        .collect();
    lines.sort_unstable();
    lines
}

#[test]
fn in_a_running_factory_what_is_put_back_leaves_everything_as_it_was() {
    let kind = Kind {
        layouts: 2,
        ticks: 300,
        n_deeds: 5,
        has_enemies: false,
        is_wild: false,
        has_supplies: false,
    };
    let mut n_replaced = 0;
    for seed in 0..12 {
        let mut world = built(&plan(9_000 + seed, kind));
        let all: Vec<EntityRef> = sandbox::entities(&world, None, None).unwrap();
        for reference in all.into_iter().step_by(3) {
            let entity = world.entity(reference).unwrap().clone();
            let is_plain = match entity.body {
                Body::Plain | Body::Chest(_) | Body::Pole(_) | Body::Solar(_) => true,
                Body::Belt(index) => world
                    .belts
                    .belt(index)
                    .is_some_and(|belt| !belt.is_underground()),
                _ => false,
            };
            if !is_plain || !world.contents_of(&entity).is_empty() {
                continue;
            }
            let before = shown(&world);
            remove(&mut world, reference);
            add(
                &mut world,
                entity.prototype,
                entity.position,
                entity.direction,
            );
            assert_eq!(shown(&world), before, "seed {seed}, {entity:?}");
            n_replaced += 1;
        }
        assert_eq!(world.verify(10), Vec::<String>::new(), "seed {seed}");
    }
    assert!(n_replaced > 100, "only {n_replaced}");
}
