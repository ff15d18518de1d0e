//! The keeptrail binary.
fn main() {}
