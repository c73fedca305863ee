//! Payload to day image: the bars of one symbol and one UTC day, in memory.
//! Comes in: a payload's bytes, a symbol's recipe, the user's decision. Goes out: sealed 1-minute bars, and what was refused.
//! May touch: `model`, and `feed` for the wire format.
//! Never: reads or writes a file, or makes two images from the same input.

mod decode;

mod adjust;

mod validate;
pub use validate::{RefusedBar, Rule};

mod image;
pub use image::{DayRecipe, DayRefused, DayReport, Scratch, image_as_decided, image_of, released_image_of};
