//! `RconClient`: the console of a Factorio server.

use std::sync::Mutex;
use std::time::Duration;

use pyo3::exceptions::{PyConnectionError, PyTimeoutError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use super::errors::raised;
use crate::error::{Error, ErrorKind};
use crate::transport::{self, Patience, RconClient as Core, Resolution, Settings};

/// A timeout in seconds is at most this long: a day.
const MAX_TIMEOUT_SECONDS: f64 = 86_400.0;

/// A client of one server's remote console.
#[pyclass(frozen, module = "factorio_fast._core")]
pub(super) struct RconClient {
    core: Core,
}

#[pymethods]
impl RconClient {
    #[new]
    #[pyo3(signature = (host, port, password, *, connect_timeout = 5.0, request_timeout = 10.0))]
    fn new(
        py: Python<'_>,
        host: &str,
        port: u16,
        password: &str,
        connect_timeout: f64,
        request_timeout: f64,
    ) -> PyResult<Self> {
        // An IPv6 address needs brackets in front of a port.
        let is_bare_ipv6 = host.contains(':') && !host.starts_with('[');
        let address = if is_bare_ipv6 {
            format!("[{host}]:{port}")
        } else {
            format!("{host}:{port}")
        };
        let core = Core::new(Settings {
            connect_timeout: seconds("connect_timeout", connect_timeout)?,
            request_timeout: seconds("request_timeout", request_timeout)?,
            ..Settings::new(address, password)
        });
        waiting(py, None, |patience| core.connect(patience))?;
        Ok(Self { core })
    }

    /// The server's address, `HOST:PORT`.
    #[getter]
    fn address(&self) -> &str {
        &self.core.settings().address
    }

    #[getter]
    fn is_connected(&self) -> bool {
        self.core.is_connected()
    }

    #[pyo3(signature = (text, *, timeout = None, resolve = None))]
    fn command(
        slf: &Bound<'_, Self>,
        text: &str,
        timeout: Option<f64>,
        resolve: Option<Py<PyAny>>,
    ) -> PyResult<String> {
        let py = slf.py();
        let core = &slf.get().core;
        let timeout = request_timeout(timeout)?;
        let reply = match resolve {
            None => waiting(py, timeout, |patience| {
                core.command(text.as_bytes(), patience)
            }),
            Some(resolve) => resolved(slf, text, timeout, &resolve),
        };
        text_of(reply?)
    }

    #[pyo3(signature = (text, *, timeout = None))]
    fn command_bytes<'py>(
        &self,
        py: Python<'py>,
        text: &str,
        timeout: Option<f64>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let reply = waiting(py, request_timeout(timeout)?, |patience| {
            self.core.command(text.as_bytes(), patience)
        })?;
        Ok(PyBytes::new(py, &reply))
    }

    #[pyo3(signature = (texts, *, timeout = None))]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "extracted from Python, so there is nothing to borrow from"
    )]
    fn pipeline(
        &self,
        py: Python<'_>,
        texts: Vec<String>,
        timeout: Option<f64>,
    ) -> PyResult<Vec<String>> {
        let commands: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
        let replies = waiting(py, request_timeout(timeout)?, |patience| {
            self.core.pipeline(&commands, patience)
        })?;
        replies.into_iter().map(text_of).collect()
    }

    #[pyo3(signature = (*, timeout = None))]
    fn unlock_console(&self, py: Python<'_>, timeout: Option<f64>) -> PyResult<u32> {
        waiting(py, request_timeout(timeout)?, |patience| {
            self.core.unlock_console(patience)
        })
    }

    #[getter]
    fn metrics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let metrics = self.core.metrics();
        let report = PyDict::new(py);
        for (name, count) in [
            ("requests", metrics.requests),
            ("replies", metrics.replies),
            ("unclaimed", metrics.unclaimed),
            ("timeouts", metrics.timeouts),
            ("losses", metrics.losses),
            ("reconnects", metrics.reconnects),
            ("resent", metrics.resent),
            ("bytes_sent", metrics.bytes_sent),
            ("bytes_received", metrics.bytes_received),
        ] {
            report.set_item(name, count)?;
        }
        for (name, fraction) in [
            ("round_trip_p50_seconds", 0.5),
            ("round_trip_p99_seconds", 0.99),
        ] {
            let found = metrics.round_trips.quantile(fraction);
            report.set_item(
                name,
                found.map_or(f64::NAN, |duration| duration.as_secs_f64()),
            )?;
        }
        Ok(report)
    }

    fn close(&self, py: Python<'_>) {
        py.detach(|| self.core.close());
    }

    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyAny>) {
        self.close(py);
    }

    fn __repr__(&self) -> String {
        format!("RconClient(\"{}\")", self.address())
    }
}

/// Runs `work` with the GIL released; a signal such as Ctrl-C ends it with the exception of its handler.
fn waiting<T: Send>(
    py: Python<'_>,
    timeout: Option<Duration>,
    work: impl FnOnce(&Patience<'_>) -> Result<T, transport::Error> + Send,
) -> PyResult<T> {
    let interruption = Mutex::new(None);
    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method alone is not general enough over the lifetime"
    )]
    let has_signal = || Python::attach(|py| py.check_signals());
    let is_cancelled = || match has_signal() {
        Ok(()) => false,
        Err(exception) => {
            *interruption.lock().expect("nothing panics with it") = Some(exception);
            true
        }
    };
    let outcome = py.detach(|| {
        work(&Patience {
            timeout,
            is_cancelled: Some(&is_cancelled),
        })
    });
    match interruption.into_inner().expect("nothing panics with it") {
        Some(exception) => Err(exception),
        None => outcome.map_err(|error| raised(error.into())),
    }
}

/// Sends a command that `resolve(client)` decides about if its reply is lost.
fn resolved(
    slf: &Bound<'_, RconClient>,
    text: &str,
    timeout: Option<Duration>,
    resolve: &Py<PyAny>,
) -> PyResult<Vec<u8>> {
    let client = slf.clone().unbind();
    let mut exception = None;
    let outcome = waiting(slf.py(), timeout, |patience| {
        client
            .get()
            .core
            .command_resolved(text.as_bytes(), patience, &mut |_| {
                Python::attach(|py| {
                    let answer = resolve.call1(py, (&client,));
                    let reply = answer.and_then(|answer| answer.extract::<Option<String>>(py));
                    exception = None;
                    match reply {
                        Ok(Some(reply)) => Ok(Resolution::Applied(reply.into_bytes())),
                        Ok(None) => Ok(Resolution::NotApplied),
                        Err(raised) => {
                            let error = unresolved(py, &raised, &client);
                            exception = Some(raised);
                            Err(error)
                        }
                    }
                })
            })
    });
    // The caller's own exception says more than that there was one.
    match (outcome, exception) {
        (Err(_), Some(exception)) => Err(exception),
        (outcome, _) => outcome,
    }
}

/// Tells a question that was lost, and is asked again, from one that failed.
fn unresolved(py: Python<'_>, exception: &PyErr, client: &Py<RconClient>) -> transport::Error {
    let is_lost = exception.is_instance_of::<PyConnectionError>(py)
        || exception.is_instance_of::<PyTimeoutError>(py);
    let reason = exception.to_string();
    if is_lost {
        let address = client.get().address().to_owned();
        transport::Error::Lost { address, reason }
    } else {
        transport::Error::Unresolved { reason }
    }
}

fn text_of(reply: Vec<u8>) -> PyResult<String> {
    String::from_utf8(reply).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        raised(Error::new(
            ErrorKind::ServerProtocol,
            format!("the reply is not UTF-8, `command_bytes` returns it as it is: byte {at}"),
        ))
    })
}

fn request_timeout(timeout: Option<f64>) -> PyResult<Option<Duration>> {
    timeout.map(|value| seconds("timeout", value)).transpose()
}

fn seconds(name: &str, value: f64) -> PyResult<Duration> {
    if value > 0.0 && value <= MAX_TIMEOUT_SECONDS {
        return Ok(Duration::from_secs_f64(value));
    }
    Err(raised(Error::new(
        ErrorKind::InvalidValue,
        format!("{name} must be above 0 and at most {MAX_TIMEOUT_SECONDS} seconds, not {value}"),
    )))
}
