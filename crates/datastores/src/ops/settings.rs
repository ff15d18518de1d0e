//! The settings of an event data store: checked as AWS checks them, before they are kept.

use std::ops::RangeInclusive;

use keeptrail_operation::ApiError;
use keeptrail_pattern::selector::{AdvancedEventSelector, AdvancedFieldSelector, Selectors};

use crate::{
    errors,
    model::{BillingMode, EventDataStore},
};

/// "You can configure up to five advanced event selectors for each event data store."
const MOST_SELECTORS: usize = 5;
/// Categories of events that are made elsewhere in AWS, and nowhere here.
const FOREIGN: [&str; 4] = ["ConfigurationItem", "Evidence", "ActivityAuditLog", "Insight"];

/// "By default, the event data store logs all management events."
pub(super) fn default_selectors() -> Vec<AdvancedEventSelector> {
    vec![AdvancedEventSelector {
        name: Some("Default management events".to_owned()),
        field_selectors: vec![AdvancedFieldSelector {
            field: "eventCategory".to_owned(),
            equals: Some(vec!["Management".to_owned()]),
            ..AdvancedFieldSelector::default()
        }],
    }]
}

/// Checks what a store is to take.
pub(super) fn check_selectors(selectors: &[AdvancedEventSelector]) -> Result<(), ApiError> {
    if selectors.len() > MOST_SELECTORS {
        let text = "An event data store can have at most five advanced event selectors.";
        return Err(ApiError::new(errors::INVALID_SELECTORS, text));
    }
    Selectors::data_store(selectors).map_err(|error| ApiError::new(errors::INVALID_SELECTORS, error.to_string()))?;
    let categories = selectors
        .iter()
        .flat_map(|selector| &selector.field_selectors)
        .filter(|field| field.field == "eventCategory")
        .flat_map(|field| field.equals.iter().flatten());
    match categories.into_iter().find(|category| FOREIGN.contains(&category.as_str())) {
        Some(category) => Err(ApiError::not_carried_out(&format!("events of the category {category}"))),
        None => Ok(()),
    }
}

/// Checks a name: 3 to 128 letters, digits, periods, hyphens and underscores, and no other store's in the region.
pub(super) fn check_name<'a>(name: &str, others: impl Iterator<Item = &'a EventDataStore>) -> Result<(), ApiError> {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if !(3..=128).contains(&name.len()) || !name.bytes().all(letter) {
        let text = "Name must have 3 to 128 letters, digits, periods, hyphens and underscores.";
        return Err(ApiError::new(errors::INVALID_PARAMETER, text));
    }
    if others.into_iter().any(|other| other.deleted.is_none() && other.name == name) {
        let text = format!("An event data store with the name {name} already exists.");
        return Err(ApiError::new(errors::STORE_EXISTS, text));
    }
    Ok(())
}

impl BillingMode {
    /// The retention of a store that is made without one, in days.
    pub(super) fn default_days(self) -> u32 {
        match self {
            Self::ExtendableRetentionPricing => 366,
            Self::FixedRetentionPricing => 2557,
        }
    }

    fn days(self) -> RangeInclusive<u32> {
        match self {
            Self::ExtendableRetentionPricing => 7..=3653,
            Self::FixedRetentionPricing => 7..=2557,
        }
    }

    /// Checks a retention in days.
    pub(super) fn check_days(self, days: i64) -> Result<u32, ApiError> {
        let range = self.days();
        let days = u32::try_from(days).ok().filter(|days| range.contains(days));
        days.ok_or_else(|| {
            let text =
                format!("RetentionPeriod must be {} to {} days for this billing mode.", range.start(), range.end());
            ApiError::new(errors::INVALID_PARAMETER, text)
        })
    }
}

/// Refuses the options that are not carried out.
pub(super) fn refuse(organization: Option<bool>, kms_key: Option<&str>) -> Result<(), ApiError> {
    if organization == Some(true) {
        return Err(ApiError::not_carried_out("organization event data stores (OrganizationEnabled)"));
    }
    if kms_key.is_some_and(|key| !key.is_empty()) {
        return Err(ApiError::not_carried_out("encryption of event data stores (KmsKeyId)"));
    }
    Ok(())
}
