//! The binary as an operator meets it: start, health, stop, kill, verify.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
};

struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_keeptrail"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .env_remove("KEEPTRAIL_STORE")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("keeptrail listens on http://").unwrap_or_else(|| panic!("{line}"));
        Self { address: address.to_owned(), child }
    }

    fn request(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn get(&self, path: &str) -> String {
        self.request(&format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address))
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn verify(data: &Path) -> (bool, String) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_keeptrail")).args(["verify", "--json", "--data"]).arg(data).output().unwrap();
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn a_fresh_server_is_ready_says_what_to_export_and_keeps_its_files_to_itself() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let server = Server::start(&data);
    assert!(server.get("/healthz").starts_with("HTTP/1.1 200"), "{}", server.get("/healthz"));
    assert!(server.get("/metrics").contains("keeptrail_journal_head"));
    let exports = Command::new(env!("CARGO_BIN_EXE_keeptrail")).args(["env", "--data"]).arg(&data).output().unwrap();
    let exports = String::from_utf8(exports.stdout).unwrap();
    assert!(exports.contains(&format!("export AWS_ENDPOINT_URL=http://{}", server.address)), "{exports}");
    assert!(exports.contains("export AWS_SECRET_ACCESS_KEY="));
    for name in ["credentials", "master.key"] {
        let mode = std::fs::metadata(data.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}: {mode:o}");
    }
    server.kill();
}

#[test]
fn unsigned_and_malformed_calls_are_refused_and_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let call = |target: &str, body: &str| {
        server.request(&format!(
            "POST / HTTP/1.1\r\nhost: {}\r\nconnection: close\r\nx-amz-target: {target}\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: {}\r\n\r\n{body}",
            server.address,
            body.len()
        ))
    };
    let answer = call("secretsmanager.GetSecretValue", "{\"SecretId\":\"canary-in-a-refused-body\"}");
    assert!(answer.contains("MissingAuthenticationTokenException"), "{answer}");
    let answer = call("NoSuchService.Operation", "{}");
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    let answer = server.request(&format!("POST / HTTP/1.1\r\nhost: {}\r\nconnection: close\r\nx-amz-target: secretsmanager.GetSecretValue\r\ncontent-length: 3000000\r\n\r\n{}", server.address, "x".repeat(3_000_000)));
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    server.kill();
    let journal = read_all(&dir.path().join("journal"));
    assert_eq!(journal.matches("\"eventName\":\"GetSecretValue\"").count(), 2, "{journal}");
    assert!(!journal.contains("canary-in-a-refused-body"));
    assert!(verify(dir.path()).0);
}

#[test]
fn a_confirmation_link_is_a_call_and_not_a_page() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let topic = "arn:aws:sns:us-east-1:123456789012:none";
    let answer = server.get(&format!("/?Action=ConfirmSubscription&TopicArn={topic}&Token={}", "a".repeat(64)));
    assert!(answer.starts_with("HTTP/1.1 4") && answer.contains("<ErrorResponse"), "{answer}");
    assert!(server.get("/").contains("<h1>keeptrail</h1>"));
    server.kill();
    assert!(read_all(&dir.path().join("journal")).contains("\"eventName\":\"ConfirmSubscription\""));
}

#[test]
fn an_edited_journal_is_named_at_its_first_bad_place() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    for _ in 0..3 {
        server.get("/no-such-bucket/key");
    }
    server.kill();
    let (intact, report) = verify(dir.path());
    assert!(intact && report.contains("\"entries\":3"), "{report}");
    let segment = std::fs::read_dir(dir.path().join("journal"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|kind| kind == "jsonl"))
        .unwrap();
    let text = std::fs::read_to_string(&segment).unwrap();
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    lines[2] = lines[2].replace("AccessDenied", "AccessGrant!");
    std::fs::write(&segment, lines.join("\n") + "\n").unwrap();
    let (intact, report) = verify(dir.path());
    assert!(!intact);
    assert!(report.contains("\"line\":3"), "{report}");
}

#[test]
fn a_killed_server_starts_again_by_itself_with_all_it_answered() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    for _ in 0..5 {
        server.get("/no-such-bucket/key");
    }
    server.kill();
    let server = Server::start(dir.path());
    assert!(server.get("/healthz").contains("\"intact\":true"));
    server.kill();
    let (intact, report) = verify(dir.path());
    assert!(intact && report.contains("\"entries\":5"), "{report}");
}

#[test]
fn a_wrong_setting_stops_the_start_with_one_clear_line() {
    let output =
        Command::new(env!("CARGO_BIN_EXE_keeptrail")).args(["serve", "--listen", "0.0.0.0:0"]).output().unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
    assert!(complaint.contains("is not a loopback address"), "{complaint}");
}

fn read_all(dir: &Path) -> String {
    let files =
        std::fs::read_dir(dir).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap_or_default());
    files.collect()
}
