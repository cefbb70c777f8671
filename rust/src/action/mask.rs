//! The mask: which choices some acceptable action contains, now.
//!
//! Only candidates that could pass are put to `sim::command::check`, the same path that `apply` takes; a test compares
//! the outcome with every action put to it.

use super::decode::{Palette, interaction};
use crate::contract::action::{Interact, NVEC};
use crate::contract::mask::{INTERACT_BIT, ITEM_BIT, MOVE_BIT, SIZE, TARGET_BIT};
use crate::contract::observation::ENTITY_ROWS;
use crate::observation::{TargetRow, TargetRows};
use crate::prototypes::{EntityPrototypeId, vanilla};
use crate::sim::World;
use crate::sim::command::{Command, check, check_rotate, check_take};
use crate::sim::crafter;
use crate::sim::entity::{EntityRef, Target};
use crate::sim::mining;
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
    /// What kinds of machines can be set to, as bits of palette items.
    settable: Vec<(EntityPrototypeId, u32)>,
    /// How many recipes were enabled when `settable` was found; they are never taken back within an episode.
    n_enabled: usize,
}

impl MaskCache {
    /// Forgets what was computed.
    pub fn invalidate(&mut self) {
        self.is_craftable_known = false;
        self.settable.clear();
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
            write_item_free(mask, world, rows);
            for interact in [Interact::Build, Interact::Insert] {
                add_table(
                    mask,
                    interact,
                    &target_table(world, rows, palette, interact, carried),
                );
            }
            let recipes = self.recipe_table(world, rows, palette);
            add_table(mask, Interact::SetRecipe, &recipes);
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

impl MaskCache {
    /// Computes the table of setting recipes; what a machine can be set to follows from its kind and what is enabled.
    fn recipe_table(&mut self, world: &World, rows: &TargetRows, palette: &Palette) -> Table {
        let mut table = [0; ENTITY_ROWS];
        let mut is_counted = false;
        for (target, row) in rows.iter().enumerate() {
            let Some(TargetRow {
                target: Target::Entity(reference),
                is_in_reach: true,
                ..
            }) = *row
            else {
                continue;
            };
            let Some(entity) = world.entity(reference) else {
                continue;
            };
            if !crafter::has_settable_recipe(entity.prototype()) {
                continue;
            }
            let kind = entity.prototype;
            if !is_counted {
                let enabled = &world.force.enabled_recipes;
                let n_enabled = enabled.iter().filter(|is_enabled| **is_enabled).count();
                if n_enabled != self.n_enabled {
                    self.settable.clear();
                    self.n_enabled = n_enabled;
                }
                is_counted = true;
            }
            let known = self.settable.iter().find(|(known, _)| *known == kind);
            table[target] = if let Some((_, bits)) = known {
                *bits
            } else {
                let items = bits_where(palette, |_| true);
                let bits = row_bits(world, rows, palette, Interact::SetRecipe, target, items);
                self.settable.push((kind, bits));
                bits
            };
        }
        table
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

/// Writes what reads a row and no item: mining, taking, turning. A row in reach is looked up once for the three, and what
/// `check` asks beyond reach is asked of it.
fn write_item_free(mask: &mut [u8; SIZE], world: &World, rows: &TargetRows) {
    for (target, row) in rows.iter().enumerate() {
        let Some(row) = row.filter(|row| row.is_in_reach) else {
            continue;
        };
        let accepted = match row.target {
            Target::Entity(reference) => {
                let Some(entity) = world.entity(reference) else {
                    continue;
                };
                [
                    (Interact::Mine, mining::plan_entity(world, entity).is_ok()),
                    (Interact::Take, check_take(world, entity).is_ok()),
                    (Interact::Rotate, check_rotate(world, entity).is_ok()),
                ]
            }
            target => [
                (Interact::Mine, mining::plan(world, target).is_ok()),
                (Interact::Take, false),
                (Interact::Rotate, false),
            ],
        };
        for (interact, is_accepted) in accepted {
            mask[INTERACT_BIT + interact as usize] |= u8::from(is_accepted);
            mask[TARGET_BIT + target] |= u8::from(is_accepted);
        }
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
            Some(TargetRow {
                target: Target::Entity(_),
                ..
            }) => {}
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prototypes::ItemId;
    use crate::sim::entity::EntityRef;
    use crate::sim::position::{MapPos, TilePos};
    use crate::sim::setup::{SetupOp, execute};

    fn item(name: &str) -> ItemId {
        vanilla().item(name).unwrap()
    }

    fn place(name: &str, x: f64, y: f64) -> SetupOp {
        SetupOp::Entity {
            prototype: vanilla().entity(name).unwrap(),
            position: MapPos::from_tiles(x, y),
            direction: Direction::NORTH,
            items: Vec::new(),
            recipe: None,
        }
    }

    /// A world with machines, most of them in reach, and the rows that name them.
    fn workshop() -> (World, TargetRows) {
        let machines = [
            ("assembling-machine-1", 3.5, 0.5, true),
            ("assembling-machine-2", -3.5, 0.5, true),
            ("assembling-machine-1", 0.5, 4.5, true),
            ("stone-furnace", 0.0, -3.0, true),
            ("chemical-plant", 4.5, -4.5, true),
            ("assembling-machine-3", 24.5, 0.5, false),
        ];
        let mut ops = vec![
            SetupOp::Map {
                width: 64,
                height: 64,
                tile: vanilla().tile("grass-1").unwrap(),
            },
            SetupOp::Character {
                position: MapPos::from_tiles(0.5, 0.5),
            },
        ];
        ops.extend(machines.iter().map(|(name, x, y, _)| place(name, *x, *y)));
        let mut world = World::new();
        execute(&mut world, 1, &ops).unwrap();
        let mut rows: TargetRows = [None; ENTITY_ROWS];
        for (row, (_, x, y, is_in_reach)) in rows.iter_mut().zip(machines) {
            let tile = TilePos::new(x.floor() as i32, y.floor() as i32);
            let slot = world.entity_slot_at(tile).unwrap();
            let reference: EntityRef = world.reference(slot).unwrap();
            *row = Some(TargetRow {
                target: Target::Entity(reference),
                is_in_reach,
            });
        }
        (world, rows)
    }

    #[test]
    fn recipes_are_legal_exactly_where_they_would_be_accepted() {
        let (mut world, rows) = workshop();
        let palette = [
            item("iron-gear-wheel"),
            item("pipe"),
            item("iron-plate"),
            item("electronic-circuit"),
            item("plastic-bar"),
            item("engine-unit"),
            item("concrete"),
        ];
        for name in ["steam-power", "electronics"] {
            world.force.research(vanilla().technology(name).unwrap());
        }
        let mut cache = MaskCache::default();
        let mut seen = Vec::new();
        for technology in [None, Some("engine"), Some("concrete"), Some("plastics")] {
            if let Some(name) = technology {
                world.force.research(vanilla().technology(name).unwrap());
            }
            let table = cache.recipe_table(&world, &rows, &palette);
            let exact = conditional(&world, &rows, &palette, Interact::SetRecipe);
            assert_eq!(table, exact);
            for (target, bits) in table.iter().enumerate() {
                for item in 0..palette.len() {
                    let interact = Interact::SetRecipe;
                    assert_eq!(
                        bits >> item & 1 == 1,
                        is_accepted(&world, &rows, &palette, interact, target, item),
                        "row {target}, item {item}, {technology:?}"
                    );
                }
            }
            seen.push(table[..6].to_vec());
        }
        // Gears, pipes and circuits; then engines; then concrete where there are pipes; then plastic in the plant.
        assert_eq!(seen[0][1], 0b000_1011);
        assert_eq!(seen[1][0], 0b010_1011);
        assert_eq!((seen[2][0], seen[2][1]), (0b010_1011, 0b110_1011));
        assert_eq!((seen[2][4], seen[3][4]), (0, 0b001_0000));
        assert_eq!((seen[3][3], seen[3][5]), (0, 0), "furnaces choose; too far");
    }
}
