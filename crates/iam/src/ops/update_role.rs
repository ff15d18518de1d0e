//! UpdateRole: changes a role's description and longest session.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Iam, model, validate};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html>
pub(crate) struct UpdateRole;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_name: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    max_session_duration: Option<u32>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {}

impl Operation for UpdateRole {
    type Service = Iam;
    type Input = Input;
    type Output = Output;

    const META: Meta =
        Meta::write("UpdateRole", "iam:UpdateRole", &["RoleName", "Description", "MaxSessionDuration"], &[]);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![super::on_role(cx, Self::META.action, &input.role_name).await?])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<Output, ApiError> {
        validate::description(input.description.as_deref())?;
        let longest = duration(input.max_session_duration)?;
        let account = cx.account().as_str();
        let mut role = model::role(cx.tx(), account, &input.role_name).await?;
        if input.description.is_some() {
            role.description.clone_from(&input.description);
        }
        role.max_session = longest.unwrap_or(role.max_session);
        model::save_role(cx.tx(), account, role)?;
        Ok(Output {})
    }
}

/// Checks MaxSessionDuration, in seconds.
pub(crate) fn duration(asked: Option<u32>) -> Result<Option<u32>, ApiError> {
    asked.map(|asked| validate::seconds("maxSessionDuration", asked, 3600, 43_200)).transpose()
}
