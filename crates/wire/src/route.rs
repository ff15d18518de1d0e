//! Which operation a request asks for.

/// A service's target prefix (or service name) and an operation's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target<'a> {
    /// The service, as in the last part of botocore's `targetPrefix`: `secretsmanager`, `CloudTrail_20131101`.
    pub service: &'a str,
    /// The operation: `GetSecretValue`.
    pub operation: &'a str,
}

/// Reads an `X-Amz-Target` header. A dotted prefix is cut to its last part: botocore sends
/// `com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.CreateTrail`, Terraform's SDK `CloudTrail_20131101.CreateTrail`.
pub fn target(header: &str) -> Option<Target<'_>> {
    let (prefix, operation) = header.rsplit_once('.')?;
    let service = prefix.rsplit_once('.').map_or(prefix, |(_, last)| last);
    named(service, operation)
}

/// Reads an rpc-v2-cbor path, `/service/GraniteServiceVersion20100801/operation/PutMetricData`. Smithy lets a prefix stand before it;
/// AWS's own endpoints have none, and neither have we.
pub fn rpc_path(path: &str) -> Option<Target<'_>> {
    let (service, operation) = path.strip_prefix("/service/")?.split_once("/operation/")?;
    named(service, operation)
}

fn named<'a>(service: &'a str, operation: &'a str) -> Option<Target<'a>> {
    let is_name =
        |name: &str| (1..=128).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (is_name(service) && is_name(operation)).then_some(Target { service, operation })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_read_in_its_long_and_its_short_form() {
        let create = Some(Target { service: "CloudTrail_20131101", operation: "CreateTrail" });
        assert_eq!(target("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.CreateTrail"), create);
        assert_eq!(target("CloudTrail_20131101.CreateTrail"), create);
    }

    #[test]
    fn a_target_without_both_names_is_none() {
        for header in ["", ".", "GetSecretValue", "secretsmanager.", ".GetSecretValue", "a b.C", "a.C d", "a.\u{e9}"] {
            assert_eq!(target(header), None, "{header:?}");
        }
        assert_eq!(target(&format!("s.{}", "O".repeat(129))), None);
    }

    #[test]
    fn an_rpc_path_names_service_and_operation() {
        let put = Some(Target { service: "GraniteServiceVersion20100801", operation: "PutMetricData" });
        assert_eq!(rpc_path("/service/GraniteServiceVersion20100801/operation/PutMetricData"), put);
        for path in
            ["/service/S/operation/", "/service//operation/O", "/service/S/operation/O/", "/x/service/S/operation/O"]
        {
            assert_eq!(rpc_path(path), None, "{path}");
        }
    }
}
