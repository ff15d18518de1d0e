//! What an operation's code works with.

use std::sync::{Arc, Mutex, PoisonError};

use keeptrail_arn::{AccountId, Region};
use keeptrail_clock::{Random, Timestamp};
use keeptrail_policy::{Context as Conditions, PolicySet, Request, evaluate};
use keeptrail_record::{Category, ErrorDetails, Resource};
use keeptrail_store::Tx;
use serde_json::{Map, Value};

use crate::{Access, ApiError, Call, Identity, ServiceMeta};

/// A record beside the call's own, such as the `GetSecretValue` of each secret in a batch.
#[derive(Debug, Clone)]
pub struct Companion {
    /// The record's `eventName`.
    pub event_name: &'static str,
    /// The record's `requestID`.
    pub request_id: String,
    /// The record's `readOnly`.
    pub read_only: bool,
    /// The record's category.
    pub category: Category,
    /// The record's `requestParameters`: allow-listed members only.
    pub request_parameters: Option<Value>,
    /// What went wrong.
    pub error: Option<ErrorDetails>,
    /// What was touched.
    pub resources: Vec<Resource>,
    /// The record's `additionalEventData`.
    pub additional_event_data: Option<Value>,
}

/// What the call adds to its record while it runs.
#[derive(Default)]
pub(crate) struct Notes {
    pub(crate) additional: Map<String, Value>,
    pub(crate) resources: Vec<Resource>,
    pub(crate) companions: Vec<Companion>,
    pub(crate) request: Map<String, Value>,
    pub(crate) response: Option<Value>,
}

/// An authorised and recorded call in progress. Only the dispatcher makes one.
pub struct Context<'a, S> {
    pub(crate) service: &'a S,
    pub(crate) meta: &'static ServiceMeta,
    pub(crate) tx: &'a Tx,
    pub(crate) call: &'a Call,
    pub(crate) identity: &'a Arc<Identity>,
    pub(crate) random: &'a Random,
    pub(crate) notes: Mutex<Notes>,
}

impl<S> Context<'_, S> {
    /// The state that the service's operations share.
    #[must_use]
    pub fn service(&self) -> &S {
        self.service
    }

    /// The call's transaction.
    #[must_use]
    pub fn tx(&self) -> &Tx {
        self.tx
    }

    /// The call's time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.tx.now()
    }

    /// Randomness.
    #[must_use]
    pub fn random(&self) -> &Random {
        self.random
    }

    /// The caller.
    #[must_use]
    pub fn identity(&self) -> &Arc<Identity> {
        self.identity
    }

    /// The caller's account.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.identity.account
    }

    /// The region of the call.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.call.region
    }

    /// The rest of what is known of the call.
    #[must_use]
    pub fn call(&self) -> &Call {
        self.call
    }

    /// The ARN of a resource of this service in the call's account and region.
    #[must_use]
    pub fn arn(&self, resource: &str) -> String {
        keeptrail_arn::arn(self.meta.name, self.region().as_str(), self.account().as_str(), resource)
    }

    /// Puts `value` under `additionalEventData.<name>` of the call's record. Never a secret.
    pub fn note(&self, name: &str, value: impl Into<Value>) {
        self.notes().additional.insert(name.to_owned(), value.into());
    }

    /// Lists a resource on the call's record; for one that the call itself makes.
    pub fn touch(&self, kind: &'static str, arn: &str) {
        let resource = Resource { account_id: self.account().to_string(), kind: kind.to_owned(), arn: arn.to_owned() };
        let mut notes = self.notes();
        if !notes.resources.contains(&resource) {
            notes.resources.push(resource);
        }
    }

    /// Puts `value` under `requestParameters.<name>` of the call's record when it succeeds: what AWS adds to the request
    /// (`incomingTransitiveTags`). Never a secret.
    pub fn request_on_record(&self, name: &str, value: Value) {
        self.notes().request.insert(name.to_owned(), value);
    }

    /// Sets the record's `responseElements`, for operations whose record says more than their answer (tagging answers
    /// nothing, its record names the ARN).
    pub fn respond_on_record(&self, response_elements: Value) {
        self.notes().response = Some(response_elements);
    }

    /// Adds a record beside the call's own; it becomes durable with it.
    pub fn also_record(&self, companion: Companion) {
        self.notes().companions.push(companion);
    }

    fn notes(&self) -> std::sync::MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the policies, for rights beyond those that the operation's `access` named.
    ///
    /// # Errors
    /// The service's access-denied error with AWS's text.
    pub fn authorise(&self, access: &Access) -> Result<(), ApiError> {
        let identity = self.identity;
        let mut conditions = Conditions::for_principal(&identity.principal);
        self.global_conditions(&mut conditions);
        for (key, values) in &access.conditions {
            for value in values {
                conditions.push(key.as_ref(), value.as_str());
            }
        }
        let request = Request {
            principal: &identity.principal,
            action: &access.action,
            resource: access.resource.as_deref(),
            resource_account: Some(access.resource_account.as_ref().unwrap_or(&identity.account).as_str()),
            context: &conditions,
        };
        let set = PolicySet {
            identity: &identity.identity_policies,
            boundary: identity.boundary.as_ref(),
            session: &identity.session_policies,
            service_control: &[],
            resource: access.resource_policy.as_ref(),
        };
        let decision = evaluate(&request, &set);
        if decision.allowed {
            return Ok(());
        }
        Err(ApiError::new(self.meta.access_denied, decision.denial_message(&request)))
    }

    fn global_conditions<'c>(&'c self, conditions: &mut Conditions<'c>) {
        let facts = &self.identity.facts;
        conditions.set("aws:userid", facts.user_id.as_str());
        if let Some(name) = &facts.user_name {
            conditions.set("aws:username", name.as_str());
        }
        conditions.set("aws:RequestedRegion", self.meta.region(self.call));
        conditions.set("aws:SourceIp", self.call.source_ip.to_string());
        conditions.set("aws:SecureTransport", if self.call.tls.is_some() { "true" } else { "false" });
        conditions.set("aws:CurrentTime", keeptrail_record::event_time(self.now()));
        conditions.set("aws:EpochTime", self.now().as_second().to_string());
        if let Some(agent) = &self.call.user_agent {
            conditions.set("aws:UserAgent", agent.as_str());
        }
        if let Some(mfa) = facts.mfa {
            conditions.set("aws:MultiFactorAuthPresent", if mfa { "true" } else { "false" });
        }
        if let Some(issued) = facts.issued_at {
            conditions.set("aws:TokenIssueTime", keeptrail_record::event_time(issued));
        }
        let session = self.identity.user_identity.session_context.as_ref();
        if let Some(source) = session.and_then(|session| session.source_identity.as_deref()) {
            conditions.set("aws:SourceIdentity", source);
        }
        for (key, value) in &facts.tags {
            conditions.set(format!("aws:PrincipalTag/{key}"), value.as_str());
        }
    }
}
