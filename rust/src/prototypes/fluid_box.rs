//! The fluid connections of entities.

use crate::error::Result;

use super::energy::unknown;
use super::fields::Fields;
use super::geometry::positions_by_direction;
use super::id::FluidId;

/// A place for fluid in an entity.
#[derive(Clone, Debug, PartialEq)]
pub struct FluidBox {
    /// What its entity does with it.
    pub role: FluidBoxRole,
    /// Units it holds.
    pub volume: f64,
    /// The only fluid it takes.
    pub filter: Option<FluidId>,
    /// The coldest fluid it takes.
    pub minimum_temperature: Option<f64>,
    /// The hottest fluid it takes.
    pub maximum_temperature: Option<f64>,
    /// Where it joins others.
    pub connections: Vec<PipeConnection>,
}

/// What an entity does with a fluid box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FluidBoxRole {
    /// Only holds it, as a pipe does.
    Storage,
    /// Uses it up.
    Input,
    /// Fills it.
    Output,
    /// Both.
    InputOutput,
}

/// One opening of a fluid box.
#[derive(Clone, Debug, PartialEq)]
pub struct PipeConnection {
    /// The side to which it opens, in sixteenths clockwise from north, for an entity that faces north.
    pub direction: u8,
    /// Which way fluid passes.
    pub flow: FlowDirection,
    /// The tile centre inside the entity that it opens from, relative to the entity, when this faces
    /// north, east, south, west.
    pub positions: [(f64, f64); 4],
    /// Whether it runs below the ground.
    pub is_underground: bool,
    /// How far an underground one reaches, tiles.
    pub max_underground_distance: u32,
}

/// Which way fluid passes an opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FlowDirection {
    /// Both ways.
    Both,
    /// Only in.
    Input,
    /// Only out.
    Output,
}

impl FluidBox {
    pub(super) fn read_all(fields: &Fields) -> Result<Vec<Self>> {
        let mut boxes: Vec<Self> = fields
            .tables("fluid_boxes")?
            .iter()
            .map(|table| Self::read(table, FluidBoxRole::Storage))
            .collect::<Result<_>>()?;
        // The boxes of mining drills do not declare what they are for; their names do.
        for (key, implied) in [
            ("fluid_box", FluidBoxRole::Storage),
            ("input_fluid_box", FluidBoxRole::Input),
            ("output_fluid_box", FluidBoxRole::Output),
        ] {
            if let Some(table) = fields.table(key)? {
                boxes.push(Self::read(&table, implied)?);
            }
        }
        Ok(boxes)
    }

    fn read(fields: &Fields, implied: FluidBoxRole) -> Result<Self> {
        Ok(Self {
            role: match fields.text("production_type")? {
                None => implied,
                Some("none") => FluidBoxRole::Storage,
                Some("input") => FluidBoxRole::Input,
                Some("output") => FluidBoxRole::Output,
                Some("input-output") => FluidBoxRole::InputOutput,
                Some(other) => return Err(unknown(fields, "production type", other)),
            },
            volume: fields.need("volume", fields.number("volume")?)?,
            filter: fields.fluid("filter")?,
            minimum_temperature: fields.number("minimum_temperature")?,
            maximum_temperature: fields.number("maximum_temperature")?,
            connections: fields
                .tables("pipe_connections")?
                .iter()
                .map(PipeConnection::read)
                .collect::<Result<_>>()?,
        })
    }
}

impl PipeConnection {
    fn read(fields: &Fields) -> Result<Self> {
        Ok(Self {
            direction: fields.whole_or("direction", 0)? as u8,
            flow: match fields.text("flow_direction")? {
                None | Some("input-output") => FlowDirection::Both,
                Some("input") => FlowDirection::Input,
                Some("output") => FlowDirection::Output,
                Some(other) => return Err(unknown(fields, "flow direction", other)),
            },
            positions: positions_by_direction(fields)?,
            is_underground: fields.text("connection_type")? == Some("underground"),
            max_underground_distance: fields.whole_or("max_underground_distance", 0)?,
        })
    }
}
