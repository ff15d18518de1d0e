//! What unsigned GET requests may see: health, metrics, certificates, the console.

use async_trait::async_trait;
use bytes::Bytes;

/// A page.
#[derive(Debug, Clone)]
pub struct Page {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// The content.
    pub body: Bytes,
}

/// The pages of the server. None of them ever shows a secret.
#[async_trait]
pub trait Pages: Send + Sync + 'static {
    /// The page at `path`, if there is one.
    async fn page(&self, path: &str) -> Option<Page>;
}
