use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::contract::observation::RECORD_SIZE;
use crate::observation::local_map::KeptMap;
use crate::observation::record;
use crate::protocol::payload::{
    Carried, EntityState, GhostState, Held, Pile, Removed, ResourceTile, TileRun,
};
use crate::sim::inventory::count_in;
use crate::sim::setup::{SetupOp, execute};

fn prototype_named(name: &str) -> EntityPrototypeId {
    vanilla().entity(name).unwrap()
}

fn entity_op(name: &str, x: f64, y: f64) -> SetupOp {
    SetupOp::Entity {
        prototype: prototype_named(name),
        position: MapPos::from_tiles(x, y),
        direction: Direction::NORTH,
        items: Vec::new(),
        recipe: None,
    }
}

/// A small world: a chest (1), a furnace (2), an assembling machine (3), a tree (4), a ghost of a chest (5).
fn mirrored() -> (World, Mirror) {
    let mut world = World::new();
    let ops = [
        SetupOp::Map {
            width: 64,
            height: 64,
            tile: vanilla().tile("grass-1").unwrap(),
        },
        SetupOp::Resource {
            tile: TilePos::new(5, 5),
            code: 1,
            amount: 300,
        },
        entity_op("wooden-chest", 3.5, 0.5),
        entity_op("stone-furnace", 6.0, 0.0),
        entity_op("assembling-machine-1", 10.5, 0.5),
        entity_op("tree-01", -4.5, 0.5),
        SetupOp::Ghost {
            prototype: prototype_named("wooden-chest"),
            position: MapPos::from_tiles(0.5, 4.5),
            direction: Direction::NORTH,
        },
        SetupOp::Character {
            position: MapPos::from_tiles(0.5, 0.5),
        },
    ];
    execute(&mut world, 7, &ops).unwrap();
    let mut mirror = Mirror::default();
    mirror.begin(&mut world, 100);
    (world, mirror)
}

fn standing_still() -> Payload {
    Payload {
        character: payload::Character {
            x: 128,
            y: 128,
            health: 250 * 256,
            facing: 4,
            alive: 1,
            slots: 80,
            power_satisfaction: 1.0,
            ..payload::Character::default()
        },
        ..Payload::default()
    }
}

fn state(unit: u32, name: &str, x: i32, y: i32) -> EntityState {
    EntityState {
        unit,
        prototype: prototype_named(name).index() as u16,
        x,
        y,
        status: 1,
        health: FULL_HEALTH,
        ..EntityState::default()
    }
}

fn held(unit: u32, group: u8, name: &str, count: u32) -> Held {
    Held {
        unit,
        group,
        item: code(name),
        count,
    }
}

fn code(name: &str) -> u8 {
    codes::code_of(&codes::ITEM_NAMES, name)
}

fn apply(world: &mut World, mirror: &mut Mirror, said: &Payload) -> Result<(), FrameError> {
    let mut bytes = Vec::new();
    said.write(&mut bytes).unwrap();
    mirror.apply(world, 160, &bytes)
}

#[test]
fn what_a_frame_says_is_what_the_world_shows() {
    let (mut world, mut mirror) = mirrored();
    let furnace = EntityState {
        status: Status::Working as u8,
        contents: code("iron-plate"),
        ..state(2, "stone-furnace", 6 * 256, 0)
    };
    let said = Payload {
        carried: vec![Carried {
            item: code("coal"),
            count: 120,
        }],
        resources: vec![ResourceTile {
            x: 5,
            y: 5,
            resource: 1,
            amount: 299,
        }],
        entities: vec![furnace, state(6, "transport-belt", -640, -640)],
        removed: vec![Removed { unit: 4 }, Removed { unit: 5 }],
        held: vec![held(1, 1, "coal", 70), held(2, 2, "wood", 3)],
        piles: vec![Pile {
            x: 1_000,
            y: 1_000,
            item: code("wood"),
            count: 4,
        }],
        ..standing_still()
    };
    apply(&mut world, &mut mirror, &said).unwrap();
    assert_eq!(world.tick, 60);
    let coal = vanilla().item("coal").unwrap();
    assert_eq!(world.character.inventory.count(coal), 120);
    let ore = world.terrain.resource(TilePos::new(5, 5)).unwrap();
    assert_eq!(ore.amount, 299);
    assert_eq!((world.entities.len(), world.ghosts.len()), (4, 0));
    let furnace = world.entity_at(TilePos::new(6, 0)).unwrap();
    assert_eq!(world.status(furnace), Status::Working);
    assert_eq!(world.slots(furnace).fuel[0].unwrap().count, 3);
    let chest = world.entity_at(TilePos::new(3, 0)).unwrap();
    assert_eq!(count_in(world.slots(chest).contents, coal), 70);
    assert_eq!(world.entity_at(TilePos::new(-3, -3)).unwrap().unit, 6);
    let pile = world.ground.get(MapPos::new(1_000, 1_000)).unwrap();
    assert_eq!(pile.count, 4);
}

#[test]
fn patched_picture_is_the_fresh_one() {
    let (mut world, mut mirror) = mirrored();
    let mut kept = KeptMap::default();
    let (mut one, mut two) = ([0; RECORD_SIZE], [0; RECORD_SIZE]);
    for contents in ["coal", "wood"] {
        kept.update(record::local_map_mut(&mut one), &world, None);
        world.changes.clear();
        let belt = EntityState {
            contents: code(contents),
            ..state(6, "transport-belt", -640, -640)
        };
        let said = Payload {
            entities: vec![belt],
            ..standing_still()
        };
        apply(&mut world, &mut mirror, &said).unwrap();
    }
    kept.update(record::local_map_mut(&mut one), &world, None);
    KeptMap::default().update(record::local_map_mut(&mut two), &world, None);
    assert!(one == two);
    assert!(one.contains(&code("wood")));
}

#[test]
fn what_does_not_fit_is_named() {
    let refused = |said: Payload| {
        let (mut world, mut mirror) = mirrored();
        let error = apply(&mut world, &mut mirror, &said).unwrap_err();
        error.to_string()
    };
    let with_entity = |entity| Payload {
        entities: vec![entity],
        ..standing_still()
    };
    let mut far = standing_still();
    far.character.x = i32::MAX;
    assert_eq!(
        refused(far),
        "section \"character\" of a frame: (8388607.99609375, 0.5) is not on the map"
    );
    let odd = EntityState {
        status: 99,
        ..state(1, "wooden-chest", 3 * 256 + 128, 128)
    };
    assert_eq!(
        refused(with_entity(odd)),
        "section \"entities\" of a frame: no \"status\" can be 99"
    );
    assert_eq!(
        refused(with_entity(state(9, "wooden-chest", 6 * 256 + 128, 128))),
        "section \"entities\" of a frame: number 9 would stand where number 2 stands"
    );
    assert_eq!(
        refused(with_entity(state(u32::MAX, "wooden-chest", -2_000, -2_000))),
        "section \"entities\" of a frame: no entity or ghost has the number 4294967295"
    );
    let ghost = GhostState {
        unit: 1,
        ..GhostState::default()
    };
    assert_eq!(
        refused(Payload {
            ghosts: vec![ghost],
            ..standing_still()
        }),
        "section \"ghosts\" of a frame: no entity or ghost has the number 1"
    );
    assert_eq!(
        refused(Payload {
            held: vec![held(77, 1, "coal", 1)],
            ..standing_still()
        }),
        "section \"inventories\" of a frame: no entity or ghost has the number 77"
    );
    let many = Carried {
        item: code("coal"),
        count: u32::MAX,
    };
    assert_eq!(
        refused(Payload {
            carried: vec![many],
            ..standing_still()
        }),
        "section \"inventory\" of a frame: 4294967295 items are more than the 16777216 of a record"
    );
}

#[test]
fn statuses_have_their_codes() {
    for (index, status) in STATUSES.iter().enumerate() {
        assert_eq!(*status as usize, index + 1);
    }
}

/// Numbers that are often right and sometimes anything.
fn number<T>(likely: &[T]) -> BoxedStrategy<T>
where
    T: Arbitrary + Clone + 'static,
{
    let likely = prop::sample::select(likely.to_vec());
    prop_oneof![4 => likely, 1 => any::<T>()].boxed()
}

fn unit() -> BoxedStrategy<u32> {
    number(&[1, 2, 3, 4, 5, 6, 7, 8])
}

fn place() -> BoxedStrategy<i32> {
    number(&[128, 384, 640, 1_536, -640, -1_152, 9_000])
}

fn prototype_index() -> BoxedStrategy<u16> {
    let names = [
        "wooden-chest",
        "stone-furnace",
        "transport-belt",
        "underground-belt",
        "splitter",
        "assembling-machine-2",
        "rocket-silo",
        "lab",
        "inserter",
        "pipe",
        "small-electric-pole",
        "beacon",
        "gun-turret",
        "biter-spawner",
        "boiler",
        "car",
    ];
    number(&names.map(|name| prototype_named(name).index() as u16))
}

fn hostile() -> impl Strategy<Value = Payload> {
    let looks = (number(&[1_u8, 2, 12]), any::<u8>(), any::<u32>());
    let recipe = number(&[0_u16, 1, 90, 200]);
    let direction = number(&[0_u8, 4, 8, 12]);
    let entity = (
        unit(),
        prototype_index(),
        place(),
        place(),
        direction.clone(),
        looks,
        recipe,
    )
        .prop_map(
            |(unit, prototype, x, y, direction, (status, contents, health), recipe)| EntityState {
                unit,
                code: 0,
                prototype,
                x,
                y,
                direction,
                status,
                contents,
                health,
                recipe,
            },
        );
    let ghost = (unit(), prototype_index(), place(), place(), direction).prop_map(
        |(unit, prototype, x, y, direction)| GhostState {
            unit,
            prototype,
            x,
            y,
            direction,
        },
    );
    let held = (
        unit(),
        number(&[1_u8, 2, 3, 4, 5]),
        number(&[1_u8, 30, 60, 90]),
        number(&[0_u32, 1, 50, 5_000]),
    )
        .prop_map(|(unit, group, item, count)| Held {
            unit,
            group,
            item,
            count,
        });
    let pile = (place(), place(), any::<u8>(), any::<u32>()).prop_map(|(x, y, item, count)| Pile {
        x,
        y,
        item,
        count,
    });
    let tile = (any::<i16>(), any::<i16>(), any::<u16>(), any::<u8>()).prop_map(
        |(x, y, length, terrain)| TileRun {
            x,
            y,
            length,
            terrain,
        },
    );
    let removed = unit().prop_map(|unit| Removed { unit });
    (
        vec(entity, 0..6),
        vec(ghost, 0..3),
        vec(held, 0..6),
        vec(pile, 0..3),
        vec(tile, 0..2),
        vec(removed, 0..3),
    )
        .prop_map(|(entities, ghosts, held, piles, tiles, removed)| Payload {
            tiles,
            entities,
            ghosts,
            removed,
            held,
            piles,
            ..standing_still()
        })
}

proptest! {
    #[test]
    fn hostile_frames_end_in_an_error_or_in_a_world_that_can_be_looked_at(
        frames in vec(hostile(), 1..6),
    ) {
        let (mut world, mut mirror) = mirrored();
        let mut kept = KeptMap::default();
        let mut seen = [0; RECORD_SIZE];
        for frame in &frames {
            let outcome = apply(&mut world, &mut mirror, frame);
            kept.update(record::local_map_mut(&mut seen), &world, None);
            prop_assert!(mirror.places.len() <= MAX_UNIT as usize + 1);
            if let Err(error) = outcome {
                prop_assert!(!error.to_string().is_empty());
                break;
            }
        }
    }

    #[test]
    fn damaged_bytes_end_in_an_error_or_in_a_world(bytes in vec(any::<u8>(), 0..300)) {
        let (mut world, mut mirror) = mirrored();
        let _ = mirror.apply(&mut world, 160, &bytes);
        let mut whole = Vec::new();
        standing_still().write(&mut whole).unwrap();
        whole.extend(bytes);
        let _ = mirror.apply(&mut world, 160, &whole);
    }
}
