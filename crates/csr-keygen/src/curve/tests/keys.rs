//! Key generation: the range, failing random sources, batches, `Debug`.

use rand_core::{TryCryptoRng, TryRng};

use super::*;

/// Returns prepared octets, then fails.
struct Script<'a>(&'a [u8]);

#[derive(Debug, thiserror::Error)]
#[error("no entropy")]
struct NoEntropy;

impl TryRng for Script<'_> {
    type Error = NoEntropy;
    fn try_next_u32(&mut self) -> Result<u32, NoEntropy> {
        unreachable!("keys are drawn as octets")
    }
    fn try_next_u64(&mut self) -> Result<u64, NoEntropy> {
        unreachable!("keys are drawn as octets")
    }
    fn try_fill_bytes(&mut self, octets: &mut [u8]) -> Result<(), NoEntropy> {
        let (next, rest) = self.0.split_at_checked(octets.len()).ok_or(NoEntropy)?;
        octets.copy_from_slice(next);
        self.0 = rest;
        Ok(())
    }
}
impl TryCryptoRng for Script<'_> {}

/// n − `distance`.
fn below_order(curve: Curve, distance: u8) -> Vec<u8> {
    let mut octets = order(curve);
    *octets.last_mut().unwrap() -= distance; // no borrow: every n ends in an octet above 3
    octets
}

fn largest(curve: Curve) -> Vec<u8> {
    below_order(curve, if curve == Curve::Sm2 { 2 } else { 1 })
}

#[test]
fn draws_out_of_range_are_skipped() {
    for curve in CURVES {
        let zero = vec![0; curve.octets()];
        let ones = vec![0xff; curve.octets()];
        let mut script = [zero, ones, order(curve)].concat();
        if curve == Curve::Sm2 {
            script.extend(below_order(curve, 1)); // for d = n − 1, 1 + d has no inverse
        }
        script.extend(largest(curve));
        for backend in Backend::available() {
            let key = generate_with(backend, curve, &mut Script(&script)).unwrap();
            assert_eq!(key.scalar(), largest(curve));
            assert_eq!(key.curve(), curve);
        }
    }
}

#[test]
fn failing_source_is_an_error_and_no_key() {
    for curve in CURVES {
        let error = generate(curve, &mut Script(&[])).unwrap_err();
        assert_eq!(error, Error::RandomSource("no entropy".into()));
        let key = from_scalar(curve, &largest(curve)).unwrap();
        let error = key.sign_digest(&vec![1; curve.octets()], &mut Script(&[])).unwrap_err();
        assert_eq!(error, Error::RandomSource("no entropy".into()));
    }
}

#[test]
fn source_stuck_out_of_range_is_an_error_and_no_key() {
    for curve in CURVES {
        for octet in [0x00, 0xff] {
            assert_eq!(generate(curve, &mut Script(&[octet; 4096])).unwrap_err(), Error::NoScalar);
        }
    }
}

#[test]
fn imported_scalar_must_be_in_range() {
    for curve in CURVES {
        let mut one = vec![0; curve.octets()];
        *one.last_mut().unwrap() = 1;
        for scalar in [one.clone(), largest(curve)] {
            let key = from_scalar(curve, &scalar).unwrap();
            assert_eq!(key.public_point(), oracle_point(curve, &scalar).unwrap());
        }
        let mut wrong = vec![vec![], vec![0; curve.octets()], order(curve), vec![0xff; curve.octets()]];
        wrong.push(one[1..].to_vec());
        wrong.push([vec![0], one].concat());
        if curve == Curve::Sm2 {
            wrong.push(below_order(curve, 1));
        }
        for scalar in wrong {
            assert_eq!(from_scalar(curve, &scalar).unwrap_err(), Error::InvalidScalar);
        }
    }
}

#[test]
fn batch_has_the_keys_that_single_calls_draw() {
    for curve in CURVES {
        for backend in Backend::available() {
            for count in [0, 1, 7, 8, 9, 250] {
                let keys = generate_batch_with(backend, curve, count, &mut rng(11)).unwrap();
                assert_eq!(keys.len(), count);
                let mut rng = rng(11);
                for key in &keys {
                    let single = generate_with(Backend::Portable, curve, &mut rng).unwrap();
                    assert_eq!((key.scalar(), key.public_point()), (single.scalar(), single.public_point()));
                }
            }
        }
    }
}

#[test]
fn short_seeds_and_sm2_are_refused() {
    assert!(matches!(from_seed(Curve::P256, &[1; 15]), Err(Error::Seed(_))));
    assert!(matches!(from_seed(Curve::Sm2, &[1; 32]), Err(Error::Seed(_))));
}

#[test]
fn debug_of_curve_key_shows_no_secret() {
    let key = generate(Curve::P384, &mut rng(2)).unwrap();
    assert_eq!(format!("{key:?}"), "CurveKey { curve: P384, .. }");
}
