//! The window as text: two characters a tile, with or without the colours of a terminal.
//!
//! First character, what is there: `@` the character, `X` the objective's place, `T` tree, `R` rock, `D` drill, `F` furnace,
//! `C` chest, `W` wall, `B` belt, `U` underground belt, `S` splitter, `I` inserter, `A` assembling machine, `L` lab,
//! `P` pole, `p` pipe, `K` tank, `H` boiler, `G` generator, `O` solar panel, `Q` accumulator, `N` beacon, `M` any other machine, `*` items on the ground; ground without a thing on it
//! is `.` land, `~` water, `=` paved, blank outside the map; resources are `i` iron, `c` copper, `k` coal, `s` stone,
//! `u` uranium, `o` oil.
//!
//! Second character: `^ > v <` and `/ \` where the character looks; `?` a ghost, something wanted there; on the middle of a
//! machine `+` works, `!` lacks fuel or power, `-` lacks something else, `%` is full; on the rest of it its direction.

use std::fmt::Write as _;

use super::hud::{Hud, carried, goal_text};
use super::palette::{
    Color, GHOST, GREEN, RED, WHITE, YELLOW, entity_color, item_color, resource_color,
    status_color, tile_color,
};
use super::{Window, per_mille};
use crate::contract::codes::{
    RESOURCE_ROCK, RESOURCE_TREE, Status, TERRAIN_NAMES, TERRAIN_PAVED, TERRAIN_WATER,
};
use crate::prototypes::{EntityKind, EntityPrototypeId, vanilla};
use crate::scenario::objective::Goal;
use crate::sim::World;
use crate::sim::position::{Direction, MapPos, TileArea, TilePos};

/// One tile of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cell {
    first: char,
    second: char,
    color: Color,
    background: Option<Color>,
}

/// Writes the window with the colours of a terminal (the 256-colour set).
pub fn render_ansi(world: &World, goal: Option<&Goal>, hud: &Hud) -> String {
    write(world, goal, hud, true)
}

/// Writes the window as plain text.
pub fn to_text(world: &World, goal: Option<&Goal>, hud: &Hud) -> String {
    write(world, goal, hud, false)
}

fn write(world: &World, goal: Option<&Goal>, hud: &Hud, is_colored: bool) -> String {
    let window = Window::Character.tiles(world);
    let site = goal.and_then(|goal| goal.site(world)).map(MapPos::tile);
    let mut text = String::with_capacity(if is_colored { 48_000 } else { 4_000 });
    write_map(&mut text, world, window, site, is_colored);
    write_facts(&mut text, world, goal, hud, is_colored);
    text
}

/// Writes the tiles of a window as plain text, and nothing else.
pub fn map_text(world: &World, window: Window) -> String {
    let mut text = String::new();
    write_map(&mut text, world, window.tiles(world), None, false);
    text
}

fn write_map(
    text: &mut String,
    world: &World,
    window: TileArea,
    site: Option<TilePos>,
    is_colored: bool,
) {
    for y in window.top..window.top + window.height {
        let mut last = None;
        for x in window.left..window.left + window.width {
            let cell = cell_at(world, TilePos::new(x, y), site);
            if is_colored && last != Some((cell.color, cell.background)) {
                write_colors(text, cell.color, cell.background);
                last = Some((cell.color, cell.background));
            }
            text.push(cell.first);
            text.push(cell.second);
        }
        if is_colored {
            text.push_str("\x1b[0m");
        } else {
            text.truncate(text.trim_end_matches(' ').len());
        }
        text.push('\n');
    }
}

fn write_facts(text: &mut String, world: &World, goal: Option<&Goal>, hud: &Hud, is_colored: bool) {
    const BAR: i32 = 20;
    let done = per_mille(hud.progress);
    let filled = (done * BAR / 1_000) as usize;
    let bar = format!(
        "[{}{}]",
        "#".repeat(filled),
        ".".repeat(BAR as usize - filled)
    );
    let goal = goal.map(goal_text).unwrap_or_default();
    let mut lines = vec![
        format!("{}  {}", hud.title, hud.clock_text(world)),
        format!(
            "{bar} {}.{}% {goal}  time left {}%",
            done / 10,
            done % 10,
            per_mille(hud.time_left) / 10
        ),
    ];
    let items: Vec<String> = carried(world)
        .iter()
        .map(|(item, count)| format!("{count} {}", vanilla()[*item].name))
        .collect();
    lines.push(if items.is_empty() {
        "carrying nothing".to_owned()
    } else {
        format!("carrying {}", items.join(", "))
    });
    lines.push(format!("last action: {}", hud.action_text()));
    lines.extend(hud.lines.iter().cloned());
    for (index, line) in lines.iter().enumerate() {
        if is_colored && index == 3 {
            let color = if hud.rejected.is_some() { RED } else { WHITE };
            write_colors(text, color, None);
            text.push_str(line.trim_end());
            text.push_str("\x1b[0m\n");
        } else {
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
}

fn cell_at(world: &World, tile: TilePos, site: Option<TilePos>) -> Cell {
    let look = world.look(tile);
    let background = world.terrain.tile(tile).map(tile_color);
    let plain = |first, second, color| Cell {
        first,
        second,
        color,
        background,
    };
    if world.character.position.tile() == tile {
        return plain('@', arrow(world.character.facing), WHITE);
    }
    if let Some(entity) = look.entity {
        let is_middle = entity.position.tile() == tile;
        let status = world.status(entity);
        let second = match status_mark(status) {
            Some(mark) if is_middle => mark,
            _ if is_natural(entity.prototype) => ' ',
            _ if status == Status::Normal && !entity.prototype().is_rotatable => ' ',
            _ => arrow(entity.direction),
        };
        let color = if is_middle && let Some(item) = super::machines::contents(world, entity) {
            item_color(item)
        } else {
            status_color(status).unwrap_or(WHITE)
        };
        let first = letter(entity.prototype);
        return Cell {
            first,
            second,
            color: contrasting(color, entity_background(entity.prototype)),
            background: Some(entity_background(entity.prototype)),
        };
    }
    if site == Some(tile) {
        return plain('X', ' ', YELLOW);
    }
    if let Some(ghost) = look.ghost {
        return plain(letter(ghost.prototype), '?', GHOST);
    }
    if let Some((_, stack)) = world.ground.on_tile(tile) {
        return plain('*', ' ', item_color(stack.item));
    }
    if let Some(resource) = look.resource {
        let symbol = match resource.code {
            1 => 'i',
            2 => 'c',
            3 => 'k',
            4 => 's',
            5 => 'u',
            _ => 'o',
        };
        return plain(symbol, ' ', resource_color(resource.code));
    }
    let color = background.map_or(WHITE, |color| contrasting(GREEN, color));
    debug_assert!(usize::from(look.cell.terrain()) <= TERRAIN_NAMES.len());
    match look.cell.terrain() {
        0 => plain(' ', ' ', WHITE),
        TERRAIN_WATER => plain('~', ' ', WHITE),
        TERRAIN_PAVED => plain('=', ' ', WHITE),
        _ => plain('.', ' ', color),
    }
}

fn is_natural(prototype: EntityPrototypeId) -> bool {
    let facts = &vanilla()[prototype];
    facts.kind == EntityKind::Tree || facts.is_rock
}

fn entity_background(prototype: EntityPrototypeId) -> Color {
    let facts = &vanilla()[prototype];
    if facts.kind == EntityKind::Tree {
        resource_color(RESOURCE_TREE)
    } else if facts.is_rock {
        resource_color(RESOURCE_ROCK)
    } else {
        super::palette::shade(entity_color(prototype), -60)
    }
}

/// Gives `color` unless it is too near to its background; then black or white.
fn contrasting(color: Color, background: Color) -> Color {
    let distance: i32 = (0..3)
        .map(|part| (i32::from(color[part]) - i32::from(background[part])).abs())
        .sum();
    if distance > 150 {
        return color;
    }
    let is_light = background.iter().map(|part| i32::from(*part)).sum::<i32>() > 400;
    if is_light { [0; 3] } else { WHITE }
}

fn letter(prototype: EntityPrototypeId) -> char {
    let facts = &vanilla()[prototype];
    match facts.kind {
        EntityKind::Tree => 'T',
        EntityKind::MiningDrill => 'D',
        EntityKind::Furnace => 'F',
        EntityKind::Container | EntityKind::InfinityContainer | EntityKind::LogisticContainer => {
            'C'
        }
        EntityKind::Wall => 'W',
        EntityKind::Inserter => 'I',
        EntityKind::AssemblingMachine => 'A',
        EntityKind::Lab => 'L',
        EntityKind::ElectricPole => 'P',
        EntityKind::Splitter => 'S',
        EntityKind::UndergroundBelt => 'U',
        EntityKind::Pipe | EntityKind::PipeToGround => 'p',
        EntityKind::StorageTank => 'K',
        EntityKind::Boiler => 'H',
        EntityKind::Generator => 'G',
        EntityKind::SolarPanel => 'O',
        EntityKind::Accumulator => 'Q',
        EntityKind::Beacon => 'N',
        _ if facts.is_rock => 'R',
        kind if kind.is_belt_like() => 'B',
        _ => 'M',
    }
}

fn status_mark(status: Status) -> Option<char> {
    match status {
        Status::Normal => None,
        Status::Working => Some('+'),
        Status::NoFuel | Status::NoPower | Status::LowPower => Some('!'),
        Status::Full => Some('%'),
        Status::NoIngredients
        | Status::NoRecipe
        | Status::NoResources
        | Status::WaitingForSource
        | Status::Disabled
        | Status::Damaged => Some('-'),
    }
}

fn arrow(direction: Direction) -> char {
    ['^', '/', '>', '\\', 'v', '/', '<', '\\'][usize::from(direction.eighths())]
}

fn write_colors(text: &mut String, color: Color, background: Option<Color>) {
    let code = |[r, g, b]: Color| {
        // The 6 x 6 x 6 cube of the 256-colour set.
        let level = |part: u8| (u32::from(part) * 5 + 127) / 255;
        16 + 36 * level(r) + 6 * level(g) + level(b)
    };
    let written = match background {
        Some(background) => write!(text, "\x1b[38;5;{};48;5;{}m", code(color), code(background)),
        None => write!(text, "\x1b[0;38;5;{}m", code(color)),
    };
    written.expect("writing to a string does not fail");
}
