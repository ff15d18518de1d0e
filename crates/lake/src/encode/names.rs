//! Which member is which column: by name, in any case of its letters (`ARN`, `aRN` and `arn` are one).

/// Spellings that are remembered for each column.
const SPELLINGS: usize = 4;
/// Longer names are not remembered.
const LONGEST: usize = 64;

/// The names of an object's known members.
pub(crate) struct Names {
    columns: Vec<Box<[u8]>>,
    /// What was met, in the order in which it came first, also names of no column: writers keep their order, so that the next one
    /// is mostly next here too.
    met: Vec<(Box<[u8]>, Option<usize>)>,
}

impl Names {
    pub(crate) fn new<'a>(columns: impl Iterator<Item = &'a str>) -> Self {
        Self { columns: columns.map(|name| name.as_bytes().into()).collect(), met: Vec::new() }
    }

    /// The column of the member `name`. `place` is where to look first; it starts at 0 for each object.
    pub(crate) fn find(&mut self, name: &[u8], place: &mut usize) -> Option<usize> {
        let next = self.met.get(*place..).unwrap_or_default();
        let found = next.iter().position(|(met, _)| **met == *name).map(|found| *place + found);
        let found = found.or_else(|| self.met.iter().position(|(met, _)| **met == *name));
        if let Some(found) = found {
            *place = found + 1;
            return self.met.get(found).and_then(|(_, column)| *column);
        }
        let column = self.columns.iter().position(|column| column.eq_ignore_ascii_case(name));
        if name.len() <= LONGEST && self.met.len() < self.columns.len() * SPELLINGS {
            self.met.push((name.into(), column));
        }
        column
    }
}
