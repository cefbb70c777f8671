//! Set-up operations as the mod reads them: one JSON text, packed as `helpers.encode_string` does.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde_json::{Map, Value, json};

use crate::contract::codes::RESOURCE_NAMES;
use crate::prototypes::vanilla;
use crate::sim::placement::snapped;
use crate::sim::setup::{SetupOp, stream_seed};

/// Characters of one part of a transfer: a command of that length passes in one packet.
pub const PART_BYTES: usize = 48 << 10;

/// Writes the set-up of a world as the text of a transfer.
pub fn transfer(seed: u64, ops: &[SetupOp]) -> String {
    let mut lowered: Vec<Value> = Vec::with_capacity(ops.len());
    let mut run: Option<(u8, Vec<Value>)> = None;
    let (mut width, mut height, mut ground) = (0, 0, "");
    for op in ops {
        if let SetupOp::Resource { tile, code, amount } = op {
            let place = [json!(tile.x), json!(tile.y), json!(amount)];
            match &mut run {
                Some((kind, places)) if kind == code => places.extend(place),
                _ => {
                    lowered.extend(run.take().map(resources));
                    run = Some((*code, place.into()));
                }
            }
            continue;
        }
        lowered.extend(run.take().map(resources));
        if let SetupOp::Map {
            width: across,
            height: down,
            tile,
        } = op
        {
            (width, height, ground) = (*across, *down, &vanilla()[*tile].name);
        } else {
            lowered.push(lowered_op(op));
        }
    }
    lowered.extend(run.take().map(resources));
    let whole = json!({
        "seed": stream_seed(seed), "width": width, "height": height, "tile": ground, "ops": lowered,
    });
    pack(whole.to_string().as_bytes())
}

fn resources((code, places): (u8, Vec<Value>)) -> Value {
    json!(["r", RESOURCE_NAMES[usize::from(code) - 1], places])
}

fn lowered_op(op: &SetupOp) -> Value {
    match op {
        SetupOp::Tiles { area, tile } => json!([
            "t",
            area.left,
            area.top,
            area.width,
            area.height,
            vanilla()[*tile].name
        ]),
        SetupOp::Entity {
            prototype,
            position,
            direction,
            items,
            recipe,
        } => {
            let place = snapped(*prototype, *position, *direction);
            let mut held = Map::new();
            for (item, count) in items {
                let name = vanilla()[*item].name.clone();
                let before = held.get(&name).and_then(Value::as_u64).unwrap_or(0);
                held.insert(name, json!(before + u64::from(*count)));
            }
            json!([
                "e",
                vanilla()[*prototype].name,
                place.x,
                place.y,
                direction.sixteenths(),
                if held.is_empty() {
                    json!(0)
                } else {
                    Value::Object(held)
                },
                recipe.map_or(json!(0), |recipe| json!(vanilla()[recipe].name)),
            ])
        }
        SetupOp::Ghost {
            prototype,
            position,
            direction,
        } => {
            let place = snapped(*prototype, *position, *direction);
            json!([
                "g",
                vanilla()[*prototype].name,
                place.x,
                place.y,
                direction.sixteenths()
            ])
        }
        SetupOp::Character { position } => json!(["c", position.x, position.y]),
        SetupOp::Items { item, count } => json!(["i", vanilla()[*item].name, count]),
        SetupOp::Research { technology } => json!(["k", vanilla()[*technology].name]),
        SetupOp::Map { .. } | SetupOp::Resource { .. } => {
            unreachable!("maps and resources are lowered by the caller")
        }
    }
}

/// Packs bytes as `helpers.encode_string` does: zlib, then Base64.
pub fn pack(bytes: &[u8]) -> String {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder
        .write_all(bytes)
        .expect("writing to memory does not fail");
    STANDARD.encode(encoder.finish().expect("writing to memory does not fail"))
}

/// Unpacks what `helpers.encode_string` packed; `None` where it is not that, or more than `limit` bytes.
pub fn unpack(text: &str, limit: usize) -> Option<Vec<u8>> {
    let packed = STANDARD.decode(text).ok()?;
    let mut bytes = Vec::new();
    let mut decoder = ZlibDecoder::new(&packed[..]).take(limit as u64 + 1);
    decoder.read_to_end(&mut bytes).ok()?;
    (bytes.len() <= limit).then_some(bytes)
}
