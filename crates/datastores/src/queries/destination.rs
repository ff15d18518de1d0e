//! Where a query's results are delivered to: `s3://bucket/prefix`.

use keeptrail_clock::Timestamp;
use keeptrail_operation::ApiError;
use serde::{Deserialize, Serialize};

use crate::errors;

/// "Length Constraints: Maximum length of 1024" (StartQuery's `DeliveryS3Uri`).
const LONGEST: usize = 1024;
/// "The prefix … can contain up to 200 characters" (CloudTrail's `S3KeyPrefix`).
const LONGEST_PREFIX: usize = 200;

/// A bucket and a prefix in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Destination {
    /// As the caller wrote it.
    pub(crate) uri: String,
    pub(crate) bucket: String,
    /// Empty, or with a slash in the end.
    prefix: String,
}

impl Destination {
    /// Reads a URI of the form `s3://[a-z0-9][\.\-a-z0-9]{1,61}[a-z0-9](/.*)?`.
    pub(crate) fn parse(uri: &str) -> Result<Self, ApiError> {
        let invalid = |text: &str| ApiError::new(errors::INVALID_PARAMETER, text.to_owned());
        if uri.len() > LONGEST {
            return Err(invalid("DeliveryS3Uri must not be longer than 1024 characters."));
        }
        let rest =
            uri.strip_prefix("s3://").ok_or_else(|| invalid("DeliveryS3Uri must look like s3://BUCKET/PREFIX."))?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let edge = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        let bytes = bucket.as_bytes();
        let inner = |byte: &u8| edge(Some(byte)) || matches!(byte, b'.' | b'-');
        if !(3..=63).contains(&bytes.len()) || !edge(bytes.first()) || !edge(bytes.last()) || !bytes.iter().all(inner) {
            let text = format!(
                "The bucket name {bucket} is invalid: 3 to 63 lower-case letters, digits, dots and hyphens, a letter or digit \
                 first and last."
            );
            return Err(ApiError::new(errors::INVALID_BUCKET, text));
        }
        let prefix = prefix.trim_end_matches('/');
        let dots = |part: &str| matches!(part, "" | "." | "..");
        let broken = prefix.len() > LONGEST_PREFIX || prefix.chars().any(char::is_control);
        if broken || (!prefix.is_empty() && prefix.split('/').any(dots)) {
            let text = "The prefix of DeliveryS3Uri is invalid: at most 200 characters, names with single slashes between them.";
            return Err(ApiError::new(errors::INVALID_PREFIX, text));
        }
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(Self { uri: uri.to_owned(), bucket: bucket.to_owned(), prefix })
    }

    /// The folder of all results of an account, with a slash in the end.
    pub(crate) fn account_folder(&self, account: &str) -> String {
        format!("{}AWSLogs/{account}/CloudTrail-Lake/Query/", self.prefix)
    }

    /// The folder of one query's results, with a slash in the end. Source: "CloudTrail sign file structure" in the
    /// CloudTrail user guide.
    pub(crate) fn folder(&self, account: &str, created: Timestamp, query: &str) -> String {
        format!("{}{}/{query}/", self.account_folder(account), created.strftime("%Y/%m/%d"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_is_a_bucket_and_a_prefix() {
        let folder = |uri: &str| {
            let destination = Destination::parse(uri).unwrap();
            let created = "2026-11-05T23:59:59Z".parse().unwrap();
            format!("{} {}", destination.bucket, destination.folder("123456789012", created, "q"))
        };
        assert_eq!(folder("s3://results"), "results AWSLogs/123456789012/CloudTrail-Lake/Query/2026/11/05/q/");
        assert_eq!(folder("s3://results/"), "results AWSLogs/123456789012/CloudTrail-Lake/Query/2026/11/05/q/");
        assert_eq!(folder("s3://r.1/a/b/"), "r.1 a/b/AWSLogs/123456789012/CloudTrail-Lake/Query/2026/11/05/q/");
    }

    #[test]
    fn what_is_no_such_uri_is_refused_by_what_is_wrong() {
        let long = format!("s3://results/{}", "x".repeat(201));
        let too_long = format!("s3://results/{}", "x".repeat(1020));
        for (uri, code) in [
            ("results", "InvalidParameterException"),
            ("https://results/x", "InvalidParameterException"),
            ("S3://results", "InvalidParameterException"),
            (too_long.as_str(), "InvalidParameterException"),
            ("s3://", "InvalidS3BucketNameException"),
            ("s3:///x", "InvalidS3BucketNameException"),
            ("s3://Results", "InvalidS3BucketNameException"),
            ("s3://-results", "InvalidS3BucketNameException"),
            ("s3://re_sults", "InvalidS3BucketNameException"),
            ("s3://résults", "InvalidS3BucketNameException"),
            ("s3://results/a//b", "InvalidS3PrefixException"),
            ("s3://results//a", "InvalidS3PrefixException"),
            ("s3://results/../a", "InvalidS3PrefixException"),
            ("s3://results/a\nb", "InvalidS3PrefixException"),
            (long.as_str(), "InvalidS3PrefixException"),
        ] {
            assert_eq!(Destination::parse(uri).unwrap_err().code.name, code, "{uri:?}");
        }
    }
}
