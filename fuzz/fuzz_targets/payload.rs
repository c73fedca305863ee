#![no_main]

#[allow(dead_code)]
#[path = "../../tests/suite/fuzz/doors.rs"]
mod doors;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    doors::payload(bytes);
});
