//! The days a symbol should have, beside those it has.
