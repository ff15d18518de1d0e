//! The columns of an event data store, as AWS names and types them ("Supported SQL schemas for event data stores",
//! CloudTrail user guide). All names are lower case; SQL finds them in any case.
//!
//! A table may carry more columns whose names begin with [`HIDDEN_PREFIX`]: they serve searching and never show in
//! `SELECT *`.

use std::sync::{Arc, LazyLock};

use arrow::{
    array::builder::MapFieldNames,
    datatypes::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit},
};

/// The first character of columns that are no part of the Lake's schema.
pub const HIDDEN_PREFIX: char = '_';

/// The column of the whole record.
pub const EVENT_JSON: &str = "eventjson";

/// The type of `eventtime`: UTC in milliseconds, Trino's `timestamp(3)`.
pub const TIMESTAMP: DataType = DataType::Timestamp(TimeUnit::Millisecond, None);

static LAKE_SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| Arc::new(Schema::new(columns())));

/// The Lake's schema, in the order of `SELECT *`. Every column may be NULL but `eventtime`, `eventid` and `eventjson`.
pub fn lake_schema() -> SchemaRef {
    Arc::clone(&LAKE_SCHEMA)
}

/// Whether a column serves searching only.
pub fn is_hidden(column: &str) -> bool {
    column.starts_with(HIDDEN_PREFIX)
}

/// The names inside the Lake's map columns, for `MapBuilder`.
pub fn map_field_names() -> MapFieldNames {
    MapFieldNames { entry: "entries".into(), key: "key".into(), value: "value".into() }
}

/// `map<string,string>`. Values that are no strings in the event stand as their JSON text.
pub fn string_map() -> DataType {
    let entries = structure([Field::new("key", DataType::Utf8, false), Field::new("value", DataType::Utf8, true)]);
    DataType::Map(Arc::new(Field::new("entries", entries, false)), false)
}

fn columns() -> Vec<Field> {
    vec![
        text("eventversion"),
        Field::new("useridentity", user_identity(), true),
        Field::new("eventtime", TIMESTAMP, false),
        text("eventsource"),
        text("eventname"),
        text("awsregion"),
        text("sourceipaddress"),
        text("useragent"),
        text("errorcode"),
        text("errormessage"),
        Field::new("requestparameters", string_map(), true),
        Field::new("responseelements", string_map(), true),
        Field::new("additionaleventdata", string_map(), true),
        text("requestid"),
        Field::new("eventid", DataType::Utf8, false),
        Field::new("readonly", DataType::Boolean, true),
        Field::new("resources", list(texts(["accountid", "type", "arn", "arnprefix"])), true),
        text("eventtype"),
        text("apiversion"),
        Field::new("managementevent", DataType::Boolean, true),
        text("recipientaccountid"),
        text("sharedeventid"),
        text("annotation"),
        text("vpcendpointid"),
        text("vpcendpointaccountid"),
        Field::new("serviceeventdetails", string_map(), true),
        Field::new("addendum", string_map(), true),
        Field::new("edgedevicedetails", string_map(), true),
        Field::new("insightdetails", string_map(), true),
        text("eventcategory"),
        Field::new("tlsdetails", texts(["tlsversion", "ciphersuite", "clientprovidedhostheader"]), true),
        text("sessioncredentialfromconsole"),
        Field::new("eventcontext", event_context(), true),
        Field::new(EVENT_JSON, DataType::Utf8, false),
        text("eventjsonchecksum"),
    ]
}

fn user_identity() -> DataType {
    structure([
        text("type"),
        text("principalid"),
        text("arn"),
        text("accountid"),
        text("accesskeyid"),
        text("username"),
        Field::new("sessioncontext", session_context(), true),
        Field::new("onbehalfof", texts(["userid", "identitystorearn"]), true),
        Field::new("inscopeof", texts(["sourcearn", "sourceaccount", "issuertype", "credentialsissuedto"]), true),
        text("invokedby"),
        text("identityprovider"),
    ])
}

fn session_context() -> DataType {
    structure([
        Field::new(
            "attributes",
            structure([Field::new("creationdate", TIMESTAMP, true), text("mfaauthenticated")]),
            true,
        ),
        Field::new("sessionissuer", texts(["type", "principalid", "arn", "accountid", "username"]), true),
        Field::new(
            "webidfederationdata",
            structure([text("federatedprovider"), Field::new("attributes", string_map(), true)]),
            true,
        ),
        text("sourceidentity"),
        text("ec2roledelivery"),
        text("ec2issuedinvpc"),
    ])
}

fn event_context() -> DataType {
    let tagged = structure([text("arn"), Field::new("tags", string_map(), true)]);
    let tags =
        structure([Field::new("resourcetags", list(tagged), true), Field::new("principaltags", string_map(), true)]);
    structure([Field::new("requestcontext", string_map(), true), Field::new("tagcontext", tags, true)])
}

fn text(name: &str) -> Field {
    Field::new(name, DataType::Utf8, true)
}

fn texts<const N: usize>(names: [&str; N]) -> DataType {
    structure(names.map(text))
}

fn structure<const N: usize>(fields: [Field; N]) -> DataType {
    DataType::Struct(Fields::from(Vec::from(fields)))
}

fn list(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(item, true)))
}
