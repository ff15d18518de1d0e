//! `keeptrail serve`: start, run until told to stop, stop cleanly.

use std::{io::Write, time::Duration};

use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::{
    cli::ServeArgs,
    config::{Config, ConfigError},
    node::{Node, NodeError},
};

/// Requests in flight and background work get so long to finish.
const GRACE: Duration = Duration::from_secs(20);

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Node(#[from] NodeError),
    #[error("log: {0}")]
    Log(String),
    #[error("the runtime cannot start: {0}")]
    Runtime(#[from] std::io::Error),
}

/// Runs the server until SIGINT or SIGTERM.
pub(crate) fn run(args: ServeArgs) -> Result<(), ServeError> {
    log(&args)?;
    let config = Config::resolve(args)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let data = config.data.clone();
        let node = Node::start(config, Some(crate::node::prometheus())).await?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        tracing::info!(url = node.url(), account = %node.account(), "ready");
        // Standard output may be closed; the server runs all the same.
        drop(writeln!(
            std::io::stdout(),
            "keeptrail listens on {}\n\n  eval \"$({} env --data {})\"\n  aws secretsmanager list-secrets\n",
            node.url(),
            std::env::args().next().unwrap_or_else(|| "keeptrail".to_owned()),
            data.display()
        ));
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
        if node.stop(GRACE).await {
            tracing::info!("stopped cleanly");
        } else {
            tracing::warn!("stopped with requests or background work unfinished; the next start goes on with it");
        }
        Ok(())
    })
}

/// The bucket service's wire layer logs every ordinary 404 as an error; what matters is logged by us.
fn log(args: &ServeArgs) -> Result<(), ServeError> {
    let filter = args.log.as_deref().unwrap_or("info,s3s=off");
    let filter = EnvFilter::try_new(filter).map_err(|error| ServeError::Log(error.to_string()))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let set = if args.log_json { builder.json().try_init() } else { builder.try_init() };
    set.map_err(|error| ServeError::Log(error.to_string()))
}
