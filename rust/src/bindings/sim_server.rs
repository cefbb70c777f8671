//! The simulated headless server, as a program.

use pyo3::prelude::*;

/// Runs the server with the arguments of a command line until it ends, and gives its exit status.
#[pyfunction]
#[expect(
    clippy::needless_pass_by_value,
    reason = "extracted from Python, so there is nothing to borrow from"
)]
pub(super) fn sim_server_main(py: Python<'_>, arguments: Vec<String>) -> i32 {
    py.detach(|| crate::sim_server::main(&arguments))
}
