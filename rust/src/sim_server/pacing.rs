//! Decides when the next update is due.
//!
//! Owns the rhythm: 60 updates a second times the game's speed. It knows no socket and no game.

use std::time::Duration;

/// Updates per second at speed 1.
const UPDATES_PER_SECOND: f64 = 60.0;
/// The game refuses slower speeds, so a period has an end.
const MIN_SPEED: f64 = 0.01;
/// A server that is late makes up for at most this much; what is lost beyond it is lost, as in the game.
const MAX_LAG: Duration = Duration::from_millis(50);

/// The rhythm of the updates.
#[derive(Debug, Default)]
pub(super) struct Pacer {
    /// When the next update is due; a time in the past: at once.
    next: Duration,
}

impl Pacer {
    /// Says how long it is until the next update.
    pub(super) fn wait(&self, now: Duration) -> Duration {
        self.next.saturating_sub(now)
    }

    /// Says whether the next update is due.
    pub(super) fn is_due(&self, now: Duration) -> bool {
        self.next <= now
    }

    /// Takes note that an update begins now, at this speed of the game.
    pub(super) fn begin_update(&mut self, now: Duration, speed: f64) {
        let period =
            Duration::from_secs_f64(1.0 / (UPDATES_PER_SECOND * speed.clamp(MIN_SPEED, 1e9)));
        self.next = self.next.max(now.saturating_sub(MAX_LAG)) + period;
    }

    /// Takes note that updates begin again after a pause: the first is due now, and nothing is made up for.
    pub(super) fn resume(&mut self, now: Duration) {
        self.next = self.next.max(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn updates_come_at_sixty_a_second_times_the_speed() {
        let mut pacer = Pacer::default();
        pacer.begin_update(Duration::ZERO, 1.0);
        assert_eq!(pacer.wait(Duration::ZERO).as_micros(), 16_666);
        assert!(!pacer.is_due(16 * MS));
        assert!(pacer.is_due(17 * MS));
        pacer.begin_update(17 * MS, 100.0);
        assert_eq!(pacer.wait(17 * MS), Duration::ZERO);
        pacer.begin_update(17 * MS, 100.0);
        assert_eq!(pacer.wait(17 * MS).as_micros(), 0);
    }

    #[test]
    fn lag_is_made_up_for_only_within_its_limit() {
        let mut pacer = Pacer::default();
        pacer.begin_update(Duration::from_secs(10), 60.0);
        let due = |pacer: &Pacer| pacer.is_due(Duration::from_secs(10));
        let mut made_up = 0;
        while due(&pacer) {
            pacer.begin_update(Duration::from_secs(10), 1.0);
            made_up += 1;
        }
        assert_eq!(made_up, 3);
    }

    #[test]
    fn pause_is_not_made_up_for() {
        let mut pacer = Pacer::default();
        pacer.begin_update(Duration::ZERO, 1.0);
        pacer.resume(Duration::from_secs(5));
        assert!(pacer.is_due(Duration::from_secs(5)));
        pacer.begin_update(Duration::from_secs(5), 1.0);
        assert_eq!(pacer.wait(Duration::from_secs(5)).as_micros(), 16_666);
    }

    #[test]
    fn no_speed_stops_the_clock() {
        let mut pacer = Pacer::default();
        pacer.begin_update(Duration::ZERO, 0.0);
        assert_eq!(pacer.wait(Duration::ZERO).as_millis(), 1_666);
        pacer.begin_update(2 * Duration::from_secs(1), f64::INFINITY);
        assert!(pacer.is_due(2 * Duration::from_secs(1)));
    }
}
