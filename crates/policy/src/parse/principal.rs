//! The `Principal` element.

use super::{
    error::{PolicyError, PolicyFault, Words},
    json::Json,
    statement::{Element, Shape, text, texts},
};
use crate::{
    document::PolicyKind,
    principal::{PrincipalClause, PrincipalId},
    statement::Effect,
};

/// Compiles a statement's principal, or says that the kind of policy wants one or may not have one.
pub(super) fn compile(shape: &Shape<'_>, effect: Effect, words: Words) -> Result<Option<PrincipalClause>, PolicyError> {
    let place = &shape.place;
    let fault = |message: String, detail: String| PolicyError::new(PolicyFault::Principal, message, detail);
    let Some(Element { negated, value }) = &shape.principal else {
        return match words.0 {
            PolicyKind::Resource => {
                Err(fault("Missing required field Principal".into(), format!("{place} has no Principal")))
            }
            PolicyKind::Trust => {
                Err(fault("AssumeRole policy must contain principals.".into(), format!("{place} has no Principal")))
            }
            _ => Ok(None),
        };
    };
    if !matches!(words.0, PolicyKind::Resource | PolicyKind::Trust) {
        let message = "Policy document should not specify a principal.".into();
        return Err(fault(message, format!("{place} has a principal, which only resource and trust policies have")));
    }
    if *negated && effect == Effect::Allow {
        let message = "Allow with NotPrincipal is not allowed.".into();
        return Err(fault(message, format!("{place} allows everyone but a few")));
    }
    let invalid = |family: &str, id: &str| {
        let detail = format!("{place} names the principal {family:?}: {id:?}");
        match words.0 {
            PolicyKind::Resource => fault("Invalid principal in policy".into(), detail),
            _ => fault(format!(r#"Invalid principal in policy: "{family}":"{id}""#), detail),
        }
    };
    let ids = match value {
        Json::Text(star) if &**star == "*" => {
            if words.0 == PolicyKind::Trust {
                let message = r#"AssumeRolepolicy contained an invalid principal: "STAR":"*"."#.into();
                return Err(fault(message, format!("{place} trusts \"*\"; only {{\"AWS\": \"*\"}} is possible")));
            }
            vec![PrincipalId::Everyone]
        }
        Json::Object(families) => {
            let mut ids = Vec::new();
            for (family, names) in families {
                let names = texts(names).ok_or_else(|| invalid(family, ""))?;
                for name in names {
                    ids.push(principal(family, name).ok_or_else(|| invalid(family, name))?);
                }
            }
            ids
        }
        other => return Err(invalid("AWS", text(other).unwrap_or_default())),
    };
    if ids.is_empty() {
        return Err(invalid("AWS", ""));
    }
    Ok(Some(PrincipalClause { negated: *negated, ids: ids.into() }))
}

fn principal(family: &str, name: &str) -> Option<PrincipalId> {
    match family {
        "AWS" => aws(name),
        _ if name.is_empty() || name.contains(['*', '?', '$']) => None,
        "Service" if name.contains('.') && !name.contains(':') => Some(PrincipalId::Service(name.into())),
        "Federated" => Some(PrincipalId::Federated(name.into())),
        // Canonical user ids, which only S3 has, name nobody here.
        _ => None,
    }
}

/// An account's number, or the ARN of an account, a user, a role or a session. Only the lone star is a wildcard.
pub(crate) fn aws(name: &str) -> Option<PrincipalId> {
    if name == "*" {
        return Some(PrincipalId::Everyone);
    }
    if is_account(name) {
        return Some(PrincipalId::Account(name.into()));
    }
    let rest = name.strip_prefix("arn:").filter(|_| !name.contains(['*', '?', '$']))?;
    let (partition, rest) = rest.split_once(':')?;
    let (service, rest) = rest.split_once("::")?;
    let (account, resource) = rest.split_once(':')?;
    if !partition.starts_with("aws") || !is_account(account) {
        return None;
    }
    match (service, resource.split_once('/').unwrap_or((resource, ""))) {
        ("iam", ("root", "")) if resource == "root" => Some(PrincipalId::Account(account.into())),
        ("iam", ("user", path)) if !path.is_empty() => Some(PrincipalId::User(name.into())),
        ("iam", ("role", path)) if !path.is_empty() => Some(PrincipalId::Role(name.into())),
        ("sts", ("federated-user", path)) if !path.is_empty() => Some(PrincipalId::FederatedUser(name.into())),
        ("sts", ("assumed-role", path))
            if path.split('/').count() == 2 && path.split('/').all(|part| !part.is_empty()) =>
        {
            Some(PrincipalId::RoleSession(name.into()))
        }
        _ => None,
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
