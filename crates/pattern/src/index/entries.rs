//! What is filed: one entry for each conjunction that must hold on its own.

use crate::filter::{Expr, FilterPattern};
use crate::selector::Selectors;

use super::predicates::PredicateId;
use super::tables::List;

/// An entry by number.
pub(super) type EntryId = u32;

/// With so many predicates a rule is no larger than with a pointer and a length.
const FEW: usize = 5;

/// What must hold.
#[derive(Debug)]
pub(super) enum Rule {
    /// The fields of one alternative of an event pattern, as many as fit without memory of their own.
    Few(u8, [PredicateId; FEW]),
    /// More fields than that.
    Many(Box<[PredicateId]>),
    /// The conditions of a JSON filter pattern.
    Filter(Box<Expr<PredicateId>>),
    /// A filter pattern on text.
    Text(Box<FilterPattern>),
    Selectors(Box<Selectors>),
}

impl Rule {
    /// The fields of one alternative of an event pattern.
    pub(super) fn branch(predicates: &[PredicateId]) -> Self {
        let mut few = [0; FEW];
        match (few.get_mut(..predicates.len()), u8::try_from(predicates.len())) {
            (Some(places), Ok(count)) => {
                places.copy_from_slice(predicates);
                Self::Few(count, few)
            }
            _ => Self::Many(predicates.into()),
        }
    }

    /// The predicates that must all hold, if that is the whole rule.
    pub(super) fn conjunction(&self) -> Option<&[PredicateId]> {
        match self {
            Self::Few(count, predicates) => predicates.get(..usize::from(*count)),
            Self::Many(predicates) => Some(predicates),
            Self::Filter(_) | Self::Text(_) | Self::Selectors(_) => None,
        }
    }

    /// Visits the predicates, as often as they occur.
    pub(super) fn for_each_predicate(&self, each: &mut impl FnMut(PredicateId)) {
        match self {
            Self::Filter(expr) => expr.for_each(&mut |predicate| each(*predicate)),
            _ => self.conjunction().into_iter().flatten().for_each(|predicate| each(*predicate)),
        }
    }
}

#[derive(Debug)]
struct Entry {
    place: u32,
    rule: Rule,
    /// The predicates under which the entry is filed; none if it can only be tried on every event.
    filed: List,
}

/// The entries.
#[derive(Debug, Default)]
pub(super) struct Entries {
    entries: Vec<Option<Entry>>,
    free: Vec<EntryId>,
    /// Entries with conditions none of which can be looked up.
    unfiled: Vec<EntryId>,
    /// Entries that look at the whole text or record.
    unconditional: Vec<EntryId>,
    conditions: usize,
}

impl Entries {
    /// How many places there are, free ones included.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether any entry asks for values of the event.
    pub(super) fn has_conditions(&self) -> bool {
        self.conditions > 0
    }

    pub(super) fn unfiled(&self) -> &[EntryId] {
        &self.unfiled
    }

    pub(super) fn unconditional(&self) -> &[EntryId] {
        &self.unconditional
    }

    /// The watcher's place and the rule of an entry.
    pub(super) fn get(&self, entry: EntryId) -> Option<(u32, &Rule)> {
        self.entries.get(entry as usize)?.as_ref().map(|entry| (entry.place, &entry.rule))
    }

    /// The predicates under which an entry is filed.
    pub(super) fn filed(&self, entry: EntryId) -> &[PredicateId] {
        self.entries.get(entry as usize).and_then(Option::as_ref).map_or(&[], |entry| entry.filed.as_slice())
    }

    /// Notes under which predicates an entry with conditions is filed.
    pub(super) fn set_filed(&mut self, entry: EntryId, filed: List) {
        if filed.as_slice().is_empty() {
            self.unfiled.push(entry);
        }
        if let Some(Some(entry)) = self.entries.get_mut(entry as usize) {
            entry.filed = filed;
        }
    }

    pub(super) fn insert(&mut self, place: u32, rule: Rule) -> EntryId {
        let on_values = !matches!(rule, Rule::Text(_) | Rule::Selectors(_));
        let entry = Some(Entry { place, rule, filed: List::Empty });
        let id = match self.free.pop() {
            Some(id) => {
                if let Some(slot) = self.entries.get_mut(id as usize) {
                    *slot = entry;
                }
                id
            }
            None => {
                self.entries.push(entry);
                u32::try_from(self.entries.len() - 1).unwrap_or(u32::MAX)
            }
        };
        if on_values {
            self.conditions += 1;
        } else {
            self.unconditional.push(id);
        }
        id
    }

    pub(super) fn remove(&mut self, id: EntryId) -> Option<Rule> {
        let entry = self.entries.get_mut(id as usize)?.take()?;
        match entry.rule {
            Rule::Few(..) | Rule::Many(_) | Rule::Filter(_) => {
                self.conditions -= 1;
                if entry.filed.as_slice().is_empty() {
                    self.unfiled.retain(|other| *other != id);
                }
            }
            Rule::Text(_) | Rule::Selectors(_) => self.unconditional.retain(|other| *other != id),
        }
        self.free.push(id);
        Some(entry.rule)
    }
}
