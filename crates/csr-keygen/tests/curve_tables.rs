//! The generator makes the tables in the repository.

// A generator for the repository: it stops at the first failure.
#[allow(clippy::expect_used)]
#[path = "../examples/curve_tables/tables.rs"]
mod tables;

#[test]
fn committed_tables_are_those_of_the_generator() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/curve/tables");
    for (name, expected) in tables::all() {
        let committed = std::fs::read(format!("{folder}/{name}")).unwrap();
        assert!(committed == expected, "{name} differs: run the example curve_tables");
    }
}
