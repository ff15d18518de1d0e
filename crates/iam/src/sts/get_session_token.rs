//! GetSessionToken: temporary credentials for oneself.

use keeptrail_operation::{Access, ApiError, Authorisation, Context, Meta, Operation};
use keeptrail_policy::Principal;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::credentials::{Credentials, Limits, issue};
use crate::{Iam, session::Of, validate};

/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
pub(crate) struct GetSessionToken;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    duration_seconds: Option<u32>,
    #[serde(default)]
    serial_number: Option<String>,
    #[serde(default, skip_serializing)]
    token_code: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    credentials: Credentials,
}

impl Operation for GetSessionToken {
    type Service = Iam;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("GetSessionToken", "sts:GetSessionToken", &["DurationSeconds", "SerialNumber"])
        .authorised(Authorisation::Signed);

    async fn access(_: &Context<'_, Iam>, _: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(Vec::new())
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<Output, ApiError> {
        if input.serial_number.is_some() || input.token_code.is_some() {
            return Err(ApiError::not_carried_out("multi-factor authentication (SerialNumber, TokenCode)"));
        }
        let cannot = || ApiError::new(crate::ACCESS_DENIED, "Cannot call GetSessionToken with session credentials");
        if cx.identity().facts.issued_at.is_some() {
            return Err(cannot());
        }
        let (of, longest) = match (&cx.identity().principal, &cx.identity().facts.user_name) {
            (Principal::AccountRoot { .. }, _) => (Of::Root, 3600),
            (Principal::User { .. }, Some(name)) => {
                (Of::User { name: name.clone(), id: cx.identity().facts.user_id.clone() }, 129_600)
            }
            _ => return Err(cannot()),
        };
        let asked = validate::seconds("durationSeconds", input.duration_seconds.unwrap_or(43_200), 900, 129_600)?;
        // "If the duration is longer than one hour, the session for root defaults to one hour."
        let credentials = issue(cx, of, asked.min(longest), Limits::default())?;
        cx.respond_on_record(json!({"credentials": {
            "accessKeyId": credentials.access_key_id,
            "expiration": keeptrail_record::english_date(credentials.expiration.to_jiff()),
        }}));
        Ok(Output { credentials })
    }
}
