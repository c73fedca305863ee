//! The one name of the frame library that the rooms in this workspace speak: the error they pass on.

pub mod error {
    /// Nobody makes one here.
    #[derive(Debug)]
    pub enum PolarsError {}

    impl std::fmt::Display for PolarsError {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            match *self {}
        }
    }

    impl std::error::Error for PolarsError {}
}
