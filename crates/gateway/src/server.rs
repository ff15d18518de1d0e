//! The listener: connections in, bounded in number and time, drained at the end.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
};
use keeptrail_record::TlsDetails;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};
use tokio_rustls::TlsAcceptor;

use crate::{Gateway, Limits, handler::Peer};

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
            return self.http(TokioIo::new(stream), peer, watcher).await;
        };
        match tokio::time::timeout(self.limits.head_time, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => {
                let tls = details(stream.get_ref().1);
                self.http(TokioIo::new(stream), Peer { address: peer, tls }, watcher).await;
            }
            Ok(Err(error)) => tracing::debug!(%error, %peer, "TLS handshake failed"),
            Err(_) => tracing::debug!(%peer, "TLS handshake timed out"),
        }
    }

    async fn http<I>(&self, io: I, peer: Peer, watcher: hyper_util::server::graceful::Watcher)
    where
        I: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
    {
        let peer = Arc::new(peer);
        let service = service_fn(|request| {
            let (gateway, peer) = (Arc::clone(&self.gateway), Arc::clone(&peer));
            async move { Ok::<_, std::convert::Infallible>(gateway.handle(request, &peer).await) }
        });
        let connection = self.builder.serve_connection(io, service);
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
