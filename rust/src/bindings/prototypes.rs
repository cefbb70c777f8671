//! Prototype figures by name.

use pyo3::prelude::*;

use super::errors::raised;
use crate::error::Error;
use crate::prototypes::{raw_json, vanilla};

/// The kinds that can be asked for.
const KINDS: [&str; 6] = ["item", "recipe", "entity", "technology", "fluid", "tile"];

fn names_of(kind: &str) -> PyResult<Vec<&'static str>> {
    let data = vanilla();
    Ok(match kind {
        "item" => data.items().iter().map(|p| p.name.as_str()).collect(),
        "recipe" => data.recipes().iter().map(|p| p.name.as_str()).collect(),
        "entity" => data.entities().iter().map(|p| p.name.as_str()).collect(),
        "technology" => data
            .technologies()
            .iter()
            .map(|p| p.name.as_str())
            .collect(),
        "fluid" => data.fluids().iter().map(|p| p.name.as_str()).collect(),
        "tile" => data.tiles().iter().map(|p| p.name.as_str()).collect(),
        _ => return Err(raised(Error::unknown_name("prototype kind", kind, KINDS))),
    })
}

/// Lists the names of all prototypes of a kind, sorted.
#[pyfunction]
pub(super) fn prototype_names(kind: &str) -> PyResult<Vec<&'static str>> {
    names_of(kind)
}

/// Returns one prototype as JSON text, under the game's own field names.
#[pyfunction]
pub(super) fn prototype(kind: &str, name: &str) -> PyResult<String> {
    let names = names_of(kind)?;
    raw_json(kind, name).ok_or_else(|| raised(Error::unknown_name(kind, name, names)))
}
