//! The arm: how it turns and stretches in one tick, and what that costs.
//!
//! The one file of `sim` with single precision. The game keeps the arm's orientation as a float, in turns clockwise from
//! north, and its length as a double; only so do energies and the ticks of arrival agree to the last bit (measured on
//! 2.0.60, `docs/fidelity.md`). Each operation is a single IEEE addition, subtraction or rounding, equal on every machine.

use serde::{Deserialize, Serialize};

use super::angle::{turns_from_north, unit_vector};

/// A difference of length below this is made up without cost, in tiles.
const FREE_EXTENSION_TILES: f64 = 0.001;
/// With less energy than this the arm does not move; the crumb stays.
pub(super) const LEAST_JOULES: f64 = 1e-9;

/// Where the hand is or shall be, seen from the inserter's centre.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hand {
    /// Turns clockwise from north, 0 to 1.
    orientation: f32,
    length_tiles: f64,
}

/// How fast an arm moves and what that costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Motor {
    turns_per_tick: f32,
    tiles_per_tick: f64,
    joules_per_turn: f64,
    joules_per_tile: f64,
}

/// A tick of motion with all the energy that it takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    to: Hand,
    pub extension_joules: f64,
    pub rotation_joules: f64,
    /// The way that is charged; of the length without sign.
    extension_tiles: f64,
    is_clockwise: bool,
    pub arrives: bool,
}

impl Motor {
    /// Makes the motor of a prototype.
    pub fn of(inserter: &crate::prototypes::Inserter) -> Self {
        Self {
            turns_per_tick: inserter.rotation_speed as f32,
            tiles_per_tick: inserter.extension_speed,
            joules_per_turn: inserter.energy_per_rotation_joules,
            joules_per_tile: inserter.energy_per_movement_joules,
        }
    }

    /// Gives what a whole tick of the motions in `step` costs, of which the last of a swing is only a part.
    pub fn most_joules(&self, step: &Step) -> f64 {
        let extension = if step.extension_joules > 0.0 {
            self.joules_per_tile * self.tiles_per_tick
        } else {
            0.0
        };
        let rotation = if step.rotation_joules > 0.0 {
            self.joules_per_turn * f64::from(self.turns_per_tick)
        } else {
            0.0
        };
        extension + rotation
    }
}

impl Hand {
    /// Makes the place at `(x, y)` tiles from the inserter's centre.
    pub fn at(x: f64, y: f64) -> Self {
        let turns = turns_from_north(x, y) as f32;
        Self {
            orientation: if turns < 0.0 { turns + 1.0 } else { turns },
            length_tiles: (x * x + y * y).sqrt(),
        }
    }

    /// Makes the place in the same direction at another distance.
    #[must_use]
    pub fn with_length(self, length_tiles: f64) -> Self {
        Self {
            length_tiles,
            ..self
        }
    }

    /// Gives the place as `(x, y)` tiles from the inserter's centre.
    pub fn offset_tiles(self) -> (f64, f64) {
        let (x, y) = unit_vector(f64::from(self.orientation));
        (x * self.length_tiles, y * self.length_tiles)
    }

    /// Computes one tick of motion toward `aim`.
    ///
    /// The arm stretches by a step, and all the way where less than a step would be left. It turns by a step the short
    /// way, and all the way where less than a step would be left and the length is right at the end of this tick.
    #[inline]
    pub fn step(self, aim: Self, motor: &Motor) -> Step {
        let missing = aim.length_tiles - self.length_tiles;
        let reach = motor.tiles_per_tick;
        let (length_tiles, extension_tiles, is_extended) = if missing.abs() < FREE_EXTENSION_TILES {
            (aim.length_tiles, 0.0, true)
        } else if missing.abs() <= reach {
            (aim.length_tiles, missing.abs(), true)
        } else {
            let length = self.length_tiles + reach.copysign(missing);
            if (aim.length_tiles - length).abs() < reach {
                (aim.length_tiles, reach, true)
            } else {
                (length, reach, false)
            }
        };
        let turn = self.short_way(aim);
        let (distance, stride) = (turn.abs(), motor.turns_per_tick);
        let is_last_turn =
            is_extended && f64::from(distance) - f64::from(stride) < f64::from(stride);
        let (orientation, charged, is_turned) = if distance <= stride {
            (aim.orientation, distance, true)
        } else if is_last_turn {
            (aim.orientation, stride, true)
        } else {
            (self.turned(stride, turn > 0.0), stride, false)
        };
        Step {
            to: Self {
                orientation,
                length_tiles,
            },
            extension_joules: motor.joules_per_tile * extension_tiles,
            rotation_joules: motor.joules_per_turn * f64::from(charged),
            extension_tiles,
            is_clockwise: turn > 0.0,
            arrives: is_extended && is_turned,
        }
    }

    /// Moves by as much of `step` as `joules` pay and returns what was spent, on extension and on rotation.
    ///
    /// Extension is paid first and moves in proportion; rotation gets the rest.
    #[inline]
    pub fn advance(&mut self, aim: Self, motor: &Motor, step: &Step, joules: f64) -> (f64, f64) {
        if step.extension_joules + step.rotation_joules <= joules {
            *self = step.to;
            return (step.extension_joules, step.rotation_joules);
        }
        self.advance_short(aim, motor, step, joules)
    }

    #[cold]
    fn advance_short(&mut self, aim: Self, motor: &Motor, step: &Step, joules: f64) -> (f64, f64) {
        if joules < LEAST_JOULES {
            return (0.0, 0.0);
        }
        if step.extension_joules >= joules {
            let missing = aim.length_tiles - self.length_tiles;
            let moved = step.extension_tiles * (joules / step.extension_joules);
            let length = self.length_tiles + moved.copysign(missing);
            // As after a full step, the arm is there where less than a step is left (measured: a move on 810 J).
            let is_near = (aim.length_tiles - length).abs() < motor.tiles_per_tick;
            self.length_tiles = if is_near { aim.length_tiles } else { length };
            return (joules, 0.0);
        }
        let turns = ((joules - step.extension_joules) / motor.joules_per_turn) as f32;
        self.orientation = self.turned(turns, step.is_clockwise);
        self.length_tiles = step.to.length_tiles;
        (
            step.extension_joules,
            motor.joules_per_turn * f64::from(turns),
        )
    }

    /// Gives the turn toward `aim` the short way, clockwise positive.
    ///
    /// Of an exact half turn, +0.5 goes anticlockwise and -0.5 clockwise, so that an arm swings out and back on one side
    /// (measured in all four directions).
    fn short_way(self, aim: Self) -> f32 {
        let turn = aim.orientation - self.orientation;
        if turn >= 0.5 {
            turn - 1.0
        } else if turn <= -0.5 {
            turn + 1.0
        } else {
            turn
        }
    }

    fn turned(self, turns: f32, is_clockwise: bool) -> f32 {
        let orientation = if is_clockwise {
            self.orientation + turns
        } else {
            self.orientation - turns
        };
        if orientation >= 1.0 {
            orientation - 1.0
        } else if orientation < 0.0 {
            orientation + 1.0
        } else {
            orientation
        }
    }
}

#[cfg(test)]
#[expect(
    clippy::float_cmp,
    reason = "the arm must be exactly where the rule puts it"
)]
mod tests {
    use super::*;
    use crate::prototypes::vanilla;

    fn motor(name: &str) -> Motor {
        let id = vanilla().entity(name).expect("the entity exists");
        Motor::of(vanilla()[id].inserter.as_ref().expect("it is an inserter"))
    }

    /// Swings from the pickup point to the drop point of an inserter that faces `quarter` and back; ticks and joules.
    fn swings(name: &str, quarter: u8) -> ((u32, f64), (u32, f64)) {
        let far = if name.starts_with("long") { 2.0 } else { 1.0 };
        let (dx, dy) = [(0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)][usize::from(quarter)];
        let pickup = Hand::at(dx * far, dy * far);
        let drop = Hand::at(-dx * (far + 0.2), -dy * (far + 0.2));
        let motor = motor(name);
        let swing = |mut hand: Hand, aim: Hand| {
            let (mut ticks, mut spent) = (0, 0.0);
            loop {
                let step = hand.step(aim, &motor);
                let (extension, rotation) = hand.advance(aim, &motor, &step, f64::MAX);
                spent += extension + rotation;
                ticks += 1;
                if step.arrives {
                    assert_eq!(hand, aim);
                    return (ticks, spent);
                }
            }
        };
        (swing(pickup, drop), swing(drop, pickup))
    }

    #[test]
    fn half_swings_take_their_ticks_and_energy_in_every_direction() {
        // Ticks and joules of one way; the burner inserter's are measured.
        let expected = [
            ("burner-inserter", 38, 33_450.0),
            ("inserter", 35, 3_325.0),
            ("long-handed-inserter", 25, 3_500.0),
            ("fast-inserter", 12, 4_060.0),
            ("bulk-inserter", 12, 11_600.0),
        ];
        for (name, ticks, joules) in expected {
            for quarter in 0..4 {
                let (out, back) = swings(name, quarter);
                assert_eq!((out.0, back.0), (ticks, ticks), "{name} facing {quarter}");
                assert!((out.1 - joules).abs() < 0.01, "{name}: {}", out.1);
                assert!((back.1 - joules).abs() < 0.01, "{name}: {}", back.1);
            }
        }
    }

    #[test]
    fn short_energy_goes_to_the_extension_first() {
        let motor = motor("burner-inserter");
        let start = Hand::at(0.0, -0.7);
        let aim = Hand::at(-1.0, 0.0);
        let mut hand = start;
        let step = hand.step(aim, &motor);
        assert_eq!(hand.advance(aim, &motor, &step, 810.0), (810.0, 0.0));
        assert!((hand.length_tiles - (0.7 + 0.035 * 810.0 / 1_750.0)).abs() < 1e-12);
        assert_eq!(hand.orientation, 0.0);

        let mut hand = start;
        let step = hand.step(aim, &motor);
        let (extension, rotation) = hand.advance(aim, &motor, &step, 2_000.0);
        assert!((extension - 1_750.0).abs() < 1e-9 && (rotation - 250.0).abs() < 1e-3);
        assert!((f64::from(hand.orientation) - 0.995).abs() < 1e-6);

        let mut hand = start;
        let step = hand.step(aim, &motor);
        assert_eq!(hand.advance(aim, &motor, &step, 1e-13), (0.0, 0.0));
        assert_eq!(hand, start, "a crumb of energy moves nothing");
    }

    #[test]
    fn partial_extension_that_leaves_less_than_a_step_arrives() {
        let motor = motor("burner-inserter");
        let mut hand = Hand::at(0.0, -1.0);
        let aim = Hand::at(0.0, -1.0337);
        let step = hand.step(aim, &motor);
        hand.advance(aim, &motor, &step, 810.0);
        assert_eq!(hand.length_tiles, aim.length_tiles);
    }
}
