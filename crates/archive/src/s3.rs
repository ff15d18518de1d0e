//! As much of S3 as reading an archive needs: list and get, signed, from AWS or from any server that speaks S3.

use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use keeptrail_clock::Clock;
use keeptrail_sigv4::{BodyHash, RequestParts, Signer, sha256};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use url::Url;
use zeroize::Zeroizing;

/// What SigV4 leaves as it is.
const UNRESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The same in a path.
const PATH: AsciiSet = UNRESERVED.remove(b'/');
/// A request is tried so often when the server or the network fails.
const ATTEMPTS: u32 = 4;
/// The pause after the first failure; it doubles.
const PAUSE: Duration = Duration::from_millis(250);
/// No answer, or none of its bytes, for so long is a failure.
const PATIENCE: Duration = Duration::from_secs(30);

/// A bucket.
#[derive(Clone)]
pub(crate) struct Bucket {
    client: reqwest::Client,
    clock: Clock,
    /// Where the bucket is, with a slash in the end.
    base: Url,
    region: String,
    credentials: Option<Credentials>,
}

#[derive(Clone)]
struct Credentials {
    access_key_id: String,
    secret: Zeroizing<String>,
    session_token: Option<String>,
}

/// A failed request, in words.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub(crate) struct S3Error(String);

/// A page of a listing, as S3's `ListObjectsV2` gives it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Page {
    #[serde(default)]
    pub(crate) contents: Vec<Entry>,
    pub(crate) next_continuation_token: Option<String>,
}

/// An object in a listing.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) size: u64,
    #[serde(rename = "ETag")]
    pub(crate) entity_tag: Option<String>,
    pub(crate) last_modified: String,
}

/// What S3 says when it refuses.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Refusal {
    code: String,
    #[serde(default)]
    message: String,
}

impl Bucket {
    /// The bucket `name`, by AWS's environment variables as `setting` gives them.
    pub(crate) fn open(name: &str, setting: impl Fn(&str) -> Option<String>) -> Result<Self, S3Error> {
        let setting = |names: &[&str]| names.iter().find_map(|name| setting(name).filter(|value| !value.is_empty()));
        let region = setting(&["AWS_REGION", "AWS_DEFAULT_REGION"]).unwrap_or_else(|| "us-east-1".to_owned());
        let base = match setting(&["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]) {
            Some(endpoint) => format!("{}/{name}/", endpoint.trim_end_matches('/')),
            // A name with dots does not match the certificate as a host name.
            None if name.contains('.') => format!("https://s3.{region}.amazonaws.com/{name}/"),
            None => format!("https://{name}.s3.{region}.amazonaws.com/"),
        };
        let base = Url::parse(&base).map_err(|error| S3Error(format!("{base} is no URL: {error}")))?;
        let access_key_id = setting(&["AWS_ACCESS_KEY_ID"]);
        let credentials = match (access_key_id, setting(&["AWS_SECRET_ACCESS_KEY"])) {
            (Some(access_key_id), Some(secret)) => Some(Credentials {
                access_key_id,
                secret: Zeroizing::new(secret),
                session_token: setting(&["AWS_SESSION_TOKEN"]),
            }),
            // Public archives are read unsigned.
            (None, None) => None,
            _ => return Err(S3Error("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together".to_owned())),
        };
        let client = reqwest::Client::builder().connect_timeout(PATIENCE).read_timeout(PATIENCE).build();
        let client = client.map_err(|error| S3Error(error.to_string()))?;
        Ok(Self { client, clock: Clock::system(), base, region, credentials })
    }

    /// A page of the objects whose keys begin with `prefix`.
    pub(crate) async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Page, S3Error> {
        let mut query = String::new();
        if let Some(token) = after {
            query = format!("continuation-token={}&", utf8_percent_encode(token, &UNRESERVED));
        }
        query.push_str(&format!("list-type=2&prefix={}", utf8_percent_encode(prefix, &UNRESERVED)));
        let body = self.get("", &query).await?;
        let text = str::from_utf8(&body).map_err(|_| S3Error("the listing is not UTF-8".to_owned()))?;
        quick_xml::de::from_str(text).map_err(|error| S3Error(format!("the listing cannot be read: {error}")))
    }

    /// An object's bytes.
    pub(crate) async fn object(&self, key: &str) -> Result<Bytes, S3Error> {
        self.get(&utf8_percent_encode(key, &PATH).to_string(), "").await
    }

    async fn get(&self, path: &str, query: &str) -> Result<Bytes, S3Error> {
        let mut pause = PAUSE;
        for attempt in 1.. {
            match self.once(path, query).await {
                Ok(body) => return Ok(body),
                Err((error, again)) if !again || attempt == ATTEMPTS => return Err(error),
                Err(_) => {}
            }
            self.clock.sleep(pause).await;
            pause *= 2;
        }
        Err(S3Error("no attempt was made".to_owned()))
    }

    /// One request; with an error whether it is worth another.
    async fn once(&self, path: &str, query: &str) -> Result<Bytes, (S3Error, bool)> {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path()));
        url.set_query(Some(query).filter(|query| !query.is_empty()));
        let headers = self.sign(&url).map_err(|error| (error, false))?;
        let network = |error: reqwest::Error| (S3Error(said(&error)), true);
        let response = self.client.get(url).headers(headers).send().await.map_err(network)?;
        let status = response.status();
        let body = response.bytes().await.map_err(network)?;
        if status.is_success() {
            return Ok(body);
        }
        let again = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        let refusal = str::from_utf8(&body).ok().and_then(|text| quick_xml::de::from_str::<Refusal>(text).ok());
        Err((
            S3Error(refusal.map_or_else(|| status.to_string(), |said| format!("{}: {}", said.code, said.message))),
            again,
        ))
    }

    fn sign(&self, url: &Url) -> Result<HeaderMap, S3Error> {
        let mut headers = HeaderMap::new();
        let Some(credentials) = &self.credentials else { return Ok(headers) };
        let host = url.host_str().unwrap_or_default();
        let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let value = HeaderValue::from_str(&host).map_err(|error| S3Error(error.to_string()))?;
        headers.insert(header::HOST, value);
        let signer = Signer {
            access_key_id: &credentials.access_key_id,
            secret: credentials.secret.as_bytes(),
            session_token: credentials.session_token.as_deref(),
            region: &self.region,
            service: "s3",
        };
        let query = url.query().unwrap_or_default();
        let parts = RequestParts { method: "GET", path: url.path(), query, headers: &headers, authority: None };
        let added = signer.sign(&parts, BodyHash::Of(sha256(b"")), self.clock.now());
        for (name, value) in added.map_err(|_| S3Error("the request cannot be signed".to_owned()))? {
            let value = HeaderValue::from_str(&value).map_err(|error| S3Error(error.to_string()))?;
            headers.insert(name, value);
        }
        Ok(headers)
    }
}

/// An error with what is behind it: reqwest itself says only that sending failed.
fn said(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        text.push_str(&format!(": {inner}"));
        source = inner.source();
    }
    text
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bucket({})", self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_says_where_the_bucket_is() {
        let none: fn(&str) -> Option<String> = |_| None;
        let local: fn(&str) -> Option<String> =
            |name| (name == "AWS_ENDPOINT_URL").then(|| "http://127.0.0.1:7420".to_owned());
        for (name, setting, expected) in [
            ("logs", none, "https://logs.s3.us-east-1.amazonaws.com/"),
            ("my.logs", none, "https://s3.us-east-1.amazonaws.com/my.logs/"),
            ("logs", local, "http://127.0.0.1:7420/logs/"),
        ] {
            assert_eq!(Bucket::open(name, setting).unwrap().base.as_str(), expected);
        }
        let half = |name: &str| (name == "AWS_ACCESS_KEY_ID").then(|| "AKIA".to_owned());
        assert!(Bucket::open("logs", half).is_err(), "half of the credentials");
    }

    #[test]
    fn a_listing_is_read() {
        let text = r#"<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><KeyCount>2</KeyCount>
            <IsTruncated>true</IsTruncated><Contents><Key>a&amp;b.json.gz</Key><LastModified>2023-07-10T12:10:00.000Z</LastModified><ETag>"e"</ETag><Size>5</Size></Contents>
            <NextContinuationToken>t=</NextContinuationToken></ListBucketResult>"#;
        let page: Page = quick_xml::de::from_str(text).unwrap();
        assert_eq!((page.contents[0].key.as_str(), page.contents[0].size), ("a&b.json.gz", 5));
        assert_eq!(page.next_continuation_token.as_deref(), Some("t="));
        let empty: Page = quick_xml::de::from_str("<ListBucketResult><Name>b</Name></ListBucketResult>").unwrap();
        assert!(empty.contents.is_empty());
    }
}
