//! The strip below the map, and the facts that it shows in pictures and in text.

use super::font::{self, ADVANCE};
use super::palette::{BLACK, Color, GREEN, ORANGE, RED, WHITE, item_color, mix, shade};
use super::raster::{Canvas, OPAQUE};
use crate::contract::action::RejectReason;
use crate::prototypes::{ItemId, vanilla};
use crate::scenario::objective::Goal;
use crate::sim::World;

/// Height of the strip in pixels.
pub(super) const STRIP_HEIGHT: i32 = 64;
/// Most extra lines that are shown over the map.
const MAX_LINES: usize = 8;

const PANEL: Color = [32, 32, 36];
const GREY: Color = [168, 168, 172];

/// What the picture says besides the world; the environment fills it in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hud {
    /// Name of the scenario.
    pub title: String,
    /// Steps taken in this episode.
    pub step: u64,
    /// Steps after which the episode is cut off; 0 if there is no such number.
    pub max_steps: u64,
    /// Share of the objective that is done, 0 to 1.
    pub progress: f64,
    /// Share of the episode's time that is left, 0 to 1.
    pub time_left: f64,
    /// The last action in words; empty before the first.
    pub action: String,
    /// Why the last action was refused.
    pub rejected: Option<RejectReason>,
    /// More lines, shown over the upper left of the map (the first eight).
    pub lines: Vec<String>,
}

impl Hud {
    /// Says where the episode stands: steps, game time, tick.
    pub(super) fn clock_text(&self, world: &World) -> String {
        let seconds = world.tick / 60;
        let tenths = world.tick % 60 / 6;
        let steps = match self.max_steps {
            0 => format!("step {}", self.step),
            max => format!("step {}/{max}", self.step),
        };
        let (minutes, seconds) = (seconds / 60, seconds % 60);
        format!(
            "{steps}  {minutes}:{seconds:02}.{tenths}  tick {}",
            world.tick
        )
    }

    /// Says what was done last, with the reason if it was refused.
    pub(super) fn action_text(&self) -> String {
        match (self.action.as_str(), self.rejected) {
            ("", None) => "-".to_owned(),
            (action, None) => action.to_owned(),
            ("", Some(reason)) => format!("refused: {reason}"),
            (action, Some(reason)) => format!("{action}  refused: {reason}"),
        }
    }
}

/// Says what a goal asks for, in a few words.
pub(super) fn goal_text(goal: &Goal) -> String {
    let name = |item: &ItemId| vanilla()[*item].name.as_str();
    match goal {
        Goal::ReachWaypoint { .. } => "reach the waypoint".to_owned(),
        Goal::MineItems { items, amount, .. } => {
            let names: Vec<&str> = items.iter().map(name).collect();
            format!("mine {amount} {}", names.join(", "))
        }
        Goal::BuildBlueprint { wanted } => format!("build {} entities", wanted.len()),
        Goal::OptimizeProduction {
            target_per_minute, ..
        } => {
            // A target is a number of a scenario file; one decimal is more than enough to read.
            format!("make {target_per_minute:.1} points a minute")
        }
        Goal::FreePlay => "play freely".to_owned(),
    }
}

/// Lists what the character carries: most first, ties by name.
pub(super) fn carried(world: &World) -> Vec<(ItemId, u32)> {
    let mut counts = std::collections::BTreeMap::new();
    for stack in world.character.inventory.slots().iter().flatten() {
        *counts.entry(stack.item).or_insert(0_u32) += stack.count;
    }
    let mut items: Vec<(ItemId, u32)> = counts.into_iter().collect();
    items.sort_by_key(|(item, count)| (std::cmp::Reverse(*count), *item));
    items
}

/// Writes the extra lines over the map and fills the strip below it.
pub(super) fn draw(canvas: &mut Canvas, world: &World, goal: Option<&Goal>, hud: &Hud) {
    draw_lines(canvas, hud);
    let (top, width) = (canvas.map_height(), canvas.width());
    canvas.pixels(0, top, width, STRIP_HEIGHT, PANEL, OPAQUE);
    canvas.pixels(0, top, width, 1, shade(PANEL, 60), OPAQUE);
    let clock = hud.clock_text(world);
    let clock_width = font::text_width(&clock, 1);
    let title_scale = if font::text_width(&hud.title, 2) + clock_width + 24 <= width {
        2
    } else {
        1
    };
    font::text(canvas, 8, top + 5, title_scale, WHITE, &hud.title);
    let clock_left = width - clock_width - 8;
    if clock_left > font::text_width(&hud.title, title_scale) + 12 {
        font::text(canvas, clock_left, top + 9, 1, GREY, &clock);
    }
    draw_progress(canvas, top + 25, goal, hud);
    draw_inventory(canvas, top + 39, world);
    let color = if hud.rejected.is_some() { RED } else { GREY };
    font::text(
        canvas,
        8,
        top + 52,
        1,
        mix(color, WHITE, 60),
        &hud.action_text(),
    );
}

fn draw_lines(canvas: &mut Canvas, hud: &Hud) {
    for (row, line) in (0..).zip(hud.lines.iter().take(MAX_LINES)) {
        let (top, width) = (4 + row * 12, font::text_width(line, 1));
        if top + 12 > canvas.map_height() {
            return;
        }
        canvas.pixels(4, top, width + 8, 12, BLACK, 150);
        font::text(canvas, 8, top + 2, 1, WHITE, line);
    }
}

/// Draws the bar of the objective with its name, and a thin bar of the time that is left.
fn draw_progress(canvas: &mut Canvas, top: i32, goal: Option<&Goal>, hud: &Hud) {
    let width = canvas.width();
    let bar = (width * 2 / 5).clamp(16, 260);
    let done = super::per_mille(hud.progress);
    let color = if done >= 1_000 { GREEN } else { [70, 160, 220] };
    canvas.pixels(8, top, bar, 9, shade(PANEL, 34), OPAQUE);
    canvas.pixels(8, top, bar * done / 1_000, 9, color, OPAQUE);
    canvas.pixels(8, top, bar * done / 1_000, 2, shade(color, 40), OPAQUE);
    let left = super::per_mille(hud.time_left);
    let time_color = if left < 200 { ORANGE } else { [150, 150, 156] };
    canvas.pixels(8, top + 10, bar * left / 1_000, 1, time_color, OPAQUE);
    let percent = format!("{:3}.{}%", done / 10, done % 10);
    let after = font::text(canvas, bar + 14, top + 1, 1, WHITE, &percent);
    if let Some(goal) = goal {
        font::text(canvas, after + ADVANCE, top + 1, 1, GREY, &goal_text(goal));
    }
}

/// Draws what the character carries, as far as the strip is wide.
fn draw_inventory(canvas: &mut Canvas, top: i32, world: &World) {
    let items = carried(world);
    if items.is_empty() {
        font::text(canvas, 8, top + 1, 1, shade(PANEL, 80), "carrying nothing");
        return;
    }
    let mut x = 8;
    for (item, count) in items {
        let count = count.to_string();
        let name = vanilla()[item].name.as_str();
        let width = 12 + font::text_width(&count, 1) + ADVANCE + font::text_width(name, 1) + 14;
        if x > 8 && x + width > canvas.width() {
            font::text(canvas, x, top + 1, 1, GREY, "...");
            return;
        }
        canvas.pixels(x, top, 9, 9, BLACK, OPAQUE);
        canvas.pixels(x + 1, top + 1, 7, 7, item_color(item), OPAQUE);
        canvas.pixels(x + 1, top + 1, 7, 2, shade(item_color(item), 40), OPAQUE);
        let after = font::text(canvas, x + 13, top + 1, 1, WHITE, &count);
        x = font::text(canvas, after + 4, top + 1, 1, GREY, name) + 8;
    }
}
