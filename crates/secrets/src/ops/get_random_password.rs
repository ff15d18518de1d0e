//! GetRandomPassword: draws a password.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Secrets, errors,
    password::{Impossible, Rules, draw},
    value::Revealed,
};

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html>
pub(crate) struct GetRandomPassword;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    password_length: Option<i64>,
    #[serde(default)]
    exclude_characters: Option<String>,
    #[serde(default)]
    exclude_numbers: Option<bool>,
    #[serde(default)]
    exclude_punctuation: Option<bool>,
    #[serde(default)]
    exclude_uppercase: Option<bool>,
    #[serde(default)]
    exclude_lowercase: Option<bool>,
    #[serde(default)]
    include_space: Option<bool>,
    #[serde(default)]
    require_each_included_type: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    random_password: Revealed,
}

impl Operation for GetRandomPassword {
    type Service = Secrets;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read(
        "GetRandomPassword",
        "secretsmanager:GetRandomPassword",
        &[
            "PasswordLength",
            "ExcludeCharacters",
            "ExcludeNumbers",
            "ExcludePunctuation",
            "ExcludeUppercase",
            "ExcludeLowercase",
            "IncludeSpace",
            "RequireEachIncludedType",
        ],
    );

    async fn access(_: &Context<'_, Secrets>, _: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![Access::to(Self::META.action)])
    }

    async fn run(cx: &Context<'_, Secrets>, input: &Input) -> Result<Output, ApiError> {
        let length =
            usize::try_from(input.password_length.unwrap_or(32)).ok().filter(|length| (1..=4096).contains(length));
        let length = length.ok_or_else(|| errors::invalid_parameter("PasswordLength must be between 1 and 4096."))?;
        let not = |excluded: Option<bool>| !excluded.unwrap_or(false);
        let rules = Rules {
            length,
            exclude: input.exclude_characters.clone().unwrap_or_default(),
            upper: not(input.exclude_uppercase),
            lower: not(input.exclude_lowercase),
            digits: not(input.exclude_numbers),
            punctuation: not(input.exclude_punctuation),
            space: input.include_space.unwrap_or(false),
            each: input.require_each_included_type.unwrap_or(true),
        };
        let random_password = draw(&rules, cx.random()).map_err(|error| match error {
            Impossible::TooShort => {
                errors::invalid_parameter("Password length is too short based on the required types.")
            }
            Impossible::NothingLeft => {
                errors::invalid_request("The exclusions leave no character to make a password of.")
            }
            Impossible::Random(error) => error.into(),
        })?;
        Ok(Output { random_password: Revealed::new(random_password) })
    }
}
