//! A server whose requests are already verified.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use keeptrail_operation::Identity;
use keeptrail_testkit::{Rig, root};
use s3s::StdError;

use crate::{Buckets, Gate};

pub(super) struct World {
    pub(super) rig: Rig,
    pub(super) buckets: Arc<Buckets>,
    gate: Gate,
    pub(super) dir: tempfile::TempDir,
}

#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Reply {
    pub(super) fn text(&self) -> String {
        let text = String::from_utf8(self.body.to_vec()).unwrap();
        let request =
            text.split("<RequestId>").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or("none").to_owned();
        text.replace(&request, "REQUEST")
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The text of the first element of this name.
    pub(super) fn element(&self, name: &str) -> Option<String> {
        let text = self.text();
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        Some(rest.split_once(&format!("</{name}>"))?.0.to_owned())
    }

    /// The texts of all elements of this name.
    pub(super) fn elements(&self, name: &str) -> Vec<String> {
        let text = self.text();
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        text.split(&open).skip(1).map(|rest| rest.split(&close).next().unwrap().to_owned()).collect()
    }

    pub(super) fn code(&self) -> String {
        format!("{} {}", self.status, self.element("Code").unwrap_or_default())
    }
}

impl World {
    pub(super) async fn new() -> Self {
        let rig = Rig::new().await;
        let dir = tempfile::tempdir().unwrap();
        let ledger = Arc::new(rig.ledger.clone());
        let buckets =
            Buckets::open(ledger, rig.clock(), rig.random.clone(), &dir.path().join("objects")).await.unwrap();
        Self { gate: Gate::new(&buckets), buckets, rig, dir }
    }

    /// With a bucket `b`.
    pub(super) async fn with_bucket() -> Self {
        let world = Self::new().await;
        assert_eq!(world.send("PUT", "/b1b", &[], "").await.status, 200);
        world
    }

    pub(super) async fn send(&self, method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        self.send_as(root(), method, uri, headers, body).await
    }

    pub(super) async fn send_as(
        &self,
        identity: Identity,
        method: &str,
        uri: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Reply {
        let body = Full::new(Bytes::from(body.to_owned()));
        self.send_body(identity, method, uri, headers, body).await
    }

    pub(super) async fn send_body<B>(
        &self,
        identity: Identity,
        method: &str,
        uri: &str,
        headers: &[(&str, &str)],
        body: B,
    ) -> Reply
    where
        B: http_body::Body<Data = Bytes> + Unpin + Send + 'static,
        B::Error: Into<StdError>,
    {
        let mut request = Request::builder().method(method).uri(uri).header("host", "127.0.0.1:7420");
        if let Some(length) = body.size_hint().exact() {
            request = request.header("content-length", length);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (call, attempt) = self.rig.begin(identity);
        let response = self.gate.serve(request.body(body).unwrap(), self.rig.dispatcher(), call, attempt).await;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Reply { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// The blobs that lie in the directory.
    pub(super) fn files(&self) -> Vec<std::path::PathBuf> {
        let mut found = Vec::new();
        let mut places = vec![self.dir.path().to_owned()];
        while let Some(place) = places.pop() {
            for entry in std::fs::read_dir(place).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { places.push(path) } else { found.push(path) }
            }
        }
        found
    }
}
