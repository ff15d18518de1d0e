use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;

use super::*;
use crate::Kind;

const A: &str = r#"{"eventVersion":"1.08","eventName":"GetSecretValue","userAgent":"a \"quoted\\ } name"}"#;
const B: &str = r#"{"eventVersion":"1.01","eventName":"Put","requestParameters":{"a":[1,{"b":"]}"}]}}"#;

/// Gives one byte after another, so that every state meets the end of the bytes at hand.
struct Trickle<'a>(&'a [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(&mut bytes[..1])
    }
}

fn read(content: &[u8]) -> (Vec<String>, Vec<FaultReason>) {
    let limits = Limits::default();
    let whole = drain(Records::new(content, content.len() as u64, &limits));
    let trickled = drain(Records::new(Trickle(content), content.len() as u64, &limits));
    assert_eq!(whole, trickled, "reading in small steps gives the same");
    whole
}

fn drain<R: Read>(mut records: Records<R>) -> (Vec<String>, Vec<FaultReason>) {
    let (mut texts, mut faults) = (Vec::new(), Vec::new());
    loop {
        match records.next() {
            Ok(Some(text)) => texts.push(text.to_owned()),
            Ok(None) => return (texts, faults),
            Err(fault) => faults.push(fault.reason),
        }
    }
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn every_shape_gives_the_same_records() {
    let shapes = [
        format!(r#"{{"Records":[{A},{B}]}}"#),
        format!("{{\n  \"Records\" : [\n {A} ,\n{B}\n]\n}}\n"),
        format!(r#"{{"owner":"1","Records":[{A},{B}],"more":{{"x":[]}}}}"#),
        format!("[{A},{B}]"),
        format!("[\n{A},\n{B}\n]\n"),
        format!("{A}\n{B}\n"),
        format!("{A}\r\n\r\n{B}"),
        format!("{A}{B}"),
        format!("\u{feff}[{A},{B}]"),
        format!(r#"{{"Records":[{A}]}}{{"Records":[{B}]}}"#),
    ];
    for shape in shapes {
        assert_eq!(read(shape.as_bytes()), (vec![A.to_owned(), B.to_owned()], vec![]), "{shape}");
        assert_eq!(read(&gzip(shape.as_bytes())).0, [A, B], "compressed: {shape}");
    }
}

#[test]
fn what_is_ahead_may_be_read_before_its_ends_are_looked_for() {
    let content = format!(r#"{{"Records":[{A},{B},{A},{B}],"more":1}}"#);
    let mut records = Records::new(content.as_bytes(), content.len() as u64, &Limits::default());
    assert!(records.ahead().is_empty(), "the array has not begun");
    assert_eq!(records.next().unwrap(), Some(A));
    let two = format!(",{B},{A}");
    assert!(records.ahead().starts_with(two.as_bytes()));
    records.pass(two.len());
    assert_eq!(records.next().unwrap(), Some(B));
    records.pass(0);
    assert_eq!(records.next().unwrap(), None);
    assert!(records.ahead().is_empty(), "the array has ended");
}

#[test]
fn gzip_members_follow_one_another() {
    let mut file = gzip(format!("{A}\n").as_bytes());
    file.extend(gzip(B.as_bytes()));
    assert_eq!(read(&file), (vec![A.to_owned(), B.to_owned()], vec![]));
}

#[test]
fn a_file_cut_short_gives_what_is_whole_and_says_so() {
    let wrapped = format!(r#"{{"Records":[{A},{B}"#);
    assert_eq!(read(wrapped.as_bytes()), (vec![A.to_owned(), B.to_owned()], vec![FaultReason::Truncated]));
    assert_eq!(read(&wrapped.as_bytes()[..wrapped.len() - 3]), (vec![A.to_owned()], vec![FaultReason::Truncated]));
    let packed = gzip(format!("{A}\n{B}\n").as_bytes());
    let (texts, faults) = read(&packed[..packed.len() - 6]);
    assert_eq!((texts.len(), faults), (2, vec![FaultReason::Truncated]));
}

#[test]
fn a_broken_line_costs_only_itself() {
    let lines = format!("{A}\n{{\"eventVersion\":\"1.08\",\"eventName\":{{\n{B}\n");
    assert_eq!(read(lines.as_bytes()), (vec![A.to_owned(), B.to_owned()], vec![FaultReason::Truncated]));
    let lines = format!("{A}\nnonsense\n{B}\n");
    assert_eq!(read(lines.as_bytes()), (vec![A.to_owned(), B.to_owned()], vec![FaultReason::NotJson]));
    let elements = format!("[{A},null,{B}]");
    assert_eq!(read(elements.as_bytes()), (vec![A.to_owned(), B.to_owned()], vec![FaultReason::NotJson]));
}

#[test]
fn other_kinds_are_told_by_their_content() {
    let digest = r#"{"awsAccountId":"1","digestStartTime":"2023-07-10T12:00:00Z","logFiles":[]}"#;
    let config = r#"{"fileVersion":"1.0","configurationItems":[{"eventName":"x"}]}"#;
    assert_eq!(read(digest.as_bytes()).1, [FaultReason::Other(Kind::Digest)]);
    assert_eq!(read(config.as_bytes()).1, [FaultReason::Other(Kind::Config)]);
    assert_eq!(read(br#"{"hello":"world"}"#).1, [FaultReason::Other(Kind::Unknown)]);
    assert_eq!(read(b"\x00\x01binary").1, [FaultReason::NotJson]);
    assert_eq!(read(b""), (vec![], vec![]));
    assert_eq!(read(br#"{"Records":[]}"#), (vec![], vec![]));
}

#[test]
fn a_bomb_is_refused_after_a_bounded_part_of_it() {
    let limits = Limits { free: 1 << 18, ..Limits::default() };
    let line = |number: u64| {
        format!("{{\"eventName\":\"Put\",\"eventID\":\"{:016x}\"}}\n", number.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    };
    let large = gzip((0..10_000).map(line).collect::<String>().as_bytes());
    assert_eq!(drain(Records::new(&large[..], large.len() as u64, &limits)).1, [], "a large archive is no bomb");

    let bomb = gzip(&vec![b' '; 2 << 20]);
    let (texts, faults) = drain(Records::new(&bomb[..], bomb.len() as u64, &limits));
    assert!(texts.is_empty());
    assert!(matches!(faults[..], [FaultReason::Bomb { .. }]), "{faults:?}");
}

#[test]
fn one_endless_record_does_not_fill_the_memory() {
    let limits = Limits { record: 1 << 20, ..Limits::default() };
    let content = format!(r#"[{A},{{"a":"{}"#, "x".repeat(8 << 20));
    let mut records = Records::new(content.as_bytes(), content.len() as u64, &limits);
    assert_eq!(records.next().unwrap(), Some(A));
    assert_eq!(records.next().unwrap_err().reason, FaultReason::TooLarge(1 << 20));
    assert_eq!(records.next().unwrap(), None);
    assert!(records.into_buffer().len() < 8 << 20);
}

#[test]
fn text_that_is_not_utf8_costs_one_record() {
    let content = [b"[{\"a\":\"\xff\"},", B.as_bytes(), b"]"].concat();
    assert_eq!(read(&content), (vec![B.to_owned()], vec![FaultReason::NotUtf8]));
}

proptest! {
    #[test]
    fn no_content_makes_it_panic_or_run_on(content in prop::collection::vec(prop::sample::select(b"{}[]\",:\\\n Rrecordsnul1\x1f\x8b".to_vec()), 0..64)) {
        read(&content);
    }

    #[test]
    fn a_cut_anywhere_loses_no_whole_record_before_it(cut in 0usize..400) {
        let whole = format!("{A}\n{B}\n{A}\n{B}\n");
        let cut = cut.min(whole.len());
        let (texts, _) = read(&whole.as_bytes()[..cut]);
        let expected = [A, B, A, B];
        let complete = whole.get(..cut).unwrap().matches("\n").count();
        prop_assert!(texts.len() >= complete);
        prop_assert_eq!(&texts[..], &expected[..texts.len()]);
    }
}
