//! `engine indicators`, as somebody new would try it.

use engine::indicators::catalog;
use serde_json::Value;

use crate::binary::Place;

const CONFIG: &str = "indicators:\n  stretch: {expr: \"(close - sma_20) / atr_14\"}\n  \
                      mine: {command: [python3, mine.py], columns: [a, b], inputs: [sma_20], warm_up: 30}\n";

fn said(place: &Place, words: &[&str], code: i32) -> String {
    let output = place.ends(words, &[code]);
    String::from_utf8(if code == 0 { output.stdout } else { output.stderr }).expect("text")
}

#[test]
fn everything_is_listed_and_told_about() {
    let place = Place::new(&["EUR-USD"], CONFIG);
    let all = said(&place, &["indicators"], 0);
    assert_eq!(all.lines().count(), 1 + catalog().len() + 2);
    assert!(all.contains("macd_12_26_9") && all.contains("(close - sma_20) / atr_14"));
    let cases: [(&str, &[&str]); 7] = [
        ("macd", &["default 26", "macd_12_26_9__signal", "a whole number from 2", "bars before a slice"]),
        ("MACD_5_10", &["macd_12_26_9__hist"]),
        ("stretch", &["(own)", "(close - sma_20) / atr_14"]),
        ("mine", &["python3 mine.py", "mine__a, mine__b", "30 bars", "sma_20"]),
        ("volatility", &["atr_14", "natr_14"]),
        ("average", &["sma_", "ema_"]),
        ("stretc", &["stretch"]),
    ];
    for (name, words) in cases {
        let text = said(&place, &["indicators", name], 0);
        words.iter().for_each(|word| assert!(text.contains(word), "{name} lacks '{word}': {text}"));
    }
    // Without a configuration there is the catalogue.
    let bare = Place::new(&[], "");
    std::fs::remove_file(bare.path("config.yaml")).expect("removed");
    assert_eq!(said(&bare, &["indicators"], 0).lines().count(), 1 + catalog().len());
}

#[test]
fn mistyped_names_are_answered_with_the_nearest() {
    let place = Place::new(&["EUR-USD"], CONFIG);
    for (name, words) in [
        ("smaa", &["the nearest:", "sma"][..]),
        ("strech", &["stretch"]),
        ("macd_1", &["fast is a whole number from 2", "macd_12_26_9"]),
        ("xyzxyzxyz", &["none speaks of it", "`engine indicators` lists all"]),
        ("server_time_ms", &["a column of the bars"]),
    ] {
        let text = said(&place, &["indicators", name], 2);
        words.iter().for_each(|word| assert!(text.contains(word), "{name} lacks '{word}': {text}"));
    }
}

#[test]
fn machines_get_all_of_it() {
    let place = Place::new(&["EUR-USD"], CONFIG);
    let all: Vec<Value> =
        serde_json::from_str(&said(&place, &["indicators", "--json"], 0)).expect("a list of objects");
    assert_eq!(all.len(), catalog().len() + 2);
    for (entry, indicator) in all.iter().zip(catalog()) {
        assert_eq!(entry["name"], indicator.name);
        assert_eq!(entry["outputs"].as_array().map(Vec::len), Some(indicator.outputs.len()));
        assert_eq!(entry["inputs"].as_array().map(Vec::len), Some(indicator.inputs.len()));
        assert!(entry["warm_up"]["from"].is_string() && entry["warm_up"]["rows"].is_u64(), "{entry}");
        for (param, known) in entry["params"].as_array().expect("a list").iter().zip(indicator.params) {
            assert_eq!(param["name"], known.name);
            let kind = param["type"].as_str().expect("a word");
            let (min, max, default) = (&param["min"], &param["max"], &param["default"]);
            match kind {
                "word" => assert!(param["words"].as_array().expect("a list").contains(default), "{param}"),
                _ => assert!(
                    min.as_f64() <= default.as_f64() && default.as_f64() <= max.as_f64() && min.is_number(),
                    "{param}"
                ),
            }
        }
    }
    let mine = &all[catalog().len()];
    assert_eq!((&mine["name"], &mine["family"]), (&"mine".into(), &"own".into()));
    assert_eq!(mine["columns"], serde_json::json!(["mine__a", "mine__b"]));
}
