//! A checked layout back to a document, as 2.0 writes it.

use serde_json::{Map, json};

use crate::error::{Error, ErrorKind, Result};
use crate::prototypes::{EntityKind, EntityPrototype, Prototypes, SUBTILES_PER_TILE};

use super::layout::{EntitySettings, Layout, PlacedEntity};
use super::migrate::GameVersion;
use super::model::{
    Blueprint, Entity, Filter, FilterMode, InsertPlan, InsertPositions, InsertSlot, ItemName,
    ItemRequests, Position, Priority,
};

impl Position {
    /// Makes a position in tiles from one in 1/256 tile.
    pub fn from_subtiles(x: i32, y: i32) -> Self {
        let tiles = |subtiles: i32| f64::from(subtiles) / f64::from(SUBTILES_PER_TILE);
        Self {
            x: tiles(x),
            y: tiles(y),
        }
    }
}

impl Layout {
    /// Makes a layout of entities that stand in a world, where they cannot overlap; numbers them from 1 in their order.
    pub fn from_entities(mut entities: Vec<PlacedEntity>) -> Self {
        for (number, entity) in (1..).zip(&mut entities) {
            entity.entity_number = number;
        }
        Self::of_checked(entities)
    }

    /// Writes the layout as a blueprint of the simulated version, with the first entity's item as its icon.
    ///
    /// # Errors
    /// `AbsentMechanic` if an entity asks for items that it has no known inventory for.
    pub fn to_blueprint(&self, label: &str, prototypes: &Prototypes) -> Result<Blueprint> {
        let icon = self
            .entities()
            .iter()
            .find_map(|entity| prototypes[entity.prototype].placed_by);
        let entities = self
            .entities()
            .iter()
            .map(|entity| exported(entity, prototypes));
        Ok(Blueprint {
            label: (!label.is_empty()).then(|| label.to_owned()),
            icons: icon
                .map(|(item, _)| json!([{"signal": {"name": prototypes[item].name}, "index": 1}])),
            entities: entities.collect::<Result<_>>()?,
            version: Some(GameVersion::SIMULATED.packed()),
            extra: Map::from_iter([("item".to_owned(), json!("blueprint"))]),
            ..Blueprint::default()
        })
    }
}

fn exported(entity: &PlacedEntity, prototypes: &Prototypes) -> Result<Entity> {
    let prototype = &prototypes[entity.prototype];
    let settings = &entity.settings;
    let side = |priority: Priority| (priority != Priority::None).then_some(priority);
    Ok(Entity {
        entity_number: entity.entity_number,
        name: prototype.name.clone(),
        position: Position::from_subtiles(entity.x_subtiles, entity.y_subtiles),
        direction: (entity.direction != 0).then_some(entity.direction),
        mirror: settings.is_mirrored.then_some(true),
        recipe: settings
            .recipe
            .map(|recipe| prototypes[recipe].name.clone()),
        belt_end: settings.belt_end,
        items: requests(settings, prototype, prototypes)
            .map_err(|error| error.within(format!("entity \"{}\"", prototype.name)))?,
        input_priority: side(settings.input_priority),
        output_priority: side(settings.output_priority),
        filter: settings
            .splitter_filter
            .map(|item| json!({"name": prototypes[item].name})),
        filters: (1..)
            .zip(&settings.filters)
            .map(|(index, item)| Filter {
                index: Some(index),
                name: Some(prototypes[*item].name.clone()),
                extra: Map::new(),
            })
            .collect(),
        use_filters: settings.uses_filters.then_some(true),
        filter_mode: (settings.filter_mode != FilterMode::default())
            .then_some(settings.filter_mode),
        bar: settings.bar,
        ..Entity::default()
    })
}

fn requests(
    settings: &EntitySettings,
    prototype: &EntityPrototype,
    prototypes: &Prototypes,
) -> Result<Option<ItemRequests>> {
    let kind = prototype.kind;
    let mut n_module_slots = 0;
    let mut plans = Vec::new();
    for (item, count) in &settings.requests {
        let item = &prototypes[*item];
        let slot = |inventory, stack, count| InsertSlot {
            inventory,
            stack,
            count,
        };
        let in_inventory = if item.module.is_some() {
            // Each module takes a slot of its own, so that none says how many.
            let first = n_module_slots;
            n_module_slots = count.saturating_add(first);
            if n_module_slots > prototype.module_slots {
                return Err(Error::new(
                    ErrorKind::InvalidValue,
                    format!(
                        "it has {} module slots, too few for {n_module_slots}",
                        prototype.module_slots
                    ),
                ));
            }
            module_inventory(kind).map(|inventory| {
                (first..n_module_slots)
                    .map(|stack| slot(inventory, stack, None))
                    .collect()
            })
        } else if item.is_fuel() {
            Some(vec![slot(FUEL_INVENTORY, 0, Some(*count))])
        } else {
            None
        };
        let in_inventory = in_inventory.ok_or_else(|| {
            Error::new(
                ErrorKind::AbsentMechanic,
                format!(
                    "only modules and fuel can be asked for in a blueprint, not \"{}\"",
                    item.name
                ),
            )
        })?;
        plans.push(InsertPlan {
            id: ItemName {
                name: item.name.clone(),
                extra: Map::new(),
            },
            items: InsertPositions {
                in_inventory,
                extra: Map::new(),
            },
        });
    }
    Ok((!plans.is_empty()).then_some(ItemRequests::Plans(plans)))
}

/// `defines.inventory.fuel`.
const FUEL_INVENTORY: u32 = 1;

/// The number under which `defines.inventory` of 2.0 knows the module slots of an entity.
fn module_inventory(kind: EntityKind) -> Option<u32> {
    match kind {
        EntityKind::Beacon => Some(1),
        EntityKind::MiningDrill => Some(2),
        EntityKind::Lab => Some(3),
        EntityKind::AssemblingMachine | EntityKind::Furnace | EntityKind::RocketSilo => Some(4),
        _ => None,
    }
}
