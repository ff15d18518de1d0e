//! Delivery to http and https endpoints.

use std::{error::Error, time::Duration};

use reqwest::{Client, header::HeaderMap, redirect::Policy};

use crate::{
    NotifyError,
    guard::{Forbidden, Guard},
};

/// So much of an answer is read, and thrown away.
const ANSWER_BYTES: usize = 64 * 1024;

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Attempt {
    Delivered,
    /// It failed, and another attempt may do better.
    Failed(String),
    /// It failed, and no other attempt can do better.
    Refused(String),
}

/// The client for all webhooks: no redirects, no proxy, no address that the guard does not permit.
pub(crate) struct Webhooks {
    client: Client,
    guard: Guard,
    timeout: Duration,
}

impl Webhooks {
    pub(crate) fn new(guard: Guard, timeout: Duration) -> Result<Self, NotifyError> {
        let builder = |guard: &Guard| {
            Client::builder()
                .dns_resolver(guard.clone())
                .redirect(Policy::none())
                .no_proxy()
                .referer(false)
                .timeout(timeout)
                .user_agent("Amazon Simple Notification Service Agent")
        };
        let client = builder(&guard).build().or_else(|error| {
            tracing::warn!(%error, "the system has no usable certificates: deliveries to https endpoints will fail");
            builder(&guard).tls_certs_only([]).build()
        });
        Ok(Self { client: client.map_err(|error| NotifyError::Client(error.to_string()))?, guard, timeout })
    }

    /// Posts `body` once. Takes at most the timeout.
    pub(crate) async fn post(&self, endpoint: &str, headers: HeaderMap, body: String) -> Attempt {
        let url = match self.guard.check_url(endpoint) {
            Ok(url) => url,
            Err(forbidden) => return Attempt::Refused(forbidden.to_string()),
        };
        let exchange = async {
            let mut response = self.client.post(url).headers(headers).body(body).send().await?;
            let status = response.status();
            let mut read = 0;
            // The connection can be used again only if the answer was read; a broken answer changes nothing.
            while read < ANSWER_BYTES
                && let Ok(Some(chunk)) = response.chunk().await
            {
                read += chunk.len();
            }
            Ok::<_, reqwest::Error>(status)
        };
        match tokio::time::timeout(self.timeout, exchange).await {
            Err(_) => Attempt::Failed(format!("no answer within {} seconds", self.timeout.as_secs_f64())),
            Ok(Err(error)) => failed(&error),
            Ok(Ok(status)) if status.is_success() => Attempt::Delivered,
            Ok(Ok(status)) if status.is_server_error() || status.as_u16() == 429 => {
                Attempt::Failed(format!("the endpoint answered {}", status.as_u16()))
            }
            Ok(Ok(status)) => Attempt::Refused(format!("the endpoint answered {}", status.as_u16())),
        }
    }
}

/// The URL stays out of the text: it may hold a key of the receiver's.
fn failed(error: &reqwest::Error) -> Attempt {
    let mut innermost: &dyn Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
        if let Some(forbidden) = innermost.downcast_ref::<Forbidden>() {
            return Attempt::Refused(forbidden.to_string());
        }
    }
    if error.is_timeout() {
        return Attempt::Failed("no answer in time".to_owned());
    }
    let what = if error.is_connect() { "no connection" } else { "the exchange failed" };
    Attempt::Failed(if innermost.is::<reqwest::Error>() { what.to_owned() } else { format!("{what}: {innermost}") })
}
