//! Three-valued truth: what a comparison says when it may not be able to say.

/// The outcome of matching a part of a statement.
///
/// `Unknown` means that the comparison could not be made (a variable without a value, a number that is none). A statement
/// that is `Unknown` never grants and always denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ternary {
    No,
    Unknown,
    Yes,
}

impl Ternary {
    pub(crate) fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }

    /// True when one is true; stops at the first `Yes`. False over nothing.
    pub(crate) fn any(outcomes: impl Iterator<Item = Self>) -> Self {
        let mut result = Self::No;
        for outcome in outcomes {
            if outcome == Self::Yes {
                return Self::Yes;
            }
            result = result.max(outcome);
        }
        result
    }

    /// True when all are true; stops at the first `No`. True over nothing.
    pub(crate) fn all(outcomes: impl Iterator<Item = Self>) -> Self {
        Self::any(outcomes.map(Self::not)).not()
    }

    /// A match that depended on a value nobody knows is no certain match; a mismatch is certain whatever the value.
    pub(crate) fn at_most_unknown(self) -> Self {
        self.min(Self::Unknown)
    }
}

impl From<bool> for Ternary {
    fn from(value: bool) -> Self {
        if value { Self::Yes } else { Self::No }
    }
}
