//! The paths that patterns name, as a trie over member names.
//!
//! Event patterns and filter patterns read names differently. For an event pattern names are flat, so a member name
//! with dots descends several steps, and arrays are transparent. For a filter pattern a name is a name, and arrays are
//! entered by number. Both kinds share the trie: a member whose name has dots is a child of its own for filters.

use memchr::memmem::Finder;

use super::Map;
use super::access::NodeIndex;
use crate::filter::path::Step;

/// A place in the trie.
pub(super) type NodeId = u32;

/// The place of the whole event.
pub(super) const ROOT: NodeId = 0;

/// More children than this are found by hashing.
const FEW: usize = 12;

/// With more places than this no finders are made: an event has not all of them.
const MAX_FINDERS: usize = 256;

/// To search the rest of an event for more names than this costs more than to read it.
const MAX_LOOKS: usize = 4;

/// Which member names may be named below a place, as bits that say "surely not" for most others.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Names {
    /// By first byte and length of the children's names.
    whole: u64,
    /// By first byte of those that a name with dots may begin with.
    beginnings: u64,
}

impl Names {
    fn bit(first: u8, length: usize) -> u64 {
        1 << (usize::from(first).wrapping_add(length.wrapping_mul(11)) % 64)
    }

    /// Counts a child in; `deep` if it has children.
    fn add(&mut self, name: &[u8], deep: bool) {
        // A name that is empty, or begins with a dot, has no first byte of a child's.
        let Some(first) = name.first() else {
            *self = Self { whole: u64::MAX, beginnings: u64::MAX };
            return;
        };
        self.whole |= Self::bit(*first, name.len());
        if deep {
            self.beginnings |= 1 << (first % 64);
        }
    }

    pub(super) fn is_empty(self) -> bool {
        self.whole == 0
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self { whole: self.whole | other.whole, beginnings: self.beginnings | other.beginnings }
    }

    /// Whether a name that begins with a byte and has a length may lead somewhere. The byte after an empty name counts
    /// as its first.
    #[inline]
    pub(super) fn may_hold(self, first: u8, length: usize) -> bool {
        (self.whole & Self::bit(first, length)) | (self.beginnings & 1 << (first % 64)) != 0
    }
}

#[derive(Debug, Default)]
pub(super) struct Node {
    parent: NodeId,
    name: Box<[u8]>,
    element: Option<usize>,
    /// The first eight bytes and the length of each child's name, beside its place.
    children: Vec<(u64, u32, NodeId)>,
    by_name: Map<Box<[u8]>, NodeId>,
    /// Only ever gains bits while the place is in use.
    pub(super) names: Names,
    /// Finds a quotation mark and the name after it.
    finder: Option<Box<Finder<'static>>>,
    elements: Vec<(usize, NodeId)>,
    /// Predicates on this place or below it.
    uses: u32,
    /// Predicates on this place.
    pub(super) targets: u32,
    /// Those of them that compare numbers.
    pub(super) numeric: u32,
    /// What is filed under values at this place, by event patterns and by filter patterns.
    pub(super) event_index: Option<Box<NodeIndex>>,
    pub(super) filter_index: Option<Box<NodeIndex>>,
}

impl Node {
    /// Whether some pattern names a member of an object here.
    #[cfg(test)]
    pub(super) fn has_children(&self) -> bool {
        !self.children.is_empty()
    }

    /// Whether some filter names an element of an array here.
    pub(super) fn has_elements(&self) -> bool {
        !self.elements.is_empty()
    }

    /// Whether a text without escapes surely has no member of the name, nor one whose name begins with it and a dot.
    fn is_absent(&self, text: &[u8]) -> bool {
        let Some(finder) = &self.finder else { return false };
        let length = finder.needle().len();
        finder.find_iter(text).all(|at| !matches!(text.get(at + length), Some(b'"' | b'.') | None))
    }

    /// The place of an element.
    pub(super) fn element(&self, index: usize) -> Option<NodeId> {
        self.elements.iter().find(|(known, _)| *known == index).map(|(_, node)| *node)
    }
}

/// The trie.
#[derive(Debug)]
pub(super) struct Paths {
    nodes: Vec<Node>,
    free: Vec<NodeId>,
    /// How many places have predicates on them.
    wanted: usize,
}

impl Default for Paths {
    fn default() -> Self {
        Self { nodes: vec![Node::default()], free: Vec::new(), wanted: 0 }
    }
}

/// Finds where a member name may begin in a text without escapes.
fn finder(name: &[u8]) -> Finder<'static> {
    Finder::new(&[b"\"", name].concat()).into_owned()
}

/// The first eight bytes of a name; shorter names are filled up with zeros, which no JSON text has.
pub(super) fn tag(name: &[u8]) -> u64 {
    if let Some(first) = name.first_chunk::<8>() {
        return u64::from_le_bytes(*first);
    }
    name.iter().rev().fold(0, |tag, byte| tag << 8 | u64::from(*byte))
}

impl Paths {
    /// How many places there are, free ones included.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// How many places have predicates on them.
    pub(super) fn wanted(&self) -> usize {
        self.wanted
    }

    /// Whether there are so few names that the rest of an event is sooner searched for them than read.
    pub(super) fn are_few(&self) -> bool {
        self.nodes.len() - self.free.len() <= 1 + MAX_LOOKS
    }

    /// Whether a text surely has no member that leads from a place, or from one above it, to another.
    pub(super) fn none_occurs(&self, mut node: NodeId, text: &[u8]) -> bool {
        loop {
            let Some(place) = self.get(node) else { return false };
            for (_, _, child) in &place.children {
                if !self.get(*child).is_some_and(|child| child.is_absent(text)) {
                    return false;
                }
            }
            if node == ROOT {
                return true;
            }
            node = place.parent;
        }
    }

    pub(super) fn get(&self, node: NodeId) -> Option<&Node> {
        self.nodes.get(node as usize)
    }

    pub(super) fn get_mut(&mut self, node: NodeId) -> Option<&mut Node> {
        self.nodes.get_mut(node as usize)
    }

    /// The child with exactly this name.
    pub(super) fn child(&self, node: NodeId, name: &[u8], tag: u64) -> Option<NodeId> {
        let node = self.get(node)?;
        if node.children.len() > FEW {
            return node.by_name.get(name).copied();
        }
        let length = name.len();
        node.children
            .iter()
            .find(|(known, known_length, child)| {
                *known == tag
                    && *known_length as usize == length
                    && (length <= 8 || self.get(*child).is_some_and(|child| *child.name == *name))
            })
            .map(|(_, _, child)| *child)
    }

    /// The place that a member leads to for event patterns, where dots in names separate steps.
    pub(super) fn descend(&self, node: NodeId, name: &[u8]) -> Option<NodeId> {
        name.split(|byte| *byte == b'.').try_fold(node, |node, part| self.child(node, part, tag(part)))
    }

    /// The place for a field of an event pattern, made if there is none.
    pub(super) fn event_path(&mut self, name: &str) -> NodeId {
        name.split('.').fold(ROOT, |node, part| self.child_or_new(node, part.as_bytes()))
    }

    /// The place for a selector of a filter pattern, made if there is none.
    pub(super) fn filter_path(&mut self, steps: &[Step]) -> NodeId {
        steps.iter().fold(ROOT, |node, step| match step {
            Step::Member(name) => self.child_or_new(node, name.as_bytes()),
            Step::Element(index) => self.element_or_new(node, *index),
        })
    }

    fn child_or_new(&mut self, parent: NodeId, name: &[u8]) -> NodeId {
        let tag = tag(name);
        if let Some(child) = self.child(parent, name, tag) {
            return child;
        }
        let finder = (self.nodes.len() <= MAX_FINDERS).then(|| Box::new(finder(name)));
        let child = self.add(Node { parent, name: name.into(), finder, ..Node::default() });
        let length = u32::try_from(name.len()).unwrap_or(u32::MAX);
        let mut above = None;
        if let Some(node) = self.get_mut(parent) {
            if node.children.is_empty() && parent != ROOT && node.element.is_none() {
                above = Some((node.parent, node.name.clone()));
            }
            node.children.push((tag, length, child));
            node.by_name.insert(name.into(), child);
            node.names.add(name, false);
        }
        if let Some((above, name)) = above
            && let Some(above) = self.get_mut(above)
        {
            above.names.add(&name, true);
        }
        child
    }

    fn element_or_new(&mut self, parent: NodeId, index: usize) -> NodeId {
        if let Some(child) = self.get(parent).and_then(|node| node.element(index)) {
            return child;
        }
        let child = self.add(Node { parent, element: Some(index), ..Node::default() });
        if let Some(parent) = self.get_mut(parent) {
            parent.elements.push((index, child));
        }
        child
    }

    fn add(&mut self, node: Node) -> NodeId {
        if let Some(free) = self.free.pop() {
            if let Some(slot) = self.get_mut(free) {
                *slot = node;
            }
            return free;
        }
        self.nodes.push(node);
        u32::try_from(self.nodes.len() - 1).unwrap_or(u32::MAX)
    }

    /// Counts a predicate on a place.
    pub(super) fn hold(&mut self, node: NodeId, numeric: bool) {
        if let Some(target) = self.nodes.get_mut(node as usize) {
            self.wanted += usize::from(target.targets == 0);
            target.targets += 1;
            target.numeric += u32::from(numeric);
        }
        let mut at = Some(node);
        while let Some(node) = at {
            let Some(place) = self.get_mut(node) else { return };
            place.uses += 1;
            at = (node != ROOT).then_some(place.parent);
        }
    }

    /// Takes a predicate off a place, and with the last one the place itself.
    pub(super) fn release(&mut self, node: NodeId, numeric: bool) {
        if let Some(target) = self.nodes.get_mut(node as usize) {
            target.targets -= 1;
            target.numeric -= u32::from(numeric);
            self.wanted -= usize::from(target.targets == 0);
        }
        let mut at = Some(node);
        while let Some(node) = at {
            let Some(place) = self.get_mut(node) else { return };
            place.uses -= 1;
            let parent = place.parent;
            let unused = place.uses == 0 && node != ROOT;
            if unused {
                let gone = std::mem::take(place);
                if let Some(parent) = self.get_mut(parent) {
                    parent.children.retain(|(_, _, child)| *child != node);
                    parent.elements.retain(|(_, child)| *child != node);
                    if gone.element.is_none() {
                        parent.by_name.remove(&gone.name);
                    }
                }
                self.free.push(node);
            }
            at = (node != ROOT).then_some(parent);
        }
    }

    /// How many steps lead to a place.
    pub(super) fn depth(&self, mut node: NodeId) -> u32 {
        let mut depth = 0;
        while node != ROOT {
            let Some(place) = self.get(node) else { break };
            node = place.parent;
            depth += 1;
        }
        depth
    }
}
