//! The tables in the repository are those that the generator makes.

// A generator for the repository: it stops at the first failure.
#[allow(clippy::expect_used)]
#[path = "../examples/curve_tables/tables.rs"]
mod tables;

#[test]
fn the_committed_tables_are_what_the_generator_makes() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/curve/tables");
    for (name, expected) in tables::all() {
        let committed = std::fs::read(format!("{folder}/{name}")).unwrap();
        assert!(committed == expected, "{name} differs: run the example curve_tables");
    }
}
