//! Removing what no transaction names.

use std::{collections::HashSet, time::Duration};

use keeptrail_clock::before;

use crate::{
    Lake, LakeError,
    catalog::{self, DELETED, FILES, OBSOLETE, SOURCES, STORES},
    day_file::is_part,
};

/// So long a query may still read files that do not count any more.
const GRACE: Duration = Duration::from_secs(600);
/// Rows of a deleted store that one transaction removes.
const PAGE: usize = 1_000;

impl Lake {
    /// Removes files that writers left behind when they were stopped, files that have not counted for a while, and what is left
    /// of deleted stores. Nothing may be appended meanwhile. Returns how many files went.
    ///
    /// # Errors
    /// When the catalog or a directory cannot be read or changed.
    pub async fn sweep(&self) -> Result<u64, LakeError> {
        let mut removed = self.clear_deleted().await? + self.retire(GRACE).await?;
        let tx = self.begin();
        let mut named = HashSet::new();
        for (_, store) in STORES.all(&tx, &[]).await? {
            let files = catalog::files(&tx, &store.directory).await?;
            named.extend(files.iter().map(|file| format!("{}/{}", store.directory, file.path())));
        }
        for (key, _) in OBSOLETE.all(&tx, &[]).await? {
            named.insert(key.parts().split_off(1).join("/"));
        }
        let (root, disk) = (&self.shared().root, &self.shared().disk);
        for path in disk.files(root).map_err(LakeError::file(root))? {
            let below = path.strip_prefix(root).ok().and_then(|below| below.to_str()).unwrap_or_default();
            // Only what lies where files of stores lie: store, day, file.
            let ours = below.split('/').nth(1).is_some_and(|day| day.starts_with("day="))
                && (below.ends_with(".parquet") || is_part(below));
            if ours && !named.contains(below) {
                disk.remove(&path).map_err(LakeError::file(&path))?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Removes files that have not counted for as long as `grace`. May run at any time. Returns how many went.
    ///
    /// # Errors
    /// When the catalog or a file cannot be changed.
    pub async fn retire(&self, grace: Duration) -> Result<u64, LakeError> {
        let tx = self.begin();
        let since = before(tx.now(), grace).as_millisecond();
        let mut removed = 0;
        for (key, row) in OBSOLETE.all(&tx, &[]).await? {
            if row.since > since {
                continue;
            }
            let parts = key.parts().split_off(1);
            let path = self.shared().root.join(parts.join("/"));
            self.shared().disk.remove(&path).map_err(LakeError::file(&path))?;
            OBSOLETE.delete(&tx, &parts.iter().map(String::as_str).collect::<Vec<_>>());
            removed += 1;
        }
        self.catalog().commit(tx).await?;
        Ok(removed)
    }

    /// Removes the files and rows of deleted stores. May run at any time: nobody appends to them. Returns how many files went.
    ///
    /// # Errors
    /// When the catalog or a directory cannot be changed.
    pub async fn clear_deleted(&self) -> Result<u64, LakeError> {
        let tx = self.begin();
        let mut removed = 0;
        for (key, _) in DELETED.all(&tx, &[]).await? {
            let Some(directory) = key.parts().into_iter().nth(1) else { continue };
            let path = self.shared().root.join(&directory);
            removed += self.shared().disk.remove_tree(&path).map_err(LakeError::file(&path))?;
            loop {
                let tx = self.begin();
                let files = FILES.page(&tx, &[&directory], None, PAGE).await?;
                let sources = SOURCES.page(&tx, &[&directory], None, PAGE).await?;
                if files.is_empty() && sources.is_empty() {
                    DELETED.delete(&tx, &[&directory]);
                    self.catalog().commit(tx).await?;
                    break;
                }
                files.into_iter().for_each(|(key, _)| tx.delete(key));
                sources.into_iter().for_each(|(key, _)| tx.delete(key));
                self.catalog().commit(tx).await?;
            }
        }
        Ok(removed)
    }
}
