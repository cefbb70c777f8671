//! Taking from belts: which item the hand goes for, following it, catching it.
//!
//! The rules are measured tick by tick (2.0.60, 1,154 set-ups, yellow belts): the lane nearer the inserter first (lane 1
//! where the belt runs along the arm and on turns), of a lane the item furthest upstream; the choice holds until the item
//! leaves the belt that is picked from; the item is taken in the tick in which the hand is exactly on it.
//! A hand for more than one item goes on with the next by the same rules, so it takes one a tick at most, and swings away
//! when it is full or the belt has no more for it. The public rates of larger hands (2.0.76) do not apply: their cycles
//! lengthen only with the 5th and the 9th item, as with belts of Space Age, on which four items lie in a stack.

use serde::{Deserialize, Serialize};

use super::arm::Hand;
use super::pick::{hand_size, hold, wants};
use super::tick::{end_tick, rest, waiting_status};
use super::{Inserter, Place, Stage};
use crate::prototypes::ItemId;
use crate::sim::belt::{Belts, Shape};
use crate::sim::inventory::ItemStack;
use crate::sim::position::{MapPos, SUBTILES};
use crate::sim::world::World;

/// An item on a belt that a hand goes for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Catch {
    /// Which of the belts on the pickup tile: a splitter has two, one behind the other.
    half: u8,
    lane: u8,
    position: i32,
    item: ItemId,
}

/// What an inserter finds on the belts that it takes from.
enum Found {
    Catch(Catch),
    /// Only what it does not want now.
    Unwanted,
    Nothing,
}

/// Runs one tick of an inserter that takes from `belts` and whose hand is not on its way to put something down.
pub(super) fn tick_over_belt(world: &mut World, index: u32, place: usize, belts: [u32; 2]) {
    let Some(inserter) = world.inserters.get(index) else {
        return;
    };
    if inserter.catch.is_none()
        && inserter.stage == Stage::ToPickup
        && world.sees_nothing_wanted(index)
    {
        swing_back(world, index, place, belts);
        return;
    }
    let found = match inserter.catch {
        Some(catch) => match follow(&world.belts, belts, catch) {
            Some(catch) => Found::Catch(catch),
            None if is_over_pickup(inserter) => {
                // It is lost; the tick is spent over the belt.
                if let Some(inserter) = world.inserters.get_mut(index) {
                    inserter.catch = None;
                }
                end_tick(world, index, place, None);
                return;
            }
            None => choose(world, inserter, belts),
        },
        None => choose(world, inserter, belts),
    };
    let holds_something = inserter.held.is_some();
    let catch = match found {
        Found::Catch(catch) => Some(catch),
        _ => None,
    };
    let aim = match catch {
        Some(catch) => aim_at(world, inserter, belts, catch),
        None => inserter.side().pickup,
    };
    let is_at_rest = catch.is_none() && inserter.stage == Stage::AtPickup && !holds_something;
    let Some(inserter) = world.inserters.get_mut(index) else {
        return;
    };
    inserter.catch = catch;
    if catch.is_none() && holds_something {
        // A hand that holds something does not wait for more.
        inserter.stage = Stage::ToDrop;
        inserter.swing(inserter.kind(), &mut world.power);
        end_tick(world, index, place, None);
        return;
    }
    inserter.stage = Stage::ToPickup;
    if !is_at_rest && !inserter.swing_to(aim, inserter.kind(), &mut world.power) {
        end_tick(world, index, place, None);
        if catch.is_none() {
            world.begin_view(index, belts);
        }
        return;
    }
    if let Some(catch) = catch {
        take(world, index, belts, catch);
        end_tick(world, index, place, None);
    } else {
        inserter.stage = Stage::AtPickup;
        wait(world, index, place, belts, matches!(found, Found::Unwanted));
    }
}

/// Runs one tick of an inserter on its way back to a belt on which nothing is wanted.
fn swing_back(world: &mut World, index: u32, place: usize, belts: [u32; 2]) {
    let Some(inserter) = world.inserters.get_mut(index) else {
        return;
    };
    let aim = inserter.side().pickup;
    if !inserter.swing_to(aim, inserter.kind(), &mut world.power) {
        end_tick(world, index, place, None);
        return;
    }
    inserter.stage = Stage::AtPickup;
    let Some(inserter) = world.inserters.get(index) else {
        return;
    };
    let found = choose(world, inserter, belts);
    debug_assert!(!matches!(found, Found::Catch(_)), "nothing is wanted");
    wait(world, index, place, belts, matches!(found, Found::Unwanted));
}

/// Finds where the item that is chased has moved to, if it is still on the belt.
fn follow(belts: &Belts, [first, second]: [u32; 2], catch: Catch) -> Option<Catch> {
    let belt = if catch.half == 0 { first } else { second };
    // In one tick it moved on by a step at most, and those behind it keep more than that between them.
    let position = belts.follow(belt, usize::from(catch.lane), catch.position, catch.item)?;
    Some(Catch { position, ..catch })
}

/// Chooses an item to go for.
fn choose(world: &World, inserter: &Inserter, halves: [u32; 2]) -> Found {
    let mut best: Option<(i32, Catch)> = None;
    let mut verdict: Option<(ItemId, bool)> = None;
    let count = if halves[0] == halves[1] { 1 } else { 2 };
    for (half, belt) in halves.into_iter().take(count).enumerate() {
        let lanes = lane_order(world, inserter, belt);
        for (rank, lane) in lanes.into_iter().enumerate() {
            for (position, item) in world.belts.visible_items(belt, lane) {
                let is_wanted = match verdict {
                    Some((known, is_wanted)) if known == item => is_wanted,
                    _ => inserter.refused != Some(item) && wants(world, inserter, item),
                };
                verdict = Some((item, is_wanted));
                // Of the nearer lane, and there the item furthest upstream; a splitter's first half lies upstream.
                let key = rank as i32 * 8 * SUBTILES + half as i32 * 2 * SUBTILES - position;
                if is_wanted && best.is_none_or(|(least, _)| key < least) {
                    let catch = Catch {
                        half: half as u8,
                        lane: lane as u8,
                        position,
                        item,
                    };
                    best = Some((key, catch));
                }
            }
        }
    }
    match (best, verdict) {
        (Some((_, catch)), _) => Found::Catch(catch),
        (None, Some(_)) => Found::Unwanted,
        (None, None) => Found::Nothing,
    }
}

/// Gives the lanes of a belt, the one that is looked at first.
fn lane_order(world: &World, inserter: &Inserter, belt: u32) -> [usize; 2] {
    let Some(tile) = world.belts.belt(belt) else {
        return [0, 1];
    };
    let (ahead_x, ahead_y) = inserter.direction().steps();
    let (dx, dy) = tile.direction.steps();
    // Left of travel is lane 1; a belt that crosses from right to left has that lane on the near side.
    let near_is_left = ahead_x * dy - ahead_y * dx < 0;
    let crosses = ahead_x * dx + ahead_y * dy == 0;
    if tile.shape == Shape::Straight && crosses && !near_is_left {
        [1, 0]
    } else {
        [0, 1]
    }
}

/// Gives the place of an item as the arm sees it.
fn aim_at(world: &World, inserter: &Inserter, [first, second]: [u32; 2], catch: Catch) -> Hand {
    let belt = if catch.half == 0 { first } else { second };
    let (x, y) = world
        .belts
        .world_position(belt, usize::from(catch.lane), catch.position);
    let middle = world
        .belts
        .belt(belt)
        .map_or(MapPos::default(), |tile| tile.tile.center());
    let center = world
        .entities
        .get(inserter.slot)
        .map_or(MapPos::default(), |entity| entity.position);
    let tiles = |from: i32, to: i32| f64::from(to - from) / f64::from(SUBTILES);
    Hand::at(tiles(center.x, middle.x + x), tiles(center.y, middle.y + y))
}

/// Says whether the hand is over the tile that the inserter takes from; the edges belong to it.
fn is_over_pickup(inserter: &Inserter) -> bool {
    const HALF_TILE: f64 = 0.5;
    let (x, y) = inserter.hand.offset_tiles();
    let pickup = inserter.side().pickup_offset;
    let middle = |subtiles: i32| f64::from(subtiles) / f64::from(SUBTILES);
    (x - middle(pickup.x)).abs() <= HALF_TILE && (y - middle(pickup.y)).abs() <= HALF_TILE
}

/// Takes the item that the hand is on.
fn take(world: &mut World, index: u32, [first, second]: [u32; 2], catch: Catch) {
    let belt = if catch.half == 0 { first } else { second };
    let lane = usize::from(catch.lane);
    let is_taken = world.belts.take(belt, lane, catch.position, catch.item);
    debug_assert!(is_taken, "an item that was found lies there");
    if !is_taken {
        return;
    }
    hold(
        world,
        index,
        ItemStack {
            item: catch.item,
            count: 1,
        },
    );
    let Some(inserter) = world.inserters.get(index) else {
        return;
    };
    let is_full = inserter.held.map_or(0, |stack| stack.count) >= hand_size(world, inserter);
    if let Some(inserter) = world.inserters.get_mut(index) {
        inserter.catch = None;
        if is_full {
            inserter.stage = inserter.stage_with_load();
        }
    }
}

/// Lets an inserter wait at the pickup point; it looks at a belt that moves in every tick.
fn wait(world: &mut World, index: u32, place: usize, belts: [u32; 2], has_unwanted: bool) {
    if belts.iter().any(|belt| world.belts.is_awake(*belt)) {
        if has_unwanted {
            refuse_what_lies_there(world, index, belts);
        }
        end_tick(world, index, place, Some(waiting_status(has_unwanted)));
        look_away(world, index, belts, has_unwanted);
    } else {
        rest(world, index, place, has_unwanted);
    }
}

/// Lets an inserter that waits over a belt not look at it until something else may be found there.
fn look_away(world: &mut World, index: u32, [belt, other]: [u32; 2], has_unwanted: bool) {
    let Some(inserter) = world.inserters.get(index) else {
        return;
    };
    if belt != other || (has_unwanted && !world.is_told_by_sink(index)) {
        return;
    }
    let visible = [0, 1].map(|lane| world.belts.visible_part(belt, lane));
    let ticks = if has_unwanted {
        let mut verdict: Option<(ItemId, bool)> = None;
        world.belts.ticks_unwanted(belt, visible, |item| {
            let is_wanted = match verdict {
                Some((known, is_wanted)) if known == item => is_wanted,
                _ => inserter.refused != Some(item) && wants(world, inserter, item),
            };
            verdict = Some((item, is_wanted));
            is_wanted
        })
    } else {
        world.belts.ticks_empty(belt, visible)
    };
    world.begin_lull(index, belt, ticks);
}

/// Remembers one kind of item that the sink has no room for, and has the sink say when that changes.
fn refuse_what_lies_there(world: &mut World, index: u32, belts: [u32; 2]) {
    let Some(inserter) = world.inserters.get(index) else {
        return;
    };
    let first = belts
        .into_iter()
        .flat_map(|belt| (0..2).map(move |lane| (belt, lane)))
        .find_map(|(belt, lane)| world.belts.visible_items(belt, lane).next());
    let (slot, sink, refused) = (inserter.slot, inserter.sink, inserter.refused);
    if let (Some((_, item)), Place::Machine(machine), None) = (first, sink, refused)
        && let Some(reference) = world.reference(slot)
    {
        world.wait_for(machine, reference);
        if let Some(inserter) = world.inserters.get_mut(index) {
            inserter.refused = Some(item);
        }
    }
}
