//! Whether this processor can do what the binary was built for.

use std::io::Write;
use std::process::ExitCode;

/// Said in one go and by the standard library alone, which is built for every processor: putting a message together
/// could already take instructions that this one lacks.
const REFUSAL: &[u8] =
    b"error: this binary was built for processors with AVX2, BMI2 and FMA (most since 2013), and this one lacks some of these\n\
      hint: build the engine on this machine: ./build-engine.sh chooses what it can do\n";

/// As a usage error: another binary is needed.
const REFUSED: u8 = 2;

/// The exit code with which to end at once where the first unknown instruction would end the process without a word.
#[inline(never)]
pub(super) fn refusal() -> Option<ExitCode> {
    if can_run() {
        return None;
    }
    // Nobody may be left to read it.
    std::io::stderr().write_all(REFUSAL).ok();
    Some(REFUSED.into())
}

/// The processor is asked itself: what the standard library says of features that the build takes for granted is always yes.
#[cfg(all(target_arch = "x86_64", target_feature = "avx2"))]
fn can_run() -> bool {
    use std::arch::x86_64::{__cpuid, __cpuid_count};
    const FMA: u32 = 1 << 12;
    const AVX2: u32 = 1 << 5;
    const BMI2: u32 = 1 << 8;
    if __cpuid(0).eax < 7 || __cpuid(1).ecx & FMA == 0 {
        return false;
    }
    let more = __cpuid_count(7, 0).ebx;
    more & AVX2 != 0 && more & BMI2 != 0
}

#[cfg(not(all(target_arch = "x86_64", target_feature = "avx2")))]
fn can_run() -> bool {
    true
}
