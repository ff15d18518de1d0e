//! What is filed at a place, by kind of key.

use std::hash::{BuildHasher as _, Hasher as _};

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::event::ip;

use super::Map;
use super::entries::EntryId;

/// A list of numbers that mostly holds one.
#[derive(Clone, Debug, Default)]
pub(super) enum List {
    #[default]
    Empty,
    One(EntryId),
    #[expect(clippy::box_collection, reason = "lists of one are kept by the hundred thousand, and a box is smaller")]
    Many(Box<Vec<EntryId>>),
}

impl List {
    pub(super) fn as_slice(&self) -> &[EntryId] {
        match self {
            Self::Empty => &[],
            Self::One(entry) => std::slice::from_ref(entry),
            Self::Many(entries) => entries,
        }
    }

    pub(super) fn push(&mut self, entry: EntryId) -> usize {
        match self {
            Self::Empty => *self = Self::One(entry),
            Self::One(first) => *self = Self::Many(Box::new(vec![*first, entry])),
            Self::Many(entries) => entries.push(entry),
        }
        self.as_slice().len()
    }

    /// Whether nothing is left.
    pub(super) fn remove(&mut self, entry: EntryId) -> bool {
        match self {
            Self::One(only) if *only == entry => *self = Self::Empty,
            Self::Many(entries) => {
                if let Some(at) = entries.iter().position(|other| *other == entry) {
                    entries.swap_remove(at);
                }
            }
            _ => {}
        }
        self.as_slice().is_empty()
    }
}

impl FromIterator<u32> for List {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Self {
        let mut list = Self::Empty;
        for number in numbers {
            list.push(number);
        }
        list
    }
}

/// The sizes of what is filed, from the smallest on, each with how much there is of it.
#[derive(Debug, Default)]
pub(super) struct Sizes(Vec<(usize, u32)>);

impl Sizes {
    pub(super) fn add(&mut self, size: usize) {
        match self.0.binary_search_by_key(&size, |(known, _)| *known) {
            Ok(at) => self.0.get_mut(at).into_iter().for_each(|(_, count)| *count += 1),
            Err(at) => self.0.insert(at, (size, 1)),
        }
    }

    pub(super) fn remove(&mut self, size: usize) {
        let Ok(at) = self.0.binary_search_by_key(&size, |(known, _)| *known) else { return };
        let Some((_, count)) = self.0.get_mut(at) else { return };
        *count -= 1;
        if *count == 0 {
            self.0.remove(at);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().map(|(size, _)| *size)
    }
}

/// Lists by text, for texts of various lengths, and which lengths there are.
///
/// Of a text only its hash is kept. Texts with one hash share a list: all that is found is checked in full anyway.
#[derive(Debug, Default)]
pub(super) struct Texts {
    lists: HashTable<(u64, List)>,
    lengths: Sizes,
}

fn hash_of(text: &[u8]) -> u64 {
    let mut hasher = foldhash::fast::FixedState::default().build_hasher();
    hasher.write(text);
    hasher.finish()
}

impl Texts {
    pub(super) fn insert(&mut self, text: &[u8], entry: EntryId) -> usize {
        self.insert_hashed(hash_of(text), text.len(), entry)
    }

    pub(super) fn remove(&mut self, text: &[u8], entry: EntryId) {
        self.remove_hashed(hash_of(text), text.len(), entry);
    }

    pub(super) fn get(&self, text: &[u8]) -> &[EntryId] {
        self.get_hashed(hash_of(text))
    }

    fn insert_hashed(&mut self, hash: u64, length: usize, entry: EntryId) -> usize {
        self.lengths.add(length);
        match self.lists.entry(hash, |(known, _)| *known == hash, |(known, _)| *known) {
            Entry::Occupied(mut known) => known.get_mut().1.push(entry),
            Entry::Vacant(new) => {
                new.insert((hash, List::One(entry)));
                1
            }
        }
    }

    fn remove_hashed(&mut self, hash: u64, length: usize, entry: EntryId) {
        let Ok(mut known) = self.lists.find_entry(hash, |(known, _)| *known == hash) else { return };
        if known.get_mut().1.remove(entry) {
            known.remove();
        }
        self.lengths.remove(length);
    }

    fn get_hashed(&self, hash: u64) -> &[EntryId] {
        self.lists.find(hash, |(known, _)| *known == hash).map_or(&[], |(_, list)| list.as_slice())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    pub(super) fn exact(&self, text: &str, found: &mut impl FnMut(EntryId)) {
        if !self.is_empty() {
            self.get(text.as_bytes()).iter().for_each(|entry| found(*entry));
        }
    }

    pub(super) fn prefixes(&self, text: &str, found: &mut impl FnMut(EntryId)) {
        for length in self.lengths.iter() {
            let Some(prefix) = text.as_bytes().get(..length) else { break };
            self.get(prefix).iter().for_each(|entry| found(*entry));
        }
    }

    pub(super) fn suffixes(&self, text: &str, found: &mut impl FnMut(EntryId)) {
        for length in self.lengths.iter() {
            let Some(start) = text.len().checked_sub(length) else { break };
            self.get(text.as_bytes().get(start..).unwrap_or_default()).iter().for_each(|entry| found(*entry));
        }
    }
}

/// Short texts that may occur anywhere. A bit for each spares most places of a value the look-up.
#[derive(Debug, Default)]
pub(super) struct Grams {
    texts: Texts,
    bits: Vec<u64>,
}

/// A number for a text of at most eight bytes, quickly; no two of one length have the same.
fn hash_of_gram(gram: &[u8]) -> u64 {
    let word = match gram.first_chunk::<8>() {
        Some(word) => u64::from_le_bytes(*word),
        None => gram.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    let mixed = word.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ mixed >> 32
}

impl Grams {
    fn bit(hash: u64, words: usize) -> (usize, u64) {
        let hash = usize::try_from(hash & 0xffff_ffff).unwrap_or(0);
        (hash / 64 % words.max(1), 1 << (hash % 64))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    pub(super) fn insert(&mut self, gram: &[u8], entry: EntryId) -> usize {
        let hash = hash_of_gram(gram);
        let load = self.texts.insert_hashed(hash, gram.len(), entry);
        let held = self.texts.lists.len();
        if held * 8 > self.bits.len() * 64 {
            // Sixteen bits for each text, set anew for all.
            self.bits = vec![0; (held * 16 / 64).next_power_of_two().max(16)];
            let words = self.bits.len();
            for (hash, _) in &self.texts.lists {
                let (word, bit) = Self::bit(*hash, words);
                self.bits.get_mut(word).into_iter().for_each(|word| *word |= bit);
            }
        }
        let (word, bit) = Self::bit(hash, self.bits.len());
        self.bits.get_mut(word).into_iter().for_each(|word| *word |= bit);
        load
    }

    pub(super) fn remove(&mut self, gram: &[u8], entry: EntryId) {
        self.texts.remove_hashed(hash_of_gram(gram), gram.len(), entry);
    }

    pub(super) fn get(&self, gram: &[u8]) -> &[EntryId] {
        self.texts.get_hashed(hash_of_gram(gram))
    }

    pub(super) fn query(&self, text: &str, found: &mut impl FnMut(EntryId)) {
        for length in self.texts.lengths.iter() {
            for gram in text.as_bytes().windows(length) {
                let hash = hash_of_gram(gram);
                let (word, bit) = Self::bit(hash, self.bits.len());
                if self.bits.get(word).is_some_and(|word| word & bit != 0) {
                    self.texts.get_hashed(hash).iter().for_each(|entry| found(*entry));
                }
            }
        }
    }
}

/// Address blocks by their common first bits.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    pub(super) lists: Map<(bool, u8, u128), List>,
    /// How many bits are free in the blocks.
    free_bits: Sizes,
}

impl Blocks {
    pub(super) fn key(v6: bool, first: u128, last: u128) -> (bool, u8, u128) {
        let free = 128 - (first ^ last).leading_zeros();
        (v6, u8::try_from(free).unwrap_or(128), first.checked_shr(free).unwrap_or(0))
    }

    pub(super) fn insert(&mut self, key: (bool, u8, u128), entry: EntryId) -> usize {
        let load = self.lists.entry(key).or_default().push(entry);
        if load == 1 {
            self.free_bits.add(usize::from(key.1));
        }
        load
    }

    pub(super) fn remove(&mut self, key: (bool, u8, u128), entry: EntryId) {
        if self.lists.get_mut(&key).is_some_and(|list| list.remove(entry)) {
            self.lists.remove(&key);
            self.free_bits.remove(usize::from(key.1));
        }
    }

    pub(super) fn query(&self, text: &str, found: &mut impl FnMut(EntryId)) {
        if self.lists.is_empty() {
            return;
        }
        let Some((v6, address)) = ip::address(text).map(ip::key) else { return };
        for free in self.free_bits.iter() {
            let free = u8::try_from(free).unwrap_or(128);
            let key = (v6, free, address.checked_shr(u32::from(free)).unwrap_or(0));
            self.lists.get(&key).map_or(&[][..], List::as_slice).iter().for_each(|entry| found(*entry));
        }
    }
}
