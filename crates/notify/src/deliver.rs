//! The deliveries: each an attempt of its own, so that a receiver that hangs holds up nobody else.
//!
//! The task looks for what is due and starts attempts beside itself, a few at once for each subscription. An attempt that
//! has ended writes its outcome into the store: the row is removed, or moved to the time of the next attempt. The task runs
//! on one node at a time, so the claims on rows that are in flight are kept in memory: after a crash there are none, and
//! what was in flight is sent again.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use keeptrail_clock::{Timestamp, after};
use keeptrail_jobs::{JobError, Next, Task};
use keeptrail_operation::CommitError;
use keeptrail_store::{Key, StoreError};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::{
    Notify, NotifyError,
    delivery_policy::{self, RetryPolicy},
    mail::{self, Mail},
    message::{self, Envelope, Kind},
    model::{Content, FAILURES, PAYLOADS, PENDING, Payload, Pending, Protocol, Subscription, Topic},
    tokens,
    webhook::Attempt,
};

/// Attempts in flight, at most.
const AT_ONCE: usize = 128;
/// Attempts in flight for one subscription, at most.
const AT_ONCE_EACH: usize = 4;
/// The pause before the store is asked again when it failed.
const PAUSE: Duration = Duration::from_secs(1);
/// How soon the task looks again while attempts are in flight. They wake it when they end; this is for those that cannot.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// Carries out the deliveries that are due.
pub struct Deliveries(Arc<Shared>);

struct Shared {
    notify: Arc<Notify>,
    /// The ids of the deliveries in flight, with their subscriptions'.
    claims: Mutex<HashMap<String, String>>,
}

/// A delivery in flight; dropping it gives the claim back.
struct Claim {
    shared: Arc<Shared>,
    id: String,
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut claims = self.shared.claims.lock().unwrap_or_else(PoisonError::into_inner);
        claims.remove(&self.id);
        self.shared.notify.in_flight.send_replace(claims.len());
    }
}

impl Deliveries {
    /// The deliveries of `notify`. There must be only one at a time.
    #[must_use]
    pub fn new(notify: Arc<Notify>) -> Self {
        Self(Arc::new(Shared { notify, claims: Mutex::default() }))
    }
}

#[async_trait]
impl Task for Deliveries {
    fn name(&self) -> &'static str {
        "notify.deliveries"
    }

    fn watches(&self) -> Vec<Key> {
        vec![PENDING.key(&[])]
    }

    async fn run(&self, now: Timestamp) -> Result<Next, JobError> {
        let tx = self.0.notify.ledger.begin(now);
        let mut next = None;
        let mut waiting = false;
        let mut place = None;
        // From one subscription with deliveries to the next, so that none is hidden behind another's queue.
        while let Some((_, first)) = PENDING.page(&tx, &[], place.as_ref(), 1).await?.pop() {
            let subscription = first.subscription.id.as_str();
            place = Some(PENDING.key(&[subscription]).end());
            for (_, pending) in PENDING.page(&tx, &[subscription], None, 2 * AT_ONCE_EACH + 1).await? {
                let due = pending.due.to_jiff();
                if due > now {
                    next = Some(next.map_or(due, |next: Timestamp| next.min(due)));
                    break;
                }
                match self.0.claim(&pending) {
                    Some(claim) => drop(tokio::spawn(Arc::clone(&self.0).deliver(claim, Pending::clone(&pending)))),
                    None => waiting = true,
                }
            }
        }
        let soon = after(now, LOOK_AGAIN);
        let in_flight = *self.0.notify.in_flight.borrow() > 0;
        Ok(match next {
            _ if waiting || in_flight => Next::At(next.map_or(soon, |next| next.min(soon))),
            Some(next) => Next::At(next),
            None => Next::Woken,
        })
    }
}

/// What one attempt needs to know.
struct Loaded {
    payload: Arc<Payload>,
    subscription: Option<Arc<Subscription>>,
    topic: Option<Arc<Topic>>,
}

/// What became of a delivery.
enum Outcome {
    Tried(Attempt, RetryPolicy),
    /// Nobody waits for it any more.
    Obsolete,
}

impl Shared {
    /// Claims a delivery, unless it is in flight or too much is.
    fn claim(self: &Arc<Self>, pending: &Pending) -> Option<Claim> {
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        let subscription = &pending.subscription.id;
        let each = claims.values().filter(|claimed| *claimed == subscription).count();
        if claims.len() >= AT_ONCE || each >= AT_ONCE_EACH || claims.contains_key(&pending.id) {
            return None;
        }
        claims.insert(pending.id.clone(), subscription.clone());
        self.notify.in_flight.send_replace(claims.len());
        Some(Claim { shared: Arc::clone(self), id: pending.id.clone() })
    }

    /// One attempt and its outcome.
    async fn deliver(self: Arc<Self>, claim: Claim, pending: Pending) {
        let loaded = loop {
            match self.load(&pending).await {
                Ok(loaded) => break loaded,
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "a delivery cannot be read");
                    self.notify.clock.sleep(PAUSE).await;
                }
            }
        };
        let outcome = match &loaded {
            None => return,
            Some(loaded) => self.attempt(&pending, loaded).await,
        };
        let protocol = loaded.map_or("none", |loaded| loaded.payload.protocol.as_str());
        // The attempt happened: its outcome is written whatever it takes, for else it would happen again.
        loop {
            match self.finish(&pending, &outcome, protocol).await {
                Ok(()) => break,
                Err(CommitError::Conflict) => tokio::task::yield_now().await,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the outcome of a delivery cannot be stored"
                    );
                    self.notify.clock.sleep(PAUSE).await;
                }
            }
        }
        drop(claim);
    }

    /// Reads what is to be delivered; `None` when it was removed meanwhile.
    async fn load(&self, pending: &Pending) -> Result<Option<Loaded>, StoreError> {
        let tx = self.notify.ledger.begin(self.notify.clock.now());
        if !pending.is_there(&tx).await? {
            return Ok(None);
        }
        let Some(payload) = PAYLOADS.get(&tx, &[&pending.id]).await? else { return Ok(None) };
        Ok(Some(Loaded {
            payload,
            subscription: Subscription::find(&tx, &pending.subscription).await?,
            topic: Topic::find(&tx, &pending.subscription.topic).await?,
        }))
    }

    async fn attempt(&self, pending: &Pending, loaded: &Loaded) -> Outcome {
        let Loaded { payload, subscription, topic } = loaded;
        let current = subscription.as_deref();
        let retry = match (&payload.content, current) {
            // Whoever has unsubscribed meanwhile, or has another subscription pending, gets nothing more.
            (Content::Notification { .. }, None) => return Outcome::Obsolete,
            (Content::SubscriptionConfirmation { .. }, current) if current.is_none_or(|current| current.confirmed) => {
                return Outcome::Obsolete;
            }
            (_, Some(subscription)) => delivery_policy::effective(topic.as_deref(), subscription).retry,
            (_, None) => delivery_policy::default_for(payload.protocol),
        };
        let sent = match payload.protocol {
            Protocol::Http | Protocol::Https => self.notify.post(pending, payload, current, topic.as_deref()).await,
            Protocol::Email | Protocol::EmailJson => self.notify.mail(pending, payload, topic.as_deref()).await,
        };
        let sent = sent.unwrap_or_else(|error| match error {
            // The signing key cannot be stored now: that passes.
            NotifyError::Store(_) | NotifyError::Commit(_) => Attempt::Failed(error.to_string()),
            error => Attempt::Refused(error.to_string()),
        });
        Outcome::Tried(sent, retry)
    }

    /// Writes what became of a delivery.
    async fn finish(&self, pending: &Pending, outcome: &Outcome, protocol: &'static str) -> Result<(), CommitError> {
        let unavailable = |error: StoreError| CommitError::Unavailable(error.to_string());
        let now = self.notify.clock.now();
        let tx = self.notify.ledger.begin(now);
        if !pending.is_there(&tx).await.map_err(unavailable)? {
            return Ok(());
        }
        pending.delete(&tx);
        let (result, reason, wait) = match outcome {
            Outcome::Obsolete => ("obsolete", None, None),
            Outcome::Tried(Attempt::Delivered, _) => ("delivered", None, None),
            Outcome::Tried(Attempt::Refused(reason), _) => ("given_up", Some(reason), None),
            Outcome::Tried(Attempt::Failed(reason), retry) => match retry.delay(pending.failed + 1) {
                Some(wait) => ("failed", Some(reason), Some(wait)),
                None => ("given_up", Some(reason), None),
            },
        };
        if let Some(wait) = wait {
            let again = Pending { due: after(now, wait).into(), failed: pending.failed + 1, ..pending.clone() };
            again.save(&tx).map_err(unavailable)?;
        } else {
            PAYLOADS.delete(&tx, &[&pending.id]);
            if let Some(reason) = reason {
                let key = pending.subscription.key();
                let failures = FAILURES.get(&tx, &key).await.map_err(unavailable)?;
                let mut failures = failures.map_or_else(Default::default, |row| crate::model::Failures::clone(&row));
                failures.count += 1;
                reason.clone_into(&mut failures.last);
                failures.last_at = now.into();
                FAILURES.put(&tx, &key, &failures).map_err(unavailable)?;
            }
        }
        self.notify.ledger.commit(tx).await?;
        metrics::counter!("keeptrail_notify_deliveries_total", "protocol" => protocol, "outcome" => result)
            .increment(1);
        if let Some(reason) = reason {
            let subscription = pending.subscription.arn();
            let failed = pending.failed + 1;
            if result == "given_up" {
                tracing::error!(subscription, failed, reason, "a notification was given up");
            } else {
                tracing::warn!(
                    subscription,
                    failed,
                    reason,
                    "a notification could not be delivered and is tried again"
                );
            }
        }
        Ok(())
    }
}

impl Notify {
    async fn envelope<'a>(
        &'a self,
        payload: &'a Payload,
        topic_arn: &'a str,
        topic: Option<&Topic>,
    ) -> Result<Envelope<'a>, NotifyError> {
        Ok(Envelope {
            signer: self.signer().await?,
            version: topic.and_then(|topic| topic.signature_version).unwrap_or_default(),
            public_url: &self.public_url,
            topic_arn,
            message_id: &payload.message_id,
            timestamp: payload.timestamp,
        })
    }

    fn token(&self, pending: &Pending, sealed: &keeptrail_envelope::Sealed) -> Result<String, NotifyError> {
        let opened = self.keyring.open(&tokens::sealed_as(&pending.id), sealed)?;
        Ok(String::from_utf8_lossy(&opened).into_owned())
    }

    /// The JSON document of a delivery, with its kind.
    async fn document(
        &self,
        pending: &Pending,
        payload: &Payload,
        topic: Option<&Topic>,
    ) -> Result<(Kind, String), NotifyError> {
        let topic_arn = pending.subscription.topic.arn();
        let envelope = self.envelope(payload, &topic_arn, topic).await?;
        match &payload.content {
            Content::Notification { subject, message, attributes } => {
                let document = envelope.notification(&pending.subscription, subject.as_deref(), message, attributes)?;
                Ok((Kind::Notification, document))
            }
            Content::SubscriptionConfirmation { token } => {
                let (kind, text) =
                    (Kind::SubscriptionConfirmation, message::subscribe_text(&pending.subscription.topic));
                Ok((kind, envelope.confirmation(kind, &text, &self.token(pending, token)?)?))
            }
            Content::UnsubscribeConfirmation { token } => {
                let (kind, text) = (Kind::UnsubscribeConfirmation, message::unsubscribe_text(&pending.subscription));
                Ok((kind, envelope.confirmation(kind, &text, &self.token(pending, token)?)?))
            }
        }
    }

    async fn post(
        &self,
        pending: &Pending,
        payload: &Payload,
        subscription: Option<&Subscription>,
        topic: Option<&Topic>,
    ) -> Result<Attempt, NotifyError> {
        let (kind, document) = self.document(pending, payload, topic).await?;
        let mut content_type = delivery_policy::CONTENT_TYPE.to_owned();
        let mut headers = vec![
            ("x-amz-sns-message-type", kind.as_str().to_owned()),
            ("x-amz-sns-message-id", payload.message_id.clone()),
            ("x-amz-sns-topic-arn", pending.subscription.topic.arn()),
        ];
        if kind != Kind::SubscriptionConfirmation {
            headers.push(("x-amz-sns-subscription-arn", pending.subscription.arn()));
        }
        let mut body = document;
        if let (Content::Notification { message, .. }, Some(subscription)) = (&payload.content, subscription) {
            content_type = delivery_policy::effective(topic, subscription).content_type;
            if subscription.raw {
                headers.push(("x-amz-sns-rawdelivery", "true".to_owned()));
                body.clone_from(message);
            }
        }
        headers.push(("content-type", content_type));
        headers.push(("accept-encoding", "gzip,deflate".to_owned()));
        let header = |(name, value): (&'static str, String)| {
            let value = HeaderValue::try_from(value).map_err(|error| NotifyError::Encoding(error.to_string()))?;
            Ok((HeaderName::from_static(name), value))
        };
        let headers = headers.into_iter().map(header).collect::<Result<HeaderMap, NotifyError>>()?;
        Ok(self.webhooks.post(&payload.endpoint, headers, body).await)
    }

    async fn mail(&self, pending: &Pending, payload: &Payload, topic: Option<&Topic>) -> Result<Attempt, NotifyError> {
        let Some(mailer) = &self.mailer else {
            // The operator may set it again: no mail is given up for that before its time.
            return Ok(Attempt::Failed("KEEPTRAIL_SMTP_URL and KEEPTRAIL_SMTP_FROM are not set".to_owned()));
        };
        let topic_arn = pending.subscription.topic.arn();
        let subscribe_url = |token: &str| message::subscribe_url(&self.public_url, &topic_arn, token);
        let (subject, text) = match (&payload.content, payload.protocol) {
            (Content::Notification { subject, .. }, Protocol::EmailJson) => {
                (subject.as_deref(), self.document(pending, payload, topic).await?.1)
            }
            (Content::Notification { subject, message, .. }, _) => {
                let link = message::unsubscribe_url(&self.public_url, &pending.subscription);
                (subject.as_deref(), mail::notification(message, &link))
            }
            (Content::SubscriptionConfirmation { token }, _) => {
                let link = subscribe_url(&self.token(pending, token)?);
                (Some("Notification - Subscription Confirmation"), mail::confirmation(&topic_arn, &link))
            }
            (Content::UnsubscribeConfirmation { token }, _) => {
                let link = subscribe_url(&self.token(pending, token)?);
                (Some("Notification - Unsubscribe Confirmation"), mail::unsubscribed(&topic_arn, &link))
            }
        };
        let sender = topic.map(|topic| topic.display_name.as_str());
        Ok(mailer.send(Mail { id: &payload.message_id, to: &payload.endpoint, sender, subject, text }).await)
    }
}
