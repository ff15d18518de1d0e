//! Every operation that the server carries out: nobody runs it unsigned or without the right to it, every call of it is on
//! the trail, what is not a member of it is refused, and its record names nothing that AWS calls sensitive.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::support::{
    caller::{Answer, Request},
    encoding, eventually, journal,
    server::{ACCOUNT, BINARY, Server},
};

/// An input for each operation that asks for more than `{}`: good enough to be understood, no more. For buckets: the
/// request's line, body and one header.
const INPUTS: &str = include_str!("inputs.json");
/// The members that AWS's models mark as sensitive.
const SENSITIVE: &str = include_str!("sensitive.txt");
/// What is reviewed to be otherwise, with the reason.
const EXCEPTIONS: &str = include_str!("exceptions.txt");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Service {
    name: String,
    signing_name: String,
    event_source: String,
    protocols: Vec<String>,
    target: Option<String>,
    version: Option<String>,
    cbor: Option<String>,
    operations: Vec<Operation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Operation {
    name: String,
    event_name: String,
    action: String,
    allowed: String,
    request: Vec<String>,
    response: Vec<String>,
}

/// One way to call one operation.
struct Case<'a> {
    service: &'a Service,
    operation: &'a Operation,
    protocol: &'a str,
    input: Value,
}

fn table() -> Vec<Service> {
    let output = std::process::Command::new(BINARY).args(["operations", "--json"]).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Every operation in every protocol of its service.
fn cases(table: &[Service]) -> Vec<Case<'_>> {
    let inputs: Value = serde_json::from_str(INPUTS).unwrap();
    let mut cases = Vec::new();
    for service in table {
        for operation in &service.operations {
            let input = inputs[&service.name].get(&operation.name).cloned().unwrap_or_else(|| json!({}));
            for protocol in &service.protocols {
                cases.push(Case { service, operation, protocol, input: input.clone() });
            }
        }
    }
    cases
}

impl Case<'_> {
    fn name(&self) -> String {
        format!("{} {}", self.service.name, self.operation.name)
    }

    fn request(&self, input: &Value) -> Request {
        let (service, name) = (self.service.signing_name.as_str(), self.operation.name.as_str());
        match self.protocol {
            "json" => Request::json(service, self.service.target.as_ref().unwrap(), name, input.to_string()),
            "query" => Request::query(service, self.service.version.as_ref().unwrap(), name, input),
            "cbor" => Request::cbor(service, self.service.cbor.as_ref().unwrap(), name, encoding::cbor(input)),
            _ => self.bucket_request(),
        }
    }

    fn bucket_request(&self) -> Request {
        let [line, rest @ ..] =
            self.input.as_array().unwrap_or_else(|| panic!("inputs.json: {}", self.name())).as_slice()
        else {
            panic!("inputs.json: {}", self.name())
        };
        let (method, path) = line.as_str().unwrap().split_once(' ').unwrap();
        let mut request = Request::new("s3", method.parse().unwrap(), path);
        if let Some(header) = rest.get(1) {
            let (name, value) = header.as_str().unwrap().split_once(": ").unwrap();
            request = request.header(name, value);
        }
        request.body(rest.first().and_then(Value::as_str).unwrap_or_default())
    }

    /// The same input with a member that no operation has.
    fn with_unknown_member(&self) -> Value {
        let mut input = self.input.as_object().cloned().unwrap_or_else(Map::new);
        input.insert("NoSuchMember".to_owned(), json!("x"));
        Value::Object(input)
    }
}

/// What is not as it should be; all of it is told at the end.
#[derive(Default)]
struct Findings(Vec<String>);

impl Findings {
    fn expect(&mut self, good: bool, case: &Case<'_>, what: &str, seen: &dyn std::fmt::Display) {
        if !good {
            self.0.push(format!("{} by {}: {what}: {seen}", case.name(), case.protocol));
        }
    }

    /// A refused call's record: of this operation, without anything that came with the call.
    fn record(&mut self, case: &Case<'_>, record: &Value) {
        self.expect(record["eventName"] == json!(case.operation.event_name), case, "another eventName", record);
        self.expect(record["eventSource"] == json!(case.service.event_source), case, "another eventSource", record);
        self.expect(record["requestParameters"].is_null(), case, "requestParameters", record);
        self.expect(record["responseElements"].is_null(), case, "responseElements", record);
    }

    fn tell(self) {
        assert!(self.0.is_empty(), "{} findings:\n{}", self.0.len(), self.0.join("\n"));
    }
}

/// Whether the exceptions name this: `unsigned sns ConfirmSubscription: why`.
fn excepted(kind: &str, name: &str) -> bool {
    EXCEPTIONS.lines().any(|line| line.split(':').next() == Some(&format!("{kind} {name}")))
}

/// The records once those of all these calls are there.
async fn recorded<C>(server: &Server, answers: &[(C, Answer)]) -> HashMap<String, Value> {
    eventually("the records are in the journal", async || {
        let records = journal::by_request(server.data());
        answers.iter().all(|(_, answer)| records.contains_key(&answer.id())).then_some(records)
    })
    .await
}

#[tokio::test]
async fn unsigned_calls_are_refused_and_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("data"));
    let table = table();
    let (anonymous, mut findings, mut answers) = (server.root(), Findings::default(), Vec::new());
    for case in cases(&table) {
        let answer = anonymous.unsigned(case.request(&case.input)).await.unwrap();
        if excepted("unsigned", &case.name()) {
            continue;
        }
        findings.expect(case.operation.allowed != "anyone", &case, "not reviewed", &case.operation.allowed);
        findings.expect([400, 403].contains(&answer.status), &case, "status", &answer.status);
        // An answer to HEAD has no body.
        let codes = ["MissingAuthenticationTokenException", "MissingAuthenticationToken", "AccessDenied"];
        let refused = answer.body.is_empty() || codes.contains(&answer.code().as_str());
        findings.expect(refused, &case, "not refused", &answer.text());
        answers.push((case, answer));
    }
    let records = recorded(&server, &answers).await;
    for (case, answer) in &answers {
        let record = &records[&answer.id()];
        findings.record(case, record);
        let nobody = record["userIdentity"]["accountId"] == "ANONYMOUS_PRINCIPAL";
        findings.expect(nobody, case, "another identity", record);
    }
    findings.tell();
}

#[tokio::test]
async fn callers_without_rights_are_denied_in_the_words_of_aws_and_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("data"));
    let table = table();
    let nobody = server.root().new_user("nobody", None).await;
    let (mut findings, mut answers) = (Findings::default(), Vec::new());
    for case in cases(&table) {
        if excepted("without-rights", &case.name()) {
            continue;
        }
        findings.expect(case.operation.allowed == "policy", &case, "not reviewed", &case.operation.allowed);
        let answer = nobody.send(case.request(&case.input)).await;
        answers.push((case, answer));
    }
    let records = recorded(&server, &answers).await;
    for (case, answer) in &answers {
        denied(&mut findings, case, answer, &records[&answer.id()]);
    }
    findings.tell();
}

fn denied(findings: &mut Findings, case: &Case<'_>, answer: &Answer, record: &Value) {
    let codes = ["AccessDeniedException", "AccessDenied", "AuthorizationError"];
    let refused = answer.body.is_empty() || codes.contains(&answer.code().as_str());
    findings.expect(refused, case, "not denied", &answer.text());
    findings.record(case, record);
    findings.expect(record["errorCode"] == "AccessDenied", case, "another errorCode", record);
    findings.expect(record["userIdentity"]["userName"] == "nobody", case, "another identity", record);
    let message = record["errorMessage"].as_str().unwrap_or_default();
    let start = format!("User: arn:aws:iam::{ACCOUNT}:user/nobody is not authorized to perform: ");
    let worded = message.starts_with(&start) && message.contains("because no identity-based policy allows the ");
    findings.expect(worded, case, "not the words of AWS", &message);
    let action = &case.operation.action;
    let named = message.contains(action.as_str()) || excepted("other-action", &case.name());
    findings.expect(named, case, "another action", &message);
}

#[tokio::test]
async fn unknown_members_are_refused_and_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("data"));
    let table = table();
    let (root, mut findings, mut answers) = (server.root(), Findings::default(), Vec::new());
    for case in cases(&table).into_iter().filter(|case| case.protocol != "rest-xml") {
        let answer = root.send(case.request(&case.with_unknown_member())).await;
        let code = answer.code();
        let refused = answer.status == 400 && ["SerializationException", "MalformedInput"].contains(&code.as_str());
        let told = refused && answer.text().contains("unknown member");
        findings.expect(told, &case, "not refused", &answer.text());
        answers.push((case, answer));
    }
    let records = recorded(&server, &answers).await;
    for (case, answer) in &answers {
        let record = &records[&answer.id()];
        findings.record(case, record);
        let told = record["errorMessage"].as_str().is_some_and(|message| message.contains("unknown member"));
        findings.expect(told, case, "another error", record);
    }
    findings.tell();
}

#[test]
fn no_record_shows_what_aws_calls_sensitive() {
    let table = table();
    let mut seen = 0;
    for line in SENSITIVE.lines().filter(|line| !line.starts_with('#')) {
        let [service, operation, kind, paths @ ..] = line.split(' ').collect::<Vec<_>>().leak() else {
            panic!("{line}")
        };
        let service = table.iter().find(|known| known.name == *service).unwrap();
        let Some(known) = service.operations.iter().find(|known| known.name == *operation) else { continue };
        let shown = if *kind == "request" { &known.request } else { &known.response };
        for path in paths {
            seen += 1;
            let member = path.split('.').next().unwrap();
            let named = shown.iter().any(|shown| shown == member);
            let reviewed = excepted("sensitive", &format!("{} {operation} {kind} {path}", service.name));
            assert!(!named || reviewed, "{line}: {member} is on the record");
        }
    }
    assert!(seen > 30, "the list was read: {seen}");
}

#[test]
fn no_exception_and_no_input_is_left_over() {
    let table = table();
    let known = |service: &str, operation: &str| {
        let service = table.iter().find(|known| known.name == service);
        service.is_some_and(|service| service.operations.iter().any(|known| known.name == operation))
    };
    for line in EXCEPTIONS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let words: Vec<_> = line.split([' ', ':']).collect();
        assert!(known(words[1], words[2]), "{line}");
    }
    let inputs: Map<String, Value> = serde_json::from_str(INPUTS).unwrap();
    for (service, operations) in &inputs {
        for operation in operations.as_object().unwrap().keys() {
            assert!(known(service, operation), "inputs.json: {service} {operation}");
        }
    }
}
