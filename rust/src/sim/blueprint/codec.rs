//! A blueprint string to an [`Exchange`] and back.
//!
//! The format (<https://wiki.factorio.com/Blueprint_string_format>): the version byte `0`, then the base64 of the
//! zlib-deflated JSON.
//! Strings come from strangers: each stage has a limit, checked before the next stage allocates, and says where it failed.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_PAD_INDIFFERENT};
use flate2::Compression;
use flate2::bufread::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde_json::error::Category;

use crate::error::{Error, ErrorKind, Result};

use super::guard;
use super::model::{Content, Exchange};

pub use super::bounded::{MAX_BOOK_MEMBERS, MAX_ENTITIES, MAX_FILTERS, MAX_TILES};
pub use super::guard::{MAX_JSON_DEPTH, MAX_PARSED_BYTES};

/// The longest string that is looked at.
pub const MAX_STRING_BYTES: usize = 8 << 20;

/// The most JSON that a string may inflate to.
pub const MAX_JSON_BYTES: usize = 32 << 20;

/// The only version byte that the game has used since its 0.15.
const VERSION_BYTE: u8 = b'0';

/// Where reading a string failed.
#[derive(Clone, Copy)]
enum Stage {
    Prefix,
    Base64,
    Zlib,
    Json,
    Schema,
}

impl Stage {
    fn error(self, message: impl std::fmt::Display) -> Error {
        let stage = match self {
            Self::Prefix => "prefix",
            Self::Base64 => "base64",
            Self::Zlib => "zlib",
            Self::Json => "json",
            Self::Schema => "schema",
        };
        Error::new(
            ErrorKind::InvalidBlueprint,
            format!("cannot read blueprint string ({stage}): {message}"),
        )
    }
}

/// Reads a blueprint or a book; white space around and inside the string is dropped, as forums wrap long lines.
///
/// # Errors
/// [`ErrorKind::InvalidBlueprint`], naming the stage: prefix, base64, zlib, json or schema.
pub fn decode(text: &str) -> Result<Exchange> {
    let exchange = parse(&inflate(&unwrap_base64(text)?)?)?;
    let planner = match exchange.content {
        Content::Blueprint(_) | Content::Book(_) => return Ok(exchange),
        Content::DeconstructionPlanner(_) => "deconstruction planner",
        Content::UpgradePlanner(_) => "upgrade planner",
    };
    Err(Stage::Schema.error(format!(
        "this is the string of a {planner}, not of a blueprint; export a blueprint or a book of blueprints"
    )))
}

/// Writes the string of a blueprint or a book, as tightly packed as the game does.
///
/// # Errors
/// [`ErrorKind::InvalidBlueprint`] if [`decode`] would refuse the result for its size.
pub fn encode(exchange: &Exchange) -> Result<String> {
    let cannot = |message: String| {
        Error::new(
            ErrorKind::InvalidBlueprint,
            format!("cannot write blueprint string: {message}"),
        )
    };
    let json = serde_json::to_vec(exchange).map_err(|error| cannot(error.to_string()))?;
    if json.len() > MAX_JSON_BYTES {
        return Err(cannot(format!(
            "its json would have {} bytes, the limit is {MAX_JSON_BYTES}; split the book",
            json.len()
        )));
    }
    guard::check_shape(&json).map_err(cannot)?;
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::best());
    packer
        .write_all(&json)
        .map_err(|error| cannot(error.to_string()))?;
    let packed = packer.finish().map_err(|error| cannot(error.to_string()))?;
    let text = format!("{}{}", char::from(VERSION_BYTE), STANDARD.encode(packed));
    if text.len() > MAX_STRING_BYTES {
        return Err(cannot(format!(
            "it would have {} characters, the limit is {MAX_STRING_BYTES}; split the book",
            text.len()
        )));
    }
    Ok(text)
}

fn unwrap_base64(text: &str) -> Result<Vec<u8>> {
    if text.len() > MAX_STRING_BYTES {
        return Err(Stage::Prefix.error(format!(
            "the string has {} bytes, the limit is {MAX_STRING_BYTES}; export its blueprints one by one",
            text.len()
        )));
    }
    let body = text
        .trim()
        .strip_prefix(char::from(VERSION_BYTE))
        .ok_or_else(|| wrong_prefix(text.trim()))?;
    let letters: Vec<u8> = body
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    if letters.is_empty() {
        return Err(
            Stage::Base64.error("nothing follows the version byte \"0\"; copy the whole string")
        );
    }
    STANDARD_PAD_INDIFFERENT.decode(letters).map_err(|error| {
        Stage::Base64.error(format!("{error}; copy the whole string and nothing else"))
    })
}

fn wrong_prefix(text: &str) -> Error {
    Stage::Prefix.error(match text.chars().next() {
        None => "the string is empty; copy it from the game's export dialog".to_owned(),
        Some('{' | '[') => {
            "this is JSON, a string starts with \"0\"; deflate it with zlib and encode it as base64"
                .to_owned()
        }
        Some(first) => {
            format!(
                "a string starts with the version byte \"0\", this one with \"{}\"",
                first.escape_debug()
            )
        }
    })
}

fn inflate(packed: &[u8]) -> Result<Vec<u8>> {
    let mut unpacker = ZlibDecoder::new(packed);
    let mut json = Vec::new();
    // One byte over the limit tells a document that is too long from one that just fits.
    unpacker
        .by_ref()
        .take(MAX_JSON_BYTES as u64 + 1)
        .read_to_end(&mut json)
        .map_err(|error| {
            Stage::Zlib.error(format!(
                "{error}; the string is damaged or cut off, copy it again"
            ))
        })?;
    if json.len() > MAX_JSON_BYTES {
        return Err(Stage::Zlib.error(format!(
            "it inflates to more than the limit of {MAX_JSON_BYTES} bytes; export its blueprints one by one"
        )));
    }
    match unpacker.into_inner().len() {
        0 => Ok(json),
        left => Err(Stage::Zlib.error(format!(
            "the data ends {left} bytes before the string does; copy one string and nothing else"
        ))),
    }
}

fn parse(json: &[u8]) -> Result<Exchange> {
    guard::check_shape(json).map_err(|message| Stage::Json.error(message))?;
    serde_json::from_slice(json).map_err(|error| match error.classify() {
        Category::Data => Stage::Schema.error(format!(
            "{error}; is it a blueprint of the unmodified game?"
        )),
        Category::Syntax | Category::Eof | Category::Io => Stage::Json.error(format!(
            "{error}; the program that made the string is at fault"
        )),
    })
}
