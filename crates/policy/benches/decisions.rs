//! How long decisions take. `cargo bench -p keeptrail-policy`; method and figures are in README.md beside this file.
#![expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use keeptrail_policy::{
    Candidate, Context, NamedPolicy, Policy, PolicyKind, PolicySet, Principal, Request, evaluate, explain, who_can,
};
use serde_json::{Value, json};

const SECRET: &str = "arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-a1B2c3";
const READ: &str = "secretsmanager:GetSecretValue";
const SERVICES: [&str; 10] = ["s3", "sqs", "sns", "ec2", "iam", "kms", "logs", "events", "lambda", "secretsmanager"];

fn main() {
    let user = Principal::User { account: "111122223333".into(), arn: "arn:aws:iam::111122223333:user/ada".into() };
    let mut context = Context::for_principal(&user);
    for (key, value) in [
        ("aws:SourceIp", "203.0.113.7"),
        ("aws:SecureTransport", "true"),
        ("aws:CurrentTime", "2026-07-03T12:00:00Z"),
        ("aws:userid", "AIDAEXAMPLE"),
        ("aws:PrincipalTag/team", "payments"),
        ("aws:ResourceTag/team", "payments"),
        ("aws:ResourceTag/env", "prod"),
        ("secretsmanager:SecretId", SECRET),
        ("secretsmanager:VersionStage", "AWSCURRENT"),
    ] {
        context.push(key, value);
    }
    let request =
        Request { principal: &user, action: READ, resource: Some(SECRET), resource_account: None, context: &context };

    println!("10 policies of 20 statements, ten services:");
    decision("  allowed by the last statement", &request, &mixed(allow_read()));
    decision("  allowed under a condition", &request, &mixed(conditional()));
    decision("  allowed by a variable", &request, &mixed(by_variable()));
    decision(
        "  denied, nothing allows",
        &request,
        &mixed(json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})),
    );
    println!("10 policies of 20 statements, all of the service and action asked for:");
    decision("  patterns that fail at their end", &request, &same_service(&resource_statement));
    decision("  conditions that fail", &request, &same_service(&condition_statement));
    println!("One policy of one statement:");
    decision("  allowed", &request, &[named(&json!([allow_read()]))]);
    println!("Largest and worst:");
    decision("  20 KiB of stars and question marks", &long(&request), &[worst()]);

    let document = document(&json!((0..20).map(condition_statement).collect::<Vec<_>>()));
    let text = document.to_string();
    let parse = time(|| Policy::parse(&text, PolicyKind::Identity).map(|_| ()).is_ok());
    println!("Parsing 20 statements ({} bytes){:>24.1} µs", text.len(), micros(parse));
    let mixed = mixed(allow_read());
    let set = PolicySet { identity: &mixed, ..PolicySet::default() };
    let explained = time(|| explain(&request, &set).to_string().is_empty());
    println!("Explaining 200 statements, as text{:>24.1} µs", micros(explained));
    who(&context);
}

/// Who of 10,000 users, each with 10 policies of 20 statements, may read a secret.
fn who(context: &Context<'_>) {
    let users: Vec<_> = (0..10_000)
        .map(|number| Principal::User {
            account: "111122223333".into(),
            arn: format!("arn:aws:iam::111122223333:user/u{number}"),
        })
        .collect();
    let sets: Vec<Vec<NamedPolicy>> = (0..50)
        .map(|number| {
            if number % 5 == 0 {
                mixed(allow_read())
            } else {
                mixed(json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}))
            }
        })
        .collect();
    let start = Instant::now();
    let candidates = users.iter().zip(sets.iter().cycle()).map(|(principal, identity)| Candidate {
        principal,
        policies: PolicySet { identity, ..PolicySet::default() },
        context,
    });
    let able = who_can(READ, Some(SECRET), None, candidates).count();
    println!("Who of 10,000 users may: {able:>6} of them{:>21.1} ms", start.elapsed().as_secs_f64() * 1e3);
}

fn decision(name: &str, request: &Request<'_>, identity: &[NamedPolicy]) {
    let set = PolicySet { identity, ..PolicySet::default() };
    let allowed = evaluate(request, &set).allowed;
    let taken = time(|| evaluate(black_box(request), black_box(&set)).allowed);
    println!("{name:<40} {} {:>10.3} µs", if allowed { "allow" } else { "deny " }, micros(taken));
}

/// The time of one call: the fastest of 20 runs of about 20 ms.
fn time(mut call: impl FnMut() -> bool) -> Duration {
    let start = Instant::now();
    black_box(call());
    let once = start.elapsed().max(Duration::from_nanos(50));
    let calls =
        u32::try_from(Duration::from_millis(20).as_nanos() / once.as_nanos()).unwrap_or(u32::MAX).clamp(1, 200_000);
    let run = |call: &mut dyn FnMut() -> bool| {
        let start = Instant::now();
        for _ in 0..calls {
            black_box(call());
        }
        start.elapsed() / calls
    };
    (0..20).map(|_| run(&mut call)).min().unwrap_or_default()
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

fn document(statements: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn named(statements: &Value) -> NamedPolicy {
    match Policy::parse(&document(statements).to_string(), PolicyKind::Identity) {
        Ok(policy) => NamedPolicy::new("bench", Arc::new(policy)),
        Err(error) => unreachable!("{error}: {}", error.detail()),
    }
}

fn allow_read() -> Value {
    json!({"Effect": "Allow", "Action": "secretsmanager:Get*", "Resource": "arn:aws:secretsmanager:*:*:secret:prod/*"})
}

fn conditional() -> Value {
    json!({
        "Effect": "Allow", "Action": "secretsmanager:Get*", "Resource": "*",
        "Condition": {
            "StringEquals": {"aws:ResourceTag/env": ["dev", "prod"]},
            "IpAddress": {"aws:SourceIp": "203.0.113.0/24"},
            "Bool": {"aws:SecureTransport": "true"},
            "DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"},
        },
    })
}

fn by_variable() -> Value {
    json!({
        "Effect": "Allow", "Action": "secretsmanager:Get*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
    })
}

/// What people have: statements for several services with a few actions each, one of ten a deny under a condition.
fn mixed(last: Value) -> Vec<NamedPolicy> {
    let statement = |number: usize| {
        let service = SERVICES.get(number % SERVICES.len()).copied().unwrap_or_default();
        if number % 10 == 9 {
            return json!({
                "Effect": "Deny", "Action": "*", "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            });
        }
        json!({
            "Effect": "Allow",
            "Action": [format!("{service}:Describe*"), format!("{service}:List*"), format!("{service}:Put{number}")],
            "Resource": format!("arn:aws:{service}:*:111122223333:team-{number}/*").replace("arn:aws:iam:*", "arn:aws:iam:").replace(":team", if service == "iam" { ":role/team" } else { ":team" }),
        })
    };
    let mut statements: Vec<Value> = (0..199).map(statement).collect();
    statements.push(last);
    statements.chunks(20).map(|chunk| named(&json!(chunk))).collect()
}

fn same_service(statement: &dyn Fn(usize) -> Value) -> Vec<NamedPolicy> {
    let statements: Vec<Value> = (0..200).map(statement).collect();
    statements.chunks(20).map(|chunk| named(&json!(chunk))).collect()
}

fn resource_statement(number: usize) -> Value {
    json!({"Effect": "Allow", "Action": READ, "Resource": format!("arn:aws:secretsmanager:*:*:secret:prod/*-{number}-??????")})
}

fn condition_statement(number: usize) -> Value {
    json!({
        "Effect": "Allow", "Action": "secretsmanager:*Value", "Resource": "*",
        "Condition": {"StringLike": {"aws:ResourceTag/team": [format!("team-{number}-*"), "none"]}, "Bool": {"aws:SecureTransport": true}},
    })
}

/// A request with a name of 2,048 characters, all alike.
fn long<'a>(request: &Request<'a>) -> Request<'a> {
    let name: &'static str = Box::leak(format!("arn:aws:s3:::bucket/{}", "a".repeat(2_028)).into_boxed_str());
    Request { resource: Some(name), ..*request }
}

/// Patterns that nearly match everywhere: runs of `a?` searched between stars, and stars by the thousand.
fn worst() -> NamedPolicy {
    let searched = format!("arn:aws:s3:::bucket/*{}b*", "a?".repeat(250));
    let stars = format!("arn:aws:s3:::bucket/{}b", "*a".repeat(1_000));
    let resources: Vec<&str> =
        std::iter::repeat_n(searched.as_str(), 26).chain(std::iter::repeat_n(stars.as_str(), 3)).collect();
    named(&json!([{"Effect": "Allow", "Action": "*", "Resource": resources}]))
}
