//! Typed commands as Python writes them: tuples of a name and its arguments.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::errors::raised;
use crate::action::Order;
use crate::error::{Error, ErrorKind};
use crate::prototypes::vanilla;
use crate::sim::position::{Direction, MapPos};
use crate::sim::sandbox::contents::check_count;
use crate::sim::sandbox::names;

/// The commands and what they take, for messages.
const FORMS: [(&str, &str); 13] = [
    ("walk", "(\"walk\", direction or None)"),
    ("mine", "(\"mine\", (x, y))"),
    ("mine-entity", "(\"mine-entity\", unit)"),
    ("stop-mining", "(\"stop-mining\",)"),
    ("build", "(\"build\", item, (x, y), direction)"),
    ("insert", "(\"insert\", unit, item, count)"),
    ("take", "(\"take\", unit) or (\"take\", unit, item, count)"),
    ("craft", "(\"craft\", recipe, count)"),
    ("set-recipe", "(\"set-recipe\", unit, recipe)"),
    ("rotate", "(\"rotate\", unit)"),
    ("ghost", "(\"ghost\", entity, (x, y), direction)"),
    ("remove-ghost", "(\"remove-ghost\", unit)"),
    ("research", "(\"research\", technology)"),
];

/// Reads the commands of a step; nothing is done before all are read.
///
/// # Errors
/// Which command is wrong, and what it takes.
pub(super) fn parse(commands: &[Bound<'_, PyTuple>]) -> PyResult<Vec<Order>> {
    commands.iter().map(read).collect()
}

fn read(command: &Bound<'_, PyTuple>) -> PyResult<Order> {
    let name: String = command
        .get_item(0)
        .and_then(|name| name.extract())
        .map_err(|_| wrong("a command is a tuple that begins with its name".to_owned()))?;
    let form = FORMS
        .iter()
        .find(|(known, _)| *known == name)
        .ok_or_else(|| {
            let known = FORMS.map(|(known, _)| known);
            raised(Error::unknown_name("command", &name, known))
        })?;
    let misshapen = |_| wrong(format!("this command is {}, not {command}", form.1));
    let arguments = command.get_slice(1, command.len());
    let prototypes = vanilla();
    Ok(match name.as_str() {
        "walk" => {
            let (direction,): (Option<String>,) = arguments.extract().map_err(misshapen)?;
            Order::Walk(direction.as_deref().map(facing).transpose()?)
        }
        "mine" => {
            let (place,) = arguments.extract().map_err(misshapen)?;
            Order::MineAt(position(place)?)
        }
        "mine-entity" => Order::MineEntity(unit(&arguments).map_err(misshapen)?),
        "stop-mining" => {
            if !arguments.is_empty() {
                return Err(wrong(format!("this command is {}, not {command}", form.1)));
            }
            Order::StopMining
        }
        "build" => {
            let (item, place, direction): (String, _, String) =
                arguments.extract().map_err(misshapen)?;
            Order::Build {
                item: prototypes.item(&item).map_err(raised)?,
                position: position(place)?,
                direction: facing(&direction)?,
            }
        }
        "insert" => {
            let (unit, item, n): (u32, String, i64) = arguments.extract().map_err(misshapen)?;
            Order::Insert {
                unit,
                item: prototypes.item(&item).map_err(raised)?,
                count: check_count(n).map_err(raised)?,
            }
        }
        "take" if arguments.len() == 1 => Order::Take {
            unit: unit(&arguments).map_err(misshapen)?,
            only: None,
        },
        "take" => {
            let (unit, item, n): (u32, String, i64) = arguments.extract().map_err(misshapen)?;
            let item = prototypes.item(&item).map_err(raised)?;
            Order::Take {
                unit,
                only: Some((item, check_count(n).map_err(raised)?)),
            }
        }
        "craft" => {
            let (recipe, n): (String, i64) = arguments.extract().map_err(misshapen)?;
            Order::Craft {
                recipe: prototypes.recipe(&recipe).map_err(raised)?,
                count: check_count(n).map_err(raised)?,
            }
        }
        "set-recipe" => {
            let (unit, recipe): (u32, String) = arguments.extract().map_err(misshapen)?;
            Order::SetRecipe {
                unit,
                recipe: prototypes.recipe(&recipe).map_err(raised)?,
            }
        }
        "rotate" => Order::Rotate(unit(&arguments).map_err(misshapen)?),
        "ghost" => {
            let (entity, place, direction): (String, _, String) =
                arguments.extract().map_err(misshapen)?;
            Order::PlaceGhost {
                prototype: prototypes.entity(&entity).map_err(raised)?,
                position: position(place)?,
                direction: facing(&direction)?,
            }
        }
        "remove-ghost" => Order::RemoveGhost(unit(&arguments).map_err(misshapen)?),
        "research" => {
            let (technology,): (String,) = arguments.extract().map_err(misshapen)?;
            Order::Research(prototypes.technology(&technology).map_err(raised)?)
        }
        _ => unreachable!("the name is one of FORMS"),
    })
}

fn unit(arguments: &Bound<'_, PyTuple>) -> PyResult<u32> {
    let (unit,): (u32,) = arguments.extract()?;
    Ok(unit)
}

fn facing(name: &str) -> PyResult<Direction> {
    names::direction(name).map_err(raised)
}

fn position(place: (f64, f64)) -> PyResult<MapPos> {
    names::map_position(place).map_err(raised)
}

fn wrong(message: String) -> PyErr {
    raised(Error::new(ErrorKind::InvalidValue, message))
}
