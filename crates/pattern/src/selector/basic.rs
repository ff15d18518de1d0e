//! Basic selectors.

use crate::document::Node;

use super::record::Record;
use super::{DataResource, EventSelector, SECRET, SelectorError};

const MAX_SELECTORS: usize = 5;
const MAX_DATA_RESOURCES: usize = 250;
const EXCLUDABLE: [&str; 2] = ["kms.amazonaws.com", "rdsdata.amazonaws.com"];

/// The resource types of basic selectors: name, service in the ARN, and whether a value is the beginning of an ARN
/// rather than the whole.
const TYPES: [(&str, &str, bool); 4] = [
    ("AWS::S3::Object", "s3", true),
    ("AWS::Lambda::Function", "lambda", false),
    ("AWS::DynamoDB::Table", "dynamodb", false),
    (SECRET, "secretsmanager", true),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ReadWrite {
    All,
    ReadOnly,
    WriteOnly,
}

#[derive(Clone, Debug)]
struct Resources {
    resource_type: String,
    /// `None` is every resource of the type.
    values: Option<Vec<String>>,
    by_prefix: bool,
}

/// One compiled selector.
#[derive(Clone, Debug)]
pub(super) struct Basic {
    read_write: ReadWrite,
    management: bool,
    excluded: Vec<String>,
    resources: Vec<Resources>,
}

impl Basic {
    /// All management events.
    pub(super) fn management() -> Self {
        Self { read_write: ReadWrite::All, management: true, excluded: Vec::new(), resources: Vec::new() }
    }

    pub(super) fn selects<N: Node>(&self, record: &Record<'_, N>) -> bool {
        let fits = match self.read_write {
            ReadWrite::All => true,
            ReadWrite::ReadOnly => record.is_read_only(),
            ReadWrite::WriteOnly => !record.is_read_only(),
        };
        fits && (self.selects_management(record) || self.resources.iter().any(|wanted| wanted.select(record)))
    }

    fn selects_management<N: Node>(&self, record: &Record<'_, N>) -> bool {
        self.management && record.category() == "Management" && {
            let source = record.text(&["eventSource"]).unwrap_or_default();
            !self.excluded.iter().any(|excluded| excluded == source)
        }
    }
}

impl Resources {
    fn select<N: Node>(&self, record: &Record<'_, N>) -> bool {
        record.concerns(&self.resource_type)
            && self.values.as_ref().is_none_or(|values| {
                let arns = record.arns(&self.resource_type);
                arns.iter().any(|arn| {
                    values.iter().any(|value| if self.by_prefix { arn.starts_with(value) } else { arn == value })
                })
            })
    }
}

/// Checks and compiles basic selectors.
pub(super) fn compile(selectors: &[EventSelector]) -> Result<Vec<Basic>, SelectorError> {
    if selectors.is_empty() || selectors.len() > MAX_SELECTORS {
        return Err(SelectorError::new(format!("A trail can have 1 to {MAX_SELECTORS} event selectors.")));
    }
    let values: usize = selectors
        .iter()
        .flat_map(|selector| selector.data_resources.iter().flatten())
        .map(|all| all.values.len())
        .sum();
    if values > MAX_DATA_RESOURCES {
        let message =
            format!("A trail can have at most {MAX_DATA_RESOURCES} data resources across all event selectors.");
        return Err(SelectorError::new(message));
    }
    selectors.iter().map(selector).collect()
}

/// AWS's sentence for `DataResources.Values`; the other members are given the same.
fn invalid(value: &str, member: &str) -> SelectorError {
    SelectorError::new(format!("Value {value} for {member} is invalid."))
}

fn selector(selector: &EventSelector) -> Result<Basic, SelectorError> {
    let read_write = match selector.read_write_type.as_deref() {
        None | Some("All") => ReadWrite::All,
        Some("ReadOnly") => ReadWrite::ReadOnly,
        Some("WriteOnly") => ReadWrite::WriteOnly,
        Some(other) => return Err(invalid(other, "ReadWriteType")),
    };
    let excluded = selector.exclude_management_event_sources.clone().unwrap_or_default();
    if let Some(other) = excluded.iter().find(|source| !EXCLUDABLE.contains(&source.as_str())) {
        return Err(invalid(other, "ExcludeManagementEventSources"));
    }
    let resources = selector.data_resources.iter().flatten().map(resources).collect::<Result<_, _>>()?;
    let management = selector.include_management_events.unwrap_or(true);
    Ok(Basic { read_write, management, excluded, resources })
}

fn resources(resource: &DataResource) -> Result<Resources, SelectorError> {
    let Some((name, service, by_prefix)) = TYPES.iter().find(|(name, ..)| *name == resource.resource_type) else {
        return Err(invalid(&resource.resource_type, "DataResources.Type"));
    };
    if let Some(value) = resource.values.iter().find(|value| !is_value(value, service)) {
        return Err(invalid(value, "DataResources.Values"));
    }
    // `arn:aws:s3`, and `arn:aws:s3:::` with it, are all; the documentation also gives an empty list that meaning.
    let all = resource.values.is_empty() || resource.values.iter().any(|value| value.split(':').count() == 3);
    let values = (!all).then(|| resource.values.clone());
    Ok(Resources { resource_type: (*name).to_owned(), values, by_prefix: *by_prefix })
}

/// Whether a value is an ARN of the service, or its first three parts. Wildcards are not understood.
fn is_value(value: &str, service: &str) -> bool {
    let mut parts = value.split(':');
    let partition = |part: &str| part == "aws" || part.starts_with("aws-");
    parts.next() == Some("arn")
        && parts.next().is_some_and(partition)
        && parts.next() == Some(service)
        && !value.contains('*')
        && matches!(parts.count(), 0 | 3..)
}
