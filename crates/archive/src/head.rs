//! What the names of a top-level object's members say.

use crate::Kind;

/// What one member means for its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Member {
    /// Nothing.
    Plain,
    /// The array of records, if its value is one.
    Records,
    /// The file is of another kind.
    Proves(Kind),
}

/// What was seen of a top-level object.
#[derive(Debug, Default)]
pub(crate) struct Head {
    record: bool,
    wrapper: bool,
}

impl Head {
    /// An object whose array of records was read.
    pub(crate) fn after_records() -> Self {
        Self { record: false, wrapper: true }
    }

    pub(crate) fn see(&mut self, name: &[u8]) -> Member {
        if name == b"Records" {
            return Member::Records;
        }
        match Kind::of_member(name) {
            Some(Kind::LogFile) => {
                self.record = true;
                Member::Plain
            }
            Some(kind) if !self.wrapper => Member::Proves(kind),
            _ => Member::Plain,
        }
    }

    /// Whether the whole object is a record; the kind that it is instead.
    pub(crate) fn verdict(&self) -> Result<bool, Kind> {
        match (self.wrapper, self.record) {
            (true, _) => Ok(false),
            (false, true) => Ok(true),
            (false, false) => Err(Kind::Unknown),
        }
    }
}
