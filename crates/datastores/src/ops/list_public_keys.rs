//! ListPublicKeys: the keys that query results are signed with.

use keeptrail_operation::{Access, ApiError, Blob, Context, Meta, Operation, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    errors,
    queries::{Queries, keys},
};

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListPublicKeys.html>
pub(crate) struct ListPublicKeys;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    start_time: Option<Timestamp>,
    #[serde(default)]
    end_time: Option<Timestamp>,
    #[serde(default)]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PublicKey {
    value: Blob,
    validity_start_time: Timestamp,
    validity_end_time: Timestamp,
    fingerprint: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    public_key_list: Vec<PublicKey>,
}

impl Operation for ListPublicKeys {
    type Service = Queries;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("ListPublicKeys", "cloudtrail:ListPublicKeys", &["StartTime", "EndTime"]);

    async fn access(_: &Context<'_, Queries>, _: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![Access::to(Self::META.action)])
    }

    async fn run(cx: &Context<'_, Queries>, input: &Input) -> Result<Output, ApiError> {
        if input.next_token.is_some() {
            return Err(ApiError::not_carried_out("the parameter NextToken, which AWS reserves for future use"));
        }
        let time = |given: Option<Timestamp>| given.map_or_else(|| cx.now(), Timestamp::to_jiff);
        let (from, to) = (time(input.start_time), time(input.end_time));
        if from > to {
            return Err(ApiError::new(errors::INVALID_TIME_RANGE, "The start time must be before the end time."));
        }
        let mut public_key_list = Vec::new();
        for key in keys(cx.tx(), cx.region().as_str()).await? {
            if key.from <= to && from <= key.to {
                public_key_list.push(PublicKey {
                    value: key.public().into(),
                    validity_start_time: key.from.into(),
                    validity_end_time: key.to.into(),
                    fingerprint: key.fingerprint.clone(),
                });
            }
        }
        Ok(Output { public_key_list })
    }
}
