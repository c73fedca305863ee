//! The words all rooms speak: bars, symbols, days, timeframes, clocks, grids and the settings made of them.
//! Comes in: numbers and text. Goes out: typed values, and pure functions over them.
//! May touch: nothing.
//! Never: reads a file, a clock or the environment, and never names another room.

pub mod bar;
pub mod symbol;

pub mod flipped;

pub mod day;

pub mod timeframe;

pub mod settings;

pub mod calendar;
pub mod clock;
pub mod grid;
pub mod post;

pub mod fold;

pub mod cascade;

pub mod rollover;

pub mod instrument;

pub mod decimal;
pub mod lines;
pub mod shortest;

pub mod spelling;

pub use bar::Bar;
pub use day::Day;
pub use settings::Settings;
pub use symbol::Symbol;
pub use timeframe::{Timeframe, TimeframeSpec};
