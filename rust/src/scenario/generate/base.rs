//! The minimal automation that a strategic scenario starts with: burner drills that feed furnaces and chests, with fuel.

use crate::error::Result;
use crate::prototypes::{ItemId, vanilla};
use crate::sim::drill::drop_position_of;
use crate::sim::position::{Direction, MapPos, SUBTILES, TilePos};
use crate::sim::setup::SetupOp;

use super::patches::Patch;

/// Coal in each drill and furnace: a drill burns one in 27 s, so the base runs for 9 minutes by itself.
const FUEL_COAL: u32 = 20;
/// Coal in the chest of the coal drill.
const STORED_COAL: u32 = 100;
/// Tiles from one drill to the next on a patch.
const DRILL_SPACING: i32 = 3;

/// What a drill drops into.
#[derive(Clone, Copy)]
enum Outlet {
    Furnace,
    Chest,
}

/// The drills: resource, how many side by side, and what they drop into.
const LINES: [(&str, i32, Outlet); 4] = [
    ("iron-ore", 2, Outlet::Furnace),
    ("copper-ore", 1, Outlet::Furnace),
    ("coal", 1, Outlet::Chest),
    ("stone", 1, Outlet::Chest),
];

/// Puts the base on the first patch of each resource.
pub(super) fn place(patches: &[Patch], ops: &mut Vec<SetupOp>) -> Result<()> {
    let coal = vanilla().item("coal")?;
    for (resource, n_drills, outlet) in LINES {
        let item = vanilla().item(resource)?;
        let Some(patch) = patches.iter().find(|patch| patch.item == item) else {
            continue;
        };
        for index in 0..n_drills {
            // Centred on the patch, where the noise never leaves a hole.
            let column = index * DRILL_SPACING - (n_drills - 1) * DRILL_SPACING / 2;
            place_drill(
                patch.center.offset(column, 0),
                outlet,
                item == coal,
                coal,
                ops,
            )?;
        }
    }
    Ok(())
}

/// Places a drill that faces north, south-east of `center`, and what it drops into.
fn place_drill(
    center: TilePos,
    outlet: Outlet,
    is_coal: bool,
    coal: ItemId,
    ops: &mut Vec<SetupOp>,
) -> Result<()> {
    let drill = vanilla().entity("burner-mining-drill")?;
    let position = MapPos::new((center.x + 1) * SUBTILES, (center.y + 1) * SUBTILES);
    let drop = drop_position_of(&vanilla()[drill], position, 0);
    let (name, place, items) = match outlet {
        // The furnace's southern row takes the ore; it is as wide as the drill and stands straight north of it.
        Outlet::Furnace => (
            "stone-furnace",
            position.offset(0, -2 * SUBTILES),
            vec![(coal, FUEL_COAL)],
        ),
        Outlet::Chest if is_coal => ("wooden-chest", drop, vec![(coal, STORED_COAL)]),
        Outlet::Chest => ("wooden-chest", drop, Vec::new()),
    };
    let entity = |prototype, position, items| SetupOp::Entity {
        prototype,
        position,
        direction: Direction::NORTH,
        items,
    };
    ops.push(entity(vanilla().entity(name)?, place, items));
    ops.push(entity(drill, position, vec![(coal, FUEL_COAL)]));
    Ok(())
}
