//! What can go wrong in the Lake.

use std::{io, path::PathBuf};

use keeptrail_store::StoreError;

use crate::EncodeError;

/// A failed call of the Lake. What was not acknowledged is not there.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// There is no store of that name.
    #[error("there is no event data store {0} in this Lake")]
    NoSuchStore(String),
    /// There is one already.
    #[error("there is an event data store {0} in this Lake already")]
    StoreExists(String),
    /// A store's name would be no file name.
    #[error("{0:?} cannot name an event data store: expected letters, digits, `-` and `_`")]
    StoreName(String),
    /// Another process writes to the Lake.
    #[error("{} is being written by another process: wait for it, or stop it", .0.display())]
    Busy(PathBuf),
    /// The directory is no Lake.
    #[error("{} is no Lake: it has no catalog.db; `keeptrail import` makes one", .0.display())]
    NoLake(PathBuf),
    /// No room is left on the disk.
    #[error("{}: the disk is full; nothing was lost, free some space and run it again", .0.display())]
    DiskFull(PathBuf),
    /// A file cannot be read or written.
    #[error("{}: {error}", .path.display())]
    File {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A file of the Lake is not what was written.
    #[error("{} is damaged: {reason}; `keeptrail lake rebuild` makes the Lake again from the log files", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// A text is no record.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The catalog failed.
    #[error("the Lake's catalog: {0}")]
    Catalog(#[from] StoreError),
    /// Arrow or Parquet refused something: a fault of this crate.
    #[error("the Lake's columns: {0}")]
    Columns(String),
}

impl LakeError {
    /// The error of a call about `path`.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        move |error| {
            let path = path.into();
            match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull(path),
                _ => Self::File { path, error },
            }
        }
    }

    /// The error of a Parquet writer at `path`; I/O errors come wrapped.
    pub(crate) fn writing(path: impl Into<PathBuf>) -> impl FnOnce(parquet::errors::ParquetError) -> Self {
        move |error| {
            if let parquet::errors::ParquetError::External(source) = &error
                && let Some(source) = source.downcast_ref::<io::Error>()
            {
                let copy = source.raw_os_error().map_or_else(|| source.kind().into(), io::Error::from_raw_os_error);
                return Self::file(path)(copy);
            }
            Self::Columns(error.to_string())
        }
    }

    /// The error of a Parquet reader at `path`.
    pub(crate) fn reading(path: impl Into<PathBuf>) -> impl FnOnce(parquet::errors::ParquetError) -> Self {
        move |error| Self::Damaged { path: path.into(), reason: error.to_string() }
    }
}

impl From<arrow::error::ArrowError> for LakeError {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self::Columns(error.to_string())
    }
}
