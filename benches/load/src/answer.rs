//! Just enough of HTTP/1.1 to know where an answer ends.

use crate::Failure;

const LENGTH: &[u8] = b"content-length:";

/// Whether all of an answer has arrived.
///
/// # Errors
/// When it is not a `200` or does not say how long it is.
pub(crate) fn is_whole(received: &[u8]) -> Result<bool, Failure> {
    let Some(head) = memchr::memmem::find(received, b"\r\n\r\n") else { return Ok(false) };
    let body = received.len() - head - 4;
    let head = received.get(..head).unwrap_or_default();
    if !head.starts_with(b"HTTP/1.1 200") {
        return Err(format!("unexpected answer: {}", String::from_utf8_lossy(received)).into());
    }
    let length = head
        .split(|byte| *byte == b'\n')
        .filter_map(|line| line.split_at_checked(LENGTH.len()))
        .find(|(name, _)| name.eq_ignore_ascii_case(LENGTH))
        .and_then(|(_, value)| std::str::from_utf8(value).ok()?.trim().parse::<usize>().ok())
        .ok_or("an answer without Content-Length")?;
    Ok(body >= length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_body_is() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Type: x\r\nContent-Length: 3\r\n\r\nabc";
        for end in 0..answer.len() {
            assert!(!is_whole(&answer[..end]).unwrap(), "{end}");
        }
        assert!(is_whole(answer).unwrap());
    }

    #[test]
    fn another_status_or_an_unknown_length_is_an_error() {
        assert!(is_whole(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").is_err());
        assert!(is_whole(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }
}
