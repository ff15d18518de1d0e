//! SearchSampleQueries: keeptrail's own sample queries about secrets, by words.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use keeptrail_sql::{SAMPLES, Sample};
use serde::{Deserialize, Serialize};

use crate::{
    errors::{self, page_size},
    queries::Queries,
    token,
};

const USUAL: usize = 10;
const MOST: usize = 50;

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_SearchSampleQueries.html>
pub(crate) struct SearchSampleQueries;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    search_phrase: String,
    #[serde(default)]
    max_results: Option<i64>,
    #[serde(default)]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SearchResult {
    name: &'static str,
    description: &'static str,
    #[serde(rename = "SQL")]
    sql: &'static str,
    relevance: f64,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    search_results: Vec<SearchResult>,
    next_token: Option<String>,
}

impl Operation for SearchSampleQueries {
    type Service = Queries;
    type Input = Input;
    type Output = Output;

    const META: Meta =
        Meta::read("SearchSampleQueries", "cloudtrail:SearchSampleQueries", &["SearchPhrase", "MaxResults"]);

    async fn access(_: &Context<'_, Queries>, _: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![Access::to(Self::META.action)])
    }

    async fn run(_: &Context<'_, Queries>, input: &Input) -> Result<Output, ApiError> {
        let phrase = input.search_phrase.as_str();
        let plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\n');
        if !(2..=1_000).contains(&phrase.len()) || !phrase.bytes().all(plain) {
            let text = "SearchPhrase must have 2 to 1000 characters of ASCII.";
            return Err(ApiError::new(errors::INVALID_PARAMETER, text));
        }
        let most = page_size(input.max_results, USUAL, MOST, "MaxResults")?;
        let start = match input.next_token.as_deref() {
            Some(given) => token::open(given, phrase)?.parse::<usize>().map_err(|_| token::invalid())?,
            None => 0,
        };
        let mut found: Vec<_> = SAMPLES.iter().map(|sample| (relevance(sample, phrase), sample)).collect();
        found.retain(|(relevance, _)| *relevance > 0.0);
        found.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        let next = start.saturating_add(most);
        let next_token = (next < found.len()).then(|| token::seal(&next.to_string(), phrase));
        let page = found.into_iter().skip(start).take(most).map(|(relevance, sample)| SearchResult {
            name: sample.name,
            description: sample.about(),
            sql: sample.sql,
            relevance,
        });
        Ok(Output { search_results: page.collect(), next_token })
    }
}

/// The part of the phrase's words, of three letters or more, that the sample has.
fn relevance(sample: &Sample, phrase: &str) -> f64 {
    let text = format!("{} {}", sample.name, sample.sql).to_lowercase();
    let phrase = phrase.to_lowercase();
    let words = phrase.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() > 2);
    let (mut all, mut found) = (0_u32, 0_u32);
    for word in words {
        all += 1;
        found += u32::from(text.contains(word.trim_end_matches('s')));
    }
    if all == 0 { 0.0 } else { f64::from(found) / f64::from(all) }
}
