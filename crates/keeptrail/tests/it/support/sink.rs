//! Where notifications arrive: a webhook and a mailbox that keep what they get.

use std::{convert::Infallible, net::SocketAddr};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// What a webhook does with a message that it has kept.
#[derive(Clone)]
pub(crate) enum Manner {
    Accepts,
    Fails,
    Hangs,
    Redirects(String),
}

/// Something that listens and keeps what comes.
pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    kept: watch::Receiver<Vec<String>>,
}

impl Sink {
    pub(crate) async fn webhook(manner: Manner) -> Self {
        Self::start(move |stream, kept| {
            let manner = manner.clone();
            async move {
                let service = service_fn(move |request| answer(request, kept.clone(), manner.clone()));
                drop(Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await);
            }
        })
        .await
    }

    /// The least of SMTP (RFC 5321) that a mail needs to arrive.
    pub(crate) async fn mailbox() -> Self {
        Self::start(|stream, kept| async move { drop(receive(stream, &kept).await) }).await
    }

    async fn start<F: Future<Output = ()> + Send + 'static>(
        serve: impl Fn(TcpStream, watch::Sender<Vec<String>>) -> F + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, kept) = watch::channel(Vec::new());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, sender.clone()));
            }
        });
        Self { address, kept }
    }

    /// All that has come.
    pub(crate) fn kept(&self) -> Vec<String> {
        self.kept.borrow().clone()
    }

    /// Waits for a message in which `found` finds something.
    pub(crate) async fn wait_for<T>(&self, found: impl Fn(&str) -> Option<T>) -> T {
        let find = |kept: &Vec<String>| kept.iter().find_map(|message| found(message));
        let mut kept = self.kept.clone();
        let waiting = kept.wait_for(|kept| find(kept).is_some());
        let came = tokio::time::timeout(super::PATIENCE, waiting).await.expect("a message comes in time").unwrap();
        find(&came).unwrap()
    }

    /// Waits for the question of SNS whether the webhook wants messages; gives the token to answer with.
    pub(crate) async fn token(&self) -> String {
        self.wait_for(|message| Some(serde_json::from_str::<Value>(message).ok()?.get("Token")?.as_str()?.to_owned()))
            .await
    }
}

async fn answer(
    request: Request<Incoming>,
    kept: watch::Sender<Vec<String>>,
    manner: Manner,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let message = String::from_utf8_lossy(&body).into_owned();
    let question = message.contains("SubscriptionConfirmation");
    kept.send_modify(|kept| kept.push(message));
    let mut response = Response::new(Full::default());
    match manner {
        _ if question => {}
        Manner::Accepts => {}
        Manner::Fails => *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR,
        Manner::Hangs => std::future::pending().await,
        Manner::Redirects(to) => {
            *response.status_mut() = http::StatusCode::TEMPORARY_REDIRECT;
            response.headers_mut().insert(http::header::LOCATION, to.parse().unwrap());
        }
    }
    Ok(response)
}

async fn receive(stream: TcpStream, kept: &watch::Sender<Vec<String>>) -> std::io::Result<()> {
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    writing.write_all(b"220 test\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        if line == "DATA" {
            writing.write_all(b"354 go on\r\n").await?;
            let mut mail = String::new();
            while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                mail += &(line + "\n");
            }
            // The soft line breaks of quoted-printable (RFC 2045).
            let mail = mail.replace("=\n", "").replace("=3D", "=");
            kept.send_modify(|kept| kept.push(mail));
        }
        writing.write_all(b"250 fine\r\n").await?;
    }
    Ok(())
}
