//! `engine verify` finds every flipped bit, and heals it.
