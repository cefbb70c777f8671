//! What a client has done so far: counts, and how long replies took.
//!
//! Recording is a few additions and never allocates; a snapshot is a copy.

use std::time::Duration;

/// Parts that each power of two is cut into: a quantile is at most an eighth too high.
const PARTS: usize = 8;
/// Powers of two that are told apart, in nanoseconds: up to 2^40 ns, 18 minutes.
const POWERS: usize = 40;
const BUCKETS: usize = PARTS * POWERS;

/// Counts durations in fixed buckets whose width is an eighth of the power of two that they lie in.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: [u64; BUCKETS],
    total: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            counts: [0; BUCKETS],
            total: 0,
        }
    }
}

impl Histogram {
    /// Counts one duration; one longer than the last bucket is counted there.
    pub fn record(&mut self, duration: Duration) {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        self.counts[bucket_of(nanos)] += 1;
        self.total += 1;
    }

    /// Says how many durations were counted.
    pub fn count(&self) -> u64 {
        self.total
    }

    /// Gives a duration that at least the `fraction` (0 to 1) of all durations do not exceed; `None` without any.
    pub fn quantile(&self, fraction: f64) -> Option<Duration> {
        if self.total == 0 {
            return None;
        }
        let wanted = ((fraction.clamp(0.0, 1.0) * self.total as f64).ceil() as u64).max(1);
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return Some(Duration::from_nanos(upper_edge(bucket)));
            }
        }
        None
    }
}

/// Finds the bucket of a number of nanoseconds; below [`PARTS`] each has its own.
fn bucket_of(nanos: u64) -> usize {
    let parts = PARTS as u64;
    if nanos < parts {
        return nanos as usize;
    }
    let power = nanos.ilog2() - PARTS.ilog2();
    let part = (nanos >> power) as usize - PARTS;
    ((power as usize + 1) * PARTS + part).min(BUCKETS - 1)
}

/// Gives the largest number of nanoseconds of a bucket.
fn upper_edge(bucket: usize) -> u64 {
    if bucket < PARTS {
        return bucket as u64;
    }
    let power = bucket / PARTS - 1;
    ((((bucket % PARTS + PARTS) as u64) + 1) << power) - 1
}

/// What an RCON client has done since it was made.
#[derive(Clone, Debug, Default)]
pub struct RconMetrics {
    /// Commands that were sent.
    pub requests: u64,
    /// Replies that someone waited for.
    pub replies: u64,
    /// Replies that nobody waited for any more, and packets that nobody had asked for.
    pub unclaimed: u64,
    /// Requests that got no reply in time.
    pub timeouts: u64,
    /// Connections that were lost with or without requests in flight.
    pub losses: u64,
    /// Logins after the first.
    pub reconnects: u64,
    /// Commands that were sent again, since they had not been executed.
    pub resent: u64,
    /// Bytes sent after the login.
    pub bytes_sent: u64,
    /// Bytes received after the login.
    pub bytes_received: u64,
    /// From the sending of a command to its reply.
    pub round_trips: Histogram,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quantiles_are_those_of_what_was_counted() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile(0.5), None);
        for micros in 1..=100 {
            histogram.record(Duration::from_micros(micros));
        }
        for (fraction, micros) in [(0.5, 50.0), (0.99, 99.0), (1.0, 100.0), (0.0, 1.0)] {
            let found = histogram.quantile(fraction).unwrap().as_secs_f64() * 1e6;
            assert!(
                (micros..=micros * 1.125).contains(&found),
                "{fraction}: {found}"
            );
        }
        assert_eq!(histogram.count(), 100);
    }

    #[test]
    fn durations_beyond_the_last_bucket_are_counted_there() {
        let mut histogram = Histogram::default();
        histogram.record(Duration::from_secs(1 << 40));
        histogram.record(Duration::ZERO);
        assert_eq!(histogram.quantile(0.5), Some(Duration::ZERO));
        assert!(histogram.quantile(1.0).unwrap() > Duration::from_secs(1_000));
    }

    proptest! {
        #[test]
        fn a_bucket_holds_its_durations_within_an_eighth(nanos in 0_u64..(1 << 40)) {
            let edge = upper_edge(bucket_of(nanos));
            prop_assert!(edge >= nanos);
            prop_assert!(edge - nanos <= nanos / 8);
        }
    }
}
