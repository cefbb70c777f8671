//! The one doorway out of the GIL.

use pyo3::prelude::*;

use super::errors::raised;
use crate::error::Result;

/// Runs `work` with the GIL released and turns its error into a Python exception.
pub(super) fn detached<T: Send>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<T> + Send,
) -> PyResult<T> {
    py.detach(work).map_err(raised)
}
