//! Completion of what is being typed: columns, fields, functions, stores and the words of SQL.

use keeptrail_sql::schema::lake_schema;
use rustyline::{
    Context, Helper, Result,
    completion::Completer,
    highlight::Highlighter,
    hint::Hinter,
    validate::{ValidationContext, ValidationResult, Validator},
};

const WORDS: [&str; 34] = [
    "SELECT",
    "DISTINCT",
    "FROM",
    "WHERE",
    "GROUP BY",
    "HAVING",
    "ORDER BY",
    "LIMIT",
    "OFFSET",
    "AND",
    "OR",
    "NOT",
    "IN",
    "LIKE",
    "BETWEEN",
    "IS NULL",
    "IS NOT NULL",
    "AS",
    "ASC",
    "DESC",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "CAST",
    "UNION ALL",
    "JOIN",
    "LEFT JOIN",
    "CROSS JOIN UNNEST",
    "WITH",
    "OVER",
    "PARTITION BY",
    "INTERVAL",
];

/// What can be completed.
pub(super) struct Completions(Vec<String>);

impl Completions {
    pub(super) fn new(functions: Vec<String>, stores: &[String]) -> Self {
        let mut names: Vec<String> = lake_schema().fields().iter().map(|field| field.name().clone()).collect();
        names.extend(stores.iter().cloned());
        names.extend(functions.into_iter().map(|function| format!("{function}(")));
        names.extend(WORDS.map(str::to_owned));
        names.extend(super::shell::COMMANDS.map(|(command, _)| command.to_owned()));
        Self(names)
    }

    /// The place where the word before the cursor begins, and what it can become.
    fn of(&self, line: &str, cursor: usize) -> (usize, Vec<String>) {
        let before = line.get(..cursor).unwrap_or(line);
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-' || c == '.';
        let start = before.rfind(|c: char| !is_part(c)).map_or(0, |place| place + 1);
        let typed = before.get(start..).unwrap_or_default();
        let matches = self.0.iter().filter(|name| {
            !typed.is_empty() && name.get(..typed.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(typed))
        });
        (start, matches.cloned().collect())
    }
}

impl Completer for Completions {
    type Candidate = String;

    fn complete(&self, line: &str, cursor: usize, _context: &Context<'_>) -> Result<(usize, Vec<String>)> {
        Ok(self.of(line, cursor))
    }
}

impl Hinter for Completions {
    type Hint = String;
}

impl Highlighter for Completions {}

impl Validator for Completions {
    /// A statement goes on until its semicolon; a command and an empty line are done.
    fn validate(&self, context: &mut ValidationContext<'_>) -> Result<ValidationResult> {
        let input = context.input().trim();
        let done = input.is_empty() || input.starts_with('.') || input.ends_with(';');
        Ok(if done { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

impl Helper for Completions {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_completed_in_any_case() {
        let completions = Completions::new(vec!["date_add".to_owned(), "date_diff".to_owned()], &["events".to_owned()]);
        let line = "SELECT eventNa";

        assert_eq!(completions.of(line, line.len()), (7, vec!["eventname".to_owned()]));
        assert_eq!(completions.of("DATE_", 5), (0, vec!["date_add(".to_owned(), "date_diff(".to_owned()]));
        assert_eq!(completions.of("SELECT ", 7).1, Vec::<String>::new());
    }
}
