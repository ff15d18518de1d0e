//! PutTargets: adds targets to a rule, or changes those with the same ids.

use keeptrail_arn::Arn;
use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize, de::IgnoredAny};

use crate::{
    Events, bus, errors, input,
    model::{InputTransformer, RuleSet, StoredTarget, read},
};

/// Targets of a rule, at most (quota of EventBridge).
const MOST: usize = 5;

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html>
pub(crate) struct PutTargets;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    rule: String,
    #[serde(default)]
    event_bus_name: Option<String>,
    targets: Vec<Target>,
}

/// A target in the request. Inputs are the user's own text and stay off the record.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Target {
    id: String,
    arn: String,
    #[serde(default, skip_serializing)]
    input: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    input_path: Option<String>,
    #[serde(default, skip_serializing)]
    input_transformer: Option<InputTransformer>,
    #[serde(default, skip_serializing)]
    role_arn: Option<IgnoredAny>,
    #[serde(default, skip_serializing)]
    kinesis_parameters: Option<IgnoredAny>,
    #[serde(default, skip_serializing)]
    run_command_parameters: Option<IgnoredAny>,
    #[serde(default, skip_serializing)]
    ecs_parameters: Option<IgnoredAny>,
    #[serde(default, skip_serializing)]
    batch_parameters: Option<IgnoredAny>,
    #[serde(default, skip_serializing)]
    sqs_parameters: Option<IgnoredAny>,
    #[serde(default, skip_serializing)]
    http_parameters: Option<IgnoredAny>,
    #[serde(default, skip_serializing)]
    redshift_data_parameters: Option<IgnoredAny>,
    #[serde(default, skip_serializing)]
    sage_maker_pipeline_parameters: Option<IgnoredAny>,
    #[serde(default, skip_serializing)]
    dead_letter_config: Option<IgnoredAny>,
    #[serde(default, skip_serializing)]
    retry_policy: Option<IgnoredAny>,
    #[serde(default, skip_serializing)]
    app_sync_parameters: Option<IgnoredAny>,
}

impl Target {
    fn refused(&self) -> Option<&'static str> {
        let others = [
            ("RoleArn", self.role_arn.is_some()),
            ("KinesisParameters", self.kinesis_parameters.is_some()),
            ("RunCommandParameters", self.run_command_parameters.is_some()),
            ("EcsParameters", self.ecs_parameters.is_some()),
            ("BatchParameters", self.batch_parameters.is_some()),
            ("SqsParameters", self.sqs_parameters.is_some()),
            ("HttpParameters", self.http_parameters.is_some()),
            ("RedshiftDataParameters", self.redshift_data_parameters.is_some()),
            ("SageMakerPipelineParameters", self.sage_maker_pipeline_parameters.is_some()),
            ("DeadLetterConfig", self.dead_letter_config.is_some()),
            ("RetryPolicy", self.retry_policy.is_some()),
            ("AppSyncParameters", self.app_sync_parameters.is_some()),
        ];
        others.iter().find(|(_, given)| *given).map(|(name, _)| *name)
    }

    fn checked(&self) -> Result<StoredTarget, ApiError> {
        let arn = &self.arn;
        bus::check_name(&self.id, "targets.member.id")?;
        let parsed = Arn::parse(arn).map_err(|_| {
            ApiError::validation(format!(
                "Parameter {arn} is not valid. Reason: Provided Arn is not in correct format."
            ))
        })?;
        if parsed.service != "sns" || parsed.resource.contains(':') {
            return Err(ApiError::not_carried_out(&format!("the target {arn}: targets are SNS topics")));
        }
        if let Some(name) = self.refused() {
            return Err(ApiError::not_carried_out(&format!("the parameter {name} of the target {}", self.id)));
        }
        let target = StoredTarget {
            id: self.id.clone(),
            arn: arn.clone(),
            input: self.input.clone(),
            input_path: self.input_path.clone(),
            input_transformer: self.input_transformer.clone(),
        };
        input::check(&target)?;
        Ok(target)
    }
}

/// AWS's answer for targets that failed one by one; here a request is carried out whole or refused whole.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    failed_entry_count: u32,
    failed_entries: Vec<()>,
}

impl Operation for PutTargets {
    type Service = Events;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write(
        "PutTargets",
        "events:PutTargets",
        &["Rule", "EventBusName", "Targets"],
        &["FailedEntryCount", "FailedEntries"],
    );

    async fn access(cx: &Context<'_, Events>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let access = bus::on_rule(cx, Self::META.action, &input.rule).await?;
        Ok(vec![access.when("events:TargetArn", input.targets.iter().map(|target| target.arn.clone()))])
    }

    async fn run(cx: &Context<'_, Events>, input: &Input) -> Result<Output, ApiError> {
        bus::check(cx, input.event_bus_name.as_deref())?;
        if input.targets.is_empty() {
            return Err(errors::constraint("[]", "targets", "have length greater than or equal to 1"));
        }
        if input.targets.len() > 100 {
            return Err(errors::constraint("[Target]", "targets", "have length less than or equal to 100"));
        }
        let mut rules = RuleSet::clone(&*read(cx).await?);
        let targets = &mut rules.rule_mut(&input.rule)?.targets;
        for target in &input.targets {
            let new = target.checked()?;
            targets.retain(|old| old.id != new.id);
            targets.push(new);
        }
        if targets.len() > MOST {
            return Err(errors::limit_exceeded());
        }
        targets.sort_by(|a, b| a.id.cmp(&b.id));
        rules.save(cx)?;
        Ok(Output { failed_entry_count: 0, failed_entries: Vec::new() })
    }
}
