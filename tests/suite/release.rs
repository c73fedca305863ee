//! What the user takes out of quarantine, and what a correction says.
