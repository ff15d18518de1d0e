//! A webhook: keeps what is posted to it.

use std::{convert::Infallible, io, net::SocketAddr};

use http::{Request, Response};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{
    body::{Bytes, Incoming},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use serde_json::Value;
use tokio::{net::TcpListener, sync::watch};

/// Where the demo's notifications arrive.
pub(super) struct Webhook {
    address: SocketAddr,
    messages: watch::Receiver<Vec<Value>>,
}

impl Webhook {
    /// A webhook on a free port of the loopback interface.
    pub(super) async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (sender, messages) = watch::channel(Vec::new());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let sender = sender.clone();
                tokio::spawn(async move {
                    let service = service_fn(move |request| keep(request, sender.clone()));
                    // A broken connection is a message that did not arrive: whoever waits for it will say so.
                    drop(Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await);
                });
            }
        });
        Ok(Self { address, messages })
    }

    /// The endpoint to subscribe.
    pub(super) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// How many messages have come.
    pub(super) fn count(&self) -> usize {
        self.messages.borrow().len()
    }

    /// The first message for which `wanted` is true.
    pub(super) async fn wait_for(&self, wanted: impl Fn(&Value) -> bool) -> Option<Value> {
        let mut messages = self.messages.clone();
        let found = messages.wait_for(|messages| messages.iter().any(&wanted)).await.ok()?;
        found.iter().find(|message| wanted(message)).cloned()
    }
}

async fn keep(
    request: Request<Incoming>,
    messages: watch::Sender<Vec<Value>>,
) -> Result<Response<Empty<Bytes>>, Infallible> {
    if let Ok(body) = Limited::new(request.into_body(), 1 << 20).collect().await
        && let Ok(message) = serde_json::from_slice(&body.to_bytes())
    {
        messages.send_modify(|messages| messages.push(message));
    }
    Ok(Response::new(Empty::new()))
}
