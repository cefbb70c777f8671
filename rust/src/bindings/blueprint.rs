//! `Blueprint`: the game's exchange strings.

use pyo3::prelude::*;

use super::errors::raised;
use crate::error::{Error, ErrorKind};
use crate::prototypes::vanilla;
use crate::sim::blueprint::{self, Exchange};

/// A blueprint; of a book, the first.
#[pyclass(frozen, module = "factorio_fast._core")]
pub(super) struct Blueprint {
    exchange: Exchange,
    entities: Vec<(String, f64, f64, u8)>,
    label: Option<String>,
}

#[pymethods]
impl Blueprint {
    /// Reads an exchange string (`0eN…`) and checks every entity in it.
    #[staticmethod]
    fn from_string(text: &str) -> PyResult<Self> {
        let exchange = blueprint::decode(text).map_err(raised)?;
        let (entities, label) = {
            let first = *exchange.blueprints().first().ok_or_else(|| {
                raised(Error::new(
                    ErrorKind::InvalidBlueprint,
                    "the book holds no blueprint",
                ))
            })?;
            let placed = first.entities_checked(vanilla()).map_err(raised)?;
            let entities = placed
                .iter()
                .map(|entity| {
                    (
                        vanilla()[entity.prototype].name.clone(),
                        f64::from(entity.x_subtiles) / 256.0,
                        f64::from(entity.y_subtiles) / 256.0,
                        entity.direction,
                    )
                })
                .collect();
            (entities, first.label.clone())
        };
        Ok(Self {
            exchange,
            entities,
            label,
        })
    }

    #[getter]
    fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// The entities as (name, x, y, direction): centre in tiles, direction in sixteenths clockwise from north.
    #[getter]
    fn entities(&self) -> Vec<(String, f64, f64, u8)> {
        self.entities.clone()
    }

    /// Writes the exchange string.
    fn to_string(&self) -> PyResult<String> {
        blueprint::encode(&self.exchange).map_err(raised)
    }

    fn __len__(&self) -> usize {
        self.entities.len()
    }
}
