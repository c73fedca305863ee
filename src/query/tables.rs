//! Series as tables of SQL: `eurusd_1h`, and the select word in double quotes.

use polars::prelude::{DataType, TimeUnit};

use super::{COLUMNS, Catalog, QueryError, Select, nearest, parse_selects};
use crate::model::{Symbol, Timeframe};

/// The columns that series have as tables, and what is in them.
pub const BAR_COLUMNS: [(&str, DataType); COLUMNS.len()] = [
    ("symbol", DataType::String),
    ("timeframe", DataType::String),
    ("time", DataType::Datetime(TimeUnit::Milliseconds, None)),
    ("time_ms", DataType::Int64),
    ("open", DataType::Float64),
    ("high", DataType::Float64),
    ("low", DataType::Float64),
    ("close", DataType::Float64),
    ("volume", DataType::Float64),
    ("count", DataType::UInt32),
    ("closed", DataType::Boolean),
];

/// The short name of a series as a table: the symbol's letters and digits in lower case, `_`, the timeframe.
pub fn table_name(symbol: &Symbol, timeframe: &Timeframe) -> String {
    format!("{}_{timeframe}", short(symbol))
}

/// The series that a table's name stands for: a short name in any case, or a select word of one timeframe.
///
/// Of timeframes case decides, as it does everywhere: `eurusd_1m` has minutes, `eurusd_1M` months. For those whose tools
/// fold case, `eurusd_1mo` has months too; `EURUSD_1H` is understood because there is only one such timeframe.
///
/// # Errors
/// [`QueryError::UnknownTable`] and [`QueryError::AmbiguousTable`]; those of [`parse_selects`] and [`Catalog::check`] for
/// select words.
pub fn table_select(catalog: &Catalog<'_>, name: &str) -> Result<Select, QueryError> {
    if name.contains('/') {
        return quoted(catalog, name);
    }
    let same_case = |typed: &str, id: &str| typed == id;
    let month = |typed: &str, id: &str| {
        let typed = typed.to_ascii_lowercase();
        id.strip_suffix('M').is_some_and(|number| typed.strip_suffix("mo") == Some(number))
    };
    let any_case = |typed: &str, id: &str| typed.eq_ignore_ascii_case(id);
    let ways: [fn(&str, &str) -> bool; 3] = [same_case, month, any_case];
    for is_same in ways {
        let is_meant = |select: &Select| {
            rest(name, &select.symbol).is_some_and(|id| is_same(id, select.timeframe.as_str()))
        };
        let mut found: Vec<Select> = catalog.selects().filter(is_meant).collect();
        match found.len() {
            0 => {}
            1 => return Ok(found.swap_remove(0)),
            _ => {
                let series = found.iter().map(|select| format!("\"{select}\"")).collect();
                return Err(QueryError::AmbiguousTable { name: name.to_owned(), series });
            }
        }
    }
    let known: Vec<String> =
        catalog.selects().map(|select| table_name(&select.symbol, &select.timeframe)).collect();
    let nearest = nearest(name, known.iter().map(String::as_str));
    Err(QueryError::UnknownTable { name: name.to_owned(), nearest })
}

fn quoted(catalog: &Catalog<'_>, word: &str) -> Result<Select, QueryError> {
    let mut selects = parse_selects(word)?;
    if selects.len() > 1 {
        let reason = "a table is one series: name one timeframe".to_owned();
        return Err(QueryError::Select { word: word.to_owned(), reason });
    }
    let select = selects.swap_remove(0);
    catalog.check(&select)?;
    Ok(select)
}

/// What follows the symbol and `_` in a table's name.
fn rest<'a>(name: &'a str, symbol: &Symbol) -> Option<&'a str> {
    let short = short(symbol);
    let (front, back) = name.split_at_checked(short.len())?;
    front.eq_ignore_ascii_case(&short).then(|| back.strip_prefix('_'))?
}

fn short(symbol: &Symbol) -> String {
    let plain = symbol.as_str().chars().filter(char::is_ascii_alphanumeric);
    plain.map(|c| c.to_ascii_lowercase()).collect()
}
