//! An import's run, from a bucket's list to its end.

use std::{num::NonZero, sync::Arc, time::Duration};

use keeptrail_archive::{Archive, Range};
use keeptrail_journal::CommitError;
use keeptrail_lake::import::{ImportOptions, Progress, Report};
use tokio::runtime::Handle;

use super::{
    Imports,
    model::{FAILURES, Failure, IMPORTS, Import, ONGOING, Statistics, Status, save},
};
use crate::{place::Place, queries::readable, workers::threads};

/// The pause before a change that could not be stored is tried again.
const PAUSE: Duration = Duration::from_secs(1);
/// Failures that are listed one by one.
const LISTED: usize = 1_000;

impl Imports {
    pub(super) async fn work(self: &Arc<Self>, place: &Place, progress: &Arc<Progress>) {
        let begun = self.change(place, &[], |import| {
            let ongoing = import.status.is_ongoing();
            import.status = Status::InProgress;
            ongoing
        });
        let Some(import) = begun.await else { return };
        let outcome = self.run(place, &import, progress).await;
        let (read, failures) = match &outcome {
            Ok(report) => (statistics(report), self.failures(&import, report)),
            Err(reason) => {
                tracing::warn!(import = place.id, reason, "an import has failed");
                (
                    Statistics { failed: 1, ..Statistics::default() },
                    vec![self.failure(&import.uri, "ImportFailed", reason)],
                )
            }
        };
        let ended = self.change(place, &failures, |import| {
            import.statistics = Statistics { events: import.statistics.events.saturating_add(read.events), ..read };
            if import.status.is_ongoing() {
                import.status = if read.failed > 0 { Status::Failed } else { Status::Completed };
            }
            true
        });
        ended.await;
    }

    async fn run(self: &Arc<Self>, place: &Place, import: &Import, progress: &Arc<Progress>) -> Result<Report, String> {
        let asked = readable(&self.ledger.begin(), &place.account, &place.region, &import.store).await;
        asked.map_err(|error| error.message.into_owned())?;
        let store = self.stores.lake.event_store(&import.store).await.map_err(|error| error.to_string())?;
        let archive = Archive::of(self.source.objects(&import.from));
        let options = ImportOptions {
            range: Range { from: import.start, to: import.end },
            workers: NonZero::new(threads()),
            ..ImportOptions::default()
        };
        let (location, progress, runtime) = (location(import), Arc::clone(progress), Handle::current());
        let run = tokio::task::spawn_blocking(move || store.import(&archive, &location, &options, &progress, &runtime));
        run.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
    }

    fn failures(&self, import: &Import, report: &Report) -> Vec<Failure> {
        let failures = report.failures.iter().take(LISTED);
        let location = |key: &str| format!("s3://{}/{key}", import.from.bucket);
        failures.map(|failure| self.failure(&location(&failure.key), failure.code, &failure.reason)).collect()
    }

    fn failure(&self, location: &str, kind: &str, message: &str) -> Failure {
        let (location, kind, message) = (location.to_owned(), kind.to_owned(), message.to_owned());
        Failure { location, kind, message, at: self.clock.now() }
    }

    /// Changes an import if `change` says that it did, and returns it as it is then. Tries until the store takes it: there
    /// is nobody to tell.
    async fn change(
        &self,
        place: &Place,
        failures: &[Failure],
        change: impl Fn(&mut Import) -> bool,
    ) -> Option<Import> {
        loop {
            match self.try_change(place, failures, &change).await {
                Ok(import) => return import,
                Err(CommitError::Conflict) => tokio::task::yield_now().await,
                Err(error) => {
                    tracing::warn!(import = place.id, %error, "an import's state cannot be stored now");
                    self.clock.sleep(PAUSE).await;
                }
            }
        }
    }

    async fn try_change(
        &self,
        place: &Place,
        failures: &[Failure],
        change: &impl Fn(&mut Import) -> bool,
    ) -> Result<Option<Import>, CommitError> {
        let tx = self.ledger.begin();
        let Some(found) = IMPORTS.get(&tx, &place.parts()).await? else { return Ok(None) };
        let mut import = Import::clone(&found);
        if !change(&mut import) {
            return Ok(None);
        }
        FAILURES.put(&tx, &place.parts(), &failures.to_vec())?;
        if !import.status.is_ongoing() {
            let ongoing = ONGOING.get(&tx, &[&place.account]).await?;
            // Another one may go on already when this one was stopped.
            if ongoing.is_some_and(|ongoing| ongoing.id == place.id) {
                ONGOING.delete(&tx, &[&place.account]);
            }
        }
        save(&tx, place, &import)?;
        self.ledger.commit(tx).await?;
        Ok(Some(import))
    }
}

fn statistics(report: &Report) -> Statistics {
    let read = report.files_known + report.files_read;
    Statistics {
        files: read.saturating_sub(report.failed_files),
        events: report.events_added,
        failed: report.failed_files,
    }
}

/// The name under which the Lake remembers the log files of a bucket.
fn location(import: &Import) -> String {
    format!("s3://{}", import.from.bucket)
}
