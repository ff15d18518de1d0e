//! DeleteTrail: deletes a trail. What it delivered stays, and what was recorded until then is still delivered.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::shared;
use crate::{
    Trails,
    model::{self, LOG_STATUS},
};

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteTrail.html>
pub(crate) struct DeleteTrail;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    name: String,
}

#[derive(Serialize)]
pub(crate) struct Output {}

impl Operation for DeleteTrail {
    type Service = Trails;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write("DeleteTrail", "cloudtrail:DeleteTrail", &["Name"], &[]);

    async fn access(cx: &Context<'_, Trails>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![shared::on_trail(cx, Self::META.action, &input.name).await?])
    }

    async fn run(cx: &Context<'_, Trails>, input: &Input) -> Result<Output, ApiError> {
        let mut set = model::set(cx).await?;
        let trail = set.change(cx, &input.name)?;
        LOG_STATUS.delete(cx.tx(), &[&trail.id]);
        let arn = trail.arn.clone();
        set.close(&arn, cx.now());
        model::save(cx, &set)?;
        Ok(Output {})
    }
}
