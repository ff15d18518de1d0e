//! Ends that a crash tore, and damage that is none of a crash's.

use std::fs;

use proptest::prelude::*;

use super::*;
use crate::FaultKind;

#[tokio::test]
async fn a_journal_reads_back_after_a_restart() {
    let home = Home::filled(500, 20).await;
    assert!(home.segments().len() > 3);
    let journal = home.open();
    assert_eq!(journal.head(), 20);
    assert_eq!(ids(&journal).await, numbered(1, 20));
    append(&journal, 21, 25).await;
    drop(journal);
    assert_eq!(ids(&home.open()).await, numbered(1, 25));
    let report = home.verify();
    assert_eq!((report.entries, report.first, report.last, report.fault), (25, 1, 25, None));
}

#[tokio::test]
async fn an_end_torn_at_any_byte_of_the_last_line_is_cut_off_and_appended_to() {
    let home = Home::filled(1 << 20, 3).await;
    let path = home.segments().remove(0);
    let whole = fs::read(&path).unwrap();
    let last_line = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for cut in last_line..whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        let journal = home.open();
        assert_eq!((journal.head(), journal.status().intact), (2, true), "cut at {cut}");
        assert_eq!(journal.append(vec![record("again")]).await, Ok(3));
        assert_eq!(ids(&journal).await, ["id-1", "id-2", "again"]);
        drop(journal);
        assert_eq!(home.verify().fault, None);
        assert_eq!(home.segments().len(), 1);
    }
}

#[tokio::test]
async fn pages_of_the_last_batch_that_never_reached_the_disk_are_cut_off() {
    let home = Home::filled(1 << 20, 10).await;
    let path = home.segments().remove(0);
    let mut content = fs::read(&path).unwrap();
    let hole = content.len() / 2;
    content[hole..hole + 300].fill(0);
    fs::write(&path, content).unwrap();
    let journal = home.open();
    assert!(journal.status().intact);
    let kept = usize::try_from(journal.head()).unwrap();
    assert!((1..9).contains(&kept));
    assert_eq!(ids(&journal).await, numbered(1, kept));
    append(&journal, kept + 1, 12).await;
    drop(journal);
    assert_eq!(home.verify().fault, None);
}

#[tokio::test]
async fn damage_in_the_last_segment_is_reported_and_the_journal_goes_on_in_a_new_one() {
    let home = Home::filled(1 << 20, 9).await;
    let path = home.segments().remove(0);
    let content = fs::read_to_string(&path).unwrap().replace("\"id-4\"", "\"id-x\"");
    fs::write(&path, content).unwrap();
    let journal = home.open();
    assert_eq!(kinds(&journal), ["modified"]);
    assert!(!journal.status().intact);
    assert!(journal.faults()[0].detail.contains("line 5"), "{:?}", journal.faults());
    append(&journal, 10, 12).await;
    assert_eq!(home.segments().len(), 2);
    let mut expected = numbered(1, 12);
    expected.remove(3);
    assert_eq!(ids(&journal).await, expected, "what is not what was written is not handed on");
    drop(journal);
    let fault = home.verify().fault.unwrap();
    assert_eq!((fault.line, fault.seq), (5, Some(4)));
    assert_eq!(home.open().head(), 12);
}

#[tokio::test]
async fn a_garbled_line_does_not_give_its_number_away_again() {
    let home = Home::filled(1 << 20, 5).await;
    let path = home.segments().remove(0);
    let mut lines: Vec<String> = fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect();
    lines[3] = "garbage".to_owned();
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    let journal = home.open();
    assert_eq!(kinds(&journal), ["modified"]);
    append(&journal, 6, 6).await;
    // The entry after the garbage cannot be proven.
    assert_eq!(ids(&journal).await, ["id-1", "id-2", "id-5", "id-6"]);
}

#[tokio::test]
async fn a_missing_segment_is_reported_and_the_rest_is_read() {
    let home = Home::filled(400, 12).await;
    let segments = home.segments();
    fs::remove_file(&segments[1]).unwrap();
    let journal = home.open();
    assert_eq!(kinds(&journal), ["deleted"]);
    let read = ids(&journal).await;
    assert!(read.starts_with(&numbered(1, 2)) && read.ends_with(&numbered(9, 12)), "{read:?}");
    append(&journal, 13, 13).await;
    drop(journal);
    let fault = home.verify().fault.unwrap();
    assert!(fault.what.contains("missing"), "{fault:?}");
    assert_eq!(fault.segment, segments[2].file_name().unwrap().to_str().unwrap());
}

#[tokio::test]
async fn a_damaged_header_is_reported_and_the_journal_goes_on() {
    for which in [0, 1, 2] {
        let home = Home::filled(400, 8).await;
        let segments = home.segments();
        let which = [0, 1, segments.len() - 1][which];
        let content = fs::read_to_string(&segments[which]).unwrap();
        fs::write(&segments[which], content.replacen("\"version\":1", "\"version\":7", 1)).unwrap();
        let journal = home.open();
        assert_eq!(kinds(&journal), ["modified"], "{which}");
        assert_eq!(journal.head(), 8);
        append(&journal, 9, 10).await;
        assert!(ids(&journal).await.ends_with(&numbered(9, 10)));
        drop(journal);
        assert_eq!(home.verify().fault.unwrap().line, 1);
    }
}

#[tokio::test]
async fn a_sealed_segment_cut_short_is_reported() {
    let home = Home::filled(400, 8).await;
    let first = home.segments().remove(0);
    let content = fs::read(&first).unwrap();
    fs::write(&first, &content[..content.len() - 20]).unwrap();
    let journal = home.open();
    assert_eq!(kinds(&journal), ["truncated"]);
    append(&journal, 9, 9).await;
    assert!(ids(&journal).await.ends_with(&numbered(4, 9)));
    drop(journal);
    assert!(home.verify().fault.is_some());
}

#[tokio::test]
async fn an_emptied_last_segment_is_reported_and_kept_aside() {
    let home = Home::filled(400, 8).await;
    let last = home.segments().pop().unwrap();
    fs::write(&last, b"").unwrap();
    let journal = home.open();
    assert_eq!(kinds(&journal), ["truncated"]);
    let head = journal.head();
    journal.append(vec![record("next")]).await.unwrap();
    assert_eq!(ids(&journal).await.len() as u64, head + 1);
    assert_eq!(fs::metadata(format!("{}.foreign-1", last.display())).unwrap().len(), 0);
}

#[tokio::test]
async fn two_processes_cannot_have_the_same_journal() {
    let home = Home::new(1000);
    let journal = home.open();
    let second = Journal::open(&home.path(), Options::default(), home.clock.clock());
    assert_eq!(second.err(), Some(crate::JournalError::Locked));
    drop(journal);
    drop(home.open());
}

#[tokio::test]
async fn files_are_for_the_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::filled(400, 5).await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&home.path()), 0o700);
    for segment in home.segments() {
        assert_eq!(mode(&segment), 0o600);
    }
}

#[tokio::test]
async fn an_anchor_shows_an_end_that_is_missing_and_a_history_written_anew() {
    let home = Home::filled(1 << 20, 6).await;
    let journal = home.open();
    let head = journal.head_anchor();
    let middle = crate::Anchor { seq: 3, hash: journal.hash_at(3).await.unwrap().unwrap() };
    drop(journal);
    let check = |anchor| crate::verify_against(&home.path(), anchor).unwrap().fault;
    assert_eq!((check(head), check(middle)), (None, None));
    assert_eq!(check(crate::Anchor { seq: 3, hash: head.hash }).unwrap().seq, Some(3));
    assert_eq!(check(crate::Anchor { seq: 6, hash: middle.hash }).unwrap().seq, Some(6));

    let path = home.segments().remove(0);
    let content = fs::read_to_string(&path).unwrap();
    let cut: Vec<&str> = content.split_inclusive('\n').take(5).collect();
    fs::write(&path, cut.concat()).unwrap();
    assert_eq!(home.verify().fault, None, "the chain alone cannot tell");
    assert_eq!(check(head).unwrap().seq, Some(5));
    assert_eq!(check(middle), None);
}

#[tokio::test]
async fn numbers_that_a_reader_remembers_are_not_given_again() {
    let home = Home::filled(1 << 20, 6).await;
    let journal = home.open();
    let head = journal.head_anchor();
    let beyond = crate::Anchor { seq: 9, hash: head.hash };
    assert_eq!(journal.raise(head).await, Ok(false));
    assert_eq!(journal.raise(beyond).await, Ok(true));
    assert_eq!(journal.faults()[0].kind, FaultKind::Truncated);
    assert_eq!(journal.append(vec![record("next")]).await, Ok(10));
    assert_eq!(ids(&journal).await.last().unwrap(), "next");
    drop(journal);
    let journal = home.open();
    assert_eq!(journal.append(vec![record("more")]).await, Ok(11));
    assert_eq!(kinds(&journal), ["deleted"], "the gap stays visible");
}

/// A small journal of several segments, made once.
fn sample() -> &'static Vec<(String, Vec<u8>)> {
    static SAMPLE: std::sync::OnceLock<Vec<(String, Vec<u8>)>> = std::sync::OnceLock::new();
    SAMPLE.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let home = runtime.block_on(Home::filled(500, 9));
        let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        home.segments().iter().map(|path| (name(path), fs::read(path).unwrap())).collect()
    })
}

/// The records that verification vouches for.
fn vouched(dir: &Path) -> Vec<Vec<u8>> {
    let mut segments: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|item| item.unwrap().path()).collect();
    segments.sort();
    let lines = segments.iter().map(|path| fs::read(path).unwrap()).collect::<Vec<_>>().concat();
    let lines = lines.split(|byte| *byte == b'\n');
    lines.filter_map(|line| crate::parse_entry(line).map(|entry| entry.record.to_vec())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_changed_byte_is_found_or_changes_no_record(
        segment in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let dir = tempfile::tempdir().unwrap();
        for (name, content) in sample() {
            fs::write(dir.path().join(name), content).unwrap();
        }
        let before = vouched(dir.path());
        let (name, content) = segment.get(sample());
        let mut changed = content.clone();
        let at = at.index(content.len());
        prop_assume!(changed[at] != byte);
        changed[at] = byte;
        fs::write(dir.path().join(name), changed).unwrap();
        let report = crate::verify(dir.path()).unwrap();
        if report.fault.is_none() && report.unfinished_bytes == 0 {
            prop_assert_eq!(vouched(dir.path()), before);
            prop_assert_eq!(report.entries, 9);
        }
    }
}
