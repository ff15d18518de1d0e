//! Versions and their staging labels.
//!
//! Rules: "PutSecretValue" and "UpdateSecretVersionStage" in the API reference, "Secret versions" in the user guide.

use std::time::Duration;

use keeptrail_clock::{Timestamp, before};
use keeptrail_operation::{ApiError, Context};

use crate::{
    Secrets, errors,
    model::{CURRENT, PREVIOUS, Secret, VALUES, Version},
    value::{self, Plain},
};

const MOST_VERSIONS: usize = 100;
const MOST_STAGES: usize = 20;
const LONGEST_STAGE: usize = 256;
/// Unlabelled versions younger than this are never removed.
const DEPRECATED_FOR: Duration = Duration::from_secs(24 * 3600);

/// Checks a ClientRequestToken; it becomes the version's id.
pub(crate) fn check_token(token: Option<&str>) -> Result<&str, ApiError> {
    let Some(token) = token else {
        return Err(errors::invalid_request(
            "You must provide a ClientRequestToken value. We recommend a UUID-type value.",
        ));
    };
    let valid = token.bytes().all(|byte| byte.is_ascii_graphic());
    if !(32..=64).contains(&token.len()) || !valid {
        return Err(errors::invalid_parameter("ClientRequestToken must be 32-64 characters long."));
    }
    Ok(token)
}

/// Checks a list of staging labels.
pub(crate) fn check_stages(stages: &[String]) -> Result<(), ApiError> {
    if stages.is_empty() || stages.len() > MOST_STAGES {
        return Err(errors::invalid_parameter("VersionStages must have 1 to 20 staging labels."));
    }
    if stages.iter().any(|stage| stage.is_empty() || stage.len() > LONGEST_STAGE) {
        return Err(errors::invalid_parameter("A staging label must have 1 to 256 characters."));
    }
    Ok(())
}

/// Puts `plain` as the version `token`. With the token and the value of a version that is there, nothing changes; with
/// the token and another value the call is refused.
pub(crate) async fn put(
    cx: &Context<'_, Secrets>,
    secret: &mut Secret,
    token: &str,
    plain: &Plain,
    stages: Option<&[String]>,
) -> Result<(), ApiError> {
    if secret.version(token).is_some() {
        let filled = VALUES.get(cx.tx(), &[&secret.arn, token]).await?.is_some();
        if filled && !value::is(cx, &secret.arn, token, plain).await? {
            let text = format!(
                "You can't use ClientRequestToken {token} because that value is already in use for a version of secret {}.",
                secret.arn
            );
            return Err(ApiError::new(errors::RESOURCE_EXISTS, text));
        }
        if filled {
            return Ok(());
        }
    } else {
        make_room(cx, secret)?;
        secret.versions.push(Version { id: token.to_owned(), created: cx.now(), stages: Vec::new() });
    }
    value::store(cx, &secret.arn, token, plain)?;
    match stages {
        Some(stages) => stages.iter().for_each(|stage| move_label(secret, stage, token)),
        None => move_label(secret, CURRENT, token),
    }
    if secret.labelled(CURRENT).is_none() {
        // The first version of a secret is current, whatever was asked for.
        move_label(secret, CURRENT, token);
    }
    secret.save(cx)?;
    Ok(())
}

/// Moves a label to the version `to`, taking it from whichever version has it. Moving AWSCURRENT moves AWSPREVIOUS to the
/// version that was current.
pub(crate) fn move_label(secret: &mut Secret, stage: &str, to: &str) {
    if secret.labelled(stage).is_some_and(|version| version.id == to) {
        return;
    }
    let was = secret.labelled(stage).map(|version| version.id.clone());
    attach(secret, stage, to);
    if stage == CURRENT
        && let Some(was) = was
    {
        attach(secret, PREVIOUS, &was);
        detach_from(secret, PREVIOUS, to);
    }
}

fn attach(secret: &mut Secret, stage: &str, to: &str) {
    for version in &mut secret.versions {
        version.stages.retain(|own| own != stage);
        if version.id == to {
            version.stages.push(stage.to_owned());
        }
    }
}

/// Takes a label from a version.
pub(crate) fn detach_from(secret: &mut Secret, stage: &str, from: &str) {
    if let Some(version) = secret.versions.iter_mut().find(|version| version.id == from) {
        version.stages.retain(|own| own != stage);
    }
}

/// Makes room for one more version: unlabelled versions older than a day go, oldest first.
fn make_room(cx: &Context<'_, Secrets>, secret: &mut Secret) -> Result<(), ApiError> {
    while secret.versions.len() >= MOST_VERSIONS {
        let Some(index) = removable(secret, cx.now()) else {
            return Err(ApiError::new(errors::LIMIT_EXCEEDED, "You've exceeded the quota for versions of the secret."));
        };
        let removed = secret.versions.remove(index);
        VALUES.delete(cx.tx(), &[&secret.arn, &removed.id]);
    }
    Ok(())
}

fn removable(secret: &Secret, now: Timestamp) -> Option<usize> {
    let limit = before(now, DEPRECATED_FOR);
    secret.versions.iter().position(|version| version.stages.is_empty() && version.created < limit)
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use proptest::prelude::*;

    use super::*;

    fn secret(versions: &[(&str, &[&str])]) -> Secret {
        let version = |(id, stages): &(&str, &[&str])| Version {
            id: (*id).into(),
            created: Timestamp::UNIX_EPOCH,
            stages: stages.iter().map(ToString::to_string).collect(),
        };
        Secret {
            arn: "arn".into(),
            name: "name".into(),
            description: None,
            kms_key_id: None,
            tags: None,
            created: Timestamp::UNIX_EPOCH,
            changed: Timestamp::UNIX_EPOCH,
            deletion: None,
            policy: None,
            versions: versions.iter().map(version).collect(),
            compiled_policy: OnceLock::new(),
        }
    }

    #[test]
    fn a_new_current_version_makes_the_old_one_previous_and_deprecates_the_one_before() {
        let mut secret = secret(&[("1", &[PREVIOUS]), ("2", &[CURRENT]), ("3", &[])]);
        move_label(&mut secret, CURRENT, "3");
        assert_eq!(secret.labelled(CURRENT).unwrap().id, "3");
        assert_eq!(secret.labelled(PREVIOUS).unwrap().id, "2");
        assert!(secret.version("1").unwrap().stages.is_empty());
    }

    #[test]
    fn rolling_back_swaps_current_and_previous() {
        let mut secret = secret(&[("1", &[PREVIOUS]), ("2", &[CURRENT])]);
        move_label(&mut secret, CURRENT, "1");
        assert_eq!(secret.version("1").unwrap().stages, [CURRENT]);
        assert_eq!(secret.version("2").unwrap().stages, [PREVIOUS]);
    }

    proptest! {
        #[test]
        fn a_label_is_never_on_two_versions(moves in prop::collection::vec((0..4_usize, 0..5_usize), 0..30)) {
            let mut secret = secret(&[("0", &[CURRENT]), ("1", &[]), ("2", &[]), ("3", &[]), ("4", &[])]);
            for (stage, to) in moves {
                move_label(&mut secret, [CURRENT, PREVIOUS, "AWSPENDING", "MINE"][stage], &to.to_string());
                for stage in [CURRENT, PREVIOUS, "AWSPENDING", "MINE"] {
                    let holders = secret.versions.iter().filter(|version| version.stages.iter().any(|own| own == stage)).count();
                    prop_assert!(holders <= 1, "{} on {} versions", stage, holders);
                }
                prop_assert!(secret.labelled(CURRENT).is_some());
            }
        }
    }
}
