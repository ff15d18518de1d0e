//! The stored rows.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use keeptrail_arn::Arn;
use keeptrail_clock::Timestamp;
use keeptrail_operation::{ApiError, Context};
use keeptrail_pattern::{
    document::Document,
    selector::{AdvancedEventSelector, EventSelector, Selectors},
};
use keeptrail_store::{StoreError, Table, Tx};
use serde::{Deserialize, Serialize};

use crate::{Trails, errors};

/// All trails of an account, in one row: what a reader asks for each record is one cached row.
pub(crate) const TRAILS: Table<TrailSet> = Table::new("trail.trails");
/// How deliveries to log groups went, by trail ARN.
pub(crate) const LOG_STATUS: Table<LogStatus> = Table::new("trail.log-status");
/// How far log files are written, and how that went, by trail ARN.
pub(crate) const DELIVERIES: Table<Delivery> = Table::new("trail.delivery");

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
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) bucket: String,
    pub(crate) prefix: Option<String>,
    pub(crate) group_arn: Option<String>,
    pub(crate) role_arn: Option<String>,
    pub(crate) multi_region: bool,
    pub(crate) global_events: bool,
    pub(crate) tags: Vec<Tag>,
    pub(crate) chosen: Chosen,
    pub(crate) logging: bool,
    pub(crate) started: Option<Timestamp>,
    pub(crate) stopped: Option<Timestamp>,
    #[serde(skip)]
    compiled: OnceLock<Option<Arc<Selectors>>>,
}

/// How deliveries to a log group went.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct LogStatus {
    pub(crate) delivered: Option<Timestamp>,
    pub(crate) error: Option<String>,
}

/// How far a trail's log files are written.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Delivery {
    /// The last journal entry that is in a file, or was not selected.
    pub(crate) cursor: u64,
    /// When the next files are due.
    pub(crate) due: Option<Timestamp>,
    /// What is being written: after a crash it is written again, under the same names.
    pub(crate) plan: Option<Plan>,
    pub(crate) delivered: Option<Timestamp>,
    pub(crate) attempted: Option<Timestamp>,
    pub(crate) error: Option<String>,
}

/// Files in the making: the entries after the cursor up to `to`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) to: u64,
    /// The time in the files' names.
    pub(crate) at: Timestamp,
}

/// Services whose events belong to no region; they are recorded in us-east-1.
const GLOBAL: [&str; 2] = ["iam.amazonaws.com", "sts.amazonaws.com"];

impl Trail {
    pub(crate) fn new(name: String, arn: String, account: String, region: String, bucket: String) -> Self {
        Self {
            name,
            arn,
            account,
            region,
            bucket,
            prefix: None,
            group_arn: None,
            role_arn: None,
            multi_region: false,
            global_events: true,
            tags: Vec::new(),
            chosen: Chosen::Default,
            logging: false,
            started: None,
            stopped: None,
            compiled: OnceLock::new(),
        }
    }

    fn selectors(&self) -> Option<&Arc<Selectors>> {
        let compiled = self.compiled.get_or_init(|| {
            let compiled = match &self.chosen {
                Chosen::Default => Ok(Selectors::default()),
                Chosen::Basic(selectors) => Selectors::basic(selectors),
                Chosen::Advanced(selectors) => Selectors::advanced(selectors),
            };
            match compiled {
                Ok(selectors) => Some(Arc::new(selectors)),
                Err(error) => {
                    tracing::error!(trail = self.arn, %error, "stored selectors cannot be read; the trail takes every management event");
                    Some(Arc::new(Selectors::default()))
                }
            }
        });
        compiled.as_ref()
    }

    /// Whether the trail takes a record: it was made while the trail logged (the call that stopped it included), its region
    /// is the trail's, and a selector fits.
    pub(crate) fn takes(&self, record: &Document<'_>) -> bool {
        let text = |name: &str| record.text(name).unwrap_or_default();
        if self.started.is_none() || !(self.multi_region || text("awsRegion") == self.region) {
            return false;
        }
        // Records tell their time in whole seconds.
        let Some(second) = text("eventTime").parse().ok().map(Timestamp::as_second) else { return false };
        if self.stopped.is_some_and(|ended| !self.logging && second > ended.as_second()) {
            return false;
        }
        if !self.global_events && GLOBAL.contains(&text("eventSource")) {
            return false;
        }
        if self.started.is_some_and(|began| second < began.as_second()) {
            return false;
        }
        self.selectors().is_some_and(|selectors| selectors.selects_document(record))
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
