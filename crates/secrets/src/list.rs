//! Finding secrets: filters, order, paging.
//!
//! Source: "Find secrets in Secrets Manager" in the user guide: keys match by prefix, a leading `!` negates, `all` splits
//! its value into words and looks at every attribute.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use keeptrail_operation::{ApiError, Context};
use serde::{Deserialize, Serialize};

use crate::{
    Secrets, errors,
    model::{SECRETS, Secret, last_accessed},
};

const MOST: usize = 100;
const KEYS: [&str; 7] = ["description", "name", "tag-key", "tag-value", "primary-region", "owning-service", "all"];

/// A filter of ListSecrets.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Filter {
    key: String,
    #[serde(default)]
    values: Vec<String>,
}

/// What to list, and in which order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order {
    by: By,
    descending: bool,
    deleted_too: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Created,
    Accessed,
    Changed,
    Name,
}

impl Default for Order {
    fn default() -> Self {
        Self { by: By::Created, descending: true, deleted_too: false }
    }
}

impl Order {
    pub(crate) fn of(by: Option<&str>, order: Option<&str>, deleted_too: bool) -> Result<Self, ApiError> {
        let by = match by {
            None | Some("created-date") => By::Created,
            Some("last-accessed-date") => By::Accessed,
            Some("last-changed-date") => By::Changed,
            Some("name") => By::Name,
            Some(_) => {
                return Err(ApiError::validation(
                    "SortBy must be one of created-date, last-accessed-date, last-changed-date, name.",
                ));
            }
        };
        let descending = match order {
            None | Some("desc") => true,
            Some("asc") => false,
            Some(_) => return Err(ApiError::validation("SortOrder must be asc or desc.")),
        };
        Ok(Self { by, descending, deleted_too })
    }
}

/// A page of secrets.
pub(crate) struct Page {
    pub(crate) secrets: Vec<Arc<Secret>>,
    pub(crate) next_token: Option<String>,
}

/// Checks MaxResults.
pub(crate) fn limit(asked: Option<usize>) -> Result<usize, ApiError> {
    match asked {
        None => Ok(MOST),
        Some(asked) if (1..=MOST).contains(&asked) => Ok(asked),
        Some(_) => Err(errors::invalid_parameter("MaxResults must be between 1 and 100.")),
    }
}

/// The secrets that pass all filters, after the one that `token` names.
pub(crate) async fn page(
    cx: &Context<'_, Secrets>,
    filters: &[Filter],
    limit: usize,
    token: Option<&str>,
    order: Order,
) -> Result<Page, ApiError> {
    check(filters)?;
    let after = token.map(open_token).transpose()?;
    let rows = SECRETS.all(cx.tx(), &[cx.account().as_str(), cx.region().as_str()]).await?;
    let mut found = Vec::new();
    for (_, secret) in rows {
        let listed = order.deleted_too || secret.deletion.is_none();
        if listed && filters.iter().all(|filter| filter.passes(&secret, cx.region().as_str())) {
            found.push((sort_key(cx, &secret, order.by).await?, secret));
        }
    }
    found.sort_by(|(a, _), (b, _)| if order.descending { b.cmp(a) } else { a.cmp(b) });
    if let Some(after) = after {
        // The key, not the position: a secret that has gone meanwhile must not shift the page.
        found.retain(|(key, _)| if order.descending { *key < after } else { *key > after });
    }
    let more = found.len() > limit;
    found.truncate(limit);
    let next_token = found.last().filter(|_| more).map(|(key, _)| self::token(key));
    Ok(Page { secrets: found.into_iter().map(|(_, secret)| secret).collect(), next_token })
}

/// What a list is sorted by; unique, because the name ends it.
async fn sort_key(cx: &Context<'_, Secrets>, secret: &Secret, by: By) -> Result<String, ApiError> {
    let time = match by {
        By::Created => Some(secret.created),
        By::Changed => Some(secret.changed),
        By::Accessed => last_accessed(cx.tx(), &secret.arn).await?,
        By::Name => return Ok(secret.name.clone()),
    };
    Ok(format!("{:020} {}", time.map_or(0, |time| time.as_millisecond().max(0)), secret.name))
}

fn check(filters: &[Filter]) -> Result<(), ApiError> {
    if filters.len() > 10 || filters.iter().any(|filter| filter.values.len() > 10) {
        return Err(errors::invalid_parameter("At most 10 filters with at most 10 values each can be given."));
    }
    match filters.iter().find(|filter| !KEYS.contains(&filter.key.as_str())) {
        Some(_) => Err(ApiError::validation(format!("A filter's Key must be one of {}.", KEYS.join(", ")))),
        None => Ok(()),
    }
}

impl Filter {
    fn passes(&self, secret: &Secret, region: &str) -> bool {
        self.values.iter().any(|value| match value.strip_prefix('!') {
            Some(value) => !self.matches(secret, region, value),
            None => self.matches(secret, region, value),
        })
    }

    fn matches(&self, secret: &Secret, region: &str, value: &str) -> bool {
        let tags = || secret.tags.iter().flatten();
        let description = secret.description.as_deref().unwrap_or_default();
        match self.key.as_str() {
            "name" => secret.name.starts_with(value),
            "description" => {
                words(description).any(|word| starts_with_ignoring_case(word, value))
                    || starts_with_ignoring_case(description, value)
            }
            "tag-key" => tags().any(|tag| tag.key.starts_with(value)),
            "tag-value" => tags().any(|tag| tag.value.starts_with(value)),
            "primary-region" => region.starts_with(value),
            "owning-service" => false,
            _ => words(value).all(|word| {
                let texts = [secret.name.as_str(), description];
                let texts = texts.into_iter().chain(tags().flat_map(|tag| [tag.key.as_str(), tag.value.as_str()]));
                texts
                    .flat_map(|text| std::iter::once(text).chain(words(text)))
                    .any(|text| starts_with_ignoring_case(text, word))
            }),
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| character.is_whitespace() || "-/_+=.@!".contains(character))
        .filter(|word| !word.is_empty())
}

fn starts_with_ignoring_case(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// A paging token.
pub(crate) fn token(position: &str) -> String {
    URL_SAFE_NO_PAD.encode(position)
}

/// The position in a paging token.
pub(crate) fn open_token(token: &str) -> Result<String, ApiError> {
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| invalid_token())?;
    String::from_utf8(bytes).map_err(|_| invalid_token())
}

pub(crate) fn invalid_token() -> ApiError {
    ApiError::new(errors::INVALID_NEXT_TOKEN, "You provided an invalid value for NextToken.")
}
