//! The root key: the one key that is not in the store.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use aws_lc_rs::digest;
use keeptrail_clock::Random;
use zeroize::Zeroizing;

use crate::{
    EnvelopeError,
    cipher::{Cipher, KEY, KeyBytes, random_key},
};

/// Whoever wraps ring keys: a key in a file, a key management service, a hardware module. Called at start and when keys are
/// replaced, never for a request; a provider behind a network may block.
pub trait KeyWrap: Send + Sync {
    /// Tells this root key from others, for a clear error when the wrong one is given. No secret.
    fn id(&self) -> &str;

    /// Wraps a ring key, bound to `aad`.
    ///
    /// # Errors
    /// When the provider cannot do it now.
    fn wrap(&self, random: &Random, aad: &[u8], key: &[u8; 32]) -> Result<Vec<u8>, EnvelopeError>;

    /// Unwraps what [`KeyWrap::wrap`] returned for the same `aad`.
    ///
    /// # Errors
    /// [`EnvelopeError::Refused`] when it was wrapped by another key, for another `aad`, or was changed.
    fn unwrap(&self, aad: &[u8], wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, EnvelopeError>;
}

/// A root key of 32 bytes, usually from a file that only its owner may read.
pub struct RootKey {
    id: String,
    cipher: Cipher,
}

impl RootKey {
    /// The root key with these bytes.
    ///
    /// # Errors
    /// When the cipher refuses the key.
    pub fn from_bytes(key: &[u8; 32]) -> Result<Self, EnvelopeError> {
        let mut hash = digest::Context::new(&digest::SHA256);
        hash.update(b"keeptrail root key id\0");
        hash.update(key);
        let id = hash.finish().as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { id, cipher: Cipher::new(key)? })
    }

    /// Reads the key from `path`: 32 bytes, readable by the file's owner only.
    ///
    /// # Errors
    /// When it cannot be read, others may read it, or it has another length.
    pub fn read(path: &Path) -> Result<Self, EnvelopeError> {
        let failed = |source| EnvelopeError::RootKeyFile { path: path.to_owned(), source };
        let mut file = File::open(path).map_err(failed)?;
        // Asked of the open file, so that it cannot be exchanged in between.
        let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(EnvelopeError::RootKeyMode { path: path.to_owned(), mode });
        }
        let mut key = KeyBytes::default();
        let length = || EnvelopeError::RootKeyLength { path: path.to_owned() };
        file.read_exact(key.as_mut_slice()).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => length(),
            _ => failed(error),
        })?;
        if file.read(&mut [0]).map_err(failed)? != 0 {
            return Err(length());
        }
        Self::from_bytes(&key)
    }

    /// Makes a random key in a new file of mode 0600 and reads it back. It appears whole or not at all, also after a crash.
    /// Only for a store that has no keyring yet: a fresh key opens nothing that exists.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn create(path: &Path, random: &Random) -> Result<Self, EnvelopeError> {
        let key = random_key(random)?;
        let failed = |source| EnvelopeError::RootKeyFile { path: path.to_owned(), source };
        write_once(path, &key).map_err(failed)?;
        Self::read(path)
    }
}

impl KeyWrap for RootKey {
    fn id(&self) -> &str {
        &self.id
    }

    fn wrap(&self, random: &Random, aad: &[u8], key: &[u8; 32]) -> Result<Vec<u8>, EnvelopeError> {
        self.cipher.wrap_key(random, aad, key)
    }

    fn unwrap(&self, aad: &[u8], wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, EnvelopeError> {
        self.cipher.open_key(aad, wrapped)
    }
}

fn write_once(path: &Path, key: &[u8; KEY]) -> io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(".new");
    let draft = PathBuf::from(draft);
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(key)?;
    file.sync_all()?;
    // A link, unlike a rename, never replaces a key that is there.
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    linked?;
    match path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_created_key_is_its_owners_alone_and_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.key");
        let made = RootKey::create(&path, &Random::system()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read(&path).unwrap().len(), 32);
        assert_eq!(RootKey::read(&path).unwrap().id(), made.id());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_existing_key_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.key");
        let made = RootKey::create(&path, &Random::system()).unwrap();
        assert!(matches!(RootKey::create(&path, &Random::system()), Err(EnvelopeError::RootKeyFile { .. })));
        assert_eq!(RootKey::read(&path).unwrap().id(), made.id());
    }

    #[test]
    fn a_draft_left_by_a_crash_is_no_hindrance() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.key");
        fs::write(folder.path().join("root.key.new"), b"half").unwrap();
        RootKey::create(&path, &Random::system()).unwrap();
    }

    #[test]
    fn a_key_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.key");
        for mode in [0o640, 0o604, 0o660] {
            fs::write(&path, [7; 32]).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let Err(error) = RootKey::read(&path) else { panic!("mode {mode:o} was accepted") };
            assert!(error.to_string().contains(&format!("has mode {mode:o}")), "{error}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        RootKey::read(&path).unwrap();
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for length in [0, 31, 33] {
            let path = folder.path().join(length.to_string());
            fs::write(&path, vec![7; length]).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            assert!(matches!(RootKey::read(&path), Err(EnvelopeError::RootKeyLength { .. })), "{length}");
        }
    }
}
