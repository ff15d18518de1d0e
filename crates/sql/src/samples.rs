//! Sample queries about secrets. They are files of `samples/`; each begins with a comment that says what it answers.

/// A sample query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// A short name.
    pub name: &'static str,
    /// The query, with the comment above it. It asks the store `events`.
    pub sql: &'static str,
}

impl Sample {
    /// What the query answers.
    pub fn about(&self) -> &'static str {
        self.sql.lines().next().and_then(|line| line.strip_prefix("-- ")).unwrap_or_default()
    }
}

macro_rules! samples {
    ($($name:literal),* $(,)?) => {
        &[$(Sample { name: $name, sql: include_str!(concat!("../samples/", $name, ".sql")) }),*]
    };
}

/// All sample queries.
pub const SAMPLES: &[Sample] = samples![
    "who-read-a-secret",
    "reads-by-secret",
    "refused-reads",
    "first-time-callers",
    "changes-to-secrets",
    "people-not-machines",
    "bursts",
    "new-addresses",
    "old-tls",
];
