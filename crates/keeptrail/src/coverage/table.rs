//! The table of operations, with AWS's own lists beside it.

use keeptrail_operation::{Authorisation, Category, Meta, ServiceMeta};
use serde::Serialize;

/// AWS's operations, from its public service models: a service by its IAM prefix, then indented lines with names.
const AWS: &str = include_str!("aws.txt");

/// A service and its operations.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Service {
    /// The prefix of its IAM actions.
    pub(super) name: &'static str,
    pub(super) signing_name: &'static str,
    pub(super) event_source: &'static str,
    /// `json`, `query`, `cbor`, `rest-xml`: how it is spoken to.
    pub(super) protocols: Vec<&'static str>,
    /// The prefix of `X-Amz-Target`, for JSON.
    pub(super) target: Option<&'static str>,
    /// The `Version` parameter, for query.
    pub(super) version: Option<&'static str>,
    /// The service's name in the path, for CBOR.
    pub(super) cbor: Option<&'static str>,
    /// What is carried out.
    pub(super) operations: Vec<Operation>,
    /// What AWS has and is refused.
    pub(super) refused: Vec<&'static str>,
}

/// An operation that is carried out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Operation {
    pub(super) name: &'static str,
    /// The record's `eventName`; CloudTrail has other names for some of the buckets' operations.
    pub(super) event_name: &'static str,
    pub(super) action: &'static str,
    pub(super) read_only: bool,
    /// Whether its records are data events.
    pub(super) data: bool,
    /// Who may call it: `policy`, `signed` or `anyone`.
    pub(super) allowed: &'static str,
    /// Members of the input that its record shows.
    pub(super) request: &'static [&'static str],
    /// Members of the output that its record shows.
    pub(super) response: &'static [&'static str],
}

/// The table of `services` and of the buckets.
pub(super) fn table(services: &[keeptrail_operation::Service]) -> Vec<Service> {
    let mut table: Vec<_> = services
        .iter()
        .map(|service| {
            let operations = service.operations().map(|operation| (operation.meta().name, operation.meta()));
            row(service.meta, operations.collect())
        })
        .collect();
    table.push(row(&keeptrail_buckets::META, keeptrail_buckets::operations().to_vec()));
    table.sort_by_key(|service| service.name);
    table
}

fn row(meta: &'static ServiceMeta, mut operations: Vec<(&'static str, &'static Meta)>) -> Service {
    operations.sort_by_key(|(name, _)| *name);
    let protocols = [
        ("json", meta.json.is_some()),
        ("query", meta.query.is_some()),
        ("cbor", meta.cbor.is_some()),
        ("rest-xml", meta.json.is_none() && meta.query.is_none()),
    ];
    let has = |name: &str| operations.iter().any(|(known, _)| *known == name);
    Service {
        name: meta.name,
        signing_name: meta.signing_name,
        event_source: meta.event_source,
        protocols: protocols.into_iter().filter(|(_, speaks)| *speaks).map(|(name, _)| name).collect(),
        target: meta.json.and_then(|json| json.targets.first().copied()),
        version: meta.query.map(|query| query.version),
        cbor: meta.cbor,
        refused: aws(meta.name).filter(|name| !has(name)).collect(),
        operations: operations.into_iter().map(operation).collect(),
    }
}

fn operation((name, meta): (&'static str, &'static Meta)) -> Operation {
    Operation {
        name,
        event_name: meta.name,
        action: meta.action,
        read_only: meta.read_only,
        data: meta.category == Category::Data,
        allowed: match meta.authorisation {
            Authorisation::Policy => "policy",
            Authorisation::Signed => "signed",
            Authorisation::Anyone => "anyone",
        },
        request: meta.request,
        response: meta.response,
    }
}

/// The names of AWS's operations of a service.
fn aws(service: &str) -> impl Iterator<Item = &'static str> {
    let lines = AWS.lines().skip_while(move |line| *line != service).skip(1);
    lines.take_while(|line| line.starts_with(' ')).flat_map(str::split_whitespace)
}
