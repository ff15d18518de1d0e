//! The built server as a child process.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use keeptrail_clock::Clock;
use serde_json::Value;

use super::caller::Caller;

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_keeptrail");
pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const ROOT: (&str, &str) = ("root-key", "root-secret");

/// A running server. Dropping it kills it.
pub(crate) struct Server {
    child: Child,
    url: String,
    data: PathBuf,
}

impl Server {
    /// A server on `data` with nothing but what every test needs.
    pub(crate) fn start(data: &Path) -> Self {
        Self::start_with(data, |_| {})
    }

    /// …and with more settings. Its log goes to `DATA.log`.
    pub(crate) fn start_with(data: &Path, settings: impl FnOnce(&mut Command)) -> Self {
        let mut child = spawn(data, settings);
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let Some(url) = line.trim().strip_prefix("keeptrail listens on ") else {
            let log = std::fs::read_to_string(data.with_extension("log")).unwrap();
            panic!("the server did not start: {line}{log}")
        };
        Self { url: url.to_owned(), data: data.to_owned(), child }
    }

    /// A server that is killed while it starts.
    pub(crate) async fn killed_at_start(data: &Path, after: Duration) {
        let mut child = spawn(data, |_| {});
        Clock::system().sleep(after).await;
        child.kill().unwrap();
        child.wait().unwrap();
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        self.url.split_once("://").unwrap().1
    }

    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// The root user.
    pub(crate) fn root(&self) -> Caller {
        Caller::new(&self.url, ROOT.0, ROOT.1, None)
    }

    /// Sends bytes and reads all that comes back until the server closes the connection.
    pub(crate) fn raw(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        // The server may close before it has read everything: what it said until then is what counts.
        drop(stream.write_all(request));
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer));
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub(crate) fn get(&self, path: &str) -> String {
        self.raw(format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address()).as_bytes())
    }

    /// `/healthz` as JSON, with its status.
    pub(crate) fn health(&self) -> (u16, Value) {
        let answer = self.get("/healthz");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap())
    }

    /// A gauge or counter of `/metrics`: the sum over its labels.
    pub(crate) fn metric(&self, name: &str) -> f64 {
        let page = self.get("/metrics");
        let lines = page.lines().filter(|line| line.split(['{', ' ']).next() == Some(name));
        lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop and waits until it has.
    pub(crate) fn stop(mut self) {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

fn spawn(data: &Path, settings: impl FnOnce(&mut Command)) -> Child {
    let mut command = Command::new(BINARY);
    let log = File::options().create(true).append(true).open(data.with_extension("log")).unwrap();
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .env("KEEPTRAIL_ACCOUNT_ID", ACCOUNT)
        .env("KEEPTRAIL_ROOT_ACCESS_KEY_ID", ROOT.0)
        .env("KEEPTRAIL_ROOT_SECRET_ACCESS_KEY", ROOT.1)
        .env_remove("KEEPTRAIL_STORE")
        .stdout(Stdio::piped())
        .stderr(log);
    settings(&mut command);
    command.spawn().unwrap()
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// `keeptrail verify --json`: whether the chain holds, and the report.
pub(crate) fn verify(data: &Path) -> (bool, Value) {
    let output = Command::new(BINARY).args(["verify", "--json", "--data"]).arg(data).output().unwrap();
    (output.status.success(), serde_json::from_slice(&output.stdout).unwrap())
}
