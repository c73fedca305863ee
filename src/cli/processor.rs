//! Whether this processor can do what the binary was built for.

use super::exit::Failure;

/// Refuses to start where the first instruction that the processor does not know would end the process without a word.
pub(super) fn check() -> Result<(), Failure> {
    if can_run() {
        return Ok(());
    }
    let failure = Failure::usage(
        "this binary was built for processors with AVX2, BMI2 and FMA (most since 2013), and this one lacks some of these",
    );
    Err(failure.hint("build the engine on this machine: ./build-engine.sh chooses what it can do"))
}

/// The processor is asked itself: what the standard library says of features that the build takes for granted is always yes.
#[cfg(all(target_arch = "x86_64", target_feature = "avx2"))]
fn can_run() -> bool {
    use std::arch::x86_64::{__cpuid, __cpuid_count};
    const FMA: u32 = 1 << 12;
    const AVX2_AND_BMI2: u32 = 1 << 5 | 1 << 8;
    if __cpuid(0).eax < 7 {
        return false;
    }
    __cpuid(1).ecx & FMA == FMA && __cpuid_count(7, 0).ebx & AVX2_AND_BMI2 == AVX2_AND_BMI2
}

#[cfg(not(all(target_arch = "x86_64", target_feature = "avx2")))]
fn can_run() -> bool {
    true
}
