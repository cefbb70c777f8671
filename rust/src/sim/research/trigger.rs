//! Technologies that come by themselves: when enough of an item was made, a resource mined, an item launched.
//!
//! The game's law is not public. In the one recorded case (2.0.60) the recipes were enabled 24 ticks after the last
//! item; a check every 60 ticks gives 0 to 59, and its phase is chosen so that the recorded case comes out.
//! Production statistics are the count, so what was made before the prerequisites were researched counts too.

use super::super::world::World;
use crate::prototypes::{EntityPrototypeId, Material, ResearchCost, TechnologyId, vanilla};

/// Ticks between two checks.
const CHECK_PERIOD_TICKS: u64 = 60;
/// Tick of the recorded case in which the recipes were enabled (the fiftieth plate was made at 2,498).
const CHECK_PHASE_TICKS: u64 = 2_522 % CHECK_PERIOD_TICKS;

/// Says whether triggers are looked at in this tick.
pub(super) fn is_due(tick: u64) -> bool {
    tick % CHECK_PERIOD_TICKS == CHECK_PHASE_TICKS
}

/// Grants the technologies whose trigger has been pulled and whose prerequisites are researched.
pub(super) fn check(world: &mut World) {
    for technology in by_trigger() {
        let facts = &vanilla()[*technology];
        if !world.force.is_researched(*technology)
            && facts.enabled
            && facts
                .prerequisites
                .iter()
                .all(|needed| world.force.is_researched(*needed))
            && is_pulled(world, &facts.cost)
        {
            world.grant_technology(*technology);
        }
    }
}

/// Lists the technologies that come by a trigger.
fn by_trigger() -> &'static [TechnologyId] {
    use std::sync::OnceLock;
    static LIST: OnceLock<Vec<TechnologyId>> = OnceLock::new();
    LIST.get_or_init(|| {
        let is_by_trigger = |index: &usize| {
            !matches!(
                vanilla().technologies()[*index].cost,
                ResearchCost::Packs { .. }
            )
        };
        (0..vanilla().technologies().len())
            .filter(is_by_trigger)
            .map(TechnologyId::from_index)
            .collect()
    })
}

fn is_pulled(world: &World, cost: &ResearchCost) -> bool {
    match cost {
        ResearchCost::Packs { .. } => false,
        ResearchCost::CraftItem { item, count } => {
            world.production.items_made(*item) >= u64::from(*count)
        }
        ResearchCost::MineEntity { entity } => is_mined(world, *entity),
        ResearchCost::SendItemToOrbit { item } => world.rockets.launched(*item) > 0,
    }
}

/// Says whether what mining an entity yields has ever been made.
fn is_mined(world: &World, entity: EntityPrototypeId) -> bool {
    vanilla()[entity].minable.as_ref().is_some_and(|minable| {
        minable.results.iter().any(|product| match product.what {
            Material::Item(item) => world.production.items_made(item) > 0,
            Material::Fluid(fluid) => world.production.fluids_made(fluid) > 0.0,
        })
    })
}
