//! Event data stores through the aws command line, and what is in them after kills and stops.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::{
    lake,
    server::{ACCOUNT, ROOT, Server},
};

/// Runs `aws cloudtrail …`; what it printed, or the error's text. `None` when the tool is missing.
fn aws(server: &Server, arguments: &str) -> Option<Result<Value, String>> {
    let output = Command::new("aws")
        .arg("cloudtrail")
        .args(arguments.split(' '))
        .env("AWS_ENDPOINT_URL", server.url())
        .env("AWS_ACCESS_KEY_ID", ROOT.0)
        .env("AWS_SECRET_ACCESS_KEY", ROOT.1)
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_DEFAULT_OUTPUT", "json")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_PAGER", "")
        .env("AWS_MAX_ATTEMPTS", "1")
        .env_remove("AWS_PROFILE")
        .output()
        .ok()?;
    if !output.status.success() {
        return Some(Err(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Some(Ok(serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)))
}

#[test]
fn an_event_data_store_lives_and_goes_by_the_aws_command_line() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("data"));
    let create = "create-event-data-store --name ethos-lake --retention-period 90 --tags-list Key=team,Value=ethos";
    let Some(made) = aws(&server, create) else {
        assert!(std::env::var_os("CI").is_none(), "CI needs the aws command line");
        eprintln!("NOT RUN: the aws command line is missing");
        return;
    };
    let made = made.unwrap();
    let arn = made["EventDataStoreArn"].as_str().unwrap();
    assert!(arn.starts_with(&format!("arn:aws:cloudtrail:us-east-1:{ACCOUNT}:eventdatastore/")), "{arn}");
    assert_eq!((&made["Status"], &made["RetentionPeriod"]), (&json!("ENABLED"), &json!(90)));
    assert_eq!(made["AdvancedEventSelectors"][0]["Name"], "Default management events");

    let run = |arguments: &str| aws(&server, &arguments.replace("ARN", arn)).unwrap();
    let status = || run("get-event-data-store --event-data-store ARN").unwrap()["Status"].clone();
    assert_eq!(run("list-event-data-stores").unwrap()["EventDataStores"][0]["EventDataStoreArn"], arn);
    run("stop-event-data-store-ingestion --event-data-store ARN").unwrap();
    assert_eq!(status(), "STOPPED_INGESTION");
    run("start-event-data-store-ingestion --event-data-store ARN").unwrap();
    run("add-tags --resource-id ARN --tags-list Key=cost,Value=low").unwrap();
    run("remove-tags --resource-id ARN --tags-list Key=team").unwrap();
    let tags = run("list-tags --resource-id-list ARN").unwrap();
    assert_eq!(tags["ResourceTagList"][0]["TagsList"], json!([{"Key": "cost", "Value": "low"}]));

    let refused = run("delete-event-data-store --event-data-store ARN").unwrap_err();
    assert!(refused.contains("EventDataStoreTerminationProtectedException"), "{refused}");
    run("update-event-data-store --event-data-store ARN --no-termination-protection-enabled").unwrap();
    run("delete-event-data-store --event-data-store ARN").unwrap();
    assert_eq!(status(), "PENDING_DELETION");
    assert_eq!(run("restore-event-data-store --event-data-store ARN").unwrap()["Status"], "ENABLED");
}

#[tokio::test]
async fn events_are_in_the_store_once_after_a_kill_a_restart_and_a_stop() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let server = Server::start(&data);
    let root = server.root();
    let made = root.call("cloudtrail", "CreateEventDataStore", json!({"Name": "lake"})).await.good();
    let arn = made["EventDataStoreArn"].as_str().unwrap();
    root.call("secretsmanager", "CreateSecret", json!({"Name": "prod/db", "SecretString": "kept"})).await.good();
    let mut ids = Vec::new();
    let read = async |root: &crate::support::caller::Caller| {
        root.call("secretsmanager", "GetSecretValue", json!({"SecretId": "prod/db"})).await.id()
    };
    ids.push(read(&root).await);
    server.kill();

    let server = Server::start(&data);
    ids.push(read(&root.at(server.url())).await);
    server.stop();
    let server = Server::start(&data);
    ids.push(read(&root.at(server.url())).await);
    server.stop();

    let statement =
        "SELECT requestid FROM s WHERE eventname = 'GetSecretValue' AND requestParameters.secretId = 'prod/db'";
    let mut found: Vec<_> = lake::query(&data, arn, statement).await.into_iter().flatten().collect();
    found.sort();
    ids.sort();
    assert_eq!(found, ids);
    let secret = lake::query(&data, arn, "SELECT count(*) FROM s WHERE eventjson LIKE '%kept%'").await;
    assert_eq!(secret, [["0"]], "no secret is in the Lake");
}
