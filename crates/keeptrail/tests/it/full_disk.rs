//! A full disk, for real: a file system of a few MiB, mounted where nobody else sees it.

use std::{fs::File, io::Write, path::Path};

use serde_json::json;

use crate::support::{
    caller::{Answer, Caller},
    eventually, journal, namespace,
    server::{Server, verify},
};

const REFUSAL: &str = "The audit record of this call cannot be written now, so the call was refused.";

/// Runs [`on_a_small_disk`] in a user and mount namespace of its own.
#[test]
fn calls_fail_closed_on_a_full_disk_and_go_on_when_there_is_room() {
    namespace::run("full_disk::on_a_small_disk");
}

#[tokio::test]
#[ignore = "run by calls_fail_closed_on_a_full_disk_and_go_on_when_there_is_room in a namespace of its own"]
async fn on_a_small_disk() {
    let place = namespace::mount("24m").expect("run by the test above");
    let place = place.as_path();
    let server = Server::start(place);
    let root = server.root();
    let id = json!({"SecretId": "s"});
    root.call("secretsmanager", "CreateSecret", json!({"Name": "s", "SecretString": "kept"})).await.good();

    fill(&place.join("filler"));
    let mut answered = Vec::new();
    let refused = loop {
        let answer = root.call("secretsmanager", "GetSecretValue", id.clone()).await;
        if answer.status != 200 {
            break answer;
        }
        answered.push(answer.id());
        assert!(answered.len() < 1000, "the disk is full");
    };
    let mut refusals = vec![refused.id()];
    is_refusal(&refused);
    for (operation, input) in [
        ("PutSecretValue", json!({"SecretId": "s", "SecretString": "lost"})),
        ("DeleteSecret", id.clone()),
        ("CreateSecret", json!({"Name": "t", "SecretString": "lost"})),
        ("NoSuchOperation", json!({})),
        ("GetSecretValue", json!({"NoSuchMember": 1})),
    ] {
        let answer = root.call("secretsmanager", operation, input).await;
        assert!([503, 500].contains(&answer.status), "{operation}: {}", answer.text());
        refusals.push(answer.id());
    }
    let wrong = Caller::new(server.url(), "root-key", "wrong", None);
    is_refusal(&wrong.call("secretsmanager", "GetSecretValue", id.clone()).await);
    let (status, health) = server.health();
    assert_eq!((status, &health["ready"]), (503, &json!(false)), "{health}");
    assert!(health["journal"]["reason"].as_str().unwrap().starts_with("the disk is full"), "{health}");
    assert!(server.metric("keeptrail_journal_failures_total") > 0.0);

    std::fs::remove_file(place.join("filler")).unwrap();
    eventually("it recovers without being asked", async || (server.health().0 == 200).then_some(())).await;
    let answer = root.call("secretsmanager", "GetSecretValue", id.clone()).await;
    answered.push(answer.id());
    assert_eq!(answer.good()["SecretString"], "kept");
    let put = root.call("secretsmanager", "PutSecretValue", json!({"SecretId": "s", "SecretString": "new"})).await;
    answered.push(put.id());
    put.good();
    server.stop();

    // On a disk that is full at start, the server starts and refuses; `verify` needs no room.
    fill(&place.join("filler"));
    assert!(verify(place).0, "{}", verify(place).1);
    std::fs::remove_file(place.join("filler")).unwrap();
    let server = Server::start(place);
    let root = root.at(server.url());
    assert_eq!(root.call("secretsmanager", "GetSecretValue", id).await.good()["SecretString"], "new");
    assert_eq!(
        root.call("secretsmanager", "DescribeSecret", json!({"SecretId": "t"})).await.code(),
        "ResourceNotFoundException"
    );
    server.stop();
    assert!(verify(place).0, "{}", verify(place).1);
    let records = journal::records(place);
    let count = |id: &String| records.iter().filter(|record| record["requestID"] == json!(id)).count();
    assert!(answered.iter().all(|id| count(id) == 1), "what was answered is on the trail once");
    assert!(refusals.iter().all(|id| count(id) == 0), "what was not recorded was not done");
}

fn is_refusal(answer: &Answer) {
    assert_eq!((answer.status, answer.code().as_str()), (503, "ServiceUnavailable"), "{}", answer.text());
    assert!(answer.text().contains(REFUSAL), "{}", answer.text());
}

/// Takes all room that is left, to the last byte that the system gives.
fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    for size in [1 << 20, 1 << 12, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
}
