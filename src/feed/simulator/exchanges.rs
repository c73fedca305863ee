//! The exchanges: their clocks, sessions and busy hours. A table.

use chrono_tz::{America, Asia, Australia, Europe};

use super::holidays::Calendar;
use super::hours::{Busy, Hours, Session};

const WEEK: u8 = 0b001_1111;
const NIGHTS: u8 = 0b011_1110;
const EVERY_DAY: u8 = 0b111_1111;

const fn session(weekdays: u8, start: i32, end: i32) -> Session {
    Session { weekdays, start, end }
}

const fn busy(from: i32, until: i32, weight: f64) -> Busy {
    Busy { from, until, weight }
}

const fn at(hour: i32, minute: i32) -> i32 {
    hour * 60 + minute
}

const fn eve(hour: i32, minute: i32) -> i32 {
    at(hour, minute) - 24 * 60
}

const AROUND_THE_WEEK: [u64; 7] = [16, 16, 16, 16, 14, 1, 2];
const WORKING_DAYS: [u64; 7] = [16, 16, 16, 16, 16, 1, 0];
const ALWAYS: [u64; 7] = [16; 7];

/// Shuts Christmas and New Year for the whole UTC day: 19:00 of a New York winter is 00:00 UTC.
const NEW_YORK_CLOSING: (i32, i32) = (eve(17, 0), at(19, 0));
const LOCAL_CLOSING: (i32, i32) = (0, 24 * 60);

/// Sunday 17:00 to Friday 17:00 New York; busy with Tokyo, London and New York.
pub static CURRENCIES: Hours = Hours {
    id: "fx",
    zone: America::New_York,
    sessions: &[session(WEEK, eve(17, 0), at(17, 0))],
    closing: NEW_YORK_CLOSING,
    calendar: Calendar::Currency,
    steps: AROUND_THE_WEEK,
    quiet: 0.25,
    busy: &[
        busy(at(19, 0), at(24, 0), 0.5),
        busy(0, at(2, 0), 0.3),
        busy(at(3, 0), at(11, 30), 1.0),
        busy(at(8, 0), at(17, 0), 1.0),
    ],
};

/// Day and night.
pub static COINS: Hours = Hours {
    id: "crypto",
    zone: America::New_York,
    sessions: &[session(EVERY_DAY, eve(17, 0), at(17, 0))],
    closing: NEW_YORK_CLOSING,
    calendar: Calendar::None,
    steps: ALWAYS,
    quiet: 0.6,
    busy: &[busy(at(3, 0), at(11, 30), 0.5), busy(at(8, 0), at(17, 0), 0.7)],
};

/// Metals and energy: 18:00 to 17:00 New York with the daily hour's break.
pub static FUTURES: Hours = Hours {
    id: "futures",
    zone: America::New_York,
    sessions: &[session(WEEK, eve(18, 0), at(17, 0))],
    closing: NEW_YORK_CLOSING,
    calendar: Calendar::Futures,
    steps: AROUND_THE_WEEK,
    quiet: 0.3,
    busy: &[busy(at(3, 0), at(11, 30), 0.8), busy(at(8, 20), at(14, 30), 1.4)],
};

/// As the futures, with a second break after the stock exchange's close.
pub static US_INDEX: Hours = Hours {
    id: "us-index",
    zone: America::New_York,
    sessions: &[session(WEEK, eve(18, 0), at(16, 15)), session(WEEK, at(16, 30), at(17, 0))],
    closing: NEW_YORK_CLOSING,
    calendar: Calendar::Futures,
    steps: AROUND_THE_WEEK,
    quiet: 0.3,
    busy: &[busy(at(3, 0), at(11, 30), 0.3), busy(at(9, 30), at(16, 0), 2.0)],
};

/// The New York Stock Exchange.
pub static US_STOCK: Hours = Hours {
    id: "us-stock",
    zone: America::New_York,
    sessions: &[session(WEEK, at(9, 30), at(16, 0))],
    closing: LOCAL_CLOSING,
    calendar: Calendar::UsStocks,
    steps: WORKING_DAYS,
    quiet: 0.3,
    busy: &[busy(at(9, 30), at(16, 0), 2.0)],
};

/// Cocoa, coffee, cotton, sugar.
pub static SOFTS: Hours = Hours {
    id: "softs",
    zone: America::New_York,
    sessions: &[session(WEEK, at(4, 45), at(13, 30))],
    closing: LOCAL_CLOSING,
    calendar: Calendar::UsStocks,
    steps: WORKING_DAYS,
    quiet: 0.3,
    busy: &[busy(at(4, 45), at(13, 30), 1.5)],
};

/// Chicago: the evening and night, a morning break, the day.
pub static GRAINS: Hours = Hours {
    id: "grains",
    zone: America::Chicago,
    sessions: &[session(WEEK, eve(19, 0), at(7, 45)), session(WEEK, at(8, 30), at(13, 20))],
    closing: (eve(17, 0), at(18, 0)),
    calendar: Calendar::Futures,
    steps: AROUND_THE_WEEK,
    quiet: 0.25,
    busy: &[busy(at(8, 30), at(13, 20), 2.0)],
};

/// German futures: before, during and after the stock exchange.
pub static XETRA: Hours = Hours {
    id: "xetra",
    zone: Europe::Berlin,
    sessions: &[session(WEEK, at(1, 15), at(22, 0))],
    closing: LOCAL_CLOSING,
    calendar: Calendar::Europe,
    steps: WORKING_DAYS,
    quiet: 0.25,
    busy: &[busy(at(8, 0), at(22, 0), 0.3), busy(at(9, 0), at(17, 30), 1.6)],
};

/// Other continental indices: a day and an evening session.
pub static EURONEXT: Hours = Hours {
    id: "euronext",
    zone: Europe::Paris,
    sessions: &[session(WEEK, at(8, 0), at(17, 35)), session(WEEK, at(17, 50), at(22, 0))],
    closing: LOCAL_CLOSING,
    calendar: Calendar::Europe,
    steps: WORKING_DAYS,
    quiet: 0.25,
    busy: &[busy(at(9, 0), at(17, 30), 1.7)],
};

/// London's index future.
pub static LONDON: Hours = Hours {
    id: "london",
    zone: Europe::London,
    sessions: &[session(WEEK, at(1, 0), at(21, 0))],
    closing: LOCAL_CLOSING,
    calendar: Calendar::Commonwealth,
    steps: WORKING_DAYS,
    quiet: 0.25,
    busy: &[busy(at(8, 0), at(16, 30), 1.8)],
};

/// Gilts.
pub static GILTS: Hours = Hours {
    id: "gilts",
    zone: Europe::London,
    sessions: &[session(WEEK, at(8, 0), at(18, 0))],
    closing: LOCAL_CLOSING,
    calendar: Calendar::Commonwealth,
    steps: WORKING_DAYS,
    quiet: 0.3,
    busy: &[busy(at(8, 0), at(18, 0), 1.5)],
};

/// Stocks of the continent.
pub static EUROPEAN_STOCK: Hours = Hours {
    id: "european-stock",
    zone: Europe::Berlin,
    sessions: &[session(WEEK, at(9, 0), at(17, 30))],
    closing: LOCAL_CLOSING,
    calendar: Calendar::Europe,
    steps: WORKING_DAYS,
    quiet: 0.3,
    busy: &[busy(at(9, 0), at(17, 30), 1.8)],
};

/// Stocks of London.
pub static BRITISH_STOCK: Hours = Hours {
    id: "british-stock",
    zone: Europe::London,
    sessions: &[session(WEEK, at(8, 0), at(16, 30))],
    closing: LOCAL_CLOSING,
    calendar: Calendar::Commonwealth,
    steps: WORKING_DAYS,
    quiet: 0.3,
    busy: &[busy(at(8, 0), at(16, 30), 1.8)],
};

/// Hong Kong: two halves around lunch, and the night.
pub static HONG_KONG: Hours = Hours {
    id: "hong-kong",
    zone: Asia::Hong_Kong,
    sessions: &[
        session(NIGHTS, eve(17, 15), at(3, 0)),
        session(WEEK, at(9, 15), at(12, 0)),
        session(WEEK, at(13, 0), at(16, 30)),
    ],
    closing: (eve(17, 0), at(24 + 4, 0)),
    calendar: Calendar::Commonwealth,
    steps: WORKING_DAYS,
    quiet: 0.25,
    busy: &[busy(at(9, 15), at(12, 0), 1.8), busy(at(13, 0), at(16, 30), 1.6)],
};

/// Osaka: the day and the night.
pub static OSAKA: Hours = Hours {
    id: "osaka",
    zone: Asia::Tokyo,
    sessions: &[session(NIGHTS, eve(16, 30), at(5, 30)), session(WEEK, at(8, 45), at(15, 15))],
    // Until 09:00 of the morning after: that is 00:00 UTC.
    closing: (eve(16, 0), at(24 + 9, 0)),
    calendar: Calendar::Japan,
    steps: AROUND_THE_WEEK,
    quiet: 0.25,
    busy: &[busy(at(8, 45), at(15, 15), 1.8)],
};

/// Singapore: the day and the night.
pub static SINGAPORE: Hours = Hours {
    id: "singapore",
    zone: Asia::Singapore,
    sessions: &[session(NIGHTS, eve(17, 50), at(5, 15)), session(WEEK, at(8, 30), at(17, 20))],
    closing: (eve(17, 30), at(24 + 6, 0)),
    calendar: Calendar::Commonwealth,
    steps: WORKING_DAYS,
    quiet: 0.25,
    busy: &[busy(at(8, 30), at(17, 20), 1.8)],
};

/// Chinese shares as traded from Singapore.
pub static SHANGHAI: Hours = Hours {
    id: "shanghai",
    zone: Asia::Shanghai,
    sessions: &[session(NIGHTS, eve(17, 0), at(4, 45)), session(WEEK, at(9, 0), at(16, 35))],
    closing: (eve(16, 45), at(24 + 6, 0)),
    calendar: Calendar::Commonwealth,
    steps: WORKING_DAYS,
    quiet: 0.25,
    busy: &[busy(at(9, 0), at(16, 35), 1.8)],
};

/// Sydney: the day and the night.
pub static SYDNEY: Hours = Hours {
    id: "sydney",
    zone: Australia::Sydney,
    sessions: &[session(NIGHTS, eve(17, 10), at(7, 0)), session(WEEK, at(9, 50), at(16, 30))],
    // Until 11:00 of the morning after: that is 00:00 UTC in southern summer.
    closing: (eve(16, 45), at(24 + 11, 0)),
    calendar: Calendar::Commonwealth,
    steps: AROUND_THE_WEEK,
    quiet: 0.25,
    busy: &[busy(at(9, 50), at(16, 30), 1.8)],
};

/// Every kind of hours.
pub static ALL: [&Hours; 19] = [
    &CURRENCIES,
    &COINS,
    &FUTURES,
    &US_INDEX,
    &US_STOCK,
    &SOFTS,
    &GRAINS,
    &XETRA,
    &EURONEXT,
    &LONDON,
    &GILTS,
    &EUROPEAN_STOCK,
    &BRITISH_STOCK,
    &HONG_KONG,
    &OSAKA,
    &SINGAPORE,
    &SHANGHAI,
    &SYDNEY,
    &TOKYO_STOCK,
];

/// Stocks of Tokyo, with lunch.
pub static TOKYO_STOCK: Hours = Hours {
    id: "tokyo-stock",
    zone: Asia::Tokyo,
    sessions: &[session(WEEK, at(9, 0), at(11, 30)), session(WEEK, at(12, 30), at(15, 0))],
    closing: LOCAL_CLOSING,
    calendar: Calendar::Japan,
    steps: WORKING_DAYS,
    quiet: 0.3,
    busy: &[busy(at(9, 0), at(15, 0), 1.8)],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_session_ends_before_midnight_and_after_it_began() {
        for hours in ALL {
            assert!(hours.sessions.iter().all(|s| s.start < s.end && s.end < 24 * 60 && s.start > -24 * 60));
        }
    }
}
