use arrow::{
    array::{Array, AsArray},
    datatypes::TimestampMillisecondType,
    util::display::{ArrayFormatter, FormatOptions},
};
use keeptrail_lake_bench::Events;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    layout::{ACCESS_KEY, ROLE_ARN, SECRET_ARN, SECRET_ID, SECRET_NAME, USER_ARN},
    tail::typed,
};

const ARN: &str = "arn:aws:secretsmanager:us-east-1:111122223333:secret:ethos/prod/token-aBcDeF";

fn encode(records: &[Value]) -> RecordBatch {
    let mut builder = BatchBuilder::new(Layout::default()).unwrap();
    for record in records {
        builder.push(&record.to_string()).unwrap();
    }
    rows(&mut builder)
}

/// The batch as the table has it.
fn rows(builder: &mut BatchBuilder) -> RecordBatch {
    let layout = builder.layout;
    typed(builder.finish().unwrap(), &layout.schema()).unwrap().batch
}

/// A cell as text, by the path of its column; `NULL` when it is that.
fn cell(batch: &RecordBatch, row: usize, path: &str) -> String {
    let mut parts = path.split('.');
    let mut column = batch.column_by_name(parts.next().unwrap()).unwrap().clone();
    for part in parts {
        if column.is_null(row) {
            return "NULL".to_owned();
        }
        column = column.as_struct().column_by_name(part).unwrap().clone();
    }
    let options = FormatOptions::default().with_null("NULL");
    ArrayFormatter::try_new(&column, &options).unwrap().value(row).to_string()
}

fn record(changes: Value) -> Value {
    let mut record = json!({
        "eventVersion": "1.08",
        "eventTime": "2023-07-10T12:07:59Z",
        "eventSource": "secretsmanager.amazonaws.com",
        "eventName": "GetSecretValue",
        "eventID": "cb618040-e1ec-4102-a39d-f4670210f08f",
    });
    record.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    record
}

#[test]
fn the_columns_hold_what_the_record_says() {
    let batch = encode(&[record(json!({
        "userIdentity": {
            "type": "AssumedRole", "arn": "arn:aws:sts::1:assumed-role/R/s", "accessKeyId": "ASIA1",
            "sessionContext": {
                "attributes": {"creationDate": "2023-07-10T11:00:00Z", "mfaAuthenticated": "false"},
                "sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::1:role/R"},
            },
        },
        "requestParameters": {"secretId": ARN, "force": true, "filters": [{"key": "name", "values": ["a b"]}], "none": null, "n": 7},
        "responseElements": null,
        "readOnly": true, "managementEvent": true,
        "resources": [{"ARN": "arn:x", "accountId": "1", "type": "T"}, {"ARNPrefix": "arn:y"}],
        "tlsDetails": {"tlsVersion": "TLSv1.3", "keyExchange": "X25519MLKEM768"},
        "somethingNew": {"a": 1},
    }))]);
    for (path, expected) in [
        ("eventversion", "1.08"),
        ("eventtime", "2023-07-10T12:07:59"),
        ("useridentity.type", "AssumedRole"),
        ("useridentity.username", "NULL"),
        ("useridentity.sessioncontext.attributes.creationdate", "2023-07-10T11:00:00"),
        ("useridentity.sessioncontext.sessionissuer.arn", "arn:aws:iam::1:role/R"),
        ("useridentity.onbehalfof.userid", "NULL"),
        ("responseelements", "NULL"),
        ("readonly", "true"),
        ("tlsdetails.tlsversion", "TLSv1.3"),
        (
            "resources",
            "[{accountid: 1, type: T, arn: arn:x, arnprefix: NULL}, {accountid: NULL, type: NULL, arn: NULL, arnprefix: arn:y}]",
        ),
        ("eventjsonchecksum", "NULL"),
        (SECRET_ID, ARN),
        (SECRET_ARN, ARN),
        (SECRET_NAME, "ethos/prod/token"),
        (USER_ARN, "arn:aws:sts::1:assumed-role/R/s"),
        (ROLE_ARN, "arn:aws:iam::1:role/R"),
        (ACCESS_KEY, "ASIA1"),
    ] {
        assert_eq!(cell(&batch, 0, path), expected, "{path}");
    }
    let parameters = cell(&batch, 0, "requestparameters");
    assert_eq!(
        parameters,
        format!(r#"{{secretId: {ARN}, force: true, filters: [{{"key":"name","values":["a b"]}}], none: NULL, n: 7}}"#)
    );
    assert!(
        cell(&batch, 0, "eventjson").contains(r#""somethingNew":{"a":1}"#),
        "what the schema does not know is kept"
    );
}

#[test]
fn real_oddities_are_taken_in() {
    let batch = encode(&[
        record(json!({"eventName": "DeleteSecret", "responseElements": {"aRN": ARN, "name": "ethos/prod/token"}})),
        record(json!({"userIdentity": {"accountId": "1", "invokedBy": "secretsmanager.amazonaws.com"},
            "eventType": "AwsServiceEvent", "requestParameters": null, "additionalEventData": {"ARN": ARN, "Name": "n"}})),
        record(
            json!({"eventVersion": "1.01", "requestParameters": {"secretId": "ethos/prod/token"}, "readOnly": "true"}),
        ),
        record(
            json!({"eventSource": "kms.amazonaws.com", "requestParameters": {"secretId": ARN}, "resources": "none", "tlsDetails": []}),
        ),
        record(
            json!({"eventName": "CreateSecret", "requestParameters": {"name": "ethos/new"}, "sessionCredentialFromConsole": true}),
        ),
    ]);
    let column = |name: &str| (0..5).map(|row| cell(&batch, row, name)).collect::<Vec<_>>();
    assert_eq!(column(SECRET_NAME), ["ethos/prod/token", "ethos/prod/token", "ethos/prod/token", "NULL", "ethos/new"]);
    assert_eq!(column(SECRET_ARN), [ARN, ARN, "NULL", "NULL", "NULL"]);
    assert_eq!(column(SECRET_ID), ["NULL", "NULL", "ethos/prod/token", ARN, "NULL"]);
    assert_eq!(cell(&batch, 1, "useridentity.type"), "NULL");
    assert_eq!(cell(&batch, 1, "useridentity.invokedby"), "secretsmanager.amazonaws.com");
    assert_eq!(cell(&batch, 2, "readonly"), "true");
    assert_eq!(cell(&batch, 3, "resources"), "NULL");
    assert_eq!(cell(&batch, 4, "sessioncredentialfromconsole"), "true");
}

#[test]
fn an_event_without_an_id_gets_one_from_its_text() {
    let mut first = record(json!({}));
    first.as_object_mut().unwrap().remove("eventID");
    let mut second = first.clone();
    second["eventName"] = json!("Other");
    let batch = encode(&[first.clone(), second, first]);
    let ids: Vec<_> = (0..3).map(|row| cell(&batch, row, "eventid")).collect();
    assert_eq!(ids[0], ids[2]);
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn what_is_no_record_leaves_the_batch_as_it_was() {
    let good = record(json!({"requestParameters": {"secretId": "a"}, "resources": [{"ARN": "x"}]})).to_string();
    let mut builder = BatchBuilder::new(Layout::default()).unwrap();
    builder.push(&good).unwrap();
    // Cut anywhere, the record is refused, and half of its columns were filled by then.
    for cut in 0..good.len() {
        let half = good.get(..cut).unwrap();
        assert!(builder.push(half).is_err(), "{half}");
    }
    assert_eq!(builder.push(r#"{"eventTime":"yesterday"}"#), Err(EncodeError::NoTime));
    assert_eq!(builder.push_if(&good, |_| false), Ok(false));
    builder.push(&good).unwrap();
    let batch = rows(&mut builder);
    assert_eq!(batch, encode(&[serde_json::from_str(&good).unwrap(), serde_json::from_str(&good).unwrap()]));
}

#[test]
fn escapes_and_white_space_are_gone_from_values() {
    let text = "{ \"eventTime\" : \"2023-07-10T12:07:59Z\", \"eventID\":\"x\",\n \"userAgent\":\"a \\\"b\\\" \\u00e9\\ud83d\\ude00\",
        \"requestParameters\" : { \"k\\u0065y\" : { \"a\" : [ 1 , 2 ] } } }";
    let mut builder = BatchBuilder::new(Layout::default()).unwrap();
    builder.push(text).unwrap();
    let batch = rows(&mut builder);
    assert_eq!(cell(&batch, 0, "useragent"), "a \"b\" é😀");
    assert_eq!(cell(&batch, 0, "requestparameters"), r#"{key: {"a":[1,2]}}"#);
    assert_eq!(cell(&batch, 0, "eventjson"), text);
}

#[test]
fn without_raw_records_there_is_no_column_for_them() {
    let mut builder = BatchBuilder::new(Layout { raw_record: false }).unwrap();
    builder.push(&record(json!({})).to_string()).unwrap();
    let batch = rows(&mut builder);
    assert!(batch.column_by_name("eventjson").is_none());
    assert_eq!(cell(&batch, 0, "eventname"), "GetSecretValue");
}

#[test]
fn ranks_put_together_what_is_searched_together() {
    let mut builder = BatchBuilder::new(Layout::default()).unwrap();
    for (source, name, secret) in [("s3", "B", "z"), ("ec2", "A", "y"), ("s3", "A", "x"), ("s3", "B", "a")] {
        let parameters = json!({"secretId": secret});
        let source = format!("{source}.amazonaws.com");
        builder
            .push(
                &record(json!({"eventSource": source, "eventName": name, "requestParameters": parameters})).to_string(),
            )
            .unwrap();
    }
    let places = Keys::places(&[&builder.finish().unwrap().keys]);
    let mut rows = [0, 1, 2, 3];
    rows.sort_by_key(|row| places[0][*row]);
    assert_eq!(rows[..2], [1, 2]);
}

#[test]
fn records_of_one_text_are_taken_in_up_to_the_first_that_is_not_whole() {
    let texts: Vec<String> = (0..4)
        .map(|number| {
            let time = format!("2023-07-10T12:00:0{number}Z");
            record(json!({"eventID": format!("id {number}"), "eventTime": time, "userAgent": "a \"b\" é"})).to_string()
        })
        .collect();
    let text = format!(",\n{} ,{},\n{},{}", texts[0], texts[1], texts[2], texts[3].get(..texts[3].len() - 9).unwrap());
    let mut builder = BatchBuilder::new(Layout::default()).unwrap();
    let mut taken = Vec::new();
    let read = builder.push_all(&text, |time| time % 60_000 != 1_000, |length, wanted| taken.push((length, wanted)));
    assert_eq!(text.get(read..read + 2).unwrap(), ",{", "reading stops behind the last that is whole");
    assert_eq!(taken, [0, 1, 2].map(|at| (texts[at].len(), at != 1)));
    builder.push(&texts[3]).unwrap();
    let mut one_by_one = BatchBuilder::new(Layout::default()).unwrap();
    [0, 2, 3].iter().for_each(|at: &usize| one_by_one.push(&texts[*at]).unwrap());
    assert_eq!(rows(&mut builder), rows(&mut one_by_one));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Against a second, slow reading of the same records.
    #[test]
    fn generated_events_read_as_serde_json_reads_them(seed in any::<u64>()) {
        let mut events = Events::new(seed);
        let mut builder = BatchBuilder::new(Layout::default()).unwrap();
        let mut expected = Vec::new();
        for second in 0..40 {
            let mut text = String::new();
            events.write(&mut text, jiff::Timestamp::from_second(1_700_000_000 + second).unwrap(), 0, 0);
            builder.push(&text).unwrap();
            expected.push(serde_json::from_str::<Value>(&text).unwrap());
        }
        let batch = rows(&mut builder);
        for (row, record) in expected.iter().enumerate() {
            for (column, pointer) in [
                ("eventname", "/eventName"), ("sourceipaddress", "/sourceIPAddress"), ("useragent", "/userAgent"), ("errorcode", "/errorCode"),
                ("requestid", "/requestID"), ("eventid", "/eventID"), ("useridentity.arn", "/userIdentity/arn"),
                ("useridentity.sessioncontext.sessionissuer.username", "/userIdentity/sessionContext/sessionIssuer/userName"),
                ("tlsdetails.clientprovidedhostheader", "/tlsDetails/clientProvidedHostHeader"), (SECRET_ID, "/requestParameters/secretId"),
            ] {
                let theirs = record.pointer(pointer).and_then(Value::as_str).unwrap_or("NULL");
                prop_assert_eq!(cell(&batch, row, column), theirs, "{}", column);
            }
            let map = batch.column_by_name("requestparameters").unwrap().as_map();
            let entries = record["requestParameters"].as_object().map_or(0, serde_json::Map::len);
            prop_assert_eq!(map.value(row).len(), entries);
            let times = batch.column_by_name("eventtime").unwrap().as_primitive::<TimestampMillisecondType>();
            prop_assert_eq!(times.value(row), (1_700_000_000 + row as i64) * 1000);
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in r#"\{("(eventTime|resources|userIdentity|requestParameters)":("2023-07-10T12:07:59Z"|\{|\}|\[|\]|,|"x"|1|null|:|\\)*,?)*\}?"#) {
        let mut builder = BatchBuilder::new(Layout::default()).unwrap();
        let taken = builder.push(&text).is_ok();
        builder.push(&record(json!({})).to_string()).unwrap();
        prop_assert_eq!(rows(&mut builder).num_rows(), 1 + usize::from(taken));
    }
}
