//! The files' order: what is searched together stands together, which also packs well.
//!
//! Service, event name, then the secret (or else who called), then time.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::{arena::Arena, search::Found};

/// Numbers texts in the order in which they come, and ranks them afterwards.
#[derive(Default)]
struct Ranks {
    numbers: HashMap<Box<str>, u32, RandomState>,
}

impl Ranks {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.numbers.len() as u32;
        self.numbers.insert(text.into(), number);
        number
    }

    /// For each number the place of its text among all.
    fn ranks(&mut self) -> Vec<u32> {
        let mut texts: Vec<(Box<str>, u32)> = self.numbers.drain().collect();
        texts.sort_unstable();
        let mut ranks = vec![0; texts.len()];
        for (rank, (_, number)) in texts.into_iter().enumerate() {
            if let Some(place) = ranks.get_mut(number as usize) {
                *place = rank as u32;
            }
        }
        ranks
    }
}

/// Each row's sources of order.
#[derive(Default)]
pub(crate) struct Order {
    kinds: Ranks,
    subjects: Ranks,
    rows: Vec<(u32, u32)>,
    kind: String,
}

impl Order {
    pub(crate) fn push(&mut self, found: &Found, arena: &Arena) {
        let text = |span: Option<_>| span.map_or("", |span| arena.get(span));
        self.kind.clear();
        self.kind.push_str(text(found.source));
        self.kind.push('\0');
        self.kind.push_str(text(found.name));
        let kind = self.kinds.number(&self.kind);
        let subject = self.subjects.number(text(found.secret_name.or(found.user_arn)));
        self.rows.push((kind, subject));
    }

    /// Each row's place, to be followed by its time.
    pub(crate) fn finish(&mut self) -> Vec<u64> {
        let (kinds, subjects) = (self.kinds.ranks(), self.subjects.ranks());
        let rank = |ranks: &[u32], number: u32| u64::from(ranks.get(number as usize).copied().unwrap_or(0));
        self.rows.drain(..).map(|(kind, subject)| rank(&kinds, kind) << 32 | rank(&subjects, subject)).collect()
    }
}
