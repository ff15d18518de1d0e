//! The files' order: what is searched together stands together, which also packs well.
//!
//! Service, event name, then the secret (or else who called), then time.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::{arena::Arena, search::Found};

/// Texts by the numbers in which they came first.
#[derive(Default)]
struct Numbered {
    numbers: HashMap<Box<str>, u32, RandomState>,
}

impl Numbered {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.numbers.len() as u32;
        self.numbers.insert(text.into(), number);
        number
    }

    fn finish(&mut self) -> Vec<(Box<str>, u32)> {
        self.numbers.drain().collect()
    }
}

/// Collects what a batch's rows are ordered by.
#[derive(Default)]
pub(crate) struct Order {
    kinds: Numbered,
    subjects: Numbered,
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

    pub(crate) fn finish(&mut self) -> Keys {
        Keys { kinds: self.kinds.finish(), subjects: self.subjects.finish(), rows: std::mem::take(&mut self.rows) }
    }
}

/// What a batch's rows are ordered by, below their day.
pub(crate) struct Keys {
    kinds: Vec<(Box<str>, u32)>,
    subjects: Vec<(Box<str>, u32)>,
    rows: Vec<(u32, u32)>,
}

impl Keys {
    /// Those of these rows, and then of the rows of `next`.
    pub(crate) fn with(&self, next: &Self) -> Self {
        let (kinds, kind) = joined(&self.kinds, &next.kinds);
        let (subjects, subject) = joined(&self.subjects, &next.subjects);
        let number = |numbers: &[u32], old: u32| numbers.get(old as usize).copied().unwrap_or(0);
        let rows = next.rows.iter().map(|row| (number(&kind, row.0), number(&subject, row.1)));
        Self { kinds, subjects, rows: self.rows.iter().copied().chain(rows).collect() }
    }

    /// For each batch its rows' places among the rows of all, to be followed by their times.
    pub(crate) fn places(batches: &[&Self]) -> Vec<Vec<u64>> {
        let kinds = ranks(batches.iter().map(|keys| &keys.kinds));
        let subjects = ranks(batches.iter().map(|keys| &keys.subjects));
        let rank = |ranks: &[u32], number: u32| u64::from(ranks.get(number as usize).copied().unwrap_or(0));
        let ranked = batches.iter().zip(kinds.iter().zip(&subjects));
        ranked
            .map(|(keys, (kinds, subjects))| {
                let place = |(kind, subject): &(u32, u32)| rank(kinds, *kind) << 32 | rank(subjects, *subject);
                keys.rows.iter().map(place).collect()
            })
            .collect()
    }
}

/// The texts of both, and the numbers that those of the second have now.
fn joined(one: &[(Box<str>, u32)], two: &[(Box<str>, u32)]) -> (Vec<(Box<str>, u32)>, Vec<u32>) {
    let mut numbered = Numbered { numbers: one.iter().cloned().collect() };
    let mut numbers = vec![0; two.len()];
    for (text, number) in two {
        if let Some(place) = numbers.get_mut(*number as usize) {
            *place = numbered.number(text);
        }
    }
    (numbered.finish(), numbers)
}

/// For each batch and each number of it the place of its text among the texts of all.
fn ranks<'a>(batches: impl Iterator<Item = &'a Vec<(Box<str>, u32)>> + Clone) -> Vec<Vec<u32>> {
    let mut ranks: Vec<Vec<u32>> = batches.clone().map(|texts| vec![0; texts.len()]).collect();
    let numbered = batches
        .enumerate()
        .flat_map(|(batch, texts)| texts.iter().map(move |(text, number)| (&**text, batch, *number as usize)));
    let mut texts: Vec<(&str, usize, usize)> = numbered.collect();
    texts.sort_unstable();
    for (rank, same) in (0..).zip(texts.chunk_by(|a, b| a.0 == b.0)) {
        for (_, batch, number) in same {
            if let Some(place) = ranks.get_mut(*batch).and_then(|ranks| ranks.get_mut(*number)) {
                *place = rank;
            }
        }
    }
    ranks
}
