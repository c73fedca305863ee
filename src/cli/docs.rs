//! `docs/CLI.md` out of the clap tree, so that it cannot drift.

use std::fmt::Write;

use clap::Command;

use super::app;

/// The help of every command as one Markdown text.
pub fn markdown() -> String {
    let mut root = app::command().term_width(100);
    root.build();
    let mut text = String::from(
        "# The command line\n\nGenerated from the program's own help; `UPDATE_DOCS=1 cargo test --test suite cli::` writes it anew.\n",
    );
    section(&mut root, "engine", &mut text);
    text
}

fn section(command: &mut Command, path: &str, text: &mut String) {
    let help = command.render_long_help().to_string();
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    write!(text, "\n## {path}\n\n```text\n{}\n```\n", lines.join("\n").trim())
        .expect("a String takes everything");
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in names.iter().filter(|name| *name != "help") {
        if let Some(sub) = command.find_subcommand_mut(name) {
            section(sub, &format!("{path} {name}"), text);
        }
    }
}
