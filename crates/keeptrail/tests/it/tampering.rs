//! Somebody touches the journal's files, while the server runs and while it does not: the server says so at once, in its
//! health and in the trail itself, and `keeptrail verify` names the first bad place.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::support::{
    eventually, journal,
    server::{Server, verify},
};

/// What somebody does to a segment.
type Tamper = fn(&Path);

/// A server with a few entries in its journal.
async fn server(dir: &Path) -> Server {
    let server = Server::start(&dir.join("data"));
    call(&server, 5).await;
    server
}

async fn call(server: &Server, times: usize) {
    for _ in 0..times {
        server.root().call("sts", "GetCallerIdentity", json!({})).await;
    }
}

fn segment(server_data: &Path) -> PathBuf {
    journal::segments(server_data).pop().unwrap()
}

/// Replaces a file by one with other content, as an editor does.
fn rewrite(path: &Path, change: impl FnOnce(String) -> String) {
    let text = change(fs::read_to_string(path).unwrap());
    fs::write(path.with_extension("new"), text).unwrap();
    fs::rename(path.with_extension("new"), path).unwrap();
}

fn in_place(path: &Path, change: impl FnOnce(String) -> String) {
    let text = change(fs::read_to_string(path).unwrap());
    fs::write(path, text).unwrap();
}

fn without_last_lines(text: String, lines: usize) -> String {
    let kept = text.lines().count() - lines;
    text.lines().take(kept).map(|line| format!("{line}\n")).collect()
}

/// The event that tells of tampering of this kind, as LookupEvents shows it. Readers may tell beside it what they missed.
async fn event(server: &Server, kind: &str) -> Value {
    let by_name = json!({"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "JournalTampered"}]});
    let root = server.root();
    eventually("JournalTampered is in the trail", async || {
        let found = root.call("cloudtrail", "LookupEvents", by_name.clone()).await.good();
        let events = found["Events"].as_array().unwrap().iter();
        let mut events =
            events.map(|event| serde_json::from_str::<Value>(event["CloudTrailEvent"].as_str().unwrap()).unwrap());
        events.find(|event| event["additionalEventData"]["kind"] == kind)
    })
    .await
}

#[tokio::test]
async fn tampering_with_a_running_server_is_told_at_once_and_put_right() {
    let tampering: [(&str, Tamper); 5] = [
        ("deleted", |path| fs::remove_file(path).unwrap()),
        ("replaced", |path| rewrite(path, |text| text.replace("root-key", "root-kez"))),
        ("truncated", |path| in_place(path, |text| without_last_lines(text, 2))),
        ("modified", |path| in_place(path, |text| text.replacen("GetCallerIdentity", "GetCallerIdentitx", 1))),
        ("modified", |path| drop(fs::File::options().append(true).open(path).unwrap().write_all(b"{}\n"))),
    ];
    for (kind, tamper) in tampering {
        let dir = tempfile::tempdir().unwrap();
        let server = server(dir.path()).await;
        assert_eq!(server.health().1["journal"]["intact"], true);
        let before = journal::records(server.data());
        tamper(&segment(server.data()));
        let health = eventually(kind, async || {
            let (status, health) = server.health();
            assert_eq!(status, 200, "taking the server away would help nobody: {health}");
            (health["journal"]["intact"] == false).then_some(health)
        })
        .await;
        assert_eq!(health["journal"]["faults"], 1, "{kind}: {health}");
        let event = event(&server, kind).await;
        assert_eq!(event["eventSource"], "keeptrail.amazonaws.com");
        let name = segment(server.data()).file_name().unwrap().to_string_lossy().into_owned();
        assert_eq!(event["additionalEventData"]["segment"], name, "{event}");
        assert!(server.metric("keeptrail_journal_faults_total") > 0.0);
        // Every entry is still in memory or in the open file, so nothing is lost.
        let after = journal::records(server.data());
        assert_eq!(after[..before.len()], before, "{kind}");
        server.stop();
        let (intact, report) = verify(&dir.path().join("data"));
        assert!(intact, "{kind}: {report}");
    }
}

/// What somebody did while the server was down, what is told of it, and where `verify` stops: at which line (0 is behind the
/// end), before which entry.
struct AtRest {
    kind: &'static str,
    place: (u64, u64),
    tamper: Tamper,
}

#[tokio::test]
async fn tampering_at_rest_is_told_at_the_next_start() {
    let cases = [
        AtRest {
            kind: "modified",
            place: (3, 2),
            tamper: |path| {
                in_place(path, |text| {
                    text.replacen("GetCallerIdentity", "GetCallerIdentitx", 2).replacen(
                        "GetCallerIdentitx",
                        "GetCallerIdentity",
                        1,
                    )
                })
            },
        },
        AtRest { kind: "modified", place: (4, 3), tamper: |path| in_place(path, |text| line_removed(&text, 3)) },
        // A clean cut does not show in the chain; the store remembers how far the journal had come.
        AtRest { kind: "truncated", place: (0, 3), tamper: |path| in_place(path, |text| without_last_lines(text, 3)) },
        AtRest { kind: "truncated", place: (0, 1), tamper: |path| fs::remove_file(path).unwrap() },
    ];
    for AtRest { kind, place, tamper } in cases {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        server(dir.path()).await.stop();
        tamper(&segment(&data));
        let (intact, report) = verify(&data);
        assert!(!intact, "{kind}: {report}");
        let fault = &report["fault"];
        assert_eq!((fault["line"].as_u64(), fault["seq"].as_u64()), (Some(place.0), Some(place.1)), "{report}");
        let server = Server::start(&data);
        let (status, health) = server.health();
        assert_eq!((status, &health["journal"]["intact"]), (200, &json!(false)), "{kind}: {health}");
        event(&server, kind).await;
        call(&server, 2).await;
        let intact =
            server.root().call("secretsmanager", "CreateSecret", json!({"Name": "s", "SecretString": "v"})).await;
        assert_eq!(intact.status, 200, "{kind}: the server goes on");
        server.stop();
        // What was damaged stays damaged, as evidence: the chain does not hold until it is taken away.
        assert!(!verify(&data).0, "{kind}: {}", verify(&data).1);
    }
}

fn line_removed(text: &str, at: usize) -> String {
    text.lines().enumerate().filter(|(number, _)| *number != at).map(|(_, line)| format!("{line}\n")).collect()
}

#[tokio::test]
async fn an_older_copy_in_the_place_of_the_journal_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    server(dir.path()).await.stop();
    let copy = fs::read(segment(&data)).unwrap();
    let again = Server::start(&data);
    call(&again, 20).await;
    again.stop();
    fs::write(segment(&data), copy).unwrap();
    let server = Server::start(&data);
    assert_eq!(server.health().1["journal"]["intact"], false);
    event(&server, "truncated").await;
}
