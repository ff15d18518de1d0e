//! The stored rows.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

use keeptrail_arn::Arn;
use keeptrail_clock::{Timestamp, after};
use keeptrail_jobs::Parsed;
use keeptrail_operation::{ApiError, Context};
use keeptrail_pattern::selector::{AdvancedEventSelector, EventSelector, Selectors};
use keeptrail_store::{StoreError, Table, Tx};
use serde::{Deserialize, Serialize};

use crate::{Trails, errors};

/// All trails of an account, in one row: what a reader asks for each record is one cached row.
pub(crate) const TRAILS: Table<TrailSet> = Table::new("trail.trails");
/// How deliveries to log groups went, by trail id.
pub(crate) const LOG_STATUS: Table<LogStatus> = Table::new("trail.log-status");

/// A trail that is started and stopped again and again keeps so many of its times of logging.
const MOST_SPANS: usize = 16;
/// A deleted trail is remembered for so long of the journal: what was recorded before its deletion has been read by then.
const CLOSING: Duration = Duration::from_secs(3600);

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Tag {
    pub(crate) key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<String>,
}

/// The trails of an account by ARN.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct TrailSet {
    pub(crate) trails: BTreeMap<String, Trail>,
    /// Trails that were deleted: they still take what was recorded until then, their deletion included.
    #[serde(default)]
    pub(crate) closing: Vec<Trail>,
}

/// A time of logging.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Span {
    pub(crate) from: Timestamp,
    /// `None` while it lasts.
    pub(crate) to: Option<Timestamp>,
}

/// Basic selectors, advanced ones, or none: then all management events.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) enum Chosen {
    #[default]
    Default,
    Basic(Vec<EventSelector>),
    Advanced(Vec<AdvancedEventSelector>),
}

/// A trail.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Trail {
    /// Tells this trail from others that had its name.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) bucket: String,
    pub(crate) prefix: Option<String>,
    pub(crate) topic: Option<Topic>,
    pub(crate) group_arn: Option<String>,
    pub(crate) role_arn: Option<String>,
    pub(crate) multi_region: bool,
    pub(crate) global_events: bool,
    pub(crate) tags: Vec<Tag>,
    pub(crate) chosen: Chosen,
    /// When it logged, oldest first.
    pub(crate) spans: Vec<Span>,
    #[serde(skip)]
    compiled: OnceLock<Selectors>,
}

/// A topic that is told of each log file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Topic {
    /// The name or ARN that the caller gave.
    pub(crate) name: String,
    pub(crate) arn: String,
}

/// How deliveries to a log group went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LogStatus {
    pub(crate) trail_arn: String,
    pub(crate) delivered: Option<Timestamp>,
    pub(crate) error: Option<String>,
    /// Since when nothing could be delivered.
    pub(crate) failing: Option<Timestamp>,
}

/// Services whose events belong to no region; they are recorded in us-east-1.
const GLOBAL: [&str; 2] = ["iam.amazonaws.com", "sts.amazonaws.com"];

impl Trail {
    pub(crate) fn new(id: String, name: String, arn: String, account: String, region: String, bucket: String) -> Self {
        Self {
            id,
            name,
            arn,
            account,
            region,
            bucket,
            prefix: None,
            topic: None,
            group_arn: None,
            role_arn: None,
            multi_region: false,
            global_events: true,
            tags: Vec::new(),
            chosen: Chosen::Default,
            spans: Vec::new(),
            compiled: OnceLock::new(),
        }
    }

    fn selectors(&self) -> &Selectors {
        self.compiled.get_or_init(|| {
            let selectors = match &self.chosen {
                Chosen::Default => Ok(Selectors::default()),
                Chosen::Basic(selectors) => Selectors::basic(selectors),
                Chosen::Advanced(selectors) => Selectors::advanced(selectors),
            };
            selectors.unwrap_or_else(|error| {
                tracing::error!(trail = self.arn, %error, "stored selectors cannot be read; the trail takes every management event");
                Selectors::default()
            })
        })
    }

    /// Whether the trail logs now.
    pub(crate) fn logs(&self) -> bool {
        self.spans.last().is_some_and(|span| span.to.is_none())
    }

    /// When it last began to log.
    pub(crate) fn started(&self) -> Option<Timestamp> {
        self.spans.last().map(|span| span.from)
    }

    /// When it last ceased to log.
    pub(crate) fn stopped(&self) -> Option<Timestamp> {
        self.spans.iter().rev().find_map(|span| span.to)
    }

    /// Begins to log; `false` if it does already.
    pub(crate) fn start(&mut self, now: Timestamp) -> bool {
        if self.logs() {
            return false;
        }
        if self.spans.len() == MOST_SPANS {
            self.spans.remove(0);
        }
        self.spans.push(Span { from: now, to: None });
        true
    }

    /// Ceases to log; `false` if it had already.
    pub(crate) fn stop(&mut self, now: Timestamp) -> bool {
        match self.spans.last_mut() {
            Some(span) if span.to.is_none() => {
                span.to = Some(now);
                true
            }
            _ => false,
        }
    }

    /// Whether the trail takes a record: it was made while the trail logged (the calls that started and stopped it
    /// included), its region is the trail's, and a selector fits.
    pub(crate) fn takes(&self, record: &Parsed<'_>) -> bool {
        if !(self.multi_region || record.member("awsRegion") == self.region) {
            return false;
        }
        if !self.global_events && GLOBAL.contains(&record.member("eventSource")) {
            return false;
        }
        // Records tell their time in whole seconds.
        let Some(second) = record.time.map(Timestamp::as_second) else { return false };
        let logged = |span: &Span| span.from.as_second() <= second && span.to.is_none_or(|to| second <= to.as_second());
        self.spans.iter().rev().any(logged) && self.selectors().selects_document(&record.document)
    }

    /// The prefix of the trail's keys in its bucket, with the slash.
    pub(crate) fn key_prefix(&self) -> String {
        self.prefix.as_ref().map_or_else(String::new, |prefix| format!("{prefix}/"))
    }
}

/// The trails of the call's account, to be changed.
pub(crate) async fn set(cx: &Context<'_, Trails>) -> Result<TrailSet, StoreError> {
    let set = TRAILS.get(cx.tx(), &[cx.account().as_str()]).await?;
    Ok(set.map_or_else(TrailSet::default, |set| TrailSet::clone(&set)))
}

/// Writes the trails of the call's account.
pub(crate) fn save(cx: &Context<'_, Trails>, set: &TrailSet) -> Result<(), StoreError> {
    TRAILS.put(cx.tx(), &[cx.account().as_str()], set)
}

/// The ARN that a name or an ARN means in the call's account and region.
pub(crate) fn arn(cx: &Context<'_, Trails>, name: &str) -> Result<String, ApiError> {
    if !name.starts_with("arn:") {
        return Ok(cx.arn(&format!("trail/{name}")));
    }
    match Arn::parse(name) {
        Ok(arn) if arn.service == "cloudtrail" && arn.resource.starts_with("trail/") => Ok(name.to_owned()),
        _ => Err(ApiError::new(errors::INVALID_ARN, format!("Trail ARN {name} is invalid."))),
    }
}

impl TrailSet {
    /// The trails that may take a record: those that are, and those that were until a moment ago.
    pub(crate) fn taking(&self) -> impl Iterator<Item = &Trail> {
        self.trails.values().chain(&self.closing)
    }

    /// Whether the trail was not deleted.
    pub(crate) fn lives(&self, trail: &Trail) -> bool {
        self.trails.get(&trail.arn).is_some_and(|living| living.id == trail.id)
    }

    /// Removes a trail; it takes what was recorded until `now`.
    pub(crate) fn close(&mut self, arn: &str, now: Timestamp) {
        if let Some(mut trail) = self.trails.remove(arn).filter(|trail| !trail.spans.is_empty()) {
            trail.stop(now);
            self.closing.push(trail);
        }
    }

    /// Forgets deleted trails that have taken all that is theirs by the time `read_up_to` of the journal; `false` if
    /// there is none.
    pub(crate) fn forget(&mut self, read_up_to: Timestamp) -> bool {
        let before = self.closing.len();
        self.closing.retain(|trail| trail.stopped().is_none_or(|stopped| after(stopped, CLOSING) >= read_up_to));
        self.closing.len() < before
    }

    /// The trail of this ARN; a multi-region trail is known by its name in every region.
    pub(crate) fn find(&self, arn: &str) -> Option<&Trail> {
        self.trails.get(arn).or_else(|| {
            let name = arn.rsplit_once("trail/")?.1;
            self.trails.values().find(|trail| trail.multi_region && trail.name == name)
        })
    }

    /// The same, where there must be one; `name` is what the caller said.
    pub(crate) fn require(&self, cx: &Context<'_, Trails>, name: &str) -> Result<&Trail, ApiError> {
        let unknown = || errors::unknown_trail(name, cx.account().as_str());
        self.find(&arn(cx, name)?).ok_or_else(unknown)
    }

    /// The trail to change: a trail is changed in its home region only.
    pub(crate) fn change(&mut self, cx: &Context<'_, Trails>, name: &str) -> Result<&mut Trail, ApiError> {
        let arn = self.require(cx, name)?.arn.clone();
        let unknown = || errors::unknown_trail(name, cx.account().as_str());
        let trail = self.trails.get_mut(&arn).ok_or_else(unknown)?;
        if trail.region != cx.region().as_str() {
            let text = format!("The trail {} can only be changed in its home region {}.", trail.name, trail.region);
            return Err(ApiError::new(errors::INVALID_HOME_REGION, text));
        }
        trail.compiled = OnceLock::new();
        Ok(trail)
    }
}

/// The trails of an account, as readers see them.
pub(crate) async fn of_account(tx: &Tx, account: &str) -> Result<Option<Arc<TrailSet>>, StoreError> {
    TRAILS.get(tx, &[account]).await
}

/// Writes the trails of an account, as a reader does.
pub(crate) fn save_account(tx: &Tx, account: &str, set: &TrailSet) -> Result<(), StoreError> {
    TRAILS.put(tx, &[account], set)
}
