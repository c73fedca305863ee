//! `engine audit` against a count of days made by hand.
