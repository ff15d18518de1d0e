//! Secret names and the ways to say one.

use keeptrail_arn::Arn;
use keeptrail_clock::{NoRandomness, Random};
use keeptrail_operation::ApiError;

use crate::errors;

const LONGEST: usize = 512;
const LONGEST_ID: usize = 2048;
const SUFFIX: usize = 6;
const SUFFIX_LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Checks a new secret's name.
pub(crate) fn check(name: &str) -> Result<(), ApiError> {
    let valid = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_+=.@-!".contains(&byte));
    if name.is_empty() || !valid {
        let text =
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!";
        return Err(ApiError::validation(text));
    }
    if name.len() > LONGEST { Err(errors::too_long("name", LONGEST)) } else { Ok(()) }
}

/// Checks the length of a SecretId.
pub(crate) fn check_id(id: &str) -> Result<(), ApiError> {
    if id.is_empty() {
        return Err(ApiError::validation(
            "1 validation error detected: Value '' at 'secretId' failed to satisfy constraint: Member must have length greater than or equal to 1",
        ));
    }
    if id.len() > LONGEST_ID { Err(errors::too_long("secretId", LONGEST_ID)) } else { Ok(()) }
}

/// The resource part of a new secret's ARN: a re-created secret gets another suffix.
pub(crate) fn resource(name: &str, random: &Random) -> Result<String, NoRandomness> {
    Ok(format!("secret:{name}-{}", random.text(SUFFIX_LETTERS, SUFFIX)?))
}

/// A name to look up, and the whole ARN that must then be the secret's.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Candidate<'a> {
    pub(crate) name: &'a str,
    pub(crate) arn: Option<&'a str>,
}

/// What `id` may mean. An ARN that ends in a hyphen and six characters is taken as complete, and only so (AWS: "we
/// recommend that you don't end the name with a hyphen followed by six characters").
pub(crate) fn candidate<'a>(id: &'a str, region: &str, account: &str) -> Option<Candidate<'a>> {
    if !id.starts_with("arn:") {
        return Some(Candidate { name: id, arn: None });
    }
    let arn = Arn::parse(id).ok()?;
    if arn.service != "secretsmanager" || arn.region != region || arn.account != account {
        return None;
    }
    let name = arn.resource.strip_prefix("secret:")?;
    match name.rsplit_once('-') {
        Some((bare, suffix)) if suffix.len() == SUFFIX => Some(Candidate { name: bare, arn: Some(id) }),
        _ => Some(Candidate { name, arn: None }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGION: &str = "us-east-1";
    const ACCOUNT: &str = "123456789012";

    #[test]
    fn a_name_a_whole_arn_and_an_arn_without_suffix_mean_the_secret() {
        let whole = "arn:aws:secretsmanager:us-east-1:123456789012:secret:a/b-AbCdEf";
        let partial = "arn:aws:secretsmanager:us-east-1:123456789012:secret:a/b";
        assert_eq!(candidate("a/b", REGION, ACCOUNT), Some(Candidate { name: "a/b", arn: None }));
        assert_eq!(candidate(whole, REGION, ACCOUNT), Some(Candidate { name: "a/b", arn: Some(whole) }));
        assert_eq!(candidate(partial, REGION, ACCOUNT), Some(Candidate { name: "a/b", arn: None }));
    }

    #[test]
    fn another_accounts_or_regions_arn_means_nothing_here() {
        for arn in [
            "arn:aws:secretsmanager:us-east-1:999999999999:secret:a-AbCdEf",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf",
            "arn:aws:sns:us-east-1:123456789012:a",
            "arn:nonsense",
        ] {
            assert_eq!(candidate(arn, REGION, ACCOUNT), None, "{arn}");
        }
    }

    #[test]
    fn names_outside_awss_characters_are_refused() {
        for name in ["", "a b", "ümlaut", "a*b", "a?"] {
            assert!(check(name).is_err(), "{name:?}");
        }
        check("ethos/prod/providers/anthropic/apiKey").unwrap();
        assert!(check(&"a".repeat(513)).is_err());
    }
}
