//! Both documents, command by command, with the real `aws` command line against the built binary.
//!
//! `keeptrail demo` checks every promise of the story itself and fails when one is not kept.

use std::process::Command;

#[test]
fn both_documents_happen_as_they_say() {
    let demo = Command::new(env!("CARGO_BIN_EXE_keeptrail")).arg("demo").output().unwrap();
    let (told, complaint) = (String::from_utf8_lossy(&demo.stdout), String::from_utf8_lossy(&demo.stderr));
    if complaint.contains("there is none: pip install awscli") && std::env::var_os("CI").is_none() {
        eprintln!("NOT RUN: the aws command line is missing");
        return;
    }
    assert!(demo.status.success(), "{told}\n{complaint}");
    assert!(told.contains("Everything in the two documents happened as they say."), "{told}");
}
