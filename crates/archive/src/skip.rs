//! Finds where a JSON value ends, without reading what it says.

use memchr::memchr2;

/// A walk over one value that can stop at the end of the bytes at hand and go on when there are more.
///
/// Brackets are counted together, strings are passed over whole; whether the value is valid is for its reader to say.
#[derive(Debug, Default)]
pub(crate) struct Skip {
    depth: u32,
    in_string: bool,
    in_scalar: bool,
}

impl Skip {
    /// Walks `bytes` from `at`, which moves on as far as was read. The end of the value is `at` when this returns true.
    pub(crate) fn run(&mut self, bytes: &[u8], at: &mut usize) -> bool {
        loop {
            if self.in_string {
                if !self.string(bytes, at) {
                    return false;
                }
                if self.depth == 0 {
                    return true;
                }
            }
            let Some(&byte) = bytes.get(*at) else { return false };
            match byte {
                b'"' if self.in_scalar => return true,
                b'"' => {
                    self.in_string = true;
                    *at += 1;
                }
                b'{' | b'[' if self.in_scalar => return true,
                b'{' | b'[' => {
                    self.depth = self.depth.saturating_add(1);
                    *at += 1;
                }
                b'}' | b']' if self.depth == 0 => return true,
                b'}' | b']' => {
                    self.depth -= 1;
                    *at += 1;
                    if self.depth == 0 {
                        return true;
                    }
                }
                b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' if self.in_scalar => return true,
                _ => {
                    self.in_scalar = self.depth == 0;
                    *at += 1;
                }
            }
        }
    }

    /// Whether a value that ends with the content may be whole: a number or word has no end of its own.
    pub(crate) fn may_end(&self) -> bool {
        self.in_scalar
    }

    /// Walks to the end of a string; false when the bytes end first.
    fn string(&mut self, bytes: &[u8], at: &mut usize) -> bool {
        while let Some(found) = memchr2(b'"', b'\\', bytes.get(*at..).unwrap_or_default()) {
            *at += found;
            if bytes.get(*at) == Some(&b'"') {
                *at += 1;
                self.in_string = false;
                return true;
            }
            if bytes.len() < *at + 2 {
                // The escaped byte is not here yet: come back to the backslash.
                return false;
            }
            *at += 2;
        }
        *at = bytes.len();
        false
    }
}
