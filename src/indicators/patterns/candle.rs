//! What candle patterns are made of: bars, the words for their shape, and the means of the bars before them.
//! The words are TA-Lib's default candle settings. A body is long above and short below the mean body of the ten bars
//! before; it is a doji's up to a tenth of their mean range. A shadow is long above the bar's own body, very long
//! above twice that; short below half the mean of both shadows of the ten bars before; very short below a tenth of
//! their mean range. Near is a fifth of the mean range of the five bars before, far three fifths, equal a twentieth.

/// The means of the bars before a bar.
pub(super) trait Means: Copy {
    /// Without them every condition about them holds: what is left of a shape is cheap, and seldom true.
    const KNOWN: bool;
    /// Mean body of ten.
    fn body(self) -> f64;
    /// Mean range of ten.
    fn range(self) -> f64;
    /// Mean range of five.
    fn near(self) -> f64;
    /// Mean of both shadows together of ten.
    fn shadow(self) -> f64;
}

/// One bar and the means of the bars before it.
#[derive(Clone, Copy)]
pub(super) struct Bar<M> {
    pub open: f64,
    pub high: f64,
    pub low: f64,
    pub close: f64,
    pub means: M,
}

impl<M: Means> Bar<M> {
    /// Closes at its open or higher.
    #[inline(always)]
    pub fn white(self) -> bool {
        self.close >= self.open
    }

    /// Closes below its open.
    #[inline(always)]
    pub fn black(self) -> bool {
        self.close < self.open
    }

    /// 1 when white, -1 when black.
    #[inline(always)]
    pub fn sign(self) -> f64 {
        if self.white() { 1.0 } else { -1.0 }
    }

    #[inline(always)]
    pub fn body(self) -> f64 {
        (self.close - self.open).abs()
    }

    /// The body's upper end.
    #[inline(always)]
    pub fn top(self) -> f64 {
        if self.white() { self.close } else { self.open }
    }

    /// The body's lower end.
    #[inline(always)]
    pub fn bottom(self) -> f64 {
        if self.white() { self.open } else { self.close }
    }

    #[inline(always)]
    pub fn upper(self) -> f64 {
        self.high - self.top()
    }

    #[inline(always)]
    pub fn lower(self) -> f64 {
        self.bottom() - self.low
    }

    #[inline(always)]
    pub fn long(self) -> bool {
        !M::KNOWN | (self.body() > self.means.body())
    }

    #[inline(always)]
    pub fn not_long(self) -> bool {
        !M::KNOWN | (self.body() <= self.means.body())
    }

    #[inline(always)]
    pub fn short(self) -> bool {
        !M::KNOWN | (self.body() < self.means.body())
    }

    #[inline(always)]
    pub fn doji(self) -> bool {
        self.doji_beside(self)
    }

    /// Whether it is a doji by the measure of another bar.
    #[inline(always)]
    pub fn doji_beside(self, other: Bar<M>) -> bool {
        !M::KNOWN | (self.body() <= 0.1 * other.means.range())
    }

    /// Its upper shadow is very short.
    #[inline(always)]
    pub fn no_upper(self) -> bool {
        !M::KNOWN | (self.upper() < 0.1 * self.means.range())
    }

    /// Its lower shadow is very short.
    #[inline(always)]
    pub fn no_lower(self) -> bool {
        !M::KNOWN | (self.lower() < 0.1 * self.means.range())
    }

    /// Its upper shadow is longer than a very short one.
    #[inline(always)]
    pub fn some_upper(self) -> bool {
        !M::KNOWN | (self.upper() > 0.1 * self.means.range())
    }

    /// Its lower shadow is longer than a very short one.
    #[inline(always)]
    pub fn some_lower(self) -> bool {
        !M::KNOWN | (self.lower() > 0.1 * self.means.range())
    }

    /// Its upper shadow is short.
    #[inline(always)]
    pub fn short_upper(self) -> bool {
        !M::KNOWN | (self.upper() < self.means.shadow() / 2.0)
    }

    /// Its lower shadow is short.
    #[inline(always)]
    pub fn short_lower(self) -> bool {
        !M::KNOWN | (self.lower() < self.means.shadow() / 2.0)
    }

    /// Its upper shadow is longer than a short one.
    #[inline(always)]
    pub fn more_upper(self) -> bool {
        !M::KNOWN | (self.upper() > self.means.shadow() / 2.0)
    }

    /// Its body is smaller than another's by what is far there.
    #[inline(always)]
    pub fn far_smaller(self, than: Bar<M>) -> bool {
        !M::KNOWN | (self.body() < than.body() - 0.6 * than.means.near())
    }

    /// Its body is larger than another's, or not smaller by what is far there.
    #[inline(always)]
    pub fn not_far_smaller(self, than: Bar<M>) -> bool {
        !M::KNOWN | (self.body() > than.body() - 0.6 * than.means.near())
    }

    /// Widest distance that is near; conditions are the easier to meet the wider it is.
    #[inline(always)]
    pub fn near(self) -> f64 {
        if M::KNOWN { 0.2 * self.means.near() } else { f64::INFINITY }
    }

    /// Widest distance that counts as none.
    #[inline(always)]
    pub fn equal(self) -> f64 {
        if M::KNOWN { 0.05 * self.means.near() } else { f64::INFINITY }
    }

    /// Closes above another close, by more than what counts as none there.
    #[inline(always)]
    pub fn closes_above(self, other: Bar<M>) -> bool {
        !M::KNOWN | (self.close > other.close + other.equal())
    }

    /// The body lies above the other's.
    #[inline(always)]
    pub fn body_above(self, other: Bar<M>) -> bool {
        self.bottom() > other.top()
    }

    /// The body lies below the other's.
    #[inline(always)]
    pub fn body_below(self, other: Bar<M>) -> bool {
        self.top() < other.bottom()
    }

    /// The whole bar lies above the other.
    #[inline(always)]
    pub fn above(self, other: Bar<M>) -> bool {
        self.low > other.high
    }

    /// The whole bar lies below the other.
    #[inline(always)]
    pub fn below(self, other: Bar<M>) -> bool {
        self.high < other.low
    }

    /// Opens within the other's body, its ends not counted; `other` is black.
    #[inline(always)]
    pub fn opens_in_black(self, other: Bar<M>) -> bool {
        (self.open < other.open) & (self.open > other.close)
    }
}

/// `value` where something holds, 0 elsewhere.
#[inline(always)]
pub(super) fn when(holds: bool, value: f64) -> f64 {
    if holds { value } else { 0.0 }
}

/// Whether two values are not more than `width` apart.
#[inline(always)]
pub(super) fn within(value: f64, of: f64, width: f64) -> bool {
    (value <= of + width) & (value >= of - width)
}
