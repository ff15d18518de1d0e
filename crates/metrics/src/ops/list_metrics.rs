//! `ListMetrics`: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html>

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use keeptrail_store::Key;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{
    Dimension, Metrics,
    alarm::millis,
    constraint::{items, length, name, one_of},
    series::{METRICS, MetricRow},
    token,
};

/// Metrics of one answer.
const PAGE: usize = 500;
/// So many metrics are looked at for one answer.
const MOST_LOOKED_AT: usize = 10_000;
/// "Within the last three hours", in milliseconds. A row may be five minutes behind.
const RECENT: i64 = (3 * 60 + 5) * 60_000;

/// Shows the metrics that have values, in the order of namespace and name.
pub(crate) struct ListMetrics;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    namespace: Option<String>,
    metric_name: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    dimensions: Vec<DimensionFilter>,
    next_token: Option<String>,
    recently_active: Option<String>,
    include_linked_accounts: Option<bool>,
    owning_account: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DimensionFilter {
    name: String,
    value: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    metrics: Vec<Listed>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Listed {
    namespace: String,
    metric_name: String,
    dimensions: Vec<Dimension>,
}

impl Input {
    fn check(&self, account: &str) -> Result<(), ApiError> {
        if let Some(namespace) = &self.namespace {
            name("namespace", namespace)?;
        }
        if let Some(metric_name) = &self.metric_name {
            name("metricName", metric_name)?;
        }
        items("dimensions", self.dimensions.len(), 10)?;
        for filter in &self.dimensions {
            length("dimensions.member.name", &filter.name, 1, 255)?;
        }
        if let Some(active) = &self.recently_active {
            one_of("recentlyActive", active, &["PT3H"])?;
        }
        if self.include_linked_accounts == Some(true) {
            return Err(ApiError::not_carried_out("the parameter IncludeLinkedAccounts"));
        }
        if self.owning_account.as_ref().is_some_and(|owner| owner != account) {
            return Err(ApiError::not_carried_out("the parameter OwningAccount with another account"));
        }
        Ok(())
    }

    fn wants(&self, row: &MetricRow, since: Option<i64>) -> bool {
        let has = |filter: &DimensionFilter| {
            row.dimensions
                .iter()
                .any(|one| one.name == filter.name && filter.value.as_ref().is_none_or(|value| *value == one.value))
        };
        self.metric_name.as_ref().is_none_or(|name| *name == row.name)
            && self.dimensions.iter().all(has)
            && since.is_none_or(|since| row.newest >= since)
    }
}

impl Operation for ListMetrics {
    type Service = Metrics;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read(
        "ListMetrics",
        "cloudwatch:ListMetrics",
        &["Namespace", "MetricName", "Dimensions", "RecentlyActive"],
    );

    async fn access(_cx: &Context<'_, Metrics>, _input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![Access::to(Self::META.action)])
    }

    async fn run(cx: &Context<'_, Metrics>, input: &Input) -> Result<Output, ApiError> {
        input.check(cx.account().as_str())?;
        let since = input.recently_active.as_ref().map(|_| millis(cx.now()) - RECENT);
        let mut parts = vec![cx.account().as_str(), cx.region().as_str()];
        if let Some(namespace) = &input.namespace {
            parts.push(namespace);
            parts.extend(input.metric_name.as_deref());
        }
        let mut after: Option<Key> = match &input.next_token {
            Some(text) => {
                let place: Vec<String> = token::open(Self::META.name, text)?;
                Some(METRICS.key(&place.iter().map(String::as_str).collect::<Vec<_>>()))
            }
            None => None,
        };
        let mut metrics = Vec::new();
        let mut looked_at = 0;
        loop {
            let page = METRICS.page(cx.tx(), &parts, after.as_ref(), PAGE).await?;
            let Some((last, _)) = page.last() else { return Ok(Output { metrics, next_token: None }) };
            after = Some(last.clone());
            looked_at += page.len();
            for (key, row) in &page {
                if !input.wants(row, since) {
                    continue;
                }
                metrics.push(Listed {
                    namespace: row.namespace.clone(),
                    metric_name: row.name.clone(),
                    dimensions: row.dimensions.clone(),
                });
                if metrics.len() == PAGE {
                    return Ok(Output { metrics, next_token: Some(place(key)?) });
                }
            }
            if looked_at >= MOST_LOOKED_AT {
                return Ok(Output { metrics, next_token: after.as_ref().map(place).transpose()? });
            }
        }
    }
}

fn place(key: &Key) -> Result<String, ApiError> {
    token::seal(ListMetrics::META.name, &key.parts().into_iter().skip(1).collect::<Vec<_>>())
}
