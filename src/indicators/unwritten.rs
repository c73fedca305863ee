//! Columns that are about to be written: memory as the allocator has it, not made zero first.
//!
//! A request of thousands of columns is gigabytes. Making them zero, only for a kernel to write every element again,
//! takes two to three times as long as the kernels' own writing once the allocator hands out memory that was used
//! before, as it does in a process that answers one request after another.
#![allow(unsafe_code)]

/// What stands in every element in builds with assertions until a kernel has written it: no number, and none that any
/// arithmetic makes.
const MARK: u64 = 0x7ff8_dead_c01d_f00d;

/// A column whose values mean nothing yet. Whoever asks for it writes every element before anybody reads one.
pub(super) fn unwritten(rows: usize) -> Vec<f64> {
    let mut column: Vec<f64> = Vec::with_capacity(rows);
    // From here on the compiler cannot know that nobody wrote what is in there.
    std::hint::black_box(column.as_mut_ptr());
    // SAFETY: the capacity is there, every pattern of bits is a number, and the memory is, for all the compiler can
    // know, initialised. That no old bits get out is the contract of kernels; builds with assertions hold them to it.
    unsafe { column.set_len(rows) };
    if cfg!(debug_assertions) {
        column.fill(f64::from_bits(MARK));
    }
    column
}

/// In builds with assertions: panics when a kernel left out an element.
pub(super) fn assert_written(name: &str, column: &[f64]) {
    let left = || column.iter().position(|value| value.to_bits() == MARK);
    debug_assert!(left().is_none(), "{name} left out row {:?} of {}", left(), column.len());
}
