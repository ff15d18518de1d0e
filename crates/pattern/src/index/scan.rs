//! Reading an event: what no pattern names is passed over.

use crate::decimal::Decimal;
use crate::document::{Document, MAX_DEPTH, Node as _, Scalar};

use super::captures::{Captures, Kind, NONE, Seen};
use super::marks::Marks;
use super::paths::{NodeId, Paths, ROOT, tag as tag_of};

/// Captures the named values of an event. False if it is visibly not JSON, or nests too deeply where patterns look.
pub(super) fn scan(event: &str, paths: &Paths, marks: &mut Marks, captures: &mut Captures) -> bool {
    if u32::try_from(event.len()).is_err() {
        return false;
    }
    marks.read(event.as_bytes());
    let mut scanner = Scanner { event, bytes: event.as_bytes(), at: 0, paths, marks, captures };
    scanner.skip_space();
    if scanner.peek() == Some(b'{') {
        scanner.captures.set_object();
    }
    let root = Place { event: Some(ROOT), filter: Some(ROOT), trail: NONE };
    scanner.value(&root, 0).is_some() && {
        scanner.skip_space();
        scanner.at == event.len()
    }
}

/// Where in the trie a value is: for event patterns, and for filter patterns.
struct Place {
    event: Option<NodeId>,
    filter: Option<NodeId>,
    trail: u32,
}

/// Where a member of an object leads.
struct Member {
    place: Place,
    /// The place that only members of the very same name lead to, if there is one.
    own: Option<NodeId>,
}

struct Scanner<'s> {
    event: &'s str,
    bytes: &'s [u8],
    at: usize,
    paths: &'s Paths,
    marks: &'s Marks,
    captures: &'s mut Captures,
}

/// A high bit in some byte of `word` that is a dot, if there is one.
const fn dots(word: u64) -> u64 {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let zeros = word ^ (LOW * b'.' as u64);
    zeros.wrapping_sub(LOW) & !zeros & HIGH
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\t' | b'\r')) {
            self.at += 1;
        }
    }

    fn word(&self, at: usize) -> Option<u64> {
        self.bytes.get(at..)?.first_chunk::<8>().map(|word| u64::from_le_bytes(*word))
    }

    /// The tag of the name between two places, and whether there is a dot in it.
    fn tag(&self, start: usize, end: usize) -> (u64, bool) {
        let mut at = start;
        let (mut tag, mut dotted) = (0, false);
        while at < end {
            let left = end - at;
            let word = match self.word(at) {
                Some(word) if left >= 8 => word,
                Some(word) => word & !(u64::MAX << (8 * left)),
                None => tag_of(self.bytes.get(at..end).unwrap_or_default()),
            };
            if at == start {
                tag = word;
            }
            dotted |= dots(word) != 0;
            at += 8;
        }
        (tag, dotted)
    }

    /// From an opening bracket or brace to after the one that closes it.
    fn skip_container(&mut self) -> Option<()> {
        self.at = self.marks.container_end(self.at + 1)?;
        Some(())
    }

    fn skip_value(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.at = self.marks.quote(self.at + 1)? + 1,
            b'{' | b'[' => self.skip_container()?,
            _ => {
                self.plain()?;
            }
        }
        Some(())
    }

    /// A number or a word: from where it stood.
    fn plain(&mut self) -> Option<usize> {
        let start = self.at;
        while let Some(byte) = self.peek() {
            if !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'+' | b'.') {
                break;
            }
            self.at += 1;
        }
        (self.at > start).then_some(start)
    }

    fn value(&mut self, place: &Place, depth: usize) -> Option<()> {
        let start = self.at;
        match self.peek()? {
            b'"' => {
                let end = self.marks.quote(start + 1)?;
                self.at = end + 1;
                let escaped = self.marks.has_escape(start + 1, end);
                self.capture(place, if escaped { Kind::Escaped } else { Kind::String }, (start + 1, end));
            }
            b'{' => self.object(place, depth)?,
            b'[' => self.array(place, depth)?,
            first => {
                self.plain()?;
                let kind = match first {
                    b't' => Kind::True,
                    b'f' => Kind::False,
                    b'n' => Kind::Null,
                    b'-' | b'0'..=b'9' => Kind::Number,
                    _ => return None,
                };
                self.capture(place, kind, (start, self.at));
            }
        }
        Some(())
    }

    fn capture(&mut self, place: &Place, kind: Kind, span: (usize, usize)) {
        let trail = place.trail;
        if place.event == place.filter {
            if let Some(node) = place.event {
                self.capture_at(Seen { node, for_events: true, for_filters: true, trail }, kind, span);
            }
            return;
        }
        if let Some(node) = place.event {
            self.capture_at(Seen { node, for_events: true, for_filters: false, trail }, kind, span);
        }
        if let Some(node) = place.filter {
            self.capture_at(Seen { node, for_events: false, for_filters: true, trail }, kind, span);
        }
    }

    fn capture_at(&mut self, at: Seen, kind: Kind, span: (usize, usize)) {
        let Some(node) = self.paths.get(at.node) else { return };
        if node.targets > 0 {
            let number = match kind {
                Kind::Number if node.numeric > 0 => self.event.get(span.0..span.1).and_then(Decimal::comparable),
                _ => None,
            };
            self.captures.add(at, kind, span, number.unwrap_or(f64::NAN));
        }
    }

    /// Filters can ask whether an array or object is there.
    fn capture_container(&mut self, place: &Place) {
        if let Some(node) = place.filter {
            let at = Seen { node, for_events: false, for_filters: true, trail: place.trail };
            self.capture_at(at, Kind::Container, (self.at, self.at));
        }
    }

    fn object(&mut self, place: &Place, depth: usize) -> Option<()> {
        self.capture_container(place);
        let has_children =
            |node: Option<NodeId>| node.and_then(|node| self.paths.get(node)).is_some_and(|node| node.has_children());
        if !has_children(place.event) && !has_children(place.filter) {
            return self.skip_container();
        }
        if depth >= MAX_DEPTH {
            return None;
        }
        let mark = self.captures.mark();
        let mut seen = 0u64;
        self.at += 1;
        self.skip_space();
        if self.peek()? == b'}' {
            self.at += 1;
            return Some(());
        }
        loop {
            self.skip_space();
            if self.peek()? != b'"' {
                return None;
            }
            let start = self.at + 1;
            let end = self.marks.quote(start)?;
            self.at = end + 1;
            let member = if self.marks.has_escape(start, end) {
                let quoted = self.event.get(start - 1..=end)?;
                let name = Document::parse(quoted).ok()?;
                let Some(Scalar::String(name)) = name.root.scalar() else { return None };
                self.member(place, name.as_bytes(), tag_of(name.as_bytes()), name.contains('.'))
            } else {
                let (tag, dotted) = self.tag(start, end);
                self.member(place, self.bytes.get(start..end)?, tag, dotted)
            };
            if self.peek()? != b':' {
                self.skip_space();
                if self.peek()? != b':' {
                    return None;
                }
            }
            self.at += 1;
            self.skip_space();
            if member.place.event.is_some() || member.place.filter.is_some() {
                self.forget_namesake(&member, mark, &mut seen);
                self.value(&member.place, depth + 1)?;
            } else {
                self.skip_value()?;
            }
            self.skip_space();
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return Some(());
                }
                _ => return None,
            }
        }
    }

    fn member(&self, place: &Place, name: &[u8], tag: u64, dotted: bool) -> Member {
        let child = |node: NodeId| self.paths.child(node, name, tag);
        let filter = place.filter.and_then(child);
        let event = match place.event {
            None => None,
            Some(node) if dotted => self.paths.descend(node, name),
            Some(_) if place.event == place.filter => filter,
            Some(node) => child(node),
        };
        let own = if dotted { filter } else { event.or(filter) };
        Member { place: Place { event, filter, trail: place.trail }, own }
    }

    /// Of two members with one name the last counts: what the first gave is taken back. `seen` only says that there may
    /// have been a first.
    fn forget_namesake(&mut self, member: &Member, mark: usize, seen: &mut u64) {
        let Some(own) = member.own else { return };
        let bit = 1u64 << (own % 64);
        if *seen & bit != 0 {
            let paths = self.paths;
            self.captures.hide(mark, |node| paths.is_within(node, own));
        }
        *seen |= bit;
    }

    fn array(&mut self, place: &Place, depth: usize) -> Option<()> {
        self.capture_container(place);
        let named = place.event.and_then(|node| self.paths.get(node));
        let (into_elements, into_objects) =
            named.map_or((false, false), |node| (node.targets > 0, node.has_children()));
        let filter = place.filter.and_then(|node| self.paths.get(node)).filter(|node| node.has_elements());
        if !into_elements && !into_objects && filter.is_none() {
            return self.skip_container();
        }
        if depth >= MAX_DEPTH {
            return None;
        }
        let array = self.captures.new_array();
        let mut index = 0;
        self.at += 1;
        self.skip_space();
        if self.peek()? == b']' {
            self.at += 1;
            return Some(());
        }
        loop {
            self.skip_space();
            let element = filter.and_then(|node| node.element(index));
            let first = self.peek()?;
            if (into_elements || into_objects) && matches!(first, b'{' | b'[') {
                let trail = self.captures.new_trail(place.trail, array, index);
                self.value(&Place { event: place.event, filter: element, trail }, depth + 1)?;
            } else if into_elements || element.is_some() {
                self.value(&Place { event: place.event, filter: element, trail: place.trail }, depth + 1)?;
            } else {
                self.skip_value()?;
            }
            index += 1;
            self.skip_space();
            match self.peek()? {
                b',' => self.at += 1,
                b']' => {
                    self.at += 1;
                    return Some(());
                }
                _ => return None,
            }
        }
    }
}
