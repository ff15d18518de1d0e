//! S3's `aws-chunked` bodies: chunks with a signature each, with or without a trailer, or unsigned with a trailer.
//!
//! ```text
//! 10000;chunk-signature=<64 hex digits>\r\n <65536 bytes> \r\n
//! 0;chunk-signature=<64 hex digits>\r\n
//! x-amz-checksum-crc32c:sOO8/Q==\r\n
//! x-amz-trailer-signature:<64 hex digits>\r\n
//! \r\n
//! ```

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest;

use crate::verify::{Verified, lower_hex};
use crate::{SigError, SigningKey, sha256};

/// Longest line (a chunk's head or a trailer) in bytes.
const MAX_LINE: usize = 4096;

/// Most trailers.
const MAX_TRAILERS: usize = 16;

/// How a chunked body is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChunkForm {
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`: a signature on each chunk.
    Signed,
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER`: and one on the trailer.
    SignedTrailer,
    /// `STREAMING-UNSIGNED-PAYLOAD-TRAILER`: no signatures, a checksum in the trailer.
    UnsignedTrailer,
}

impl ChunkForm {
    /// Reads a value of `x-amz-content-sha256`.
    pub(crate) fn read(literal: &str) -> Option<Self> {
        [Self::Signed, Self::SignedTrailer, Self::UnsignedTrailer].into_iter().find(|form| form.name() == literal)
    }

    /// The value of `x-amz-content-sha256`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Signed => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            Self::SignedTrailer => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            Self::UnsignedTrailer => "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        }
    }

    fn is_signed(self) -> bool {
        self != Self::UnsignedTrailer
    }

    fn has_trailer(self) -> bool {
        self != Self::Signed
    }
}

/// Decodes a chunked body piece by piece in constant memory.
///
/// Bytes are handed out before their chunk's signature has been seen, so what they were written to counts only once
/// [`ChunkDecoder::finish`] has said yes.
pub struct ChunkDecoder {
    form: ChunkForm,
    key: SigningKey,
    time_and_scope: String,
    previous: [u8; 32],
    state: State,
    line: Vec<u8>,
    hash: digest::Context,
    /// The signature the current chunk claims.
    claimed: [u8; 32],
    left: u64,
    trailers: Vec<(String, String)>,
    trailer_checked: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Head,
    Data { left: u64 },
    DataEnd,
    Trailer,
    Done,
}

impl ChunkDecoder {
    pub(crate) fn new(form: ChunkForm, key: SigningKey, verified: &Verified, decoded_length: u64) -> Self {
        Self {
            form,
            key,
            time_and_scope: verified.time_and_scope.clone(),
            previous: verified.signature,
            state: State::Head,
            line: Vec::new(),
            hash: digest::Context::new(&digest::SHA256),
            claimed: [0; 32],
            left: decoded_length,
            trailers: Vec::new(),
            trailer_checked: false,
        }
    }

    /// Takes the next piece of the body and appends what it decodes to.
    ///
    /// # Errors
    /// When the form or a signature is wrong, or there are more bytes than announced. The decoder is then of no further use.
    pub fn feed(&mut self, mut input: &[u8], out: &mut Vec<u8>) -> Result<(), SigError> {
        while !input.is_empty() {
            match self.state {
                State::Data { left } => {
                    let take = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
                    let (data, rest) = input.split_at_checked(take).unwrap_or((input, &[]));
                    input = rest;
                    if self.form.is_signed() {
                        self.hash.update(data);
                    }
                    out.extend_from_slice(data);
                    match left - data.len() as u64 {
                        0 => {
                            self.end_chunk()?;
                            self.state = State::DataEnd;
                        }
                        left => self.state = State::Data { left },
                    }
                }
                State::Done => return Err(SigError::Chunk("bytes after the end")),
                State::Head | State::DataEnd | State::Trailer => {
                    if let Some(line) = self.take_line(&mut input)? {
                        self.read_line(&line)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Ends the body; gives its trailers in lower case, without the trailer's signature.
    ///
    /// # Errors
    /// When the body stops before its end, or is shorter than announced.
    pub fn finish(self) -> Result<Vec<(String, String)>, SigError> {
        if self.state != State::Done || self.left != 0 {
            return Err(SigError::IncompleteBody);
        }
        Ok(self.trailers)
    }

    /// A whole line without its end, once there is one.
    fn take_line(&mut self, input: &mut &[u8]) -> Result<Option<Vec<u8>>, SigError> {
        let end = input.iter().position(|b| *b == b'\n');
        let take = end.map_or(input.len(), |end| end + 1);
        let (part, rest) = input.split_at_checked(take).unwrap_or((input, &[]));
        *input = rest;
        if self.line.len() + part.len() > MAX_LINE {
            return Err(SigError::Chunk("line is too long"));
        }
        self.line.extend_from_slice(part);
        if end.is_none() {
            return Ok(None);
        }
        let mut line = std::mem::take(&mut self.line);
        match line.strip_suffix(b"\r\n").map(<[u8]>::len) {
            Some(length) => line.truncate(length),
            // The documented example ends a trailer's value with a bare line feed before the line's own end.
            None if self.state == State::Trailer => line.truncate(line.len() - 1),
            None => return Err(SigError::Chunk("line does not end with CRLF")),
        }
        Ok(Some(line))
    }

    fn read_line(&mut self, line: &[u8]) -> Result<(), SigError> {
        match self.state {
            State::DataEnd if line.is_empty() => {
                self.state = State::Head;
                Ok(())
            }
            State::DataEnd => Err(SigError::Chunk("chunk is longer than its size")),
            State::Trailer => self.read_trailer(line),
            State::Head | State::Data { .. } | State::Done => self.read_head(line),
        }
    }

    fn read_head(&mut self, line: &[u8]) -> Result<(), SigError> {
        let malformed = || SigError::Chunk("chunk's head is malformed");
        let line = std::str::from_utf8(line).map_err(|_| malformed())?;
        let size = match (line.split_once(";chunk-signature="), self.form.is_signed()) {
            (Some((size, signature)), true) => {
                self.claimed = read_signature(signature).ok_or_else(malformed)?;
                size
            }
            (None, false) => line,
            _ => return Err(malformed()),
        };
        if size.is_empty() || !size.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(malformed());
        }
        let size = u64::from_str_radix(size, 16).map_err(|_| malformed())?;
        self.left = self.left.checked_sub(size).ok_or(SigError::IncompleteBody)?;
        if size > 0 {
            self.state = State::Data { left: size };
            return Ok(());
        }
        self.end_chunk()?;
        self.state = State::Trailer;
        Ok(())
    }

    /// Checks the current chunk's signature and starts the next one's hash.
    fn end_chunk(&mut self) -> Result<(), SigError> {
        if !self.form.is_signed() {
            return Ok(());
        }
        let ended = std::mem::replace(&mut self.hash, digest::Context::new(&digest::SHA256)).finish();
        let mut hash = [0; 32];
        hash.iter_mut().zip(ended.as_ref()).for_each(|(to, from)| *to = *from);
        let mut text = Vec::with_capacity(320);
        self.start(&mut text, "AWS4-HMAC-SHA256-PAYLOAD");
        text.extend_from_slice(lower_hex(&sha256(b""), &mut [0; 64]));
        text.push(b'\n');
        text.extend_from_slice(lower_hex(&hash, &mut [0; 64]));
        self.check(&text)
    }

    fn start(&self, text: &mut Vec<u8>, algorithm: &str) {
        text.extend_from_slice(algorithm.as_bytes());
        text.push(b'\n');
        text.extend_from_slice(self.time_and_scope.as_bytes());
        text.extend_from_slice(lower_hex(&self.previous, &mut [0; 64]));
        text.push(b'\n');
    }

    /// Compares the claimed signature; each signature is part of what the next one signs.
    fn check(&mut self, string_to_sign: &[u8]) -> Result<(), SigError> {
        let calculated = self.key.sign(string_to_sign);
        verify_slices_are_equal(&calculated, &self.claimed).map_err(|_| SigError::Mismatch)?;
        self.previous = calculated;
        Ok(())
    }

    fn read_trailer(&mut self, line: &[u8]) -> Result<(), SigError> {
        let malformed = || SigError::Chunk("trailer is malformed");
        let unsigned = self.form == ChunkForm::SignedTrailer && !self.trailer_checked;
        if line.is_empty() {
            // The documented example has an empty line between the trailers and their signature.
            if !unsigned {
                self.state = State::Done;
            }
            return Ok(());
        }
        if !self.form.has_trailer() || self.trailer_checked || self.trailers.len() >= MAX_TRAILERS {
            return Err(malformed());
        }
        let line = std::str::from_utf8(line).map_err(|_| malformed())?;
        let (name, value) = line.split_once(':').ok_or_else(malformed)?;
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        if name != "x-amz-trailer-signature" {
            self.trailers.push((name, value.to_owned()));
            return Ok(());
        }
        if !unsigned {
            return Err(malformed());
        }
        self.claimed = read_signature(value).ok_or_else(malformed)?;
        let canonical: String = self.trailers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let mut text = Vec::with_capacity(256);
        self.start(&mut text, "AWS4-HMAC-SHA256-TRAILER");
        text.extend_from_slice(lower_hex(&sha256(canonical.as_bytes()), &mut [0; 64]));
        self.check(&text)?;
        self.trailer_checked = true;
        Ok(())
    }
}

fn read_signature(text: &str) -> Option<[u8; 32]> {
    let mut signature = [0; 32];
    hex::decode_to_slice(text, &mut signature).ok().map(|()| signature)
}
