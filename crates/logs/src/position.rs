//! Places between events: what event ids and paging tokens are made of.

use keeptrail_operation::ApiError;

use crate::{chunk::Event, constraint::invalid_token};

/// The latest time that has a place in an id.
pub(crate) const END_OF_TIME: i64 = 9_999_999_999_999_999;

/// The place of an event in its stream: events are in the order of their times, then of their arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) timestamp: i64,
    pub(crate) number: u64,
}

impl Position {
    /// Before all events of this time.
    pub(crate) fn before(timestamp: i64) -> Self {
        Self { timestamp: timestamp.clamp(0, END_OF_TIME), number: 0 }
    }

    pub(crate) fn of(event: &Event) -> Self {
        Self { timestamp: event.timestamp, number: event.number }
    }

    /// The place just before this one.
    pub(crate) fn previous(self) -> Self {
        match self.number.checked_sub(1) {
            Some(number) => Self { number, ..self },
            None => Self { timestamp: self.timestamp.saturating_sub(1).max(0), number: u64::MAX },
        }
    }

    /// The place just after this one.
    pub(crate) fn next(self) -> Self {
        Self { number: self.number.saturating_add(1), ..self }
    }

    /// 56 digits, as AWS's event ids have: the time, the stream and the event's number.
    pub(crate) fn id(self, stream: u64) -> String {
        format!("{:016}{stream:020}{:020}", self.timestamp, self.number)
    }

    fn parse(id: &str, stream: u64) -> Option<Self> {
        if id.len() != 56 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let part = |from: usize, to: usize| id.get(from..to);
        if part(16, 36)?.parse() != Ok(stream) {
            return None;
        }
        Some(Self { timestamp: part(0, 16)?.parse().ok()?, number: part(36, 56)?.parse().ok()? })
    }
}

/// Which way `GetLogEvents` goes on, and from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    /// To what comes after the place.
    Forward(Position),
    /// To what comes before the place.
    Backward(Position),
}

impl Token {
    pub(crate) fn text(self, stream: u64) -> String {
        match self {
            Self::Forward(position) => format!("f/{}", position.id(stream)),
            Self::Backward(position) => format!("b/{}", position.id(stream)),
        }
    }

    pub(crate) fn parse(text: &str, stream: u64) -> Result<Self, ApiError> {
        let token = match text.split_once('/') {
            Some(("f", id)) => Position::parse(id, stream).map(Self::Forward),
            Some(("b", id)) => Position::parse(id, stream).map(Self::Backward),
            _ => None,
        };
        token.ok_or_else(invalid_token)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn tokens_come_back_and_belong_to_their_stream(timestamp in 0..END_OF_TIME, number: u64, stream: u64) {
            let position = Position { timestamp, number };
            for token in [Token::Forward(position), Token::Backward(position)] {
                let text = token.text(stream);
                prop_assert_eq!(Token::parse(&text, stream).unwrap(), token);
                prop_assert!(Token::parse(&text, stream ^ 1).is_err());
            }
            prop_assert!(position.previous() < position);
        }

        #[test]
        fn foreign_tokens_are_refused(text in "([fb]/)?[0-9a-z/]{0,60}") {
            if Token::parse(&text, 7).is_ok() {
                prop_assert_eq!(text.len(), 58);
            }
        }
    }
}
