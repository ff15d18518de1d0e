//! The listener: connections in, bounded in number and time, drained at the end.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
};
use keeptrail_record::TlsDetails;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};
use tokio_rustls::TlsAcceptor;

use crate::{Gateway, Limits, handler::Peer, opening::Opening};

/// Why the server cannot listen.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}")]
pub struct ServerError {
    address: SocketAddr,
    source: std::io::Error,
}

/// A bound listener; connections wait in its queue until it serves.
pub struct Server {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    limits: Limits,
}

impl Server {
    /// Binds `address`; port 0 takes a free one.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn bind(
        address: SocketAddr,
        tls: Option<Arc<rustls::ServerConfig>>,
        limits: Limits,
    ) -> Result<Self, ServerError> {
        let listener = TcpListener::bind(address).await.map_err(|source| ServerError { address, source })?;
        Ok(Self { listener, tls: tls.map(TlsAcceptor::from), limits })
    }

    /// The bound address.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves `gateway` until `stop` turns true, then lets the requests in flight finish for up to `grace`. Returns
    /// whether all did.
    pub async fn serve(self, gateway: Arc<Gateway>, mut stop: watch::Receiver<bool>, grace: Duration) -> bool {
        let places = Arc::new(Semaphore::new(self.limits.connections));
        let graceful = Arc::new(GracefulShutdown::new());
        let shared =
            Arc::new(Connections { gateway, tls: self.tls, builder: builder(&self.limits), limits: self.limits });
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                _ = stop.wait_for(|stop| *stop) => break,
            };
            match accepted {
                Ok((stream, peer)) => {
                    let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
                    let (shared, watcher) = (Arc::clone(&shared), graceful.watcher());
                    tokio::spawn(async move {
                        shared.serve(stream, peer, watcher).await;
                        drop(place);
                    });
                }
                // Out of file descriptors, or the peer was gone already: the next accept may do better.
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::task::yield_now().await;
                }
            }
        }
        drop(self.listener);
        match Arc::into_inner(graceful) {
            Some(graceful) => tokio::time::timeout(grace, graceful.shutdown()).await.is_ok(),
            None => false,
        }
    }
}

fn builder(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_headers(limits.headers)
        .max_buf_size(limits.head.max(8192))
        .pipeline_flush(true);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(limits.head).unwrap_or(u32::MAX))
        .max_concurrent_streams(256)
        .keep_alive_interval(Some(Duration::from_secs(30)));
    builder
}

struct Connections {
    gateway: Arc<Gateway>,
    tls: Option<TlsAcceptor>,
    builder: Builder<TokioExecutor>,
    limits: Limits,
}

impl Connections {
    async fn serve(&self, stream: TcpStream, peer: SocketAddr, watcher: hyper_util::server::graceful::Watcher) {
        // Small answers must not wait for the peer's acknowledgement of earlier ones.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY");
        }
        let Some(acceptor) = &self.tls else {
            let peer = Peer { address: peer, tls: None };
            return self.http(stream, peer, watcher).await;
        };
        match tokio::time::timeout(self.limits.head_time, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => {
                let tls = details(stream.get_ref().1);
                self.http(stream, Peer { address: peer, tls }, watcher).await;
            }
            Ok(Err(error)) => tracing::debug!(%error, %peer, "TLS handshake failed"),
            Err(_) => tracing::debug!(%peer, "TLS handshake timed out"),
        }
    }

    async fn http<I>(&self, stream: I, peer: Peer, watcher: hyper_util::server::graceful::Watcher)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let peer = Arc::new(peer);
        let service = service_fn(|request| {
            let (gateway, peer) = (Arc::clone(&self.gateway), Arc::clone(&peer));
            async move { Ok::<_, std::convert::Infallible>(gateway.handle(request, &peer).await) }
        });
        let stream = Opening::new(stream, self.limits.head_time);
        let connection = self.builder.serve_connection(TokioIo::new(stream), service);
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%error, peer = %peer.address, "connection ended early");
        }
    }
}

/// The connection's protection as a record shows it; the host header is the request's.
fn details(connection: &rustls::ServerConnection) -> Option<TlsDetails> {
    let version = match connection.protocol_version()? {
        rustls::ProtocolVersion::TLSv1_3 => "TLSv1.3",
        rustls::ProtocolVersion::TLSv1_2 => "TLSv1.2",
        _ => return None,
    };
    let suite = connection.negotiated_cipher_suite()?.suite();
    Some(TlsDetails {
        tls_version: version.to_owned(),
        cipher_suite: suite.as_str().unwrap_or_default().trim_start_matches("TLS13_").to_owned(),
        client_provided_host_header: String::new(),
    })
}

#[cfg(test)]
mod tests {
    use http_body_util::Empty;
    use hyper::{Request, Response};
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

    use super::*;

    /// The other end of a connection that is served as the server does it, with little time for heads.
    fn connection() -> DuplexStream {
        let limits = Limits { head_time: Duration::from_millis(20), ..Limits::default() };
        let (client, server) = tokio::io::duplex(1 << 16);
        tokio::spawn(async move {
            let answer = service_fn(async |_: Request<hyper::body::Incoming>| {
                Ok::<_, std::convert::Infallible>(Response::new(Empty::<bytes::Bytes>::new()))
            });
            let stream = TokioIo::new(Opening::new(server, limits.head_time));
            drop(builder(&limits).serve_connection(stream, answer).await);
        });
        client
    }

    /// What comes until the server ends the connection; waits for ever for a server that does not.
    async fn rest(mut client: DuplexStream) -> String {
        let mut bytes = Vec::new();
        client.read_to_end(&mut bytes).await.unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    #[tokio::test]
    async fn a_peer_that_says_too_little_loses_its_place() {
        let cut = "GET / HTTP/1.1\r\nhost: somewhere.example\r\nx";
        for start in ["", "P", "PRI * HTTP/2.0\r\n", "GET / HTTP/1.1\r\n", cut] {
            let mut client = connection();
            client.write_all(start.as_bytes()).await.unwrap();
            assert_eq!(rest(client).await, "", "after {start:?}");
        }
    }

    #[tokio::test]
    async fn a_short_request_is_answered_and_an_idle_connection_ends() {
        let mut client = connection();
        client.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        let answer = rest(client).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}
