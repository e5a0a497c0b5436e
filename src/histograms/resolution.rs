//! Relative resolutions per kind of object, from a YAML table in `resolution/`.

/// Opened resolution table.
#[derive(Debug, Clone)]
pub struct ResolutionTable;
