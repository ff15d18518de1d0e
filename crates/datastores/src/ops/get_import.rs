//! GetImport: how an import stands.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation, Timestamp};
use serde::{Deserialize, Serialize};

use crate::imports::{self, ImportStatistics, Imports, Source, Status};

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetImport.html>
pub(crate) struct GetImport;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    import_id: String,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    import_id: String,
    destinations: Vec<String>,
    import_source: Source,
    start_event_time: Option<Timestamp>,
    end_event_time: Option<Timestamp>,
    import_status: Status,
    created_timestamp: Timestamp,
    updated_timestamp: Timestamp,
    import_statistics: ImportStatistics,
}

impl Operation for GetImport {
    type Service = Imports;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("GetImport", "cloudtrail:GetImport", &["ImportId"]);

    async fn access(cx: &Context<'_, Imports>, input: &Input) -> Result<Vec<Access>, ApiError> {
        imports::access(cx, Self::META.action, &input.import_id).await
    }

    async fn run(cx: &Context<'_, Imports>, input: &Input) -> Result<Output, ApiError> {
        let (place, import) = imports::find(cx, &input.import_id).await?;
        let running = cx.service().progress(&place);
        Ok(Output {
            import_id: place.id.clone(),
            destinations: vec![place.store_arn(&import.store)],
            import_source: Source::of(&import),
            start_event_time: import.start.map(Timestamp::from),
            end_event_time: import.end.map(Timestamp::from),
            import_status: import.status,
            created_timestamp: import.created.into(),
            updated_timestamp: import.updated.into(),
            import_statistics: ImportStatistics::of(&import, running.as_deref()),
        })
    }
}
