//! Reads secrets over keep-alive connections, as fast as the server answers, and says how that went.
//!
//! One thread, requests signed and framed beforehand: the generator shares the machine with the server, so it must cost as
//! little as it can. Every answer's status and length are checked, and each connection's first value.

mod answer;
mod connection;
mod process;
mod requests;
mod summary;

use std::{cell::Cell, error::Error, io::Write, rc::Rc, time::Duration};

use clap::{Args, Parser, Subcommand};
use keeptrail_clock::Clock;

use crate::{connection::Run, process::Usage, summary::Summary};

/// What goes wrong ends the run.
type Failure = Box<dyn Error>;

#[derive(Parser)]
#[command(about)]
struct Cli {
    #[command(subcommand)]
    server: Server,
}

#[derive(Subcommand)]
enum Server {
    /// GetSecretValue, signed with an access key.
    Keeptrail {
        #[command(flatten)]
        load: Load,
        #[arg(long, env = "AWS_ACCESS_KEY_ID")]
        access_key_id: String,
        #[arg(long, env = "AWS_SECRET_ACCESS_KEY", hide_env_values = true)]
        secret_access_key: String,
        #[arg(long, env = "AWS_REGION", default_value = "us-east-1")]
        region: String,
    },
    /// A read of the key-value engine, version 2, with a token.
    Openbao {
        #[command(flatten)]
        load: Load,
        #[arg(long, env = "BAO_TOKEN", hide_env_values = true)]
        token: String,
    },
}

#[derive(Args)]
struct Load {
    /// The server's address, without a scheme.
    #[arg(long)]
    address: String,
    /// The server's process, whose CPU time and memory are read.
    #[arg(long)]
    pid: u32,
    /// Secrets `bench/0` … are read in turn.
    #[arg(long, default_value_t = 64)]
    secrets: usize,
    /// What each of them holds.
    #[arg(long)]
    value: String,
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Seconds before the measurement begins.
    #[arg(long, default_value_t = 2)]
    warm_up: u64,
    /// Seconds of the measurement.
    #[arg(long, default_value_t = 6)]
    seconds: u64,
}

fn main() -> Result<(), Failure> {
    let (load, requests) = match Cli::parse().server {
        Server::Keeptrail { load, access_key_id, secret_access_key, region } => {
            let requests = requests::keeptrail(
                &load.address,
                load.secrets,
                &access_key_id,
                &secret_access_key,
                &region,
                Clock::system().now(),
            )?;
            (load, requests)
        }
        Server::Openbao { load, token } => {
            let requests = requests::openbao(&load.address, load.secrets, &token);
            (load, requests)
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let summary = tokio::task::LocalSet::new().block_on(&runtime, measure(&load, requests))?;
    writeln!(std::io::stdout(), "{}", serde_json::to_string(&summary)?)?;
    Ok(())
}

async fn measure(load: &Load, requests: Vec<Vec<u8>>) -> Result<Summary, Failure> {
    let clock = Clock::system();
    let run = Rc::new(Run {
        requests,
        value: load.value.clone(),
        clock: clock.clone(),
        measuring: Cell::new(false),
        over: Cell::new(false),
        latencies: std::cell::RefCell::new(Vec::with_capacity(1 << 20)),
    });
    let connections: Vec<_> = (0..load.connections)
        .map(|number| tokio::task::spawn_local(connection::drive(Rc::clone(&run), load.address.clone(), number)))
        .collect();
    clock.sleep(Duration::from_secs(load.warm_up)).await;
    let (server, own, began) = (Usage::of(load.pid)?, Usage::own()?, clock.monotonic());
    run.measuring.set(true);
    clock.sleep(Duration::from_secs(load.seconds)).await;
    run.measuring.set(false);
    let took = clock.monotonic().saturating_sub(began);
    let (server_after, own_after) = (Usage::of(load.pid)?, Usage::own()?);
    run.over.set(true);
    for connection in connections {
        connection.await??;
    }
    let mut latencies = run.latencies.take();
    Ok(Summary::new(&mut latencies, took, &server_after.since(&server), &own_after.since(&own)))
}
