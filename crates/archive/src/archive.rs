//! The place where an archive lies.

use std::{
    fmt,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    time::UNIX_EPOCH,
};

use async_trait::async_trait;
use bytes::{Buf, Bytes};
use futures_util::StreamExt;
use url::Url;

use crate::{Fault, FaultReason, Listing, Object, Range, remote::Remote};

/// Objects of a bucket that are fetched at once.
const FETCHES: usize = 16;
/// Files that are open or fetched ahead of their reader.
const AHEAD: usize = 32;
/// A larger object is no log file: CloudTrail's are a few megabytes.
const MAX_OBJECT: u64 = 256 << 20;

/// An archive cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The text names no place.
    #[error("{text}: {wrong}; expected a directory, a file or s3://BUCKET/PREFIX")]
    Location {
        /// What was given.
        text: String,
        /// What is wrong with it.
        wrong: &'static str,
    },
    /// The directory cannot be read.
    #[error("{path}: {error}")]
    Directory {
        /// The directory or file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The bucket cannot be read.
    #[error("the bucket cannot be read: {0}")]
    Remote(String),
}

/// A directory, a file, or a prefix in a bucket.
#[derive(Debug, Clone)]
pub struct Archive(Place);

#[derive(Debug, Clone)]
enum Place {
    /// A directory with files below it.
    Directory(PathBuf),
    /// One file.
    File(PathBuf),
    Bucket(Arc<dyn Objects>),
}

/// Objects of a bucket, wherever it is.
#[async_trait]
pub trait Objects: fmt::Debug + Send + Sync {
    /// A page of the objects, and what to ask for the next one with.
    ///
    /// # Errors
    /// What the bucket said, in words.
    async fn page(&self, after: Option<String>) -> Result<(Vec<Object>, Option<String>), String>;

    /// An object's bytes.
    ///
    /// # Errors
    /// What the bucket said, in words.
    async fn get(&self, object: &Object) -> Result<Bytes, String>;
}

/// The bytes of a file, to be read.
pub enum Content {
    /// A file of the local disk.
    File(File),
    /// Fetched from a bucket.
    Memory(Bytes),
}

impl Read for Content {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(bytes),
            Self::Memory(memory) => {
                let count = memory.len().min(bytes.len());
                if let Some(space) = bytes.get_mut(..count) {
                    memory.copy_to_slice(space);
                }
                Ok(count)
            }
        }
    }
}

/// Opened files, in the order that was asked for.
pub type Contents = mpsc::Receiver<(Object, Result<Content, Fault>)>;

impl Archive {
    /// The archive at `text`: a directory, a file, or `s3://bucket/prefix`.
    ///
    /// # Errors
    /// When there is no such place, or the bucket's settings are wrong. The bucket itself is not asked yet.
    pub fn open(text: &str) -> Result<Self, ArchiveError> {
        if let Some((scheme, _)) = text.split_once("://") {
            let wrong = |wrong| ArchiveError::Location { text: text.to_owned(), wrong };
            return match scheme {
                "s3" => {
                    let url = Url::parse(text).map_err(|_| wrong("it is no URL"))?;
                    Ok(Self::of(Arc::new(Remote::open(&url)?)))
                }
                _ => Err(wrong("this kind of URL is not read")),
            };
        }
        let path = PathBuf::from(text);
        match std::fs::metadata(&path) {
            Ok(data) if data.is_dir() => Ok(Self(Place::Directory(path))),
            Ok(_) => Ok(Self(Place::File(path))),
            Err(error) => Err(ArchiveError::Directory { path, error }),
        }
    }

    /// The archive of these objects.
    #[must_use]
    pub fn of(objects: Arc<dyn Objects>) -> Self {
        Self(Place::Bucket(objects))
    }

    /// The log files for the events of `range`. `seen` is called with the number of files found so far, of any kind.
    ///
    /// # Errors
    /// When the place itself cannot be listed; a folder in it that cannot is a fault of the listing.
    pub async fn list(&self, range: &Range, seen: &(dyn Fn(u64) + Sync)) -> Result<Listing, ArchiveError> {
        let mut listing = match &self.0 {
            Place::Directory(path) => local(path, range, seen)?,
            Place::File(path) => {
                let fail = |error| ArchiveError::Directory { path: path.clone(), error };
                let data = std::fs::metadata(path).map_err(fail)?;
                let key = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                // Who names a file means it, whatever its name.
                Listing { objects: vec![object(key, &data)], ..Listing::default() }
            }
            Place::Bucket(objects) => list(&**objects, range, seen).await?,
        };
        listing.sort();
        Ok(listing)
    }

    /// Opens `objects` one after another, a few ahead of their reader, until the receiver is dropped. Needs a tokio runtime.
    #[must_use]
    pub fn contents(&self, objects: Vec<Object>) -> Contents {
        let (sender, receiver) = mpsc::sync_channel(AHEAD);
        match &self.0 {
            Place::Directory(directory) => {
                let directory = directory.clone();
                tokio::task::spawn_blocking(move || {
                    for object in objects {
                        let opened = open(&directory.join(&object.key));
                        if sender.send((object, opened)).is_err() {
                            break;
                        }
                    }
                });
            }
            Place::File(path) => {
                let path = path.clone();
                tokio::task::spawn_blocking(move || {
                    for object in objects {
                        let opened = open(&path);
                        if sender.send((object, opened)).is_err() {
                            break;
                        }
                    }
                });
            }
            Place::Bucket(bucket) => {
                let bucket = Arc::clone(bucket);
                tokio::spawn(async move {
                    let mut fetched = futures_util::stream::iter(objects)
                        .map(|object| async {
                            let content = fetch(&*bucket, &object).await.map(Content::Memory);
                            (object, content)
                        })
                        .buffered(FETCHES);
                    while let Some(item) = fetched.next().await {
                        let sender = sender.clone();
                        // The reader may be slow: its queue is waited for off the runtime's threads.
                        let sent = tokio::task::spawn_blocking(move || sender.send(item).is_ok()).await;
                        if !sent.unwrap_or(false) {
                            break;
                        }
                    }
                });
            }
        }
        receiver
    }
}

async fn list(bucket: &dyn Objects, range: &Range, seen: &(dyn Fn(u64) + Sync)) -> Result<Listing, ArchiveError> {
    let mut listing = Listing::default();
    let (mut count, mut after) = (0, None);
    loop {
        let (objects, next) = bucket.page(after).await.map_err(ArchiveError::Remote)?;
        // Consoles mark folders with empty objects.
        for object in objects.into_iter().filter(|object| !object.key.ends_with('/')) {
            count += 1;
            seen(count);
            listing.add(object, range);
        }
        after = next;
        if after.is_none() {
            return Ok(listing);
        }
    }
}

async fn fetch(bucket: &dyn Objects, object: &Object) -> Result<Bytes, Fault> {
    let fault = |reason| Fault { reason: FaultReason::Io(reason), offset: 0 };
    if object.size > MAX_OBJECT {
        return Err(fault(format!("{} bytes are more than a log file has", object.size)));
    }
    bucket.get(object).await.map_err(fault)
}

fn open(path: &Path) -> Result<Content, Fault> {
    let opened = File::open(path).map(Content::File);
    opened.map_err(|error| Fault { reason: FaultReason::Io(error.to_string()), offset: 0 })
}

fn object(key: String, data: &std::fs::Metadata) -> Object {
    let changed = data.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let version = changed.map(|time| format!("{}.{:09}", time.as_secs(), time.subsec_nanos())).unwrap_or_default();
    Object { key, size: data.len(), version }
}

/// Lists a directory. Symbolic links below it are not followed: they could lead anywhere, and round in a circle.
fn local(directory: &Path, range: &Range, seen: &(dyn Fn(u64) + Sync)) -> Result<Listing, ArchiveError> {
    let mut listing = Listing::default();
    let mut count = 0;
    for item in walkdir::WalkDir::new(directory).min_depth(1) {
        let fail = |listing: &mut Listing, path: &Path, reason: String| {
            let fault = Fault { reason: FaultReason::Io(reason), offset: 0 };
            listing.faults.push((path.to_string_lossy().into_owned(), fault));
        };
        let item = match item {
            Ok(item) => item,
            Err(error) if error.depth() == 0 => {
                return Err(ArchiveError::Directory { path: directory.to_owned(), error: error.into() });
            }
            Err(error) => {
                let path = error.path().unwrap_or(directory).to_owned();
                fail(&mut listing, &path, error.to_string());
                continue;
            }
        };
        if !item.file_type().is_file() {
            continue;
        }
        count += 1;
        seen(count);
        let below = item.path().strip_prefix(directory).unwrap_or(item.path());
        let Some(key) = below.to_str() else {
            fail(&mut listing, below, "its name is not UTF-8".to_owned());
            continue;
        };
        match item.metadata() {
            Ok(data) => listing.add(object(key.to_owned(), &data), range),
            Err(error) => fail(&mut listing, below, error.to_string()),
        }
    }
    Ok(listing)
}
