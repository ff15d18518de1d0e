//! How much a look-up looks at.

use std::sync::Arc;

use keeptrail_jobs::{Parsed, Reader};
use keeptrail_journal::{Anchor, ChainHash, Entry};
use keeptrail_testkit::{ACCOUNT, REGION, Rig, START};
use serde_json::json;

use super::{
    Attribute, FoundPage, HistoryReader, Position, Query,
    lookup::{Effort, MOST, lookup},
};

/// Events of many users, `apart` seconds apart, the last at the tests' time.
async fn history(rig: &Rig, events: u64, apart: u64) {
    let end: keeptrail_clock::Timestamp = START.parse().unwrap();
    let seqs: Vec<u64> = (1..=events).collect();
    for seqs in seqs.chunks(1000) {
        let entry = |seq: &u64| {
            let time = end - std::time::Duration::from_secs((events - seq) * apart);
            let record = json!({
                "userIdentity": { "type": "IAMUser", "userName": format!("user-{}", seq % 50), "accessKeyId": "AKIA" },
                "eventTime": keeptrail_record::event_time(time), "eventName": format!("Call{}", seq % 20),
                "eventSource": "sns.amazonaws.com", "awsRegion": REGION, "recipientAccountId": ACCOUNT,
                "eventCategory": "Management", "readOnly": true, "eventID": format!("{seq:08}"),
            });
            let at = Anchor { seq: *seq, hash: ChainHash::ZERO };
            Arc::new(Entry::new(at, serde_json::to_vec(&record).unwrap().into()))
        };
        let tx = rig.ledger.begin();
        let entries: Vec<_> = seqs.iter().map(entry).collect();
        HistoryReader.apply(&tx, &Parsed::all(&entries)).await.unwrap();
        rig.ledger.commit(tx).await.unwrap();
    }
}

async fn ask(rig: &Rig, attribute: Option<Attribute>, after: Option<Position>) -> FoundPage {
    ask_within(rig, attribute, after, &MOST).await
}

async fn ask_within(rig: &Rig, attribute: Option<Attribute>, after: Option<Position>, effort: &Effort) -> FoundPage {
    let query = Query { account: ACCOUNT, region: REGION, attribute, from: None, to: None, after, limit: 50 };
    lookup(&rig.ledger.begin(), &query, effort).await.unwrap()
}

#[tokio::test]
async fn a_look_up_opens_the_chunks_that_hold_the_value_and_no_others() {
    let rig = Rig::new().await;
    history(&rig, 3000, 30).await;
    let one = ask(&rig, Some(Attribute::EventId("00000007".into())), None).await;
    assert_eq!((one.events.len(), one.opened, one.next), (1, 1, None));
    let none = ask(&rig, Some(Attribute::Username("nobody".into())), None).await;
    assert_eq!((none.events.len(), none.opened, none.next), (0, 0, None));
    // A user of every 25th minute: about 50 chunks for a page of 50.
    let user = ask(&rig, Some(Attribute::Username("user-7".into())), None).await;
    assert_eq!(user.events.len(), 50);
    assert!(user.opened <= 51, "{}", user.opened);
    let all = ask(&rig, None, None).await;
    assert!(all.opened <= 6, "eleven events a chunk: {}", all.opened);
    let later = ask(&rig, None, all.next).await;
    assert!(later.opened <= 7, "a page in the middle begins where it should: {}", later.opened);
}

#[tokio::test]
async fn a_call_looks_at_a_bounded_number_of_chunks_and_the_next_goes_on() {
    let rig = Rig::new().await;
    history(&rig, 250, 301).await;
    let effort = Effort { chunks: 100, bytes: usize::MAX };
    let oldest = || Some(Attribute::EventId("00000001".into()));
    let first = ask_within(&rig, oldest(), None, &effort).await;
    assert!(first.events.is_empty() && first.next.is_some());
    let second = ask_within(&rig, oldest(), first.next, &effort).await;
    assert!(second.events.is_empty() && second.next < first.next);
    let third = ask_within(&rig, oldest(), second.next, &effort).await;
    assert_eq!((third.events.len(), third.opened, third.next), (1, 1, None));
}

#[tokio::test]
async fn however_little_a_call_may_open_every_event_is_found_once_and_in_order() {
    let rig = Rig::new().await;
    history(&rig, 700, 7).await;
    let effort = Effort { chunks: 1, bytes: 1 };
    let every = || Some(Attribute::ReadOnly("true".into()));
    let (mut after, mut seqs) = (None, Vec::new());
    loop {
        let page = ask_within(&rig, every(), after, &effort).await;
        seqs.extend(page.events.iter().map(|event| event.at.seq));
        assert!(page.next.is_none_or(|next| after.is_none_or(|after| next < after)), "each call gets further");
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seqs, (1..=700).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn pages_of_one_busy_second_hold_every_event_once() {
    let rig = Rig::new().await;
    history(&rig, 1200, 0).await;
    let (mut after, mut seqs) = (None, Vec::new());
    loop {
        let page = ask(&rig, None, after).await;
        assert!(page.opened <= 2, "{}", page.opened);
        seqs.extend(page.events.iter().map(|event| event.at.seq));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seqs, (1..=1200).rev().collect::<Vec<_>>());
}
