//! Events a second, memory and set-up time of the index, beside a straightforward evaluator and the `quamina` crate.
//!
//! `cargo bench --profile dist -p keeptrail-pattern`; the README beside this file says how to read the output.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a benchmark stops at the first surprise"
)]

mod generate;

use std::fs;
use std::process::Command;

use keeptrail_pattern::event::EventPattern;
use keeptrail_pattern::filter::FilterPattern;
use keeptrail_pattern::index::{Index, Scratch};
use quamina::Quamina;

use generate::Random;

/// Nanoseconds this thread has run: other work on the machine does not count.
fn cpu_nanos() -> u64 {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    stat.split(' ').next().unwrap().parse().unwrap()
}

/// Bytes of memory the process has in use.
fn resident() -> u64 {
    let stat = fs::read_to_string("/proc/self/statm").unwrap();
    stat.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

/// Events a second, best of three rounds of at least `budget` nanoseconds; and the matches of the first pass.
fn rate(events: &[String], budget: u64, mut matches: impl FnMut(&str) -> usize) -> (f64, usize) {
    let found: usize = events.iter().map(|event| matches(event)).sum();
    let mut best = 0.0f64;
    for _ in 0..3 {
        let (start, mut done) = (cpu_nanos(), 0u64);
        let spent = loop {
            for event in events.iter().take(200) {
                std::hint::black_box(matches(event));
            }
            done += events.len().min(200) as u64;
            let spent = cpu_nanos() - start;
            if spent >= budget {
                break spent;
            }
        };
        best = best.max(done as f64 * 1e9 / spent as f64);
    }
    (best, found)
}

const BUDGET: u64 = 200_000_000;

fn index_of(rules: &[String]) -> Index<u64> {
    let mut index = Index::new();
    for (key, rule) in (0..).zip(rules) {
        index.insert(key, &EventPattern::parse(rule).unwrap());
    }
    index
}

fn by_index(rules: &[String], events: &[String]) -> (f64, usize) {
    let index = index_of(rules);
    let mut scratch = Scratch::default();
    rate(events, BUDGET, |event| index.matching_with(event, &mut scratch).count())
}

/// Every rule on every event, on `serde_json`'s tree.
fn straightforward(rules: &[String], events: &[String]) -> (f64, usize) {
    let rules: Vec<EventPattern> = rules.iter().map(|rule| EventPattern::parse(rule).unwrap()).collect();
    rate(events, BUDGET, |event| {
        let event = serde_json::from_str(event).unwrap();
        rules.iter().filter(|rule| rule.matches(&event)).count()
    })
}

/// `None` where the crate refuses a rule.
fn by_quamina(rules: &[String], events: &[String]) -> Option<(f64, usize)> {
    let mut quamina: Quamina<u64> = Quamina::new();
    for (key, rule) in (0..).zip(rules) {
        quamina.add_pattern(key, rule).ok()?;
    }
    Some(rate(events, BUDGET, |event| quamina.count_matches(event.as_bytes()).unwrap()))
}

fn row(name: &str, rules: &[String], events: &[String], with_straightforward: bool, with_quamina: bool) {
    let (ours, found) = by_index(rules, events);
    let simple = with_straightforward.then(|| straightforward(rules, events));
    if let Some((_, expected)) = simple {
        assert_eq!(found, expected, "{name}: the index and the evaluator disagree");
    }
    let other = if with_quamina { by_quamina(rules, events) } else { None };
    let simple = simple.map_or("-".to_owned(), |(rate, _)| format!("{:.1}", rate / 1e3));
    let other = other.map_or("-".to_owned(), |(rate, theirs)| {
        let note = if theirs == found { String::new() } else { format!(" (matches {theirs})") };
        format!("{:.1}{note}", rate / 1e3)
    });
    println!("| {name} | {found} | {:.1} | {other} | {simple} |", ours / 1e3);
}

/// Sets up an index in a process of its own, and says what it took: the memory that the index keeps, and thousands of
/// rules a second parsed and added, only added, and removed.
fn memory(shape: &str, count: u64) {
    // Patterns are made and dropped one by one, so what stays is the index.
    let before = resident();
    let mut index = Index::new();
    for key in 0..count {
        index.insert(key, &EventPattern::parse(&generate::trail_rule(shape, key)).unwrap());
    }
    let used = resident().saturating_sub(before);
    assert_eq!(index.len() as u64, count);

    let texts: Vec<String> = (0..count).map(|at| generate::trail_rule(shape, at)).collect();
    let thousands = |work: &mut dyn FnMut()| {
        let start = cpu_nanos();
        work();
        count as f64 * 1e6 / (cpu_nanos() - start) as f64
    };
    let mut again = Index::new();
    let made = thousands(&mut || {
        for (key, text) in (0u64..).zip(&texts) {
            again.insert(key, &EventPattern::parse(text).unwrap());
        }
    });
    let patterns: Vec<EventPattern> = texts.iter().map(|text| EventPattern::parse(text).unwrap()).collect();
    let mut again = Index::new();
    let added = thousands(&mut || {
        for (key, pattern) in (0u64..).zip(&patterns) {
            again.insert(key, pattern);
        }
    });
    let removed = thousands(&mut || {
        for key in 0..count {
            again.remove(&key);
        }
    });
    println!(
        "| {shape} | {count} | {:.1} | {} | {made:.0} | {added:.0} | {removed:.0} |",
        used as f64 / 1e6,
        used / count,
    );
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "memory") {
        return memory(&arguments[at + 1], arguments[at + 2].parse().unwrap());
    }
    if let Some(at) = arguments.iter().position(|argument| argument == "lots") {
        let mut random = Random::new(1);
        let lots: Vec<String> = (0..1_000).map(|_| generate::lot(&mut random)).collect();
        let kinds = generate::five_of_a_kind();
        for (name, rules) in kinds.iter().filter(|(name, _)| arguments.get(at + 1).is_none_or(|only| only == name)) {
            row(name, rules, &lots, false, false);
        }
        return;
    }
    if let Some(at) = arguments.iter().position(|argument| argument == "one") {
        let mut random = Random::new(1);
        let records: Vec<String> = (0..1_000).map(|_| generate::record(&mut random)).collect();
        let count = arguments[at + 2].parse().unwrap();
        let rules: Vec<String> = (0..count).map(|rule| generate::trail_rule(&arguments[at + 1], rule)).collect();
        return row(&arguments[at + 1], &rules, &records, false, false);
    }
    if arguments.iter().any(|argument| argument == "memory-all") {
        return memories(&arguments[0]);
    }
    let only = |section: &str| !arguments.iter().any(|argument| argument == "quick") || section != "slow";

    let mut random = Random::new(1);
    let lots: Vec<String> = (0..1_000).map(|_| generate::lot(&mut random)).collect();
    let records: Vec<String> = (0..1_000).map(|_| generate::record(&mut random)).collect();
    let mean = |events: &[String]| events.iter().map(String::len).sum::<usize>() / events.len();
    println!(
        "city lots: {} bytes, records: {} bytes; thousands of events per CPU second, one thread",
        mean(&lots),
        mean(&records)
    );

    println!("\n| five rules on city lots | matches | index | quamina | evaluator |\n|---|---|---|---|---|");
    for (name, rules) in generate::five_of_a_kind() {
        row(name, &rules, &lots, true, true);
    }

    println!("\n| rules on records | matches | index | quamina | evaluator |\n|---|---|---|---|---|");
    for shape in ["exact", "mixed", "friend", "wild"] {
        for count in [1, 100, 10_000, 100_000] {
            let rules: Vec<String> = (0..count).map(|at| generate::trail_rule(shape, at)).collect();
            // The others are asked up to the size at which a pass over the events still ends soon.
            row(&format!("{shape} {count}"), &rules, &records, count <= 100, count <= 100);
        }
    }

    println!("\n| filters on records | matches | index | one by one |\n|---|---|---|---|");
    for count in [1u64, 10, 100] {
        let filters: Vec<FilterPattern> = (0..count)
            .map(|at| {
                let text = format!(
                    "{{ ($.detail.eventName = \"GetSecretValue\") && ($.detail.requestParameters.secretId = \"team-{:02}/*\") && ($.detail.userIdentity.arn != \"*role-{at:05}*\") }}",
                    at % 40
                );
                FilterPattern::parse(&text).unwrap()
            })
            .collect();
        let mut index = Index::new();
        for (key, filter) in (0u64..).zip(&filters) {
            index.insert(key, filter);
        }
        let mut scratch = Scratch::default();
        let (ours, found) = rate(&records, BUDGET, |event| index.matching_with(event, &mut scratch).count());
        let (simple, expected) = rate(&records, BUDGET, |event| {
            let event = serde_json::from_str(event).unwrap();
            filters.iter().filter(|filter| filter.matches_json(&event).is_some()).count()
        });
        assert_eq!(found, expected);
        println!("| {count} | {found} | {:.1} | {:.1} |", ours / 1e3, simple / 1e3);
    }

    if only("slow") {
        memories(&arguments[0]);
    }
}

fn memories(program: &str) {
    println!(
        "\n| shape | rules | MB | bytes a rule | thousand parsed and added a second | added | removed |\n|---|---|---|---|---|---|---|"
    );
    for shape in ["exact", "mixed", "friend", "wild"] {
        let status = Command::new(program).args(["memory", shape, "100000"]).status().unwrap();
        assert!(status.success());
    }
}
