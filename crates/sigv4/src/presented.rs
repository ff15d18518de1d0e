//! What a request claims, before any of it is verified.

use http::HeaderMap;
use jiff::Timestamp;

use crate::canonical::{self, decode};
use crate::{SigError, time};

/// The only algorithm.
pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The head of a request as it arrived.
#[derive(Clone, Copy)]
pub struct RequestParts<'a> {
    /// The method, `GET`.
    pub method: &'a str,
    /// The path as sent, still percent-encoded.
    pub path: &'a str,
    /// The query string as sent, without the question mark; empty when there is none.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// HTTP/2's `:authority`, which stands for `Host` when that is not sent.
    pub authority: Option<&'a str>,
}

impl<'a> RequestParts<'a> {
    /// A header that may be given once only, as text.
    pub(crate) fn single(&self, name: &'static str) -> Result<Option<&'a str>, SigError> {
        let mut values = self.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => match value.to_str() {
                Ok(text) => Ok(Some(text)),
                Err(_) => Err(SigError::Incomplete("A header of the signature holds characters that are not ASCII.")),
            },
            (Some(_), Some(_)) => Err(SigError::Duplicate(name)),
        }
    }

    /// The host the client meant; it is only ever compared.
    pub(crate) fn host(&self) -> Result<Option<&'a str>, SigError> {
        match (self.single("host")?, self.authority) {
            (Some(host), Some(authority)) if host != authority => Err(SigError::Duplicate("host")),
            (Some(host), _) => Ok(Some(host)),
            (None, authority) => Ok(authority),
        }
    }
}

/// How a request carries its signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// In the `Authorization` header.
    Header,
    /// In the query string.
    Presigned {
        /// For how long after it was signed, in seconds.
        expires: u32,
    },
}

/// What a signed request claims. All of it is hearsay until [`Presented::verify`].
#[derive(Clone)]
pub struct Presented {
    pub(crate) access_key_id: String,
    pub(crate) day: String,
    pub(crate) region: String,
    pub(crate) service: String,
    pub(crate) session_token: Option<String>,
    pub(crate) signed_headers: String,
    pub(crate) signature: [u8; 32],
    pub(crate) signed_at: Timestamp,
    pub(crate) kind: Kind,
}

impl Presented {
    /// The access key's id.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The day of the credential scope, `YYYYMMDD`, for [`crate::SigningKey::derive`].
    pub fn day(&self) -> &str {
        &self.day
    }

    /// The region of the credential scope.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The service of the credential scope: its signing name, `monitoring` for CloudWatch.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The session token of temporary credentials. A secret.
    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref()
    }

    /// When the client signed it, by the client's clock.
    pub fn signed_at(&self) -> Timestamp {
        self.signed_at
    }

    /// How the signature is carried.
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

/// Reads what a request claims; `None` when it is not signed.
///
/// # Errors
/// When it is signed in part, by another algorithm, twice, or in a malformed way.
pub fn parse(parts: &RequestParts<'_>) -> Result<Option<Presented>, SigError> {
    let authorization = parts.single("authorization")?;
    let query = PresignedQuery::read(parts.query)?;
    if query.version_2 {
        return Err(SigError::Algorithm);
    }
    match (authorization, query.signs()) {
        (Some(_), true) => Err(SigError::Duplicate("authorization")),
        (Some(authorization), false) => from_header(parts, authorization).map(Some),
        (None, true) => from_query(query).map(Some),
        (None, false) => Ok(None),
    }
}

fn from_header(parts: &RequestParts<'_>, authorization: &str) -> Result<Presented, SigError> {
    let (algorithm, parameters) = authorization.trim().split_once(' ').ok_or(SigError::Algorithm)?;
    if algorithm != ALGORITHM {
        return Err(SigError::Algorithm);
    }
    let (mut credential, mut signed_headers, mut signature) = (None, None, None);
    for parameter in parameters.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        let place = match parameter.split_once('=') {
            Some(("Credential", value)) => credential.replace(value),
            Some(("SignedHeaders", value)) => signed_headers.replace(value),
            Some(("Signature", value)) => signature.replace(value),
            _ => return Err(SigError::Incomplete("Authorization header has an unknown or malformed parameter.")),
        };
        if place.is_some() {
            return Err(SigError::Duplicate("Authorization parameter"));
        }
    }
    let missing = SigError::Incomplete;
    let credential = credential.ok_or(missing("Authorization header requires 'Credential' parameter."))?;
    let signature = signature.ok_or(missing("Authorization header requires 'Signature' parameter."))?;
    let signed_headers = signed_headers.ok_or(missing("Authorization header requires 'SignedHeaders' parameter."))?;
    let signed_at = match (parts.single("x-amz-date")?, parts.single("date")?) {
        (Some(basic), _) => {
            time::parse_basic(basic).ok_or(missing("X-Amz-Date must be of the form YYYYMMDD'T'HHMMSS'Z'."))
        }
        (None, Some(date)) => time::parse_http(date)
            .or_else(|| time::parse_basic(date))
            .ok_or(missing("Date must be of the form of RFC 7231 or YYYYMMDD'T'HHMMSS'Z'.")),
        (None, None) => {
            Err(missing("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."))
        }
    }?;
    let session_token = parts.single("x-amz-security-token")?.map(str::to_owned);
    presented(credential, signed_headers, signature, signed_at, session_token, Kind::Header)
}

fn from_query(query: PresignedQuery) -> Result<Presented, SigError> {
    let missing = SigError::IncompleteQuery;
    let [algorithm, credential, date, expires, signed_headers, signature, session_token] = query.values;
    if algorithm.ok_or(missing("AWS query-string parameters must include 'X-Amz-Algorithm'."))? != ALGORITHM {
        return Err(SigError::Algorithm);
    }
    let credential = credential.ok_or(missing("AWS query-string parameters must include 'X-Amz-Credential'."))?;
    let signed_headers =
        signed_headers.ok_or(missing("AWS query-string parameters must include 'X-Amz-SignedHeaders'."))?;
    let signature = signature.ok_or(missing("AWS query-string parameters must include 'X-Amz-Signature'."))?;
    let date = date.ok_or(missing("AWS query-string parameters must include 'X-Amz-Date'."))?;
    let signed_at = time::parse_basic(&date)
        .ok_or(missing("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""))?;
    let expires = expires.ok_or(missing("AWS query-string parameters must include 'X-Amz-Expires'."))?;
    let expires: u32 = expires.parse().map_err(|_| missing("X-Amz-Expires should be a number"))?;
    if expires > MAX_EXPIRES {
        return Err(missing(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
        ));
    }
    if expires == 0 {
        return Err(missing("X-Amz-Expires must be non-negative"));
    }
    presented(&credential, &signed_headers, &signature, signed_at, session_token, Kind::Presigned { expires })
}

/// A week, in seconds.
const MAX_EXPIRES: u32 = 604_800;

fn presented(
    credential: &str,
    signed_headers: &str,
    signature: &str,
    signed_at: Timestamp,
    session_token: Option<String>,
    kind: Kind,
) -> Result<Presented, SigError> {
    let incomplete = |what| match kind {
        Kind::Header => SigError::Incomplete(what),
        Kind::Presigned { .. } => SigError::IncompleteQuery(what),
    };
    let mut scope = credential.split('/');
    let (Some(access_key_id), Some(day), Some(region), Some(service), Some(terminator), None) =
        (scope.next(), scope.next(), scope.next(), scope.next(), scope.next(), scope.next())
    else {
        return Err(incomplete(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term",
        ));
    };
    if terminator != "aws4_request" {
        return Err(incomplete("Credential should be scoped with a valid terminator: 'aws4_request'."));
    }
    let is_key = (1..=128).contains(&access_key_id.len()) && access_key_id.bytes().all(|b| b.is_ascii_graphic());
    let is_name = |s: &str| (1..=64).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !is_key || !is_name(region) || !is_name(service) {
        return Err(incomplete("Credential holds an impossible access key, region or service."));
    }
    if day != time::day(signed_at) {
        return Err(SigError::ScopeDay { scope: printable_day(day), signed: time::basic(signed_at) });
    }
    let mut previous = "";
    for name in signed_headers.split(';') {
        let is_header = !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic() && !b.is_ascii_uppercase());
        if !is_header || name <= previous {
            return Err(incomplete("SignedHeaders must be header names in lower case, sorted, each once."));
        }
        previous = name;
    }
    let mut bytes = [0; 32];
    if signature.bytes().any(|b| b.is_ascii_uppercase()) || hex::decode_to_slice(signature, &mut bytes).is_err() {
        return Err(incomplete("Signature must be 64 hexadecimal digits in lower case."));
    }
    Ok(Presented {
        access_key_id: access_key_id.to_owned(),
        day: day.to_owned(),
        region: region.to_owned(),
        service: service.to_owned(),
        session_token,
        signed_headers: signed_headers.to_owned(),
        signature: bytes,
        signed_at,
        kind,
    })
}

/// A scope's day goes into a message, so it is repeated only if it is one.
fn printable_day(day: &str) -> String {
    let is_day = day.len() == 8 && day.bytes().all(|b| b.is_ascii_digit());
    if is_day { day.to_owned() } else { "not a day".to_owned() }
}

/// The signature's parameters in a query string.
#[derive(Default)]
struct PresignedQuery {
    /// In the order of [`NAMES`].
    values: [Option<String>; 7],
    /// The query is signed by Signature Version 2, as boto3 presigns S3's URLs unless told otherwise.
    version_2: bool,
}

const NAMES: [&str; 7] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
    "X-Amz-Security-Token",
];

impl PresignedQuery {
    fn read(query: &str) -> Result<Self, SigError> {
        let mut found = Self::default();
        for (name, value) in canonical::pairs(query) {
            let name = decode(name);
            found.version_2 |= *name == *b"AWSAccessKeyId";
            for (known, place) in NAMES.iter().zip(&mut found.values) {
                if known.as_bytes() != &*name {
                    continue;
                }
                let text = String::from_utf8(decode(value).into_owned())
                    .map_err(|_| SigError::IncompleteQuery("A query parameter of the signature is not text."))?;
                if place.replace(text).is_some() {
                    return Err(SigError::Duplicate(known));
                }
            }
        }
        Ok(found)
    }

    /// Whether the query claims to sign the request; a date or a token alone does not.
    fn signs(&self) -> bool {
        let [algorithm, credential, _, _, _, signature, _] = &self.values;
        algorithm.is_some() || credential.is_some() || signature.is_some()
    }
}
