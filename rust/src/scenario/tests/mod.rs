//! Scenario files and their mistakes in `files`; what seeds make of them in `starts`.

mod files;
mod starts;
