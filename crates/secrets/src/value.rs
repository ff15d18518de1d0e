//! Secret values: in from the wire, sealed, and out again.

use std::sync::{Arc, OnceLock};

use keeptrail_operation::{ApiError, Blob, Context};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::{
    Secrets, errors,
    model::{VALUES, Value},
};

/// "SecretString: Maximum length of 65536" (API reference), measured in bytes.
const LARGEST: usize = 65_536;

/// A text that no record, log or message can show: it cannot be serialised or printed.
#[derive(Clone)]
pub(crate) struct SecretText(Zeroizing<String>);

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Zeroizing::new(String::deserialize(deserializer)?)))
    }
}

/// A secret on its way to an authorised caller: only answers hold it, and no answer's member of this type is ever named in
/// a record's allow-list.
pub(crate) struct Revealed(Zeroizing<String>);

impl Serialize for Revealed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl Revealed {
    pub(crate) fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }
}

/// A value that a caller gave.
pub(crate) struct Plain {
    bytes: Zeroizing<Vec<u8>>,
    binary: bool,
}

/// A value as an answer shows it.
#[derive(Default)]
pub(crate) struct Opened {
    pub(crate) text: Option<Revealed>,
    pub(crate) binary: Option<Blob>,
}

/// The value in a request, if there is one.
pub(crate) fn given(text: Option<&SecretText>, binary: Option<&Blob>) -> Result<Option<Plain>, ApiError> {
    let plain = match (text, binary) {
        (Some(_), Some(_)) => {
            return Err(errors::invalid_parameter(
                "You can't specify both a binary secret value and a string secret value in the same secret.",
            ));
        }
        (Some(text), None) => Plain { bytes: Zeroizing::new(text.0.as_bytes().to_vec()), binary: false },
        (None, Some(blob)) => Plain { bytes: Zeroizing::new(blob.as_ref().to_vec()), binary: true },
        (None, None) => return Ok(None),
    };
    if plain.bytes.is_empty() && plain.binary {
        return Err(errors::invalid_parameter("You must provide a value for SecretBinary that has at least one byte."));
    }
    if plain.bytes.len() > LARGEST {
        return Err(errors::too_long(if plain.binary { "secretBinary" } else { "secretString" }, LARGEST));
    }
    Ok(Some(plain))
}

fn associated_data(arn: &str, version: &str) -> Vec<u8> {
    keeptrail_envelope::associated_data(&["secretsmanager", arn, version])
}

/// Seals `plain` as the value of a version.
pub(crate) fn store(cx: &Context<'_, Secrets>, arn: &str, version: &str, plain: &Plain) -> Result<(), ApiError> {
    let sealed =
        cx.service().keyring.seal(cx.random(), &associated_data(arn, version), &plain.bytes).map_err(|error| {
            ApiError::new(errors::ENCRYPTION_FAILURE, "Secrets Manager can't encrypt the protected secret text.")
                .because(error)
        })?;
    VALUES.put(cx.tx(), &[arn, version], &Value { sealed, binary: plain.binary, opened: OnceLock::new() })?;
    Ok(())
}

/// The row of a version's value, opened.
async fn unseal(cx: &Context<'_, Secrets>, arn: &str, version: &str) -> Result<Option<Arc<Value>>, ApiError> {
    let Some(value) = VALUES.get(cx.tx(), &[arn, version]).await? else { return Ok(None) };
    if value.opened.get().is_some() {
        return Ok(Some(value));
    }
    let bytes = cx.service().keyring.open(&associated_data(arn, version), &value.sealed).map_err(|error| {
        ApiError::new(
            errors::DECRYPTION_FAILURE,
            "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
        )
        .because(error)
    })?;
    // Losing this race to another reader of the same row only means opening it twice.
    let _ = value.opened.set(bytes);
    Ok(Some(value))
}

/// The value of a version, for its reader; `None` when the version has none yet.
pub(crate) async fn open(cx: &Context<'_, Secrets>, arn: &str, version: &str) -> Result<Option<Opened>, ApiError> {
    let Some(value) = unseal(cx, arn, version).await? else { return Ok(None) };
    let bytes = value.opened.get().map(|bytes| bytes.as_slice()).unwrap_or_default();
    if value.binary {
        return Ok(Some(Opened { binary: Some(Blob::new(bytes.to_vec())), text: None }));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| {
        // Stored as text, so it was text: whatever it is now must not go out, nor into the log.
        ApiError::new(
            errors::DECRYPTION_FAILURE,
            "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
        )
    })?;
    Ok(Some(Opened { text: Some(Revealed::new(Zeroizing::new(text.to_owned()))), binary: None }))
}

/// Whether a version's value is `plain`: the same token with the same value changes nothing.
pub(crate) async fn is(cx: &Context<'_, Secrets>, arn: &str, version: &str, plain: &Plain) -> Result<bool, ApiError> {
    let Some(value) = unseal(cx, arn, version).await? else { return Ok(false) };
    let bytes = value.opened.get().map(|bytes| bytes.as_slice()).unwrap_or_default();
    let same = aws_lc_rs::constant_time::verify_slices_are_equal(bytes, &plain.bytes).is_ok();
    Ok(same && value.binary == plain.binary)
}
