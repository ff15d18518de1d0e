//! StopImport: ends an import; what it has taken in stays.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    errors,
    imports::{self, Import, ImportStatistics, Imports, ONGOING, Source, Status, save},
};

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StopImport.html>
pub(crate) struct StopImport;

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
    import_source: Source,
    destinations: Vec<String>,
    import_status: Status,
    created_timestamp: Timestamp,
    updated_timestamp: Timestamp,
    start_event_time: Option<Timestamp>,
    end_event_time: Option<Timestamp>,
    import_statistics: ImportStatistics,
}

impl Operation for StopImport {
    type Service = Imports;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write(
        "StopImport",
        "cloudtrail:StopImport",
        &["ImportId"],
        &["ImportId", "Destinations", "ImportStatus"],
    );

    async fn access(cx: &Context<'_, Imports>, input: &Input) -> Result<Vec<Access>, ApiError> {
        imports::access(cx, Self::META.action, &input.import_id).await
    }

    async fn run(cx: &Context<'_, Imports>, input: &Input) -> Result<Output, ApiError> {
        let (place, found) = imports::find(cx, &input.import_id).await?;
        if !found.status.is_ongoing() {
            let text = "The import cannot be stopped: it is in the FAILED, STOPPED or COMPLETED state.";
            return Err(ApiError::new(errors::INVALID_PARAMETER, text));
        }
        let import = Import { status: Status::Stopped, ..Import::clone(&found) };
        save(cx.tx(), &place, &import)?;
        ONGOING.delete(cx.tx(), &[&place.account]);
        let running = cx.service().progress(&place);
        Ok(Output {
            import_id: place.id.clone(),
            import_source: Source::of(&import),
            destinations: vec![place.store_arn(&import.store)],
            import_status: import.status,
            created_timestamp: import.created.into(),
            updated_timestamp: cx.now().into(),
            start_event_time: import.start.map(Timestamp::from),
            end_event_time: import.end.map(Timestamp::from),
            import_statistics: ImportStatistics::of(&import, running.as_deref()),
        })
    }
}
