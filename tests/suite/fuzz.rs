//! Strangers' bytes at the three doors: nothing panics, grows without bound, or is believed.
