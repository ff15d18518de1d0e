//! Why a request is not accepted, in the words of each family of services.

use std::borrow::Cow;

/// The three dialects AWS answers authentication errors in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// JSON and CBOR services: Secrets Manager, CloudTrail, Logs, EventBridge.
    Json,
    /// Query services: STS, IAM, SNS.
    Query,
    /// S3.
    S3,
}

/// Why a request is not accepted. Nothing secret is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SigError {
    /// The request is not signed. [`crate::parse`] does not say so by itself: some routes are open to unsigned requests.
    #[error("request is not signed")]
    Missing,
    /// The signature's parameters are incomplete or malformed.
    #[error("incomplete signature: {0}")]
    Incomplete(&'static str),
    /// The same for a presigned URL.
    #[error("incomplete presigned query: {0}")]
    IncompleteQuery(&'static str),
    /// Not `AWS4-HMAC-SHA256`.
    #[error("signing algorithm is not supported")]
    Algorithm,
    /// A header or parameter that is interpreted here is given more than once, or in two ways.
    #[error("{0} is given more than once")]
    Duplicate(&'static str),
    /// The day of the credential scope is not that of the request.
    #[error("day of the credential scope is {scope}, of the request {signed}")]
    ScopeDay {
        /// `YYYYMMDD` of the scope.
        scope: String,
        /// The request's time, `YYYYMMDDTHHMMSSZ`.
        signed: String,
    },
    /// The credential scope names another service than the one called.
    #[error("credential scope is not for service {0}")]
    ScopeService(String),
    /// A header that must be signed is not.
    #[error("header {0} is not signed")]
    NotSigned(String),
    /// The request was signed more than 15 minutes ago.
    #[error("signature expired")]
    Expired {
        /// When it was signed, `YYYYMMDDTHHMMSSZ`.
        signed: String,
        /// The earliest time still accepted.
        earliest: String,
        /// Now.
        now: String,
    },
    /// The request was signed more than 15 minutes ahead.
    #[error("signature not yet current")]
    NotYetCurrent {
        /// When it was signed, `YYYYMMDDTHHMMSSZ`.
        signed: String,
        /// The latest time already accepted.
        latest: String,
        /// Now.
        now: String,
    },
    /// A presigned URL is past its expiry.
    #[error("presigned url has expired")]
    PresignedExpired,
    /// The signature does not match.
    #[error("signature does not match")]
    Mismatch,
    /// S3 wants `x-amz-content-sha256` on every request that is signed by header.
    #[error("x-amz-content-sha256 is missing")]
    PayloadHashMissing,
    /// `x-amz-content-sha256` is neither a hash nor a form that the service takes.
    #[error("x-amz-content-sha256 is not supported here")]
    PayloadHashInvalid,
    /// The body is not the one `x-amz-content-sha256` stands for.
    #[error("body does not match x-amz-content-sha256")]
    PayloadMismatch,
    /// A chunked body does not keep to the form.
    #[error("chunked body is malformed: {0}")]
    Chunk(&'static str),
    /// A chunked body is shorter or longer than it says.
    #[error("chunked body is incomplete")]
    IncompleteBody,
    /// The access key is not known. Found by the caller.
    #[error("access key is not known")]
    UnknownKey,
    /// The session token does not belong to the access key. Found by the caller.
    #[error("session token is invalid")]
    InvalidToken,
    /// The session token has expired. Found by the caller.
    #[error("session token has expired")]
    ExpiredToken,
}

impl SigError {
    /// AWS's error code.
    pub fn code(&self, family: Family) -> &'static str {
        match family {
            Family::Json => self.codes().0,
            Family::Query => self.codes().1,
            Family::S3 => self.s3().0,
        }
    }

    /// The HTTP status.
    pub fn status(&self, family: Family) -> u16 {
        match (family, self) {
            (Family::S3, _) => self.s3().1,
            (_, Self::Incomplete(_) | Self::IncompleteQuery(_) | Self::Algorithm | Self::Duplicate(_)) => 400,
            _ => 403,
        }
    }

    /// AWS's message.
    pub fn message(&self, family: Family) -> Cow<'static, str> {
        if family == Family::S3 { Cow::Borrowed(self.s3().2) } else { self.text() }
    }

    /// Code of JSON services and of query services.
    fn codes(&self) -> (&'static str, &'static str) {
        match self {
            Self::Missing => ("MissingAuthenticationTokenException", "MissingAuthenticationToken"),
            Self::Incomplete(_) | Self::IncompleteQuery(_) | Self::Algorithm | Self::Duplicate(_) => {
                ("IncompleteSignatureException", "IncompleteSignature")
            }
            Self::UnknownKey | Self::InvalidToken => ("UnrecognizedClientException", "InvalidClientTokenId"),
            Self::ExpiredToken => ("ExpiredTokenException", "ExpiredToken"),
            _ => ("InvalidSignatureException", "SignatureDoesNotMatch"),
        }
    }

    fn text(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Missing => "Missing Authentication Token",
            Self::Incomplete(what) | Self::IncompleteQuery(what) => what,
            Self::Algorithm => "Unsupported AWS 'algorithm'. Only AWS4-HMAC-SHA256 is supported.",
            Self::Duplicate(what) => {
                return format!("Request must not contain more than one '{what}'.").into();
            }
            Self::ScopeDay { scope, signed } => {
                let day = signed.get(..8).unwrap_or_default();
                return format!(
                    "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
                     '{scope}' != '{day}', from '{signed}'."
                )
                .into();
            }
            Self::ScopeService(service) => {
                return format!("Credential should be scoped to correct service: '{service}'. ").into();
            }
            Self::NotSigned(name) if name == "host" => {
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
            }
            Self::NotSigned(name) => {
                return format!("'{name}' must be a 'SignedHeader' in the AWS Authorization.").into();
            }
            Self::Expired { signed, earliest, now } => {
                return format!("Signature expired: {signed} is now earlier than {earliest} ({now} - 15 min.)").into();
            }
            Self::NotYetCurrent { signed, latest, now } => {
                return format!("Signature not yet current: {signed} is still later than {latest} ({now} + 15 min.)")
                    .into();
            }
            Self::PresignedExpired => "Request has expired",
            Self::UnknownKey | Self::InvalidToken => "The security token included in the request is invalid.",
            Self::ExpiredToken => "The security token included in the request is expired",
            Self::PayloadHashInvalid => "x-amz-content-sha256 must be the SHA-256 of the body",
            Self::Mismatch
            | Self::PayloadHashMissing
            | Self::PayloadMismatch
            | Self::Chunk(_)
            | Self::IncompleteBody => {
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
                 Access Key and signing method. Consult the service documentation for details."
            }
        })
    }

    /// S3's code, status and message.
    fn s3(&self) -> (&'static str, u16, &'static str) {
        match self {
            Self::Missing => ("AccessDenied", 403, "Access Denied"),
            Self::Incomplete(what) => ("AuthorizationHeaderMalformed", 400, what),
            Self::IncompleteQuery(what) => ("AuthorizationQueryParametersError", 400, what),
            Self::Algorithm => (
                "InvalidRequest",
                400,
                "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
            ),
            Self::Duplicate(_) => (
                "InvalidArgument",
                400,
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string \
                 parameter or the Authorization header should be specified, each once",
            ),
            Self::ScopeDay { .. } | Self::ScopeService(_) => (
                "AuthorizationHeaderMalformed",
                400,
                "The authorization header is malformed; the credential scope does not fit the request",
            ),
            Self::NotSigned(_) => {
                ("AccessDenied", 403, "There were headers present in the request which were not signed")
            }
            Self::Expired { .. } | Self::NotYetCurrent { .. } => (
                "RequestTimeTooSkewed",
                403,
                "The difference between the request time and the current time is too large.",
            ),
            Self::PresignedExpired => ("AccessDenied", 403, "Request has expired"),
            Self::Mismatch => (
                "SignatureDoesNotMatch",
                403,
                "The request signature we calculated does not match the signature you provided. Check your key and \
                 signing method.",
            ),
            Self::PayloadHashMissing => {
                ("InvalidRequest", 400, "Missing required header for this request: x-amz-content-sha256")
            }
            Self::PayloadHashInvalid => (
                "InvalidArgument",
                400,
                "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, \
                 STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
            ),
            Self::PayloadMismatch => (
                "XAmzContentSHA256Mismatch",
                400,
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
            ),
            Self::Chunk(_) => ("InvalidRequest", 400, "The aws-chunked body is malformed."),
            Self::IncompleteBody => (
                "IncompleteBody",
                400,
                "The request body terminated unexpectedly: it is not as long as x-amz-decoded-content-length says",
            ),
            Self::UnknownKey => {
                ("InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records.")
            }
            Self::InvalidToken => ("InvalidToken", 400, "The provided token is malformed or otherwise invalid."),
            Self::ExpiredToken => ("ExpiredToken", 400, "The provided token has expired."),
        }
    }
}
