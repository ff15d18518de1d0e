//! The tree of columns that the schema asks for.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, ListArray, MapArray, StructArray, new_null_array},
    buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer},
    datatypes::{DataType, FieldRef, Fields},
    error::ArrowError,
};

use super::{
    arena::{Arena, Span},
    column::{Offsets, Parsed, TextColumn, Values, read_text},
    json::{Cursor, JsonError},
    names::Names,
};

/// A column with what is below it.
pub(crate) enum Node {
    Text(TextColumn),
    Time(Parsed<i64>),
    Boolean(Parsed<bool>),
    Map(MapColumn),
    List(Box<ListColumn>),
    Struct(StructColumn),
}

impl Node {
    /// # Errors
    /// For a type that the Lake's schema does not use.
    pub(crate) fn new(data_type: &DataType) -> Result<Self, ArrowError> {
        Ok(match data_type {
            DataType::BinaryView => Self::Text(TextColumn::new()),
            DataType::Timestamp(arrow::datatypes::TimeUnit::Millisecond, None) => Self::Time(Parsed::times()),
            DataType::Boolean => Self::Boolean(Parsed::booleans()),
            DataType::Map(entries, _) => Self::Map(MapColumn::new(entries)),
            DataType::List(item) => Self::List(Box::new(ListColumn::new(item)?)),
            DataType::Struct(fields) => Self::Struct(StructColumn::new(fields)?),
            other => return Err(ArrowError::NotYetImplemented(format!("a Lake column of type {other}"))),
        })
    }

    fn len(&self) -> usize {
        match self {
            Self::Text(column) => column.len(),
            Self::Time(column) => column.len(),
            Self::Boolean(column) => column.len(),
            Self::Map(column) => column.offsets.len(),
            Self::List(column) => column.offsets.len(),
            Self::Struct(column) => column.valid.len(),
        }
    }

    fn absent(&mut self, rows: usize) {
        match self {
            Self::Text(column) => column.absent(rows),
            Self::Time(column) => column.absent(rows),
            Self::Boolean(column) => column.absent(rows),
            Self::Map(column) => column.absent(rows),
            Self::List(column) => column.offsets.absent(rows),
            Self::Struct(column) => column.valid.absent(rows),
        }
    }

    /// Makes it `rows` long: what is missing is NULL, what is more is dropped.
    pub(crate) fn fit(&mut self, rows: usize) {
        match self.len() {
            len if len < rows => self.absent(rows - len),
            len if len > rows => self.truncate(rows),
            _ => {}
        }
    }

    fn truncate(&mut self, rows: usize) {
        match self {
            Self::Text(column) => column.truncate(rows),
            Self::Time(column) => column.truncate(rows),
            Self::Boolean(column) => column.truncate(rows),
            Self::Map(column) => column.truncate(rows),
            Self::List(column) => column.truncate(rows),
            Self::Struct(column) => column.truncate(rows),
        }
    }

    fn read(&mut self, cursor: &mut Cursor<'_>, arena: &mut Arena) -> Result<(), JsonError> {
        match self {
            Self::Text(column) => column.read(cursor, arena),
            Self::Time(column) => column.read(cursor, arena),
            Self::Boolean(column) => column.read(cursor, arena),
            Self::Map(column) => column.read(cursor, arena),
            Self::List(column) => column.read(cursor, arena),
            Self::Struct(column) => column.read(cursor, arena),
        }
    }

    fn finish(&mut self, texts: &Buffer) -> Result<ArrayRef, ArrowError> {
        match self {
            Self::Text(column) => column.finish(texts),
            Self::Time(column) => Ok(column.finish()),
            Self::Boolean(column) => Ok(column.finish()),
            Self::Map(column) => column.finish(texts),
            Self::List(column) => column.finish(texts),
            Self::Struct(column) => column.finish(texts),
        }
    }
}

/// An object with known members. Unknown members stay in `eventjson` alone.
pub(crate) struct StructColumn {
    fields: Fields,
    names: Names,
    children: Vec<Node>,
    /// Which rows have an object. Children are as long as up to their last value, and are made to fit when another follows.
    valid: Values<()>,
}

impl StructColumn {
    pub(crate) fn new(fields: &Fields) -> Result<Self, ArrowError> {
        let children = fields.iter().map(|field| Node::new(field.data_type())).collect::<Result<_, _>>()?;
        let names = Names::new(fields.iter().map(|field| field.name().as_str()));
        Ok(Self { fields: fields.clone(), names, children, valid: Values::new() })
    }

    /// Where the child of that name stands.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name() == name)
    }

    pub(crate) fn child(&self, position: usize) -> Option<&Node> {
        self.children.get(position)
    }

    /// The child, if it was met in the last row.
    pub(crate) fn last(&self, position: usize) -> Option<&Node> {
        self.child(position).filter(|child| child.len() == self.valid.len())
    }

    pub(crate) fn child_mut(&mut self, position: usize) -> Option<&mut Node> {
        self.children.get_mut(position)
    }

    /// Whether the last row has an object.
    pub(crate) fn has_last(&self) -> bool {
        self.valid.has_last()
    }

    /// Reads one row's object; anything else is NULL.
    pub(crate) fn read(&mut self, cursor: &mut Cursor<'_>, arena: &mut Arena) -> Result<(), JsonError> {
        if cursor.peek() != Some(b'{') {
            cursor.value()?;
            self.valid.absent(1);
            return Ok(());
        }
        let row = self.valid.len();
        if cursor.open(b'}') {
            let mut place = 0;
            loop {
                let name = cursor.name()?;
                let known = self.names.find(cursor.bytes().get(name.start..name.end).unwrap_or_default(), &mut place);
                match known.and_then(|at| self.children.get_mut(at)) {
                    Some(child) => {
                        // Of two members with one name the last counts.
                        child.fit(row);
                        child.read(cursor, arena)?;
                    }
                    None => {
                        cursor.value()?;
                    }
                }
                if !cursor.more(b'}')? {
                    break;
                }
            }
        }
        self.valid.push(());
        Ok(())
    }

    pub(crate) fn truncate(&mut self, rows: usize) {
        // A record that broke off in the middle leaves children that are longer than their parent.
        for child in &mut self.children {
            child.truncate(rows);
        }
        self.valid.truncate(rows);
    }

    /// The columns of the rows, when each has an object: for the schema's top.
    pub(crate) fn finish_columns(&mut self, texts: &Buffer) -> Result<Vec<ArrayRef>, ArrowError> {
        let rows = std::mem::replace(&mut self.valid, Values::new()).len();
        self.finish_children(rows, texts)
    }

    fn finish_children(&mut self, rows: usize, texts: &Buffer) -> Result<Vec<ArrayRef>, ArrowError> {
        let finish = |child: &mut Node| {
            child.fit(rows);
            child.finish(texts)
        };
        self.children.iter_mut().map(finish).collect()
    }

    fn finish(&mut self, texts: &Buffer) -> Result<ArrayRef, ArrowError> {
        let rows = self.valid.len();
        let valid = self.valid.finish_validity(rows);
        let children = self.finish_children(rows, texts)?;
        Ok(Arc::new(StructArray::try_new(self.fields.clone(), children, valid)?))
    }
}

/// `map<string,string>`, as `requestParameters`.
pub(crate) struct MapColumn {
    entries: FieldRef,
    fields: Fields,
    offsets: Offsets,
    keys: TextColumn,
    values: TextColumn,
    /// The keys of the row that is read.
    seen: Vec<Span>,
    watched: Vec<Watched>,
}

/// A key whose last row's value is remembered.
struct Watched {
    key: &'static str,
    any_case: bool,
    value: Option<Span>,
}

impl MapColumn {
    fn new(entries: &FieldRef) -> Self {
        let fields = match entries.data_type() {
            DataType::Struct(fields) => fields.clone(),
            _ => Fields::empty(),
        };
        Self {
            entries: Arc::clone(entries),
            fields,
            offsets: Offsets::new(),
            keys: TextColumn::new(),
            values: TextColumn::new(),
            seen: Vec::new(),
            watched: Vec::new(),
        }
    }

    /// Remembers the value of `key` in the last row.
    pub(crate) fn watch(&mut self, key: &'static str, any_case: bool) {
        self.watched.push(Watched { key, any_case, value: None });
    }

    /// The last row's value of a watched key.
    pub(crate) fn watched(&self, key: &str) -> Option<Span> {
        self.watched.iter().find(|watched| watched.key == key).and_then(|watched| watched.value)
    }

    fn absent(&mut self, rows: usize) {
        self.watched.iter_mut().for_each(|watched| watched.value = None);
        self.offsets.absent(rows);
    }

    fn truncate(&mut self, rows: usize) {
        let elements = self.offsets.truncate(rows);
        self.keys.truncate(elements);
        self.values.truncate(elements);
    }

    fn read(&mut self, cursor: &mut Cursor<'_>, arena: &mut Arena) -> Result<(), JsonError> {
        if cursor.peek() != Some(b'{') {
            cursor.value()?;
            self.absent(1);
            return Ok(());
        }
        self.watched.iter_mut().for_each(|watched| watched.value = None);
        self.seen.clear();
        if cursor.open(b'}') {
            loop {
                let key = cursor.name()?;
                let key = arena.text(key)?;
                let value = read_text(cursor, arena)?;
                // A map has each key once; the first value stays, as a second is no JSON that CloudTrail writes.
                if !self.seen.iter().any(|seen| seen.len == key.len && arena.get(*seen) == arena.get(key)) {
                    for watched in self.watched.iter_mut().filter(|watched| watched.key.len() == key.len as usize) {
                        let name = arena.get(key);
                        if name == watched.key || watched.any_case && name.eq_ignore_ascii_case(watched.key) {
                            watched.value = watched.value.or(value);
                        }
                    }
                    self.seen.push(key);
                    self.keys.push(key, arena);
                    self.values.push_option(value, arena);
                }
                if !cursor.more(b'}')? {
                    break;
                }
            }
        }
        self.offsets.push(self.keys.len());
        Ok(())
    }

    fn finish(&mut self, texts: &Buffer) -> Result<ArrayRef, ArrowError> {
        let rows = self.offsets.len();
        let keys = self.keys.finish(texts)?;
        let values = self.values.finish(texts)?;
        let Some((offsets, valid)) = self.offsets.finish() else {
            return Ok(new_null_array(&DataType::Map(Arc::clone(&self.entries), false), rows));
        };
        let entries = StructArray::try_new(self.fields.clone(), vec![keys, values], None)?;
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        let valid = Some(valid).filter(|valid| valid.null_count() > 0);
        Ok(Arc::new(MapArray::try_new(Arc::clone(&self.entries), offsets, entries, valid, false)?))
    }
}

/// A list, as `resources`.
pub(crate) struct ListColumn {
    item: FieldRef,
    offsets: Offsets,
    elements: Node,
}

impl ListColumn {
    fn new(item: &FieldRef) -> Result<Self, ArrowError> {
        Ok(Self { item: Arc::clone(item), offsets: Offsets::new(), elements: Node::new(item.data_type())? })
    }

    fn truncate(&mut self, rows: usize) {
        let elements = self.offsets.truncate(rows);
        self.elements.truncate(elements);
    }

    fn read(&mut self, cursor: &mut Cursor<'_>, arena: &mut Arena) -> Result<(), JsonError> {
        if cursor.peek() != Some(b'[') {
            cursor.value()?;
            self.offsets.absent(1);
            return Ok(());
        }
        if cursor.open(b']') {
            loop {
                self.elements.read(cursor, arena)?;
                if !cursor.more(b']')? {
                    break;
                }
            }
        }
        self.offsets.push(self.elements.len());
        Ok(())
    }

    fn finish(&mut self, texts: &Buffer) -> Result<ArrayRef, ArrowError> {
        let rows = self.offsets.len();
        let elements = self.elements.finish(texts)?;
        let (offsets, valid) = self.offsets.finish().unwrap_or_else(|| (vec![0; rows + 1], NullBuffer::new_null(rows)));
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        let valid = Some(valid).filter(|valid| valid.null_count() > 0);
        Ok(Arc::new(ListArray::try_new(Arc::clone(&self.item), offsets, elements, valid)?))
    }
}
