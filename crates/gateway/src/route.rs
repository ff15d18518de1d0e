//! Which service and operation a request asks for, and in which protocol.

use std::sync::Arc;

use http::{HeaderMap, Method, header, request};
use keeptrail_operation::{AnyOperation, Service, ServiceMeta};
use keeptrail_wire::Protocol;

/// Where a request goes.
pub(crate) enum Route<'a> {
    /// An operation of a service of ours, or a name that the service does not know.
    Operation { service: &'a Service, operation: Option<&'a Arc<dyn AnyOperation>>, name: String, protocol: Protocol },
    /// A form whose `Action` stands in the body or the query string: known once the body is read.
    Form,
    /// A target or path of a service that is not here.
    Unknown { name: String, protocol: Protocol },
    /// A bucket's or object's.
    Objects,
}

/// Routes by `X-Amz-Target`, rpc path or content type; the rest is for buckets.
pub(crate) fn route<'a>(services: &'a [Service], parts: &request::Parts) -> Route<'a> {
    if let Some(target) = text(&parts.headers, "x-amz-target") {
        return by_target(services, target, &parts.headers);
    }
    if let Some(target) = keeptrail_wire::rpc_path(parts.uri.path()) {
        let service = services.iter().find(|service| service.meta.cbor == Some(target.service));
        return named(service, target.operation, Protocol::RpcV2Cbor);
    }
    let form = text(&parts.headers, header::CONTENT_TYPE.as_str())
        .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded"));
    let query = parts.uri.query().is_some_and(|query| query.split('&').any(|pair| pair.starts_with("Action=")));
    if parts.uri.path() == "/" && ((parts.method == Method::POST && form) || query) {
        return Route::Form;
    }
    Route::Objects
}

fn by_target<'a>(services: &'a [Service], target: &str, headers: &HeaderMap) -> Route<'a> {
    let json10 = text(headers, header::CONTENT_TYPE.as_str()).is_some_and(|kind| kind.ends_with("json-1.0"));
    let fallback = if json10 { Protocol::AwsJson10 } else { Protocol::AwsJson11 };
    let Some(target) = keeptrail_wire::target(target) else {
        return Route::Unknown { name: String::new(), protocol: fallback };
    };
    let service = services.iter().find(|service| speaks(service.meta, target.service));
    let protocol = service.and_then(|service| service.meta.json).map_or(fallback, |json| json.protocol);
    named(service, target.operation, protocol)
}

fn speaks(meta: &ServiceMeta, target: &str) -> bool {
    meta.json.is_some_and(|json| json.targets.contains(&target))
}

/// The operation that a form's `Action` names, in the service that signed it (or, unsigned, whose `Version` it is).
pub(crate) fn by_action<'a>(
    services: &'a [Service],
    signing_name: Option<&str>,
    pairs: &[(String, String)],
) -> Route<'a> {
    let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let action = value("Action").unwrap_or_default();
    let version = value("Version");
    let service = services.iter().find(|service| match (service.meta.query, signing_name) {
        (Some(_), Some(name)) => service.meta.signing_name == name,
        // An unsigned link, as in a subscription's confirmation, may leave the version out: the action tells.
        (Some(query), None) => {
            version.map_or_else(|| service.operation(action).is_some(), |version| query.version == version)
        }
        (None, _) => false,
    });
    named(service, action, Protocol::Query)
}

fn named<'a>(service: Option<&'a Service>, operation: &str, protocol: Protocol) -> Route<'a> {
    match service {
        Some(service) => {
            Route::Operation { service, operation: service.operation(operation), name: operation.to_owned(), protocol }
        }
        None => Route::Unknown { name: operation.to_owned(), protocol },
    }
}

/// A header's value as text; `None` when it is absent or not text.
pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
