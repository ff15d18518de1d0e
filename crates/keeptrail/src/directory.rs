//! The data directory: one server at a time, readable by its owner only.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

/// Why the data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DirectoryError {
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: io::Error },
    #[error("{0} is in use by another keeptrail server")]
    InUse(PathBuf),
    #[error("{0} cannot be read as what keeptrail writes there")]
    Content(PathBuf),
}

/// An open data directory; dropping it frees it for another server.
pub(crate) struct Directory {
    path: PathBuf,
    _lock: File,
}

/// Where a running server is reached; `keeptrail env` reads it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Endpoint {
    pub(crate) url: String,
    pub(crate) region: String,
}

/// An access key with its secret, as the credentials file holds it.
pub(crate) struct Credentials {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: zeroize::Zeroizing<String>,
}

impl Directory {
    /// Opens the directory, making it if need be.
    pub(crate) fn open(path: &Path) -> Result<Self, DirectoryError> {
        let at = |source| DirectoryError::Io { path: path.to_owned(), source };
        if !path.try_exists().map_err(at)? {
            DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(at)?;
        }
        let lock_path = path.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&lock_path)
            .map_err(|source| DirectoryError::Io { path: lock_path, source })?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(fs::TryLockError::WouldBlock) => Err(DirectoryError::InUse(path.to_owned())),
            Err(fs::TryLockError::Error(source)) => Err(at(source)),
        }
    }

    /// A path inside.
    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes where the server is reached.
    pub(crate) fn write_endpoint(&self, endpoint: &Endpoint) -> Result<(), DirectoryError> {
        let path = self.join("endpoint.json");
        let text = serde_json::to_vec_pretty(endpoint).map_err(|_| DirectoryError::Content(path.clone()))?;
        write_private(&path, &text).map_err(|source| DirectoryError::Io { path, source })
    }

    /// The root user's credentials.
    pub(crate) fn credentials(&self) -> Result<Credentials, DirectoryError> {
        credentials(&self.path)
    }

    /// Writes the root user's credentials in the AWS credentials-file format.
    pub(crate) fn write_credentials(&self, credentials: &Credentials) -> Result<(), DirectoryError> {
        let path = self.join("credentials");
        let text = zeroize::Zeroizing::new(format!(
            "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            credentials.access_key_id, *credentials.secret_access_key
        ));
        write_private(&path, text.as_bytes()).map_err(|source| DirectoryError::Io { path, source })
    }
}

/// Where the server of the directory `data` is reached.
pub(crate) fn endpoint(data: &Path) -> Result<Endpoint, DirectoryError> {
    let path = data.join("endpoint.json");
    let text = fs::read(&path).map_err(|source| DirectoryError::Io { path: path.clone(), source })?;
    serde_json::from_slice(&text).map_err(|_| DirectoryError::Content(path))
}

/// The root user's credentials in the directory `data`.
pub(crate) fn credentials(data: &Path) -> Result<Credentials, DirectoryError> {
    let path = data.join("credentials");
    let text = fs::read_to_string(&path).map_err(|source| DirectoryError::Io { path: path.clone(), source })?;
    let text = zeroize::Zeroizing::new(text);
    let value = |name: &str| {
        let lines = text.lines().filter_map(|line| line.split_once('='));
        let found = lines.map(|(key, value)| (key.trim(), value.trim())).find(|(key, _)| *key == name);
        found.map(|(_, value)| value.to_owned()).ok_or_else(|| DirectoryError::Content(path.clone()))
    };
    Ok(Credentials {
        access_key_id: value("aws_access_key_id")?,
        secret_access_key: zeroize::Zeroizing::new(value("aws_secret_access_key")?),
    })
}

/// Writes a file that only its owner may read; the old content stays until the new one is whole.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("new");
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&draft)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_server_is_refused_until_the_first_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let first = Directory::open(&dir.path().join("data")).unwrap();
        assert!(matches!(Directory::open(&dir.path().join("data")), Err(DirectoryError::InUse(_))));
        drop(first);
        Directory::open(&dir.path().join("data")).unwrap();
    }

    #[test]
    fn credentials_are_the_owners_alone_and_are_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let directory = Directory::open(dir.path()).unwrap();
        let written =
            Credentials { access_key_id: "AKIA".into(), secret_access_key: zeroize::Zeroizing::new("a=b/c".into()) };
        directory.write_credentials(&written).unwrap();
        let mode = fs::metadata(dir.path().join("credentials")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(*credentials(dir.path()).unwrap().secret_access_key, "a=b/c");
    }
}
