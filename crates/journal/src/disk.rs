//! The few things that the journal asks of a file system, so that tests can make each of them fail.

use std::{
    any::Any,
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt},
    path::Path,
};

/// What identifies a file and shows that it was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stat {
    /// Device and inode.
    pub(crate) id: (u64, u64),
    pub(crate) links: u64,
    pub(crate) size: u64,
    /// Time of the last change of the content, and of the content or the inode, in nanoseconds.
    pub(crate) changed: (i128, i128),
}

impl From<fs::Metadata> for Stat {
    fn from(data: fs::Metadata) -> Self {
        let nanoseconds = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        Self {
            id: (data.dev(), data.ino()),
            links: data.nlink(),
            size: data.size(),
            changed: (nanoseconds(data.mtime(), data.mtime_nsec()), nanoseconds(data.ctime(), data.ctime_nsec())),
        }
    }
}

/// A file system.
pub(crate) trait Disk: Send + Sync + 'static {
    /// Creates the directory (mode 0700) durably, when it is missing.
    fn prepare(&self, dir: &Path) -> io::Result<()>;
    /// Takes the directory for this process until the guard is dropped; `None` when another process has it.
    fn lock(&self, dir: &Path) -> io::Result<Option<Box<dyn Any + Send + Sync>>>;
    /// The names of the files in the directory.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>>;
    /// Creates a file (mode 0600) that must not exist yet.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Opens a file to read, or also to write.
    fn open(&self, path: &Path, write: bool) -> io::Result<Box<dyn DiskFile>>;
    /// What is at `path`, not following a symbolic link; `None` when nothing is.
    fn stat(&self, path: &Path) -> io::Result<Option<Stat>>;
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Makes creations, renames and removals in the directory durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
}

/// An open file, read and written by position.
pub(crate) trait DiskFile: Send + Sync {
    fn read_at(&self, bytes: &mut [u8], at: u64) -> io::Result<usize>;
    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<usize>;
    fn truncate(&self, size: u64) -> io::Result<()>;
    /// Makes content and size durable.
    fn sync(&self) -> io::Result<()>;
    fn stat(&self) -> io::Result<Stat>;
}

/// Writes all of `bytes` at `at`.
pub(crate) fn write_all(file: &dyn DiskFile, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.write_at(bytes, at) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => {
                bytes = bytes.get(written..).unwrap_or_default();
                at = at.saturating_add(written as u64);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Fills `bytes` from `at` as far as the file goes; the number of bytes read.
pub(crate) fn read_full(file: &dyn DiskFile, bytes: &mut [u8], at: u64) -> io::Result<usize> {
    let mut read = 0;
    while let Some(rest) = bytes.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, at.saturating_add(read as u64)) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

/// The operating system's file system.
pub(crate) struct SystemDisk;

impl Disk for SystemDisk {
    fn prepare(&self, dir: &Path) -> io::Result<()> {
        match DirBuilder::new().mode(0o700).create(dir) {
            Ok(()) => dir
                .parent()
                .filter(|parent| !parent.as_os_str().is_empty())
                .map_or(Ok(()), |parent| self.sync_dir(parent)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn lock(&self, dir: &Path) -> io::Result<Option<Box<dyn Any + Send + Sync>>> {
        let file = File::open(dir)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        // Our names are ASCII: a name that is not UTF-8 is not ours.
        let names = fs::read_dir(dir)?.map(|item| Ok(item?.file_name().into_string().ok()));
        names.filter_map(io::Result::transpose).collect()
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?))
    }

    fn open(&self, path: &Path, write: bool) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(OpenOptions::new().read(true).write(write).open(path)?))
    }

    fn stat(&self, path: &Path) -> io::Result<Option<Stat>> {
        match fs::symlink_metadata(path) {
            Ok(data) => Ok(Some(data.into())),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }
}

impl DiskFile for File {
    fn read_at(&self, bytes: &mut [u8], at: u64) -> io::Result<usize> {
        FileExt::read_at(self, bytes, at)
    }

    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<usize> {
        FileExt::write_at(self, bytes, at)
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        self.set_len(size)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn stat(&self) -> io::Result<Stat> {
        Ok(self.metadata()?.into())
    }
}
