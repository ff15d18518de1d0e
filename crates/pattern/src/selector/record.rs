//! What selectors ask of a CloudTrail record.

use crate::document::{Node, Scalar};

use super::SECRET;

/// A record, read field by field.
pub(super) struct Record<'r, N> {
    root: &'r N,
}

/// Calls to Secrets Manager that concern no secret.
const WITHOUT_SECRET: [&str; 2] = ["ListSecrets", "GetRandomPassword"];

impl<'r, N: Node> Record<'r, N> {
    pub(super) fn new(root: &'r N) -> Self {
        Self { root }
    }

    /// A string at a path of member names.
    pub(super) fn text(&self, path: &[&str]) -> Option<&'r str> {
        let node = path.iter().try_fold(self.root, |node, name| node.member(name))?;
        text(node)
    }

    /// Whether a member says true: older records write booleans as strings.
    fn is_true(&self, name: &str) -> bool {
        self.root.member(name).and_then(Node::scalar).is_some_and(|value| match value {
            Scalar::Bool(value) => value,
            Scalar::String(text) => text == "true",
            _ => false,
        })
    }

    /// Whether the call changed nothing. A record that does not say counts as a write: the safe side for an audit.
    pub(super) fn is_read_only(&self) -> bool {
        self.is_true("readOnly")
    }

    /// Whether the credentials came from a console session.
    pub(super) fn is_from_console(&self) -> bool {
        self.is_true("sessionCredentialFromConsole")
    }

    /// The event category. Records older than the member are management events, unless they say they are not.
    pub(super) fn category(&self) -> &'r str {
        let unsaid = || match self.root.member("managementEvent").and_then(Node::scalar) {
            Some(Scalar::Bool(false)) => "Data",
            _ => "Management",
        };
        self.text(&["eventCategory"]).unwrap_or_else(unsaid)
    }

    /// Whether this is a call, or an event of the service itself, on a secret. Calls that failed before the secret was
    /// known name none, and count.
    pub(super) fn concerns_secret(&self) -> bool {
        self.text(&["eventSource"]) == Some("secretsmanager.amazonaws.com")
            && !self.text(&["eventName"]).is_some_and(|name| WITHOUT_SECRET.contains(&name))
    }

    /// Whether the record is about a resource of the type, in the sense of a data event.
    pub(super) fn concerns(&self, resource_type: &str) -> bool {
        if resource_type == SECRET && self.concerns_secret() {
            return true;
        }
        self.category() == "Data" && self.resources().any(|resource| type_of(resource) == Some(resource_type))
    }

    /// The ARNs of the record's resources of the type.
    pub(super) fn arns(&self, resource_type: &str) -> Vec<&'r str> {
        let listed: Vec<&str> = self
            .resources()
            .filter(|resource| type_of(*resource) == Some(resource_type))
            .filter_map(|resource| resource.member("ARN").or_else(|| resource.member("ARNPrefix")).and_then(text))
            .collect();
        if !listed.is_empty() || resource_type != SECRET {
            return listed;
        }
        // Records from before Secrets Manager listed resources, and those of failed calls.
        [
            &["requestParameters", "secretId"][..],
            &["responseElements", "arn"],
            &["responseElements", "aRN"],
            &["additionalEventData", "SecretId"],
        ]
        .iter()
        .filter_map(|path| self.text(path))
        .filter(|text| text.starts_with("arn:"))
        .collect()
    }

    fn resources(&self) -> impl Iterator<Item = &'r N> + use<'r, N> {
        self.root.member("resources").and_then(Node::elements).into_iter().flatten()
    }
}

fn text<N: Node>(node: &N) -> Option<&str> {
    match node.scalar()? {
        Scalar::String(text) => Some(text),
        _ => None,
    }
}

fn type_of<N: Node>(resource: &N) -> Option<&str> {
    resource.member("type").and_then(text)
}
