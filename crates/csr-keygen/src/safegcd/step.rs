//! One divstep on packed words, in two implementations.

/// An implementation of a divstep.
pub(crate) trait Divstep {
    /// The start value of the state, which represents δ.
    const START: i64;
    /// The packed words are stored minus this.
    const LESS: i64;

    fn divstep(state: &mut i64, f: &mut i64, g: &mut i64);

    /// The word, behind an optimization barrier if the implementation needs one.
    #[inline(always)]
    fn optimization_barrier(x: i64) -> i64 {
        x
    }
}

/// With masks, in safe Rust.
///
/// The state is ζ = −(δ + 1/2), negative if δ > 0. f and g are stored as f − 1 and g − 1. If both
/// are odd, (g + f)/2 − 1 = ((g−1) + (f−1))/2, and (g − f)/2 − 1 = ⌊((g−1) + !(f−1))/2⌋, so the
/// negation needs no +1; for even g, g/2 − 1 = ⌊(g−1)/2⌋.
pub(crate) struct Masks;

impl Divstep for Masks {
    const START: i64 = -1;
    const LESS: i64 = 1;

    #[inline(always)]
    fn divstep(zeta: &mut i64, f: &mut i64, g: &mut i64) {
        let odd = (*g & 1) - 1;
        let positive = *zeta >> 63; // δ > 0
        let addend = (*f ^ positive) & odd;
        let swap = positive & odd;
        // Independent of each other: g's sum, and g moving to f.
        (*f, *g) = (*f ^ ((*f ^ *g) & swap), g.wrapping_add(addend) >> 1);
        *zeta = (*zeta ^ swap) - 1;
    }
}

/// With conditional moves: four cycles per step on Zen 5, where masks take five. It is assembly
/// because a compiler may turn conditional moves into branches.
///
/// The state is η = δ − 1/2. Its sign, in the carry flag, and g's parity, in the zero flag, are
/// available together. A step takes η to η + 1 or, if f and g change places, to −η.
#[cfg(all(target_arch = "x86_64", not(feature = "ct-msan")))]
pub(crate) struct Moves;

/// Other architectures have no such assembly, and the sanitizer would take its outputs for defined.
#[cfg(not(all(target_arch = "x86_64", not(feature = "ct-msan"))))]
pub(crate) type Moves = Masks;

#[cfg(all(target_arch = "x86_64", not(feature = "ct-msan")))]
impl Divstep for Moves {
    const START: i64 = 0;
    const LESS: i64 = 0;

    #[inline(always)]
    #[allow(unsafe_code)]
    fn divstep(eta: &mut i64, f: &mut i64, g: &mut i64) {
        // SAFETY: the instructions change only the registers named here and the flags.
        unsafe {
            core::arch::asm!(
                "lea {sum}, [{f} + {g}]",
                "mov {next}, {g}",
                "sub {next}, {f}",
                "mov {turned}, {eta}",
                "neg {turned}",
                "mov {sign}, {eta}",
                "test {g:l}, 1",       // ZF: g is even
                "rol {sign}, 2",       // CF: δ < 0; a rotation leaves ZF alone
                "cmovc {next}, {sum}", // g − f where δ > 0, else g + f
                "lea {eta}, [{eta} + 1]",
                "cmova {f}, {g}",      // CF = ZF = 0: g is odd and δ > 0
                "cmova {eta}, {turned}",
                "cmovnz {g}, {next}",
                "sar {g}, 1",
                f = inout(reg) *f, g = inout(reg) *g, eta = inout(reg) *eta,
                sum = out(reg) _, next = out(reg) _, turned = out(reg) _, sign = out(reg) _,
                options(pure, nomem, nostack),
            );
        }
    }

    /// Without the barrier, the compiler would compute the matrices in vector registers if it may
    /// use them, and every step would wait for the moves there and back.
    #[inline(always)]
    fn optimization_barrier(x: i64) -> i64 {
        crate::vector::integer_barrier(x)
    }
}
