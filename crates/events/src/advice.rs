//! What a rule's author should know.

use serde_json::Value;

/// How the names of read-only calls begin ("Get…, List…, Describe…" in the EventBridge user guide), and a few more that this
/// server has.
const READS: [&str; 6] = ["Get", "List", "Describe", "BatchGet", "Lookup", "Validate"];

/// The read-only events that a pattern names: a rule that is merely ENABLED never sees them.
pub(crate) fn named_reads(pattern: &str) -> Vec<String> {
    let Ok(pattern) = serde_json::from_str::<Value>(pattern) else { return Vec::new() };
    let values = |field: &str| pattern.pointer(field).and_then(Value::as_array).into_iter().flatten();
    let names =
        values("/detail/eventName").filter_map(|value| value.as_str().or_else(|| value.get("prefix")?.as_str()));
    let mut reads: Vec<String> =
        names.filter(|name| READS.iter().any(|read| name.starts_with(read))).map(str::to_owned).collect();
    if values("/detail/readOnly").any(|value| *value == Value::Bool(true)) {
        reads.push("readOnly: true".to_owned());
    }
    reads
}

/// Says so in the server's log.
pub(crate) fn warn_of_reads(rule_arn: &str, pattern: &str) {
    let reads = named_reads(pattern);
    if !reads.is_empty() {
        tracing::warn!(
            rule = rule_arn,
            reads = reads.join(", "),
            "the rule names read-only events and is merely ENABLED: it will not see them; its state must be \
             ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_are_told_from_changes_by_name_by_prefix_and_by_read_only() {
        let named = |pattern: &str| named_reads(pattern);
        assert_eq!(named(r#"{"detail":{"eventName":["GetSecretValue","DeleteSecret"]}}"#), ["GetSecretValue"]);
        assert_eq!(named(r#"{"detail":{"eventName":[{"prefix":"Describe"}]}}"#), ["Describe"]);
        assert_eq!(named(r#"{"detail":{"readOnly":[true]}}"#), ["readOnly: true"]);
        for silent in [
            r#"{"detail":{"eventName":["DeleteSecret",{"anything-but":["GetSecretValue"]}],"readOnly":[false]}}"#,
            r#"{"source":["aws.secretsmanager"]}"#,
            r#"{"detail":{"eventName":"GetSecretValue"}}"#,
            "not JSON",
        ] {
            assert_eq!(named(silent), Vec::<String>::new(), "{silent}");
        }
    }
}
