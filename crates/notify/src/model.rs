//! What is stored.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use keeptrail_envelope::Sealed;
use keeptrail_operation::{ApiError, Timestamp};
use keeptrail_policy::{Policy, PolicyKind};
use keeptrail_store::{StoreError, Table, Tx};
use serde::{Deserialize, Serialize};

use crate::names::{SubscriptionName, TopicName};

/// Topics by account, region, name.
pub(crate) const TOPICS: Table<Topic> = Table::new("notify.topic");
/// Subscriptions by account, region, topic, id.
pub(crate) const SUBSCRIPTIONS: Table<Subscription> = Table::new("notify.subscription");
/// What became of deliveries that were given up, by the subscription's key.
pub(crate) const FAILURES: Table<Failures> = Table::new("notify.failures");
/// Tokens by their SHA-256 in hexadecimal.
pub(crate) const TOKENS: Table<Token> = Table::new("notify.token");
/// Deliveries to be made, by subscription id, due time (see [`due_part`]) and id.
pub(crate) const PENDING: Table<Pending> = Table::new("notify.pending");
/// What is to be delivered, by the delivery's id.
pub(crate) const PAYLOADS: Table<Payload> = Table::new("notify.payload");
/// What ends by itself, by time (see [`due_part`]) and id.
pub(crate) const EXPIRIES: Table<Expiry> = Table::new("notify.expiry");
/// The key that messages are signed with; one row, `current`.
pub(crate) const SIGNERS: Table<SignerRow> = Table::new("notify.signer");

/// A topic.
#[derive(Serialize, Deserialize)]
pub(crate) struct Topic {
    pub(crate) display_name: String,
    /// The policy as it was set; `None` is the default one.
    pub(crate) policy: Option<String>,
    pub(crate) delivery_policy: Option<String>,
    pub(crate) signature_version: Option<SignatureVersion>,
    pub(crate) tags: Vec<Tag>,
    pub(crate) subscriptions_deleted: u64,
    #[serde(skip)]
    compiled: OnceLock<Arc<Policy>>,
}

impl Clone for Topic {
    /// A copy to be changed: its policy is compiled anew.
    fn clone(&self) -> Self {
        Self {
            display_name: self.display_name.clone(),
            policy: self.policy.clone(),
            delivery_policy: self.delivery_policy.clone(),
            signature_version: self.signature_version,
            tags: self.tags.clone(),
            subscriptions_deleted: self.subscriptions_deleted,
            compiled: OnceLock::new(),
        }
    }
}

impl Topic {
    pub(crate) fn new(tags: Vec<Tag>) -> Self {
        Self {
            display_name: String::new(),
            policy: None,
            delivery_policy: None,
            signature_version: None,
            tags,
            subscriptions_deleted: 0,
            compiled: OnceLock::new(),
        }
    }

    pub(crate) async fn find(tx: &Tx, name: &TopicName) -> Result<Option<Arc<Self>>, StoreError> {
        TOPICS.get(tx, &name.key()).await
    }

    /// The topic's policy, compiled once for as long as the row is kept in memory.
    pub(crate) fn compiled_policy(&self, name: &TopicName) -> Result<Arc<Policy>, ApiError> {
        if let Some(policy) = self.compiled.get() {
            return Ok(Arc::clone(policy));
        }
        let text = crate::topic_policy::text(self, name);
        let policy = Arc::new(Policy::parse(&text, PolicyKind::Resource).map_err(ApiError::internal)?);
        Ok(Arc::clone(self.compiled.get_or_init(|| policy)))
    }

    pub(crate) fn save(&self, tx: &Tx, name: &TopicName) -> Result<(), StoreError> {
        TOPICS.put(tx, &name.key(), self)
    }
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

/// How messages are signed: 1 is RSA with SHA-1, 2 with SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) enum SignatureVersion {
    #[default]
    #[serde(rename = "1")]
    One,
    #[serde(rename = "2")]
    Two,
}

impl SignatureVersion {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::One => "1",
            Self::Two => "2",
        }
    }
}

/// How a subscriber is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Protocol {
    Http,
    Https,
    Email,
    EmailJson,
}

impl Protocol {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Email => "email",
            Self::EmailJson => "email-json",
        }
    }

    pub(crate) fn is_mail(self) -> bool {
        matches!(self, Self::Email | Self::EmailJson)
    }
}

/// A subscription.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Subscription {
    pub(crate) name: SubscriptionName,
    pub(crate) protocol: Protocol,
    pub(crate) endpoint: String,
    /// The subscriber's account.
    pub(crate) owner: String,
    /// The ARN of who subscribed.
    pub(crate) principal: String,
    /// When its confirmation was last asked for.
    pub(crate) asked_at: Timestamp,
    pub(crate) confirmed: bool,
    pub(crate) confirmation_was_authenticated: bool,
    pub(crate) authenticate_on_unsubscribe: bool,
    pub(crate) raw: bool,
    pub(crate) delivery_policy: Option<String>,
}

impl Subscription {
    pub(crate) async fn find(tx: &Tx, name: &SubscriptionName) -> Result<Option<Arc<Self>>, StoreError> {
        SUBSCRIPTIONS.get(tx, &name.key()).await
    }

    pub(crate) async fn of_topic(tx: &Tx, topic: &TopicName) -> Result<Vec<Arc<Self>>, StoreError> {
        let rows = SUBSCRIPTIONS.all(tx, &topic.key()).await?;
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }

    pub(crate) fn save(&self, tx: &Tx) -> Result<(), StoreError> {
        SUBSCRIPTIONS.put(tx, &self.name.key(), self)
    }
}

/// Deliveries that were given up.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Failures {
    pub(crate) count: u64,
    pub(crate) last: String,
    pub(crate) last_at: Timestamp,
}

/// What a token is good for.
#[derive(Serialize, Deserialize)]
pub(crate) struct Token {
    pub(crate) subscription: SubscriptionName,
    pub(crate) expires: Timestamp,
    /// For a token that undoes an unsubscription: the subscription as it was.
    pub(crate) restores: Option<Subscription>,
}

/// One delivery to be made.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Pending {
    pub(crate) id: String,
    pub(crate) subscription: SubscriptionName,
    pub(crate) due: Timestamp,
    /// Attempts that have failed.
    pub(crate) failed: u32,
}

impl Pending {
    fn with_key<T>(&self, action: impl FnOnce(&[&str]) -> T) -> T {
        action(&[&self.subscription.id, &due_part(self.due), &self.id])
    }

    pub(crate) fn save(&self, tx: &Tx) -> Result<(), StoreError> {
        self.with_key(|key| PENDING.put(tx, key, self))
    }

    pub(crate) fn delete(&self, tx: &Tx) {
        self.with_key(|key| PENDING.delete(tx, key));
    }

    pub(crate) async fn is_there(&self, tx: &Tx) -> Result<bool, StoreError> {
        let key = self.with_key(|key| PENDING.key(key));
        Ok(tx.get(&key).await?.is_some())
    }
}

/// What is to be delivered. Signed and put into its form when it is sent.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Payload {
    pub(crate) message_id: String,
    pub(crate) timestamp: Timestamp,
    pub(crate) protocol: Protocol,
    pub(crate) endpoint: String,
    pub(crate) content: Content,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Content {
    Notification {
        subject: Option<String>,
        message: String,
        attributes: BTreeMap<String, Attribute>,
    },
    /// Asks whether the subscription is wanted. The token is sealed, for what is at rest must not confirm anything.
    SubscriptionConfirmation {
        token: Sealed,
    },
    /// Tells of the end of the subscription and how to undo it.
    UnsubscribeConfirmation {
        token: Sealed,
    },
}

/// A message attribute as it is delivered; binary values in base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Attribute {
    #[serde(rename = "Type")]
    pub(crate) data_type: String,
    pub(crate) value: String,
}

/// Something that ends by itself.
#[derive(Serialize, Deserialize)]
pub(crate) enum Expiry {
    /// The subscription, if it is still not confirmed.
    Unconfirmed(SubscriptionName),
    /// The token with this hash.
    Token(String),
}

/// The key that messages are signed with.
#[derive(Serialize, Deserialize)]
pub(crate) struct SignerRow {
    /// PKCS#8, sealed.
    pub(crate) key: Sealed,
    /// PEM.
    pub(crate) certificate: String,
}

/// A time as a part of a key that sorts by it.
pub(crate) fn due_part(time: Timestamp) -> String {
    format!("{:020}", time.as_millis().max(0))
}
