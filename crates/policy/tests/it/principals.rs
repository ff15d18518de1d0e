//! Which kinds of policies name principals, and what else sets the kinds apart.

use keeptrail_policy::{Policy, PolicyFault, PolicyKind};
use serde_json::{Value, json};

use crate::support::{changed, document, refusal};

/// A statement of a resource policy that is right but for what a test adds or takes away (`null`).
fn statement(changes: &Value) -> Value {
    let right =
        json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"});
    changed(right, changes)
}

#[test]
fn identity_policies_name_no_principal() {
    for kind in [
        PolicyKind::Identity,
        PolicyKind::Managed,
        PolicyKind::Boundary,
        PolicyKind::Session,
        PolicyKind::ServiceControl,
    ] {
        for name in ["Principal", "NotPrincipal"] {
            let with_principal = document(&statement(&json!({"Principal": null, name: "*"})));
            assert_eq!(refusal(kind, &with_principal), "Policy document should not specify a principal.");
        }
    }
}

#[test]
fn trust_policies_have_principals_sts_actions_and_no_resources() {
    let trust = |changes: &Value| {
        let trust = json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "111122223333"}});
        refusal(PolicyKind::Trust, &document(&changed(trust, changes)))
    };
    let only_sts = "AssumeRole policy may only specify STS AssumeRole actions.";
    assert_eq!(trust(&json!({"Resource": "*"})), "Has prohibited field Resource");
    assert_eq!(trust(&json!({"Principal": null})), "AssumeRole policy must contain principals.");
    assert_eq!(trust(&json!({"Action": "s3:GetObject"})), only_sts);
    assert_eq!(trust(&json!({"Action": "*"})), only_sts);
    assert_eq!(trust(&json!({"Action": null, "NotAction": "sts:AssumeRole"})), only_sts);
    assert_eq!(
        trust(&json!({"Principal": {"AWS": "arn:aws:iam::111122223333:user/*"}})),
        "Invalid principal in policy: \"AWS\":\"arn:aws:iam::111122223333:user/*\"",
    );
    assert_eq!(trust(&json!({"Principal": "*"})), "AssumeRolepolicy contained an invalid principal: \"STAR\":\"*\".");
    let error = Policy::parse("{,}", PolicyKind::Trust).unwrap_err();
    assert_eq!(error.message(), "This policy contains invalid Json");
}

#[test]
fn resource_policies_are_refused_in_the_words_of_s3() {
    let bucket = |changes: &Value| refusal(PolicyKind::Resource, &document(&statement(changes)));
    for (changes, message) in [
        (json!({"Principal": null}), "Missing required field Principal"),
        (json!({"Action": null}), "Missing required field Action"),
        (json!({"Resource": null}), "Missing required field Resource"),
        (json!({"Effect": null}), "Missing required field Effect"),
        (json!({"Effect": "allow"}), "Invalid effect: allow"),
        (json!({"Effect": "hello"}), "Invalid effect: hello"),
        (json!({"Foo": 1}), "Unknown field Foo"),
        (json!({"Resource": "bucket"}), "Policy has invalid resource"),
        (json!({"Action": "GetObject"}), "Policy has invalid action"),
        (json!({"Principal": {"AWS": "ada"}}), "Invalid principal in policy"),
        (
            json!({"Principal": null, "NotPrincipal": {"AWS": "111122223333"}}),
            "Allow with NotPrincipal is not allowed.",
        ),
    ] {
        assert_eq!(bucket(&changes), message, "{changes}");
    }
    let error = Policy::parse(" no json", PolicyKind::Resource).unwrap_err();
    assert_eq!(error.message(), "Policies must be valid JSON and the first byte must be '{'");
    assert_eq!(refusal(PolicyKind::Resource, &json!({"Version": "2012-10-17"})), "Missing required field Statement");
    assert_eq!(
        refusal(PolicyKind::Resource, &json!({"Version": "x", "Statement": statement(&json!({"Principal": "*"}))})),
        "The policy must contain a valid version string",
    );
}

#[test]
fn principals_that_nobody_could_be_are_refused() {
    for principal in [
        json!({}),
        json!({"AWS": []}),
        json!([]),
        json!("arn:aws:iam::111122223333:root"),
        json!({"AWS": "11112222333"}),
        json!({"AWS": "arn:aws:iam::111122223333:user/"}),
        json!({"AWS": "arn:aws:iam::111122223333:group/admins"}),
        json!({"AWS": "arn:aws:iam::111122223333:role/*"}),
        json!({"AWS": "arn:aws:iam:us-east-1:111122223333:root"}),
        json!({"AWS": "arn:aws:sts::111122223333:assumed-role/app"}),
        json!({"AWS": "arn:aws:sts::111122223333:assumed-role/app/*"}),
        json!({"AWS": "arn:aws:iam::111122223333:root/x"}),
        json!({"AWS": "arn:aws:iam::${aws:PrincipalAccount}:root"}),
        json!({"AWS": ["111122223333", 1]}),
        json!({"aws": "111122223333"}),
        json!({"Service": "*"}),
        json!({"Service": "cloudtrail"}),
        json!({"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}),
    ] {
        let policy = document(&statement(&json!({"Principal": principal})));
        let error = Policy::parse(&policy.to_string(), PolicyKind::Resource).unwrap_err();
        assert_eq!(
            (error.message(), error.fault()),
            ("Invalid principal in policy", PolicyFault::Principal),
            "{principal}"
        );
    }
}
