//! Queries over the trail's own events, and imports, in a running server.

use std::{
    io::Write,
    process::{Command, Output},
};

use flate2::{Compression, write::GzEncoder};
use http::Method;
use serde_json::{Value, json};

use crate::support::{
    caller::{Caller, Request},
    eventually,
    server::{ACCOUNT, ROOT, Server},
};

const BUCKET: &str = "evidence";

async fn lake(root: &Caller, operation: &str, input: Value) -> Value {
    root.call("cloudtrail", operation, input).await.good()
}

/// A new event data store's ARN and id.
async fn data_store(root: &Caller, name: &str) -> (String, String) {
    let made = lake(root, "CreateEventDataStore", json!({"Name": name})).await;
    let arn = made["EventDataStoreArn"].as_str().unwrap().to_owned();
    let id = arn.rsplit_once('/').unwrap().1.to_owned();
    (arn, id)
}

/// A query that has ended.
async fn ended(root: &Caller, query: &str) -> Value {
    eventually("the query ends", async || {
        let described = lake(root, "DescribeQuery", json!({"QueryId": query})).await;
        let active = ["QUEUED", "RUNNING"].contains(&described["QueryStatus"].as_str().unwrap());
        let delivers = described["DeliveryStatus"] == "PENDING";
        (!active && !delivers).then_some(described)
    })
    .await
}

async fn start(root: &Caller, input: Value) -> String {
    lake(root, "StartQuery", input).await["QueryId"].as_str().unwrap().to_owned()
}

/// The rows of a statement's answer.
async fn rows(root: &Caller, statement: &str) -> Vec<Value> {
    let query = start(root, json!({"QueryStatement": statement})).await;
    assert_eq!(ended(root, &query).await["QueryStatus"], "FINISHED");
    lake(root, "GetQueryResults", json!({"QueryId": query})).await["QueryResultRows"].as_array().unwrap().clone()
}

async fn bucket(root: &Caller) {
    let path = format!("/{BUCKET}");
    assert_eq!(root.send(Request::new("s3", Method::PUT, &path)).await.status, 200);
    // The policy of "Amazon S3 bucket policy for CloudTrail Lake query results" in the CloudTrail user guide.
    let condition = json!({"StringLike": {
        "aws:sourceAccount": ACCOUNT,
        "aws:sourceArn": format!("arn:aws:cloudtrail:us-east-1:{ACCOUNT}:eventdatastore/*"),
    }});
    let service = json!({"Service": "cloudtrail.amazonaws.com"});
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "AWSCloudTrailLake1", "Effect": "Allow", "Principal": service, "Action": ["s3:PutObject*", "s3:Abort*"],
         "Resource": [format!("arn:aws:s3:::{BUCKET}"), format!("arn:aws:s3:::{BUCKET}/*")], "Condition": condition},
        {"Sid": "AWSCloudTrailLake2", "Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl",
         "Resource": format!("arn:aws:s3:::{BUCKET}"), "Condition": condition},
    ]});
    let mut put = Request::new("s3", Method::PUT, &path).body(policy.to_string());
    put.query = "policy=".to_owned();
    assert!([200, 204].contains(&root.send(put).await.status));
}

/// Version 2 of the aws command line, which alone has `verify-query-results`.
fn verify(server: &Server, arguments: &[&str]) -> Option<Output> {
    let tool = std::env::var("AWS_CLI_V2").unwrap_or_else(|_| "aws".to_owned());
    let version = Command::new(&tool).arg("--version").output().ok()?;
    if !String::from_utf8_lossy(&version.stdout).starts_with("aws-cli/2.") {
        eprintln!("NOT RUN: version 2 of the aws command line is missing (AWS_CLI_V2 names it)");
        return None;
    }
    let output = Command::new(tool)
        .args(["cloudtrail", "verify-query-results", "--region", "us-east-1"])
        .args(arguments)
        .env("AWS_ENDPOINT_URL", server.url())
        .env("AWS_ENDPOINT_URL_S3", server.url())
        .env("AWS_ACCESS_KEY_ID", ROOT.0)
        .env("AWS_SECRET_ACCESS_KEY", ROOT.1)
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env_remove("AWS_PROFILE")
        .output();
    Some(output.unwrap())
}

#[tokio::test]
async fn a_read_is_seen_at_once_and_its_evidence_verifies() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("data"));
    let root = server.root();
    let (_, store) = data_store(&root, "lake").await;
    root.call("secretsmanager", "CreateSecret", json!({"Name": "prod/db", "SecretString": "kept"})).await.good();
    let id = root.call("secretsmanager", "GetSecretValue", json!({"SecretId": "prod/db"})).await.id();
    let statement =
        format!("SELECT requestID, eventName FROM {store} WHERE requestParameters.secretId = 'prod/db' LIMIT 10");
    let found = eventually("the read is in the Lake", async || {
        let rows = rows(&root, &statement).await;
        (!rows.is_empty()).then_some(rows)
    })
    .await;
    assert_eq!(found, [json!([{"requestID": id}, {"eventName": "GetSecretValue"}])]);

    bucket(&root).await;
    let uri = format!("s3://{BUCKET}/case-7");
    let query = start(&root, json!({"QueryStatement": statement, "DeliveryS3Uri": uri})).await;
    let described = ended(&root, &query).await;
    assert_eq!(described["DeliveryStatus"], "SUCCESS", "{described}");
    let listed = root.send(Request::new("s3", Method::GET, &format!("/{BUCKET}"))).await.text();
    let (_, rest) = listed.split_once("<Key>").unwrap();
    let folder = rest.split_once("result_1.csv.gz").unwrap().0.to_owned();
    assert!(folder.starts_with(&format!("case-7/AWSLogs/{ACCOUNT}/CloudTrail-Lake/Query/")), "{folder}");
    for name in ["result_1.csv.gz", "result_sign.json"] {
        let file = root.send(Request::new("s3", Method::GET, &format!("/{BUCKET}/{folder}{name}"))).await;
        std::fs::write(dir.path().join(name), file.body).unwrap();
    }
    let here = dir.path().to_str().unwrap();
    for arguments in [vec!["--s3-bucket", BUCKET, "--s3-prefix", &folder], vec!["--local-export-path", here]] {
        let Some(output) = verify(&server, &arguments) else { return };
        let (told, complaint) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(told, "Successfully validated sign and query result files\n", "{complaint}");
    }
    std::fs::write(dir.path().join("result_1.csv.gz"), "forged").unwrap();
    let forged = verify(&server, &["--local-export-path", here]).unwrap();
    assert!(!forged.status.success() && String::from_utf8_lossy(&forged.stderr).contains("inconsistent hash value"));
}

#[tokio::test]
async fn a_query_that_the_server_died_under_has_failed_and_what_had_ended_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let server = Server::start(&data);
    let root = server.root();
    let (_, store) = data_store(&root, "lake").await;
    let statement = format!("SELECT eventID FROM {store}");
    eventually("there are events", async || (rows(&root, &statement).await.len() > 12).then_some(())).await;
    let kept = start(&root, json!({"QueryStatement": statement})).await;
    ended(&root, &kept).await;
    let before = lake(&root, "GetQueryResults", json!({"QueryId": kept})).await;
    let stores: Vec<_> = ('a'..='l').map(|name| format!("{store} {name}")).collect();
    let endless = format!("SELECT count(a.eventID || l.eventID) FROM {}", stores.join(" CROSS JOIN "));
    let running = start(&root, json!({"QueryStatement": endless})).await;
    eventually("it runs", async || {
        let described = lake(&root, "DescribeQuery", json!({"QueryId": running})).await;
        (described["QueryStatus"] == "RUNNING").then_some(())
    })
    .await;
    server.kill();

    let server = Server::start(&data);
    let root = server.root();
    let failed = ended(&root, &running).await;
    assert_eq!(failed["QueryStatus"], "FAILED");
    assert_eq!(failed["ErrorMessage"], "The server stopped while the query ran. Start it again.");
    assert_eq!(lake(&root, "GetQueryResults", json!({"QueryId": kept})).await, before);
    server.stop();
}

#[tokio::test]
async fn log_files_of_a_bucket_are_imported_under_the_role_and_go_on_after_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let server = Server::start(&data);
    let root = server.root();
    bucket(&root).await;
    for file in 0..20 {
        let key = format!(
            "AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/2026/03/01/{ACCOUNT}_CloudTrail_us-east-1_20260301T12{file:02}Z_x.json.gz"
        );
        let put = Request::new("s3", Method::PUT, &format!("/{BUCKET}/{key}")).body(log_file(file));
        assert_eq!(root.send(put).await.status, 200);
    }
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ]});
    let role = json!({"RoleName": "import", "AssumeRolePolicyDocument": trust.to_string()});
    let role = root.call("iam", "CreateRole", role).await.element("Arn");
    let (arn, store) = data_store(&root, "old").await;
    let import = json!({"Destinations": [arn], "ImportSource": {"S3": {
        "S3LocationUri": format!("s3://{BUCKET}"), "S3BucketRegion": "us-east-1", "S3BucketAccessRoleArn": role,
    }}});
    let refused = root.call("cloudtrail", "StartImport", import.clone()).await;
    assert_eq!(refused.code(), "InsufficientEncryptionPolicyException", "the role may not read yet");
    let rights = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": format!("arn:aws:s3:::{BUCKET}")},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{BUCKET}/AWSLogs/*")},
    ]});
    let rights = json!({"RoleName": "import", "PolicyName": "read", "PolicyDocument": rights.to_string()});
    assert_eq!(root.call("iam", "PutRolePolicy", rights).await.status, 200);
    let started = lake(&root, "StartImport", import).await;
    server.kill();

    let server = Server::start(&data);
    let root = server.root();
    let id = json!({"ImportId": started["ImportId"]});
    let done = eventually("the import ends", async || {
        let import = lake(&root, "GetImport", id.clone()).await;
        (import["ImportStatus"] == "COMPLETED").then_some(import)
    })
    .await;
    assert_eq!(done["ImportStatistics"]["FilesCompleted"], 20);
    let statement =
        format!("SELECT count(*), count(DISTINCT eventID) FROM {store} WHERE eventSource = 'imported.test'");
    assert_eq!(rows(&root, &statement).await, [json!([{"_col0": "200"}, {"_col1": "200"}])]);
    server.stop();
}

/// A log file of ten events.
fn log_file(file: u32) -> Vec<u8> {
    let event = |number: u32| {
        json!({
            "eventVersion": "1.11", "eventTime": format!("2026-03-01T12:{file:02}:{number:02}Z"),
            "eventSource": "imported.test", "eventName": "Test", "awsRegion": "us-east-1",
            "eventID": format!("00000000-0000-4000-8000-{:012}", file * 10 + number),
        })
    };
    let records: Vec<Value> = (0..10).map(event).collect();
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(json!({"Records": records}).to_string().as_bytes()).unwrap();
    packed.finish().unwrap()
}
