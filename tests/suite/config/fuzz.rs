//! Any text at all.

use super::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Whatever happens to a text on its way, the answer is settings or problems with a file, never a panic.
    #[test]
    fn no_text_makes_the_reader_panic(
        which in 0..6_usize,
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..8_usize, "[ \\-\\[\\]{}:,#&*!?'\"\\n\\tA-z0-9\u{E000}é]{0,4}"), 1..6),
    ) {
        const FILES: [&str; 6] = ["config.yaml", "config/timeframes.yaml", "config/mt4/origins.yaml",
            "config/mt4/sessions/AUS.IDX-AUD.yaml", "config/mt4/sessions/SGD.IDX-SGD.yaml", "config.dukascopy-mt4.yaml"];
        let mut text: Vec<char> = fs::read_to_string(shipped(FILES[which])).unwrap().chars().collect();
        let indent = |prefix: &str, text: String| format!("{prefix}{}", text.replace('\n', "\n    "));
        for (at, length, new) in cuts {
            let from = at.index(text.len() + 1);
            let to = (from + length).min(text.len());
            text.splice(from..to, new.chars());
        }
        let text: String = text.into_iter().collect();
        let text = match which {
            1 => indent("resample:\n  timeframes:\n    ", text),
            2..=4 => indent("resample:\n  symbols:\n    ", text),
            _ => text,
        };
        match load_text(&text) {
            Ok(loaded) => prop_assert!(!config::show(&loaded).is_empty()),
            Err(ConfigError::Faulty { problems }) => {
                prop_assert!(!problems.is_empty());
                prop_assert!(problems.iter().all(|problem| !problem.reason.is_empty() && !problem.remedy.is_empty()));
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}
