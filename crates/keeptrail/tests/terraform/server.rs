//! The built binary on a free port.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

pub(crate) struct Server {
    child: Child,
    data: PathBuf,
}

impl Server {
    /// Starts one that may notify this machine, and returns when it is ready.
    pub(crate) fn start(data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_keeptrail"))
            .args(["serve", "--listen", "127.0.0.1:0", "--notify-allow", "127.0.0.0/8", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("listens on"), "{line}");
        Self { child, data: data.to_owned() }
    }

    /// What `keeptrail env` says: names and values.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let output =
            Command::new(env!("CARGO_BIN_EXE_keeptrail")).args(["env", "--data"]).arg(&self.data).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let pair = |line: &str| {
            let (name, value) = line.strip_prefix("export ")?.split_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        };
        text.lines().map(|line| pair(line).unwrap()).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
