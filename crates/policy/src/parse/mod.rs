//! From JSON to a compiled policy, strictly: whatever is not understood is refused.
//!
//! The order of the checks is AWS's, since it decides which of several faults a client hears about: shape, version, values,
//! statement ids, actions, resources.

mod action;
mod error;
mod json;
mod principal;
mod resource;
mod statement;

use std::collections::HashSet;

pub use error::{PolicyError, PolicyFault};
pub(crate) use principal::aws as aws_principal;

use self::{
    error::Words,
    json::Json,
    statement::{Element, Shape},
};
use crate::{
    condition::{Condition, Test},
    context::Key,
    document::{Policy, PolicyKind, Version},
    statement::{ActionClause, Effect, ResourceClause, Statement},
};

/// The longest document read, in bytes. Services set lower limits of their own: 20,480 characters at most.
const MAX_BYTES: usize = 131_072;
/// The most statements a document may have; more do not fit into any service's limit.
const MAX_STATEMENTS: usize = 1_024;

impl Policy {
    /// Reads and compiles a policy document.
    ///
    /// # Errors
    /// [`PolicyError`] with AWS's message when the document is not exactly a policy of its kind: unknown, repeated or
    /// missing elements, unknown operators, malformed values, principals where there may be none. Documents over
    /// 131,072 bytes or 1,024 statements are refused; the services' own limits are for the caller to check.
    pub fn parse(text: &str, kind: PolicyKind) -> Result<Self, PolicyError> {
        let words = Words(kind);
        if text.len() > MAX_BYTES {
            return Err(words.syntax(format!("longer than {MAX_BYTES} bytes")));
        }
        let json = json::read(text).map_err(|error| words.json(error.to_string()))?;
        let document = Document::read(&json, words)?;
        let version = document.version(words)?;
        let shapes = &document.statements;

        let conditions: Vec<_> =
            shapes.iter().map(|shape| compile_conditions(shape, version, words)).collect::<Result<_, _>>()?;
        let effects: Vec<_> = shapes.iter().map(|shape| effect(shape, words)).collect::<Result<_, _>>()?;
        let bad_resource = first_bad_resource(shapes, words)?;
        check_sids(shapes, words)?;
        for shape in shapes {
            if shape.action.as_ref().is_none_or(|action| action.value.is_empty()) {
                return Err(no_values(
                    shape,
                    "Action",
                    PolicyFault::Action,
                    "Policy statement must contain actions.",
                    words,
                ));
            }
        }
        if let Some(error) = bad_resource {
            return Err(error);
        }
        let mut statements = Vec::with_capacity(shapes.len());
        for ((shape, effect), conditions) in shapes.iter().zip(effects).zip(conditions) {
            statements.push(Statement {
                sid: shape.sid.filter(|sid| !sid.is_empty()).map(Into::into),
                effect,
                actions: compile_actions(shape, words)?,
                principal: principal::compile(shape, effect, words)?,
                resources: compile_resources(shape, version, words)?,
                conditions,
            });
        }
        Ok(Self { source: text.into(), kind, version, id: document.id.map(Into::into), statements: statements.into() })
    }
}

struct Document<'j> {
    version: Option<&'j str>,
    id: Option<&'j str>,
    statements: Vec<Shape<'j>>,
}

impl<'j> Document<'j> {
    fn read(json: &'j Json, words: Words) -> Result<Self, PolicyError> {
        let Json::Object(members) = json else { return Err(words.json("the document is no object")) };
        let (mut version, mut id, mut statements) = (None, None, None);
        let wrong = |name: &str| words.syntax(format!("{name} has the wrong type"));
        for (name, value) in members {
            match &**name {
                "Version" => version = Some(statement::text(value).ok_or_else(|| wrong("Version"))?),
                "Id" => id = Some(statement::text(value).ok_or_else(|| wrong("Id"))?),
                "Statement" => statements = Some(value),
                _ => return Err(words.unknown(name, "the document")),
            }
        }
        let statements = match statements.ok_or_else(|| words.missing("Statement", "the document"))? {
            Json::List(elements) => elements.as_slice(),
            single => std::slice::from_ref(single),
        };
        if statements.is_empty() {
            return Err(words.syntax("the document has no statement"));
        }
        if statements.len() > MAX_STATEMENTS {
            return Err(words.syntax(format!("more than {MAX_STATEMENTS} statements")));
        }
        let statements = statements.iter().enumerate().map(|(index, json)| Shape::read(index, json, words));
        Ok(Self { version, id, statements: statements.collect::<Result<_, _>>()? })
    }

    fn version(&self, words: Words) -> Result<Version, PolicyError> {
        let version = match self.version {
            None | Some("2008-10-17") => Version::V2008,
            Some("2012-10-17") => Version::V2012,
            Some(other) if words.0 == PolicyKind::Resource => return Err(words.version(format!("version {other:?}"))),
            Some(other) => return Err(words.syntax(format!("version {other:?}"))),
        };
        if version == Version::V2008 && words.0 == PolicyKind::Managed {
            return Err(words.version("a managed policy must have the version 2012-10-17"));
        }
        Ok(version)
    }
}

fn effect(shape: &Shape<'_>, words: Words) -> Result<Effect, PolicyError> {
    Effect::from_name(shape.effect).ok_or_else(|| words.effect(shape.effect, &shape.place))
}

fn compile_conditions(shape: &Shape<'_>, version: Version, words: Words) -> Result<Box<[Condition]>, PolicyError> {
    let compiled = shape.conditions.iter().map(|condition| {
        let values: Box<[Box<str>]> = condition.values.iter().map(|value| Box::from(*value)).collect();
        let test = Test::new(condition.operator, &values, version.has_variables()).map_err(|what| {
            words.value(format!("{} {:?} of {}: {what}", condition.name, condition.key, shape.place))
        })?;
        Ok(Condition {
            name: condition.name.into(),
            qualifier: condition.qualifier,
            if_exists: condition.if_exists,
            operator: condition.operator,
            key: Key::new(condition.key),
            values,
            test,
        })
    });
    compiled.collect()
}

/// The first resource with a bad format, which is reported after other faults; what the older parser refuses, at once.
fn first_bad_resource(shapes: &[Shape<'_>], words: Words) -> Result<Option<PolicyError>, PolicyError> {
    let mut first = None;
    for shape in shapes {
        let Some(Element { value, .. }) = &shape.resource else { continue };
        if words.0 == PolicyKind::Trust {
            let detail = format!("{} has a resource, which a trust policy may not have", shape.place);
            return Err(PolicyError::new(PolicyFault::Resource, "Has prohibited field Resource", detail));
        }
        for resource in value {
            if first.is_none() {
                first = resource::check_format(resource, &shape.place, words).err();
            }
        }
        if first.is_none() {
            for resource in value {
                resource::check_legacy(resource, &shape.place, words)?;
            }
        }
    }
    Ok(first)
}

fn check_sids(shapes: &[Shape<'_>], words: Words) -> Result<(), PolicyError> {
    let refuse = |message: &'static str, detail| Err(PolicyError::new(PolicyFault::Sid, message, detail));
    let mut seen = HashSet::new();
    for sid in shapes.iter().filter_map(|shape| shape.sid).filter(|sid| !sid.is_empty()) {
        if !seen.insert(sid) {
            return refuse("Statement IDs (SID) in a single policy must be unique.", format!("{sid:?} appears twice"));
        }
        let alphanumeric = sid.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !alphanumeric && !matches!(words.0, PolicyKind::Resource | PolicyKind::Trust) {
            let message = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular \
                           expression [0-9A-Za-z]*";
            return refuse(message, format!("{sid:?} has other characters"));
        }
    }
    Ok(())
}

fn compile_actions(shape: &Shape<'_>, words: Words) -> Result<ActionClause, PolicyError> {
    let (negated, actions) = shape.action.as_ref().map_or((false, &[][..]), |action| (action.negated, &action.value));
    if negated && words.0 == PolicyKind::Trust {
        let message = "AssumeRole policy may only specify STS AssumeRole actions.";
        return Err(PolicyError::new(PolicyFault::Action, message, format!("{} has NotAction", shape.place)));
    }
    let patterns = actions.iter().map(|action| action::compile(action, &shape.place, words));
    Ok(ActionClause::new(negated, patterns.collect::<Result<_, _>>()?))
}

fn compile_resources(shape: &Shape<'_>, version: Version, words: Words) -> Result<Option<ResourceClause>, PolicyError> {
    if words.0 == PolicyKind::Trust {
        return Ok(None);
    }
    let Some(Element { negated, value }) = shape.resource.as_ref().filter(|resource| !resource.value.is_empty()) else {
        let iam = "Policy statement must contain resources.";
        return Err(no_values(shape, "Resource", PolicyFault::Resource, iam, words));
    };
    let patterns =
        value.iter().map(|resource| resource::compile(resource, version.has_variables(), &shape.place, words));
    Ok(Some(ResourceClause { negated: *negated, patterns: patterns.collect::<Result<_, _>>()? }))
}

fn no_values(shape: &Shape<'_>, element: &str, fault: PolicyFault, iam: &'static str, words: Words) -> PolicyError {
    let detail = format!("{} has no {element}", shape.place);
    if words.0 == PolicyKind::Resource {
        return PolicyError::new(fault, format!("Missing required field {element}"), detail);
    }
    PolicyError::new(fault, iam, detail)
}
