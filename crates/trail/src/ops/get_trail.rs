//! GetTrail: shows a trail.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::{shapes, shared};
use crate::{Trails, model};

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrail.html>
pub(crate) struct GetTrail;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    name: String,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    trail: shapes::Described,
}

impl Operation for GetTrail {
    type Service = Trails;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("GetTrail", "cloudtrail:GetTrail", &["Name"]);

    async fn access(cx: &Context<'_, Trails>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![shared::on_trail(cx, Self::META.action, &input.name).await?])
    }

    async fn run(cx: &Context<'_, Trails>, input: &Input) -> Result<Output, ApiError> {
        let set = model::set(cx).await?;
        Ok(Output { trail: shapes::Described::of(set.require(cx, &input.name)?) })
    }
}
