//! The distinct conditions of all patterns, each decided at most once per event.

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

use crate::event::Operator;
use crate::filter::json::Test;

use super::Map;
use super::captures::{Capture, Captures, Kind};
use super::entries::EntryId;
use super::paths::{NodeId, Paths};
use super::tables::List;

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
    /// Predicates by the hash of what they say.
    known: Map<u64, List>,
}

impl Predicates {
    /// How many places there are, free ones included.
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
        let hash = hash(node, &condition);
        let same = |predicate: &Predicate| predicate.node == node && predicate.condition == condition;
        let known = self.known.get(&hash).map_or(&[][..], List::as_slice).iter().copied();
        let known = known.into_iter().find(|id| self.get(*id).is_some_and(same));
        if let Some(id) = known {
            if let Some(Some(predicate)) = self.predicates.get_mut(id as usize) {
                predicate.uses += 1;
            }
            return id;
        }
        paths.hold(node, condition.is_numeric());
        let predicate = Some(Predicate { node, condition, uses: 1 });
        let id = match self.free.pop() {
            Some(id) => {
                if let Some(slot) = self.predicates.get_mut(id as usize) {
                    *slot = predicate;
                }
                id
            }
            None => {
                self.predicates.push(predicate);
                u32::try_from(self.predicates.len() - 1).unwrap_or(u32::MAX)
            }
        };
        self.known.entry(hash).or_default().push(id);
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
        let Some(gone) = slot.take() else { return };
        let hash = hash(gone.node, &gone.condition);
        if self.known.get_mut(&hash).is_some_and(|known| known.remove(id)) {
            self.known.remove(&hash);
        }
        paths.release(gone.node, gone.condition.is_numeric());
        self.free.push(id);
    }
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
    /// The trails of values that satisfy predicates in arrays.
    trails: Vec<u32>,
    entries: Vec<u32>,
    hits: Vec<u32>,
}

impl Memo {
    /// Forgets the event before.
    pub(super) fn begin(&mut self, predicates: usize, entries: usize, places: usize) {
        self.stamp = self.stamp.wrapping_add(1);
        if self.stamp == 0 {
            *self = Self { stamp: 1, ..Self::default() };
        }
        self.trails.clear();
        if self.verdicts.len() < predicates {
            self.verdicts.resize(predicates, (0, None));
        }
        if self.entries.len() < entries {
            self.entries.resize(entries, 0);
        }
        if self.hits.len() < places {
            self.hits.resize(places, 0);
        }
    }

    /// The trails of the values that satisfy a predicate in arrays.
    pub(super) fn trails(&self, from: u32, to: u32) -> &[u32] {
        self.trails.get(from as usize..to as usize).unwrap_or_default()
    }

    /// Notes an entry; false if it was noted before.
    pub(super) fn see_entry(&mut self, entry: EntryId) -> bool {
        let stamp = self.stamp;
        self.entries.get_mut(entry as usize).is_some_and(|seen| std::mem::replace(seen, stamp) != stamp)
    }

    /// Whether a watcher has matched already.
    pub(super) fn has_hit(&self, place: u32) -> bool {
        self.hits.get(place as usize) == Some(&self.stamp)
    }

    /// Notes that a watcher has matched.
    pub(super) fn hit(&mut self, place: u32) {
        if let Some(hit) = self.hits.get_mut(place as usize) {
            *hit = self.stamp;
        }
    }
}

/// An event and the predicates to hold against it.
pub(super) struct Subject<'s> {
    pub(super) event: &'s str,
    pub(super) captures: &'s Captures,
    pub(super) predicates: &'s Predicates,
}

impl Subject<'_> {
    /// How a predicate comes out.
    pub(super) fn verdict(&self, predicate: PredicateId, memo: &mut Memo) -> Verdict {
        if let Some((stamp, Some(verdict))) = memo.verdicts.get(predicate as usize)
            && *stamp == memo.stamp
        {
            return *verdict;
        }
        let verdict = match self.predicates.get(predicate) {
            Some(predicate) => self.decide(predicate, &mut memo.trails),
            None => Verdict::Fails,
        };
        let stamp = memo.stamp;
        if let Some(noted) = memo.verdicts.get_mut(predicate as usize) {
            *noted = (stamp, Some(verdict));
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
