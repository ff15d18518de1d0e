//! Plain or gzip, told by content, with limits against bombs.

use std::io::{self, BufReader, Chain, Cursor, Read};

use flate2::bufread::MultiGzDecoder;

/// How much a file may decompress to. Real log files shrink to a tenth or a twentieth.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Decompressed bytes for each compressed one, beyond `free`.
    pub ratio: u64,
    /// Decompressed bytes that are allowed whatever the ratio.
    pub free: u64,
    /// Decompressed bytes of one file.
    pub total: u64,
    /// Bytes of one record. CloudTrail writes at most 256 KB, Lake events up to 1 MB.
    pub record: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { ratio: 200, free: 64 << 20, total: 4 << 30, record: 8 << 20 }
    }
}

/// The error behind a read that went over a limit.
#[derive(Debug, thiserror::Error)]
#[error("more than {limit} bytes from {compressed}")]
pub(crate) struct Exceeded {
    pub(crate) limit: u64,
    pub(crate) compressed: u64,
}

/// The decoded content of a file.
pub(crate) struct Decoded<R> {
    stream: Stream<R>,
    limits: Limits,
    /// Decoded bytes so far.
    out: u64,
    /// Size of the file as it is stored.
    stored: u64,
}

enum Stream<R> {
    /// Nothing was read yet.
    Fresh(Option<R>),
    Plain(Whole<R>),
    Gzip(Box<MultiGzDecoder<BufReader<Whole<R>>>>),
}

/// A file behind its first bytes, which were looked at.
type Whole<R> = Chain<Cursor<Vec<u8>>, R>;

/// Stored bytes that are read at once.
const READ: usize = 64 * 1024;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

impl<R: Read> Decoded<R> {
    /// `stored`: the file's size, by which the ratio is judged.
    pub(crate) fn new(inner: R, stored: u64, limits: &Limits) -> Self {
        Self { stream: Stream::Fresh(Some(inner)), limits: *limits, out: 0, stored }
    }

    pub(crate) fn is_gzip(&self) -> bool {
        matches!(self.stream, Stream::Gzip(_))
    }

    fn begin(&mut self) -> io::Result<()> {
        if let Stream::Fresh(inner) = &mut self.stream
            && let Some(mut inner) = inner.take()
        {
            let mut first = Vec::new();
            inner.by_ref().take(GZIP_MAGIC.len() as u64).read_to_end(&mut first)?;
            let gzip = first == GZIP_MAGIC;
            let whole = Cursor::new(first).chain(inner);
            self.stream = if gzip {
                let room = usize::try_from(self.stored).unwrap_or(READ).clamp(1024, READ);
                Stream::Gzip(Box::new(MultiGzDecoder::new(BufReader::with_capacity(room, whole))))
            } else {
                Stream::Plain(whole)
            };
        }
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.begin()?;
        let read = match &mut self.stream {
            Stream::Fresh(_) => 0,
            Stream::Plain(plain) => plain.read(bytes)?,
            Stream::Gzip(gzip) => {
                let read = gzip.read(bytes)?;
                self.out = self.out.saturating_add(read as u64);
                let by_ratio = self.stored.saturating_mul(self.limits.ratio).max(self.limits.free);
                let limit = by_ratio.min(self.limits.total);
                if self.out > limit {
                    return Err(io::Error::other(Exceeded { limit, compressed: self.stored }));
                }
                read
            }
        };
        Ok(read)
    }
}
