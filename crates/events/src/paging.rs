//! Pages of lists. A token holds the last name of its page, so that what goes meanwhile does not shift the next one.

use keeptrail_operation::ApiError;

use crate::errors;

const MOST: usize = 100;
/// Keeps tokens of one list from being taken for another's position by accident, and plain names from being tokens.
const MARK: &str = "after:";

/// The page of `items`, which are in the order of `name`, after the one that `token` names; and the next page's token.
pub(crate) fn page<T>(
    items: impl Iterator<Item = T>,
    name: impl Fn(&T) -> &str,
    limit: Option<usize>,
    token: Option<&str>,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let limit = match limit {
        None => MOST,
        Some(limit) if (1..=MOST).contains(&limit) => limit,
        Some(0) => return Err(errors::constraint("0", "limit", "have value greater than or equal to 1")),
        Some(limit) => {
            return Err(errors::constraint(&limit.to_string(), "limit", "have value less than or equal to 100"));
        }
    };
    let after = token.map(open).transpose()?;
    let mut items: Vec<T> =
        items.filter(|item| after.as_deref().is_none_or(|after| name(item) > after)).take(limit + 1).collect();
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|item| hex_of(name(item)));
    Ok((items, next))
}

fn hex_of(name: &str) -> String {
    [MARK, name].concat().bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn open(token: &str) -> Result<String, ApiError> {
    let invalid = || ApiError::validation("Parameter NextToken is not valid.");
    let digits: Option<Vec<u8>> =
        token.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let (pairs, rest) = digits.as_deref().ok_or_else(invalid)?.as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| high * 16 + low).collect();
    let text = String::from_utf8(bytes).map_err(|_| invalid())?;
    text.strip_prefix(MARK).filter(|_| rest.is_empty()).map(str::to_owned).ok_or_else(invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_and_a_garbled_token_is_refused() {
        let names = ["a", "b", "c"];
        let all = || names.iter().copied();
        let (first, token) = page(all(), |name| name, Some(2), None).unwrap();
        assert_eq!(first, ["a", "b"]);
        let (second, end) = page(all(), |name| name, Some(2), token.as_deref()).unwrap();
        assert_eq!((second, end), (vec!["c"], None));
        for token in ["", "b", "zz", "é", "61"] {
            assert!(page(all(), |name| name, None, Some(token)).is_err(), "{token:?}");
        }
        assert!(page(all(), |name| name, Some(0), None).is_err());
        assert!(page(all(), |name| name, Some(101), None).is_err());
    }
}
