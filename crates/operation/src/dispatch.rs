//! Authorise, run, record, commit.

use std::sync::Arc;

use keeptrail_arn::AccountId;
use keeptrail_clock::{Clock, Random};
use keeptrail_record::Category;
use keeptrail_store::Tx;
use keeptrail_wire::{Encoded, MessageKey, Protocol, WireError};
use serde_json::Value;

use crate::{
    Access, ApiError, Authorisation, Call, CommitError, Context, Identities, Identity, IdentityError, Ledger,
    Operation, ServiceMeta, codes,
    context::Notes,
    recording::{Entry, Recorder, details, request_parameters, response_elements},
};

/// How often a call is run again because something it read had changed.
const ATTEMPTS: u32 = 12;

/// A transaction whose caller is known: what the gateway hands over after it has verified the signature.
pub struct Attempt {
    /// The transaction in which the caller was found.
    pub tx: Tx,
    /// The caller.
    pub identity: Arc<Identity>,
}

/// Runs operations.
#[derive(Clone)]
pub struct Dispatcher {
    ledger: Arc<dyn Ledger>,
    identities: Arc<dyn Identities>,
    clock: Clock,
    random: Random,
}

/// A refusal by policy, with what makes its record findable.
struct Denial {
    error: ApiError,
    note: Option<(&'static str, String)>,
}

/// How one run of an operation ended.
enum Outcome<T> {
    Output(T),
    Denied(Denial),
    Failed(ApiError),
}

impl Dispatcher {
    /// A dispatcher over these parts.
    pub fn new(ledger: Arc<dyn Ledger>, identities: Arc<dyn Identities>, clock: Clock, random: Random) -> Self {
        Self { ledger, identities, clock, random }
    }

    /// The clock that calls are timed by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The randomness that ids are made of.
    #[must_use]
    pub fn random(&self) -> &Random {
        &self.random
    }

    /// The finder of callers.
    #[must_use]
    pub fn identities(&self) -> &dyn Identities {
        &*self.identities
    }

    /// Begins a transaction, to find the caller in.
    #[must_use]
    pub fn begin(&self) -> Tx {
        self.ledger.begin(self.clock.now())
    }

    /// Runs `O` for a caller whose signature was verified.
    ///
    /// # Errors
    /// The operation's error, or one that says that the record could not be written. Either way the record of the call
    /// is durable or nothing was done.
    pub async fn execute<O: Operation>(
        &self,
        service: &'static ServiceMeta,
        state: &O::Service,
        call: &Call,
        mut attempt: Attempt,
        input: &O::Input,
    ) -> Result<O::Output, ApiError> {
        let account = attempt.identity.account.clone();
        for _ in 0..ATTEMPTS {
            match self.once::<O>(service, state, call, attempt, input).await {
                Err(CommitError::Conflict) => attempt = self.again(call, &account).await?,
                Err(error) => return Err(unwritten(error)),
                Ok(result) => return result,
            }
        }
        let error = throttled();
        let Attempt { identity, .. } = attempt;
        Err(self.refuse(service, O::META.name, O::META.read_only, call, &identity, error).await)
    }

    /// A fresh transaction with the caller found anew: its rights may be what changed.
    async fn again(&self, call: &Call, account: &AccountId) -> Result<Attempt, ApiError> {
        tokio::task::yield_now().await;
        let tx = self.begin();
        let identity = match &call.access_key_id {
            Some(key) => {
                let found = self.identities.find(&tx, key, call.session_token.as_deref()).await;
                found.map_err(caller_gone)?.identity
            }
            None => Arc::new(Identity::anonymous(account.clone())),
        };
        Ok(Attempt { tx, identity })
    }

    async fn once<O: Operation>(
        &self,
        service: &'static ServiceMeta,
        state: &O::Service,
        call: &Call,
        attempt: Attempt,
        input: &O::Input,
    ) -> Result<Result<O::Output, ApiError>, CommitError> {
        let Attempt { tx, identity } = attempt;
        let cx = Context {
            service: state,
            meta: service,
            tx: &tx,
            call,
            identity: &identity,
            random: &self.random,
            notes: std::sync::Mutex::default(),
        };
        let mut touched = Vec::new();
        let outcome = match O::access(&cx, input).await {
            Err(error) => Outcome::Failed(error),
            Ok(needs) => {
                touched.extend(needs.iter().filter_map(|access| access.listed.clone()));
                match permit::<O>(&cx, &needs) {
                    Err(denial) => Outcome::Denied(denial),
                    Ok(()) => match O::run(&cx, input).await {
                        Ok(output) => Outcome::Output(output),
                        // A right that the operation asked for itself, such as iam:PassRole.
                        Err(error) if error.code == service.access_denied => {
                            Outcome::Denied(Denial { error, note: None })
                        }
                        Err(error) => Outcome::Failed(error),
                    },
                }
            }
        };
        let Notes { mut additional, resources, companions, request, response } =
            cx.notes.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        touched.extend(resources.into_iter().filter(|resource| !touched.contains(resource)).collect::<Vec<_>>());
        if !matches!(outcome, Outcome::Output(_)) {
            tx.undo();
        }
        let recorder = Recorder { service, call, identity: &identity, random: &self.random, now: self.clock.now() };
        let entry = |error: Option<&ApiError>| Entry {
            event_name: O::META.name,
            request_id: &call.request_id,
            read_only: O::META.read_only,
            category: O::META.category,
            request_parameters: None,
            response_elements: None,
            additional_event_data: None,
            error: error.map(|error| details(service, error)),
            resources: Vec::new(),
        };
        let written = match &outcome {
            Outcome::Output(output) => request_parameters(&O::META, input).and_then(|mut request_parameters| {
                if let Some(Value::Object(members)) = &mut request_parameters {
                    members.extend(request);
                }
                let response_elements =
                    response.map_or_else(|| response_elements(&O::META, output), |response| Ok(Some(response)))?;
                Ok(Entry { request_parameters, response_elements, ..entry(None) })
            }),
            Outcome::Denied(Denial { error, note }) => {
                additional.extend(note.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str()))));
                Ok(entry(Some(error)))
            }
            Outcome::Failed(error) => request_parameters(&O::META, input)
                .map(|request_parameters| Entry { request_parameters, ..entry(Some(error)) }),
        };
        let written = written.and_then(|entry| {
            let additional_event_data = Some(additional).filter(|data| !data.is_empty()).map(Value::Object);
            let mut records = vec![recorder.record(Entry { additional_event_data, resources: touched, ..entry })?];
            for companion in companions {
                records.push(recorder.companion(companion)?);
            }
            Ok(records)
        });
        match written {
            Ok(records) => records.into_iter().for_each(|(event_id, bytes)| tx.record(event_id, bytes)),
            Err(error) => return Ok(Err(error)),
        }
        self.ledger.commit(tx).await?;
        Ok(match outcome {
            Outcome::Output(output) => Ok(output),
            Outcome::Denied(Denial { error, .. }) | Outcome::Failed(error) => {
                log(service, O::META.name, call, &error);
                Err(error)
            }
        })
    }

    /// Records a call that ended before its operation could run (bad signature, malformed body, unknown operation), and
    /// returns the error to answer with: `error`, or that the record could not be written.
    pub async fn refuse(
        &self,
        service: &'static ServiceMeta,
        event_name: &str,
        read_only: bool,
        call: &Call,
        identity: &Arc<Identity>,
        error: ApiError,
    ) -> ApiError {
        let recorder = Recorder { service, call, identity, random: &self.random, now: self.clock.now() };
        let written = recorder.record(Entry {
            event_name,
            request_id: &call.request_id,
            read_only,
            category: Category::Management,
            request_parameters: None,
            response_elements: None,
            additional_event_data: None,
            error: Some(details(service, &error)),
            resources: Vec::new(),
        });
        let (event_id, bytes) = match written {
            Ok(record) => record,
            Err(error) => return error,
        };
        let tx = self.begin();
        tx.record(event_id, bytes);
        match self.ledger.commit(tx).await {
            Ok(()) => {
                log(service, event_name, call, &error);
                error
            }
            Err(failure) => unwritten(failure),
        }
    }

    /// An error as the service's protocol writes it.
    #[must_use]
    pub fn encode_error(&self, service: &ServiceMeta, protocol: Protocol, call: &Call, error: &ApiError) -> Encoded {
        let code = if error.code == codes::INTERNAL { service.internal } else { error.code };
        let wire = WireError {
            code: code.name,
            // Clients of services that never spoke the query protocol would take this for the error's code.
            query_code: service.query.and(code.query),
            message: &error.message,
            message_key: service.json.map_or(MessageKey::Lower, |json| json.message_key),
            sender_fault: code.status < 500,
            status: code.status,
        };
        let namespace = service.query.map_or("", |query| query.namespace);
        keeptrail_wire::encode_error(protocol, &wire, namespace, &call.request_id)
    }
}

fn permit<O: Operation>(cx: &Context<'_, O::Service>, needs: &[Access]) -> Result<(), Denial> {
    if O::META.authorisation != Authorisation::Policy {
        return Ok(());
    }
    needs
        .iter()
        .try_for_each(|access| cx.authorise(access).map_err(|error| Denial { error, note: access.note.clone() }))
}

fn throttled() -> ApiError {
    ApiError::new(codes::THROTTLING, "Rate exceeded")
}

/// The answer of a call whose record is not durable.
fn unwritten(error: CommitError) -> ApiError {
    if matches!(error, CommitError::Conflict) {
        return throttled();
    }
    tracing::error!(%error, "a call was refused because its record cannot be written");
    ApiError::new(codes::UNAVAILABLE, "The audit record of this call cannot be written now, so the call was refused.")
        .because(error)
}

fn caller_gone(error: IdentityError) -> ApiError {
    match error {
        IdentityError::Store(error) => error.into(),
        error => ApiError::new(crate::ErrorCode::sender("UnrecognizedClientException"), error.to_string()),
    }
}

fn log(service: &ServiceMeta, operation: &str, call: &Call, error: &ApiError) {
    if error.code.status >= 500 {
        tracing::error!(service = service.name, operation, request_id = call.request_id, ?error, "call failed");
    } else {
        tracing::debug!(
            service = service.name,
            operation,
            request_id = call.request_id,
            code = error.code.name,
            "call refused"
        );
    }
}
