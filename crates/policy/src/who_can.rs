//! "Who may do this to that?"

use crate::{
    context::Context,
    evaluate::{PolicySet, evaluate},
    principal::Principal,
    reason::Decision,
    request::Request,
};

/// Somebody who might be allowed.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The caller.
    pub principal: &'a Principal,
    /// The policies that would apply to its request, the resource's included.
    pub policies: PolicySet<'a>,
    /// The condition keys of its request.
    pub context: &'a Context<'a>,
}

/// Those of the candidates who may do an action to a resource, each with the reason. Lazy; candidates keep their order.
pub fn who_can<'a>(
    action: &'a str,
    resource: Option<&'a str>,
    resource_account: Option<&'a str>,
    candidates: impl IntoIterator<Item = Candidate<'a>>,
) -> impl Iterator<Item = (Candidate<'a>, Decision<'a>)> {
    candidates.into_iter().filter_map(move |candidate| {
        let Candidate { principal, policies, context } = candidate;
        let decision = evaluate(&Request { principal, action, resource, resource_account, context }, &policies);
        decision.allowed.then_some((candidate, decision))
    })
}
