//! The store against itself: checksums, order, grids, and every series against its source.
