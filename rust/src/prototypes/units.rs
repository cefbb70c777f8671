//! The game's unit strings as SI numbers.

use crate::error::{Error, ErrorKind, Result};

/// Ticks in a second of game time.
pub const TICKS_PER_SECOND: u32 = 60;

/// Parses an energy or power such as `"4MJ"` or `"150kW"` to joules or watts.
///
/// # Errors
/// `InvalidValue` if the text is not a number, an optional SI prefix and `J` or `W`.
pub fn parse_energy(text: &str) -> Result<f64> {
    let invalid = || {
        Error::new(
            ErrorKind::InvalidValue,
            format!(
                "an energy is a number, a prefix (k, M, G, T, P or none) and J or W, found \"{text}\""
            ),
        )
    };
    let amount = text.strip_suffix(['J', 'W']).ok_or_else(invalid)?;
    let (digits, factor) = match amount.char_indices().next_back() {
        Some((at, 'k' | 'K')) => (&amount[..at], 1e3),
        Some((at, 'M')) => (&amount[..at], 1e6),
        Some((at, 'G')) => (&amount[..at], 1e9),
        Some((at, 'T')) => (&amount[..at], 1e12),
        Some((at, 'P')) => (&amount[..at], 1e15),
        _ => (amount, 1.0),
    };
    let plain = digits
        .chars()
        .all(|letter| letter.is_ascii_digit() || matches!(letter, '.' | '-'));
    let number: f64 = digits.parse().map_err(|_| invalid())?;
    if plain {
        Ok(number * factor)
    } else {
        Err(invalid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn energies_parse_with_their_prefix() {
        assert_eq!(parse_energy("150kW"), Ok(150_000.0));
        assert_eq!(parse_energy("4MJ"), Ok(4_000_000.0));
        assert_eq!(parse_energy("0.4kW"), Ok(400.0));
        assert_eq!(parse_energy("1.21GJ"), Ok(1_210_000_000.0));
        assert_eq!(parse_energy("60W"), Ok(60.0));
    }

    #[test]
    fn malformed_energies_are_refused_with_the_text() {
        for text in ["", "J", "150", "kW", "1e3J", "1 kW", "infJ", "5QJ"] {
            let error = parse_energy(text).unwrap_err();
            assert!(
                error.to_string().ends_with(&format!("found \"{text}\"")),
                "{error}"
            );
        }
    }
}
