//! The server's clocks: the monotonic one that paces updates, and the wall clock of the log's dates.
//!
//! Owns the only reads of real time in this module. Everything else takes a [`Clock`], so that tests need no sleeps.

use std::time::{Duration, Instant, SystemTime};

/// Tells the time since the process began.
pub(super) trait Clock {
    fn now(&self) -> Duration;
}

/// The system's monotonic clock.
pub(super) struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// Makes a clock that is at zero now.
    #[expect(
        clippy::disallowed_methods,
        reason = "a server is paced by real time, and this is its clock"
    )]
    pub(super) fn new() -> Self {
        Self {
            start: Instant::now(),
        }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

/// Gives the date and time of now, `YYYY-MM-DD HH:MM:SS` in universal time, as the log shows it.
#[expect(
    clippy::disallowed_methods,
    reason = "the log shows when things happened"
)]
pub(super) fn date() -> String {
    let since_epoch = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    date_of(since_epoch.as_secs())
}

/// Gives the date and time of `seconds` after 1970.
fn date_of(seconds: u64) -> String {
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Days are counted from 1 March of year 0, so that a leap day is the last of its year; eras have 400 years.
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// A clock that a test moves.
#[cfg(test)]
#[derive(Clone, Default)]
pub(super) struct ManualClock {
    now: std::rc::Rc<std::cell::Cell<Duration>>,
}

#[cfg(test)]
impl ManualClock {
    pub(super) fn advance(&self, by: Duration) {
        self.now.set(self.now.get() + by);
    }
}

#[cfg(test)]
impl Clock for ManualClock {
    fn now(&self) -> Duration {
        self.now.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        let dates: Vec<String> = [0, 951_827_696, 1_709_251_199, 1_798_761_599, 4_107_542_400]
            .into_iter()
            .map(date_of)
            .collect();
        assert_eq!(
            dates,
            [
                "1970-01-01 00:00:00",
                "2000-02-29 12:34:56",
                "2024-02-29 23:59:59",
                "2026-12-31 23:59:59",
                "2100-03-01 00:00:00",
            ]
        );
    }
}
