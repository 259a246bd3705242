//! The table of the matrix: what is asked for and, beside it, what a tool must find.

mod extensions;
mod limits;
mod names;
mod signatures;
mod subjects;

use csr_core::Oid;

use crate::Shape;

/// Every shape.
#[must_use]
pub fn shapes() -> Vec<Shape> {
    let mut all = names::shapes();
    all.extend(subjects::shapes());
    all.extend(limits::shapes());
    all.extend(extensions::shapes());
    all.extend(signatures::shapes());
    all
}

/// An identifier of the table.
#[expect(clippy::expect_used, reason = "the table has only well-formed ones")]
fn oid(dotted: &str) -> Oid {
    dotted.parse().expect("an object identifier")
}
