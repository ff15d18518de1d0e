//! Who is due: imports that were started, or that a stopped process left, are run; those that were stopped end.

use std::{collections::HashSet, sync::Arc};

use async_trait::async_trait;
use keeptrail_clock::Timestamp;
use keeptrail_jobs::{JobError, Next, Task};
use keeptrail_lake::import::Progress;
use keeptrail_store::Key;

use super::{Imports, model::ONGOING};
use crate::place::Place;

/// Runs imports.
pub struct ImportRuns(Arc<Imports>);

impl ImportRuns {
    /// The task over `imports`.
    #[must_use]
    pub fn new(imports: Arc<Imports>) -> Self {
        Self(imports)
    }
}

#[async_trait]
impl Task for ImportRuns {
    fn name(&self) -> &'static str {
        "lake-imports"
    }

    fn watches(&self) -> Vec<Key> {
        vec![ONGOING.key(&[])]
    }

    async fn run(&self, _: Timestamp) -> Result<Next, JobError> {
        let imports = &self.0;
        let rows = ONGOING.all(&imports.ledger.begin(), &[]).await?;
        let place = |key: &Key, region: &str, id: &str| {
            let account = key.parts().into_iter().nth(1)?;
            Some(Place { account, region: region.to_owned(), id: id.to_owned() })
        };
        let ongoing: HashSet<Place> = rows.iter().filter_map(|(key, row)| place(key, &row.region, &row.id)).collect();
        for (place, progress) in imports.running.borrow().iter() {
            if !ongoing.contains(place) {
                progress.stop();
            }
        }
        for place in ongoing {
            if imports.progress(&place).is_none() {
                imports.take_up(place);
            }
        }
        Ok(Next::Woken)
    }
}

impl Imports {
    /// Runs an import in the background.
    fn take_up(self: &Arc<Self>, place: Place) {
        let Some(workers) = self.workers.runtime() else { return };
        let progress = Arc::new(Progress::default());
        self.running.send_modify(|running| drop(running.insert(place.clone(), Arc::clone(&progress))));
        let imports = Arc::clone(self);
        workers.spawn(async move {
            imports.work(&place, &progress).await;
            imports.running.send_modify(|running| drop(running.remove(&place)));
        });
    }
}
