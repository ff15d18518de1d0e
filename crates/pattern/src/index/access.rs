//! From a value of the event to the patterns filed under it.

use crate::document::Scalar;
use crate::event::fold_into;

use super::Map;
use super::captures::{Capture, Captures, Kind};
use super::choose::number_bits;
use super::entries::EntryId;
use super::intervals::{Intervals, ordered};
use super::paths::Paths;
use super::tables::{Blocks, Grams, List, Texts};

/// A way of comparing text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    Exact,
    Prefix,
    Suffix,
    FoldedExact,
    FoldedPrefix,
    FoldedSuffix,
}

/// What an entry is filed under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key<'p> {
    Text(Table, &'p str),
    /// Text that occurs anywhere, of at most eight bytes.
    Gram(&'p [u8]),
    /// Numbers from one to another, both included, as ordered bits.
    Range(u64, u64),
    /// A number, or the text that is written like it.
    NumberOrText(u64, &'p str),
    /// Addresses from one to another, of IPv6 or not.
    Block(bool, u128, u128),
    True,
    False,
    Null,
    /// Any value.
    Present,
}

impl Key<'_> {
    /// How much more than an exact string a key of this kind brings up.
    pub(super) fn weight(&self) -> u64 {
        match self {
            Self::Text(Table::Exact | Table::FoldedExact, _) => 4,
            Self::NumberOrText(..) => 5,
            Self::Range(first, last) if first == last => 5,
            Self::Text(_, text) if text.len() >= 4 => 6,
            Self::Gram(gram) if gram.len() >= 4 => 7,
            Self::Block(..) => 8,
            Self::Text(..) | Self::Gram(_) => 32,
            Self::Range(..) => 64,
            Self::True | Self::False | Self::Null => 256,
            Self::Present => 4096,
        }
    }
}

/// Everything filed at one place.
#[derive(Debug, Default)]
pub(super) struct NodeIndex {
    exact: Texts,
    prefixes: Texts,
    suffixes: Texts,
    folded_exact: Texts,
    folded_prefixes: Texts,
    folded_suffixes: Texts,
    grams: Grams,
    numbers: Map<u64, List>,
    ranges: Intervals,
    blocks: Blocks,
    on_true: List,
    on_false: List,
    on_null: List,
    on_any: List,
}

impl NodeIndex {
    fn texts(&self, table: Table) -> &Texts {
        match table {
            Table::Exact => &self.exact,
            Table::Prefix => &self.prefixes,
            Table::Suffix => &self.suffixes,
            Table::FoldedExact => &self.folded_exact,
            Table::FoldedPrefix => &self.folded_prefixes,
            Table::FoldedSuffix => &self.folded_suffixes,
        }
    }

    fn texts_mut(&mut self, table: Table) -> &mut Texts {
        match table {
            Table::Exact => &mut self.exact,
            Table::Prefix => &mut self.prefixes,
            Table::Suffix => &mut self.suffixes,
            Table::FoldedExact => &mut self.folded_exact,
            Table::FoldedPrefix => &mut self.folded_prefixes,
            Table::FoldedSuffix => &mut self.folded_suffixes,
        }
    }

    /// Files an entry; how many there are under the key then.
    pub(super) fn insert(&mut self, key: Key<'_>, entry: EntryId) -> usize {
        match key {
            Key::Text(table, text) => self.texts_mut(table).insert(text.as_bytes(), entry),
            Key::Gram(gram) => self.grams.insert(gram, entry),
            Key::Range(first, last) if first == last => self.numbers.entry(first).or_default().push(entry),
            Key::Range(first, last) => {
                self.ranges.insert(first, last, entry);
                self.ranges.load(first, last)
            }
            Key::NumberOrText(number, text) => {
                self.exact.insert(text.as_bytes(), entry);
                self.numbers.entry(number).or_default().push(entry)
            }
            Key::Block(v6, first, last) => self.blocks.insert(Blocks::key(v6, first, last), entry),
            Key::True => self.on_true.push(entry),
            Key::False => self.on_false.push(entry),
            Key::Null => self.on_null.push(entry),
            Key::Present => self.on_any.push(entry),
        }
    }

    /// Takes an entry from under a key.
    pub(super) fn remove(&mut self, key: Key<'_>, entry: EntryId) {
        match key {
            Key::Text(table, text) => self.texts_mut(table).remove(text.as_bytes(), entry),
            Key::Gram(gram) => self.grams.remove(gram, entry),
            Key::Range(first, last) if first == last => self.remove_number(first, entry),
            Key::Range(first, last) => self.ranges.remove(first, last, entry),
            Key::NumberOrText(number, text) => {
                self.exact.remove(text.as_bytes(), entry);
                self.remove_number(number, entry);
            }
            Key::Block(v6, first, last) => self.blocks.remove(Blocks::key(v6, first, last), entry),
            Key::True => drop(self.on_true.remove(entry)),
            Key::False => drop(self.on_false.remove(entry)),
            Key::Null => drop(self.on_null.remove(entry)),
            Key::Present => drop(self.on_any.remove(entry)),
        }
    }

    fn remove_number(&mut self, number: u64, entry: EntryId) {
        if self.numbers.get_mut(&number).is_some_and(|list| list.remove(entry)) {
            self.numbers.remove(&number);
        }
    }

    /// The entries under a key that can be listed: the crowded ones are.
    pub(super) fn list(&self, key: Key<'_>) -> &[EntryId] {
        match key {
            Key::Text(table, text) => self.texts(table).get(text.as_bytes()),
            Key::Gram(gram) => self.grams.get(gram),
            Key::Range(number, last) if number == last => self.numbers.get(&number).map_or(&[], List::as_slice),
            Key::NumberOrText(number, _) => self.numbers.get(&number).map_or(&[], List::as_slice),
            Key::Block(v6, first, last) => {
                self.blocks.lists.get(&Blocks::key(v6, first, last)).map_or(&[], List::as_slice)
            }
            Key::True => self.on_true.as_slice(),
            Key::False => self.on_false.as_slice(),
            Key::Null => self.on_null.as_slice(),
            Key::Present => self.on_any.as_slice(),
            Key::Range(..) => &[],
        }
    }

    /// How many entries are filed under a key.
    pub(super) fn load(&self, key: Key<'_>) -> usize {
        match key {
            Key::Range(first, last) if first != last => self.ranges.load(first, last),
            key => self.list(key).len(),
        }
    }

    fn on_text(&self, text: &str, folded: &mut String, found: &mut impl FnMut(EntryId)) {
        self.exact.exact(text, found);
        self.prefixes.prefixes(text, found);
        self.suffixes.suffixes(text, found);
        if !self.grams.is_empty() {
            self.grams.query(text, found);
        }
        self.blocks.query(text, found);
        if !(self.folded_exact.is_empty() && self.folded_prefixes.is_empty() && self.folded_suffixes.is_empty()) {
            fold_into(text, folded);
            self.folded_exact.exact(folded, found);
            self.folded_prefixes.prefixes(folded, found);
            self.folded_suffixes.suffixes(folded, found);
        }
    }

    /// `number` is the number if it is known, else NaN.
    fn on_number(&self, text: &str, number: f64, found: &mut impl FnMut(EntryId)) {
        if self.numbers.is_empty() && self.ranges.is_empty() {
            return;
        }
        let number = if number.is_nan() { number_bits(text) } else { ordered(number) };
        self.numbers.get(&number).map_or(&[][..], List::as_slice).iter().for_each(|entry| found(*entry));
        self.ranges.query(number, found);
    }

    /// What a value brings up. Filters compare numbers and booleans as text too.
    fn on_value(
        &self,
        capture: &Capture,
        event: &str,
        as_text: bool,
        folded: &mut String,
        found: &mut impl FnMut(EntryId),
    ) {
        self.on_any.as_slice().iter().for_each(|entry| found(*entry));
        match capture.kind {
            Kind::String => self.on_text(capture.raw(event), folded, found),
            Kind::Escaped => capture.with_scalar(event, |value| {
                if let Some(Scalar::String(text)) = value {
                    self.on_text(text, folded, found);
                }
            }),
            Kind::Number => {
                self.on_number(capture.raw(event), capture.number, found);
                if as_text {
                    self.on_text(capture.raw(event), folded, found);
                }
            }
            Kind::True | Kind::False => {
                let on = if capture.kind == Kind::True { &self.on_true } else { &self.on_false };
                on.as_slice().iter().for_each(|entry| found(*entry));
                if as_text {
                    self.on_text(capture.raw(event), folded, found);
                }
            }
            Kind::Null => self.on_null.as_slice().iter().for_each(|entry| found(*entry)),
            Kind::Container => {}
        }
    }
}

/// The entries that some value of the event brings up; an entry may come up more than once.
pub(super) fn candidates(
    captures: &Captures,
    event: &str,
    paths: &Paths,
    folded: &mut String,
    found: &mut impl FnMut(EntryId),
) {
    for capture in captures.iter() {
        let Some(node) = paths.get(capture.node) else { continue };
        if capture.for_events
            && let Some(index) = node.event_index.as_deref()
        {
            index.on_value(capture, event, false, folded, found);
        }
        if capture.for_filters
            && let Some(index) = node.filter_index.as_deref()
        {
            index.on_value(capture, event, true, folded, found);
        }
    }
}
