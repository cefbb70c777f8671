//! The one place of the transport that reads a clock.

use std::time::Instant;

/// Reads the monotonic clock.
#[expect(
    clippy::disallowed_methods,
    reason = "a timeout of a socket is a matter of real time"
)]
pub(super) fn now() -> Instant {
    Instant::now()
}
