//! The report page: whole, alone, and nobody's markup but its own.

use engine::audit::coverage::{Audit, Order};
use engine::audit::html::{Title, escaped, write};

use super::{audited, calm, day, put, symbol};
use crate::binary::Place;
use crate::textbook::at;
use crate::textbook::world::World;

const HOSTILE: &str = "</script><script>alert('1')</script><img src=x onerror=\"alert(2)\"> & so on";

fn page(audit: &Audit) -> String {
    let order = Order {
        symbols: audit.symbols.iter().map(|symbol| symbol.symbol.clone()).collect(),
        from: None,
        to: day("2024-02-29"),
        gap_minutes: 60,
        deep: false,
    };
    let mut page = Vec::new();
    let title = Title { made_ms: at("2024-03-01 12:00"), order: &order };
    write(audit, &title, &mut page).expect("writing to memory cannot fail");
    String::from_utf8(page).expect("text")
}

/// The page without plotly's own script: strings in there name sites that only its maps would visit.
fn own(page: &str) -> String {
    let library = page.find("<script type=\"text/javascript\">").expect("the library");
    let end = library + page[library..].find("</script>").expect("its end");
    format!("{}{}", &page[..library], &page[end..])
}

fn troubled() -> Audit {
    let world = World::new(|_| {});
    for name in ["EUR-USD", "XAU-USD"] {
        for date in day("2024-01-08").through(day("2024-02-27")).filter(|date| date.weekday() < 5) {
            put(&world, &symbol(name), date, &calm(date, 0..1440));
        }
    }
    // Nothing is wrong with these bytes any more, so what was said about them is what is told.
    let bytes = super::payload(day("2024-02-28"), &calm(day("2024-02-28"), 0..10));
    world
        .lake
        .write_refused_payload(&symbol("EUR-USD"), day("2024-02-28"), &bytes, HOSTILE)
        .expect("written");
    audited(&world, &["EUR-USD", "XAU-USD"], "2024-02-29", |_| {})
}

#[test]
fn markup_from_outside_stays_text() {
    assert_eq!(escaped("<b a='1' c=\"2\">&"), "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;");
    let audit = troubled();
    assert_eq!(audit.symbols[0].damages[0].reason.as_deref(), Some(HOSTILE));
    let page = page(&audit);
    assert!(page.contains(&escaped(HOSTILE)), "it is told");
    let own = own(&page);
    assert!(
        !own.contains("alert('1')") && !own.contains("<img") && !own.contains("onerror=\""),
        "but not as markup"
    );
    // Two scripts begin and end: the library and our own.
    assert_eq!(page.matches("</script>").count(), 2);
    assert_eq!(own.matches("<script").count(), 1);
}

#[test]
fn the_page_needs_nothing_else_and_forbids_to_ask_for_it() {
    let page = page(&troubled());
    // What was said about a payload is text that may speak of anything.
    let own = own(&page).replace(&escaped(HOSTILE), "");
    for outside in ["src=", "href=", "http:", "https:", "//cdn", "@import", "url("] {
        assert!(!own.contains(outside), "{outside} stands in the page");
    }
    assert!(page.contains("default-src 'none'"), "the browser is told not to fetch anything");
    assert!(!page.contains("connect-src"), "nor to ask");
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    assert!(page.len() > 4_000_000, "the library is in it: {} bytes", page.len());
    assert!(own.len() < 120_000, "two symbols of two months are small: {} bytes", own.len());
}

/// The data the page draws from.
fn data(page: &str) -> serde_json::Value {
    let begin = page.find("const AUDIT = ").expect("the data") + "const AUDIT = ".len();
    let end = begin + page[begin..].find(";\n").expect("its end");
    serde_json::from_str(&page[begin..end]).expect("one JSON text")
}

#[test]
fn the_pictures_show_every_day_with_its_state_and_bars() {
    let audit = troubled();
    let data = data(&page(&audit));
    let euro = &data["symbols"][0];
    assert_eq!(euro["name"], "EUR-USD");
    assert_eq!(euro["first"].as_i64(), Some(day("2024-01-08").epoch_days().into()));
    let states = euro["states"].as_str().expect("a text");
    let bars = euro["bars"].as_str().expect("a text");
    // 2024-01-08 to 2024-02-29: 53 days; the last but one is damaged (6), the last is missing (5), Saturdays are shut (0).
    assert_eq!((states.len(), bars.len()), (53, 106));
    assert_eq!((&states[..7], &states[51..]), ("2222200", "65"));
    // 1440 = 22 * 64 + 32: the letters M and W.
    assert_eq!((&bars[..2], &bars[102..]), ("MW", "0000"));
    assert_eq!(data["states"][5], "missing");
    let picture = &data["overview"]["data"][0];
    assert_eq!(picture["type"], "heatmap");
    // February 2024: 21 weekdays, of which one is damaged and one is missing.
    let sound = picture["z"][0][1].as_f64().expect("a number");
    assert!((sound - 19.0 / 21.0 * 100.0).abs() < 1e-9, "{sound}");
    assert_eq!(data["calendar"]["data"][0]["type"], "heatmap");
}

#[test]
fn the_binary_writes_it_whole_or_not_at_all() {
    let place = Place::new(&["EUR-USD"], "");
    let date = day("2024-01-08");
    place
        .lake()
        .write_finished(&symbol("EUR-USD"), date, &super::payload(date, &calm(date, 0..1440)))
        .expect("written");
    let words = |file: &str| ["audit", "--now", "2024-01-09 12:00", "-o", file].map(str::to_owned);
    let run = |file: &str| {
        let words = words(file);
        place.engine(&words.each_ref().map(String::as_str)).output().expect("the binary runs")
    };
    let output = run("report.html");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), said.contains("report.html")), (Some(0), true), "{said}");
    let page = std::fs::read_to_string(place.path("report.html")).expect("a file");
    assert!(page.ends_with("</html>\n"));
    assert!(!place.path(".report.html.beside").exists());
    std::fs::create_dir(place.path("folder")).expect("made");
    assert_eq!(run("folder").status.code(), Some(2), "a folder is no file");
}
