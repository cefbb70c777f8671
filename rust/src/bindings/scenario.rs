//! `Scenario`: a checked scenario.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::errors::raised;
use crate::scenario;
use crate::scenario::reward::Term;

/// A checked scenario; the text is that of its TOML file.
#[pyclass(frozen, module = "factorio_fast._core")]
pub(super) struct Scenario {
    pub(super) inner: Arc<scenario::Scenario>,
}

#[pymethods]
impl Scenario {
    /// Reads a scenario from TOML text; `source` names it in errors.
    #[staticmethod]
    #[pyo3(signature = (text, source = "<text>"))]
    fn from_toml(text: &str, source: &str) -> PyResult<Self> {
        let inner = scenario::Scenario::from_toml(text, source).map_err(raised)?;
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    #[getter]
    fn name(&self) -> &str {
        self.inner.name()
    }

    #[getter]
    fn r#type(&self) -> &'static str {
        self.inner.kind().name()
    }

    #[getter]
    fn description(&self) -> &str {
        self.inner.description()
    }

    #[getter]
    fn objective(&self) -> &str {
        &self.inner.objective().name
    }

    #[getter]
    fn ticks_per_step(&self) -> u32 {
        self.inner.ticks_per_step()
    }

    #[getter]
    fn max_steps(&self) -> u32 {
        self.inner.max_steps()
    }

    #[getter]
    fn map_size(&self) -> (i32, i32) {
        self.inner.map_size()
    }

    #[getter]
    fn palette(&self) -> Vec<&'static str> {
        let data = crate::prototypes::vanilla();
        self.inner
            .palette()
            .iter()
            .map(|item| data[*item].name.as_str())
            .collect()
    }

    #[getter]
    fn reward<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let weights = PyDict::new(py);
        for term in Term::ALL {
            let weight = self.inner.weights().0[term as usize];
            if weight != 0.0 {
                weights.set_item(term.name(), weight)?;
            }
        }
        Ok(weights)
    }

    /// The TOML text that the scenario was read from.
    #[getter]
    fn source_text(&self) -> &str {
        self.inner.source_text()
    }

    /// Sixteen hexadecimal digits that change with whatever the scenario says.
    #[getter]
    fn digest(&self) -> String {
        format!("{:016x}", self.inner.digest())
    }

    /// Copies and pickles by way of the text, as `gymnasium.make` does with its arguments.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String, String))> {
        let inner = &slf.get().inner;
        let source = format!("{}.toml", inner.name());
        let read = slf.py().get_type::<Self>().getattr("from_toml")?;
        Ok((read, (inner.source_text().to_owned(), source)))
    }

    fn __repr__(&self) -> String {
        format!("Scenario(\"{}\")", self.inner.name())
    }
}
