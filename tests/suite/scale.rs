//! Many symbols, many years, some of them damaged.
