//! What stands in the Lake's files: the Lake's schema and the columns for searching.

use std::sync::{Arc, LazyLock};

use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};
use keeptrail_sql::schema::{EVENT_JSON, lake_schema};

/// `requestparameters['secretId']`: what the caller sent.
pub const SECRET_ID: &str = "_secret_id";
/// The secret's ARN, when the record tells it.
pub const SECRET_ARN: &str = "_secret_arn";
/// The secret's name, whichever way the caller named it.
pub const SECRET_NAME: &str = "_secret_name";
/// `useridentity.arn`.
pub const USER_ARN: &str = "_user_arn";
/// `useridentity.username`.
pub const USER_NAME: &str = "_user_name";
/// `useridentity.sessioncontext.sessionissuer.arn`: the role or user behind a session.
pub const ROLE_ARN: &str = "_role_arn";
/// `useridentity.accesskeyid`.
pub const ACCESS_KEY: &str = "_access_key";

/// The search columns, in the files' order.
pub(crate) const SEARCH: [&str; 7] = [SECRET_ID, SECRET_ARN, SECRET_NAME, USER_ARN, USER_NAME, ROLE_ARN, ACCESS_KEY];

/// How a store's files look. It is chosen when the store is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Layout {
    /// Whether each event's whole record is kept as `eventjson`. Without it the files are smaller, members that the Lake's
    /// schema does not know are lost to the Lake, and the column is not there to be asked for.
    pub raw_record: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Self { raw_record: true }
    }
}

impl Layout {
    /// The schema of the store's tables: the Lake's columns, then the hidden ones.
    #[must_use]
    pub fn schema(self) -> SchemaRef {
        static SCHEMAS: LazyLock<[SchemaRef; 2]> = LazyLock::new(|| [false, true].map(table_schema));
        let [without, with] = &*SCHEMAS;
        Arc::clone(if self.raw_record { with } else { without })
    }

    /// The same with text as views, which is how batches are made and written. They are views of bytes, which Arrow does not
    /// check for UTF-8 a second time: a builder takes nothing but `str`, and files are written with the table's schema.
    pub(crate) fn batch_schema(self) -> SchemaRef {
        static SCHEMAS: LazyLock<[SchemaRef; 2]> = LazyLock::new(|| {
            [false, true].map(|raw| {
                let schema = table_schema(raw);
                Arc::new(with_texts(&schema, &DataType::BinaryView))
            })
        });
        let [without, with] = &*SCHEMAS;
        Arc::clone(if self.raw_record { with } else { without })
    }

    /// The same with text as views of text: files are read so where rows are only put in another order.
    pub(crate) fn view_schema(self) -> SchemaRef {
        Arc::new(with_texts(&self.schema(), &DataType::Utf8View))
    }
}

fn table_schema(raw_record: bool) -> SchemaRef {
    let lake = lake_schema();
    let columns = lake.fields().iter().filter(|field| raw_record || field.name() != EVENT_JSON).cloned();
    let search = SEARCH.iter().map(|name| Arc::new(Field::new(*name, DataType::Utf8, true)));
    Arc::new(Schema::new(columns.chain(search).collect::<Fields>()))
}

/// The schema with every text in it of the type `text`.
fn with_texts(schema: &Schema, text: &DataType) -> Schema {
    Schema::new(schema.fields().iter().map(|field| with_text(field, text)).collect::<Fields>())
}

fn with_text(field: &FieldRef, text: &DataType) -> FieldRef {
    let data_type = match field.data_type() {
        DataType::Utf8 => text.clone(),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(|field| with_text(field, text)).collect()),
        DataType::List(item) => DataType::List(with_text(item, text)),
        DataType::Map(entries, sorted) => DataType::Map(with_text(entries, text), *sorted),
        other => other.clone(),
    };
    Arc::new(field.as_ref().clone().with_data_type(data_type))
}
