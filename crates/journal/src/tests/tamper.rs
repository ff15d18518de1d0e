//! Files that somebody touches while the journal runs.

use std::{
    fs,
    io::{Seek, SeekFrom, Write},
    sync::{Arc, Mutex},
};

use super::*;

/// Writes over a file in place.
fn overwrite(path: &Path, at: u64, bytes: &[u8]) {
    let mut file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(bytes).unwrap();
}

/// Runs a journal whose open segment holds five records, lets `touch` do its work on it, and expects the fault to be
/// noticed by the next append and no record to be lost.
async fn open_segment(touch: impl FnOnce(&Path), kind: &str) {
    let home = Home::new(1 << 20);
    let journal = home.open();
    append(&journal, 1, 5).await;
    touch(&home.segments()[0]);
    append(&journal, 6, 7).await;
    assert_eq!(kinds(&journal), [kind]);
    assert_eq!(ids(&journal).await, numbered(1, 7));
    drop(journal);
    let report = home.verify();
    assert_eq!((report.entries, report.last, report.fault), (7, 7, None));
    let journal = home.open();
    assert_eq!(ids(&journal).await, numbered(1, 7));
    assert!(journal.status().intact);
}

#[tokio::test]
async fn a_deleted_open_segment_is_restored() {
    open_segment(|path| fs::remove_file(path).unwrap(), "deleted").await;
}

#[tokio::test]
async fn a_renamed_open_segment_is_restored() {
    open_segment(|path| fs::rename(path, path.with_extension("old")).unwrap(), "deleted").await;
}

#[tokio::test]
async fn a_replaced_open_segment_is_restored() {
    open_segment(
        |path| {
            fs::copy(path, path.with_extension("copy")).unwrap();
            fs::rename(path.with_extension("copy"), path).unwrap();
        },
        "replaced",
    )
    .await;
}

#[tokio::test]
async fn a_truncated_open_segment_is_restored_from_memory() {
    open_segment(|path| fs::File::options().write(true).open(path).unwrap().set_len(10).unwrap(), "truncated").await;
}

#[tokio::test]
async fn an_edited_open_segment_is_restored_from_memory() {
    open_segment(|path| overwrite(path, 300, b"X"), "modified").await;
}

#[tokio::test]
async fn lines_added_by_somebody_else_are_removed() {
    open_segment(|path| overwrite(path, fs::metadata(path).unwrap().len(), b"{\"seq\":6}\n"), "modified").await;
}

#[tokio::test]
async fn a_deleted_directory_is_made_again() {
    open_segment(|path| fs::remove_dir_all(path.parent().unwrap()).unwrap(), "deleted").await;
}

#[tokio::test]
async fn the_impostor_is_kept_as_evidence() {
    let home = Home::new(1 << 20);
    let journal = home.open();
    append(&journal, 1, 2).await;
    let path = home.segments().remove(0);
    for n in 1..=2 {
        fs::remove_file(&path).unwrap();
        fs::write(&path, format!("impostor {n}")).unwrap();
        journal.check().await;
        let kept = fs::read_to_string(format!("{}.foreign-{n}", path.display())).unwrap();
        assert_eq!(kept, format!("impostor {n}"));
    }
    assert_eq!(kinds(&journal), ["replaced", "replaced"]);
    drop(journal);
    assert_eq!(home.verify().entries, 2);
}

#[tokio::test]
async fn the_watch_notices_without_an_append() {
    let home = Home::new(1 << 20);
    let journal = home.open();
    append(&journal, 1, 3).await;
    let watch = tokio::spawn({
        let journal = journal.clone();
        async move { journal.watch().await }
    });
    fs::remove_file(&home.segments()[0]).unwrap();
    while journal.faults().is_empty() {
        home.clock.advance(std::time::Duration::from_millis(250));
        tokio::task::yield_now().await;
    }
    watch.abort();
    // The report comes before the repair; this comes after it.
    journal.check().await;
    assert_eq!(kinds(&journal), ["deleted"]);
    assert_eq!(home.segments().len(), 1);
    assert_eq!(home.verify().entries, 3);
}

#[tokio::test]
async fn what_neither_file_nor_memory_holds_is_lost_but_shows() {
    let mut home = Home::new(1 << 20);
    home.options.tail_bytes = 800;
    let journal = home.open();
    append(&journal, 1, 20).await;
    overwrite(&home.segments()[0], 470, b"X");
    append(&journal, 21, 22).await;
    assert_eq!(kinds(&journal)[0], "modified");
    assert_eq!(home.segments().len(), 2, "the damaged one stays as evidence");
    let read = ids(&journal).await;
    assert_eq!(read, [numbered(1, 1), numbered(3, 22)].concat());
    drop(journal);
    assert_eq!(home.verify().fault.unwrap().line, 3);
}

#[tokio::test]
async fn sealed_segments_are_watched_and_each_fault_is_reported_once() {
    let home = Home::new(300);
    let journal = home.open();
    append(&journal, 1, 12).await;
    let segments = home.segments();
    assert!(segments.len() >= 6, "{segments:?}");
    journal.check().await;
    assert_eq!(kinds(&journal), [""; 0]);

    fs::remove_file(&segments[0]).unwrap();
    fs::copy(&segments[1], home.dir.path().join("copy")).unwrap();
    fs::rename(home.dir.path().join("copy"), &segments[1]).unwrap();
    fs::File::options().write(true).open(&segments[2]).unwrap().set_len(200).unwrap();
    overwrite(&segments[3], 250, b"X");
    // Reading, and changing the mode, is no tampering.
    let mut mode = fs::metadata(&segments[4]).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o640);
    fs::set_permissions(&segments[4], mode).unwrap();

    for _ in 0..3 {
        journal.check().await;
        assert_eq!(kinds(&journal), ["deleted", "replaced", "truncated", "modified"]);
    }
    let status = journal.status();
    assert_eq!((status.intact, status.faults), (false, 4));
    append(&journal, 13, 13).await;
}

#[tokio::test]
async fn a_fault_becomes_a_record_of_the_journal() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let mut home = Home::new(1 << 20);
    home.options.on_fault = Some(Arc::new({
        let seen = Arc::clone(&seen);
        move |fault| {
            seen.lock().unwrap().push((fault.segment.clone(), fault.kind, fault.at));
            Some(record("tampered"))
        }
    }));
    let journal = home.open();
    append(&journal, 1, 2).await;
    let path = home.segments().remove(0);
    fs::remove_file(&path).unwrap();
    append(&journal, 3, 3).await;
    let mut head = journal.subscribe();
    head.wait_for(|head| *head == 4).await.unwrap();
    assert_eq!(ids(&journal).await, ["id-1", "id-2", "id-3", "tampered"]);
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(*seen.lock().unwrap(), [(name, crate::FaultKind::Deleted, "2026-11-22T10:00:00Z".parse().unwrap())]);
}

#[tokio::test]
async fn records_are_not_answered_while_a_taken_away_segment_cannot_be_restored() {
    let home = Home::new(1 << 20);
    let journal = home.open();
    append(&journal, 1, 2).await;
    // A file where the directory was: nothing can be created there.
    fs::remove_dir_all(home.path()).unwrap();
    fs::write(home.path(), b"").unwrap();
    assert!(journal.append(vec![record("x")]).await.is_err());
    assert!(journal.append(vec![record("y")]).await.is_err());
    fs::remove_file(home.path()).unwrap();
    append(&journal, 3, 3).await;
    assert_eq!(kinds(&journal), ["deleted"]);
    drop(journal);
    assert_eq!(home.verify().entries, 3);
}
