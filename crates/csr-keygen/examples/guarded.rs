//! Makes and signs with keys of every kind on every backend, with each allocation between two
//! inaccessible pages: an access behind the end of a buffer, or before its start, is a segmentation
//! fault at once, whatever instruction makes it.
//!
//! First argument: `end` (allocations end at the page behind them, as near as their alignment
//! permits) or `start` (they begin at the end of the page before them). The second one, `overflow`,
//! reads past a buffer on that side at the end: the run must crash, or its silence means nothing.
//! See `.ci/sound`.

#![allow(clippy::print_stdout, reason = "an example for the command line")]
#![allow(unsafe_code, reason = "an allocator")]

use core::alloc::{GlobalAlloc, Layout};
use core::ffi::{c_int, c_void};
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

use csr_keygen::curve::{self, Curve};
use csr_keygen::rsa::{self, ModulusSize};
use csr_keygen::{Backend, Error};
use getrandom::SysRng;

const PAGE: usize = 4096;
/// Whether allocations begin at a guard page instead of ending at one.
static AT_START: AtomicBool = AtomicBool::new(false);

struct Guarded;

#[global_allocator]
static ALLOCATOR: Guarded = Guarded;

unsafe extern "C" {
    fn mmap(
        at: *mut c_void,
        len: usize,
        access: c_int,
        flags: c_int,
        file: c_int,
        offset: i64,
    ) -> *mut c_void;
    fn mprotect(at: *mut c_void, len: usize, access: c_int) -> c_int;
    fn munmap(at: *mut c_void, len: usize) -> c_int;
}

/// The bytes of the pages that hold an allocation.
fn pages(layout: Layout) -> usize {
    layout.size().next_multiple_of(PAGE)
}

// SAFETY: each allocation is a mapping of its own that no other shares, large enough and aligned.
unsafe impl GlobalAlloc for Guarded {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        const NO_ACCESS: c_int = 0;
        const READ_WRITE: c_int = 3;
        const PRIVATE_ANONYMOUS: c_int = 0x22;
        if layout.align() > PAGE {
            return core::ptr::null_mut();
        }
        let len = pages(layout);
        let offset = if AT_START.load(Relaxed) { 0 } else { (len - layout.size()) & !(layout.align() - 1) };
        // SAFETY: a new mapping, of which the pages between the first and the last become
        // accessible.
        unsafe {
            let base = mmap(core::ptr::null_mut(), len + 2 * PAGE, NO_ACCESS, PRIVATE_ANONYMOUS, -1, 0);
            if base.addr() == usize::MAX || mprotect(base.byte_add(PAGE), len, READ_WRITE) != 0 {
                return core::ptr::null_mut();
            }
            base.cast::<u8>().add(PAGE + offset)
        }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // The allocation begins in the first accessible page, wherever it is aligned to.
        let base = at.map_addr(|address| (address & !(PAGE - 1)) - PAGE);
        // SAFETY: the mapping was made by `alloc` for the same layout.
        let failed = unsafe { munmap(base.cast(), pages(layout) + 2 * PAGE) } != 0;
        if failed {
            std::process::abort();
        }
    }
}

fn rsa_keys(backend: Backend) -> Result<(), Error> {
    for size in ModulusSize::ALL {
        let mut keys = rsa::generate_batch_with(backend, size, 3, &mut SysRng)?;
        keys.push(rsa::generate_with(backend, size, &mut SysRng)?);
        for key in &keys {
            key.sign_digest_with(backend, &[0x5a; 32], &mut SysRng)?;
        }
    }
    Ok(())
}

fn curve_keys(backend: Backend) -> Result<(), Error> {
    for curve in Curve::ALL {
        // Full lanes, and every number of lanes that stay empty.
        let mut keys = vec![curve::generate_with(backend, curve, &mut SysRng)?];
        for count in 1..=17 {
            keys.extend(curve::generate_batch_with(backend, curve, count, &mut SysRng)?);
        }
        let digest = vec![0x5a; curve.octets()];
        for key in keys {
            key.sign_digest_with(backend, &digest, &mut SysRng)?;
        }
    }
    Ok(())
}

fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let at_start = match arguments.first().map(String::as_str) {
        Some("start") => true,
        Some("end") => false,
        _ => panic!("start or end?"),
    };
    AT_START.store(at_start, Relaxed);
    for backend in Backend::available() {
        rsa_keys(backend)?;
        curve_keys(backend)?;
        println!("{}: no access outside a buffer", backend.name());
    }
    if arguments.get(1).is_some_and(|argument| argument == "overflow") {
        let buffer = std::hint::black_box(vec![0u64; 20]);
        let at = if at_start { buffer.as_ptr().wrapping_sub(1) } else { buffer.as_ptr().wrapping_add(20) };
        // SAFETY: none, this is the fault that the pages must catch.
        println!("read {}", unsafe { at.read_volatile() });
    }
    Ok(())
}
