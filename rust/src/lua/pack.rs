//! `string.pack`, `string.packsize` and `string.unpack` as Lua 5.3 and 5.4 define them; the game has them in its 5.2.
//!
//! Sizes are those of 64-bit Linux (`short` 2, `int` 4, `long`, `size_t`, `lua_Integer` 8) on every machine, little
//! endian unless the format says otherwise. Numbers of the game's Lua are doubles: integers of 8 bytes are exact up to
//! 2^53.

use mlua::{Error, Lua, MultiValue, Result, Value};

const MAX_INT_BYTES: usize = 16;
/// The largest result of one `pack` in bytes; past it the call raises.
const MAX_PACKED_BYTES: usize = 16 << 20;
const NATIVE_ALIGN: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    Signed(usize),
    Unsigned(usize),
    Float,
    Double,
    Fixed(usize),
    Prefixed(usize),
    Zero,
    Padding,
    Align(usize),
    Nothing,
}

impl Item {
    fn size(self) -> usize {
        match self {
            Self::Signed(size)
            | Self::Unsigned(size)
            | Self::Fixed(size)
            | Self::Prefixed(size) => size,
            Self::Float => 4,
            Self::Double => 8,
            Self::Padding => 1,
            Self::Zero | Self::Align(_) | Self::Nothing => 0,
        }
    }

    /// Gives the alignment that the item asks for; strings and padding ask for none.
    fn align(self) -> usize {
        match self {
            Self::Signed(size)
            | Self::Unsigned(size)
            | Self::Prefixed(size)
            | Self::Align(size) => size,
            Self::Float => 4,
            Self::Double => 8,
            _ => 1,
        }
    }
}

/// Reads a format string, item by item, and keeps its state: byte order and greatest alignment.
struct Format<'a> {
    bytes: &'a [u8],
    at: usize,
    little: bool,
    max_align: usize,
}

impl<'a> Format<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            little: true,
            max_align: 1,
        }
    }

    fn digits(&mut self) -> Result<Option<usize>> {
        let start = self.at;
        let mut value = 0_usize;
        while let Some(digit) = self.bytes.get(self.at).filter(|byte| byte.is_ascii_digit()) {
            value = value
                .checked_mul(10)
                .and_then(|tens| tens.checked_add(usize::from(digit - b'0')))
                .filter(|value| i32::try_from(*value).is_ok())
                .ok_or_else(|| Error::runtime("invalid format (size too large)"))?;
            self.at += 1;
        }
        Ok((self.at > start).then_some(value))
    }

    fn int_size(&mut self, default: usize) -> Result<usize> {
        let size = self.digits()?.unwrap_or(default);
        if (1..=MAX_INT_BYTES).contains(&size) {
            return Ok(size);
        }
        Err(Error::runtime(format!(
            "integral size ({size}) out of limits [1,{MAX_INT_BYTES}]"
        )))
    }

    /// Reads the next option; `None` at the end.
    fn option(&mut self) -> Result<Option<Item>> {
        let Some(&letter) = self.bytes.get(self.at) else {
            return Ok(None);
        };
        self.at += 1;
        Ok(Some(match letter {
            b'b' => Item::Signed(1),
            b'B' => Item::Unsigned(1),
            b'h' => Item::Signed(2),
            b'H' => Item::Unsigned(2),
            b'i' => Item::Signed(self.int_size(4)?),
            b'I' => Item::Unsigned(self.int_size(4)?),
            b'l' | b'j' => Item::Signed(8),
            b'L' | b'J' | b'T' => Item::Unsigned(8),
            b'f' => Item::Float,
            b'd' | b'n' => Item::Double,
            b's' => Item::Prefixed(self.int_size(8)?),
            b'c' => Item::Fixed(
                self.digits()?
                    .ok_or_else(|| Error::runtime("missing size for format option 'c'"))?,
            ),
            b'z' => Item::Zero,
            b'x' => Item::Padding,
            b'X' => self.alignment()?,
            b' ' => Item::Nothing,
            b'<' | b'=' => {
                self.little = true;
                Item::Nothing
            }
            b'>' => {
                self.little = false;
                Item::Nothing
            }
            b'!' => {
                self.max_align = self.int_size(NATIVE_ALIGN)?;
                Item::Nothing
            }
            other => {
                let other = char::from(other);
                return Err(Error::runtime(format!("invalid format option '{other}'")));
            }
        }))
    }

    /// Reads the option after `X`, which lends its alignment only.
    fn alignment(&mut self) -> Result<Item> {
        let invalid = || Error::runtime("invalid next option for option 'X'");
        match self.option()?.ok_or_else(invalid)? {
            Item::Fixed(_) => Err(invalid()),
            item if item.align() == 1 && item.size() == 0 => Err(invalid()),
            item => Ok(Item::Align(item.align())),
        }
    }

    /// Reads the next item and the padding in front of it, where `total` bytes come before.
    fn next(&mut self, total: usize) -> Result<Option<(Item, usize)>> {
        let Some(item) = self.option()? else {
            return Ok(None);
        };
        let align = item.align().min(self.max_align);
        if align <= 1 {
            return Ok(Some((item, 0)));
        }
        if !align.is_power_of_two() {
            return Err(Error::runtime("format asks for alignment not power of 2"));
        }
        Ok(Some((item, total.wrapping_neg() & (align - 1))))
    }
}

fn argument(number: usize, message: &str) -> Error {
    Error::runtime(format!("bad argument #{number} ({message})"))
}

/// Packs `values` after `format`, as `string.pack(format, ...)`.
///
/// # Errors
/// A format that cannot be read, a value of the wrong kind, or one that does not fit.
pub fn pack(lua: &Lua, format: &[u8], values: &MultiValue) -> Result<Vec<u8>> {
    let mut format = Format::new(format);
    let mut out = Vec::new();
    // The format is argument 1.
    let mut number = 1;
    while let Some((item, padding)) = format.next(out.len())? {
        out.resize(out.len() + padding, 0);
        let mut value = || {
            number += 1;
            let found = values.get(number - 2).cloned();
            (number, found.unwrap_or(Value::Nil))
        };
        match item {
            Item::Signed(size) | Item::Unsigned(size) => {
                let (number, value) = value();
                let integer = integer_of(lua, number, value)?;
                check_range(number, integer, item)?;
                push_int(&mut out, integer, size, format.little);
            }
            Item::Float | Item::Double => {
                let (number, value) = value();
                let float = float_of(lua, number, value)?;
                let bytes = match item {
                    Item::Float => (float as f32).to_le_bytes().to_vec(),
                    _ => float.to_le_bytes().to_vec(),
                };
                push_ordered(&mut out, &bytes, format.little);
            }
            Item::Fixed(_) | Item::Prefixed(_) | Item::Zero => {
                let (number, value) = value();
                let text = bytes_of(lua, number, value)?;
                push_text(&mut out, &text, item, format.little, number)?;
            }
            Item::Padding => out.push(0),
            Item::Align(_) | Item::Nothing => {}
        }
        if out.len() > MAX_PACKED_BYTES {
            return Err(Error::runtime("resulting string too large"));
        }
    }
    Ok(out)
}

fn push_text(
    out: &mut Vec<u8>,
    text: &[u8],
    item: Item,
    little: bool,
    number: usize,
) -> Result<()> {
    match item {
        Item::Fixed(size) if text.len() > size => {
            return Err(argument(number, "string longer than given size"));
        }
        Item::Fixed(size) if size > MAX_PACKED_BYTES => {
            return Err(Error::runtime("resulting string too large"));
        }
        Item::Fixed(size) => {
            out.extend_from_slice(text);
            out.resize(out.len() + size - text.len(), 0);
        }
        Item::Prefixed(size) => {
            if size < 8 && text.len() >> (size * 8) != 0 {
                return Err(argument(number, "string length does not fit in given size"));
            }
            push_int(out, text.len() as i128, size, little);
            out.extend_from_slice(text);
        }
        _ if text.contains(&0) => return Err(argument(number, "string contains zeros")),
        _ => {
            out.extend_from_slice(text);
            out.push(0);
        }
    }
    Ok(())
}

fn push_int(out: &mut Vec<u8>, value: i128, size: usize, little: bool) {
    push_ordered(out, &value.to_le_bytes()[..size], little);
}

fn push_ordered(out: &mut Vec<u8>, little_bytes: &[u8], little: bool) {
    if little {
        out.extend_from_slice(little_bytes);
    } else {
        out.extend(little_bytes.iter().rev());
    }
}

fn in_signed_range(value: i128, size: usize) -> bool {
    let limit = 1_i128 << (size * 8 - 1);
    (-limit..limit).contains(&value)
}

fn check_range(number: usize, value: i128, item: Item) -> Result<()> {
    match item {
        Item::Signed(size) if size < 8 && !in_signed_range(value, size) => {
            Err(argument(number, "integer overflow"))
        }
        // A negative number is a great one without its sign, as in Lua.
        Item::Unsigned(size) if size < 8 && !(0..1_i128 << (size * 8)).contains(&value) => {
            Err(argument(number, "unsigned overflow"))
        }
        _ => Ok(()),
    }
}

fn float_of(lua: &Lua, number: usize, value: Value) -> Result<f64> {
    let kind = value.type_name();
    lua.coerce_number(value)?
        .ok_or_else(|| argument(number, &format!("number expected, got {kind}")))
}

fn integer_of(lua: &Lua, number: usize, value: Value) -> Result<i128> {
    let float = float_of(lua, number, value)?;
    // Integers of Lua have 64 bits; 2^63 itself is outside.
    let limit = 9_223_372_036_854_775_808.0;
    if float.fract() != 0.0 || !(-limit..limit).contains(&float) {
        return Err(argument(number, "number has no integer representation"));
    }
    Ok(float as i128)
}

fn bytes_of(lua: &Lua, number: usize, value: Value) -> Result<Vec<u8>> {
    let kind = value.type_name();
    let text = lua.coerce_string(value)?;
    let text = text.ok_or_else(|| argument(number, &format!("string expected, got {kind}")))?;
    Ok(text.as_bytes().to_vec())
}

/// Gives the size of what `format` packs, as `string.packsize(format)`.
///
/// # Errors
/// A format that cannot be read, or one whose size depends on its values.
pub fn packed_size(format: &[u8]) -> Result<usize> {
    let mut format = Format::new(format);
    let mut total = 0_usize;
    while let Some((item, padding)) = format.next(total)? {
        if matches!(item, Item::Prefixed(_) | Item::Zero) {
            return Err(argument(1, "variable-length format"));
        }
        total = total
            .checked_add(padding + item.size())
            .filter(|total| i32::try_from(*total).is_ok())
            .ok_or_else(|| argument(1, "format result too large"))?;
    }
    Ok(total)
}

/// Unpacks `data` from `start` (0-based) after `format`; gives the values and the position behind them (1-based).
///
/// # Errors
/// A format that cannot be read, or data that is too short for it.
pub fn unpack(lua: &Lua, format: &[u8], data: &[u8], start: usize) -> Result<(Vec<Value>, usize)> {
    let mut format = Format::new(format);
    let mut values = Vec::new();
    let mut at = start;
    while let Some((item, padding)) = format.next(at)? {
        at += padding;
        if item == Item::Zero {
            let rest = data.get(at..).unwrap_or_default();
            let length = rest.iter().position(|byte| *byte == 0);
            let length = length.ok_or_else(|| argument(2, "unfinished string"))?;
            values.push(Value::String(lua.create_string(&rest[..length])?));
            at += length + 1;
            continue;
        }
        let short = || argument(2, "data string too short");
        let bytes = at
            .checked_add(item.size())
            .and_then(|end| data.get(at..end));
        let bytes = bytes.ok_or_else(short)?;
        at += item.size();
        match item {
            Item::Signed(_) | Item::Unsigned(_) => {
                let integer = read_int(bytes, format.little, matches!(item, Item::Signed(_)))?;
                values.push(Value::Number(integer as f64));
            }
            Item::Float | Item::Double => {
                values.push(Value::Number(read_float(bytes, format.little)));
            }
            Item::Fixed(_) => values.push(Value::String(lua.create_string(bytes)?)),
            Item::Prefixed(_) => {
                let length = read_int(bytes, format.little, false)?;
                let length = usize::try_from(length).map_err(|_| short())?;
                let text = at.checked_add(length).and_then(|end| data.get(at..end));
                values.push(Value::String(lua.create_string(text.ok_or_else(short)?)?));
                at += length;
            }
            Item::Zero | Item::Padding | Item::Align(_) | Item::Nothing => {}
        }
    }
    Ok((values, at + 1))
}

fn little_bytes(bytes: &[u8], little: bool) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if !little {
        bytes.reverse();
    }
    bytes
}

fn read_float(bytes: &[u8], little: bool) -> f64 {
    let bytes = little_bytes(bytes, little);
    match <[u8; 4]>::try_from(bytes.as_slice()) {
        Ok(four) => f64::from(f32::from_le_bytes(four)),
        Err(_) => f64::from_le_bytes(bytes.try_into().expect("a double has eight bytes")),
    }
}

fn read_int(bytes: &[u8], little: bool, signed: bool) -> Result<i128> {
    let bytes = little_bytes(bytes, little);
    let is_negative = signed && bytes.last().is_some_and(|byte| *byte >= 0x80);
    let mut wide = [if is_negative { 0xff } else { 0 }; 16];
    wide[..bytes.len()].copy_from_slice(&bytes);
    let value = i128::from_le_bytes(wide);
    let fits = if signed {
        i64::try_from(value).is_ok()
    } else {
        u64::try_from(value).is_ok()
    };
    if !fits {
        let size = bytes.len();
        return Err(Error::runtime(format!(
            "{size}-byte integer does not fit into Lua Integer"
        )));
    }
    Ok(value)
}
