//! The table as the page `docs/coverage.md`.

use std::fmt::Write;

use super::table::{Operation, Service};

const HEAD: &str = "# What is carried out

Printed by `keeptrail operations` (`--json` for programs); a test fails when this page is out of date.

An operation that is not carried out is answered with `UnknownOperationException` (`InvalidAction` in the query protocol,
`NotImplemented` for buckets), and an option that is not carried out with an error that names it: nothing is accepted and
ignored. Every call is on the trail, the refused ones too. *On the record* are the members of input (and, after the arrow,
output) that the record shows of a call that was allowed; no other member ever gets there. A name in brackets is the record's
`eventName`, where CloudTrail has another.
";

pub(super) fn page(services: &[Service]) -> String {
    let mut page = HEAD.to_owned();
    // Writing into a String cannot fail.
    let _ = table(&mut page, services);
    page
}

fn table(page: &mut String, services: &[Service]) -> std::fmt::Result {
    writeln!(page, "\n| service | protocols | carried out | refused |\n|---|---|---|---|")?;
    for Service { name, protocols, operations, refused, .. } in services {
        let protocols = protocols.join(", ");
        writeln!(page, "| [{name}](#{name}) | {protocols} | {} | {} |", operations.len(), refused.len())?;
    }
    for service in services {
        writeln!(page, "\n## {}\n", service.name)?;
        writeln!(page, "| operation | IAM action | | on the record |\n|---|---|---|---|")?;
        for operation in &service.operations {
            row(page, operation)?;
        }
        if !service.refused.is_empty() {
            writeln!(page, "\nRefused: {}.", service.refused.join(", "))?;
        }
    }
    Ok(())
}

fn row(page: &mut String, operation: &Operation) -> std::fmt::Result {
    let action = match operation.allowed {
        "policy" => format!("`{}`", operation.action),
        "signed" => "any signed caller".to_owned(),
        _ => "anyone with the token".to_owned(),
    };
    let kind = match (operation.read_only, operation.data) {
        (true, false) => "reads",
        (false, false) => "changes",
        (true, true) => "reads data",
        (false, true) => "changes data",
    };
    let mut record = operation.request.join(", ");
    if !operation.response.is_empty() {
        let _ = write!(record, "{}→ {}", if record.is_empty() { "" } else { " " }, operation.response.join(", "));
    }
    let mut name = operation.name.to_owned();
    if operation.event_name != operation.name {
        let _ = write!(name, " (`{}`)", operation.event_name);
    }
    writeln!(page, "| {name} | {action} | {kind} | {record} |")
}
