//! `kill -9` at random moments under load, again and again: what was answered is there, once; what was acknowledged holds; and
//! those that read the trail have lost nothing and seen nothing twice.

mod load;
mod readers;

use std::{collections::HashMap, time::Duration};

use keeptrail_clock::{Clock, Random};
use serde_json::json;
use tokio::sync::watch;

use crate::support::{
    journal,
    server::{Server, verify},
    watch as watching,
};
use load::Client;

const KILLS: u32 = 200;
const CLIENTS: u64 = 5;
/// A server lives for less than so many answers, and then for less than so many milliseconds.
const LIFE: (u32, u32) = (16, 8);
/// A server that is killed while it starts has less than so many milliseconds for it.
const START: u32 = 60;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_answered_is_lost_or_doubled_however_often_the_server_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let start = || {
        Server::start_with(&data, |command| {
            command.args(["--trail-interval", "1s"]);
        })
    };
    let seed = u64::from(Random::system().below(u32::MAX).unwrap());
    println!("seed {seed}");
    let (clock, moments) = (Clock::system(), Random::seeded(seed));

    let mut server = start();
    let root = server.root();
    watching::trail(&root).await;
    watching::filter(&root, "{ $.eventName = \"GetSecretValue\" }").await;
    let made = root.call("cloudtrail", "CreateEventDataStore", json!({"Name": "lake"})).await.good();
    let store = made["EventDataStoreArn"].as_str().unwrap();
    let address = watch::Sender::new(Some(server.url().to_owned()));
    let (mut clients, mut answers) = (tokio::task::JoinSet::new(), watch::channel(0_u32));
    for number in 0..CLIENTS {
        let client = Client::new(number, seed, root.clone(), answers.0.clone());
        clients.spawn(client.run(address.subscribe()));
    }
    let begun = clock.monotonic();
    let below = |bound: u32| moments.below(bound).unwrap();
    for _ in 0..KILLS {
        let enough = *answers.1.borrow_and_update() + below(LIFE.0);
        answers.1.wait_for(|count| *count >= enough).await.unwrap();
        clock.sleep(Duration::from_millis(below(LIFE.1).into())).await;
        server.kill();
        if below(8) == 0 {
            Server::killed_at_start(&data, Duration::from_millis(below(START).into())).await;
        }
        server = start();
        address.send_replace(Some(server.url().to_owned()));
    }
    address.send_replace(None);
    let clients = clients.join_all().await;
    println!("{KILLS} kills in {:?}", clock.monotonic() - begun);

    let answered: Vec<_> = clients.iter().flat_map(|client| &client.answered).collect();
    println!("{} answered, {} not", answered.len(), clients.iter().map(|client| client.unanswered).sum::<u32>());
    assert!(answered.len() > 1000, "the load was real: {}", answered.len());
    assert!(clients.iter().any(|client| client.unanswered > 0), "calls were in flight when the server was killed");
    let root = root.at(server.url());
    for client in &clients {
        client.check(&root).await;
    }
    readers::have_seen_everything_once(&server, &root).await;
    server.stop();
    readers::the_lake_has_everything_once(&data, store).await;

    let (intact, report) = verify(&data);
    assert!(intact, "{report}");
    let records = journal::records(&data);
    let (mut calls, mut events) = (HashMap::new(), HashMap::new());
    for record in &records {
        *events.entry(record["eventID"].as_str().unwrap()).or_insert(0) += 1;
        if let Some(id) = record["requestID"].as_str() {
            *calls.entry(id).or_insert(0) += 1;
        }
    }
    assert!(events.values().all(|count| *count == 1), "every record is there once");
    for id in answered {
        assert_eq!(calls.get(id.as_str()), Some(&1), "the answered call {id} is on the trail once");
    }
}
