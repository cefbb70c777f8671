//! What a technology takes: its level, its units of packs, and the formulas of those without end.
//!
//! A formula has numbers, the level `L`, `+ - * / ^` and parentheses; `^` binds tightest and to the right.
//! Level 1 is the number at the end of the name: `mining-productivity-4` begins at `L = 4` (Factorio 2.0.77 data).

use crate::prototypes::{ResearchCost, ResearchCount, Technology};

/// Parentheses and powers may nest this deep; a formula that goes deeper has no value.
const MAX_FORMULA_DEPTH: u32 = 32;

/// Gives the level that researching a technology once more reaches, when `levels` of it are researched.
pub fn next_level(technology: &Technology, levels: u32) -> u32 {
    first_level(&technology.name) + levels
}

fn first_level(name: &str) -> u32 {
    name.rsplit_once('-')
        .and_then(|(_, number)| number.parse().ok())
        .unwrap_or(1)
}

/// Computes how many units of packs the next level of a technology takes; `None` where it is not researched in labs.
pub fn units(technology: &Technology, levels: u32) -> Option<f64> {
    let ResearchCost::Packs { count, .. } = &technology.cost else {
        return None;
    };
    match count {
        ResearchCount::Fixed(count) => Some(f64::from(*count)),
        ResearchCount::Formula(text) => evaluate(text, f64::from(next_level(technology, levels))),
    }
}

/// Evaluates a formula at a level; `None` where it is malformed or its value is no number.
pub fn evaluate(text: &str, level: f64) -> Option<f64> {
    let mut formula = Formula {
        rest: text,
        level,
        depth: 0,
    };
    let value = formula.sum()?;
    (formula.peek().is_none() && value.is_finite()).then_some(value)
}

struct Formula<'a> {
    rest: &'a str,
    level: f64,
    depth: u32,
}

impl Formula<'_> {
    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    /// Takes the next character if it is `wanted`.
    fn take(&mut self, wanted: char) -> bool {
        let is_next = self.peek() == Some(wanted);
        if is_next {
            self.rest = &self.rest[wanted.len_utf8()..];
        }
        is_next
    }

    fn sum(&mut self) -> Option<f64> {
        let mut value = self.product()?;
        loop {
            if self.take('+') {
                value += self.product()?;
            } else if self.take('-') {
                value -= self.product()?;
            } else {
                return Some(value);
            }
        }
    }

    fn product(&mut self) -> Option<f64> {
        let mut value = self.power()?;
        loop {
            if self.take('*') {
                value *= self.power()?;
            } else if self.take('/') {
                value /= self.power()?;
            } else {
                return Some(value);
            }
        }
    }

    fn power(&mut self) -> Option<f64> {
        self.depth += 1;
        if self.depth > MAX_FORMULA_DEPTH {
            return None;
        }
        let base = self.atom()?;
        let value = if self.take('^') {
            power_of(base, self.power()?)?
        } else {
            base
        };
        self.depth -= 1;
        Some(value)
    }

    fn atom(&mut self) -> Option<f64> {
        if self.take('(') {
            let value = self.sum()?;
            return self.take(')').then_some(value);
        }
        if self.take('-') {
            return self.power().map(|value| -value);
        }
        if self.take('L') || self.take('l') {
            return Some(self.level);
        }
        self.peek()?;
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        self.rest = rest;
        number.parse().ok()
    }
}

/// Raises to a whole power by multiplication, so that every machine computes the same bits.
fn power_of(base: f64, exponent: f64) -> Option<f64> {
    const MAX_EXPONENT: f64 = 1024.0;
    if exponent.fract() != 0.0 || exponent.abs() > MAX_EXPONENT {
        return None;
    }
    let mut value = 1.0;
    for _ in 0..exponent.abs() as u32 {
        value *= base;
    }
    Some(if exponent < 0.0 { 1.0 / value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prototypes::vanilla;

    #[test]
    fn formulas_of_the_data_have_the_values_of_the_wiki() {
        for (formula, level, expected) in [
            ("2^(L-7)*1000", 7.0, 1000.0),
            ("2^(L-7)*1000", 10.0, 8000.0),
            ("2^L*1000", 1.0, 2000.0),
            ("1000+3^(L-1)*1000", 3.0, 10_000.0),
            ("1000*(L-4)", 5.0, 1000.0),
            ("2500*(L - 3)", 6.0, 7500.0),
            ("2^3^2 - 10 / 4", 1.0, 509.5),
            ("-L + 2 * (1 + 1)", 3.0, 1.0),
        ] {
            assert_eq!(evaluate(formula, level), Some(expected), "{formula}");
        }
    }

    #[test]
    fn malformed_formulas_have_no_value() {
        for formula in ["", "2^", "(L", "L)", "2 L", "1/0", "x", "2^0.5", "2^99999"] {
            assert_eq!(evaluate(formula, 2.0), None, "{formula}");
        }
        assert_eq!(evaluate(&"(".repeat(1000), 1.0), None);
        assert_eq!(evaluate(&"-".repeat(1000), 1.0), None);
    }

    #[test]
    fn every_technology_of_the_data_has_a_cost_at_every_level() {
        for technology in vanilla().technologies() {
            let is_by_packs = matches!(technology.cost, ResearchCost::Packs { .. });
            for levels in 0..if technology.is_infinite { 20 } else { 1 } {
                let units = units(technology, levels);
                assert_eq!(units.is_some(), is_by_packs, "{}", technology.name);
                assert!(
                    units.is_none_or(|units| units >= 1.0),
                    "{}",
                    technology.name
                );
            }
        }
    }

    #[test]
    fn infinite_technologies_begin_at_the_number_in_their_name() {
        let technology = &vanilla()[vanilla().technology("mining-productivity-4").unwrap()];
        assert_eq!(units(technology, 0), Some(2500.0));
        assert_eq!(units(technology, 1), Some(5000.0));
    }
}
