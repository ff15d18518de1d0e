//! The binary as an operator meets it: start, health, stop, kill, verify.

use std::process::Command;

use crate::support::{
    journal,
    server::{BINARY, Server, verify},
};

#[test]
fn a_fresh_server_is_ready_says_what_to_export_and_keeps_its_files_to_itself() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let server = Server::start(&data);
    assert!(server.get("/healthz").starts_with("HTTP/1.1 200"), "{}", server.get("/healthz"));
    assert!(server.get("/metrics").contains("keeptrail_journal_head"));
    let exports = Command::new(BINARY).args(["env", "--data"]).arg(&data).output().unwrap();
    let exports = String::from_utf8(exports.stdout).unwrap();
    assert!(exports.contains(&format!("export AWS_ENDPOINT_URL=http://{}", server.address())), "{exports}");
    assert!(exports.contains("export AWS_SECRET_ACCESS_KEY="));
    for name in ["credentials", "master.key"] {
        let mode = std::fs::metadata(data.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}: {mode:o}");
    }
    server.kill();
}

#[test]
fn a_confirmation_link_is_a_call_and_not_a_page() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let server = Server::start(&data);
    let topic = "arn:aws:sns:us-east-1:123456789012:none";
    let answer = server.get(&format!("/?Action=ConfirmSubscription&TopicArn={topic}&Token={}", "a".repeat(64)));
    assert!(answer.starts_with("HTTP/1.1 4") && answer.contains("<ErrorResponse"), "{answer}");
    assert!(server.get("/").contains("<h1>keeptrail</h1>"));
    server.kill();
    assert_eq!(journal::records(&data).pop().unwrap()["eventName"], "ConfirmSubscription");
}

#[test]
fn a_killed_server_starts_again_by_itself_with_all_it_answered() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let server = Server::start(&data);
    for _ in 0..5 {
        server.get("/no-such-bucket/key");
    }
    server.kill();
    let server = Server::start(&data);
    assert!(server.health().1["journal"]["intact"] == true);
    server.kill();
    let (intact, report) = verify(&data);
    assert!(intact && report["entries"] == 5, "{report}");
}

#[test]
fn a_wrong_setting_stops_the_start_with_one_clear_line() {
    let output = Command::new(BINARY).args(["serve", "--listen", "0.0.0.0:0"]).output().unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
    assert!(complaint.contains("is not a loopback address"), "{complaint}");
}
