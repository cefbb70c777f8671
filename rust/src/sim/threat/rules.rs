//! Rules of the whole map for pollution, evolution, expansion and groups: `map_settings` of the prototype data.

use std::sync::OnceLock;

use serde_json::Value;

use crate::prototypes::{TICKS_PER_SECOND, vanilla};

/// How pollution spreads; amounts are for one update.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PollutionRules {
    pub diffusion_ratio: f64,
    pub min_to_diffuse: f64,
    /// Factor on what ground and trees take in.
    pub ageing: f64,
    /// Factor on what a unit costs a nest.
    pub attack_cost_factor: f64,
}

/// What drives evolution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EvolutionRules {
    pub time_factor_per_tick: f64,
    pub pollution_factor: f64,
    pub destroy_factor: f64,
}

/// When and where nests found others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExpansionRules {
    pub is_enabled: bool,
    pub min_cooldown_ticks: u64,
    pub max_cooldown_ticks: u64,
    pub max_distance_chunks: i32,
    pub friendly_base_radius_chunks: i32,
    pub enemy_building_radius_chunks: i32,
    pub building_coefficient: f64,
    pub other_base_coefficient: f64,
    pub neighbouring_chunk_coefficient: f64,
    pub neighbouring_base_chunk_coefficient: f64,
    pub max_colliding_share: f64,
    pub group_min_size: u32,
    pub group_max_size: u32,
}

/// How groups gather.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupRules {
    pub min_gathering_ticks: u64,
    pub max_gathering_ticks: u64,
    pub max_wait_for_late_ticks: u64,
    pub max_gathering_groups: usize,
    pub max_size: u32,
    pub radius_subtiles: i32,
}

/// All of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MapRules {
    pub pollution: PollutionRules,
    pub evolution: EvolutionRules,
    pub expansion: ExpansionRules,
    pub groups: GroupRules,
    /// What a tile with an obstacle costs a path beside its length, in tiles.
    pub obstacle_penalty_tiles: f64,
}

/// Looks up the rules.
pub fn map_rules() -> &'static MapRules {
    static RULES: OnceLock<MapRules> = OnceLock::new();
    RULES.get_or_init(|| read().expect("tests read the map settings of the prototype data"))
}

fn read() -> Option<MapRules> {
    let settings = vanilla().rule("map_settings")?;
    let number =
        |group: &str, key: &str| -> Option<f64> { settings.get(group)?.get(key)?.as_f64() };
    let pollution = |key| number("pollution", key);
    let evolution = |key| number("enemy_evolution", key);
    let expansion = |key| number("enemy_expansion", key);
    let groups = |key| number("unit_group", key);
    let is_enabled = |group: &str| {
        settings
            .get(group)
            .and_then(|group| group.get("enabled"))
            .and_then(Value::as_bool)
    };
    let evolves = f64::from(u8::from(is_enabled("enemy_evolution")?));
    Some(MapRules {
        pollution: PollutionRules {
            diffusion_ratio: pollution("diffusion_ratio")?,
            min_to_diffuse: pollution("min_to_diffuse")?,
            ageing: pollution("ageing")?,
            attack_cost_factor: pollution("enemy_attack_pollution_consumption_modifier")?,
        },
        evolution: EvolutionRules {
            time_factor_per_tick: evolves * evolution("time_factor")? / f64::from(TICKS_PER_SECOND),
            pollution_factor: evolves * evolution("pollution_factor")?,
            destroy_factor: evolves * evolution("destroy_factor")?,
        },
        expansion: ExpansionRules {
            is_enabled: is_enabled("enemy_expansion")?,
            min_cooldown_ticks: expansion("min_expansion_cooldown")? as u64,
            max_cooldown_ticks: expansion("max_expansion_cooldown")? as u64,
            max_distance_chunks: expansion("max_expansion_distance")? as i32,
            friendly_base_radius_chunks: expansion("friendly_base_influence_radius")? as i32,
            enemy_building_radius_chunks: expansion("enemy_building_influence_radius")? as i32,
            building_coefficient: expansion("building_coefficient")?,
            other_base_coefficient: expansion("other_base_coefficient")?,
            neighbouring_chunk_coefficient: expansion("neighbouring_chunk_coefficient")?,
            neighbouring_base_chunk_coefficient: expansion("neighbouring_base_chunk_coefficient")?,
            max_colliding_share: expansion("max_colliding_tiles_coefficient")?,
            group_min_size: expansion("settler_group_min_size")? as u32,
            group_max_size: expansion("settler_group_max_size")? as u32,
        },
        groups: GroupRules {
            min_gathering_ticks: groups("min_group_gathering_time")? as u64,
            max_gathering_ticks: groups("max_group_gathering_time")? as u64,
            max_wait_for_late_ticks: groups("max_wait_time_for_late_members")? as u64,
            max_gathering_groups: groups("max_gathering_unit_groups")? as usize,
            max_size: groups("max_unit_group_size")? as u32,
            radius_subtiles: super::figures::subtiles(groups("max_group_radius")?),
        },
        obstacle_penalty_tiles: number("path_finder", "general_entity_collision_penalty")?,
    })
}
