//! The table of the matrix: what is asked for and, beside it, what a tool must find.

mod extensions;
mod limits;
mod names;
mod subjects;

use crate::Shape;

/// Every shape.
#[must_use]
pub fn shapes() -> Vec<Shape> {
    let mut all = names::shapes();
    all.extend(subjects::shapes());
    all.extend(limits::shapes());
    all.extend(extensions::shapes());
    all
}
