//! What fuzz targets share: turning the fuzzer's bytes into values that make sense.

pub mod pattern;
