//! A decision for people: the answer, and what every statement of every policy said to the request.

use std::fmt;

use serde::Serialize;

use crate::{
    condition::Condition,
    context::Context,
    evaluate::{self, PolicySet},
    reason::{Decision, StatementRef},
    request::{FoldedAction, Request},
    statement::{Clause, Verdict},
    ternary::Ternary,
};

/// A decision with the part that each statement had in it. Displays as text of several lines.
#[derive(Debug)]
pub struct Explanation<'a> {
    /// The decision.
    pub decision: Decision<'a>,
    /// Every statement, in the order in which policies are asked.
    pub statements: Vec<StatementOutcome<'a>>,
    /// Who asked for what.
    asked: String,
}

/// What one statement said.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatementOutcome<'a> {
    /// Which statement.
    #[serde(flatten)]
    pub statement: StatementRef<'a>,
    /// Whether it applies to the request.
    pub applies: Applies,
    /// Why it does not; none when it does.
    pub obstacles: Vec<Obstacle<'a>>,
}

/// Whether a statement applies to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Applies {
    /// It allows, or denies.
    Yes,
    /// It has no part in the decision.
    No,
    /// It cannot be evaluated, so it does not allow and does deny.
    Unknown,
}

/// A part of a statement that does not cover the request, or of which that cannot be told.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "element")]
pub enum Obstacle<'a> {
    /// `Action` or `NotAction`.
    Action,
    /// `Resource` or `NotResource`.
    Resource,
    /// `Principal` or `NotPrincipal`.
    Principal,
    /// A condition that is not met.
    Condition {
        /// As the policy writes it: `ForAnyValue:StringLike`.
        operator: &'a str,
        /// As the policy writes it.
        key: &'a str,
        /// The policy's values.
        values: &'a [Box<str>],
        /// The request's values of the key; none when it does not have it.
        request_values: Vec<String>,
    },
}

/// Decides a request as [`evaluate`](crate::evaluate()) does, and shows why.
#[must_use]
pub fn explain<'a>(request: &Request<'_>, policies: &PolicySet<'a>) -> Explanation<'a> {
    let folded = FoldedAction::new(request.action);
    let question = evaluate::question(request, &folded, policies);
    let mut statements = Vec::new();
    for (layer, named) in policies.layers() {
        for policy in named {
            for (index, statement) in policy.policy.statements.iter().enumerate() {
                let reference = StatementRef { layer, policy: &policy.name, index, statement };
                statements.push(outcome(reference, statement.judge(&question), request.context));
            }
        }
    }
    let resource = request.resource.map(|resource| format!(" on {}", resource.escape_debug())).unwrap_or_default();
    let caller = request.principal.arn();
    Explanation {
        decision: evaluate::evaluate(request, policies),
        statements,
        asked: format!("{} asks for {}{resource}", caller.escape_debug(), request.action.escape_debug()),
    }
}

fn outcome<'a>(statement: StatementRef<'a>, verdict: Verdict, context: &Context<'_>) -> StatementOutcome<'a> {
    let (applies, clause) = match verdict {
        Verdict::Applies(_) => (Applies::Yes, None),
        Verdict::Uncertain(clause) => (Applies::Unknown, Some(clause)),
        Verdict::Fails(clause) => (Applies::No, Some(clause)),
    };
    let obstacles = match clause {
        None => Vec::new(),
        Some(Clause::Action) => vec![Obstacle::Action],
        Some(Clause::Resource) => vec![Obstacle::Resource],
        Some(Clause::Principal) => vec![Obstacle::Principal],
        Some(Clause::Condition(_)) => {
            let conditions = statement.statement.conditions.iter();
            let unmet = conditions.filter(|condition| condition.evaluate(context) != Ternary::Yes);
            unmet.map(|condition| unmet_condition(condition, context)).collect()
        }
    };
    StatementOutcome { statement, applies, obstacles }
}

fn unmet_condition<'a>(condition: &'a Condition, context: &Context<'_>) -> Obstacle<'a> {
    Obstacle::Condition {
        operator: &condition.name,
        key: &condition.key,
        values: &condition.values,
        request_values: context.get(&condition.key).iter().map(|value| value.to_string()).collect(),
    }
}

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.asked)?;
        writeln!(f, "{}", self.decision.reason)?;
        let mut policy = None;
        for outcome in &self.statements {
            let statement = &outcome.statement;
            if policy != Some((statement.layer, statement.policy)) {
                writeln!(f, "{} {:?}", statement.layer, statement.policy)?;
                policy = Some((statement.layer, statement.policy));
            }
            write!(f, "  {} statement {}", statement.effect().name(), statement.index)?;
            if let Some(sid) = statement.sid() {
                write!(f, " {sid:?}")?;
            }
            writeln!(f, " {outcome}")?;
        }
        Ok(())
    }
}

/// What follows the statement's name in a sentence.
impl fmt::Display for StatementOutcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.applies {
            Applies::Yes => "applies",
            Applies::No => "does not apply: ",
            Applies::Unknown => "cannot be evaluated, so does not allow and does deny: ",
        })?;
        for (number, obstacle) in self.obstacles.iter().enumerate() {
            if number > 0 {
                f.write_str("; ")?;
            }
            obstacle.fmt(f)?;
        }
        Ok(())
    }
}

/// Quoted where the text comes from a policy or a request, since it may go to a terminal.
impl fmt::Display for Obstacle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Action => f.write_str("another action"),
            Self::Resource => f.write_str("another resource"),
            Self::Principal => f.write_str("another principal"),
            Self::Condition { operator, key, values, request_values } => {
                write!(f, "condition {operator} {} {values:?}, ", key.escape_debug())?;
                if request_values.is_empty() {
                    return f.write_str("which the request does not have");
                }
                write!(f, "the request has {request_values:?}")
            }
        }
    }
}
