//! One divstep on packed words, in two ways.

/// A way to make a divstep.
pub(crate) trait Divstep {
    /// What the state, which stands for δ, starts at.
    const START: i64;
    /// What the packed words are held less.
    const LESS: i64;

    fn divstep(state: &mut i64, f: &mut i64, g: &mut i64);

    /// The word itself.
    #[inline(always)]
    fn word(x: i64) -> i64 {
        x
    }
}

/// By masks, in safe Rust.
///
/// The state is ζ = −(δ + 1/2), negative where δ > 0. f and g are held as f − 1 and g − 1: with both odd,
/// (g + f)/2 − 1 = ((g−1) + (f−1))/2, and (g − f)/2 − 1 = ⌊((g−1) + !(f−1))/2⌋, so that no +1 completes the negation;
/// and for even g, g/2 − 1 = ⌊(g−1)/2⌋.
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
        // Neither waits for the other: g's sum, and g where it takes f's place.
        (*f, *g) = (*f ^ ((*f ^ *g) & swap), g.wrapping_add(addend) >> 1);
        *zeta = (*zeta ^ swap) - 1;
    }
}

/// By conditional moves: four cycles a step where masks take five on Zen 5. Assembly, because a compiler may make
/// branches of what is meant to be one of these.
///
/// The state is η = δ − 1/2: its sign, in the carry flag, and g's parity, in the zero flag, are there at once, and a step
/// takes η to η + 1 or, where f and g change places, to −η.
#[cfg(all(target_arch = "x86_64", not(feature = "ct-msan")))]
pub(crate) struct Moves;

/// Other architectures have no such assembly, and the sanitizer would take what it writes for defined.
#[cfg(not(all(target_arch = "x86_64", not(feature = "ct-msan"))))]
pub(crate) type Moves = Masks;

#[cfg(all(target_arch = "x86_64", not(feature = "ct-msan")))]
impl Divstep for Moves {
    const START: i64 = 0;
    const LESS: i64 = 0;

    #[inline(always)]
    #[allow(unsafe_code)]
    fn divstep(eta: &mut i64, f: &mut i64, g: &mut i64) {
        // SAFETY: the instructions touch the registers named here, and the flags, only.
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

    /// Opaque: where the compiler may use vectors it would compute the matrices in them, step after step waiting for
    /// the way there and back.
    #[inline(always)]
    #[allow(unsafe_code)]
    fn word(mut x: i64) -> i64 {
        // SAFETY: there is no instruction.
        unsafe {
            core::arch::asm!("/* {0} */", inout(reg) x, options(pure, nomem, nostack, preserves_flags));
        }
        x
    }
}
