//! The embedded figures against figures stated elsewhere: the wiki, measurements, the game's tooltips.

#![expect(clippy::float_cmp, reason = "parsed figures are exact, not computed")]

use super::*;
use crate::error::ErrorKind;

fn entity(name: &str) -> &'static EntityPrototype {
    &vanilla()[vanilla().entity(name).unwrap()]
}

fn item(name: &str) -> &'static Item {
    &vanilla()[vanilla().item(name).unwrap()]
}

fn recipe(name: &str) -> &'static Recipe {
    &vanilla()[vanilla().recipe(name).unwrap()]
}

fn square(half: i32) -> SubtileBox {
    SubtileBox {
        left: -half,
        top: -half,
        right: half,
        bottom: half,
    }
}

#[test]
fn the_embedded_file_parses_completely() {
    let all = Prototypes::from_json(VANILLA_JSON).unwrap();
    let counts = (all.items().len(), all.recipes().len(), all.entities().len());
    assert_eq!(counts, (251, 217, 201));
    assert_eq!(
        (
            all.technologies().len(),
            all.fluids().len(),
            all.tiles().len()
        ),
        (196, 19, 52)
    );
}

#[test]
fn ids_are_positions_in_name_order() {
    let all = vanilla();
    assert!(
        all.items()
            .windows(2)
            .all(|pair| pair[0].name < pair[1].name)
    );
    for (index, entity) in all.entities().iter().enumerate() {
        assert_eq!(all.entity(&entity.name).unwrap().index(), index);
    }
}

#[test]
fn unknown_names_suggest_the_nearest() {
    let error = vanilla().item("iron plates").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownName);
    assert!(
        error
            .to_string()
            .starts_with("unknown item \"iron plates\"; did you mean"),
        "{error}"
    );
    assert!(error.to_string().contains("\"iron-plate\""), "{error}");
    let error = vanilla().entity("burner_mining_dril").unwrap_err();
    assert_eq!(
        error.to_string(),
        "unknown entity \"burner_mining_dril\"; did you mean \"burner-mining-drill\"?"
    );
    for error in [
        vanilla().recipe("zzzzzz").unwrap_err(),
        vanilla().technology("zzzzzz").unwrap_err(),
        vanilla().fluid("zzzzzz").unwrap_err(),
        vanilla().tile("zzzzzz").unwrap_err(),
    ] {
        assert!(error.to_string().ends_with("\"zzzzzz\""), "{error}");
    }
}

#[test]
fn stack_sizes_and_fuels_are_the_games() {
    let stacks = [
        ("iron-plate", 100),
        ("iron-ore", 50),
        ("coal", 50),
        ("iron-gear-wheel", 100),
        ("electronic-circuit", 200),
        ("copper-cable", 200),
        ("transport-belt", 100),
    ];
    for (name, stack_size) in stacks {
        assert_eq!(item(name).stack_size, stack_size, "{name}");
    }
    assert_eq!(item("coal").fuel_value_joules, 4e6);
    assert_eq!(item("coal").fuel_category.as_deref(), Some("chemical"));
    assert_eq!(item("wood").fuel_value_joules, 2e6);
    assert!(!item("iron-plate").is_fuel());
    assert_eq!(
        item("stone-furnace").place_result,
        Some(vanilla().entity("stone-furnace").unwrap())
    );
    let module = item("speed-module").module.as_ref().unwrap();
    assert_eq!((module.speed, module.consumption), (0.2, 0.5));
    assert_eq!(
        item("firearm-magazine")
            .ammo
            .as_ref()
            .unwrap()
            .magazine_size,
        10.0
    );
}

#[test]
fn boxes_are_truncated_toward_zero() {
    assert_eq!(entity("character").collision_box, square(51));
    assert_eq!(entity("wooden-chest").collision_box, square(89));
    assert_eq!(entity("burner-mining-drill").collision_box, square(179));
    assert_eq!(entity("stone-furnace").collision_box, square(179));
    assert_eq!(entity("stone-wall").collision_box, square(74));
    let sizes = [
        ("burner-mining-drill", 2, 2),
        ("boiler", 3, 2),
        ("steam-engine", 3, 5),
        ("oil-refinery", 5, 5),
    ];
    for (name, width, height) in sizes {
        assert_eq!(entity(name).tile_size(0), (width, height), "{name}");
        assert_eq!(entity(name).tile_size(1), (height, width), "{name}");
    }
}

#[test]
fn a_burner_mining_drill_is_as_measured() {
    let drill = entity("burner-mining-drill");
    assert_eq!(drill.kind, EntityKind::MiningDrill);
    assert_eq!(
        (drill.energy_usage_watts, drill.mining_speed),
        (150_000.0, 0.25)
    );
    assert_eq!(drill.resource_searching_radius, 0.99);
    assert_eq!(drill.vector_to_place_result, Some((-0.5, -1.3)));
    assert_eq!(drill.emissions_per_minute, 12.0);
    assert_eq!(drill.minable.as_ref().unwrap().mining_time_seconds, 0.3);
    assert_eq!(
        drill.energy_source,
        Some(EnergySource::Burner {
            fuel_categories: vec!["chemical".to_owned()],
            fuel_inventory_size: 1,
            burnt_inventory_size: 0,
            effectivity: 1.0,
            initial_fuel: None,
        })
    );
}

#[test]
fn electric_drain_is_a_thirtieth_unless_declared() {
    let drains = [
        ("assembling-machine-1", 2_500.0),
        ("assembling-machine-2", 5_000.0),
        ("assembling-machine-3", 12_500.0),
        ("lab", 2_000.0),
        ("electric-mining-drill", 3_000.0),
        ("inserter", 400.0),
        ("bulk-inserter", 1_000.0),
        ("stone-furnace", 0.0),
    ];
    for (name, watts) in drains {
        let found = entity(name).energy_source.as_ref().unwrap().drain_watts();
        assert!((found - watts).abs() < 1e-6, "{name}: {found}");
    }
}

#[test]
fn rotation_follows_the_types_rules() {
    let rotatable = [
        "burner-mining-drill",
        "transport-belt",
        "inserter",
        "pump",
        "boiler",
        "assembling-machine-2",
    ];
    let fixed = [
        "wooden-chest",
        "stone-furnace",
        "small-electric-pole",
        "stone-wall",
        "assembling-machine-1",
        "lab",
    ];
    for name in rotatable {
        assert!(entity(name).is_rotatable, "{name}");
    }
    for name in fixed {
        assert!(!entity(name).is_rotatable, "{name}");
    }
}

#[test]
fn only_solid_things_stop_a_character() {
    for name in [
        "stone-wall",
        "wooden-chest",
        "tree-01",
        "huge-rock",
        "pipe",
        "cliff",
        "small-biter",
    ] {
        assert!(entity(name).collides_with_player, "{name}");
    }
    for name in [
        "transport-belt",
        "iron-ore",
        "straight-rail",
        "fish",
        "item-on-ground",
    ] {
        assert!(!entity(name).collides_with_player, "{name}");
    }
}

#[test]
fn every_buildable_item_places_something_that_names_an_item_back() {
    for item in vanilla().items() {
        if let Some(place) = item.place_result {
            assert!(vanilla()[place].placed_by.is_some(), "{}", item.name);
        }
    }
    let rail = vanilla().item("rail").unwrap();
    assert_eq!(entity("straight-rail").placed_by, Some((rail, 1)));
    assert_eq!(entity("curved-rail-a").placed_by, Some((rail, 3)));
}

#[test]
fn recipes_state_their_materials() {
    let gear = recipe("iron-gear-wheel");
    let plate = Material::Item(vanilla().item("iron-plate").unwrap());
    assert_eq!((gear.energy_required_seconds, gear.enabled), (0.5, true));
    assert_eq!(
        (gear.ingredients[0].what, gear.ingredients[0].amount),
        (plate, 2.0)
    );
    assert_eq!(gear.main_product, Some(gear.results[0].what));
    assert!(gear.allow_productivity && !recipe("transport-belt").allow_productivity);
    let uranium = recipe("uranium-processing");
    assert_eq!(uranium.results[0].probability, 0.007);
    assert_eq!(uranium.main_product, None);
    assert!(recipe("advanced-oil-processing").uses_fluids());
}

#[test]
fn recipes_for_an_item_put_enabled_ones_first() {
    let names = |name: &str| -> Vec<&str> {
        let recipes = vanilla().recipes_for_item(vanilla().item(name).unwrap());
        recipes
            .iter()
            .map(|id| vanilla()[*id].name.as_str())
            .collect()
    };
    assert_eq!(names("iron-plate"), ["iron-plate"]);
    assert_eq!(
        names("solid-fuel"),
        [
            "solid-fuel-from-heavy-oil",
            "solid-fuel-from-light-oil",
            "solid-fuel-from-petroleum-gas",
        ]
    );
    assert_eq!(names("iron-ore"), [""; 0]);
    for item in 0..vanilla().items().len() {
        let recipes = vanilla().recipes_for_item(ItemId(item as u16));
        assert!(recipes.is_sorted_by_key(|id| (!vanilla()[*id].enabled, *id)));
    }
}

#[test]
fn logistics_figures_are_the_games() {
    let speed = |name| entity(name).belt.as_ref().unwrap().speed_subtiles_per_tick;
    assert_eq!((speed("transport-belt"), speed("fast-splitter")), (8, 16));
    assert_eq!(speed("express-underground-belt"), 24);
    assert_eq!(
        entity("underground-belt")
            .belt
            .as_ref()
            .unwrap()
            .max_distance,
        5
    );
    let inserter = entity("long-handed-inserter").inserter.as_ref().unwrap();
    assert_eq!(
        (inserter.pickup_position, inserter.insert_position),
        ((0.0, -2.0), (0.0, 2.2))
    );
    let pole = entity("small-electric-pole")
        .electric_pole
        .as_ref()
        .unwrap();
    assert_eq!(
        (pole.supply_area_distance, pole.maximum_wire_distance),
        (2.5, 7.5)
    );
}

#[test]
fn fluid_boxes_know_their_sides() {
    let boiler = entity("boiler");
    assert_eq!(boiler.energy_usage_watts, 1.8e6);
    let [water, steam] = boiler.fluid_boxes.as_slice() else {
        panic!("a boiler has two boxes")
    };
    assert_eq!(water.filter, Some(vanilla().fluid("water").unwrap()));
    assert_eq!(
        (steam.role, steam.connections[0].flow),
        (FluidBoxRole::Output, FlowDirection::Output)
    );
    assert_eq!(steam.connections[0].positions[1], (0.5, 0.0));
    let pumpjack = &entity("pumpjack").fluid_boxes[0];
    assert_eq!(pumpjack.connections[0].positions[2], (-1.0, 1.0));
}

#[test]
fn resources_and_rocks_state_what_they_give() {
    let oil = entity("crude-oil").resource.as_ref().unwrap();
    assert_eq!(
        (oil.infinite, oil.minimum, oil.normal),
        (true, 60_000, 300_000)
    );
    let stone = &entity("huge-rock").minable.as_ref().unwrap().results[0];
    assert_eq!((stone.amount_min, stone.amount_max), (24.0, 50.0));
    let tree = entity("tree-01").minable.as_ref().unwrap();
    assert_eq!(
        (tree.mining_time_seconds, tree.results[0].amount_min),
        (0.55, 4.0)
    );
    let acid = vanilla().fluid("sulfuric-acid").unwrap();
    assert_eq!(
        entity("uranium-ore")
            .minable
            .as_ref()
            .unwrap()
            .required_fluid,
        Some((acid, 10.0))
    );
    assert!(entity("big-rock").is_rock);
}

#[test]
fn the_character_is_as_measured() {
    let character = vanilla().character();
    assert_eq!(vanilla()[character.entity].kind, EntityKind::Character);
    assert_eq!(
        (character.running_speed, character.mining_speed),
        (0.15, 0.5)
    );
    assert_eq!(
        (character.reach_distance, character.reach_resource_distance),
        (10.0, 2.7)
    );
    assert_eq!(
        (character.build_distance, character.inventory_size),
        (10.0, 80)
    );
    assert_eq!(vanilla()[character.entity].max_health, 250.0);
}

#[test]
fn tiles_say_who_may_stand_on_them() {
    let tile = |name: &str| &vanilla()[vanilla().tile(name).unwrap()];
    let facts = |name| {
        let tile = tile(name);
        (tile.blocks_walking, tile.blocks_building, tile.is_water)
    };
    assert_eq!(facts("grass-1"), (false, false, false));
    assert_eq!(facts("water"), (true, true, true));
    assert_eq!(facts("water-shallow"), (false, true, true));
    assert_eq!(facts("out-of-map"), (true, true, false));
    assert_eq!(tile("concrete").walking_speed_modifier, 1.4);
    assert_eq!(tile("water").map_color, [51, 83, 95]);
}

#[test]
fn technologies_state_cost_and_effects() {
    let all = vanilla();
    let technology = |name: &str| &all[all.technology(name).unwrap()];
    let automation = technology("automation");
    let pack = all.item("automation-science-pack").unwrap();
    assert_eq!(
        automation.cost,
        ResearchCost::Packs {
            count: ResearchCount::Fixed(10),
            ingredients: vec![(pack, 1)],
            unit_time_seconds: 10.0,
        }
    );
    let assembler = all.recipe("assembling-machine-1").unwrap();
    assert!(
        automation
            .effects
            .contains(&TechnologyEffect::UnlockRecipe(assembler))
    );
    assert!(technology("mining-productivity-4").is_infinite);
    let steam = technology("steam-power");
    let plate = all.item("iron-plate").unwrap();
    assert_eq!(
        steam.cost,
        ResearchCost::CraftItem {
            item: plate,
            count: 50
        }
    );
}

#[test]
fn enemies_carry_their_attacks() {
    let biter = entity("small-biter").unit.as_ref().unwrap();
    assert_eq!(
        biter.attack.melee_damage,
        Some(("physical".to_owned(), 7.0))
    );
    assert_eq!(biter.pollution_to_join_attack, 4.0);
    let nest = entity("biter-spawner").spawner.as_ref().unwrap();
    assert_eq!(nest.spawning_cooldown_ticks, (360.0, 150.0));
    assert_eq!(nest.result_units[0].weights, [(0.0, 0.3), (0.6, 0.0)]);
    assert!(all_streams_exist());
    let damage = "/ammo_type/action/action_delivery/target_effects/0/damage/amount";
    assert_eq!(
        item("piercing-rounds-magazine")
            .raw
            .pointer(damage)
            .unwrap(),
        8
    );
}

/// Says whether every stream that a spitter or worm throws is among the projectiles.
fn all_streams_exist() -> bool {
    vanilla().entities().iter().all(|entity| {
        let pointer = "/attack_parameters/ammo_type/action/action_delivery/stream";
        let stream = entity.raw.pointer(pointer).and_then(Value::as_str);
        stream.is_none_or(|name| vanilla().projectile(name).is_some())
    })
}

#[test]
fn rules_of_the_whole_game_are_there() {
    let settings = vanilla().rule("map_settings").unwrap();
    assert_eq!(
        settings.pointer("/enemy_evolution/time_factor").unwrap(),
        4e-6
    );
    assert!(
        vanilla()
            .rule("autoplace_controls")
            .unwrap()
            .get("iron-ore")
            .is_some()
    );
    let constants = vanilla().rule("utility_constants").unwrap();
    assert_eq!(constants["minimum_recipe_overload_multiplier"], 2);
}

#[test]
fn a_malformed_file_is_refused_with_prototype_and_field() {
    let broken = VANILLA_JSON.replace("\"fuel_value\":\"4MJ\"", "\"fuel_value\":\"4 coals\"");
    let error = Prototypes::from_json(&broken).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("item \"coal\", field \"fuel_value\": an energy is"),
        "{error}"
    );
    assert!(error.to_string().ends_with("found \"4 coals\""), "{error}");
    let broken = VANILLA_JSON.replacen("\"result\":\"wood\"", "\"result\":\"woood\"", 1);
    let error = Prototypes::from_json(&broken).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("field \"minable\", field \"result\": unknown item"),
        "{error}"
    );
    let error = Prototypes::from_json("{}").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the prototype file has no section \"items\""
    );
}
