//! A value with the commit that wrote it, decoded at most once.

use std::{
    any::Any,
    fmt,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;

/// A committed or buffered value. Its decoded form is kept beside the bytes, so that a hot row is decoded once.
pub struct Stored {
    version: u64,
    bytes: Bytes,
    decoded: OnceLock<Arc<dyn Any + Send + Sync>>,
}

impl Stored {
    /// A value that the commit `version` wrote.
    #[must_use]
    pub fn new(version: u64, bytes: Bytes) -> Self {
        Self { version, bytes, decoded: OnceLock::new() }
    }

    /// The sequence number of the commit that wrote the value; 0 while it is only buffered.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The value's bytes.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The decoded form, made by `decode` the first time.
    ///
    /// # Errors
    /// What `decode` returns.
    pub fn decoded<T: Any + Send + Sync, E>(&self, decode: impl FnOnce(&[u8]) -> Result<T, E>) -> Result<Arc<T>, E> {
        if let Some(value) = self.decoded.get().and_then(|value| Arc::clone(value).downcast::<T>().ok()) {
            return Ok(value);
        }
        let value = Arc::new(decode(&self.bytes)?);
        // Losing this race to another reader only means decoding twice.
        let _ = self.decoded.set(Arc::clone(&value) as Arc<dyn Any + Send + Sync>);
        Ok(value)
    }
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stored {{ version: {}, {} bytes }}", self.version, self.bytes.len())
    }
}
