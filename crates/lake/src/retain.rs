//! Retention, by the time of the events.

use jiff::Timestamp;

use crate::{EventStore, LakeError, catalog};

impl EventStore {
    /// Takes the files out of the store whose events are all older than `oldest`. A file holds the events of one day at most, so
    /// an event stays up to a day longer. Returns how many events went.
    ///
    /// # Errors
    /// When the catalog cannot be written.
    pub async fn retain(&self, oldest: Timestamp) -> Result<u64, LakeError> {
        let oldest = oldest.as_millisecond();
        // What is being appended must not count on ids that go now.
        let mut seen = self.writing().lock().await;
        let old: Vec<_> = self.files().iter().filter(|file| file.max_time < oldest).cloned().collect();
        if old.is_empty() {
            return Ok(0);
        }
        let tx = self.lake().begin();
        for file in &old {
            catalog::drop_file(&tx, self.key(), file)?;
        }
        self.lake().store.commit(tx).await?;
        seen.clear();
        self.adopt(&[], &old, None);
        Ok(old.iter().map(|file| file.rows).sum())
    }
}
