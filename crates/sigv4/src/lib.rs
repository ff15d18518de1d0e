//! Signature Version 4, verified: header, presigned, chunked
