//! A decision for people: the answer, and what every statement of every policy said to the request.

use std::fmt;

use crate::{
    context::Context,
    evaluate::{self, PolicySet},
    reason::{Decision, StatementRef},
    request::{FoldedAction, Request},
    statement::{Clause, Verdict},
};

/// A decision with the part that each statement had in it. Displays as text of several lines.
#[derive(Debug)]
pub struct Explanation<'a> {
    /// The decision.
    pub decision: Decision<'a>,
    /// Who asked for what.
    asked: String,
    statements: Vec<(StatementRef<'a>, Verdict)>,
    /// The request's values of the keys that conditions name.
    values: Vec<(String, Vec<String>)>,
}

/// Decides a request as [`evaluate`](crate::evaluate()) does, and shows why.
#[must_use]
pub fn explain<'a>(request: &Request<'_>, policies: &PolicySet<'a>) -> Explanation<'a> {
    let folded = FoldedAction::new(request.action);
    let question = evaluate::question(request, &folded);
    let mut statements = Vec::new();
    for (layer, named) in policies.layers() {
        for policy in named {
            for (index, statement) in policy.policy.statements.iter().enumerate() {
                let reference = StatementRef { layer, policy: &policy.name, index, statement };
                statements.push((reference, statement.judge(&question)));
            }
        }
    }
    let resource = request.resource.map(|resource| format!(" on {}", resource.escape_debug())).unwrap_or_default();
    let caller = request.principal.arn();
    Explanation {
        decision: evaluate::evaluate(request, policies),
        asked: format!("{} asks for {}{resource}", caller.escape_debug(), request.action.escape_debug()),
        statements,
        values: values(request.context),
    }
}

fn values(context: &Context<'_>) -> Vec<(String, Vec<String>)> {
    context
        .iter()
        .map(|(key, values)| (key.to_owned(), values.iter().map(|value| value.to_string()).collect()))
        .collect()
}

impl Explanation<'_> {
    fn verdict(&self, f: &mut fmt::Formatter<'_>, statement: &StatementRef<'_>, verdict: Verdict) -> fmt::Result {
        let clause = match verdict {
            Verdict::Applies(_) => return f.write_str("applies"),
            Verdict::Uncertain(clause) => {
                f.write_str("cannot be evaluated, so does not allow and does deny: ")?;
                clause
            }
            Verdict::Fails(clause) => {
                f.write_str("does not apply: ")?;
                clause
            }
        };
        match (clause, statement.condition(clause)) {
            (Clause::Action, _) => f.write_str("another action"),
            (Clause::Resource, _) => f.write_str("another resource"),
            (Clause::Principal, _) => f.write_str("another principal"),
            (Clause::Condition(_), None) => Ok(()),
            (Clause::Condition(_), Some(condition)) => {
                write!(f, "condition {condition}, ")?;
                match self.values.iter().find(|(key, _)| key.eq_ignore_ascii_case(&condition.key)) {
                    Some((_, values)) => write!(f, "the request has {values:?}"),
                    None => f.write_str("which the request does not have"),
                }
            }
        }
    }
}

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.asked)?;
        writeln!(f, "{}", self.decision.reason)?;
        let mut policy = None;
        for (statement, verdict) in &self.statements {
            if policy != Some((statement.layer, statement.policy)) {
                writeln!(f, "{} {:?}", statement.layer, statement.policy)?;
                policy = Some((statement.layer, statement.policy));
            }
            write!(f, "  {} statement {}", statement.statement.effect.name(), statement.index)?;
            if let Some(sid) = statement.sid() {
                write!(f, " {sid:?}")?;
            }
            f.write_str(" ")?;
            self.verdict(f, statement, *verdict)?;
            writeln!(f)?;
        }
        Ok(())
    }
}
