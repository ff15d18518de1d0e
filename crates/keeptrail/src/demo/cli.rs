//! The real `aws` command line as a child process.

use std::{collections::BTreeMap, io, process::Stdio};

use serde_json::Value;
use tokio::process::Command;

use super::{DemoError, say};
use crate::directory::Credentials;

/// The command line with an identity.
#[derive(Clone)]
pub(super) struct Aws {
    environment: BTreeMap<&'static str, String>,
}

impl Aws {
    /// With the root user's key. Fails when there is no `aws` command.
    pub(super) async fn new(url: &str, credentials: &Credentials) -> Result<Self, DemoError> {
        match Command::new("aws").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(DemoError::NoAws),
            other => drop(other?),
        }
        let environment = BTreeMap::from([
            ("AWS_ENDPOINT_URL", url.to_owned()),
            ("AWS_ACCESS_KEY_ID", credentials.access_key_id.clone()),
            ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key.to_string()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
            ("AWS_CONFIG_FILE", "/dev/null".to_owned()),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null".to_owned()),
            ("AWS_PAGER", String::new()),
            ("AWS_DEFAULT_OUTPUT", "json".to_owned()),
            ("AWS_MAX_ATTEMPTS", "1".to_owned()),
        ]);
        Ok(Self { environment })
    }

    /// The same with the credentials of an assumed role, as AssumeRole answered them, or of a new access key.
    pub(super) fn with_credentials(&self, credentials: &Value) -> Result<Self, DemoError> {
        let text = |name: &str| credentials.get(name).and_then(Value::as_str).map(str::to_owned);
        let missing = || DemoError::Promise("the answer holds no credentials".to_owned());
        let mut environment = self.environment.clone();
        environment.insert("AWS_ACCESS_KEY_ID", text("AccessKeyId").ok_or_else(missing)?);
        environment.insert("AWS_SECRET_ACCESS_KEY", text("SecretAccessKey").ok_or_else(missing)?);
        if let Some(token) = text("SessionToken") {
            environment.insert("AWS_SESSION_TOKEN", token);
        }
        Ok(Self { environment })
    }

    /// Runs a command that must succeed; shows it, and returns its answer.
    pub(super) async fn run(&self, arguments: &[&str]) -> Result<Value, DemoError> {
        let (good, output) = self.execute(arguments).await?;
        if !good {
            return Err(DemoError::Step { command: line(arguments), output });
        }
        Ok(serde_json::from_str(&output).unwrap_or(Value::Null))
    }

    /// Runs a command that must be refused; shows it, and returns the error's text.
    pub(super) async fn refused(&self, arguments: &[&str]) -> Result<String, DemoError> {
        let (good, output) = self.execute(arguments).await?;
        if good {
            return Err(DemoError::Promise(format!("`{}` should have been refused", line(arguments))));
        }
        say(&format!("  {}", output.trim()));
        Ok(output)
    }

    async fn execute(&self, arguments: &[&str]) -> Result<(bool, String), DemoError> {
        say(&format!("$ {}", line(arguments)));
        let child = Command::new("aws")
            .args(arguments)
            .envs(&self.environment)
            .env_remove("AWS_PROFILE")
            .stdin(Stdio::null())
            .output()
            .await?;
        let bytes = if child.status.success() { child.stdout } else { child.stderr };
        Ok((child.status.success(), String::from_utf8_lossy(&bytes).into_owned()))
    }
}

/// A command as a person would type it.
fn line(arguments: &[&str]) -> String {
    let word = |word: &&str| {
        let plain =
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:=,@".contains(&byte));
        if plain { (*word).to_owned() } else { format!("'{word}'") }
    };
    let words: Vec<_> = arguments.iter().map(word).collect();
    format!("aws {}", words.join(" "))
}
