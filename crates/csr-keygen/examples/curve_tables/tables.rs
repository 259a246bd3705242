//! The contents of `src/curve/tables/*.bin`, computed with RustCrypto's curve arithmetic and
//! `crypto-bigint`'s division. Nothing is shared with the code that reads the tables.

use crypto_bigint::{BoxedUint, NonZero, Resize};
use p256::elliptic_curve::{
    AffinePoint, CurveArithmetic, FieldBytesSize, ProjectivePoint, Scalar,
    group::{Curve as _, Group},
    sec1::{FromSec1Point, ModulusSize, ToSec1Point},
};

/// The name of a file in `src/curve/tables`, and its bytes.
pub(crate) type File = (&'static str, Vec<u8>);

/// Every table file.
pub(crate) fn all() -> Vec<File> {
    vec![
        ("p256.bin", windows::<p256::NistP256>(&P256)),
        ("p256.lanes.bin", lanes::<p256::NistP256>(&P256)),
        ("p384.bin", windows::<p384::NistP384>(&P384)),
        ("p384.lanes.bin", lanes::<p384::NistP384>(&P384)),
        ("sm2.bin", windows::<sm2::Sm2>(&SM2)),
        ("sm2.lanes.bin", lanes::<sm2::Sm2>(&SM2)),
    ]
}

/// The parameters of the tables.
pub(crate) struct Layout {
    /// The field's prime, big-endian hexadecimal.
    prime: &'static str,
    /// Its bits: a whole number of 64-bit words.
    bits: u32,
    /// The number of windows of six bits in the portable comb.
    windows: u32,
    /// The lanes' Montgomery factor is 2^(52·limbs).
    limbs: u32,
    /// The block of the scalar of each lane.
    blocks: [u32; 8],
    /// The widths of the windows of a block.
    rounds: &'static [u32],
}

const P256: Layout = Layout {
    prime: "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
    bits: 256,
    windows: 43,
    limbs: 5,
    blocks: [0, 2, 6, 4, 1, 3, 7, 5],
    rounds: &[5, 5, 5, 5, 4, 4, 4],
};
const P384: Layout = Layout {
    prime: "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
    bits: 384,
    windows: 64,
    limbs: 8,
    blocks: [0, 2, 6, 4, 1, 3, 7, 5],
    rounds: &[5, 5, 5, 5, 5, 5, 5, 5, 4, 4],
};
const SM2: Layout = Layout {
    prime: "fffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff",
    bits: 256,
    windows: 43,
    limbs: 5,
    blocks: [0, 3, 2, 4, 1, 5, 7, 6],
    rounds: &[5, 5, 5, 5, 4, 4, 4],
};

/// `[window][x, y][word][entry]`: entry j of window i is (2·j + 1)·2^(6·i)·G, its coordinates times
/// 2^bits.
fn windows<C>(layout: &Layout) -> Vec<u8>
where
    C: CurveArithmetic,
    AffinePoint<C>: ToSec1Point<C> + FromSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let mut bytes = Vec::new();
    for window in 0..layout.windows {
        let points: Vec<_> =
            (0..32).map(|j| point::<C>(layout, 2 * j + 1, 6 * window, layout.bits)).collect();
        for coordinate in 0..2 {
            for word in 0..layout.bits as usize / 64 {
                points.iter().for_each(|p| bytes.extend(p[coordinate][word].to_le_bytes()));
            }
        }
    }
    bytes
}

/// `[round][entry][x, y][word][lane]`: entry j of a round is (2·j + 1)·2^e·G, where e is the start
/// of the window in the block of the lane, its coordinates times 2^(52·limbs).
fn lanes<C>(layout: &Layout) -> Vec<u8>
where
    C: CurveArithmetic,
    AffinePoint<C>: ToSec1Point<C> + FromSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let mut bytes = Vec::new();
    let mut start = 0;
    for width in layout.rounds {
        for j in 0..1 << (width - 1) {
            let base = |block: u32| block * layout.bits / 8 + start;
            let points =
                layout.blocks.map(|block| point::<C>(layout, 2 * j + 1, base(block), 52 * layout.limbs));
            for coordinate in 0..2 {
                for word in 0..layout.bits as usize / 64 {
                    points.iter().for_each(|p| bytes.extend(p[coordinate][word].to_le_bytes()));
                }
            }
        }
        start += width;
    }
    bytes
}

/// x·2^`scale` mod p and y·2^`scale` mod p of multiple·2^shift·G, as words, the lowest first.
fn point<C>(layout: &Layout, multiple: u64, shift: u32, scale: u32) -> [Vec<u64>; 2]
where
    C: CurveArithmetic,
    AffinePoint<C>: ToSec1Point<C> + FromSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let mut point = ProjectivePoint::<C>::generator() * Scalar::<C>::from(multiple);
    for _ in 0..shift {
        point = point.double();
    }
    let encoded = point.to_affine().to_sec1_point(false);
    let prime = BoxedUint::from_be_hex(layout.prime, layout.bits)
        .into_option()
        .and_then(|p| NonZero::new(p).into_option());
    let prime = prime.expect("the prime is written in full");
    let scaled = |coordinate: &[u8]| {
        let value =
            BoxedUint::from_be_slice(coordinate, layout.bits).expect("a coordinate has the field's size");
        let shifted = value.resize(2 * layout.bits + 64).shl_vartime(scale).expect("it fits");
        let reduced = shifted.rem_vartime(&prime);
        let bytes = reduced.to_le_bytes();
        bytes.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().expect("eight bytes"))).collect()
    };
    [scaled(encoded.x().expect("not the identity")), scaled(encoded.y().expect("not the identity"))]
}
