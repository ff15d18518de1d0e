//! The shape of a statement: which elements it has and of which types, before their values are looked at.

use super::{error::Words, json::Json};
use crate::{
    condition::{Operator, Qualifier},
    document::PolicyKind,
    parse::error::PolicyError,
    statement::Effect,
};

/// A statement whose elements have the right types.
pub(super) struct Shape<'j> {
    /// For messages: `statement 0`, or `statement 0 "Sid"`.
    pub(super) place: String,
    pub(super) sid: Option<&'j str>,
    pub(super) effect: &'j str,
    pub(super) principal: Option<Element<&'j Json>>,
    pub(super) action: Option<Element<Vec<&'j str>>>,
    pub(super) resource: Option<Element<Vec<&'j str>>>,
    pub(super) conditions: Vec<ConditionShape<'j>>,
}

/// An element or its negation, such as `Action` and `NotAction`.
pub(super) struct Element<T> {
    pub(super) negated: bool,
    pub(super) value: T,
}

pub(super) struct ConditionShape<'j> {
    pub(super) name: &'j str,
    pub(super) qualifier: Qualifier,
    pub(super) operator: Operator,
    pub(super) if_exists: bool,
    pub(super) key: &'j str,
    pub(super) values: Vec<&'j str>,
}

impl<'j> Shape<'j> {
    pub(super) fn read(index: usize, json: &'j Json, words: Words) -> Result<Self, PolicyError> {
        let mut shape = Self {
            place: format!("statement {index}"),
            sid: None,
            effect: "",
            principal: None,
            action: None,
            resource: None,
            conditions: Vec::new(),
        };
        let Json::Object(members) = json else { return Err(words.syntax(format!("{} is no object", shape.place))) };
        let mut effect = None;
        for (name, value) in members {
            match &**name {
                "Sid" => shape.sid = Some(text(value).ok_or_else(|| words.syntax(shape.wrong_type("Sid")))?),
                "Effect" => effect = Some(text(value).ok_or_else(|| words.syntax(shape.wrong_type("Effect")))?),
                "Principal" | "NotPrincipal" => {
                    let element = Element { negated: &**name == "NotPrincipal", value };
                    shape.principal = Some(once(shape.principal.is_some(), element, "Principal", &shape, words)?);
                }
                "Action" | "NotAction" => {
                    let value = texts(value).ok_or_else(|| words.syntax(shape.wrong_type(name)))?;
                    let element = Element { negated: &**name == "NotAction", value };
                    shape.action = Some(once(shape.action.is_some(), element, "Action", &shape, words)?);
                }
                "Resource" | "NotResource" => {
                    let value = texts(value).ok_or_else(|| words.syntax(shape.wrong_type(name)))?;
                    let element = Element { negated: &**name == "NotResource", value };
                    shape.resource = Some(once(shape.resource.is_some(), element, "Resource", &shape, words)?);
                }
                "Condition" => shape.conditions = conditions(value, &shape, words)?,
                _ => return Err(words.unknown(name, &shape.place)),
            }
        }
        if let Some(sid) = shape.sid {
            shape.place = format!("statement {index} {sid:?}");
        }
        shape.effect = effect.ok_or_else(|| words.missing("Effect", &shape.place))?;
        if words.0 == PolicyKind::Resource || Effect::from_name_ignoring_case(shape.effect).is_some() {
            Ok(shape)
        } else {
            Err(words.effect(shape.effect, &shape.place))
        }
    }

    fn wrong_type(&self, element: &str) -> String {
        format!("{element} of {} has the wrong type", self.place)
    }
}

fn once<T>(given: bool, element: T, name: &str, shape: &Shape<'_>, words: Words) -> Result<T, PolicyError> {
    if given {
        return Err(words.syntax(format!("{} has both {name} and Not{name}", shape.place)));
    }
    Ok(element)
}

fn conditions<'j>(json: &'j Json, shape: &Shape<'_>, words: Words) -> Result<Vec<ConditionShape<'j>>, PolicyError> {
    let wrong = |what: &str| words.syntax(format!("{what} in the Condition of {}", shape.place));
    let Json::Object(operators) = json else { return Err(words.syntax(shape.wrong_type("Condition"))) };
    let mut conditions = Vec::new();
    for (name, keys) in operators {
        let (qualifier, operator, if_exists) =
            operator(name).ok_or_else(|| wrong(&format!("unknown operator {name:?}")))?;
        let Json::Object(keys) = keys else { return Err(wrong(&format!("{name} has the wrong type"))) };
        for (key, values) in keys {
            if key.is_empty() {
                return Err(wrong("an empty key"));
            }
            let values = scalars(values).ok_or_else(|| wrong(&format!("{key:?} has values of the wrong type")))?;
            conditions.push(ConditionShape { name, qualifier, operator, if_exists, key, values });
        }
    }
    Ok(conditions)
}

/// Takes `ForAnyValue:StringLikeIfExists` apart. `Null` takes neither qualifier nor `IfExists`.
fn operator(name: &str) -> Option<(Qualifier, Operator, bool)> {
    let (qualifier, rest) = match name.split_once(':') {
        None => (Qualifier::Single, name),
        Some(("ForAllValues", rest)) => (Qualifier::ForAllValues, rest),
        Some(("ForAnyValue", rest)) => (Qualifier::ForAnyValue, rest),
        Some(_) => return None,
    };
    let (rest, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |rest| (rest, true));
    let operator = Operator::from_name(rest)?;
    let plain = qualifier == Qualifier::Single && !if_exists;
    (plain || operator != Operator::Null).then_some((qualifier, operator, if_exists))
}

pub(super) fn text(json: &Json) -> Option<&str> {
    if let Json::Text(text) = json { Some(text) } else { None }
}

/// One text or a list of them.
pub(super) fn texts(json: &Json) -> Option<Vec<&str>> {
    match json {
        Json::Text(text) => Some(vec![text]),
        Json::List(elements) => elements.iter().map(text).collect(),
        _ => None,
    }
}

fn scalars(json: &Json) -> Option<Vec<&str>> {
    let scalar = |json: &'_ Json| matches!(json, Json::Text(_) | Json::Scalar(_));
    let elements = match json {
        Json::List(elements) => elements.as_slice(),
        single => std::slice::from_ref(single),
    };
    elements.iter().all(scalar).then(|| {
        let texts = elements.iter().filter_map(|element| match element {
            Json::Text(text) | Json::Scalar(text) => Some(&**text),
            _ => None,
        });
        texts.collect()
    })
}
