//! `LuaRecipe`: one recipe of a force.

use super::convert::truth;
use super::force::{change, index_of, number_of, on};
use super::host::{Call, Registrar};
use crate::prototypes::{Material, RecipeId, vanilla};
use crate::sim::script;

const RECIPE: &str = "LuaRecipe";

fn recipe_of(call: Call<'_>) -> RecipeId {
    RecipeId::from_index(index_of(call))
}

pub(super) fn register(r: &mut Registrar<'_>) {
    r.read(RECIPE, "name", |call| {
        call.value(vanilla()[recipe_of(call)].name.as_str())
    });
    r.read(RECIPE, "force", |call| {
        call.host.force(call.lua, number_of(call))
    });
    r.read_write(
        RECIPE,
        "enabled",
        |call| {
            let id = recipe_of(call);
            let is_enabled = on(call, |world| world.is_enabled(id));
            call.value(is_enabled)
        },
        |call, value| {
            let (id, wanted) = (recipe_of(call), truth(&value));
            change(call, |world| script::set_unlocked(world, id, wanted));
            Ok(())
        },
    );
    r.read(RECIPE, "category", |call| {
        call.value(vanilla()[recipe_of(call)].category.as_str())
    });
    r.read(RECIPE, "energy", |call| {
        call.value(vanilla()[recipe_of(call)].energy_required_seconds)
    });
    r.read(RECIPE, "hidden", |call| {
        call.value(vanilla()[recipe_of(call)].hidden)
    });
    r.read(RECIPE, "order", |call| {
        call.value(vanilla()[recipe_of(call)].order.as_str())
    });
    r.read(RECIPE, "productivity_bonus", |call| call.value(0));
    r.read(RECIPE, "ingredients", |call| {
        super::prototypes::ingredients(call, recipe_of(call))
    });
    r.read(RECIPE, "products", |call| {
        super::prototypes::products(call, recipe_of(call))
    });
    r.read(RECIPE, "prototype", |call| {
        super::prototypes::recipe_object(call.host, call.lua, recipe_of(call))
    });
}

/// Names what a recipe uses or makes: its type and its name.
pub(super) fn material(what: Material) -> (&'static str, &'static str) {
    match what {
        Material::Item(item) => ("item", vanilla()[item].name.as_str()),
        Material::Fluid(fluid) => ("fluid", vanilla()[fluid].name.as_str()),
    }
}
