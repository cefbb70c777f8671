//! `LuaHelpers`: JSON, compression, datagrams, files, versions; and the text of localised strings.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use mlua::{Lua, Table, Value};
use serde_json::{Map, Number, Value as Json};

use super::convert::{argument, count, expected, text, truth};
use super::host::{Call, Datagram, Registrar, fault};
use crate::lua::{GameLine, object_of};

const CLASS: &str = "LuaHelpers";
/// `helpers.decode_string` gives nothing for what would become longer.
const MAX_DECODED_BYTES: u64 = 256 << 20;
/// Tables may be nested so deep in JSON.
const MAX_JSON_DEPTH: usize = 128;

pub(super) fn register(r: &mut Registrar<'_>) {
    r.read(CLASS, "game_version", |call| {
        call.value(call.host.session.game_version.as_str())
    });
    r.method(CLASS, "table_to_json", |call, arguments| {
        let value = argument(&arguments, 0);
        let Value::Table(_) = &value else {
            return Err(expected("a table", &value));
        };
        let json = json_of(&value, 0)?;
        call.value(json.to_string())
    });
    r.method(CLASS, "json_to_table", |call, arguments| {
        let source = text(&argument(&arguments, 0))?;
        match serde_json::from_str::<Json>(&source) {
            Ok(json) => value_of(call.lua, &json),
            Err(_) => Ok(Value::Nil),
        }
    });
    register_compression(r);
}

fn register_compression(r: &mut Registrar<'_>) {
    r.method(CLASS, "encode_string", |call, arguments| {
        let Value::String(source) = argument(&arguments, 0) else {
            return Err(expected("a string", &argument(&arguments, 0)));
        };
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        let packed = encoder
            .write_all(&source.as_bytes())
            .and_then(|()| encoder.finish());
        match packed {
            Ok(packed) => call.value(STANDARD.encode(packed)),
            Err(_) => Ok(Value::Nil),
        }
    });
    r.method(CLASS, "decode_string", |call, arguments| {
        let Value::String(source) = argument(&arguments, 0) else {
            return Err(expected("a string", &argument(&arguments, 0)));
        };
        let Ok(packed) = STANDARD.decode(&*source.as_bytes()) else {
            return Ok(Value::Nil);
        };
        let mut plain = Vec::new();
        let mut decoder = ZlibDecoder::new(packed.as_slice()).take(MAX_DECODED_BYTES);
        match decoder.read_to_end(&mut plain) {
            Ok(_) => Ok(Value::String(call.lua.create_string(&plain)?)),
            Err(_) => Ok(Value::Nil),
        }
    });
    register_udp(r);
    register_files(r);
    r.method(CLASS, "compare_versions", |call, arguments| {
        let first = version(&text(&argument(&arguments, 0))?)?;
        let second = version(&text(&argument(&arguments, 1))?)?;
        call.value(first.cmp(&second) as i8)
    });
    r.method(CLASS, "direction_to_string", |call, arguments| {
        const NAMES: [&str; 16] = [
            "north",
            "northnortheast",
            "northeast",
            "eastnortheast",
            "east",
            "eastsoutheast",
            "southeast",
            "southsoutheast",
            "south",
            "southsouthwest",
            "southwest",
            "westsouthwest",
            "west",
            "westnorthwest",
            "northwest",
            "northnorthwest",
        ];
        let direction = count(&argument(&arguments, 0))? as usize;
        call.value(NAMES.get(direction).copied())
    });
}

fn register_udp(r: &mut Registrar<'_>) {
    r.method(CLASS, "send_udp", |call, arguments| {
        let session = &call.host.session;
        if !session.udp_enabled {
            return Err(no_udp());
        }
        let port = count(&argument(&arguments, 0))?;
        let port =
            u16::try_from(port).map_err(|_| fault(format!("a port is 0 to 65535, not {port}")))?;
        let bytes = match argument(&arguments, 1) {
            Value::String(payload) => payload.as_bytes().to_vec(),
            other => localised_raw(&other)?,
        };
        // A datagram for a player who is not there goes nowhere.
        let is_for_server = match argument(&arguments, 2) {
            Value::Nil => true,
            player => count(&player)? == 0,
        };
        if is_for_server && bytes.len() <= session.max_datagram_bytes {
            session.sent.borrow_mut().push(Datagram { port, bytes });
        }
        Ok(Value::Nil)
    });
    r.method(CLASS, "recv_udp", |call, arguments| {
        let session = &call.host.session;
        if !session.udp_enabled {
            return Err(no_udp());
        }
        let is_for_server = match argument(&arguments, 0) {
            Value::Nil => true,
            player => count(&player)? == 0,
        };
        if !is_for_server || session.received.borrow().is_empty() {
            return Ok(Value::Nil);
        }
        if session.line == GameLine::V2_0 {
            let why = "TickClosure.cpp:91: Trying to add invalid input action to the closure";
            *session.aborted.borrow_mut() = Some(why.to_owned());
            return Err(fault(why));
        }
        session.wants_datagrams.set(true);
        Ok(Value::Nil)
    });
}

fn no_udp() -> mlua::Error {
    fault("UDP is not enabled: start the server with --enable-lua-udp PORT")
}

fn register_files(r: &mut Registrar<'_>) {
    r.method(CLASS, "write_file", |call, arguments| {
        let name = text(&argument(&arguments, 0))?;
        let bytes = match argument(&arguments, 1) {
            Value::String(data) => data.as_bytes().to_vec(),
            other => localised_raw(&other)?,
        };
        let Some(path) = output_path(call, &name)? else {
            return Ok(Value::Nil);
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| fault(error.to_string()))?;
        }
        std::fs::OpenOptions::new()
            .create(true)
            .write(true)
            .append(truth(&argument(&arguments, 2)))
            .truncate(!truth(&argument(&arguments, 2)))
            .open(&path)
            .and_then(|mut file| file.write_all(&bytes))
            .map_err(|error| fault(format!("cannot write \"{name}\": {error}")))?;
        Ok(Value::Nil)
    });
    r.method(CLASS, "remove_path", |call, arguments| {
        let name = text(&argument(&arguments, 0))?;
        if let Some(path) = output_path(call, &name)? {
            let removed = if path.is_dir() {
                std::fs::remove_dir_all(&path)
            } else {
                std::fs::remove_file(&path)
            };
            // What is not there needs no removal.
            drop(removed);
        }
        Ok(Value::Nil)
    });
}

/// Gives the path of a file in the output folder; names that lead out of it are refused.
fn output_path(call: Call<'_>, name: &str) -> mlua::Result<Option<std::path::PathBuf>> {
    let is_inside = std::path::Path::new(name)
        .components()
        .all(|part| matches!(part, std::path::Component::Normal(_)));
    if name.is_empty() || !is_inside {
        return Err(fault(format!(
            "a file lies within the script-output folder, not at \"{name}\""
        )));
    }
    let folder = call.host.session.script_output.as_ref();
    Ok(folder.map(|folder| folder.join(name)))
}

fn version(text: &str) -> mlua::Result<[u32; 3]> {
    let mut parts = [0; 3];
    let mut given = text.trim().split('.');
    for part in &mut parts {
        let Some(piece) = given.next() else { break };
        *part = piece
            .parse()
            .map_err(|_| fault(format!("not a version: \"{text}\"")))?;
    }
    Ok(parts)
}

/// Makes JSON of a value; an empty table is an object, as in the game.
fn json_of(value: &Value, depth: usize) -> mlua::Result<Json> {
    if depth > MAX_JSON_DEPTH {
        return Err(fault(format!(
            "tables nested more than {MAX_JSON_DEPTH} deep cannot be JSON"
        )));
    }
    Ok(match value {
        Value::Nil => Json::Null,
        Value::Boolean(value) => Json::Bool(*value),
        Value::Integer(value) => Json::Number((*value).into()),
        Value::Number(value) => json_number(*value),
        Value::String(text) => Json::String(text.to_string_lossy()),
        Value::Table(table) => json_of_table(table, depth)?,
        other => {
            let what = object_of(other).map_or(other.type_name(), |_| "LuaObject");
            return Err(fault(format!("Can't convert {what} to JSON.")));
        }
    })
}

fn json_number(value: f64) -> Json {
    /// Doubles hold every whole number up to here.
    const MAX_WHOLE: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() <= MAX_WHOLE {
        Json::Number((value as i64).into())
    } else {
        Number::from_f64(value).map_or(Json::Null, Json::Number)
    }
}

fn json_of_table(table: &Table, depth: usize) -> mlua::Result<Json> {
    let length = table.raw_len();
    let mut entries = Vec::new();
    let mut is_list = length > 0;
    for pair in table.pairs::<Value, Value>() {
        let (key, value) = pair?;
        is_list &= match &key {
            Value::Number(place) => {
                place.fract() == 0.0 && *place >= 1.0 && *place <= length as f64
            }
            Value::Integer(place) => *place >= 1 && *place <= length as i64,
            _ => false,
        };
        entries.push((key, value));
    }
    if is_list && entries.len() == length {
        let mut list = Vec::with_capacity(length);
        for place in 1..=length {
            list.push(json_of(&table.raw_get::<Value>(place)?, depth + 1)?);
        }
        return Ok(Json::Array(list));
    }
    let mut object = Map::new();
    for (key, value) in entries {
        object.insert(key.to_string()?, json_of(&value, depth + 1)?);
    }
    Ok(Json::Object(object))
}

/// Makes a value of JSON.
fn value_of(lua: &Lua, json: &Json) -> mlua::Result<Value> {
    Ok(match json {
        Json::Null => Value::Nil,
        Json::Bool(value) => Value::Boolean(*value),
        Json::Number(value) => Value::Number(value.as_f64().unwrap_or(0.0)),
        Json::String(text) => Value::String(lua.create_string(text)?),
        Json::Array(list) => {
            let table = lua.create_table_with_capacity(list.len(), 0)?;
            for (place, entry) in list.iter().enumerate() {
                table.raw_set(place + 1, value_of(lua, entry)?)?;
            }
            Value::Table(table)
        }
        Json::Object(object) => {
            let table = lua.create_table_with_capacity(0, object.len())?;
            for (key, entry) in object {
                table.raw_set(key.as_str(), value_of(lua, entry)?)?;
            }
            Value::Table(table)
        }
    })
}

/// Gives the text of a localised string; a table without a first text is refused, as the game does.
pub(super) fn localised(value: &Value) -> mlua::Result<String> {
    Ok(String::from_utf8_lossy(&localised_raw(value)?).into_owned())
}

/// As [`localised`].
pub(super) fn localised_bytes(value: &Value) -> mlua::Result<String> {
    localised(value)
}

fn localised_raw(value: &Value) -> mlua::Result<Vec<u8>> {
    let Value::Table(table) = value else {
        return match value {
            Value::String(text) => Ok(text.as_bytes().to_vec()),
            Value::Number(number) if number.fract() == 0.0 && number.abs() < 1.0e15 => {
                Ok(format!("{}", *number as i64).into_bytes())
            }
            Value::Nil | Value::Boolean(_) | Value::Number(_) | Value::Integer(_) => {
                Ok(value.to_string()?.into_bytes())
            }
            other => match object_of(other) {
                Some(_) => Ok(other.to_string()?.into_bytes()),
                None => Err(expected("a localised string", other)),
            },
        };
    };
    let first: Value = table.raw_get(1)?;
    let Value::String(key) = &first else {
        return Err(fault(
            "Invalid localised string: a table begins with a key or with \"\"",
        ));
    };
    let mut parts = Vec::new();
    for part in table.sequence_values::<Value>().skip(1) {
        parts.push(localised_raw(&part?)?);
    }
    if key.as_bytes().is_empty() {
        return Ok(parts.concat());
    }
    let mut joined = key.as_bytes().to_vec();
    for part in parts {
        joined.push(b' ');
        joined.extend(part);
    }
    Ok(joined)
}
