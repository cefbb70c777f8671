//! What the simulation knows of resources, looked up once per code of the contract.

use std::sync::OnceLock;

use crate::contract::codes;
use crate::prototypes::{
    EntityPrototype, EntityPrototypeId, FluidBoxRole, FluidId, ItemId, Product, vanilla,
};

/// What the simulation knows of a kind of resource.
#[derive(Clone, Copy, Debug)]
pub struct ResourceFacts {
    pub prototype: EntityPrototypeId,
    /// The item that mining yields; none for fluids.
    pub item: Option<ItemId>,
    /// The fluid that mining yields at a field of 100 %, and how much.
    pub fluid: Option<(FluidId, f64)>,
    /// The fluid that one operation takes, and how much.
    pub required_fluid: Option<(FluidId, f64)>,
    pub mining_time_seconds: f64,
    /// Whether hands and burner drills can mine it: solid, and without a fluid to help (uranium needs acid).
    pub is_plain_solid: bool,
    /// Resources that never run out: the amount below which they do not fall.
    pub minimum: u32,
    /// Resources that never run out: the amount of 100 % yield.
    pub normal: u32,
    /// Taken off the amount by one operation.
    pub depletion: u32,
}

/// Looks up what mining a resource code yields; trees and rocks are entities and have no entry.
pub fn resource_facts(code: u8) -> Option<&'static ResourceFacts> {
    static TABLE: OnceLock<Vec<Option<ResourceFacts>>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        codes::RESOURCE_NAMES
            .iter()
            .map(|name| facts_of(name))
            .collect()
    });
    table.get(usize::from(code).checked_sub(1)?)?.as_ref()
}

fn facts_of(name: &str) -> Option<ResourceFacts> {
    /// A required fluid is declared for so many operations.
    const OPERATIONS: f64 = 10.0;
    let prototype = vanilla().entity(name).ok()?;
    let minable = vanilla()[prototype].minable.as_ref()?;
    let resource = vanilla()[prototype].resource.as_ref();
    let item = minable.results.first().and_then(Product::item);
    let fluid = minable
        .results
        .first()
        .and_then(|product| Some((product.what.fluid()?, product.expected_amount())));
    let infinite = resource.filter(|resource| resource.infinite);
    Some(ResourceFacts {
        prototype,
        item,
        fluid,
        required_fluid: minable
            .required_fluid
            .map(|(fluid, amount)| (fluid, amount / OPERATIONS)),
        mining_time_seconds: minable.mining_time_seconds,
        is_plain_solid: item.is_some() && minable.required_fluid.is_none(),
        minimum: infinite.map_or(0, |resource| resource.minimum),
        normal: infinite.map_or(1, |resource| resource.normal),
        depletion: infinite.map_or(1, |resource| resource.infinite_depletion_amount),
    })
}

/// Computes which resource codes drills of a prototype mine, as bits.
pub(super) fn minable_codes(prototype: &EntityPrototype) -> u16 {
    let has_input = prototype
        .fluid_boxes
        .iter()
        .any(|shape| shape.role == FluidBoxRole::Input);
    (1..=codes::RESOURCE_NAMES.len() as u8)
        .filter(|code| {
            resource_facts(*code).is_some_and(|facts| {
                let category = vanilla()[facts.prototype]
                    .resource
                    .as_ref()
                    .map(|resource| &resource.category);
                category.is_some_and(|category| prototype.resource_categories.contains(category))
                    && (facts.required_fluid.is_none() || has_input)
            })
        })
        .fold(0, |bits, code| bits | 1 << code)
}
