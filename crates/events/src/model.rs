//! The stored row: all rules of an account and region.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use keeptrail_operation::{ApiError, Context};
use keeptrail_pattern::{event::EventPattern, index::Index};
use keeptrail_store::{StoreError, Table, Tx};
use serde::{Deserialize, Serialize};

use crate::{Events, errors};

/// Rules by account, region.
pub(crate) const RULES: Table<RuleSet> = Table::new("events.rules");

/// The rules of one account and region, by name.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct RuleSet {
    pub(crate) rules: BTreeMap<String, Rule>,
    #[serde(skip)]
    index: OnceLock<Index<String>>,
}

/// A copy is made to be changed, so it has no index yet.
impl Clone for RuleSet {
    fn clone(&self) -> Self {
        Self { rules: self.rules.clone(), index: OnceLock::new() }
    }
}

/// A rule.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Rule {
    pub(crate) pattern: String,
    pub(crate) state: State,
    pub(crate) description: Option<String>,
    pub(crate) targets: Vec<StoredTarget>,
    pub(crate) tags: Vec<Tag>,
    #[serde(skip)]
    compiled: OnceLock<Option<Arc<EventPattern>>>,
}

/// Whether, and for what, a rule is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    #[serde(rename = "ENABLED")]
    Enabled,
    #[serde(rename = "DISABLED")]
    Disabled,
    /// Enabled, and read-only management events come too.
    #[serde(rename = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")]
    EnabledWithAllManagementEvents,
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

/// A rule's target, as it is stored and listed. At most one of the three inputs is set.
#[serde_with::skip_serializing_none]
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StoredTarget {
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) input: Option<String>,
    pub(crate) input_path: Option<String>,
    pub(crate) input_transformer: Option<InputTransformer>,
}

/// What a target gets in place of the event.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct InputTransformer {
    #[serde(default)]
    pub(crate) input_paths_map: BTreeMap<String, String>,
    pub(crate) input_template: String,
}

impl State {
    const NAMES: [(&'static str, Self); 3] = [
        ("ENABLED", Self::Enabled),
        ("DISABLED", Self::Disabled),
        ("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", Self::EnabledWithAllManagementEvents),
    ];

    /// The state that PutRule names.
    pub(crate) fn parse(name: &str) -> Result<Self, ApiError> {
        let state = Self::NAMES.iter().find(|(known, _)| *known == name);
        state.map(|(_, state)| *state).ok_or_else(|| {
            let names = Self::NAMES.map(|(known, _)| known).join(", ");
            errors::constraint(name, "state", &format!("satisfy enum value set: [{names}]"))
        })
    }

    /// Whether a rule in this state sees an event. Only the widest state sees calls that merely read.
    pub(crate) fn sees(self, read_only_management: bool) -> bool {
        match self {
            Self::Disabled => false,
            Self::Enabled => !read_only_management,
            Self::EnabledWithAllManagementEvents => true,
        }
    }
}

impl Rule {
    /// A rule without targets.
    pub(crate) fn new(pattern: EventPattern, state: State, description: Option<String>, tags: Vec<Tag>) -> Self {
        Self {
            pattern: pattern.source().to_owned(),
            state,
            description,
            targets: Vec::new(),
            tags,
            compiled: OnceLock::from(Some(Arc::new(pattern))),
        }
    }

    /// The compiled pattern. PutRule refuses what does not compile, so `None` means a damaged row.
    pub(crate) fn pattern(&self) -> Option<&EventPattern> {
        let compiled = self.compiled.get_or_init(|| match EventPattern::parse(&self.pattern) {
            Ok(pattern) => Some(Arc::new(pattern)),
            Err(error) => {
                tracing::error!(%error, "a stored event pattern cannot be parsed");
                None
            }
        });
        compiled.as_deref()
    }
}

/// The rules of an account and region, when there are any.
pub(crate) async fn rules(tx: &Tx, account: &str, region: &str) -> Result<Option<Arc<RuleSet>>, StoreError> {
    RULES.get(tx, &[account, region]).await
}

/// The caller's rules, to read.
pub(crate) async fn read(cx: &Context<'_, Events>) -> Result<Arc<RuleSet>, StoreError> {
    Ok(rules(cx.tx(), cx.account().as_str(), cx.region().as_str()).await?.unwrap_or_default())
}

impl RuleSet {
    /// The names of the rules that have targets, by their patterns: one look at an event finds all that match. It is made
    /// when it is first needed and kept with the decoded row.
    pub(crate) fn index(&self) -> &Index<String> {
        self.index.get_or_init(|| {
            let mut index = Index::new();
            for (name, rule) in self.rules.iter().filter(|(_, rule)| !rule.targets.is_empty()) {
                if let Some(pattern) = rule.pattern() {
                    index.insert(name.clone(), pattern);
                }
            }
            index
        })
    }

    /// The rule of this name.
    pub(crate) fn rule(&self, name: &str) -> Result<&Rule, ApiError> {
        self.rules.get(name).ok_or_else(|| errors::no_rule(name))
    }

    /// The rule of this name, to change.
    pub(crate) fn rule_mut(&mut self, name: &str) -> Result<&mut Rule, ApiError> {
        self.rules.get_mut(name).ok_or_else(|| errors::no_rule(name))
    }

    /// Writes the caller's rules. A place without rules has no row: the reader stops there.
    pub(crate) fn save(&self, cx: &Context<'_, Events>) -> Result<(), StoreError> {
        let place = [cx.account().as_str(), cx.region().as_str()];
        if self.rules.is_empty() {
            RULES.delete(cx.tx(), &place);
            return Ok(());
        }
        RULES.put(cx.tx(), &place, self)
    }
}
