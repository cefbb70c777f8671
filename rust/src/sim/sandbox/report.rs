//! What a whole world reports: production statistics, electric networks, bonuses of research.

use std::collections::BTreeMap;

use super::super::world::World;
use super::invalid;
use crate::error::{Error, ErrorKind, Result, quoted_list};
use crate::prototypes::{FluidId, ItemId, vanilla};

/// What was made and used since the world began; what never was is left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProductionReport {
    pub items_made: BTreeMap<&'static str, u64>,
    pub items_used: BTreeMap<&'static str, u64>,
    /// Destroyed with what held them, or spilled where there was no room.
    pub items_lost: BTreeMap<&'static str, u64>,
    pub fluids_made: BTreeMap<&'static str, f64>,
    pub fluids_used: BTreeMap<&'static str, f64>,
}

/// Reads the production statistics.
pub fn production(world: &World) -> ProductionReport {
    let production = &world.production;
    let items = |count: &dyn Fn(ItemId) -> u64| {
        let named = vanilla().items().iter().enumerate();
        named
            .map(|(index, item)| (item.name.as_str(), count(ItemId::from_index(index))))
            .filter(|(_, count)| *count > 0)
            .collect()
    };
    let fluids = |amount: &dyn Fn(FluidId) -> f64| {
        let named = vanilla().fluids().iter().enumerate();
        named
            .map(|(index, fluid)| (fluid.name.as_str(), amount(FluidId::from_index(index))))
            .filter(|(_, amount)| *amount > 0.0)
            .collect()
    };
    ProductionReport {
        items_made: items(&|item| production.items_made(item)),
        items_used: items(&|item| production.items_used(item)),
        items_lost: items(&|item| production.items_lost(item)),
        fluids_made: fluids(&|fluid| production.fluids_made(fluid)),
        fluids_used: fluids(&|fluid| production.fluids_used(fluid)),
    }
}

/// An electric network in the last tick.
#[derive(Clone, Debug, PartialEq)]
pub struct PowerReport {
    /// The number of the network: 0 for that of the oldest pole, and so on.
    pub number: u32,
    pub poles: u32,
    /// Entities that take or give electricity.
    pub members: u32,
    /// Share of the demand that was met.
    pub satisfaction: f64,
    pub demand_watts: f64,
    /// What consumers were given.
    pub delivered_watts: f64,
    /// What solar panels and electric energy interfaces gave.
    pub solar_watts: f64,
    pub generator_watts: f64,
    /// What accumulators gave.
    pub discharge_watts: f64,
    /// What accumulators took.
    pub charge_watts: f64,
    /// What accumulators hold.
    pub stored_joules: f64,
}

/// Reads every electric network.
pub fn power(world: &World) -> Vec<PowerReport> {
    /// Ticks in a second.
    const RATE: f64 = 60.0;
    world
        .power
        .networks()
        .map(|(id, network)| PowerReport {
            number: id.0,
            poles: network.n_poles,
            members: network.n_members,
            satisfaction: network.stats.satisfaction(),
            demand_watts: network.stats.demand_joules * RATE,
            delivered_watts: network.stats.delivered_joules * RATE,
            solar_watts: network.stats.solar_joules * RATE,
            generator_watts: network.stats.generator_joules * RATE,
            discharge_watts: network.stats.discharged_joules * RATE,
            charge_watts: network.stats.charged_joules * RATE,
            stored_joules: world.power.stored_joules(id),
        })
        .collect()
}

/// The bonuses that can be set, under the game's names for them (`LuaForce`).
pub const BONUSES: [&str; 7] = [
    "bulk_inserter_capacity_bonus",
    "character_inventory_slots_bonus",
    "inserter_stack_size_bonus",
    "laboratory_speed_modifier",
    "manual_crafting_speed_modifier",
    "manual_mining_speed_modifier",
    "mining_drill_productivity_bonus",
];

/// Reads the bonuses of the force, under the names of [`BONUSES`].
pub fn bonuses(world: &World) -> BTreeMap<&'static str, f64> {
    let bonuses = &world.force.bonuses;
    let values = [
        f64::from(bonuses.bulk_inserter_capacity),
        f64::from(bonuses.character_inventory_slots),
        f64::from(bonuses.inserter_stack_size),
        bonuses.laboratory_speed,
        bonuses.manual_crafting_speed,
        bonuses.character_mining_speed,
        bonuses.mining_drill_productivity,
    ];
    BONUSES.into_iter().zip(values).collect()
}

/// Sets a bonus of the force, as research and scripts do.
///
/// # Errors
/// `UnknownName` for another name, `InvalidValue` for what is negative, no number, or a share where a whole number is due.
pub fn set_bonus(world: &mut World, name: &str, value: f64) -> Result<()> {
    /// No bonus of the game comes near.
    const MAX_BONUS: f64 = 1_000_000.0;
    if !(0.0..=MAX_BONUS).contains(&value) {
        return Err(invalid(format!(
            "\"{name}\" must be 0 to {MAX_BONUS}, not {value}"
        )));
    }
    let is_whole = matches!(
        name,
        "bulk_inserter_capacity_bonus"
            | "character_inventory_slots_bonus"
            | "inserter_stack_size_bonus"
    );
    if is_whole && value.fract() != 0.0 {
        return Err(invalid(format!(
            "\"{name}\" must be a whole number, not {value}"
        )));
    }
    world.views.clear();
    let bonuses = &mut world.force.bonuses;
    match name {
        "bulk_inserter_capacity_bonus" => bonuses.bulk_inserter_capacity = value as u32,
        "character_inventory_slots_bonus" => bonuses.character_inventory_slots = value as u32,
        "inserter_stack_size_bonus" => bonuses.inserter_stack_size = value as u32,
        "laboratory_speed_modifier" => bonuses.laboratory_speed = value,
        "manual_crafting_speed_modifier" => bonuses.manual_crafting_speed = value,
        "manual_mining_speed_modifier" => bonuses.character_mining_speed = value,
        "mining_drill_productivity_bonus" => bonuses.mining_drill_productivity = value,
        _ => {
            return Err(Error::new(
                ErrorKind::UnknownName,
                format!(
                    "unknown bonus \"{name}\"; the bonuses are {}",
                    quoted_list(&BONUSES)
                ),
            ));
        }
    }
    world.force_changed();
    Ok(())
}
