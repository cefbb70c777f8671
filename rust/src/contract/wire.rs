//! The requests of the mod: their command, their limits, and how they fail. `docs/wire.md` describes them.

use super::codes;
use crate::prototypes::{EntityKind, EntityPrototype, Material, Product, Recipe, vanilla};

/// The console command under which the mod answers.
pub const COMMAND: &str = "gym";
/// Environments of one server: the game has 64 forces, of which three are its own.
pub const MAX_ENVIRONMENTS: usize = 61;
/// Transfers that are open at once; another drops the one that was touched longest ago.
pub const MAX_TRANSFERS: usize = 64;
/// Bytes of a transfer's parts together; what goes beyond is refused, and the transfer dropped.
pub const MAX_TRANSFER_BYTES: usize = 16 << 20;
/// Parts of a transfer.
pub const MAX_TRANSFER_PARTS: usize = 4_096;
/// Commands for one environment in one step.
pub const MAX_COMMANDS_PER_STEP: usize = 1_024;
/// Ticks of one step.
pub const MAX_TICKS_PER_STEP: usize = 216_000;

/// Kinds of errors that a request can be answered with, and what they mean.
pub const ERROR_KINDS: [(&str, &str); 6] = [
    (
        "bad-request",
        "the request is not of a form that exists, or names something that does not",
    ),
    (
        "out-of-sequence",
        "the sequence number is not the next one; the last one follows",
    ),
    (
        "setup",
        "a set-up operation could not be done; the environment is closed",
    ),
    (
        "no-environment",
        "the environment was not set up, or its frame is not kept any more",
    ),
    ("limit", "something is beyond a limit of the contract"),
    (
        "internal",
        "the mod failed; what it logged says where, and the environment is not to be trusted",
    ),
];

/// Names whose place in their list, from 0, is their number on the wire: title, name in Lua, names in order.
pub fn name_lists() -> [(&'static str, &'static str, Vec<&'static str>); 3] {
    let prototypes = vanilla();
    let names = |entries: Vec<&'static String>| entries.into_iter().map(String::as_str).collect();
    [
        (
            "Entity prototypes",
            "PROTOTYPES",
            names(
                prototypes
                    .entities()
                    .iter()
                    .map(|known| &known.name)
                    .collect(),
            ),
        ),
        (
            "Recipes",
            "RECIPES",
            names(
                prototypes
                    .recipes()
                    .iter()
                    .map(|known| &known.name)
                    .collect(),
            ),
        ),
        (
            "Technologies",
            "TECHNOLOGIES",
            names(
                prototypes
                    .technologies()
                    .iter()
                    .map(|known| &known.name)
                    .collect(),
            ),
        ),
    ]
}

/// Gives the entity code of a prototype, 0 if it has none; trees of every kind share one, and so do rocks.
pub fn entity_code(prototype: &EntityPrototype) -> u8 {
    let name = if prototype.kind == EntityKind::Tree {
        "tree"
    } else if prototype.is_rock {
        "rock"
    } else {
        &prototype.name
    };
    codes::code_of(&codes::ENTITY_NAMES, name)
}

/// Gives the item code that stands for what a recipe makes: its main product, or its first item; 0 if it gives none.
pub fn product_code(recipe: &Recipe) -> u8 {
    let first = || recipe.results.iter().find_map(Product::item);
    let item = recipe.main_product.and_then(Material::item).or_else(first);
    item.map_or(0, |item| {
        codes::code_of(&codes::ITEM_NAMES, &vanilla()[item].name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_and_entities_have_codes() {
        let product = |name| product_code(&vanilla()[vanilla().recipe(name).unwrap()]);
        let item = |name| codes::code_of(&codes::ITEM_NAMES, name);
        assert_eq!(product("iron-gear-wheel"), item("iron-gear-wheel"));
        assert_eq!(product("uranium-processing"), item("uranium-235"));
        assert_eq!(product("basic-oil-processing"), 0);
        let entity = |name| entity_code(&vanilla()[vanilla().entity(name).unwrap()]);
        assert_eq!(entity("tree-03"), 1);
        assert_eq!(entity("big-rock"), 2);
        assert_eq!(entity("character"), 6);
        assert_eq!(entity("iron-ore"), 0);
    }

    #[test]
    fn names_are_in_order_and_their_numbers_fit_the_records() {
        for (title, _, names) in name_lists() {
            assert!(names.is_sorted(), "{title}");
            assert!(
                names.len() < usize::from(super::super::frame::NO_CRAFT),
                "{title}"
            );
        }
    }
}
