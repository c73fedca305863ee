//! What trades: the instruments everybody knows, and a plausible guess for a name nobody has heard of.

use super::chance::{fraction, key};
use super::exchanges;
use super::hours::Hours;
use crate::model::{Day, Symbol};

/// What instruments of one group have in common.
pub struct Group {
    /// As in the listing.
    pub id: u32,
    /// As in `groupCode`.
    pub code: &'static str,
    /// For people.
    pub title: &'static str,
    /// Deviation of a day's return.
    pub sigma: f64,
    /// Share of minutes without a trade when nothing is going on.
    pub scarcity: f64,
    /// A usual minute's volume.
    pub volume: f64,
    /// Decimals of a volume.
    pub volume_decimals: i32,
    /// First day of the minute history, YYYYMMDD.
    pub history: i32,
    /// What a name nobody knows may cost.
    pub level: (f64, f64),
}

/// One instrument.
pub struct Listing {
    /// What it has in common with others.
    pub group: &'static Group,
    /// When it trades.
    pub hours: &'static Hours,
    /// The price it wanders around.
    pub level: f64,
    /// The price unit as a power of ten.
    pub exponent: i32,
    /// Units between bid and ask, at least.
    pub spread: i64,
    /// For people.
    pub description: String,
}

macro_rules! group {
    ($name:ident, $id:literal, $title:literal, $sigma:literal, $scarcity:literal, $volume:literal, $decimals:literal, $history:literal, $level:expr) => {
        #[doc = $title]
        pub static $name: Group = Group {
            id: $id,
            code: stringify!($name),
            title: $title,
            sigma: $sigma,
            scarcity: $scarcity,
            volume: $volume,
            volume_decimals: $decimals,
            history: $history,
            level: $level,
        };
    };
}

group!(FX_MAJORS, 18, "Currencies, majors", 0.0045, 0.06, 80.0, 2, 20030504, (0.5, 2.0));
group!(FX_CROSSES, 19, "Currencies, crosses", 0.005, 0.12, 50.0, 2, 20030803, (0.5, 2.0));
group!(FX_METALS, 20, "Precious metals", 0.009, 0.08, 0.02, 5, 20030505, (20.0, 2000.0));
group!(CRYPTO, 21, "Cryptocurrencies", 0.028, 0.03, 0.0004, 6, 20170507, (0.2, 300.0));
group!(ENERGY, 22, "Energy and base metals", 0.016, 0.12, 0.03, 4, 20101202, (2.0, 120.0));
group!(AGRICULTURE, 23, "Agriculture", 0.013, 0.5, 0.008, 4, 20170102, (10.0, 900.0));
group!(IDX_AMERICA, 24, "Indices, America", 0.01, 0.08, 0.02, 4, 20120119, (500.0, 30_000.0));
group!(IDX_EUROPE, 25, "Indices, Europe", 0.01, 0.15, 0.015, 4, 20130101, (500.0, 20_000.0));
group!(IDX_ASIA, 26, "Indices, Asia and Pacific", 0.011, 0.25, 0.01, 4, 20130101, (300.0, 30_000.0));
group!(BONDS, 27, "Bonds", 0.0035, 0.3, 0.02, 4, 20170102, (90.0, 150.0));
group!(STOCKS, 28, "Stocks", 0.016, 0.1, 0.01, 4, 20170126, (15.0, 400.0));

/// Every group.
pub static GROUPS: [&Group; 11] = [
    &FX_MAJORS,
    &FX_CROSSES,
    &FX_METALS,
    &CRYPTO,
    &ENERGY,
    &AGRICULTURE,
    &IDX_AMERICA,
    &IDX_EUROPE,
    &IDX_ASIA,
    &BONDS,
    &STOCKS,
];

struct Known(&'static str, &'static str, &'static Group, &'static Hours, f64);

/// Everything that is neither a currency pair nor a coin, and is known by its name.
static KNOWN: [Known; 53] = [
    Known("XAU-USD", "Gold vs US Dollar", &FX_METALS, &exchanges::FUTURES, 1800.0),
    Known("XAG-USD", "Silver vs US Dollar", &FX_METALS, &exchanges::FUTURES, 23.0),
    Known("XPT.CMD-USD", "Platinum", &FX_METALS, &exchanges::FUTURES, 980.0),
    Known("XPD.CMD-USD", "Palladium", &FX_METALS, &exchanges::FUTURES, 1200.0),
    Known("BRENT.CMD-USD", "Brent crude oil", &ENERGY, &exchanges::FUTURES, 75.0),
    Known("LIGHT.CMD-USD", "Light crude oil", &ENERGY, &exchanges::FUTURES, 71.0),
    Known("DIESEL.CMD-USD", "Gas oil", &ENERGY, &exchanges::FUTURES, 650.0),
    Known("GAS.CMD-USD", "Natural gas", &ENERGY, &exchanges::FUTURES, 3.1),
    Known("COPPER.CMD-USD", "High grade copper", &ENERGY, &exchanges::FUTURES, 3.9),
    Known("COCOA.CMD-USD", "Cocoa", &AGRICULTURE, &exchanges::SOFTS, 2800.0),
    Known("COFFEE.CMD-USX", "Coffee", &AGRICULTURE, &exchanges::SOFTS, 150.0),
    Known("COTTON.CMD-USX", "Cotton", &AGRICULTURE, &exchanges::SOFTS, 80.0),
    Known("OJUICE.CMD-USX", "Orange juice", &AGRICULTURE, &exchanges::SOFTS, 160.0),
    Known("SUGAR.CMD-USD", "Sugar", &AGRICULTURE, &exchanges::SOFTS, 480.0),
    Known("SOYBEAN.CMD-USX", "Soybean", &AGRICULTURE, &exchanges::GRAINS, 1150.0),
    Known("USA500.IDX-USD", "USA 500 index", &IDX_AMERICA, &exchanges::US_INDEX, 3900.0),
    Known("USA30.IDX-USD", "USA 30 index", &IDX_AMERICA, &exchanges::US_INDEX, 31_000.0),
    Known("USATECH.IDX-USD", "USA 100 technical index", &IDX_AMERICA, &exchanges::US_INDEX, 13_000.0),
    Known("USSC2000.IDX-USD", "US small cap 2000", &IDX_AMERICA, &exchanges::US_INDEX, 1900.0),
    Known("VOL.IDX-USD", "US volatility index", &IDX_AMERICA, &exchanges::US_INDEX, 18.0),
    Known("DOLLAR.IDX-USD", "US Dollar index", &IDX_AMERICA, &exchanges::US_INDEX, 100.0),
    Known("DEU.IDX-EUR", "Germany 40 index", &IDX_EUROPE, &exchanges::XETRA, 14_500.0),
    Known("EUS.IDX-EUR", "Europe 50 index", &IDX_EUROPE, &exchanges::XETRA, 4000.0),
    Known("FRA.IDX-EUR", "France 40 index", &IDX_EUROPE, &exchanges::EURONEXT, 6500.0),
    Known("ESP.IDX-EUR", "Spain 35 index", &IDX_EUROPE, &exchanges::EURONEXT, 9200.0),
    Known("ITA.IDX-EUR", "Italy 40 index", &IDX_EUROPE, &exchanges::EURONEXT, 26_000.0),
    Known("NLD.IDX-EUR", "Netherlands 25 index", &IDX_EUROPE, &exchanges::EURONEXT, 720.0),
    Known("CHE.IDX-CHF", "Switzerland 20 index", &IDX_EUROPE, &exchanges::EURONEXT, 11_000.0),
    Known("PLN.IDX-PLN", "Poland 20 index", &IDX_EUROPE, &exchanges::EUROPEAN_STOCK, 2100.0),
    Known("GBR.IDX-GBP", "UK 100 index", &IDX_EUROPE, &exchanges::LONDON, 7300.0),
    Known("SOA.IDX-ZAR", "South Africa 40 index", &IDX_EUROPE, &exchanges::EUROPEAN_STOCK, 65_000.0),
    Known("JPN.IDX-JPY", "Japan 225", &IDX_ASIA, &exchanges::OSAKA, 29_000.0),
    Known("HKG.IDX-HKD", "Hong Kong 40 index", &IDX_ASIA, &exchanges::HONG_KONG, 20_000.0),
    Known("AUS.IDX-AUD", "Australia 200 index", &IDX_ASIA, &exchanges::SYDNEY, 7200.0),
    Known("SGD.IDX-SGD", "Singapore Blue Chip", &IDX_ASIA, &exchanges::SINGAPORE, 340.0),
    Known("CHI.IDX-USD", "China A50 index", &IDX_ASIA, &exchanges::SHANGHAI, 13_000.0),
    Known("IND.IDX-USD", "India 50 index", &IDX_ASIA, &exchanges::SINGAPORE, 18_000.0),
    Known("BUND.TR-EUR", "Euro bund", &BONDS, &exchanges::XETRA, 135.0),
    Known("UKGILT.TR-GBP", "UK long gilt", &BONDS, &exchanges::GILTS, 100.0),
    Known("USTBOND.TR-USD", "US T-bond", &BONDS, &exchanges::FUTURES, 125.0),
    Known("AAPL.US-USD", "Apple", &STOCKS, &exchanges::US_STOCK, 170.0),
    Known("AMZN.US-USD", "Amazon", &STOCKS, &exchanges::US_STOCK, 140.0),
    Known("GOOGL.US-USD", "Alphabet", &STOCKS, &exchanges::US_STOCK, 135.0),
    Known("META.US-USD", "Meta", &STOCKS, &exchanges::US_STOCK, 320.0),
    Known("MSFT.US-USD", "Microsoft", &STOCKS, &exchanges::US_STOCK, 330.0),
    Known("NVDA.US-USD", "Nvidia", &STOCKS, &exchanges::US_STOCK, 90.0),
    Known("TSLA.US-USD", "Tesla", &STOCKS, &exchanges::US_STOCK, 230.0),
    Known("NFLX.US-USD", "Netflix", &STOCKS, &exchanges::US_STOCK, 450.0),
    Known("JPM.US-USD", "JPMorgan Chase", &STOCKS, &exchanges::US_STOCK, 150.0),
    Known("SAP.DE-EUR", "SAP", &STOCKS, &exchanges::EUROPEAN_STOCK, 125.0),
    Known("SIE.DE-EUR", "Siemens", &STOCKS, &exchanges::EUROPEAN_STOCK, 150.0),
    Known("HSBA.GB-GBX", "HSBC", &STOCKS, &exchanges::BRITISH_STOCK, 580.0),
    Known("7203.JP-JPY", "Toyota", &STOCKS, &exchanges::TOKYO_STOCK, 2200.0),
];

/// What one of a currency is worth in US dollars.
const CURRENCIES: [(&str, f64); 31] = [
    ("USD", 1.0),
    ("EUR", 1.12),
    ("GBP", 1.31),
    ("AUD", 0.71),
    ("NZD", 0.65),
    ("CAD", 0.75),
    ("CHF", 1.07),
    ("JPY", 0.0079),
    ("CNH", 0.143),
    ("CNY", 0.143),
    ("HKD", 0.128),
    ("SGD", 0.74),
    ("SEK", 0.1),
    ("NOK", 0.1),
    ("DKK", 0.15),
    ("PLN", 0.25),
    ("CZK", 0.044),
    ("HUF", 0.003),
    ("RON", 0.22),
    ("TRY", 0.05),
    ("ZAR", 0.06),
    ("MXN", 0.053),
    ("ILS", 0.28),
    ("RUB", 0.013),
    ("THB", 0.029),
    ("BRL", 0.19),
    ("INR", 0.012),
    ("KRW", 0.00078),
    ("TWD", 0.032),
    ("SAR", 0.267),
    ("AED", 0.272),
];

const MAJORS: [&str; 7] = ["EUR-USD", "GBP-USD", "AUD-USD", "NZD-USD", "USD-JPY", "USD-CHF", "USD-CAD"];

const CROSSES: [&str; 22] = [
    "EUR-GBP", "EUR-JPY", "EUR-CHF", "EUR-AUD", "EUR-CAD", "EUR-NZD", "EUR-SEK", "EUR-NOK", "GBP-JPY",
    "GBP-CHF", "GBP-AUD", "GBP-CAD", "AUD-JPY", "AUD-NZD", "AUD-CAD", "CAD-JPY", "CHF-JPY", "NZD-JPY",
    "USD-CNH", "USD-SGD", "USD-MXN", "USD-ZAR",
];

/// What a coin is worth in US dollars.
const COINS: [(&str, f64); 26] = [
    ("BTC", 30_000.0),
    ("ETH", 2000.0),
    ("BCH", 300.0),
    ("LTC", 85.0),
    ("XRP", 0.6),
    ("XLM", 0.12),
    ("ADA", 0.5),
    ("DSH", 60.0),
    ("TRX", 0.09),
    ("XMR", 160.0),
    ("EOS", 1.0),
    ("LNK", 12.0),
    ("LINK", 12.0),
    ("UNI", 7.0),
    ("AVE", 90.0),
    ("MKR", 1300.0),
    ("CMP", 60.0),
    ("YFI", 8000.0),
    ("ENJ", 0.5),
    ("BAT", 0.3),
    ("MAT", 0.9),
    ("SOL", 60.0),
    ("DOT", 7.0),
    ("BNB", 300.0),
    ("DOGE", 0.1),
    ("AVAX", 25.0),
];

const COINS_LISTED: [&str; 12] = [
    "BTC-USD", "ETH-USD", "BCH-USD", "LTC-USD", "XRP-USD", "XLM-USD", "ADA-USD", "TRX-USD", "LNK-USD",
    "UNI-USD", "BTC-EUR", "ETH-EUR",
];

/// The names in the listing, in the listing's order.
pub fn names() -> impl Iterator<Item = &'static str> {
    let others = KNOWN.iter().map(|known| known.0);
    MAJORS.into_iter().chain(CROSSES).chain(COINS_LISTED).chain(others)
}

impl Listing {
    /// The instrument of a name, known or guessed. The seed only decides what a guessed one costs.
    pub fn of(seed: u64, symbol: &Symbol) -> Listing {
        let name = symbol.as_str().to_ascii_uppercase();
        let known = KNOWN.iter().find(|known| known.0 == name);
        let (group, hours, level) = match known {
            Some(&Known(_, _, group, hours, level)) => (group, hours, level),
            None => guess(seed, &name),
        };
        let exponent = exponent(group, level);
        let units = level * scale(-exponent);
        Listing {
            group,
            hours,
            level,
            exponent,
            spread: (units * group.sigma * 0.01) as i64 + 1,
            description: known.map_or_else(|| name.replace('-', " vs "), |known| known.1.to_owned()),
        }
    }

    /// First day of the minute history.
    pub fn history(&self) -> Day {
        Day::from_yyyymmdd(self.group.history).expect("the table holds dates")
    }
}

/// 10 to the number of decimals. Dividing by it is exact to the last bit; multiplying by its inverse would not be.
pub fn scale(decimals: i32) -> f64 {
    const POWERS: [f64; 7] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6];
    POWERS[decimals as usize]
}

/// The price unit: five decimals for most pairs, three for those in the hundreds, one for bitcoin.
fn exponent(group: &Group, level: f64) -> i32 {
    match group.code {
        "FX_MAJORS" | "FX_CROSSES" if level < 20.0 => -5,
        "ENERGY" if level < 10.0 => -4,
        "CRYPTO" if level >= 1000.0 => -1,
        "CRYPTO" if level >= 50.0 => -2,
        "CRYPTO" if level >= 5.0 => -3,
        "CRYPTO" => -5,
        _ => -3,
    }
}

type Guess = (&'static Group, &'static Hours, f64);

fn guess(seed: u64, name: &str) -> Guess {
    if let Some((base, quote)) = name.split_once('-') {
        if let Some((_, suffix)) = base.rsplit_once('.') {
            let (group, hours) = by_suffix(suffix, quote);
            return (group, hours, some_level(seed, name, group));
        }
        if let Some(pair) = by_pair(seed, name, base, quote) {
            return pair;
        }
    }
    (&STOCKS, &exchanges::US_STOCK, some_level(seed, name, &STOCKS))
}

fn by_suffix(suffix: &str, quote: &str) -> (&'static Group, &'static Hours) {
    match (suffix, quote) {
        ("IDX", "EUR" | "CHF" | "SEK" | "NOK" | "DKK" | "CZK" | "HUF") => (&IDX_EUROPE, &exchanges::EURONEXT),
        ("IDX", "PLN" | "ZAR") => (&IDX_EUROPE, &exchanges::EUROPEAN_STOCK),
        ("IDX", "GBP") => (&IDX_EUROPE, &exchanges::LONDON),
        ("IDX", "JPY") => (&IDX_ASIA, &exchanges::OSAKA),
        ("IDX", "HKD") => (&IDX_ASIA, &exchanges::HONG_KONG),
        ("IDX", "AUD" | "NZD") => (&IDX_ASIA, &exchanges::SYDNEY),
        ("IDX", "SGD" | "INR") => (&IDX_ASIA, &exchanges::SINGAPORE),
        ("IDX", "CNH" | "CNY") => (&IDX_ASIA, &exchanges::SHANGHAI),
        ("IDX", _) => (&IDX_AMERICA, &exchanges::US_INDEX),
        ("CMD", "USX") => (&AGRICULTURE, &exchanges::SOFTS),
        ("CMD", _) => (&ENERGY, &exchanges::FUTURES),
        ("TR", "EUR" | "CHF") => (&BONDS, &exchanges::XETRA),
        ("TR", "GBP") => (&BONDS, &exchanges::GILTS),
        ("TR", _) => (&BONDS, &exchanges::FUTURES),
        ("GB" | "IE", _) => (&STOCKS, &exchanges::BRITISH_STOCK),
        ("JP", _) => (&STOCKS, &exchanges::TOKYO_STOCK),
        ("US" | "CA", _) => (&STOCKS, &exchanges::US_STOCK),
        (country, _) if country.len() == 2 => (&STOCKS, &exchanges::EUROPEAN_STOCK),
        _ => (&STOCKS, &exchanges::US_STOCK),
    }
}

fn by_pair(seed: u64, name: &str, base: &str, quote: &str) -> Option<Guess> {
    let worth =
        |table: &[(&str, f64)], code: &str| table.iter().find(|known| known.0 == code).map(|known| known.1);
    let money = |code: &str| worth(&CURRENCIES, code).unwrap_or_else(|| some_level(seed, code, &FX_CROSSES));
    if let Some(coin) = worth(&COINS, base) {
        let level = coin / worth(&COINS, quote).unwrap_or_else(|| money(quote));
        return Some((&CRYPTO, &exchanges::COINS, level.max(0.01)));
    }
    if matches!(base, "XAU" | "XAG" | "XPT" | "XPD") {
        let dollars = match base {
            "XAU" => 1800.0,
            "XAG" => 23.0,
            _ => 1000.0,
        };
        return Some((&FX_METALS, &exchanges::FUTURES, dollars / money(quote)));
    }
    let is_code = |code: &str| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_code(base) && is_code(quote) {
        let group = if MAJORS.contains(&name) { &FX_MAJORS } else { &FX_CROSSES };
        return Some((group, &exchanges::CURRENCIES, (money(base) / money(quote)).max(0.005)));
    }
    // A longer name against money is most likely a newer coin.
    let is_coin = is_code(quote) && (4..=6).contains(&base.len());
    is_coin.then(|| (&CRYPTO, &exchanges::COINS, some_level(seed, name, &CRYPTO)))
}

/// Squared, so that small prices are more frequent than large ones.
fn some_level(seed: u64, name: &str, group: &Group) -> f64 {
    let chance = fraction(key(seed, name, "level"));
    group.level.0 + (group.level.1 - group.level.0) * chance * chance
}
