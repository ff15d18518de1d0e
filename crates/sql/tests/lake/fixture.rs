//! Events in a table in memory, and one way to ask it.

use std::sync::Arc;

use arrow::{
    array::{
        ArrayRef, BooleanArray, ListArray, MapArray, RecordBatch, StringArray, StructArray, TimestampMillisecondArray,
    },
    buffer::{NullBuffer, OffsetBuffer},
    datatypes::{DataType, Field, Schema},
};
use datafusion::datasource::MemTable;
use keeptrail_clock::{Clock, SimClock, Timestamp};
use keeptrail_sql::{Answer, Engine, Limits, SqlError, Stores, schema::lake_schema};
use serde_json::Value;

/// The id that the store is called by.
pub const EDS: &str = "0b2e9a1c-1111-4222-8333-abcdefabcdef";
/// A second store, with the first three events.
pub const OTHER: &str = "c5d0f5a2-2222-4333-9444-bcdefabcdef0";
/// The simulated present.
pub const NOW: &str = "2026-11-25T12:00:00Z";

pub struct Lake {
    pub engine: Engine,
    pub stores: Stores,
}

/// The engine over the events of `events.json`, at [`NOW`].
pub fn lake() -> Lake {
    lake_within(Limits { parallelism: 2, ..Limits::default() })
}

pub fn lake_within(limits: Limits) -> Lake {
    let events: Vec<Value> = serde_json::from_str(include_str!("events.json")).unwrap();
    let stores = Stores::new().with(EDS, table(&events)).with(OTHER, table(&events[..3])).with("trail", table(&events));
    Lake { engine: Engine::builder(limits).clock(clock()).build().unwrap(), stores }
}

fn clock() -> Clock {
    let now: Timestamp = NOW.parse().unwrap();
    SimClock::new(now).clock()
}

impl Lake {
    pub async fn query(&self, sql: &str) -> Result<Answer, SqlError> {
        self.engine.query(&sql.replace("$EDS", EDS).replace("$OTHER", OTHER), &self.stores).await
    }

    /// Column names and rows as text, NULL as `∅`.
    pub async fn rows(&self, sql: &str) -> Result<(Vec<String>, Vec<Vec<String>>), SqlError> {
        let mut answer = self.query(sql).await?;
        let names = answer.columns().iter().map(|column| column.name.clone()).collect();
        let mut rows = Vec::new();
        while let Some(batch) = answer.next_rows().await? {
            rows.extend(batch);
        }
        let text = |value: Option<String>| value.unwrap_or_else(|| "∅".to_owned());
        Ok((names, rows.into_iter().map(|row| row.into_iter().map(text).collect()).collect()))
    }

    /// The rows, columns joined with ` | `.
    pub async fn answer(&self, sql: &str) -> Vec<String> {
        match self.rows(sql).await {
            Ok((_, rows)) => rows.into_iter().map(|row| row.join(" | ")).collect(),
            Err(error) => panic!("{sql}\n{error}"),
        }
    }

    pub async fn refusal(&self, sql: &str) -> SqlError {
        match self.rows(sql).await {
            Ok((_, rows)) => panic!("{sql}\nwas answered: {rows:?}"),
            Err(error) => error,
        }
    }
}

/// A table of the Lake's schema with one hidden column.
fn table(events: &[Value]) -> Arc<MemTable> {
    let schema = lake_schema();
    let mut fields: Vec<_> = schema.fields().iter().cloned().collect();
    let mut columns: Vec<ArrayRef> = fields
        .iter()
        .map(|field| {
            let value = |event: &Value| match field.name().as_str() {
                "eventjson" => Some(Value::String(event.to_string())),
                name => member(Some(event), name).cloned(),
            };
            let values: Vec<_> = events.iter().map(value).collect();
            column(&values.iter().map(Option::as_ref).collect::<Vec<_>>(), field.data_type())
        })
        .collect();
    fields.push(Arc::new(Field::new("_secret_id", DataType::Utf8, true)));
    columns.push(Arc::new(StringArray::from(vec![Some("hidden"); events.len()])));
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns).unwrap();
    Arc::new(MemTable::try_new(schema, vec![vec![batch]]).unwrap())
}

fn member<'a>(value: Option<&'a Value>, name: &str) -> Option<&'a Value> {
    let members = value?.as_object()?;
    members
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
        .filter(|value| !value.is_null())
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn column(values: &[Option<&Value>], data_type: &DataType) -> ArrayRef {
    let valid = || Some(NullBuffer::from_iter(values.iter().map(Option::is_some)));
    match data_type {
        DataType::Utf8 => Arc::new(values.iter().map(|value| value.map(text)).collect::<StringArray>()),
        DataType::Boolean => {
            Arc::new(values.iter().map(|value| value.and_then(Value::as_bool)).collect::<BooleanArray>())
        }
        DataType::Timestamp(_, _) => {
            let millis = |value: &Value| value.as_str()?.parse::<Timestamp>().ok().map(|time| time.as_millisecond());
            Arc::new(values.iter().map(|value| millis((*value)?)).collect::<TimestampMillisecondArray>())
        }
        DataType::Struct(fields) => {
            let columns = fields.iter().map(|field| {
                let members: Vec<_> = values.iter().map(|value| member(*value, field.name())).collect();
                column(&members, field.data_type())
            });
            Arc::new(StructArray::try_new(fields.clone(), columns.collect(), valid()).unwrap())
        }
        DataType::List(item) => {
            let lists: Vec<_> = values.iter().map(|value| value.and_then(Value::as_array)).collect();
            let items: Vec<_> = lists.iter().flatten().flat_map(|items| items.iter().map(Some)).collect();
            let offsets = OffsetBuffer::from_lengths(lists.iter().map(|items| items.map_or(0, Vec::len)));
            Arc::new(ListArray::try_new(Arc::clone(item), offsets, column(&items, item.data_type()), valid()).unwrap())
        }
        DataType::Map(entries, _) => {
            let DataType::Struct(fields) = entries.data_type() else { panic!("{entries}") };
            let maps: Vec<_> = values.iter().map(|value| value.and_then(Value::as_object)).collect();
            let keys: StringArray = maps.iter().flatten().flat_map(|map| map.keys()).map(Some).collect();
            let items: Vec<_> = maps.iter().flatten().flat_map(|map| map.values()).map(Some).collect();
            let offsets = OffsetBuffer::from_lengths(maps.iter().map(|map| map.map_or(0, |map| map.len())));
            let columns = vec![Arc::new(keys) as ArrayRef, column(&items, &DataType::Utf8)];
            let pairs = StructArray::try_new(fields.clone(), columns, None).unwrap();
            Arc::new(MapArray::try_new(Arc::clone(entries), offsets, pairs, valid(), false).unwrap())
        }
        other => panic!("{other}"),
    }
}
