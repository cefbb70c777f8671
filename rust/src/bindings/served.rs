//! Where servers are, as Python says it, and links to them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::errors::raised;
use crate::env::served::link::LinkMetrics;
use crate::env::served::record::{Player, Recorder};
use crate::env::served::{Address, GroupOptions, IsCancelled, Link, NetworkLink};
use crate::error::{Error, ErrorKind, Result};

/// A timeout in seconds is at most this long: a day.
const MAX_TIMEOUT_SECONDS: f64 = 86_400.0;

/// Attributes of `factorio_fast.envs.served.ServerAddress`.
#[derive(FromPyObject)]
pub(super) struct Server {
    address: String,
    password: String,
    has_udp: bool,
    timeout: f64,
    lost_after: f64,
    speed: f64,
    fair_play: bool,
    record: Option<PathBuf>,
    replay: Option<PathBuf>,
}

/// The exception of a signal handler that ended a wait.
#[derive(Clone, Default)]
pub(super) struct Interruption(Arc<Mutex<Option<PyErr>>>);

impl Interruption {
    fn asked(&self) -> IsCancelled {
        let cell = self.0.clone();
        Arc::new(move || {
            #[expect(
                clippy::redundant_closure_for_method_calls,
                reason = "the method alone is of one lifetime only"
            )]
            let checked = Python::attach(|py| py.check_signals());
            let Err(exception) = checked else {
                return false;
            };
            *cell.lock().unwrap_or_else(PoisonError::into_inner) = Some(exception);
            true
        })
    }

    /// Raises what ended a wait, in place of what came of it.
    pub(super) fn or<T>(&self, outcome: PyResult<T>) -> PyResult<T> {
        let exception = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        exception.map_or(outcome, Err)
    }
}

impl Server {
    fn seconds(&self, name: &str, value: f64) -> Result<Duration> {
        if value > 0.0 && value <= MAX_TIMEOUT_SECONDS {
            return Ok(Duration::from_secs_f64(value));
        }
        Err(Error::new(
            ErrorKind::InvalidValue,
            format!(
                "{name} must be above 0 and at most {MAX_TIMEOUT_SECONDS} seconds, not {value}: \"{}\"",
                self.address
            ),
        ))
    }

    pub(super) fn group_options(&self) -> PyResult<GroupOptions> {
        Ok(GroupOptions {
            speed: self.speed,
            is_fair: self.fair_play,
            lost_after: self
                .seconds("lost_after", self.lost_after)
                .map_err(raised)?,
        })
    }

    /// Opens the way to the server.
    pub(super) fn open(&self, interruption: &Interruption) -> Result<Box<dyn Link>> {
        if let Some(path) = &self.replay {
            return Ok(Box::new(Player::open(path)?));
        }
        let address = Address {
            address: self.address.clone(),
            password: self.password.clone(),
            has_udp: self.has_udp,
            timeout: self.seconds("timeout", self.timeout)?,
        };
        let link = Box::new(NetworkLink::open(&address, Some(interruption.asked()))?);
        Ok(match &self.record {
            Some(path) => Box::new(Recorder::new(link, path)?),
            None => link,
        })
    }
}

/// Puts metrics into a dictionary.
pub(super) fn report<'py>(py: Python<'py>, metrics: &LinkMetrics) -> PyResult<Bound<'py, PyDict>> {
    let report = PyDict::new(py);
    for (name, count) in [
        ("requests", metrics.requests),
        ("bytes_sent", metrics.bytes_sent),
        ("bytes_received", metrics.bytes_received),
        ("datagrams", metrics.datagrams),
        ("datagram_bytes", metrics.datagram_bytes),
        ("frames", metrics.frames),
        ("lost", metrics.lost),
        ("duplicated", metrics.duplicated),
        ("reordered", metrics.reordered),
        ("resent", metrics.resent),
        ("reconnects", metrics.reconnects),
    ] {
        report.set_item(name, count)?;
    }
    for (name, seconds) in [
        ("round_trip_p50_seconds", metrics.round_trip_p50_seconds),
        ("round_trip_p99_seconds", metrics.round_trip_p99_seconds),
    ] {
        report.set_item(name, seconds.unwrap_or(f64::NAN))?;
    }
    Ok(report)
}
