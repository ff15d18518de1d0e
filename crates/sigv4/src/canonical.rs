//! The canonical request: the one text both sides sign.

use std::borrow::Cow;

use crate::SigError;
use crate::presented::RequestParts;

/// The query parameter that holds a presigned request's signature and so is not part of what is signed.
const SIGNATURE_PARAMETER: &str = "X-Amz-Signature";

/// Writes the canonical request. `signed_headers` is sorted; a header in it that the request does not have is a mismatch.
pub(crate) fn request(
    parts: &RequestParts<'_>,
    is_s3: bool,
    signed_headers: &str,
    payload: &[u8],
) -> Result<Vec<u8>, SigError> {
    let mut out = Vec::with_capacity(1024);
    out.extend_from_slice(parts.method.as_bytes());
    out.push(b'\n');
    path(&mut out, parts.path, is_s3);
    out.push(b'\n');
    query(&mut out, parts.query);
    out.push(b'\n');
    for name in signed_headers.split(';') {
        out.extend_from_slice(name.as_bytes());
        out.push(b':');
        if name == "host" {
            squeeze(&mut out, parts.host()?.ok_or(SigError::Mismatch)?.as_bytes());
        } else {
            let mut values = parts.headers.get_all(name).iter();
            squeeze(&mut out, values.next().ok_or(SigError::Mismatch)?.as_bytes());
            for value in values {
                out.push(b',');
                squeeze(&mut out, value.as_bytes());
            }
        }
        out.push(b'\n');
    }
    out.push(b'\n');
    out.extend_from_slice(signed_headers.as_bytes());
    out.push(b'\n');
    out.extend_from_slice(payload);
    Ok(out)
}

/// A path: S3's keys are encoded once and otherwise left as they are; for every other service dot segments and double slashes are
/// removed and the path, encoded as sent, is encoded again.
fn path(out: &mut Vec<u8>, raw: &str, is_s3: bool) {
    if is_s3 {
        for (i, segment) in raw.split('/').enumerate() {
            if i > 0 {
                out.push(b'/');
            }
            encode(out, &percent_encoding::percent_decode_str(segment).collect::<Cow<'_, [u8]>>());
        }
        if raw.is_empty() {
            out.push(b'/');
        }
        return;
    }
    let mut kept: Vec<&str> = Vec::new();
    for segment in raw.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            _ => kept.push(segment),
        }
    }
    for segment in &kept {
        out.push(b'/');
        encode(out, segment.as_bytes());
    }
    if kept.is_empty() || raw.ends_with('/') {
        out.push(b'/');
    }
}

/// The pairs of a query string, not decoded.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let whole = query.split('&').filter(|pair| !pair.is_empty());
    whole.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// Decodes a name or value of a query string as the services' own readers do: `+` is a space.
pub(crate) fn decode(part: &str) -> Cow<'_, [u8]> {
    if !part.bytes().any(|b| b == b'+' || b == b'%') {
        return Cow::Borrowed(part.as_bytes());
    }
    let spaced: Vec<u8> = part.bytes().map(|b| if b == b'+' { b' ' } else { b }).collect();
    Cow::Owned(percent_encoding::percent_decode(&spaced).collect())
}

/// A query string: each pair decoded and encoded anew, sorted, without the signature.
fn query(out: &mut Vec<u8>, raw: &str) {
    if raw.is_empty() {
        return;
    }
    let encoded = |part: &str| {
        let mut text = Vec::with_capacity(part.len() + 8);
        encode(&mut text, &decode(part));
        text
    };
    let mut sorted: Vec<(Vec<u8>, Vec<u8>)> = pairs(raw)
        .map(|(name, value)| (encoded(name), encoded(value)))
        .filter(|(name, _)| name != SIGNATURE_PARAMETER.as_bytes())
        .collect();
    sorted.sort_unstable();
    for (i, (name, value)) in sorted.iter().enumerate() {
        if i > 0 {
            out.push(b'&');
        }
        out.extend_from_slice(name);
        out.push(b'=');
        out.extend_from_slice(value);
    }
}

/// Percent-encodes everything but RFC 3986's unreserved characters.
pub(crate) fn encode(out: &mut Vec<u8>, bytes: &[u8]) {
    for b in bytes {
        if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~') {
            out.push(*b);
        } else {
            out.push(b'%');
            out.push(upper_hex(b >> 4));
            out.push(upper_hex(b & 15));
        }
    }
}

fn upper_hex(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'A' + (nibble - 10) }
}

/// A header's value without outer blanks and with inner runs of blanks as one space.
fn squeeze(out: &mut Vec<u8>, value: &[u8]) {
    let mut words = value.split(|b| matches!(b, b' ' | b'\t')).filter(|word| !word.is_empty());
    out.extend_from_slice(words.next().unwrap_or_default());
    for word in words {
        out.push(b' ');
        out.extend_from_slice(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_s3_path_is_encoded_once_and_not_normalised() {
        for (raw, canonical) in [
            ("", "/"),
            ("/", "/"),
            ("/b/a%20b", "/b/a%20b"),
            ("/b/a(b)", "/b/a%28b%29"),
            ("/b//x/../y/./", "/b//x/../y/./"),
            ("/b/%E2%82%AC~*", "/b/%E2%82%AC~%2A"),
            ("/b/a%2Fb", "/b/a%2Fb"),
            ("/b/100%", "/b/100%25"),
        ] {
            assert_eq!(text(|out| path(out, raw, true)), canonical);
        }
    }

    #[test]
    fn another_path_is_normalised_and_encoded_twice() {
        for (raw, canonical) in [
            ("", "/"),
            ("/", "/"),
            ("//", "/"),
            ("/./a//b/../c/", "/a/c/"),
            ("/../..", "/"),
            ("/2015-03-31/functions/arn%3Aaws", "/2015-03-31/functions/arn%253Aaws"),
        ] {
            assert_eq!(text(|out| path(out, raw, false)), canonical);
        }
    }

    #[test]
    fn a_query_is_sorted_by_its_encoded_pairs_without_the_signature() {
        for (raw, canonical) in [
            ("", ""),
            ("acl", "acl="),
            ("b=2&a=1&a=0", "a=0&a=1&b=2"),
            ("a+b=c%20d&A=%7e", "A=~&a%20b=c%20d"),
            ("X-Amz-Signature=1&X-Amz-Date=2", "X-Amz-Date=2"),
            ("a=b=c", "a=b%3Dc"),
            ("a=%zz", "a=%25zz"),
        ] {
            assert_eq!(text(|out| query(out, raw)), canonical);
        }
    }

    #[test]
    fn blanks_in_a_header_are_squeezed() {
        assert_eq!(text(|out| squeeze(out, b"  a \t b   \"c  d\" ")), "a b \"c d\"");
        assert_eq!(text(|out| squeeze(out, b"   ")), "");
    }
}
