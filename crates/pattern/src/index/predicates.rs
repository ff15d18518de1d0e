//! The distinct conditions of all patterns, each decided at most once per event.

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

use hashbrown::HashTable;

use crate::event::Operator;
use crate::filter::json::Test;

use super::captures::{Capture, Captures, Kind};
use super::paths::{NodeId, Paths};

/// A predicate by number.
pub(super) type PredicateId = u32;

/// What is asked of the values at a place.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    /// The alternatives of an event pattern: one of them for one of the values.
    Event(Arc<[Operator]>),
    /// The test of a filter pattern, on the one value there.
    Filter(Box<Test>),
}

impl Condition {
    /// Whether it compares numbers in the way of event patterns.
    fn is_numeric(&self) -> bool {
        match self {
            Self::Event(operators) => operators.iter().any(Operator::is_numeric),
            Self::Filter(_) => false,
        }
    }
}

#[derive(Debug)]
pub(super) struct Predicate {
    pub(super) node: NodeId,
    pub(super) condition: Condition,
    /// How often patterns use it.
    pub(super) uses: u32,
}

/// The predicates.
#[derive(Debug, Default)]
pub(super) struct Predicates {
    predicates: Vec<Option<Predicate>>,
    free: Vec<PredicateId>,
    /// Predicates by what they say.
    known: HashTable<PredicateId>,
}

impl Predicates {
    /// How many places there are, free ones included.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.predicates.len()
    }

    pub(super) fn get(&self, predicate: PredicateId) -> Option<&Predicate> {
        self.predicates.get(predicate as usize)?.as_ref()
    }

    /// The predicate of a field of an event pattern.
    pub(super) fn event(&mut self, node: NodeId, operators: &Arc<[Operator]>, paths: &mut Paths) -> PredicateId {
        self.hold(node, Condition::Event(Arc::clone(operators)), paths)
    }

    /// The predicate of a condition of a filter pattern.
    pub(super) fn filter(&mut self, node: NodeId, test: &Test, paths: &mut Paths) -> PredicateId {
        self.hold(node, Condition::Filter(Box::new(test.clone())), paths)
    }

    fn hold(&mut self, node: NodeId, condition: Condition, paths: &mut Paths) -> PredicateId {
        let Self { predicates, free, known } = self;
        let hash = hash(node, &condition);
        let same = |id: &PredicateId| {
            let predicate = predicates.get(*id as usize).and_then(Option::as_ref);
            predicate.is_some_and(|predicate| predicate.node == node && predicate.condition == condition)
        };
        if let Some(id) = known.find(hash, same).copied() {
            if let Some(Some(predicate)) = predicates.get_mut(id as usize) {
                predicate.uses += 1;
            }
            return id;
        }
        paths.hold(node, condition.is_numeric());
        let predicate = Some(Predicate { node, condition, uses: 1 });
        let id = match free.pop() {
            Some(id) => {
                if let Some(slot) = predicates.get_mut(id as usize) {
                    *slot = predicate;
                }
                id
            }
            None => {
                predicates.push(predicate);
                u32::try_from(predicates.len() - 1).unwrap_or(u32::MAX)
            }
        };
        known.insert_unique(hash, id, |id| hash_at(predicates, *id));
        id
    }

    /// Gives up one use of a predicate.
    pub(super) fn release(&mut self, id: PredicateId, paths: &mut Paths) {
        let Some(slot) = self.predicates.get_mut(id as usize) else { return };
        let Some(predicate) = slot else { return };
        predicate.uses -= 1;
        if predicate.uses > 0 {
            return;
        }
        let hash = hash(predicate.node, &predicate.condition);
        if let Ok(known) = self.known.find_entry(hash, |known| *known == id) {
            known.remove();
        }
        paths.release(predicate.node, predicate.condition.is_numeric());
        *slot = None;
        self.free.push(id);
    }
}

fn hash_at(predicates: &[Option<Predicate>], id: PredicateId) -> u64 {
    let predicate = predicates.get(id as usize).and_then(Option::as_ref);
    predicate.map_or(0, |predicate| hash(predicate.node, &predicate.condition))
}

fn hash(node: NodeId, condition: &Condition) -> u64 {
    let mut hasher = foldhash::fast::FixedState::default().build_hasher();
    node.hash(&mut hasher);
    match condition {
        Condition::Event(operators) => operators.iter().for_each(|operator| operator.hash_roughly(&mut hasher)),
        Condition::Filter(test) => test.hash_roughly(&mut hasher),
    }
    hasher.finish()
}

/// How a predicate came out on an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Fails,
    Holds,
    /// It holds, but only for values inside arrays of objects: a range of [`Memo::trails`].
    HoldsInArray(u32, u32),
}

/// What has been decided on the event at hand.
#[derive(Debug, Default)]
pub(super) struct Memo {
    stamp: u32,
    verdicts: Vec<(u32, Option<Verdict>)>,
    /// The trails of values that satisfy predicates in arrays, sorted for each predicate.
    trails: Vec<u32>,
}

impl Memo {
    /// Forgets the event before.
    pub(super) fn begin(&mut self) {
        self.stamp = self.stamp.wrapping_add(1);
        if self.stamp == 0 {
            *self = Self { stamp: 1, ..Self::default() };
        }
        self.trails.clear();
    }

    /// The trails of the values that satisfy a predicate in arrays.
    pub(super) fn trails(&self, from: u32, to: u32) -> &[u32] {
        self.trails.get(from as usize..to as usize).unwrap_or_default()
    }
}

/// An event and the predicates to hold against it.
pub(super) struct Subject<'s> {
    pub(super) event: &'s str,
    pub(super) captures: &'s Captures,
    pub(super) predicates: &'s Predicates,
}

impl Subject<'_> {
    /// How a predicate comes out. Only what several patterns ask is remembered.
    pub(super) fn verdict(&self, id: PredicateId, memo: &mut Memo) -> Verdict {
        let Some(predicate) = self.predicates.get(id) else { return Verdict::Fails };
        if predicate.uses == 1 {
            return self.decide(predicate, &mut memo.trails);
        }
        if let Some((stamp, Some(verdict))) = memo.verdicts.get(id as usize)
            && *stamp == memo.stamp
        {
            return *verdict;
        }
        let verdict = self.decide(predicate, &mut memo.trails);
        if memo.verdicts.len() <= id as usize {
            memo.verdicts.resize(id as usize + 1, (0, None));
        }
        if let Some(noted) = memo.verdicts.get_mut(id as usize) {
            *noted = (memo.stamp, Some(verdict));
        }
        verdict
    }

    fn decide(&self, predicate: &Predicate, trails: &mut Vec<u32>) -> Verdict {
        match &predicate.condition {
            Condition::Filter(test) => {
                let capture = self.captures.at(predicate.node).find(|capture| capture.for_filters);
                let holds = match capture {
                    None => test.holds(false, None),
                    Some(capture) => capture.with_scalar(self.event, |value| test.holds(true, value)),
                };
                if holds { Verdict::Holds } else { Verdict::Fails }
            }
            Condition::Event(operators) => {
                let from = trails.len();
                let mut absent = true;
                for capture in self.captures.at(predicate.node).filter(|capture| capture.for_events) {
                    absent = false;
                    if self.passes(capture, operators) {
                        if !capture.is_in_array() {
                            return Verdict::Holds;
                        }
                        trails.push(capture.trail());
                    }
                }
                if absent && operators.contains(&Operator::Absent) {
                    return Verdict::Holds;
                }
                if trails.len() == from {
                    return Verdict::Fails;
                }
                // The captures came from last to first.
                let found = trails.get_mut(from..).unwrap_or_default();
                found.reverse();
                found.sort_unstable();
                let place = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
                Verdict::HoldsInArray(place(from), place(trails.len()))
            }
        }
    }

    /// Whether a value passes one of the alternatives.
    fn passes(&self, capture: &Capture, operators: &[Operator]) -> bool {
        if capture.kind == Kind::Number {
            let number = Some(capture.number).filter(|number| !number.is_nan());
            let text = capture.raw(self.event);
            return operators.iter().any(|operator| operator.accepts_number(text, number));
        }
        capture.with_scalar(self.event, |value| {
            value.is_some_and(|value| operators.iter().any(|operator| operator.accepts(value)))
        })
    }
}
