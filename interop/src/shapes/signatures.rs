//! Hash functions and schemes other than the default.

use csr_core::{CsrSpec, Digest};

use crate::Shape;

pub(super) fn shapes() -> Vec<Shape> {
    let spec = || CsrSpec::builder().domain("example.com");
    let mut all = vec![Shape::by_hand("pss", spec().pss()).only("example.com").with_rsa()];
    for digest in Digest::ALL {
        let number = 8 * digest.octets();
        let chosen = spec().digest(digest);
        all.push(
            Shape::by_hand(&format!("sha{number}"), chosen.clone()).only("example.com").with_rsa_or_ec(),
        );
        all.push(Shape::by_hand(&format!("pss_sha{number}"), chosen.pss()).only("example.com").with_rsa());
    }
    all
}
