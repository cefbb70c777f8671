//! The core's errors as the exceptions of `factorio_fast.errors`.

use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::error::{Error, ErrorKind};

/// Makes the Python exception of an error.
///
/// The classes are defined in Python, where they also inherit from the builtin that fits (`ValueError`, …).
#[expect(clippy::needless_pass_by_value, reason = "shaped for map_err")]
pub(super) fn raised(error: Error) -> PyErr {
    Python::attach(|py| match exception_class(py, error.kind()) {
        Ok(class) => PyErr::from_type(class, error.to_string()),
        Err(failure) => failure,
    })
}

fn exception_class(py: Python<'_>, kind: ErrorKind) -> PyResult<Bound<'_, PyType>> {
    let name = match kind {
        ErrorKind::UnknownName => "UnknownNameError",
        ErrorKind::InvalidValue => "InvalidValueError",
        ErrorKind::InvalidScenario => "InvalidScenarioError",
        ErrorKind::InvalidBlueprint => "InvalidBlueprintError",
        ErrorKind::InvalidSnapshot => "InvalidSnapshotError",
        ErrorKind::InvalidState => "InvalidStateError",
        ErrorKind::StaleEntity => "StaleEntityError",
        ErrorKind::ActionRejected => "ActionRejectedError",
        ErrorKind::AbsentMechanic => "AbsentMechanicError",
        ErrorKind::ServerConnection => "ServerConnectionError",
        ErrorKind::ServerRefused => "ServerRefusedError",
        ErrorKind::ServerClosed => "ServerClosedError",
        ErrorKind::ServerAuthentication => "ServerAuthenticationError",
        ErrorKind::ServerProtocol => "ServerProtocolError",
        ErrorKind::RequestTimeout => "RequestTimeoutError",
        ErrorKind::Closed => "ClosedError",
    };
    Ok(py
        .import("factorio_fast.errors")?
        .getattr(name)?
        .cast_into::<PyType>()?)
}
