//! The charts of a force: the chunks that it has charted, and those that its character sees.

use mlua::{MultiValue, Result as LuaResult, Value};

use super::convert::{self, argument};
use super::core::Surface;
use super::force::number_of;
use super::host::{Call, Registrar};
use crate::sim::position::Rect;

const CLASS: &str = "LuaForce";
/// Chunks round a character that it sees.
const SEEN_CHUNKS: i32 = 3;

/// What a force has charted, and what its character sees; without radars nothing else is seen.
pub(super) fn register(r: &mut Registrar<'_>) {
    r.method(CLASS, "chart", |call, arguments| {
        let area = match argument(&arguments, 1) {
            Value::Nil => None,
            area => Some(convert::area(&area)?),
        };
        chart(&call, &argument(&arguments, 0), area)?;
        Ok(Value::Nil)
    });
    r.method(CLASS, "chart_all", |call, arguments| {
        chart(&call, &argument(&arguments, 0), None)?;
        Ok(Value::Nil)
    });
    r.method(CLASS, "clear_chart", |call, arguments| {
        let force = number_of(call);
        with_charts(&call, &argument(&arguments, 0), |surface| {
            surface.charted.retain(|(by, _)| *by != force);
        })?;
        Ok(Value::Nil)
    });
    // A chart has no picture that could be drawn again.
    r.method(CLASS, "rechart", |_, _| Ok(Value::Nil));
    r.method(CLASS, "is_chunk_charted", |call, arguments| {
        asked(&call, &arguments, |surface, force, chunk| {
            surface.charted.contains(&(force, chunk)) || is_seen(surface, force, chunk)
        })
    });
    r.method(CLASS, "is_chunk_visible", |call, arguments| {
        asked(&call, &arguments, is_seen)
    });
}

/// Answers a question about a chunk of a surface.
fn asked(
    call: &Call<'_>,
    arguments: &MultiValue,
    question: impl Fn(&Surface, u16, (i32, i32)) -> bool,
) -> LuaResult<Value> {
    let (x, y) = convert::pair(&argument(arguments, 1))?;
    let chunk = (x.floor() as i32, y.floor() as i32);
    let core = call.host.core.borrow();
    let surface = convert::surface(call.host, &core, &argument(arguments, 0))?;
    let force = number_of(*call);
    Ok(Value::Boolean(
        core.surface(surface)
            .is_some_and(|surface| question(surface, force, chunk)),
    ))
}

/// Says whether the character of a force sees a chunk.
fn is_seen(surface: &Surface, force: u16, (col, row): (i32, i32)) -> bool {
    let world = &surface.world;
    let tile = world.character.position.tile();
    let (x, y) = (tile.x.div_euclid(32), tile.y.div_euclid(32));
    surface.character.is_some()
        && surface.force == Some(force)
        && world.character.is_alive()
        && (x - col).abs() <= SEEN_CHUNKS
        && (y - row).abs() <= SEEN_CHUNKS
}

/// Charts the generated chunks of an area, or all of them.
fn chart(call: &Call<'_>, surface: &Value, area: Option<Rect>) -> LuaResult<()> {
    let force = number_of(*call);
    with_charts(call, surface, |surface| {
        let chunk_of = |subtiles: i32| subtiles.div_euclid(256 * 32);
        let is_inside = |(col, row): &(i32, i32)| {
            area.is_none_or(|area| {
                (chunk_of(area.left)..=chunk_of(area.right)).contains(col)
                    && (chunk_of(area.top)..=chunk_of(area.bottom)).contains(row)
            })
        };
        let seen = surface.generated.iter().copied().filter(is_inside);
        surface.charted.extend(seen.map(|chunk| (force, chunk)));
    })
}

/// Changes the charts of the surface that is named, or of all where none is.
fn with_charts(
    call: &Call<'_>,
    surface: &Value,
    mut change: impl FnMut(&mut Surface),
) -> LuaResult<()> {
    let mut core = call.host.core.borrow_mut();
    let numbers = match surface {
        Value::Nil => core.surfaces().map(|(number, _)| number).collect(),
        named => vec![convert::surface(call.host, &core, named)?],
    };
    for number in numbers {
        if let Some(surface) = core.surface_mut(number) {
            change(surface);
        }
    }
    Ok(())
}
