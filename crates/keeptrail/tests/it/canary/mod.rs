//! A secret's value turns up nowhere but in the answers of those who may read it: not in a file that the server wrote, not
//! in its log, not in a page, a notification or another answer, in no form.

mod search;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::Method;
use keeptrail_clock::{Clock, Random};
use serde_json::{Value, json};
use std::time::Duration;

use crate::support::{
    caller::{Answer, Caller, Request},
    encoding, eventually,
    server::Server,
    sink::{Manner, Sink},
    watch,
};
use search::Search;

/// A name that does stand in the trail: the search must find it wherever it looks for the canary.
const CONTROL: &str = "control/seen-everywhere";

/// Random text with characters that JSON, forms and XML write differently.
fn canary() -> String {
    let random = Random::system();
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    format!("{}\"é&<{}", random.text(letters, 24).unwrap(), random.text(letters, 24).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_value_turns_up_nowhere() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let (webhook, mailbox) = (Sink::webhook(Manner::Accepts).await, Sink::mailbox().await);
    let server = Server::start_with(&data, |command| {
        command.args(["--trail-interval", "1s", "--notify-allow", "127.0.0.0/8", "--log", "trace"]).args([
            "--smtp-url",
            &format!("smtp://{}", mailbox.address),
            "--smtp-from",
            "keeptrail@example.com",
        ]);
    });
    let root = server.root();
    watch::trail(&root).await;
    watch::filter(&root, &format!("{{ $.requestParameters.secretId = \"{CONTROL}\" }}")).await;
    let topic = watch::notices(&root, &webhook).await;
    let subscription = json!({"TopicArn": topic, "Protocol": "email", "Endpoint": "security@example.com"});
    assert_eq!(root.call("sns", "Subscribe", subscription).await.status, 200);
    let token = mailbox.wait_for(|mail| {
        let token = mail.split("Token=").nth(1)?;
        Some(token.chars().take_while(char::is_ascii_alphanumeric).collect::<String>())
    });
    watch::confirm(&root, &topic, &token.await).await;

    let secret = canary();
    let mut search = Search::new(&secret, CONTROL);
    for answer in use_it(&root, &secret).await {
        search.answer(&answer);
    }
    for answer in misuse_it(&root, &server, &secret).await {
        search.answer(&answer);
    }

    // All that watches has seen it: the control is in the newest log file, log event, notification and mail.
    webhook.wait_for(|message| (message.contains("AlarmName") && message.contains("ALARM")).then_some(())).await;
    mailbox.wait_for(|mail| mail.contains("ALARM").then_some(())).await;
    mailbox.wait_for(|mail| mail.contains(CONTROL).then_some(())).await;
    eventually("log events", async || {
        let found = root.call("logs", "FilterLogEvents", json!({"logGroupName": watch::GROUP})).await;
        search.answer(&found);
        found.text().contains("RestoreSecret").then_some(())
    })
    .await;
    eventually("event history", async || {
        let found = root.call("cloudtrail", "LookupEvents", json!({})).await;
        search.answer(&found);
        found.text().contains("RestoreSecret").then_some(())
    })
    .await;
    log_files(&root).await;
    for page in ["/", "/healthz", "/metrics"] {
        search.text("page", &server.get(page));
    }
    server.stop();

    for (kind, kept) in [("webhook", webhook.kept()), ("mail", mailbox.kept())] {
        kept.iter().for_each(|message| search.text(kind, message));
    }
    search.file("log", &data.with_extension("log"));
    search.directory(&data);
    search.rows(&data.join("store.db"));
    search.must_have_seen(&["answer", "webhook", "mail", "journal", "objects, inflated", "row, lz4"]);
}

/// Waits for a log file that holds what was done last.
async fn log_files(root: &Caller) {
    let clock = Clock::system();
    // Log files come at most a second apart: whatever comes after this is of later events, too.
    clock.sleep(Duration::from_secs(1)).await;
    let list = || Request::new("s3", Method::GET, &format!("/{}?list-type=2", watch::BUCKET));
    let count = async || root.send(list()).await.text().matches("<Key>").count();
    let before = count().await;
    root.call("secretsmanager", "DescribeSecret", json!({"SecretId": CONTROL})).await.good();
    eventually("another log file", async || (count().await > before).then_some(())).await;
}

/// The life of a secret. The answers that may hold its value are checked here and not given back.
async fn use_it(root: &Caller, secret: &str) -> Vec<Answer> {
    let call = async |operation: &str, input: Value| root.call("secretsmanager", operation, input).await;
    let id = json!({"SecretId": CONTROL});
    let mut answers = vec![call("CreateSecret", json!({"Name": CONTROL, "SecretString": secret})).await];
    let read = async |id: Value| assert_eq!(call("GetSecretValue", id).await.good()["SecretString"], json!(secret));
    read(id.clone()).await;
    answers.push(call("PutSecretValue", json!({"SecretId": CONTROL, "SecretString": secret})).await);
    answers.push(call("PutSecretValue", json!({"SecretId": CONTROL, "SecretBinary": STANDARD.encode(secret)})).await);
    assert_eq!(call("GetSecretValue", id.clone()).await.good()["SecretBinary"], json!(STANDARD.encode(secret)));
    answers.push(call("UpdateSecret", json!({"SecretId": CONTROL, "SecretString": secret, "Description": "d"})).await);
    read(json!({"SecretId": CONTROL, "VersionStage": "AWSCURRENT"})).await;
    let batch = call("BatchGetSecretValue", json!({"SecretIdList": [CONTROL, "absent"]})).await.good();
    assert_eq!(batch["SecretValues"][0]["SecretString"], json!(secret));
    let versions = call("ListSecretVersionIds", json!({"SecretId": CONTROL, "IncludeDeprecated": true})).await;
    let old = versions.json()["Versions"][0]["VersionId"].clone();
    answers.push(versions);
    assert_eq!(call("GetSecretValue", json!({"SecretId": CONTROL, "VersionId": old})).await.status, 200);
    for operation in ["DescribeSecret", "GetResourcePolicy"] {
        answers.push(call(operation, id.clone()).await);
    }
    answers.push(call("ListSecrets", json!({})).await);
    answers.push(call("ListSecrets", json!({"Filters": [{"Key": "all", "Values": ["control"]}]})).await);
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    // The same name again, the same token with another value: errors about a value.
    answers.push(call("CreateSecret", json!({"Name": CONTROL, "SecretString": secret})).await);
    let token = "11111111-2222-3333-4444-555555555555";
    for value in ["another", secret] {
        answers.push(
            call("PutSecretValue", json!({"SecretId": CONTROL, "SecretString": value, "ClientRequestToken": token}))
                .await,
        );
    }
    let nobody = root.new_user("nobody", None).await;
    for operation in ["GetSecretValue", "DeleteSecret"] {
        answers.push(nobody.call("secretsmanager", operation, id.clone()).await);
    }
    answers.push(
        nobody.call("secretsmanager", "PutSecretValue", json!({"SecretId": CONTROL, "SecretString": secret})).await,
    );
    answers.push(call("DeleteSecret", id.clone()).await);
    answers.push(call("GetSecretValue", id.clone()).await);
    answers.push(call("PutSecretValue", json!({"SecretId": CONTROL, "SecretString": secret})).await);
    answers.push(call("RestoreSecret", id).await);
    assert_eq!(answers.last().unwrap().status, 200);
    answers
}

/// The value where it does not belong. What a caller sends as an identifier (a name, an ARN, an access key, an operation, a
/// bucket, a `User-Agent`) is on the trail by AWS's own format: that is the caller's doing, and not tried here.
async fn misuse_it(root: &Caller, server: &Server, secret: &str) -> Vec<Answer> {
    let json = |operation: &str, body: String| Request::json("secretsmanager", "secretsmanager", operation, body);
    let quoted = json!(secret).to_string();
    let mut requests = vec![
        json("PutSecretValue", format!("{{\"SecretId\":\"{CONTROL}\",\"SecretString\":{quoted}")),
        json("PutSecretValue", format!("{{\"SecretId\":\"{CONTROL}\",\"SecretString\":{quoted},}}")),
        json("PutSecretValue", format!("{quoted}{{}}")),
        json("PutSecretValue", secret.to_owned()),
        json("PutSecretValue", format!("{{{quoted}:1}}")),
        json("PutSecretValue", json!({"SecretId": CONTROL, "SecretValue": secret}).to_string()),
        json("PutSecretValue", json!({"SecretId": CONTROL, "SecretString": [secret]}).to_string()),
        json("PutSecretValue", json!({"SecretId": {secret: secret}, "SecretString": secret}).to_string()),
        json("PutSecretValue", json!({"SecretId": CONTROL, "SecretBinary": secret}).to_string()),
        json(
            "PutSecretValue",
            json!({"SecretId": CONTROL, "SecretString": secret, "SecretBinary": "AAAA"}).to_string(),
        ),
        json(
            "PutSecretValue",
            json!({"SecretId": CONTROL, "SecretString": secret, "VersionStages": [secret, 1]}).to_string(),
        ),
        json("CreateSecret", json!({"Name": "other", "SecretString": secret, "KmsKeyId": "alias/mine"}).to_string()),
        json("CreateSecret", json!({"Name": "a name with spaces", "SecretString": secret}).to_string()),
        json("UpdateSecret", json!({"SecretId": "absent", "SecretString": secret}).to_string()),
        json("RotateSecret", json!({"SecretId": CONTROL, "SecretString": secret}).to_string()),
        json("GetRandomPassword", json!({"PasswordLength": secret}).to_string()),
        json("GetSecretValue", json!({"SecretId": CONTROL}).to_string())
            .header("x-secret", &encoding::url_encoded(secret.as_bytes())),
        json("GetSecretValue", String::new()).header("content-encoding", &encoding::url_encoded(secret.as_bytes())),
    ];
    for (service, version, operation) in [("sns", "2010-03-31", "Publish"), ("iam", "2010-05-08", "CreateUser")] {
        requests.push(Request::query(service, version, operation, &json!({"NoSuchMember": secret})));
        requests.push(Request::query(service, version, operation, &json!({ secret: "x" })));
    }
    let point = json!({"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": secret}]});
    let cbor = encoding::cbor(&point);
    requests.push(Request::cbor(
        "monitoring",
        "GraniteServiceVersion20100801",
        "PutMetricData",
        cbor[..cbor.len() - 9].to_vec(),
    ));
    requests.push(Request::cbor("monitoring", "GraniteServiceVersion20100801", "PutMetricData", cbor));
    requests.push(
        Request::new("s3", Method::PUT, "/trail-files/object").header("x-amz-checksum-crc32", "AAAAAA==").body(secret),
    );
    requests.push(Request::new("s3", Method::PUT, "/trail-files?policy").body(secret));
    let unsigned = json("PutSecretValue", json!({"SecretId": CONTROL, "SecretString": secret}).to_string());
    let mut answers = Vec::new();
    for request in requests {
        let reads = request.headers.contains_key("x-secret");
        let answer = root.send(request).await;
        assert_eq!(answer.status == 200, reads, "{}", answer.text());
        if !reads {
            answers.push(answer);
        }
    }
    answers.push(root.unsigned(unsigned.clone()).await.unwrap());
    answers.push(
        root.unsigned(unsigned.clone().header("authorization", &encoding::url_encoded(secret.as_bytes())))
            .await
            .unwrap(),
    );
    let wrong = Caller::new(server.url(), "root-key", "wrong-secret", Some(&encoding::url_encoded(secret.as_bytes())));
    answers.push(wrong.send(unsigned).await);
    let raw = format!(
        "POST / HTTP/1.1\r\nhost: {}\r\nx-amz-target: secretsmanager.PutSecretValue\r\nx-broken: \0{secret}\r\n\r\n{secret}",
        server.address()
    );
    let said = server.raw(raw.as_bytes());
    answers.push(Answer { status: 400, headers: http::HeaderMap::new(), body: said.into_bytes() });
    assert!(answers.iter().all(|answer| answer.status >= 400), "{answers:?}");
    answers
}
