//! `/healthz`, `/metrics`, `/` and the certificate that notifications are signed with.

use std::sync::Arc;

use async_trait::async_trait;
use keeptrail_gateway::{Page, Pages, html, text};
use keeptrail_jobs::{JobState, Running};
use keeptrail_journal::Ledger;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;

/// The pages.
pub(crate) struct ServerPages {
    pub(crate) ledger: Ledger,
    pub(crate) jobs: Arc<Running>,
    pub(crate) metrics: Option<PrometheusHandle>,
    pub(crate) certificates: Arc<dyn Certificates>,
}

/// Where the signing certificates of notifications come from.
pub(crate) trait Certificates: Send + Sync + 'static {
    /// The PEM file at `path`.
    fn certificate(&self, path: &str) -> Option<Vec<u8>>;
}

const HOME: &str = "<!doctype html><meta charset=utf-8><title>keeptrail</title>\
    <h1>keeptrail</h1><p>A secrets manager that tells you who read what. It speaks the AWS APIs: \
    <code>eval \"$(keeptrail env)\"</code>, then use the <code>aws</code> command line.\
    <p><a href=/healthz>health</a>, <a href=/metrics>metrics</a>\n";

#[async_trait]
impl Pages for ServerPages {
    async fn page(&self, path: &str) -> Option<Page> {
        match path {
            "/" => Some(html(200, HOME)),
            "/healthz" => Some(self.health().await),
            "/metrics" => self.metrics.as_ref().map(|metrics| text(200, metrics.render())),
            _ => {
                let body = self.certificates.certificate(path)?;
                Some(Page { status: 200, content_type: "application/x-pem-file", body: body.into() })
            }
        }
    }
}

impl ServerPages {
    /// 200 while every call can be recorded. Tampering, jobs and trails in trouble are told, and do not make the server unready:
    /// taking it away would help nobody.
    async fn health(&self) -> Page {
        let journal = self.ledger.journal().status();
        let troubled: Vec<_> = self.jobs.status().into_iter().filter(|job| job.state == JobState::BackingOff).collect();
        let trails = keeptrail_trail::jobs::troubles(&self.ledger).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the trails' status cannot be read");
            Vec::new()
        });
        let body = json!({
            "ready": journal.failure.is_none(),
            "journal": {
                "writable": journal.failure.is_none(),
                "reason": journal.failure.as_ref().map(|(reason, _)| reason),
                "since": journal.failure.as_ref().map(|(_, since)| since.to_string()),
                "intact": journal.intact,
                "faults": journal.faults,
                "head": journal.head,
            },
            "jobsInTrouble": troubled,
            "trailsInTrouble": trails,
        });
        let status = if journal.failure.is_none() { 200 } else { 503 };
        Page { status, content_type: "application/json", body: format!("{body}\n").into() }
    }
}
