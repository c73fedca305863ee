//! What the catalogue says of one indicator.

/// A column of the bars, or one made of a bar's own numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// First price.
    Open,
    /// Highest price.
    High,
    /// Lowest price.
    Low,
    /// Last price.
    Close,
    /// Traded volume.
    Volume,
    /// (high + low) / 2.
    Hl2,
    /// (high + low + close) / 3.
    Hlc3,
    /// (open + high + low + close) / 4.
    Ohlc4,
    /// (high + low + 2 close) / 4.
    Hlcc4,
    /// Label in UTC milliseconds.
    Time,
    /// Label as the server's clock shows it, in milliseconds: days, weeks and sessions are counted on it.
    ServerTime,
}

impl Field {
    /// All fields a request may name as a source.
    pub const NAMED: [(&'static str, Field); 11] = [
        ("open", Field::Open),
        ("high", Field::High),
        ("low", Field::Low),
        ("close", Field::Close),
        ("volume", Field::Volume),
        ("hl2", Field::Hl2),
        ("hlc3", Field::Hlc3),
        ("ohlc4", Field::Ohlc4),
        ("hlcc4", Field::Hlcc4),
        ("time_ms", Field::Time),
        ("server_time_ms", Field::ServerTime),
    ];

    /// The field of a name.
    pub fn named(name: &str) -> Option<Field> {
        Field::NAMED.iter().find(|(known, _)| *known == name).map(|(_, field)| *field)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Field::NAMED.iter().find(|(_, field)| *field == self).map_or("", |(name, _)| name)
    }
}

/// Families, as the catalogue lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// A bar's own numbers, and arithmetic on columns.
    Prices,
    /// Averages and lines laid over prices.
    Trend,
    /// Speed and strength of moves.
    Momentum,
    /// Width of moves.
    Volatility,
    /// Volume and money flow.
    Volume,
    /// Windows as samples.
    Statistics,
    /// Shapes of candles and swings.
    Patterns,
    /// Periods and phases.
    Cycles,
}

impl Group {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Group::Prices => "prices",
            Group::Trend => "trend",
            Group::Momentum => "momentum",
            Group::Volatility => "volatility",
            Group::Volume => "volume",
            Group::Statistics => "statistics",
            Group::Patterns => "patterns",
            Group::Cycles => "cycles",
        }
    }
}

/// Where a chart draws it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// On the prices.
    Overlay,
    /// Below them.
    Panel,
}

/// One input column; a request may put another one in its place by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Input {
    /// `source` for the one that is usually chosen; `high`, `with`, ... for others.
    pub name: &'static str,
    /// What it is when nothing is said.
    pub default: Field,
}

impl Input {
    /// The column most indicators are of.
    pub const SOURCE: Input = Input { name: "source", default: Field::Close };
    /// First prices.
    pub const OPEN: Input = Input { name: "open", default: Field::Open };
    /// Highest prices.
    pub const HIGH: Input = Input { name: "high", default: Field::High };
    /// Lowest prices.
    pub const LOW: Input = Input { name: "low", default: Field::Low };
    /// Last prices.
    pub const CLOSE: Input = Input { name: "close", default: Field::Close };
    /// Volumes.
    pub const VOLUME: Input = Input { name: "volume", default: Field::Volume };
    /// Labels, UTC milliseconds.
    pub const TIME: Input = Input { name: "time", default: Field::Time };
    /// Labels on the server's clock, milliseconds.
    pub const SERVER_TIME: Input = Input { name: "server_time", default: Field::ServerTime };
}

/// What a parameter may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Values {
    /// Whole numbers between two, both included.
    Whole(f64, f64),
    /// Numbers between two, both included.
    Real(f64, f64),
    /// One of these words, by word or by number (the first is 0).
    Words(&'static [&'static str]),
}

/// One parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Param {
    /// As it is written in `name=value`.
    pub name: &'static str,
    /// What it may be.
    pub values: Values,
    /// What it is when nothing is said.
    pub default: f64,
    /// When nothing is said it is what this other parameter is, instead of the default.
    pub like: Option<usize>,
}

impl Param {
    /// A number of bars.
    pub const fn period(default: u32, min: u32) -> Param {
        Param::whole("period", default, min)
    }

    /// A number of bars under another name.
    pub const fn whole(name: &'static str, default: u32, min: u32) -> Param {
        Param { name, values: Values::Whole(min as f64, 100_000.0), default: default as f64, like: None }
    }

    /// A factor.
    pub const fn real(name: &'static str, default: f64, min: f64, max: f64) -> Param {
        Param { name, values: Values::Real(min, max), default, like: None }
    }

    /// One of several words; the default by its place.
    pub const fn words(name: &'static str, words: &'static [&'static str], default: u32) -> Param {
        Param { name, values: Values::Words(words), default: default as f64, like: None }
    }

    /// The same, but what parameter `other` is when nothing is said.
    #[must_use]
    pub const fn like(mut self, other: usize) -> Param {
        self.like = Some(other);
        self
    }
}

/// Arguments of one call, one for each parameter, within its values.
#[derive(Clone, Debug, PartialEq)]
pub struct Args(pub(super) Vec<f64>);

impl Args {
    /// The n-th, a whole number (or a word's place).
    pub fn whole(&self, n: usize) -> usize {
        self.0[n] as usize
    }

    /// The n-th.
    pub fn real(&self, n: usize) -> f64 {
        self.0[n]
    }

    /// All of them.
    pub fn all(&self) -> &[f64] {
        &self.0
    }
}

/// How many bars before a row its value depends on, to nine digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarmUp {
    /// So many bars before the row's own.
    Rows(usize),
    /// From the beginning of the server's day, and so many bars before it.
    Day(usize),
    /// From the beginning of the server's week (Monday), and so many bars before it.
    Week(usize),
    /// From the beginning of the server's month, and so many bars before it.
    Month(usize),
    /// From the first bar there is.
    History,
}

impl WarmUp {
    /// Of a recursion that forgets all but the share `kept` of the past with every bar (0 < kept < 1): the bars after
    /// which less than 1e-16 of it is left.
    pub fn decay(kept: f64) -> WarmUp {
        WarmUp::Rows(decay_rows(kept))
    }

    /// Of an exponential average with weight 2 / (period + 1) whose first value is the mean of `period` bars.
    pub fn ema(period: usize) -> WarmUp {
        WarmUp::Rows(period + decay_rows(1.0 - 2.0 / (period as f64 + 1.0)))
    }

    /// Of Wilder's average, weight 1 / period.
    pub fn wilder(period: usize) -> WarmUp {
        WarmUp::Rows(period + decay_rows(1.0 - 1.0 / period as f64))
    }

    /// Both one after the other: what depends on `self` rows of what depends on `other`.
    #[must_use]
    pub fn plus(self, other: WarmUp) -> WarmUp {
        use WarmUp::*;
        match (self, other) {
            (History, _) | (_, History) => History,
            (Rows(a), Rows(b)) => Rows(a + b),
            (Month(a), Rows(b) | Day(b) | Week(b) | Month(b)) => Month(a + b),
            (Rows(a) | Day(a) | Week(a), Month(b)) => Month(a + b),
            (Week(a), Rows(b) | Day(b) | Week(b)) | (Rows(a) | Day(a), Week(b)) => Week(a + b),
            (Day(a), Rows(b) | Day(b)) | (Rows(a), Day(b)) => Day(a + b),
        }
    }

    /// What is enough for both.
    #[must_use]
    pub fn max(self, other: WarmUp) -> WarmUp {
        let (rank, rows) = (self.rank().max(other.rank()), self.rows().max(other.rows()));
        [WarmUp::Rows(rows), WarmUp::Day(rows), WarmUp::Week(rows), WarmUp::Month(rows), WarmUp::History]
            [rank]
    }

    /// Rows besides the anchor.
    pub fn rows(self) -> usize {
        match self {
            WarmUp::Rows(rows) | WarmUp::Day(rows) | WarmUp::Week(rows) | WarmUp::Month(rows) => rows,
            WarmUp::History => 0,
        }
    }

    fn rank(self) -> usize {
        match self {
            WarmUp::Rows(_) => 0,
            WarmUp::Day(_) => 1,
            WarmUp::Week(_) => 2,
            WarmUp::Month(_) => 3,
            WarmUp::History => 4,
        }
    }
}

/// Bars until `kept^n` is below 1e-16.
fn decay_rows(kept: f64) -> usize {
    if kept <= 0.0 { 0 } else { (1e-16_f64.ln() / kept.ln()).ceil() as usize }
}

/// A result that several indicators share, computed once in a request: which indicator, with which arguments, of
/// which of one's own inputs.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Its name in the catalogue.
    pub of: &'static str,
    /// Its arguments made of one's own.
    pub args: fn(&Args) -> Vec<f64>,
    /// Which of one's own inputs are its inputs, in its order.
    pub inputs: &'static [usize],
    /// Which of its outputs.
    pub output: usize,
}

/// The kernel of an indicator. `inputs` are as the entry lists them, then its parts, all of one length and finite;
/// `outputs` have the same length, and every element is written: NaN where there is no value.
pub type Kernel = fn(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]);

/// One indicator.
#[derive(Clone, Copy, Debug)]
pub struct Indicator {
    /// Lower case, as it is asked for.
    pub name: &'static str,
    /// Other libraries' names for the same.
    pub aliases: &'static [&'static str],
    /// In full.
    pub title: &'static str,
    /// Its family.
    pub group: Group,
    /// In the order of positional arguments.
    pub params: &'static [Param],
    /// In the order in which the kernel gets them.
    pub inputs: &'static [Input],
    /// Shared results the kernel gets after the inputs.
    pub parts: &'static [Part],
    /// One or more; a single one has no name in the request.
    pub outputs: &'static [&'static str],
    /// Where a chart draws it.
    pub shown: Shown,
    /// How it is computed, in one or two lines.
    pub formula: &'static str,
    /// Who says so: author, title, year, or library and function.
    pub origin: &'static str,
    /// How far back values reach, inputs and parts not counted: they are added.
    pub warm_up: fn(&Args) -> WarmUp,
    /// The computation.
    pub kernel: Kernel,
    /// Whether values depend on later bars (labels for learning, swing points drawn backwards).
    pub sees_future: bool,
}

/// Rows before a slice that have to be read.
pub type Reach = WarmUp;

impl Indicator {
    /// One source, one output, a panel; what differs is said by the methods below.
    pub const fn new(
        name: &'static str,
        title: &'static str,
        group: Group,
        warm_up: fn(&Args) -> WarmUp,
        kernel: Kernel,
    ) -> Indicator {
        Indicator {
            name,
            aliases: &[],
            title,
            group,
            params: &[],
            inputs: &[Input::SOURCE],
            parts: &[],
            outputs: &["value"],
            shown: Shown::Panel,
            formula: "",
            origin: "",
            warm_up,
            kernel,
            sees_future: false,
        }
    }

    /// Other names.
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Indicator {
        self.aliases = aliases;
        self
    }

    /// Parameters in order.
    pub const fn params(mut self, params: &'static [Param]) -> Indicator {
        self.params = params;
        self
    }

    /// Inputs in the kernel's order.
    pub const fn inputs(mut self, inputs: &'static [Input]) -> Indicator {
        self.inputs = inputs;
        self
    }

    /// Shared results.
    pub const fn parts(mut self, parts: &'static [Part]) -> Indicator {
        self.parts = parts;
        self
    }

    /// Several outputs.
    pub const fn outputs(mut self, outputs: &'static [&'static str]) -> Indicator {
        self.outputs = outputs;
        self
    }

    /// Drawn on the prices.
    pub const fn overlay(mut self) -> Indicator {
        self.shown = Shown::Overlay;
        self
    }

    /// The formula and who says so.
    pub const fn says(mut self, formula: &'static str, origin: &'static str) -> Indicator {
        self.formula = formula;
        self.origin = origin;
        self
    }

    /// How far back the values of the default request reach.
    pub fn warm_up_by_default(&self) -> WarmUp {
        (self.warm_up)(&Args(self.params.iter().map(|param| param.default).collect()))
    }

    /// Values depend on later bars.
    pub const fn seeing_future(mut self) -> Indicator {
        self.sees_future = true;
        self
    }
}
