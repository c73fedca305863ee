//! `engine audit --release`: what the user takes out of quarantine.
