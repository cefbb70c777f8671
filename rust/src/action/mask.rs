//! The mask: which choices some acceptable action contains, now.
//!
//! Only candidates that could pass are put to `sim::command::check`, the same path that `apply` takes; a test compares
//! the outcome with every action put to it.

use super::decode::{Palette, interaction};
use crate::contract::action::{Interact, NVEC};
use crate::contract::mask::{INTERACT_BIT, ITEM_BIT, MOVE_BIT, SIZE, TARGET_BIT};
use crate::contract::observation::ENTITY_ROWS;
use crate::observation::{TargetRow, TargetRows};
use crate::prototypes::vanilla;
use crate::sim::World;
use crate::sim::command::{Command, check};
use crate::sim::crafter;
use crate::sim::entity::{EntityRef, Target};
use crate::sim::position::Direction;

/// Items in a palette.
pub const PALETTE_SIZE: usize = 32;

/// The exact table of one interaction: bit `item` of entry `target` is set where the action would be accepted.
pub type Table = [u32; ENTITY_ROWS];

/// What the mask keeps between steps.
#[derive(Clone, Debug, Default)]
pub struct MaskCache {
    craftable: u32,
    is_craftable_known: bool,
}

impl MaskCache {
    /// Forgets what was computed.
    pub fn invalidate(&mut self) {
        self.is_craftable_known = false;
    }

    /// Writes the mask. `contents_changed` says that the inventory or the crafting queue may differ from the last call.
    pub fn write(
        &mut self,
        mask: &mut [u8; SIZE],
        world: &World,
        rows: &TargetRows,
        palette: &Palette,
        contents_changed: bool,
    ) {
        mask.fill(0);
        mask[INTERACT_BIT] = 1;
        if world.character.is_alive() {
            write_moves(mask, world);
            let carried = carried_items(world, palette);
            for interact in [
                Interact::Mine,
                Interact::Build,
                Interact::Insert,
                Interact::Take,
                Interact::SetRecipe,
                Interact::Rotate,
            ] {
                add_table(
                    mask,
                    interact,
                    &target_table(world, rows, palette, interact, carried),
                );
            }
            if contents_changed || !self.is_craftable_known {
                self.craftable = craftable_items(world, palette);
                self.is_craftable_known = true;
            }
            if self.craftable != 0 {
                mask[INTERACT_BIT + Interact::Craft as usize] = 1;
                add_items(mask, self.craftable);
            }
        }
        // A head with nothing legal shows its first choice.
        for (first, size) in [(TARGET_BIT, NVEC[2]), (ITEM_BIT, NVEC[3])] {
            if mask[first..first + size].iter().all(|bit| *bit == 0) {
                mask[first] = 1;
            }
        }
    }
}

/// Computes the exact table of one interaction.
pub fn conditional(
    world: &World,
    rows: &TargetRows,
    palette: &Palette,
    interact: Interact,
) -> Table {
    match interact {
        _ if !world.character.is_alive() => [0; ENTITY_ROWS],
        // Nothing is read, so nothing can be refused.
        Interact::None => [u32::MAX; ENTITY_ROWS],
        Interact::Craft => [craftable_items(world, palette); ENTITY_ROWS],
        _ => target_table(
            world,
            rows,
            palette,
            interact,
            carried_items(world, palette),
        ),
    }
}

fn write_moves(mask: &mut [u8; SIZE], world: &World) {
    if is_open_round_character(world) {
        mask[MOVE_BIT..INTERACT_BIT].fill(1);
        return;
    }
    for eighths in 0..8 {
        let command = Command::Walk(Some(Direction::from_eighths(eighths)));
        mask[MOVE_BIT + usize::from(eighths)] = u8::from(check(world, &command).is_ok());
    }
}

/// Says whether nothing stands on the nine tiles round the character: then every way is open.
fn is_open_round_character(world: &World) -> bool {
    let center = world.character.position.tile();
    (-1..=1).all(|dy| (-1..=1).all(|dx| world.grid.cell(center.offset(dx, dy)).is_walkable()))
}

/// Bits of the palette's items that the character carries.
fn carried_items(world: &World, palette: &Palette) -> u32 {
    if world.character.inventory.is_empty() {
        return 0;
    }
    let held = |item| {
        world
            .character
            .inventory
            .slots()
            .iter()
            .flatten()
            .any(|s| s.item == item)
    };
    bits_where(palette, held)
}

fn craftable_items(world: &World, palette: &Palette) -> u32 {
    if world.character.inventory.is_empty() {
        return 0;
    }
    let none: TargetRows = [None; ENTITY_ROWS];
    (0..palette.len())
        .filter(|index| is_accepted(world, &none, palette, Interact::Craft, 0, *index))
        .fold(0, |bits, index| bits | 1 << index)
}

fn bits_where(palette: &Palette, mut holds: impl FnMut(crate::prototypes::ItemId) -> bool) -> u32 {
    palette
        .iter()
        .enumerate()
        .filter(|(_, item)| holds(**item))
        .fold(0, |bits, (index, _)| bits | 1 << index)
}

/// Computes the table of an interaction that reads the target head.
fn target_table(
    world: &World,
    rows: &TargetRows,
    palette: &Palette,
    interact: Interact,
    carried: u32,
) -> Table {
    let items = match interact {
        Interact::Build => {
            carried & bits_where(palette, |item| vanilla()[item].place_result.is_some())
        }
        Interact::Insert => carried,
        Interact::SetRecipe => bits_where(palette, |_| true),
        _ => 1,
    };
    let mut table = [0; ENTITY_ROWS];
    if items == 0 {
        return table;
    }
    // Every row that names nothing of its own gives the same place in front of the character: it is looked up once.
    let mut in_front = None;
    for target in 0..ENTITY_ROWS {
        let is_in_front = interact == Interact::Build && rows[target].is_none();
        table[target] = match in_front {
            Some(bits) if is_in_front => bits,
            _ if rows[target].is_none() && interact != Interact::Build => 0,
            _ => row_bits(world, rows, palette, interact, target, items),
        };
        if is_in_front {
            in_front = Some(table[target]);
        }
    }
    if !interact.uses_item() {
        // The item is not read: each row is all or nothing.
        table = table.map(|bits| if bits == 0 { 0 } else { u32::MAX });
    }
    table
}

fn row_bits(
    world: &World,
    rows: &TargetRows,
    palette: &Palette,
    interact: Interact,
    target: usize,
    mut items: u32,
) -> u32 {
    if interact != Interact::Build {
        match rows[target] {
            Some(row) if !row.is_in_reach => return 0,
            Some(TargetRow {
                target: Target::Entity(reference),
                ..
            }) if interact == Interact::SetRecipe && !has_settable_recipe(world, reference) => {
                return 0;
            }
            _ if interact != Interact::Mine => return 0,
            _ => {}
        }
    }
    let mut bits = 0;
    while items != 0 {
        let item = items.trailing_zeros() as usize;
        items &= items - 1;
        if is_accepted(world, rows, palette, interact, target, item) {
            bits |= 1 << item;
        }
    }
    bits
}

fn has_settable_recipe(world: &World, reference: EntityRef) -> bool {
    world
        .entity(reference)
        .is_some_and(|entity| crafter::has_settable_recipe(entity.prototype()))
}

/// Says whether an interaction would be accepted: decoded, then checked by the simulation.
pub fn is_accepted(
    world: &World,
    rows: &TargetRows,
    palette: &Palette,
    interact: Interact,
    target: usize,
    item: usize,
) -> bool {
    match interaction(world, rows, palette, interact, target, item) {
        Ok(None) => true,
        Ok(Some(command)) => check(world, &command).is_ok(),
        Err(_) => false,
    }
}

fn add_table(mask: &mut [u8; SIZE], interact: Interact, table: &Table) {
    let mut items = 0;
    for (target, bits) in table.iter().enumerate() {
        if *bits != 0 {
            mask[INTERACT_BIT + interact as usize] = 1;
            mask[TARGET_BIT + target] = 1;
            items |= bits;
        }
    }
    if interact.uses_item() {
        add_items(mask, items);
    }
}

fn add_items(mask: &mut [u8; SIZE], mut items: u32) {
    while items != 0 {
        mask[ITEM_BIT + items.trailing_zeros() as usize] = 1;
        items &= items - 1;
    }
}
