//! The page that says what is carried out.

use std::process::Command;

use crate::support::server::BINARY;

#[test]
fn the_page_is_what_the_table_says() {
    let printed = Command::new(BINARY).arg("operations").output().unwrap();
    let printed = String::from_utf8(printed.stdout).unwrap();
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/coverage.md");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page == printed, "docs/coverage.md is out of date: keeptrail operations > docs/coverage.md");
}
