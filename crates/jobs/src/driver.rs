//! Runs the jobs.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use keeptrail_clock::{Clock, Timestamp};
use keeptrail_journal::{Journal, Ledger};
use keeptrail_store::{Key, Store};
use tokio::{
    runtime::Handle,
    sync::{Notify, watch},
    task::JoinHandle,
};

use crate::{
    Follower, JobError, JobState, JobStatus, Next, Reader, Task, cursor::place, following::Following, readers::Readers,
    status::back_off,
};

/// Collects the jobs before they run.
pub struct Driver {
    ledger: Ledger,
    clock: Clock,
    pause: Duration,
    apart: bool,
    readers: Vec<Arc<dyn Reader>>,
    followers: Vec<Arc<dyn Follower>>,
    tasks: Vec<Arc<dyn Task>>,
}

/// The running jobs.
pub struct Running {
    ledger: Ledger,
    statuses: Vec<watch::Receiver<JobStatus>>,
    stop: watch::Sender<bool>,
    handles: Mutex<Vec<(&'static str, JoinHandle<()>)>>,
}

impl Driver {
    /// A driver without jobs.
    #[must_use]
    pub fn new(ledger: Ledger, clock: Clock) -> Self {
        let (readers, followers, tasks) = (Vec::new(), Vec::new(), Vec::new());
        Self { ledger, clock, pause: Duration::ZERO, apart: false, readers, followers, tasks }
    }

    /// After each batch that was not full, readers let entries gather for this long: each batch costs a durable commit,
    /// however small it is. An entry that comes after a quiet time is still read at once.
    #[must_use]
    pub fn gathering(self, pause: Duration) -> Self {
        Self { pause, ..self }
    }

    /// Runs the readers on a thread of their own: a batch takes milliseconds of computing, which would hold up the calls on
    /// one of the runtime's threads.
    #[must_use]
    pub fn apart(self) -> Self {
        Self { apart: true, ..self }
    }

    /// Adds a reader.
    pub fn reader(&mut self, reader: impl Reader) {
        self.readers.push(Arc::new(reader));
    }

    /// Adds a follower.
    pub fn follower(&mut self, follower: impl Follower) {
        self.followers.push(Arc::new(follower));
    }

    /// Adds a task.
    pub fn task(&mut self, task: impl Task) {
        self.tasks.push(Arc::new(task));
    }

    /// Makes sure that the journal does not end before a reader's cursor: else entries that are yet to come would be taken
    /// for read. A journal that does has lost its end; it reports that and goes on after the cursor. To be called before
    /// anything is appended.
    ///
    /// # Errors
    /// When store or journal cannot be read.
    pub async fn recall(&self) -> Result<(), JobError> {
        let tx = self.ledger.begin();
        let readers = self.readers.iter().map(|reader| reader.name());
        for name in readers.chain(self.followers.iter().map(|follower| follower.name())) {
            if let Some(at) = place(&tx, name).await? {
                self.ledger.journal().raise(at).await?;
            }
        }
        Ok(())
    }

    /// Starts all jobs on the current tokio runtime.
    #[must_use]
    pub fn start(self) -> Running {
        let stop = watch::Sender::new(false);
        let mut statuses = Vec::new();
        let mut handles = Vec::new();
        let mut readers = Readers::new(self.ledger.clone(), self.clock.clone(), self.pause, stop.subscribe());
        for reader in self.readers {
            let (status, shown) = watch::channel(JobStatus::new(reader.name()));
            statuses.push(shown);
            readers.add(reader, status);
        }
        let reading = if self.apart {
            let runtime = Handle::current();
            tokio::task::spawn_blocking(move || runtime.block_on(readers.run()))
        } else {
            tokio::spawn(readers.run())
        };
        handles.push(("readers", reading));
        for follower in self.followers {
            let name = follower.name();
            let (status, shown) = watch::channel(JobStatus::new(name));
            statuses.push(shown);
            let job = Job { clock: self.clock.clone(), status, stop: stop.subscribe() };
            let following = Following::new(job, follower, self.ledger.clone(), self.pause);
            handles.push((name, tokio::spawn(following.run())));
        }
        for task in self.tasks {
            let (status, shown) = watch::channel(JobStatus::new(task.name()));
            statuses.push(shown);
            let job = Job { clock: self.clock.clone(), status, stop: stop.subscribe() };
            let woken = wake(self.ledger.store(), task.watches(), job.status.clone());
            handles.push((task.name(), tokio::spawn(job.repeat(task, woken))));
        }
        Running { ledger: self.ledger, statuses, stop, handles: Mutex::new(handles) }
    }
}

/// Wakes a task when a commit touches what it watches. A task that is woken counts as busy from then on, so that nobody
/// takes it for idle between the commit and its next run.
fn wake(store: &Store, watched: Vec<Key>, status: watch::Sender<JobStatus>) -> Arc<Notify> {
    let woken = Arc::new(Notify::new());
    let notify = Arc::clone(&woken);
    if !watched.is_empty() {
        let ranges: Vec<_> = watched.into_iter().map(|key| (key.end(), key)).collect();
        store.listen(Box::new(move |_, changes| {
            if changes.iter().any(|change| ranges.iter().any(|(end, from)| *from <= change.key && change.key < *end)) {
                status.send_modify(|status| status.state = JobState::Busy);
                notify.notify_one();
            }
        }));
    }
    woken
}

/// What a running job has.
pub(crate) struct Job {
    pub(crate) clock: Clock,
    pub(crate) status: watch::Sender<JobStatus>,
    pub(crate) stop: watch::Receiver<bool>,
}

impl Job {
    pub(crate) fn stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// Lets entries gather for so long.
    pub(crate) async fn gather(&mut self, pause: Duration) {
        tokio::select! {
            () = self.clock.sleep(pause) => {}
            _ = self.stop.changed() => {}
        }
    }

    async fn repeat(mut self, task: Arc<dyn Task>, woken: Arc<Notify>) {
        let mut failures = 0;
        while !self.stopped() {
            self.status.send_modify(|status| status.state = JobState::Busy);
            match task.run(self.clock.now()).await {
                Ok(Next::Now) => {
                    failures = 0;
                    tokio::task::yield_now().await;
                }
                Ok(next) => {
                    failures = 0;
                    self.wait(next, &woken).await;
                }
                Err(JobError::Conflict) => tokio::task::yield_now().await,
                Err(error) => self.pause(&mut failures, &error).await,
            }
        }
    }

    async fn wait(&mut self, next: Next, woken: &Notify) {
        let due = match next {
            Next::At(due) => Some(due),
            Next::Now | Next::Woken => None,
        };
        let clock = self.clock.clone();
        let until = async {
            match due {
                Some(due) => clock.sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        let mut notified = std::pin::pin!(woken.notified());
        // A wake-up that came during the run is kept by the notify: then the task is not idle at all.
        if !notified.as_mut().enable() {
            self.status.send_modify(|status| {
                status.rest();
                status.due = due;
            });
            tokio::select! {
                () = notified => {}
                () = until => {}
                _ = self.stop.changed() => {}
            }
        }
        self.status.send_modify(|status| {
            status.state = JobState::Busy;
            status.due = None;
        });
    }

    pub(crate) async fn pause(&mut self, failures: &mut u32, error: &JobError) {
        let due = back_off(&self.status, &self.clock, failures, error);
        tokio::select! {
            () = self.clock.sleep_until(due) => {}
            _ = self.stop.changed() => {}
        }
        self.status.send_modify(|status| status.due = None);
    }
}

impl Running {
    /// How each job is doing.
    #[must_use]
    pub fn status(&self) -> Vec<JobStatus> {
        self.statuses.iter().map(|status| status.borrow().clone()).collect()
    }

    /// The last journal entry that every reader has passed: what lies before it may be retired.
    #[must_use]
    pub fn passed_by_all(&self) -> u64 {
        let cursors = self.statuses.iter().map(|status| status.borrow().clone());
        cursors.filter_map(|status| status.cursor).min().unwrap_or(0)
    }

    /// Waits until every reader has passed the journal's head and no task is at work: for tests and for a stop. Tasks
    /// that wait for a time, and jobs that wait to try again, count as at rest.
    pub async fn settle(&self) {
        loop {
            self.ledger.settled().await;
            let head = self.journal().head();
            for status in &self.statuses {
                let mut status = status.clone();
                // A stopped job has nothing more to do.
                let _ = status
                    .wait_for(|status| match status.state {
                        JobState::Busy => false,
                        JobState::BackingOff => true,
                        JobState::Idle => status.place().is_none_or(|place| place >= head),
                    })
                    .await;
            }
            let at_rest = self.status().iter().all(|status| status.state != JobState::Busy);
            self.ledger.settled().await;
            if at_rest && self.journal().head() == head {
                return;
            }
        }
    }

    fn journal(&self) -> &Journal {
        self.ledger.journal()
    }

    /// The time of the next task that waits for one.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.status().into_iter().filter_map(|status| status.due).min()
    }

    /// Tells the jobs to stop after their present run and waits for them.
    pub async fn drain(&self) {
        self.stop.send_replace(true);
        let handles = std::mem::take(&mut *self.handles.lock().unwrap_or_else(PoisonError::into_inner));
        for (name, handle) in handles {
            if let Err(error) = handle.await {
                tracing::error!(job = name, %error, "a job ended badly");
            }
        }
    }
}
