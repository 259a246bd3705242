//! Access to the shared vectors.

use std::path::PathBuf;

/// A file of the shared vectors. Without the folder the test reports by name that it did not run;
/// with `CSR_REQUIRE_VECTORS=1` it fails.
pub(crate) fn vectors(file: &str, test: &str) -> Option<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors").join(file);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) => {
            let required = std::env::var("CSR_REQUIRE_VECTORS").is_ok_and(|value| value == "1");
            assert!(!required, "{test}: the vectors are required: {}: {error}", path.display());
            eprintln!("NOT RUN: {test}: {}: {error}", path.display());
            None
        }
    }
}
