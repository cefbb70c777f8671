//! Pictures: the same bytes every time, the right colours at known places, and no world that cannot be drawn.
//!
//! `PICTURES=dir cargo test --lib pictures_for_people -- --ignored` writes the scenes as PNG and text files.

mod scenes;

use proptest::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use super::palette::{Color, RED, item_color, resource_color, status_color, tile_color};
use super::*;
use crate::contract::codes::{self, Status};
use crate::prototypes::vanilla;
use crate::sim::position::{Direction, TilePos};
use crate::sim::setup::SetupOp;
use scenes::{character, entity, ghost, hud, item, map, resource, scenes, tiles, waypoint, world};

/// Paints without the strip and the reach circles.
fn bare(world: &World, goal: Option<&Goal>, window: Window) -> Image {
    let options = RenderOptions {
        window,
        shows_hud: false,
        shows_reach: false,
        ..RenderOptions::default()
    };
    render_rgb(world, goal, &Hud::default(), &options)
}

/// Reads the pixel that shows a point of the map, given in tiles, in a default picture of the character's window.
fn at(world: &World, image: &Image, x: f64, y: f64) -> Color {
    let window = Window::Character.tiles(world);
    let pixel = |value: f64, first: i32| ((value - f64::from(first)) * 16.0) as u32;
    image
        .pixel(pixel(x, window.left), pixel(y, window.top))
        .unwrap()
}

/// Counts the pixels of a tile within 12 of a colour, part by part.
fn pixels_like(world: &World, image: &Image, tile: TilePos, color: Color) -> usize {
    let window = Window::Character.tiles(world);
    let (left, top) = (
        (tile.x - window.left) as u32 * 16,
        (tile.y - window.top) as u32 * 16,
    );
    (0..256)
        .filter_map(|n| image.pixel(left + n % 16, top + n / 16))
        .filter(|pixel| (0..3).all(|part| pixel[part].abs_diff(color[part]) <= 12))
        .count()
}

#[test]
fn equal_worlds_give_equal_bytes() {
    for (one, other) in scenes().iter().zip(&scenes()) {
        assert_eq!(one.paint(), other.paint(), "{}", one.name);
    }
}

#[test]
fn pictures_keep_their_bytes() {
    // A change here is a change of how things look: look at the pictures before you take over the new figures.
    let hashes = scenes().map(|scene| (scene.name, xxh3_64(&scene.paint().rgb)));
    assert_eq!(
        hashes,
        [
            ("movement", 5_282_192_791_559_779_517),
            ("factory", 6_454_128_864_087_524_587),
            ("blueprint", 15_617_739_293_082_025_927),
            ("shore", 7_136_512_252_846_639_134),
        ]
    );
}

#[test]
fn drawing_leaves_the_world_alone() {
    for scene in scenes() {
        let before = scene.world.digest();
        scene.paint();
        assert_eq!(scene.world.digest(), before, "{}", scene.name);
    }
}

#[test]
fn the_default_picture_is_512_by_576() {
    let world = world(&[map(64, 64), character(0.5, 0.5)]);
    let image = render_rgb(&world, None, &Hud::default(), &RenderOptions::default());
    assert_eq!((image.width, image.height), (512, 576));
    assert_eq!(image.rgb.len(), 512 * 576 * 3);
    assert_eq!(image_size(&world, &RenderOptions::default()), (512, 576));
}

#[test]
fn the_character_stands_in_the_middle_of_its_window() {
    let world = world(&[map(64, 64), character(3.5, -7.5)]);
    let window = Window::Character.tiles(&world);
    assert_eq!((window.left, window.top), (3 - 16, -8 - 16));
    let image = bare(&world, None, Window::Character);
    let tile = TilePos::new(3, -8);
    assert!(
        pixels_like(&world, &image, tile, [70, 190, 214]) > 3,
        "its visor is seen"
    );
    assert!(
        pixels_like(&world, &image, tile, [240, 134, 38]) > 10,
        "its suit is seen"
    );
    let elsewhere = TilePos::new(6, -8);
    assert_eq!(pixels_like(&world, &image, elsewhere, [240, 134, 38]), 0);
}

#[test]
fn facing_turns_the_figure() {
    let mut world = world(&[map(64, 64), character(0.5, 0.5)]);
    for (eighths, dx, dy) in [(0, 0, -1), (2, 1, 0), (4, 0, 1), (6, -1, 0)] {
        world.character.facing = Direction::from_eighths(eighths);
        let image = bare(&world, None, Window::Character);
        let ahead = at(
            &world,
            &image,
            0.5 + f64::from(dx) * 0.8,
            0.5 + f64::from(dy) * 0.8,
        );
        let behind = at(
            &world,
            &image,
            0.5 - f64::from(dx) * 0.8,
            0.5 - f64::from(dy) * 0.8,
        );
        assert!(
            ahead.iter().all(|part| *part > 200),
            "a white wedge ahead, not {ahead:?}"
        );
        assert!(
            behind.iter().any(|part| *part < 150),
            "no wedge behind, but {behind:?}"
        );
    }
}

#[test]
fn ground_has_the_colour_of_its_tile_and_black_outside() {
    let ops = [
        map(20, 20),
        tiles("water", -8, -8, 6, 6),
        tiles("concrete", 3, 3, 5, 5),
        character(0.5, 0.5),
    ];
    let world = world(&ops);
    let image = bare(&world, None, Window::Character);
    for (name, x, y) in [("grass-1", 5, -5), ("water", -6, -6), ("concrete", 5, 6)] {
        let color = tile_color(vanilla().tile(name).unwrap());
        let n_pixels = pixels_like(&world, &image, TilePos::new(x, y), color);
        assert!(n_pixels > 120, "{name} covers {n_pixels} of 256 pixels");
    }
    let outside = at(&world, &image, -13.0, 0.5);
    assert!(outside.iter().all(|part| *part < 40), "{outside:?}");
}

#[test]
fn richer_ore_has_more_pebbles() {
    let ops = [
        map(40, 40),
        resource(4, 4, "copper-ore", 3),
        resource(6, 4, "copper-ore", 200),
        resource(8, 4, "copper-ore", 5_000),
        character(0.5, 0.5),
    ];
    let world = world(&ops);
    let image = bare(&world, None, Window::Character);
    let color = resource_color(codes::code_of(&codes::RESOURCE_NAMES, "copper-ore"));
    let counts = [4, 6, 8].map(|x| pixels_like(&world, &image, TilePos::new(x, 4), color));
    assert!(
        0 < counts[0] && counts[0] < counts[1] && counts[1] < counts[2],
        "{counts:?}"
    );
    assert_eq!(pixels_like(&world, &image, TilePos::new(4, 7), color), 0);
}

#[test]
fn lamps_show_the_status_and_chests_their_contents() {
    let ops = [
        map(40, 40),
        resource(4, 4, "iron-ore", 500),
        entity("burner-mining-drill", 5.0, 5.0, Direction::NORTH, &[]),
        entity(
            "iron-chest",
            -4.5,
            4.5,
            Direction::NORTH,
            &[("copper-plate", 5)],
        ),
        character(0.5, 0.5),
    ];
    let world = world(&ops);
    let image = bare(&world, None, Window::Character);
    // The lamp sits 74/256 tile from the upper right corner of the drill's 2 x 2 tiles.
    let lamp = at(&world, &image, 6.0 - 0.29, 4.0 + 0.29);
    let red = status_color(Status::NoFuel).unwrap();
    assert_eq!(red, RED);
    assert!(
        (0..3).all(|part| lamp[part].abs_diff(red[part]) < 40),
        "{lamp:?}"
    );
    let plate = item_color(item("copper-plate"));
    assert!(pixels_like(&world, &image, TilePos::new(-5, 4), plate) > 5);
}

#[test]
fn ghosts_are_bluer_than_what_they_want() {
    let chest = |ops: SetupOp| {
        let world = world(&[map(40, 40), ops, character(0.5, 0.5)]);
        let image = bare(&world, None, Window::Character);
        at(&world, &image, 4.25, 4.75)
    };
    let built = chest(entity("wooden-chest", 4.5, 4.5, Direction::NORTH, &[]));
    let wanted = chest(ghost("wooden-chest", 4.5, 4.5, Direction::NORTH));
    assert!(built[0] > built[2], "wood is warm, not {built:?}");
    assert!(wanted[2] > wanted[0], "a ghost is blue, not {wanted:?}");
}

#[test]
fn an_objective_out_of_view_has_an_arrow_at_that_border() {
    let world = world(&[map(200, 200), character(0.5, 0.5)]);
    let plain = bare(&world, None, Window::Character);
    for (x, y, edge) in [
        (90.0, 0.5, "east"),
        (-90.0, 0.5, "west"),
        (0.5, 90.0, "south"),
        (0.5, -90.0, "north"),
    ] {
        let goal = waypoint(x, y);
        let image = bare(&world, Some(&goal), Window::Character);
        let mut changed = (0..512 * 512_u32)
            .filter(|n| image.pixel(n % 512, n / 512) != plain.pixel(n % 512, n / 512))
            .map(|n| (n % 512, n / 512))
            .peekable();
        assert!(changed.peek().is_some(), "{edge}");
        let is_there = |(x, y): (u32, u32)| match edge {
            "east" => x > 460,
            "west" => x < 52,
            "south" => y > 460,
            _ => y < 52,
        };
        assert!(changed.all(is_there), "only the {edge} border changes");
    }
    let near = bare(&world, Some(&waypoint(5.0, 5.0)), Window::Character);
    assert!(
        pixels_like(&world, &near, TilePos::new(5, 4), RED) > 8,
        "in view it is a flag"
    );
}

#[test]
fn windows_reach_past_the_borders_of_the_map() {
    for (x, y) in [(-9.5, -9.5), (9.5, -9.5), (-9.5, 9.5), (9.5, 9.5)] {
        let world = world(&[map(20, 20), character(x, y)]);
        let image = bare(&world, None, Window::Character);
        assert_eq!((image.width, image.height), (512, 512));
        assert!(
            at(&world, &image, x * 1.8, y * 1.8)
                .iter()
                .all(|part| *part < 40)
        );
    }
}

#[test]
fn every_window_and_size_of_map_can_be_drawn() {
    let windows = [
        Window::Character,
        Window::WholeMap,
        Window::Area(TileArea {
            left: i32::MIN,
            top: i32::MAX,
            width: 0,
            height: -7,
        }),
        Window::Area(TileArea {
            left: -3,
            top: 200,
            width: 9,
            height: 40,
        }),
        Window::Area(TileArea {
            left: 0,
            top: 0,
            width: i32::MAX,
            height: 1,
        }),
    ];
    let text = Hud {
        title: "a title that is far too long for a tiny picture: \u{e9}\n".to_owned(),
        progress: f64::NAN,
        time_left: f64::INFINITY,
        lines: vec!["line".to_owned(); 50],
        ..hud("", "walk", -5.0)
    };
    let far = MapPos::new(i32::MAX, i32::MIN);
    let goal = Goal::ReachWaypoint {
        position: far,
        radius_subtiles: i32::MAX,
    };
    for (width, height) in [(1, 1), (2, 1), (3, 300), (65, 7)] {
        let world = world(&[map(width, height)]);
        for window in windows {
            for tile_pixels in [0, 1, 5, 16, u32::MAX] {
                let options = RenderOptions {
                    window,
                    tile_pixels,
                    trail: vec![far, MapPos::default(), MapPos::new(-far.x, i32::MAX)],
                    ..RenderOptions::default()
                };
                let image = render_rgb(&world, Some(&goal), &text, &options);
                assert_eq!((image.width, image.height), image_size(&world, &options));
                assert_eq!(image.rgb.len(), (image.width * image.height * 3) as usize);
                assert!(image.width <= MAX_IMAGE_SIDE && image.height <= MAX_IMAGE_SIDE + 64);
            }
        }
    }
    let nowhere = World::new();
    render_rgb(
        &nowhere,
        Some(&Goal::default()),
        &text,
        &RenderOptions::default(),
    );
    assert!(to_text(&nowhere, None, &text).contains('@'));
}

#[test]
fn every_entity_of_the_game_can_be_a_ghost() {
    for prototype in vanilla().entities() {
        for direction in [Direction::NORTH, Direction::WEST] {
            let ops = [
                map(60, 60),
                ghost(&prototype.name, 14.0, 14.0, direction),
                character(-14.5, -14.5),
            ];
            let mut built = World::new();
            if crate::sim::setup::execute(&mut built, 1, &ops).is_ok() {
                bare(&built, None, Window::WholeMap);
                to_text(&built, None, &Hud::default());
            }
        }
    }
}

#[test]
fn text_shows_one_line_a_row_and_the_facts_below() {
    let ops = [
        map(40, 40),
        tiles("water", -5, -5, 2, 1),
        resource(4, 0, "coal", 90),
        entity("stone-furnace", 4.0, 4.0, Direction::NORTH, &[]),
        entity("tree-01", -2.5, 0.5, Direction::NORTH, &[]),
        ghost("wooden-chest", 2.5, -2.5, Direction::NORTH),
        SetupOp::Items {
            item: item("wood"),
            count: 7,
        },
        character(0.5, 0.5),
    ];
    let world = world(&ops);
    let goal = waypoint(-6.5, 0.5);
    let text = to_text(&world, Some(&goal), &hud("walk", "move north", 0.5));
    let lines: Vec<&str> = text.lines().collect();
    let row = |y: i32| lines[(y + 16) as usize];
    assert_eq!(&row(0)[18..42], "X . . . T . . @v. . . k ");
    assert_eq!(&row(-3)[32..40], ". . C?. ");
    assert_eq!(&row(-5)[20..28], ". ~ ~ . ");
    assert_eq!((&row(3)[36..44], &row(4)[36..44]), (". F^F^. ", ". F^F!. "));
    assert_eq!(
        lines[32..],
        [
            "walk  step 74/600  0:00.0  tick 0",
            "[##########..........] 50.0% reach the waypoint  time left 87%",
            "carrying 7 wood",
            "last action: move north",
        ]
    );
}

#[test]
fn colours_change_nothing_but_escapes() {
    for scene in scenes() {
        let colored = render_ansi(&scene.world, scene.goal.as_ref(), &scene.hud);
        let mut stripped = String::new();
        let mut parts = colored.split('\x1b');
        stripped.push_str(parts.next().unwrap());
        for part in parts {
            stripped.push_str(part.split_once('m').unwrap().1);
        }
        let trimmed: Vec<&str> = stripped.lines().map(str::trim_end).collect();
        let plain = to_text(&scene.world, scene.goal.as_ref(), &scene.hud);
        assert_eq!(trimmed, plain.lines().collect::<Vec<_>>(), "{}", scene.name);
        assert!(colored.contains("\x1b[38;5;"));
    }
}

#[test]
fn png_files_hold_the_pixels() {
    use std::io::Read as _;
    let world = world(&[map(3, 2)]);
    let options = RenderOptions {
        window: Window::WholeMap,
        shows_hud: false,
        ..RenderOptions::default()
    };
    let image = render_rgb(&world, None, &Hud::default(), &options);
    let file = image.to_png();
    assert_eq!(&file[..8], b"\x89PNG\r\n\x1a\n");
    assert_eq!(&file[12..24], b"IHDR\0\0\0\x30\0\0\0\x20");
    let length = u32::from_be_bytes(file[33..37].try_into().unwrap()) as usize;
    assert_eq!(&file[37..41], b"IDAT");
    let mut lines = Vec::new();
    flate2::read::ZlibDecoder::new(&file[41..41 + length])
        .read_to_end(&mut lines)
        .unwrap();
    let rows: Vec<u8> = lines
        .chunks_exact(48 * 3 + 1)
        .flat_map(|line| line[1..].iter().copied())
        .collect();
    assert_eq!(rows, image.rgb);
    assert!(file.ends_with(b"IEND\xae\x42\x60\x82"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn random_worlds_can_be_drawn(
        side in 1..70_i32,
        things in prop::collection::vec((0..6_u8, -40..40_i32, -40..40_i32, 0..8_u8), 0..60),
        pixels in 1..24_u32,
    ) {
        let mut ops = vec![map(side, side)];
        for (kind, x, y, eighths) in things {
            let direction = Direction::from_eighths(eighths);
            let (fx, fy) = (f64::from(x), f64::from(y));
            let op = match kind {
                0 => resource(x, y, codes::RESOURCE_NAMES[usize::from(eighths) % 6], 1 << (eighths * 3)),
                1 => entity("burner-mining-drill", fx, fy, direction, &[("coal", 1)]),
                2 => ghost("stone-furnace", fx, fy, direction),
                3 => entity("tree-05", fx, fy, direction, &[]),
                4 => tiles("water", x, y, 3, 2),
                _ => entity("wooden-chest", fx, fy, direction, &[("wood", 3)]),
            };
            let mut tried = ops.clone();
            tried.push(op);
            if crate::sim::setup::execute(&mut World::new(), 1, &tried).is_ok() {
                ops = tried;
            }
        }
        let mut world = world(&ops);
        crate::sim::tick::run(&mut world, 300);
        for window in [Window::Character, Window::WholeMap] {
            let options = RenderOptions { window, tile_pixels: pixels, ..RenderOptions::default() };
            let image = render_rgb(&world, None, &Hud::default(), &options);
            prop_assert_eq!((image.width, image.height), image_size(&world, &options));
        }
    }
}

#[test]
#[ignore = "writes pictures for people to look at, into the folder named by PICTURES"]
fn pictures_for_people() {
    let folder = std::path::PathBuf::from(std::env::var("PICTURES").unwrap());
    for scene in scenes() {
        let image = scene.paint();
        std::fs::write(folder.join(format!("{}.png", scene.name)), image.to_png()).unwrap();
        let text = render_ansi(&scene.world, scene.goal.as_ref(), &scene.hud);
        std::fs::write(folder.join(format!("{}.ansi", scene.name)), text).unwrap();
        let text = to_text(&scene.world, scene.goal.as_ref(), &scene.hud);
        std::fs::write(folder.join(format!("{}.txt", scene.name)), text).unwrap();
        let whole = RenderOptions {
            window: Window::WholeMap,
            tile_pixels: 5,
            ..RenderOptions::default()
        };
        let image = render_rgb(&scene.world, scene.goal.as_ref(), &scene.hud, &whole);
        std::fs::write(
            folder.join(format!("{}-whole.png", scene.name)),
            image.to_png(),
        )
        .unwrap();
    }
}
