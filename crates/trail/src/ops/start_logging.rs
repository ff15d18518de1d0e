//! StartLogging: begins to take records.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::shared;
use crate::{Trails, model};

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartLogging.html>
pub(crate) struct StartLogging;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    name: String,
}

#[derive(Serialize)]
pub(crate) struct Output {}

impl Operation for StartLogging {
    type Service = Trails;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write("StartLogging", "cloudtrail:StartLogging", &["Name"], &[]);

    async fn access(cx: &Context<'_, Trails>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![shared::on_trail(cx, Self::META.action, &input.name).await?])
    }

    async fn run(cx: &Context<'_, Trails>, input: &Input) -> Result<Output, ApiError> {
        let mut set = model::set(cx).await?;
        if set.change(cx, &input.name)?.start(cx.now()) {
            model::save(cx, &set)?;
        }
        Ok(Output {})
    }
}
