//! How answers are written.

mod csv;
mod json;
mod parquet;
mod table;

use std::{io::Write, path::Path};

use keeptrail_sql::Answer;

use super::QueryError;

/// The forms of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// A table for people.
    Table,
    /// CSV with a header line. Text that a spreadsheet would take for a formula gets a ' before it.
    Csv,
    /// One JSON object a line.
    Json,
    /// A Parquet file.
    Parquet,
}

impl Format {
    /// By the ending of a file's name; CSV if it says nothing.
    pub(super) fn of_file(path: &Path) -> Self {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("json" | "jsonl" | "ndjson") => Self::Json,
            Some("parquet") => Self::Parquet,
            Some("txt") => Self::Table,
            _ => Self::Csv,
        }
    }
}

pub(super) async fn write(answer: &mut Answer, format: Format, out: &mut dyn Write) -> Result<(), QueryError> {
    match format {
        Format::Table => table::write(answer, out).await,
        Format::Csv => csv::write(answer, out).await,
        Format::Json => json::write(answer, out).await,
        Format::Parquet => parquet::write(answer, out).await,
    }
}

/// The text with what would move a terminal's cursor, change its colours or turn the writing direction made visible.
/// Events carry what callers sent, such as user agents.
pub(super) fn visible(text: &str, lines: bool) -> String {
    if !text.chars().any(is_control) {
        return text.to_owned();
    }
    let mut visible = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' if lines => visible.push('\n'),
            c if is_control(c) => visible.extend(c.escape_unicode()),
            c => visible.push(c),
        }
    }
    visible
}

fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The columns' names, made different from each other with `_2`, `_3` ….
fn distinct_names(answer: &Answer) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(answer.columns().len());
    for column in answer.columns() {
        let mut name = column.name.clone();
        let mut count = 2;
        while names.contains(&name) {
            name = format!("{}_{count}", column.name);
            count += 1;
        }
        names.push(name);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_steer_a_terminal_is_shown_instead() {
        for (text, shown) in [
            ("plain ä", "plain ä"),
            ("\u{1b}[2J", "\\u{1b}[2J"),
            ("a\nb\r", "a\\u{a}b\\u{d}"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("user\u{202e}txt", "user\\u{202e}txt"),
        ] {
            assert_eq!(visible(text, false), shown);
        }
        assert_eq!(visible("a\nb\u{7}", true), "a\nb\\u{7}");
    }

    #[test]
    fn the_ending_of_a_file_says_its_form() {
        for (name, format) in
            [("a.csv", Format::Csv), ("a.json", Format::Json), ("a.parquet", Format::Parquet), ("a", Format::Csv)]
        {
            assert_eq!(Format::of_file(Path::new(name)), format);
        }
    }
}
