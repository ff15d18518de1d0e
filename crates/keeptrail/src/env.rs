//! `keeptrail env`: what a shell exports to reach the server with the root user's key.

use std::{io::Write, path::Path};

use crate::directory::{DirectoryError, credentials, endpoint};

/// Prints the `export` lines for the server of the data directory `data`.
pub(crate) fn run(data: &Path, out: &mut impl Write) -> Result<(), DirectoryError> {
    let endpoint = endpoint(data)?;
    let credentials = credentials(data)?;
    for (name, value) in [
        ("AWS_ENDPOINT_URL", endpoint.url.as_str()),
        ("AWS_ACCESS_KEY_ID", credentials.access_key_id.as_str()),
        ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key.as_str()),
        ("AWS_REGION", endpoint.region.as_str()),
        ("AWS_DEFAULT_REGION", endpoint.region.as_str()),
    ] {
        // A closed pipe ends the output; there is nothing to tell anybody then.
        if writeln!(out, "export {name}={}", quoted(value)).is_err() {
            break;
        }
    }
    Ok(())
}

/// A value as one shell word.
fn quoted(value: &str) -> String {
    let plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:+=@,".contains(&byte));
    if plain && !value.is_empty() { value.to_owned() } else { format!("'{}'", value.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_one_shell_word() {
        assert_eq!(quoted("http://127.0.0.1:7420"), "http://127.0.0.1:7420");
        assert_eq!(quoted("a'b c"), "'a'\\''b c'");
        assert_eq!(quoted("$(rm)"), "'$(rm)'");
    }
}
