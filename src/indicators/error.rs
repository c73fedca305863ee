/// Why a request for indicators cannot be carried out.
#[derive(Debug, thiserror::Error)]
pub enum IndicatorError {
    /// No indicator, field or expression of the user's has this name.
    #[error("there is no indicator '{name}'{}", nearest_words(.nearest))]
    Unknown {
        /// As typed.
        name: String,
        /// The nearest ones there are.
        nearest: Vec<String>,
    },
    /// The text is no request.
    #[error("indicator '{text}': {reason}; an example: {example}")]
    Syntax {
        /// As typed.
        text: String,
        /// What is wrong with it.
        reason: String,
        /// How it could look.
        example: String,
    },
    /// An argument is outside its range, or there is no such parameter.
    #[error("indicator '{text}': {reason}; an example: {example}")]
    Argument {
        /// As typed.
        text: String,
        /// What is wrong, with the range.
        reason: String,
        /// How it could look.
        example: String,
    },
}

fn nearest_words(nearest: &[String]) -> String {
    match nearest {
        [] => "; `engine indicators` lists all".to_owned(),
        names => format!("; the nearest: {}", names.join(", ")),
    }
}
