//! The decision: explicit denies first, then what every layer must or may allow.
//!
//! Rules of the IAM user guide, "Policy evaluation logic". INVARIANT: a request is allowed only by a statement that
//! certainly applies, or to the root user in its own account; a statement that denies, or may deny, always wins.

use crate::{
    document::NamedPolicy,
    principal::{Naming, Principal},
    reason::{Decision, Layer, NearMiss, Reason, StatementRef},
    request::{FoldedAction, Request},
    statement::{self, Clause, Effect, Question, Verdict},
};

/// The policies that apply to a request. An empty list or `None` means that there is no such policy.
#[derive(Debug, Clone, Copy, Default)]
pub struct PolicySet<'a> {
    /// The caller's, with those of its groups; of a role session, the role's.
    pub identity: &'a [NamedPolicy],
    /// The permissions boundary of the user or role.
    pub boundary: Option<&'a NamedPolicy>,
    /// Those passed when the session was made. They limit, even when they allow nothing.
    pub session: &'a [NamedPolicy],
    /// The service control policies of the caller's account.
    pub service_control: &'a [NamedPolicy],
    /// The resource's policy. One of kind [`PolicyKind::Trust`](crate::PolicyKind::Trust) must allow, whatever the caller's own policies say.
    pub resource: Option<&'a NamedPolicy>,
}

impl<'a> PolicySet<'a> {
    /// The layers with their policies, in the order in which denies are looked for.
    pub(crate) fn layers(&self) -> [(Layer, &'a [NamedPolicy]); 5] {
        let resource_layer = self.resource.map_or(Layer::Resource, resource_layer);
        [
            (Layer::ServiceControl, self.service_control),
            (resource_layer, self.resource.map_or(&[], std::slice::from_ref)),
            (Layer::Identity, self.identity),
            (Layer::Boundary, self.boundary.map_or(&[], std::slice::from_ref)),
            (Layer::Session, self.session),
        ]
    }
}

fn resource_layer(policy: &NamedPolicy) -> Layer {
    Layer::of_resource_policy(policy.policy.kind())
}

/// What one layer says: nothing denies, so perhaps something allows.
#[derive(Default, Clone, Copy)]
struct Outcome<'a> {
    present: bool,
    allow: Option<(StatementRef<'a>, Naming)>,
    nearest: Option<NearMiss<'a>>,
}

/// Decides a request. Allocates only for variables without a value or with stars on both sides, and for actions longer than
/// 128 bytes.
///
/// * An explicit deny wins wherever it stands; one that cannot be evaluated counts.
/// * Service control policies, the permissions boundary and session policies must each allow when present.
/// * In one account, an identity policy or the resource policy must allow; across accounts both. A trust policy must
///   always allow.
/// * A resource policy that names a user, a session or everyone is not limited by boundary and session policies; one that
///   names the role, or the user, behind a session is; one that names the account leaves it to the caller's own policies.
/// * A federated user has only what both its user's policies and a session policy allow.
/// * The root user may do everything in its account that nothing denies and no service control policy withholds.
/// * Services, identity providers and anonymous callers have no policies of their own: the resource policy alone decides.
pub fn evaluate<'a>(request: &Request<'_>, policies: &PolicySet<'a>) -> Decision<'a> {
    let folded = FoldedAction::new(request.action);
    let question = question(request, &folded, policies);
    let layers = policies.layers();
    let mut outcomes = [Outcome::default(); 5];
    for ((layer, named), outcome) in layers.iter().zip(&mut outcomes) {
        match examine(*layer, named, &question) {
            Ok(found) => *outcome = found,
            Err(reason) => return Decision { allowed: false, reason },
        }
    }
    let [service_control, resource, identity, boundary, session] = outcomes;
    let resource_layer = policies.resource.map_or(Layer::Resource, resource_layer);
    match decide(request, resource_layer, &service_control, &resource, &identity, &boundary, &session) {
        Ok(reason) => Decision { allowed: true, reason },
        Err(reason) => Decision { allowed: false, reason },
    }
}

/// Prepares a request for statements. An action without a resource asks for `*`, which only `*` covers.
pub(crate) fn question<'a>(request: &Request<'a>, folded: &'a FoldedAction, policies: &PolicySet<'_>) -> Question<'a> {
    let (service, action) = folded.parts();
    Question {
        service,
        action,
        service_number: statement::service_number(service),
        service_bit: statement::service_bit(service),
        principal: request.principal,
        bounded: policies.boundary.is_some(),
        resource: request.resource.unwrap_or("*"),
        context: request.context,
    }
}

/// Asks every statement of a layer. The error is an explicit deny. A policy of a kind that does not belong in the layer
/// grants nothing: an identity policy taken for a resource's would grant to everyone.
fn examine<'a>(layer: Layer, policies: &'a [NamedPolicy], question: &Question<'_>) -> Result<Outcome<'a>, Reason<'a>> {
    let mut outcome = Outcome { present: !policies.is_empty(), ..Outcome::default() };
    for NamedPolicy { name, policy } in policies {
        let misplaced = !layer.takes(policy.kind());
        for (index, statement) in policy.statements.iter().enumerate() {
            let settled = outcome.allow.is_some_and(|(_, naming)| naming == Naming::Direct);
            if statement.effect == Effect::Allow && (settled || misplaced) {
                continue;
            }
            let here = StatementRef { layer, policy: name, index, statement };
            match (statement.effect, statement.judge(question)) {
                (Effect::Deny, Verdict::Applies(_)) => {
                    return Err(Reason::ExplicitDeny { statement: here, uncertain: false });
                }
                (Effect::Deny, Verdict::Uncertain(_)) => {
                    return Err(Reason::ExplicitDeny { statement: here, uncertain: true });
                }
                (Effect::Allow, Verdict::Applies(naming)) => {
                    if outcome.allow.is_none_or(|(_, weaker)| weaker < naming) {
                        outcome.allow = Some((here, naming));
                    }
                }
                (Effect::Allow, Verdict::Uncertain(clause) | Verdict::Fails(clause @ Clause::Condition(_))) => {
                    outcome.nearest.get_or_insert(NearMiss { statement: here, clause });
                }
                (_, Verdict::Fails(_)) => {}
            }
        }
    }
    Ok(outcome)
}

/// What is left when nothing denies.
fn decide<'a>(
    request: &Request<'_>,
    resource_layer: Layer,
    service_control: &Outcome<'a>,
    resource: &Outcome<'a>,
    identity: &Outcome<'a>,
    boundary: &Outcome<'a>,
    session: &Outcome<'a>,
) -> Result<Reason<'a>, Reason<'a>> {
    let missing = |layer, outcome: &Outcome<'a>| Err(Reason::NoAllow { layer, nearest: outcome.nearest });
    let granted = |outcome: &Outcome<'a>| outcome.allow.map(|(statement, _)| Reason::Allowed(statement));

    if request.principal.account().is_none() {
        return granted(resource).map_or_else(|| missing(resource_layer, resource), Ok);
    }
    if service_control.present && service_control.allow.is_none() {
        return missing(Layer::ServiceControl, service_control);
    }
    let is_root = matches!(request.principal, Principal::AccountRoot { .. });
    let own = if is_root { Some(Reason::AccountRoot) } else { granted(identity) };
    let reason = if request.crosses_accounts() {
        if own.is_none() {
            return missing(Layer::Identity, identity);
        }
        granted(resource).map_or_else(|| missing(resource_layer, resource), Ok)?
    } else {
        if resource_layer == Layer::Trust && resource.allow.is_none() {
            return missing(Layer::Trust, resource);
        }
        match resource.allow {
            Some((statement, Naming::Direct)) => return Ok(Reason::Allowed(statement)),
            Some((statement, Naming::Behind)) => Reason::Allowed(statement),
            Some((_, Naming::Account)) | None => own.map_or_else(|| missing(Layer::Identity, identity), Ok)?,
        }
    };
    // A federated user without a session policy has nothing but what resource policies grant to its session.
    let in_session = session.present || matches!(request.principal, Principal::FederatedUser { .. });
    for (layer, outcome, present) in
        [(Layer::Boundary, boundary, boundary.present), (Layer::Session, session, in_session)]
    {
        if present && outcome.allow.is_none() {
            return missing(layer, outcome);
        }
    }
    Ok(reason)
}

/// Decides for a service that acts for itself, such as CloudTrail writing to a bucket: its resource policy alone.
///
/// `context` usually has `aws:SourceArn` and `aws:SourceAccount`, and for S3 `s3:x-amz-acl`.
pub fn evaluate_service<'a>(
    resource_policy: &'a NamedPolicy,
    service: &str,
    action: &str,
    resource: &str,
    context: &crate::Context<'_>,
) -> Decision<'a> {
    let principal = Principal::Service { name: service.to_owned() };
    let request = Request { principal: &principal, action, resource: Some(resource), resource_account: None, context };
    evaluate(&request, &PolicySet { resource: Some(resource_policy), ..PolicySet::default() })
}
