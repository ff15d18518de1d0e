use std::io::Write as _;
use std::path::PathBuf;

use clap::Parser as _;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::run;
use crate::cli::{Cli, Command, PatternCommand};

const READ: &str = r#"{"eventName": "GetSecretValue", "eventSource": "secretsmanager.amazonaws.com", "latency": 12345678901234567890.5, "requestParameters": {"secretId": "ethos/prod"}}"#;
const LIST: &str =
    r#"{"eventName": "ListSecrets", "eventSource": "secretsmanager.amazonaws.com", "requestParameters": null}"#;

struct File {
    _directory: tempfile::TempDir,
    path: PathBuf,
}

fn file(bytes: &[u8]) -> File {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("events");
    std::fs::write(&path, bytes).unwrap();
    File { _directory: directory, path }
}

/// The exit verdict or message, what is printed, and the notes.
fn test(flags: &[&str], events: &[u8]) -> (Result<bool, String>, String, String) {
    let file = file(events);
    let arguments = ["keeptrail", "pattern", "test"].into_iter().chain(flags.iter().copied());
    let cli = Cli::try_parse_from(arguments.chain([file.path.to_str().unwrap()])).unwrap();
    let Command::Pattern(PatternCommand::Test(args)) = cli.command else { panic!("another command") };
    let (mut out, mut notes) = (Vec::new(), Vec::new());
    let verdict = run(&args, &mut out, &mut notes).map_err(|error| error.to_string());
    (verdict, String::from_utf8(out).unwrap(), String::from_utf8(notes).unwrap())
}

fn test_json(flags: &[&str], events: &[u8]) -> Value {
    let (_, out, _) = test(&[flags, &["--json"]].concat(), events);
    serde_json::from_str(&out).unwrap()
}

#[test]
fn a_filter_says_which_events_match_and_what_it_finds() {
    let events = format!("{READ}\n\n{LIST}\nplain text\n");
    let (verdict, out, notes) = test(&["--filter", "{ $.eventName = Get* && $.latency > 1 }"], events.as_bytes());
    assert_eq!(verdict, Ok(true));
    assert_eq!(notes, "");
    assert_eq!(
        out,
        "EVENT  MATCH  WHAT            VALUES\n    \
         1  yes    GetSecretValue  $.eventName=\"GetSecretValue\" $.latency=\"12345678901234567890.5\"\n    \
         2  no     ListSecrets\n    \
         3  no     plain text\n\
         1 of 3 events match.\n"
    );
}

#[test]
fn nothing_that_matches_is_a_failure() {
    let (verdict, out, _) = test(&["--filter", "-secretsmanager"], READ.as_bytes());
    assert_eq!(verdict, Ok(false));
    assert!(out.ends_with("0 of 1 events match.\n"), "{out}");
}

#[test]
fn every_kind_of_file_is_read() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(format!("{{\"Records\": [{READ}, {LIST}]}}").as_bytes()).unwrap();
    let pretty = serde_json::to_string_pretty(&serde_json::from_str::<Value>(READ).unwrap()).unwrap();
    for (events, count) in [
        (format!("{READ}\n{LIST}\n").into_bytes(), 2),
        (format!("[{READ}, {LIST}]").into_bytes(), 2),
        (format!("{{\"Records\": [{READ}, {LIST}]}}").into_bytes(), 2),
        (packed.finish().unwrap(), 2),
        (pretty.into_bytes(), 1),
    ] {
        let result = test_json(&["--filter", "{ $.eventName = GetSecretValue }"], &events);
        assert_eq!((&result["events"], &result["matched"]), (&json!(count), &json!(1)), "{result}");
        assert_eq!(result["results"][0]["extractedValues"], json!({"$.eventName": "GetSecretValue"}));
    }
}

#[test]
fn event_patterns_come_as_json_or_in_a_file() {
    let pattern = r#"{"detail": {"eventName": [{"prefix": "Get"}]}}"#;
    let event = format!(r#"{{"source": "aws.secretsmanager", "detail": {READ}}}"#);
    assert_eq!(test(&["--event-pattern", pattern], event.as_bytes()).0, Ok(true));
    let stored = file(pattern.as_bytes());
    assert_eq!(test(&["--event-pattern", stored.path.to_str().unwrap()], event.as_bytes()).0, Ok(true));
    let (verdict, _, notes) = test(&["--event-pattern", pattern], READ.as_bytes());
    assert_eq!(verdict, Ok(false));
    assert!(notes.starts_with("warning: the events look like CloudTrail records"), "{notes}");
}

#[test]
fn selectors_come_as_a_list_or_as_the_calls_have_them() {
    let basic = r#"[{"ReadWriteType": "All"}]"#;
    let advanced = r#"{"TrailARN": "x", "AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::SecretsManager::Secret"]}]}]}"#;
    let by_name = r#"[{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "eventName", "Equals": ["ListSecrets"]}]}]"#;
    let events = format!("{READ}\n{LIST}");
    assert_eq!(test_json(&["--selectors", basic], events.as_bytes())["matched"], 2);
    assert_eq!(test_json(&["--selectors", advanced], events.as_bytes())["matched"], 1);
    assert_eq!(test_json(&["--selectors", by_name, "--data-store"], events.as_bytes())["matched"], 1);
    assert_eq!(
        test(&["--selectors", by_name], b"").0,
        Err("Field eventName is not supported for eventCategory Management.".to_owned())
    );
    assert_eq!(
        test(&["--selectors", r#"[{"FieldSelectors": [{"Feld": "x"}]}]"#], b"").0,
        Err("the selectors are not a JSON list of selectors: there is no member `Feld`".to_owned())
    );
}

#[test]
fn filters_on_the_secret_id_are_warned_of() {
    for (filter, warned) in [
        (r#"{ $.requestParameters.secretId = "ethos/*" }"#, true),
        (r#"{ $.requestParameters.secretId = "ethos/*" || $.resources[0].ARN = "*:secret:ethos/*" }"#, false),
        (r#"{ $.eventName = GetSecretValue }"#, false),
    ] {
        let (_, _, notes) = test(&["--filter", filter], READ.as_bytes());
        assert_eq!(notes.contains("requestParameters.secretId, which holds what the caller sent"), warned, "{filter}");
    }
    let pattern = r#"{"detail": {"requestParameters": {"secretId": ["x"]}}}"#;
    let warnings = test_json(&["--event-pattern", pattern], br#"{"detail": {}}"#)["warnings"].clone();
    assert_eq!(warnings.as_array().unwrap().len(), 1);
}

#[test]
fn what_cannot_be_read_is_said() {
    for (flags, events, message) in [
        (
            &["--filter", "{ $.a }"][..],
            "",
            "the filter pattern is not valid at character 7: expected a comparison such as `=` or `!=`, found `}`",
        ),
        (
            &["--event-pattern", "{}"],
            "",
            "Event pattern is not valid. Reason: Empty objects are not allowed\n at [Source: (String)\"{}\"; line: 1, column: 3]",
        ),
        (&["--event-pattern", "no/such/file"], "", "cannot read no/such/file: No such file or directory (os error 2)"),
        (
            &["--event-pattern", r#"{"a": [1]}"#],
            "{\"a\": 1}\n{\"a\": }",
            "event 2 is not valid JSON at byte 6: expected a value",
        ),
    ] {
        assert_eq!(test(flags, events.as_bytes()).0, Err(message.to_owned()));
    }
}

#[test]
fn one_kind_of_pattern_must_be_given() {
    for flags in [&[][..], &["--filter", "x", "--event-pattern", "{}"], &["--filter", "x", "--data-store"]] {
        let arguments = ["keeptrail", "pattern", "test"].into_iter().chain(flags.iter().copied()).chain(["events"]);
        assert!(Cli::try_parse_from(arguments).is_err(), "{flags:?}");
    }
}
