//! `keeptrail demo`: both documents' stories, with the real `aws` command line, on a throw-away server.
//!
//! The demo checks what it shows: it fails when a step has not the outcome that the documents promise.

mod cli;
mod lake;
mod mailbox;
mod story;
mod webhook;

use std::{
    io::{self, Write},
    time::Duration,
};

use keeptrail_clock::Clock;

use crate::{
    cli::ServeArgs,
    config::{Config, ConfigError},
    node::{Node, NodeError},
};

/// Why the demo did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    #[error("the demo drives the real aws command line, and there is none: pip install awscli, then try again")]
    NoAws,
    #[error("{0}")]
    Config(#[from] ConfigError),
    #[error("{0}")]
    Node(#[from] NodeError),
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("the step `{command}` failed:\n{output}")]
    Step { command: String, output: String },
    #[error("not as promised: {0}")]
    Promise(String),
}

/// Plays the story. With `keep`, the server runs on until it is interrupted.
pub(crate) fn run(keep: bool) -> Result<(), DemoError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let directory = tempfile::tempdir()?;
        let mailbox = mailbox::Mailbox::start().await?;
        let webhook = webhook::Webhook::start().await?;
        let config = Config::resolve(ServeArgs {
            data: Some(directory.path().join("data")),
            listen: Some(([127, 0, 0, 1], 0).into()),
            trail_interval: Some("2s".to_owned()),
            smtp_url: Some(mailbox.url()),
            smtp_from: Some("keeptrail@example.com".to_owned()),
            notify_allow: Some(vec!["127.0.0.0/8".to_owned()]),
            ..ServeArgs::default()
        })?;
        let node = Node::start(config, None).await?;
        say(&format!("A throw-away server listens on {} (account {}).", node.url(), node.account()));
        let aws = cli::Aws::new(node.url(), node.credentials()).await?;
        let told = story::Story { aws, mailbox, webhook, clock: Clock::system() }.tell().await;
        if keep && told.is_ok() {
            say(&format!("The server runs on; interrupt to end it. Its data: {}", directory.path().display()));
            tokio::signal::ctrl_c().await?;
        }
        node.stop(Duration::from_secs(5)).await;
        told
    })
}

/// Shows a line. Standard output may be closed; the checks go on.
fn say(line: &str) {
    drop(writeln!(io::stdout(), "{line}"));
}
