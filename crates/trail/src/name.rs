//! Trail names.

use std::net::Ipv4Addr;

use keeptrail_operation::ApiError;

use crate::errors;

/// Checks a new trail's name ("Trail name requirements" in the user guide).
pub(crate) fn check(name: &str) -> Result<(), ApiError> {
    let fault = |text: &'static str| Err(ApiError::new(errors::INVALID_NAME, text));
    let mark = |byte: u8| b"._-".contains(&byte);
    let bytes = name.as_bytes();
    if bytes.len() < 3 {
        return fault("Trail name too short. Minimum allowed length: 3 characters.");
    }
    if bytes.len() > 128 {
        return fault("Trail name too long. Maximum allowed length: 128 characters.");
    }
    if !bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || mark(*byte)) {
        return fault(
            "Trail name can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).",
        );
    }
    if bytes.first().is_some_and(|byte| mark(*byte)) {
        return fault("Trail name must start with a letter or number.");
    }
    if bytes.last().is_some_and(|byte| mark(*byte)) {
        return fault("Trail name must end with a letter or number.");
    }
    if bytes.iter().zip(bytes.iter().skip(1)).any(|(one, next)| mark(*one) && mark(*next)) {
        return fault("Trail name can not have adjacent periods, hyphens or underscores.");
    }
    if name.parse::<Ipv4Addr>().is_ok() {
        return fault("Trail name must not be formatted as an IP address.");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_guide() {
        for good in ["abc", "ethos-trail", "a.b_c-1"] {
            check(good).unwrap();
        }
        for bad in ["ab", "-ab", "ab-", "a..b", "a b c", "192.168.5.4", &"a".repeat(129)] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
