//! Scenes that the tests draw: a walk, a small factory, a building site, a shore.

use crate::contract::action::RejectReason;
use crate::contract::codes;
use crate::prototypes::{ItemId, vanilla};
use crate::scenario::objective::{Goal, Wanted};
use crate::sim::World;
use crate::sim::command::{Command, apply};
use crate::sim::entity::Target;
use crate::sim::position::{Direction, MapPos, TileArea, TilePos};
use crate::sim::setup::{SetupOp, execute};
use crate::sim::tick::run;
use crate::view::render::{Hud, Image, RenderOptions, palette, render_rgb};

pub(super) fn item(name: &str) -> ItemId {
    vanilla().item(name).unwrap()
}

pub(super) fn map(width: i32, height: i32) -> SetupOp {
    SetupOp::Map {
        width,
        height,
        tile: vanilla().tile("grass-1").unwrap(),
    }
}

pub(super) fn resource(x: i32, y: i32, name: &str, amount: u32) -> SetupOp {
    SetupOp::Resource {
        tile: TilePos::new(x, y),
        code: codes::code_of(&codes::RESOURCE_NAMES, name),
        amount,
    }
}

/// A round patch that is richer in its middle.
fn patch(x: i32, y: i32, radius: i32, name: &str) -> Vec<SetupOp> {
    let mut ops = Vec::new();
    for dy in -radius..=radius {
        for dx in -radius..=radius {
            let squared = dx * dx + dy * dy;
            if squared <= radius * radius {
                let share = (radius * radius + 1 - squared) as u32;
                ops.push(resource(x + dx, y + dy, name, 20 * share * share));
            }
        }
    }
    ops
}

pub(super) fn entity(
    name: &str,
    x: f64,
    y: f64,
    direction: Direction,
    items: &[(&str, u32)],
) -> SetupOp {
    SetupOp::Entity {
        prototype: vanilla().entity(name).unwrap(),
        position: MapPos::from_tiles(x, y),
        direction,
        items: items
            .iter()
            .map(|(name, count)| (item(name), *count))
            .collect(),
        recipe: None,
    }
}

pub(super) fn ghost(name: &str, x: f64, y: f64, direction: Direction) -> SetupOp {
    SetupOp::Ghost {
        prototype: vanilla().entity(name).unwrap(),
        position: MapPos::from_tiles(x, y),
        direction,
    }
}

pub(super) fn tiles(name: &str, left: i32, top: i32, width: i32, height: i32) -> SetupOp {
    SetupOp::Tiles {
        area: TileArea {
            left,
            top,
            width,
            height,
        },
        tile: vanilla().tile(name).unwrap(),
    }
}

pub(super) fn character(x: f64, y: f64) -> SetupOp {
    SetupOp::Character {
        position: MapPos::from_tiles(x, y),
    }
}

pub(super) fn world(ops: &[SetupOp]) -> World {
    let mut world = World::new();
    execute(&mut world, 1, ops).unwrap();
    world
}

/// A world with all that says what to draw of it.
pub(super) struct Scene {
    pub name: &'static str,
    pub world: World,
    pub goal: Option<Goal>,
    pub hud: Hud,
    pub options: RenderOptions,
}

impl Scene {
    pub(super) fn paint(&self) -> Image {
        render_rgb(&self.world, self.goal.as_ref(), &self.hud, &self.options)
    }
}

pub(super) fn hud(title: &str, action: &str, progress: f64) -> Hud {
    Hud {
        title: title.to_owned(),
        step: 74,
        max_steps: 600,
        progress,
        time_left: 0.876,
        action: action.to_owned(),
        ..Hud::default()
    }
}

pub(super) fn waypoint(x: f64, y: f64) -> Goal {
    Goal::ReachWaypoint {
        position: MapPos::from_tiles(x, y),
        radius_subtiles: 512,
    }
}

fn walk_scene() -> Scene {
    let mut ops = vec![map(96, 96)];
    let trees = [
        "tree-01",
        "tree-02",
        "tree-04",
        "tree-08-brown",
        "tree-09-red",
    ];
    for (x, y) in (-24..24).flat_map(|x| (-24..24).map(move |y| (x, y))) {
        let h = palette::hash(x / 3, y / 3, 77) % 7 + palette::hash(x, y, 78) % 7;
        let is_clear = x.abs().max(y.abs()) <= 3 || (x - 9).abs().max((y + 8).abs()) <= 2;
        let is_rock =
            (x + 6).abs().max((y - 6).abs()) <= 2 || (x - 6).abs().max((y - 11).abs()) <= 1;
        if h < 2 && !is_clear && !is_rock {
            let name = trees[palette::hash(x, y, 79) as usize % trees.len()];
            let (x, y) = (f64::from(x) + 0.5, f64::from(y) + 0.5);
            ops.push(entity(name, x, y, Direction::NORTH, &[]));
        }
    }
    ops.push(entity("big-rock", -6.0, 6.0, Direction::NORTH, &[]));
    ops.push(entity("dry-tree", 6.5, 11.5, Direction::NORTH, &[]));
    ops.push(character(0.5, 0.5));
    let mut world = world(&ops);
    let mut trail = vec![world.character.position];
    for (direction, ticks) in [(2, 18), (3, 14), (1, 22)] {
        let direction = Direction::from_eighths(direction);
        apply(&mut world, &Command::Walk(Some(direction))).unwrap();
        run(&mut world, ticks);
        trail.push(world.character.position);
    }
    Scene {
        name: "movement",
        world,
        goal: Some(waypoint(9.5, -7.5)),
        hud: hud("movement_basic", "move north-east", 0.42),
        options: RenderOptions {
            trail,
            ..RenderOptions::default()
        },
    }
}

fn factory_scene() -> Scene {
    let mut ops = vec![map(96, 96)];
    ops.extend(patch(-6, -5, 6, "iron-ore"));
    ops.extend(patch(9, -8, 5, "copper-ore"));
    ops.extend(patch(9, 6, 4, "coal"));
    ops.extend(patch(-9, 9, 4, "stone"));
    let coal: &[(&str, u32)] = &[("coal", 5)];
    ops.extend([
        entity("burner-mining-drill", -6.0, -4.0, Direction::EAST, coal),
        entity(
            "stone-furnace",
            -4.0,
            -4.0,
            Direction::NORTH,
            &[("coal", 5), ("iron-ore", 20)],
        ),
        entity("burner-mining-drill", -6.0, -7.0, Direction::EAST, coal),
        entity("iron-chest", -4.5, -7.5, Direction::NORTH, &[]),
        entity("burner-mining-drill", -9.0, -5.0, Direction::NORTH, coal),
        entity("burner-mining-drill", 9.0, -8.0, Direction::SOUTH, &[]),
        entity(
            "wooden-chest",
            9.5,
            -6.5,
            Direction::NORTH,
            &[("copper-ore", 40)],
        ),
        entity("burner-mining-drill", 9.0, 6.0, Direction::WEST, coal),
        entity("steel-furnace", 3.0, 6.0, Direction::NORTH, &[("coal", 3)]),
        entity(
            "steel-chest",
            0.5,
            6.5,
            Direction::NORTH,
            &[("iron-plate", 90)],
        ),
        SetupOp::Items {
            item: item("iron-plate"),
            count: 60,
        },
        SetupOp::Items {
            item: item("coal"),
            count: 34,
        },
        SetupOp::Items {
            item: item("stone"),
            count: 17,
        },
        SetupOp::Items {
            item: item("burner-mining-drill"),
            count: 3,
        },
        character(0.5, 0.5),
    ]);
    ops.extend(
        (0..5).map(|n| entity("stone-wall", f64::from(n) - 1.5, 9.5, Direction::NORTH, &[])),
    );
    let mut world = world(&ops);
    let recipe = vanilla().recipe("iron-gear-wheel").unwrap();
    run(&mut world, 1_000);
    apply(
        &mut world,
        &Command::Mine(Target::Resource(TilePos::new(-1, -1))),
    )
    .unwrap_err();
    apply(&mut world, &Command::Walk(Some(Direction::from_eighths(7)))).unwrap();
    run(&mut world, 16);
    apply(&mut world, &Command::Walk(None)).unwrap();
    apply(&mut world, &Command::Craft { recipe, count: 3 }).unwrap();
    apply(
        &mut world,
        &Command::Mine(Target::Resource(TilePos::new(-2, -3))),
    )
    .unwrap();
    run(&mut world, 80);
    Scene {
        name: "factory",
        world,
        goal: Some(Goal::MineItems {
            items: vec![item("iron-ore"), item("copper-ore")],
            amount: 1_000,
            sites: vec![MapPos::from_tiles(40.0, -12.0)],
        }),
        hud: Hud {
            rejected: Some(RejectReason::MissingItem),
            lines: vec!["reward +0.125".to_owned(), "return 12.500".to_owned()],
            ..hud("mining_efficiency", "insert coal", 0.137)
        },
        options: RenderOptions::default(),
    }
}

fn blueprint_scene() -> Scene {
    let places = [
        ("burner-mining-drill", -5.0, -5.0, Direction::SOUTH),
        ("stone-furnace", -5.0, -3.0, Direction::NORTH),
        ("wooden-chest", -2.5, -4.5, Direction::NORTH),
        ("iron-chest", -2.5, -2.5, Direction::NORTH),
        ("assembling-machine-1", 2.5, -4.5, Direction::NORTH),
        ("lab", 7.5, -4.5, Direction::NORTH),
        ("inserter", 2.5, -2.5, Direction::NORTH),
        ("small-electric-pole", 4.5, -2.5, Direction::NORTH),
        ("transport-belt", 1.5, -1.5, Direction::EAST),
        ("transport-belt", 2.5, -1.5, Direction::EAST),
        ("fast-transport-belt", 3.5, -1.5, Direction::SOUTH),
        ("steam-engine", 7.5, 1.5, Direction::NORTH),
        ("stone-wall", -6.5, 3.5, Direction::NORTH),
        ("stone-wall", -5.5, 3.5, Direction::NORTH),
        ("burner-mining-drill", -5.0, 6.0, Direction::EAST),
    ];
    let mut ops = vec![map(48, 48), tiles("concrete", -8, 2, 8, 6)];
    ops.extend(places.map(|(name, x, y, direction)| ghost(name, x, y, direction)));
    ops.extend([
        SetupOp::Items {
            item: item("stone-furnace"),
            count: 2,
        },
        SetupOp::Items {
            item: item("burner-mining-drill"),
            count: 2,
        },
        SetupOp::Items {
            item: item("stone-wall"),
            count: 10,
        },
        character(-0.5, 0.5),
    ]);
    let mut world = world(&ops);
    for (name, x, y) in [("stone-furnace", -5.0, -3.0), ("stone-wall", -6.5, 3.5)] {
        let command = Command::Build {
            item: item(name),
            position: MapPos::from_tiles(x, y),
            direction: Direction::NORTH,
        };
        apply(&mut world, &command).unwrap();
    }
    let wanted = places
        .map(|(name, x, y, direction)| Wanted {
            prototype: vanilla().entity(name).unwrap(),
            position: MapPos::from_tiles(x, y),
            direction,
        })
        .to_vec();
    Scene {
        name: "blueprint",
        world,
        goal: Some(Goal::BuildBlueprint { wanted }),
        hud: hud("construction_speed", "build stone-wall", 2.0 / 15.0),
        options: RenderOptions::default(),
    }
}

fn shore_scene() -> Scene {
    let mut ops = vec![
        map(40, 40),
        tiles("sand-1", -20, -14, 40, 10),
        tiles("water", -20, -20, 40, 9),
        tiles("water", -12, -11, 9, 5),
        tiles("deepwater", -20, -20, 40, 4),
        tiles("water", 6, 4, 5, 4),
        tiles("stone-path", -6, 6, 3, 10),
        tiles("refined-concrete", -3, 9, 8, 6),
        resource(12, -6, "crude-oil", 300_000),
        entity("huge-rock", -12.5, 3.5, Direction::NORTH, &[]),
        entity("big-sand-rock", 8.0, -6.0, Direction::NORTH, &[]),
        entity("dead-grey-trunk", 3.0, -6.0, Direction::NORTH, &[]),
        entity("tree-03", -10.5, 8.5, Direction::NORTH, &[]),
        entity("tree-05", 13.5, 9.5, Direction::NORTH, &[]),
        character(8.5, -1.5),
    ];
    ops.extend(patch(-12, -1, 3, "uranium-ore"));
    let mut world = world(&ops);
    for (name, x, y) in [
        ("iron-plate", 5.2, -1.0),
        ("wood", 6.1, 0.4),
        ("coal", 4.6, 0.9),
    ] {
        world.ground.insert(
            MapPos::from_tiles(x, y),
            crate::sim::inventory::ItemStack {
                item: item(name),
                count: 1,
            },
        );
    }
    world.character.facing = Direction::WEST;
    Scene {
        name: "shore",
        world,
        goal: Some(waypoint(-18.0, 17.0)),
        hud: hud("movement_basic", "", 1.0),
        options: RenderOptions::default(),
    }
}

pub(super) fn scenes() -> [Scene; 4] {
    [
        walk_scene(),
        factory_scene(),
        blueprint_scene(),
        shore_scene(),
    ]
}
