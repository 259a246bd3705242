//! The three curves: y² = x³ − 3x + b over a prime field, of prime order n (cofactor 1).
//!
//! P-256 and P-384 are defined in SP 800-186 §3.2.1.3 and §3.2.1.4, SM2 in GB/T 32918.5 §2. Only
//! the prime and the order enter the arithmetic. The base point is in the tables of its multiples
//! ([`windows`]), and b only checks a finished public point.

#[cfg(target_arch = "x86_64")]
use crate::backend::Ifma;
#[cfg(target_arch = "x86_64")]
use crate::curve::point::Xyzz;
use crate::curve::residue::{Modulus, Residue, divide_p256, divide_p384, divide_sm2};
use crate::curve::windows::{self, Window};
use crate::stack;

/// The curves that keys can be on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Curve {
    /// NIST P-256 (secp256r1), signing with ECDSA, usually of a SHA-256 digest.
    P256,
    /// NIST P-384 (secp384r1), signing with ECDSA, usually of a SHA-384 digest.
    P384,
    /// The curve of GB/T 32918.5 (sm2p256v1), signing with SM2 and SM3.
    Sm2,
}

impl Curve {
    /// Every curve.
    pub const ALL: [Self; 3] = [Self::P256, Self::P384, Self::Sm2];

    /// The length of a private scalar, of a coordinate, of r and of s, and of the usual digest, in
    /// octets.
    #[must_use]
    pub const fn octets(self) -> usize {
        match self {
            Self::P256 | Self::Sm2 => 32,
            Self::P384 => 48,
        }
    }

    /// Runs the computation of one key or signature, and wipes the stack that it used.
    pub(crate) fn wiped<T>(self, f: impl FnOnce() -> T) -> T {
        match self {
            Self::P256 | Self::Sm2 => stack::wiped::<{ stack::SHALLOW }, _>(f),
            Self::P384 => stack::wiped::<{ stack::MIDDLE }, _>(f),
        }
    }
}

/// Calls a function that is generic over the curve.
macro_rules! on_curve {
    ($curve:expr, $function:path, $($argument:expr),*) => {{
        use $function as function;
        match $curve {
            $crate::curve::params::Curve::P256 => function::<$crate::curve::params::P256, 4>($($argument),*),
            $crate::curve::params::Curve::P384 => function::<$crate::curve::params::P384, 6>($($argument),*),
            $crate::curve::params::Curve::Sm2 => function::<$crate::curve::params::Sm2, 4>($($argument),*),
        }
    }};
}
pub(crate) use on_curve;

/// A curve: its two moduli and the multiples of its base point.
pub(crate) trait CurveParams<const N: usize>: Accelerated<N> + Copy + 'static {
    /// The prime field's modulus p.
    type Field: Modulus<N>;
    /// The order n of the base point.
    type Order: Modulus<N>;
    /// b of the curve's equation, least significant limb first.
    const B: [u64; N];
    /// The number of scalars at the upper end of [1, n−1] that are not private keys.
    const EXCLUDED: u64;
    /// The signature scheme.
    const SCHEME: Scheme;
    /// The multiples of the base point that the portable comb reads.
    const TABLE: &'static [Window<N>];
}

/// Multiples of the base point with AVX-512 IFMA; `ifma` implements it for each curve.
#[cfg(target_arch = "x86_64")]
pub(crate) trait Accelerated<const N: usize>: Sized {
    /// k·G for 1 ≤ k < n. ZZ = 0 for the exceptional scalars of the lanes' comb, of which there are
    /// at most two.
    fn base_multiple(ifma: Ifma, k: &[u64; N]) -> Xyzz<Self::Field, N>
    where
        Self: CurveParams<N>;

    /// Eight multiples at once. ZZ = 0 for the exceptional scalar of the portable comb.
    fn base_multiples(ifma: Ifma, scalars: &[[u64; N]; 8]) -> [Xyzz<Self::Field, N>; 8]
    where
        Self: CurveParams<N>;
}

/// Other architectures have no accelerated arithmetic.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) trait Accelerated<const N: usize> {}
#[cfg(not(target_arch = "x86_64"))]
impl<C, const N: usize> Accelerated<N> for C {}

/// The signature schemes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// FIPS 186-5 §6.
    Ecdsa,
    /// GB/T 32918.2.
    Sm2,
}

/// A residue modulo a curve's p.
pub(crate) type Field<C, const N: usize> = Residue<<C as CurveParams<N>>::Field, N>;
/// A residue modulo a curve's n.
pub(crate) type Scalar<C, const N: usize> = Residue<<C as CurveParams<N>>::Order, N>;

macro_rules! modulus {
    ($(#[$doc:meta])* $name:ident, $limbs:literal, [$($limb:literal),+] $(, $division:path)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub(crate) struct $name;
        impl Modulus<$limbs> for $name {
            // Written most significant limb first, as the standards print it.
            const LIMBS: [u64; $limbs] = reversed([$($limb),+]);

            $(
                #[inline(always)]
                fn divide_by_word(t: [u64; $limbs]) -> [u64; $limbs] {
                    $division(t)
                }
            )?
        }
    };
}

const fn reversed<const N: usize>(limbs: [u64; N]) -> [u64; N] {
    let mut result = [0; N];
    let mut i = 0;
    while i < N {
        result[i] = limbs[N - 1 - i];
        i += 1;
    }
    result
}

modulus!(
    /// p = 2^256 − 2^224 + 2^192 + 2^96 − 1.
    P256Field, 4,
    [0xffff_ffff_0000_0001, 0x0000_0000_0000_0000, 0x0000_0000_ffff_ffff, 0xffff_ffff_ffff_ffff],
    divide_p256
);
modulus!(
    /// n of P-256.
    P256Order, 4,
    [0xffff_ffff_0000_0000, 0xffff_ffff_ffff_ffff, 0xbce6_faad_a717_9e84, 0xf3b9_cac2_fc63_2551]
);
modulus!(
    /// p = 2^384 − 2^128 − 2^96 + 2^32 − 1.
    P384Field, 6,
    [0xffff_ffff_ffff_ffff, 0xffff_ffff_ffff_ffff, 0xffff_ffff_ffff_ffff,
     0xffff_ffff_ffff_fffe, 0xffff_ffff_0000_0000, 0x0000_0000_ffff_ffff],
    divide_p384
);
modulus!(
    /// n of P-384.
    P384Order, 6,
    [0xffff_ffff_ffff_ffff, 0xffff_ffff_ffff_ffff, 0xffff_ffff_ffff_ffff,
     0xc763_4d81_f437_2ddf, 0x581a_0db2_48b0_a77a, 0xecec_196a_ccc5_2973]
);
modulus!(
    /// p = 2^256 − 2^224 − 2^96 + 2^64 − 1.
    Sm2Field, 4,
    [0xffff_fffe_ffff_ffff, 0xffff_ffff_ffff_ffff, 0xffff_ffff_0000_0000, 0xffff_ffff_ffff_ffff],
    divide_sm2
);
modulus!(
    /// n of SM2.
    Sm2Order, 4,
    [0xffff_fffe_ffff_ffff, 0xffff_ffff_ffff_ffff, 0x7203_df6b_21c6_052b, 0x53bb_f409_39d5_4123]
);

/// NIST P-256 (secp256r1).
#[derive(Debug, Clone, Copy)]
pub(crate) struct P256;
impl CurveParams<4> for P256 {
    type Field = P256Field;
    type Order = P256Order;
    const B: [u64; 4] = reversed([
        0x5ac6_35d8_aa3a_93e7,
        0xb3eb_bd55_7698_86bc,
        0x651d_06b0_cc53_b0f6,
        0x3bce_3c3e_27d2_604b,
    ]);
    const EXCLUDED: u64 = 0;
    const SCHEME: Scheme = Scheme::Ecdsa;
    const TABLE: &'static [Window<4>] = &windows::P256.0;
}

/// NIST P-384 (secp384r1).
#[derive(Debug, Clone, Copy)]
pub(crate) struct P384;
impl CurveParams<6> for P384 {
    type Field = P384Field;
    type Order = P384Order;
    const B: [u64; 6] = reversed([
        0xb331_2fa7_e23e_e7e4,
        0x988e_056b_e3f8_2d19,
        0x181d_9c6e_fe81_4112,
        0x0314_088f_5013_875a,
        0xc656_398d_8a2e_d19d,
        0x2a85_c8ed_d3ec_2aef,
    ]);
    const EXCLUDED: u64 = 0;
    const SCHEME: Scheme = Scheme::Ecdsa;
    const TABLE: &'static [Window<6>] = &windows::P384.0;
}

/// SM2's recommended curve (sm2p256v1).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sm2;
impl CurveParams<4> for Sm2 {
    type Field = Sm2Field;
    type Order = Sm2Order;
    const B: [u64; 4] = reversed([
        0x28e9_fa9e_9d9f_5e34,
        0x4d5a_9e4b_cf65_09a7,
        0xf397_89f5_15ab_8f92,
        0xddbc_bd41_4d94_0e93,
    ]);
    const EXCLUDED: u64 = 1;
    const SCHEME: Scheme = Scheme::Sm2;
    const TABLE: &'static [Window<4>] = &windows::SM2.0;
}
