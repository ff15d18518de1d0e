//! The few things that the Lake asks of a file system, so that tests can stop it at each of them.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// A file system that files are written to.
pub(crate) trait Disk: Send + Sync + 'static {
    /// Makes a directory (mode 0700) and those above it, durably, where they are missing.
    fn prepare(&self, dir: &Path) -> io::Result<()>;
    /// Creates a file (mode 0600) that must not exist yet.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Renames durably: the directory is synced.
    fn publish(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file; it may be gone already.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Removes a directory with all that is in it, and tells how many files there were; it may be gone already.
    fn remove_tree(&self, dir: &Path) -> io::Result<u64>;
    /// The files below `dir`, at any depth.
    fn files(&self, dir: &Path) -> io::Result<Vec<PathBuf>>;
}

/// A file that is being written.
pub(crate) trait DiskFile: Write + Send {
    /// Makes content and size durable.
    fn sync(&mut self) -> io::Result<()>;
}

/// The operating system's file system.
pub(crate) struct SystemDisk;

impl Disk for SystemDisk {
    fn prepare(&self, dir: &Path) -> io::Result<()> {
        if dir.try_exists()? {
            return Ok(());
        }
        let above = dir.parent().filter(|above| !above.as_os_str().is_empty());
        if let Some(above) = above {
            self.prepare(above)?;
        }
        match DirBuilder::new().mode(0o700).create(dir) {
            Ok(()) => above.map_or(Ok(()), sync_dir),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?))
    }

    fn publish(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)?;
        to.parent().map_or(Ok(()), sync_dir)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn remove_tree(&self, dir: &Path) -> io::Result<u64> {
        let files = self.files(dir)?.len();
        match fs::remove_dir_all(dir) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(files as u64),
        }
    }

    fn files(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        let mut open = vec![dir.to_owned()];
        while let Some(dir) = open.pop() {
            let items = match fs::read_dir(&dir) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                items => items?,
            };
            for item in items {
                let item = item?;
                if item.file_type()?.is_dir() {
                    open.push(item.path());
                } else {
                    files.push(item.path());
                }
            }
        }
        Ok(files)
    }
}

fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

impl DiskFile for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}
