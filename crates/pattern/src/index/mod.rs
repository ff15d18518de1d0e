//! One scan of an event for everything that watches it.
//!
//! Event patterns, filter patterns and event selectors are filed in one index. An event is read once, left to right; of
//! its values only those are kept whose path some pattern names, all else is skipped unread. When all paths were seen and
//! none of their names occurs again, reading ends. Each pattern is filed under
//! the one of its conditions that the fewest others share (its *access predicate*): a value of the event finds the
//! patterns filed under it by hashing, and only these are then checked in full, each distinct condition at most once
//! per event. The cost of an event follows the patterns that it nearly matches, not the patterns that exist.
//!
//! Patterns come and go one by one; nothing is rebuilt.

mod access;
mod captures;
mod choose;
mod consistent;
mod entries;
mod intervals;
mod marks;
mod paths;
mod predicates;
mod scan;
mod tables;

use std::hash::Hash;

use smallvec::SmallVec;

use crate::document::Document;
use crate::event::EventPattern;
use crate::filter::{FilterPattern, Message};
use crate::selector::Selectors;

use captures::Captures;
use entries::{Entries, EntryId, Rule};
use marks::Marks;
use paths::Paths;
use predicates::{Memo, PredicateId, Predicates, Subject, Verdict};
use tables::List;

/// A hash map that is fast for short keys. Keys come from patterns, never from events.
type Map<K, V> = std::collections::HashMap<K, V, foldhash::fast::FixedState>;

/// Something that watches events.
#[derive(Clone, Copy, Debug)]
pub enum Watch<'p> {
    /// A rule's event pattern.
    Event(&'p EventPattern),
    /// A log group's filter pattern.
    Filter(&'p FilterPattern),
    /// A trail's selectors.
    Selectors(&'p Selectors),
}

impl<'p> From<&'p EventPattern> for Watch<'p> {
    fn from(pattern: &'p EventPattern) -> Self {
        Self::Event(pattern)
    }
}

impl<'p> From<&'p FilterPattern> for Watch<'p> {
    fn from(pattern: &'p FilterPattern) -> Self {
        Self::Filter(pattern)
    }
}

impl<'p> From<&'p Selectors> for Watch<'p> {
    fn from(selectors: &'p Selectors) -> Self {
        Self::Selectors(selectors)
    }
}

/// Patterns by key, and the question which of them an event matches.
#[derive(Debug)]
pub struct Index<K> {
    watchers: Vec<Option<Watcher<K>>>,
    free: Vec<u32>,
    places: Map<K, u32>,
    paths: Paths,
    predicates: Predicates,
    entries: Entries,
}

#[derive(Debug)]
struct Watcher<K> {
    key: K,
    entries: List,
}

/// Working memory for [`Index::matching_with`], to be used again for the next event.
#[derive(Debug, Default)]
pub struct Scratch {
    marks: Marks,
    captures: Captures,
    memo: Memo,
    folded: String,
    candidates: Vec<EntryId>,
    hits: Vec<u32>,
}

impl<K> Default for Index<K> {
    fn default() -> Self {
        Self {
            watchers: Vec::new(),
            free: Vec::new(),
            places: Map::default(),
            paths: Paths::default(),
            predicates: Predicates::default(),
            entries: Entries::default(),
        }
    }
}

impl<K: Clone + Eq + Hash> Index<K> {
    /// An empty index.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many patterns there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Adds a pattern under a key, in place of the one that has the key.
    pub fn insert<'p>(&mut self, key: K, pattern: impl Into<Watch<'p>>) {
        self.remove(&key);
        let place = match self.free.pop() {
            Some(place) => place,
            None => {
                self.watchers.push(None);
                u32::try_from(self.watchers.len() - 1).unwrap_or(u32::MAX)
            }
        };
        let entries = match pattern.into() {
            Watch::Event(pattern) => {
                pattern.branches().iter().map(|branch| self.insert_branch(place, branch)).collect()
            }
            Watch::Filter(pattern) => List::One(self.insert_filter(place, pattern)),
            Watch::Selectors(selectors) => {
                List::One(self.entries.insert(place, Rule::Selectors(Box::new(selectors.clone()))))
            }
        };
        self.places.insert(key.clone(), place);
        if let Some(slot) = self.watchers.get_mut(place as usize) {
            *slot = Some(Watcher { key, entries });
        }
    }

    /// Removes the pattern under a key; false if there is none.
    pub fn remove(&mut self, key: &K) -> bool {
        let Some(place) = self.places.remove(key) else { return false };
        let Some(watcher) = self.watchers.get_mut(place as usize).and_then(Option::take) else { return false };
        for entry in watcher.entries.as_slice() {
            choose::unfile(*entry, &self.entries, &self.predicates, &mut self.paths);
            if let Some(rule) = self.entries.remove(*entry) {
                rule.for_each_predicate(&mut |predicate| self.predicates.release(predicate, &mut self.paths));
            }
        }
        self.free.push(place);
        true
    }

    /// The keys of the patterns that match an event, each once.
    ///
    /// The event is the text of one JSON value, or, for filter patterns of the other kinds, any text. JSON must be valid:
    /// what no pattern names is not read, nor is what follows the last name, so errors there go unnoticed. Text that is visibly no JSON matches no JSON
    /// pattern.
    pub fn matching(&self, event: &str) -> Vec<&K> {
        let mut scratch = Scratch::default();
        self.find(event, &mut scratch);
        self.keys_at(&scratch.hits).collect()
    }

    /// As [`Self::matching`], with working memory that is kept between events.
    pub fn matching_with<'i>(
        &'i self,
        event: &str,
        scratch: &'i mut Scratch,
    ) -> impl Iterator<Item = &'i K> + use<'i, K> {
        self.find(event, scratch);
        self.keys_at(&scratch.hits)
    }

    fn keys_at<'i, 'h>(&'i self, places: &'h [u32]) -> impl Iterator<Item = &'i K> + use<'i, 'h, K> {
        places.iter().filter_map(|place| self.watchers.get(*place as usize)?.as_ref().map(|watcher| &watcher.key))
    }

    fn insert_branch(&mut self, place: u32, branch: &crate::event::Branch) -> EntryId {
        // What stands higher up is shared by more patterns, so it is known sooner whether it holds.
        let mut fields: Vec<_> = branch.iter().collect();
        fields.sort_by_cached_key(|(name, _)| name.bytes().filter(|byte| *byte == b'.').count());
        let predicates: Vec<PredicateId> = fields
            .into_iter()
            .map(|(name, operators)| {
                let node = self.paths.event_path(name);
                self.predicates.event(node, operators, &mut self.paths)
            })
            .collect();
        let entry = self.entries.insert(place, Rule::branch(&predicates));
        choose::file(entry, &mut self.entries, &self.predicates, &mut self.paths);
        entry
    }

    fn insert_filter(&mut self, place: u32, pattern: &FilterPattern) -> EntryId {
        let Some(conditions) = pattern.conditions() else {
            return self.entries.insert(place, Rule::Text(Box::new(pattern.clone())));
        };
        let expr = conditions.map(&mut |condition| {
            let node = self.paths.filter_path(&condition.path.steps);
            self.predicates.filter(node, &condition.test, &mut self.paths)
        });
        let entry = self.entries.insert(place, Rule::Filter(Box::new(expr)));
        choose::file(entry, &mut self.entries, &self.predicates, &mut self.paths);
        entry
    }

    fn find(&self, event: &str, scratch: &mut Scratch) {
        let Scratch { marks, captures, memo, folded, candidates, hits } = scratch;
        hits.clear();
        candidates.clear();
        if self.entries.has_conditions() {
            memo.begin();
            captures.begin(self.paths.len());
            if scan::scan(event, &self.paths, marks, captures) {
                access::candidates(captures, event, &self.paths, folded, &mut |entry| candidates.push(entry));
                candidates.extend(self.entries.unfiled());
                each_once(candidates);
                let subject = Subject { event, captures, predicates: &self.predicates };
                for entry in candidates.iter() {
                    let Some((place, rule)) = self.entries.get(*entry) else { continue };
                    if rule_matches(rule, &subject, memo) {
                        hits.push(place);
                    }
                }
            }
        }
        let message = Message::new(event);
        for entry in self.entries.unconditional() {
            let Some((place, rule)) = self.entries.get(*entry) else { continue };
            if other_matches(rule, &message) {
                hits.push(place);
            }
        }
        each_once(hits);
    }
}

fn each_once(numbers: &mut Vec<u32>) {
    numbers.sort_unstable();
    numbers.dedup();
}

fn rule_matches(rule: &Rule, subject: &Subject<'_>, memo: &mut Memo) -> bool {
    if let Rule::Filter(expr) = rule {
        return expr.eval(&mut |predicate| subject.verdict(*predicate, memo) != Verdict::Fails);
    }
    let Some(predicates) = rule.conjunction() else { return false };
    let mut in_arrays = 0;
    for predicate in predicates {
        match subject.verdict(*predicate, memo) {
            Verdict::Fails => return false,
            Verdict::Holds => {}
            Verdict::HoldsInArray(..) => in_arrays += 1,
        }
    }
    subject.captures.is_object() && (in_arrays < 2 || in_same_elements(predicates, subject, memo))
}

fn in_same_elements(predicates: &[PredicateId], subject: &Subject<'_>, memo: &mut Memo) -> bool {
    let fields: SmallVec<[(u32, u32); 8]> = predicates
        .iter()
        .filter_map(|predicate| match subject.verdict(*predicate, memo) {
            Verdict::HoldsInArray(from, to) => Some((from, to)),
            Verdict::Holds | Verdict::Fails => None,
        })
        .collect();
    consistent::together(&fields, memo, subject.captures)
}

/// Patterns on text, and selectors: those are few, and ask the record as a whole.
fn other_matches(rule: &Rule, message: &Message<'_>) -> bool {
    match rule {
        Rule::Text(pattern) => pattern.matches_message(message).is_some(),
        Rule::Selectors(selectors) => {
            message.document().is_some_and(|document: &Document<'_>| selectors.selects_document(document))
        }
        Rule::Few(..) | Rule::Many(_) | Rule::Filter(_) => false,
    }
}

#[cfg(test)]
mod extreme_tests;
#[cfg(test)]
mod tests;
