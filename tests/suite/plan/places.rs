//! Other symbols and timeframes with everything they have.

use super::{assert_near, column, numbers, place, refused, rows};

#[test]
fn indicators_of_another_place_give_all_their_outputs() {
    let place = place();
    let request = "macd@4h,bbands_20_2@BTC-USD,macd__signal@4h,macd@4h__hist,sma(source=macd@4h; period=3)";
    let (header, all) = rows(&place, &["query", "EUR-USD/1h", "-i", &request.replace(';', ",")]);
    let names = &header[11..];
    assert_eq!(names[..3], ["macd@4h__macd", "macd@4h__signal", "macd@4h__hist"]);
    assert_eq!(
        names[3..6].iter().filter(|name| name.starts_with("bbands_20_2@BTC-USD__")).count(),
        3,
        "{names:?}"
    );
    assert_eq!(names[6], "macd__signal@4h");
    assert_eq!(names.len(), 8, "what is there already is not repeated: {names:?}");
    let of = |name: &str| numbers(&all, column(&header, name));
    assert_near(&of("macd__signal@4h"), &of("macd@4h__signal"), "one output alone");
    let hist: Vec<f64> = of("macd@4h__macd").iter().zip(of("macd@4h__signal")).map(|(a, b)| a - b).collect();
    assert_near(&of("macd@4h__hist"), &hist, "the difference");
    let macd = of("macd@4h__macd");
    let last = all.len() - 1;
    let mean = (macd[last] + macd[last - 1] + macd[last - 2]) / 3.0;
    assert_near(&[numbers(&all, 18)[last]], &[mean], "a source of several outputs is its first");
    // The same as over there: to the last bit with all of history, and near with sums that begin at another bar.
    let words = ["query", "BTC-USD/1h", "-i", "bbands_20_2", "--order", "desc"];
    let (there, whole) = rows(&place, &words);
    let (_, slice) = rows(&place, &[&words[..], &["--limit", "1"]].concat());
    let number = |text: &str| text.parse::<f64>().expect("a number");
    for (name, (value, of_slice)) in there[11..].iter().zip(whole[0][11..].iter().zip(&slice[0][11..])) {
        let (_, sub) = name.rsplit_once("__").expect("several outputs");
        let here = &all[last][column(&header, &format!("bbands_20_2@BTC-USD__{sub}"))];
        assert_eq!(here, value, "{name}");
        assert_near(&[number(here)], &[number(of_slice)], name);
    }
    assert!(refused(&place, &["query", "EUR-USD/1h", "-i", "macd@4h__line"]).contains("4h__line"));
}

#[test]
fn columns_of_the_bars_are_not_repeated_and_an_empty_slice_has_its_header() {
    let place = place();
    let (header, all) = rows(&place, &["query", "EUR-USD/4h", "-i", "close,hl2,time_ms,volume,close@1d"]);
    assert_eq!(header[11..], ["hl2", "close@1d"]);
    let middle: Vec<f64> =
        numbers(&all, 5).iter().zip(numbers(&all, 6)).map(|(high, low)| (high + low) / 2.0).collect();
    assert_near(&numbers(&all, 11), &middle, "hl2");
    let request = "macd,macd@1d,stretch,sma_20";
    for format in ["csv", "table", "json", "ndjson"] {
        let words = ["query", "EUR-USD/4h", "-i", request, "--after", "2031-01-01", "--format", format];
        let text = String::from_utf8(place.ends(&words, &[0]).stdout).expect("text");
        match format {
            "json" => assert_eq!(text, "[]\n"),
            "ndjson" => assert_eq!(text, ""),
            _ => assert!(text.lines().count() == 1 && text.contains("macd@1d__hist"), "{text}"),
        }
    }
}

#[test]
fn thousands_of_requests_come_out_of_a_file() {
    let place = place();
    let mut text = String::from("# averages\n\n");
    for period in 2..1_200 {
        text += &format!("sma_{period}, ema_{period} # of close\nsma(source=hl2,\n  period={period})\n");
    }
    std::fs::write(place.path("requests.txt"), text).expect("written");
    let words = ["query", "EUR-USD/4h", "--indicators-from", "requests.txt", "-i", "sma_7", "--limit", "20"];
    let (header, all) = rows(&place, &words);
    assert_eq!(header.len(), 11 + 3 * 1_198);
    assert_near(
        &[numbers(&all, column(&header, "sma_7"))[19]],
        &[numbers(&all, 7)[13..].iter().sum::<f64>() / 7.0],
        "sma_7",
    );
    for format in ["json", "ndjson", "table"] {
        let output = place.ends(&[&words[..], &["--format", format]].concat(), &[0]);
        assert!(output.stdout.len() > 50_000, "{format}");
    }
    for (file, word) in [("nothing.txt", "no such file"), ("requests.txt,", "no such file")] {
        let said = refused(&place, &["query", "EUR-USD/4h", "--indicators-from", file]);
        assert!(said.contains("--indicators-from") && said.contains(word), "{said}");
    }
    assert!(refused(&place, &["query", "EUR-USD/4h", "--explain"]).contains("-i sma_20"));
    let explained = place.ends(&[&words[..], &["--explain"]].concat(), &[0]);
    let text = String::from_utf8(explained.stdout).expect("text");
    assert!(text.contains("--json lists all") && text.lines().count() < 250, "{}", text.lines().count());
}
