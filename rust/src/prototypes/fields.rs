//! Reads the fields of one prototype out of the embedded JSON, with errors that say which field of which prototype.

use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result};

use super::geometry::SubtileBox;
use super::id::{EntityPrototypeId, FluidId, ItemId, RecipeId, TechnologyId, TileId};
use super::units::parse_energy;

/// The sorted names of every kind, by which references between prototypes become ids.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    pub(super) items: Vec<String>,
    pub(super) recipes: Vec<String>,
    pub(super) entities: Vec<String>,
    pub(super) technologies: Vec<String>,
    pub(super) fluids: Vec<String>,
    pub(super) tiles: Vec<String>,
    pub(super) collision_layers: Vec<String>,
}

/// Finds `name` in a sorted list; `what` names the kind in the error.
pub(super) fn find(what: &str, names: &[String], name: &str) -> Result<usize> {
    names
        .binary_search_by(|known| known.as_str().cmp(name))
        .map_err(|_| Error::unknown_name(what, name, names.iter().map(String::as_str)))
}

/// One table of the file, and where it stands for messages.
#[derive(Clone)]
pub(super) struct Fields<'a> {
    table: &'a Map<String, Value>,
    place: String,
    names: &'a Names,
}

macro_rules! references {
    ($($method:ident, $list:ident, $what:literal, $id:ident;)*) => {$(
        pub(super) fn $method(&self, key: &str) -> Result<Option<$id>> {
            self.text(key)?
                .map(|name| {
                    find($what, &self.names.$list, name)
                        .map($id::from_index)
                        .map_err(|error| error.within(self.place_of(key)))
                })
                .transpose()
        }
    )*};
}

impl<'a> Fields<'a> {
    /// Starts reading `value`, which must be a table; `place` is how messages call it.
    pub(super) fn new(place: String, value: &'a Value, names: &'a Names) -> Result<Self> {
        match value {
            Value::Object(table) => Ok(Self {
                table,
                place,
                names,
            }),
            other => Err(Error::new(
                ErrorKind::InvalidValue,
                format!("{place} must be a table, found {other}"),
            )),
        }
    }

    references! {
        item, items, "item", ItemId;
        recipe, recipes, "recipe", RecipeId;
        entity, entities, "entity", EntityPrototypeId;
        fluid, fluids, "fluid", FluidId;
        tile, tiles, "tile", TileId;
    }

    pub(super) fn item_named(&self, name: &str) -> Result<ItemId> {
        find("item", &self.names.items, name)
            .map(ItemId::from_index)
            .map_err(|error| error.within(&self.place))
    }

    pub(super) fn entity_named(&self, name: &str) -> Result<EntityPrototypeId> {
        find("entity", &self.names.entities, name)
            .map(EntityPrototypeId::from_index)
            .map_err(|error| error.within(&self.place))
    }

    pub(super) fn technology_named(&self, name: &str) -> Result<TechnologyId> {
        find("technology", &self.names.technologies, name)
            .map(TechnologyId::from_index)
            .map_err(|error| error.within(&self.place))
    }

    /// How messages call this table.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// The table at a JSON pointer such as `/a/b`, if every step of it is there.
    pub(super) fn nested(&self, pointer: &str) -> Result<Option<Fields<'a>>> {
        let mut steps = pointer.split('/').skip(1);
        let Some(mut value) = steps.next().and_then(|first| self.value(first)) else {
            return Ok(None);
        };
        for step in steps {
            match value.get(step) {
                Some(inner) => value = inner,
                None => return Ok(None),
            }
        }
        Fields::new(self.place_of(pointer), value, self.names).map(Some)
    }

    pub(super) fn names(&self) -> &'a Names {
        self.names
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub(super) fn value(&self, key: &str) -> Option<&'a Value> {
        self.table.get(key)
    }

    /// The field's value, or the error that it is missing.
    pub(super) fn need<T>(&self, key: &str, found: Option<T>) -> Result<T> {
        found.ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidValue,
                format!("{} is missing", self.place_of(key)),
            )
        })
    }

    pub(super) fn text(&self, key: &str) -> Result<Option<&'a str>> {
        self.read(key, "a string", Value::as_str)
    }

    pub(super) fn owned_text(&self, key: &str) -> Result<Option<String>> {
        Ok(self.text(key)?.map(str::to_owned))
    }

    /// A string that the prototype must have.
    pub(super) fn needed_text(&self, key: &str) -> Result<String> {
        self.need(key, self.owned_text(key)?)
    }

    pub(super) fn number(&self, key: &str) -> Result<Option<f64>> {
        self.read(key, "a number", Value::as_f64)
    }

    /// A number, `default` where the prototype has none.
    pub(super) fn number_or(&self, key: &str, default: f64) -> Result<f64> {
        Ok(self.number(key)?.unwrap_or(default))
    }

    pub(super) fn whole(&self, key: &str) -> Result<Option<u32>> {
        self.read(key, "a whole number", |value| {
            value.as_u64()?.try_into().ok()
        })
    }

    /// A whole number, `default` where the prototype has none.
    pub(super) fn whole_or(&self, key: &str, default: u32) -> Result<u32> {
        Ok(self.whole(key)?.unwrap_or(default))
    }

    /// A boolean, `default` where the prototype has none.
    pub(super) fn flag_or(&self, key: &str, default: bool) -> Result<bool> {
        Ok(self
            .read(key, "true or false", Value::as_bool)?
            .unwrap_or(default))
    }

    pub(super) fn flag(&self, key: &str) -> Result<bool> {
        self.flag_or(key, false)
    }

    /// Joules or watts of a string such as `"150kW"`.
    pub(super) fn energy(&self, key: &str) -> Result<Option<f64>> {
        self.text(key)?
            .map(|text| parse_energy(text).map_err(|error| error.within(self.place_of(key))))
            .transpose()
    }

    /// Joules or watts, zero where the prototype has none.
    pub(super) fn energy_or_zero(&self, key: &str) -> Result<f64> {
        Ok(self.energy(key)?.unwrap_or(0.0))
    }

    /// The list of values, empty where the prototype has none.
    pub(super) fn values(&self, key: &str) -> Result<&'a [Value]> {
        Ok(self
            .read(key, "a list", Value::as_array)?
            .map_or(&[], Vec::as_slice))
    }

    pub(super) fn texts(&self, key: &str) -> Result<Vec<String>> {
        self.values(key)?
            .iter()
            .map(|value| {
                value
                    .as_str()
                    .map(str::to_owned)
                    .ok_or_else(|| self.wrong(key, "a list of strings", value))
            })
            .collect()
    }

    pub(super) fn table(&self, key: &str) -> Result<Option<Fields<'a>>> {
        self.value(key)
            .map(|value| Fields::new(self.place_of(key), value, self.names))
            .transpose()
    }

    /// The list of tables, empty where the prototype has none.
    pub(super) fn tables(&self, key: &str) -> Result<Vec<Fields<'a>>> {
        self.values(key)?
            .iter()
            .map(|value| Fields::new(self.place_of(key), value, self.names))
            .collect()
    }

    pub(super) fn point(&self, key: &str) -> Result<Option<(f64, f64)>> {
        self.read(key, "a point [x, y]", point)
    }

    pub(super) fn points(&self, key: &str) -> Result<Vec<(f64, f64)>> {
        self.values(key)?
            .iter()
            .map(|value| point(value).ok_or_else(|| self.wrong(key, "a list of points", value)))
            .collect()
    }

    pub(super) fn subtile_box(&self, key: &str) -> Result<Option<SubtileBox>> {
        self.read(key, "a box [[left, top], [right, bottom]]", |value| {
            let corners = value.as_array()?;
            Some(SubtileBox::from_tiles(
                point(corners.first()?)?,
                point(corners.get(1)?)?,
            ))
        })
    }

    pub(super) fn color(&self, key: &str) -> Result<Option<[u8; 3]>> {
        self.read(key, "a color [red, green, blue]", |value| {
            let part = |index: usize| value.get(index)?.as_u64()?.try_into().ok();
            Some([part(0)?, part(1)?, part(2)?])
        })
    }

    /// The `pollution` entry of a table by pollutant, zero where there is none.
    pub(super) fn pollution(&self, key: &str) -> Result<f64> {
        self.table(key)?
            .map_or(Ok(0.0), |table| table.number_or("pollution", 0.0))
    }

    pub(super) fn wrong(&self, key: &str, expected: &str, found: &Value) -> Error {
        let place = self.place_of(key);
        Error::new(
            ErrorKind::InvalidValue,
            format!("{place} must be {expected}, found {found}"),
        )
    }

    fn place_of(&self, key: &str) -> String {
        format!("{}, field \"{key}\"", self.place)
    }

    fn read<T>(
        &self,
        key: &str,
        expected: &str,
        convert: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>> {
        self.value(key)
            .map(|value| convert(value).ok_or_else(|| self.wrong(key, expected, value)))
            .transpose()
    }
}

fn point(value: &Value) -> Option<(f64, f64)> {
    Some((value.get(0)?.as_f64()?, value.get(1)?.as_f64()?))
}
