//! The bytes of objects, in files whose names say nothing.
//!
//! A blob is written under a random name and made durable before a row names it; it is never changed. What a caller calls
//! an object never becomes a path.

use std::{
    io,
    ops::Range,
    path::{Path, PathBuf},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use keeptrail_clock::{NoRandomness, Random, Timestamp};
use object_store::{ObjectStore, ObjectStoreExt, local::LocalFileSystem};
use s3s::crypto::{Checksum as _, Md5};
use tokio::{fs, io::AsyncWriteExt};

use crate::{checksums::Hashes, model::Piece};

/// Bytes read at once.
const CHUNK: u64 = 1 << 20;
/// The largest object that may come in one request, and the largest part: 5 GiB.
pub(crate) const LARGEST: u64 = 5 << 30;

/// A failed read or write of a blob.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BlobError {
    #[error("the content could not be written or read")]
    Io(#[from] io::Error),
    #[error("the content could not be read")]
    Store(#[from] object_store::Error),
    #[error("no randomness for a name")]
    Randomness(#[from] NoRandomness),
    /// The sender's stream failed: it is broken, or not what was signed.
    #[error("the content could not be received: {0}")]
    Source(#[source] s3s::StdError),
    #[error("the content is larger than 5 GiB")]
    TooLarge,
}

/// A blob that was written.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) piece: Piece,
    /// In hexadecimal.
    pub(crate) md5: String,
    /// By AWS's algorithm names, in base64.
    pub(crate) checksums: std::collections::BTreeMap<String, String>,
}

/// Blobs in a directory.
pub(crate) struct Blobs {
    root: PathBuf,
    store: Arc<dyn ObjectStore>,
}

impl Blobs {
    /// The blobs below `root`, which is made if need be.
    pub(crate) async fn open(root: &Path) -> Result<Self, BlobError> {
        for shard in 0..=u8::MAX {
            fs::create_dir_all(root.join(format!("{shard:02x}"))).await?;
        }
        sync_directory(root).await?;
        Ok(Self { root: root.to_owned(), store: Arc::new(LocalFileSystem::new_with_prefix(root)?) })
    }

    /// Writes a blob and makes it durable: file and directory are synced when this returns.
    pub(crate) async fn write<S>(&self, random: &Random, content: S, hashes: Hashes) -> Result<Written, BlobError>
    where
        S: Stream<Item = Result<Bytes, s3s::StdError>>,
    {
        let blob = hex::encode(random.bytes::<16>()?);
        let path = self.path(&blob);
        let written = Self::fill(&path, content, hashes).await;
        if written.is_err()
            && let Err(error) = fs::remove_file(&path).await
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, blob, "a half-written blob could not be removed; it is swept later");
        }
        let (size, md5, checksums) = written?;
        Ok(Written { piece: Piece { blob, size }, md5, checksums })
    }

    async fn fill<S>(
        path: &Path,
        content: S,
        mut hashes: Hashes,
    ) -> Result<(u64, String, std::collections::BTreeMap<String, String>), BlobError>
    where
        S: Stream<Item = Result<Bytes, s3s::StdError>>,
    {
        let mut content = std::pin::pin!(content);
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).await?;
        let mut md5 = Md5::new();
        let mut size: u64 = 0;
        while let Some(chunk) = content.next().await {
            let chunk = chunk.map_err(BlobError::Source)?;
            size += chunk.len() as u64;
            if size > LARGEST {
                return Err(BlobError::TooLarge);
            }
            md5.update(&chunk);
            hashes.update(&chunk);
            file.write_all(&chunk).await?;
        }
        file.flush().await?;
        file.sync_all().await?;
        drop(file);
        if let Some(directory) = path.parent() {
            sync_directory(directory).await?;
        }
        Ok((size, hex::encode(md5.finalize()), hashes.finish()))
    }

    /// The bytes `range` of the content that `pieces` make up.
    pub(crate) fn read(&self, pieces: &[Piece], range: Range<u64>) -> Content {
        let mut chunks = Vec::new();
        let mut start = 0;
        for piece in pieces {
            let end = start + piece.size;
            let (mut from, to) = (range.start.max(start), range.end.min(end));
            while from < to {
                let next = to.min(from + CHUNK);
                chunks.push((piece.blob.clone(), from - start..next - start));
                from = next;
            }
            start = end;
        }
        let store = Arc::clone(&self.store);
        let bytes = stream::iter(chunks).then(move |(blob, range)| {
            let store = Arc::clone(&store);
            async move { store.get_range(&location(&blob), range).await.map_err(io::Error::from) }
        });
        Content(Mutex::new(bytes.boxed()))
    }

    /// Removes a blob; it may be gone already.
    pub(crate) async fn remove(&self, blob: &str) -> Result<(), BlobError> {
        match self.store.delete(&location(blob)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The names of all blobs that were last written before `before`.
    pub(crate) async fn older_than(&self, before: Timestamp) -> Result<Vec<String>, BlobError> {
        let mut found = Vec::new();
        let mut files = self.store.list(None);
        while let Some(file) = files.next().await {
            let file = file?;
            let old = file.last_modified.timestamp_millis() < before.as_millisecond();
            if let Some(name) = file.location.filename().filter(|name| old && is_name(name)) {
                found.push(name.to_owned());
            }
        }
        Ok(found)
    }

    fn path(&self, blob: &str) -> PathBuf {
        self.root.join(shard(blob)).join(blob)
    }
}

fn shard(blob: &str) -> &str {
    blob.get(..2).unwrap_or_default()
}

fn location(blob: &str) -> object_store::path::Path {
    object_store::path::Path::from_iter([shard(blob), blob])
}

fn is_name(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// A file is only there after a crash if its directory was synced too.
async fn sync_directory(path: &Path) -> io::Result<()> {
    fs::File::open(path).await?.sync_all().await
}

/// A stream of bytes that s3s can send: it asks for `Sync`, which the lock gives; nobody ever waits for it.
pub(crate) struct Content(Mutex<Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>>);

impl Stream for Content {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).as_mut().poll_next(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(chunks: &[&'static str]) -> impl Stream<Item = Result<Bytes, s3s::StdError>> + use<> {
        stream::iter(chunks.iter().map(|chunk| Ok(Bytes::from_static(chunk.as_bytes()))).collect::<Vec<_>>())
    }

    async fn text(content: Content) -> String {
        let chunks: Vec<_> = content.map(Result::unwrap).collect().await;
        String::from_utf8(chunks.concat()).unwrap()
    }

    #[tokio::test]
    async fn a_range_may_span_several_blobs() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(dir.path()).await.unwrap();
        let random = Random::seeded(1);
        let mut pieces = Vec::new();
        for text in ["hello ", "", "wide ", "world"] {
            pieces.push(blobs.write(&random, source(&[text]), Hashes::default()).await.unwrap().piece);
        }
        assert_eq!(text(blobs.read(&pieces, 0..16)).await, "hello wide world");
        assert_eq!(text(blobs.read(&pieces, 4..13)).await, "o wide wo");
        assert_eq!(text(blobs.read(&pieces, 6..6)).await, "");
    }

    #[tokio::test]
    async fn what_could_not_be_received_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(dir.path()).await.unwrap();
        let broken = source(&["some"]).chain(stream::iter([Err("broken".into())]));
        let result = blobs.write(&Random::seeded(1), broken, Hashes::default()).await;
        assert!(matches!(result, Err(BlobError::Source(_))));
        assert!(blobs.older_than(Timestamp::MAX).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_blob_is_readable_by_its_owner_only_and_knows_its_hash() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(dir.path()).await.unwrap();
        let written = blobs.write(&Random::seeded(1), source(&["hel", "lo"]), Hashes::default()).await.unwrap();
        assert_eq!(written.md5, "5d41402abc4b2a76b9719d911017c592");
        let mode = std::fs::metadata(blobs.path(&written.piece.blob)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(blobs.older_than(Timestamp::MAX).await.unwrap(), std::slice::from_ref(&written.piece.blob));
        blobs.remove(&written.piece.blob).await.unwrap();
        blobs.remove(&written.piece.blob).await.unwrap();
    }
}
