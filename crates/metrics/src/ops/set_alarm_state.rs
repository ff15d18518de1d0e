//! `SetAlarmState`: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html>

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::resource;
use crate::{
    Metrics, State, StateValue,
    alarm::millis,
    constraint::{INVALID_FORMAT, length, one_of},
    evaluate::next_tick,
};

/// Sets an alarm's state by hand and runs the actions of that state. It lasts until the alarm is evaluated next: with
/// the next datapoint, or with the next minute. An alarm whose datapoints still breach goes back to ALARM then, as on
/// AWS.
pub(crate) struct SetAlarmState;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    alarm_name: String,
    state_value: String,
    state_reason: String,
    state_reason_data: Option<String>,
}

impl Operation for SetAlarmState {
    type Service = Metrics;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write(
        "SetAlarmState",
        "cloudwatch:SetAlarmState",
        &["AlarmName", "StateValue", "StateReason", "StateReasonData"],
        &[],
    );

    async fn access(cx: &Context<'_, Metrics>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![Access::to(Self::META.action).on(resource::arn(cx, &input.alarm_name))])
    }

    async fn run(cx: &Context<'_, Metrics>, input: &Input) -> Result<(), ApiError> {
        length("alarmName", &input.alarm_name, 1, 255)?;
        one_of("stateValue", &input.state_value, &StateValue::NAMES)?;
        length("stateReason", &input.state_reason, 0, 1023)?;
        if let Some(data) = &input.state_reason_data {
            length("stateReasonData", data, 0, 4000)?;
            if serde_json::from_str::<&RawValue>(data).is_err() {
                return Err(ApiError::new(INVALID_FORMAT, "StateReasonData is not valid JSON."));
            }
        }
        let alarm = resource::alarm(cx, &input.alarm_name).await?;
        let alarm = alarm.ok_or_else(|| resource::not_found(&input.alarm_name))?;
        let value = StateValue::named(&input.state_value).unwrap_or(alarm.state.value);
        let now = millis(cx.now());
        let state = State {
            value,
            reason: input.state_reason.clone(),
            reason_data: input.state_reason_data.clone(),
            updated: now,
            transitioned: if value == alarm.state.value { alarm.state.transitioned } else { now },
        };
        let due = Some(next_tick(alarm.configuration.period, cx.now()));
        Ok(cx.service().enter(cx.tx(), cx.account(), cx.region(), &alarm, state, due).await?)
    }
}
