//! The real clients, over TLS with the self-signed certificate.

use std::process::{Command, Output};

use crate::support::server::{ROOT, Server};

/// Runs a client with the environment that `keeptrail env` prints and the certificate to trust; `None` when the tool is missing.
fn run(server: &Server, tool: &str, arguments: &[&str]) -> Option<Output> {
    let output = Command::new(tool)
        .args(arguments)
        .env("AWS_ENDPOINT_URL", server.url())
        .env("AWS_CA_BUNDLE", server.data().join("tls-certificate.pem"))
        .env("AWS_ACCESS_KEY_ID", ROOT.0)
        .env("AWS_SECRET_ACCESS_KEY", ROOT.1)
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_PAGER", "")
        .env("AWS_MAX_ATTEMPTS", "1")
        .env_remove("AWS_PROFILE")
        .output();
    output.ok()
}

fn start(dir: &tempfile::TempDir) -> Server {
    Server::start_with(&dir.path().join("data"), |command| {
        command.args(["--tls-self-signed", "localhost,127.0.0.1"]);
    })
}

fn not_run(what: &str) {
    assert!(std::env::var_os("CI").is_none(), "CI needs {what}");
    eprintln!("NOT RUN: {what} is missing");
}

#[test]
fn the_aws_command_line_trusts_the_certificate() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(&dir);
    let Some(output) = run(&server, "aws", &["sts", "get-caller-identity"]) else {
        return not_run("the aws command line");
    };
    let (told, complaint) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && told.contains(":root"), "{told}{complaint}");
}

#[test]
fn boto3_speaks_cbor_gzip_and_chunks() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(&dir);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/clients.py");
    let Some(output) = run(&server, "python3", &[script]) else { return not_run("Python") };
    let (told, complaint) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if complaint.contains("No module named 'boto3'") {
        return not_run("boto3");
    }
    assert!(output.status.success() && told.contains("done"), "{told}{complaint}");
}
