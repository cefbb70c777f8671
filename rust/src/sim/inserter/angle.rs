//! Angles in turns by arithmetic alone: the mathematical library differs from machine to machine, IEEE sums do not.
//!
//! Everything is `f64` with the operations in one fixed order; errors are below 1e-15, far inside the single precision
//! that results are rounded to.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI, TAU};

/// Steps of the table of arc tangents in one unit of the argument.
const TABLE_STEPS: f64 = 16.0;
/// Arc tangents of 0/16 to 16/16.
const ARC_TANGENTS: [f64; 17] = [
    0.0,
    0.062_418_809_995_957_35,
    0.124_354_994_546_761_44,
    0.185_347_949_995_694_77,
    0.244_978_663_126_864_14,
    0.302_884_868_374_971_4,
    0.358_770_670_270_572_25,
    0.412_410_441_597_387_3,
    0.463_647_609_000_806_1,
    0.512_389_460_310_737_7,
    0.558_599_315_343_562_4,
    0.602_287_346_134_964_2,
    0.643_501_108_793_284_4,
    0.682_316_554_874_748_1,
    0.718_829_999_621_624_5,
    0.753_151_280_962_194_4,
    FRAC_PI_4,
];

/// Gives the direction of `(x, y)` in turns clockwise from north, -0.5 to 0.5; y grows to the south.
pub(super) fn turns_from_north(x: f64, y: f64) -> f64 {
    let (sideways, ahead) = (x.abs(), y.abs());
    if sideways == 0.0 && ahead == 0.0 {
        return 0.0;
    }
    let acute = if sideways <= ahead {
        arc_tangent(sideways / ahead)
    } else {
        FRAC_PI_2 - arc_tangent(ahead / sideways)
    };
    let from_north = if y > 0.0 { PI - acute } else { acute };
    let turns = from_north / TAU;
    if x < 0.0 { -turns } else { turns }
}

/// Computes the arc tangent of `value`, 0 to 1.
fn arc_tangent(value: f64) -> f64 {
    let place = (value * TABLE_STEPS + 0.5) as usize;
    let known = place as f64 / TABLE_STEPS;
    // The rest is at most 1/32: the series to its 11th power leaves less than 1e-19.
    let rest = (value - known) / (1.0 + value * known);
    let square = rest * rest;
    let series = 1.0
        - square
            * (1.0 / 3.0
                - square
                    * (1.0 / 5.0 - square * (1.0 / 7.0 - square * (1.0 / 9.0 - square / 11.0))));
    ARC_TANGENTS[place] + rest * series
}

/// Gives the unit vector `(x, y)` at `turns` clockwise from north; y grows to the south.
pub(super) fn unit_vector(turns: f64) -> (f64, f64) {
    let turns = turns - turns.floor();
    let quarter = (turns * 4.0 + 0.5) as u8;
    // At most an eighth of a turn is left, so the series below are short.
    let angle = (turns - f64::from(quarter) / 4.0) * TAU;
    let (sine, cosine) = (sine(angle), cosine(angle));
    match quarter % 4 {
        0 => (sine, -cosine),
        1 => (cosine, sine),
        2 => (-sine, cosine),
        _ => (-cosine, -sine),
    }
}

fn sine(angle: f64) -> f64 {
    let square = angle * angle;
    let mut sum = 1.0;
    for n in [14.0, 12.0, 10.0, 8.0, 6.0, 4.0, 2.0] {
        sum = 1.0 - square / (n * (n + 1.0)) * sum;
    }
    angle * sum
}

fn cosine(angle: f64) -> f64 {
    let square = angle * angle;
    let mut sum = 1.0;
    for n in [15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        sum = 1.0 - square / (n * (n + 1.0)) * sum;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "these are exact")]
    fn the_compass_is_exact() {
        let compass = [(0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)];
        let turns = compass.map(|(x, y)| turns_from_north(x, y));
        assert_eq!(turns, [0.0, 0.25, 0.5, -0.25]);
    }

    #[test]
    fn directions_agree_with_the_library_to_a_few_units_in_the_last_place() {
        for x in -300..=300 {
            for y in -300..=300 {
                if x == 0 && y == 0 {
                    continue;
                }
                let (x, y) = (f64::from(x) * 1.28, f64::from(y) * 1.1);
                let expected = x.atan2(-y) / TAU;
                let found = turns_from_north(x, y);
                assert!((found - expected).abs() < 4e-16, "({x}, {y})");
            }
        }
    }

    #[test]
    fn unit_vectors_point_where_they_should() {
        for step in 0..=1000 {
            let turns = f64::from(step) / 1000.0;
            let (x, y) = unit_vector(turns);
            assert!((x - (turns * TAU).sin()).abs() < 2e-15, "{turns}");
            assert!((y + (turns * TAU).cos()).abs() < 2e-15, "{turns}");
        }
    }
}
