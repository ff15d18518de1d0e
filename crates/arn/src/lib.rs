//! Amazon resource names, account numbers and regions.
//!
//! Shapes: "Amazon Resource Names (ARNs)" and "AWS account identifiers" in the AWS General Reference.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

/// The one partition that keeptrail speaks.
pub const PARTITION: &str = "aws";

/// Why a text is not the identifier it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArnError {
    /// The text has not the six parts of an ARN.
    #[error("an ARN looks like arn:aws:service:region:account:resource")]
    Shape,
    /// Another partition than `aws`.
    #[error("the partition must be \"aws\"")]
    Partition,
    /// Not a 12-digit account number.
    #[error("an account number has 12 digits")]
    Account,
    /// Not a region name.
    #[error("a region name has lower-case letters, digits and hyphens, as in us-east-1")]
    Region,
}

/// A 12-digit account number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(Arc<str>);

/// A region's name, such as `us-east-1`. Any well-formed name is a region here: keeptrail runs where its owner says.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(Arc<str>);

macro_rules! text_identifier {
    ($name:ident) => {
        impl $name {
            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
        impl TryFrom<String> for $name {
            type Error = ArnError;
            fn try_from(text: String) -> Result<Self, ArnError> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.as_ref().to_owned()
            }
        }
    };
}

text_identifier!(AccountId);
text_identifier!(Region);

impl FromStr for AccountId {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(text.into()))
        } else {
            Err(ArnError::Account)
        }
    }
}

impl FromStr for Region {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        let well_formed = (2..=32).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && !text.ends_with('-');
        if well_formed { Ok(Self(text.into())) } else { Err(ArnError::Region) }
    }
}

/// A resource name taken apart. Region and account may be empty, as in `arn:aws:s3:::bucket`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Arn<'a> {
    /// The service, such as `secretsmanager`.
    pub service: &'a str,
    /// The region, empty for global resources.
    pub region: &'a str,
    /// The account, empty for resources with globally unique names.
    pub account: &'a str,
    /// All that follows the fifth colon.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Takes `text` apart.
    ///
    /// # Errors
    /// When it has not six parts, another partition, or an account that is not 12 digits.
    pub fn parse(text: &'a str) -> Result<Self, ArnError> {
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next().ok_or(ArnError::Shape);
        if next()? != "arn" {
            return Err(ArnError::Shape);
        }
        if next()? != PARTITION {
            return Err(ArnError::Partition);
        }
        let arn = Self { service: next()?, region: next()?, account: next()?, resource: next()? };
        if arn.service.is_empty() || arn.resource.is_empty() {
            return Err(ArnError::Shape);
        }
        if !arn.account.is_empty() && arn.account != PARTITION {
            arn.account.parse::<AccountId>()?;
        }
        Ok(arn)
    }
}

impl fmt::Display for Arn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "arn:{PARTITION}:{}:{}:{}:{}", self.service, self.region, self.account, self.resource)
    }
}

/// Writes the ARN of a resource.
#[must_use]
pub fn arn(service: &str, region: &str, account: &str, resource: &str) -> String {
    Arn { service, region, account, resource }.to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_resource_keeps_its_colons() {
        let text = "arn:aws:secretsmanager:us-east-1:123456789012:secret:a/b-AbCdEf";
        let arn = Arn::parse(text).unwrap();
        assert_eq!((arn.service, arn.resource), ("secretsmanager", "secret:a/b-AbCdEf"));
        assert_eq!(arn.to_string(), text);
    }

    #[test]
    fn a_bucket_has_neither_region_nor_account() {
        let arn = Arn::parse("arn:aws:s3:::trail-bucket").unwrap();
        assert_eq!((arn.region, arn.account, arn.resource), ("", "", "trail-bucket"));
    }

    #[test]
    fn what_is_not_an_arn_is_refused_with_its_reason() {
        assert_eq!(Arn::parse("secret"), Err(ArnError::Shape));
        assert_eq!(Arn::parse("arn:aws-cn:s3:::b"), Err(ArnError::Partition));
        assert_eq!(Arn::parse("arn:aws:iam::12:user/a"), Err(ArnError::Account));
        assert_eq!("US-EAST-1".parse::<Region>(), Err(ArnError::Region));
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_round_trips(text in ".{0,80}") {
            if let Ok(arn) = Arn::parse(&text) {
                prop_assert_eq!(arn.to_string(), text);
            }
        }
    }
}
