//! `examples/terraform` with the real Terraform and the hashicorp/aws provider against the built binary: what was applied
//! stays as it is, follows a change, and goes again.
//!
//! The provider comes from a filesystem mirror, never from the network: `KEEPTRAIL_TF_PLUGINS`, or one of the places that
//! Terraform itself looks in. Without Terraform the test says that it did not run; with CI set and Terraform there, a
//! missing mirror is an error.
#![expect(clippy::unwrap_used, reason = "tests")]

mod server;
mod tool;
mod webhook;

use server::Server;
use tool::Terraform;
use webhook::Webhook;

#[test]
fn what_terraform_applies_stays_as_it_is_and_goes_again() {
    let Some(tool) = Terraform::find() else { return };
    let dir = tempfile::tempdir().unwrap();
    let webhook = Webhook::start();
    let server = Server::start(&dir.path().join("data"));
    let terraform = tool.with(dir.path(), &server, &[("webhook", &webhook.url())]);

    terraform.run(&["init"]);
    terraform.run(&["apply", "-auto-approve"]);
    terraform.run(&["plan", "-detailed-exitcode"]);
    assert!(webhook.was_confirmed());

    // Another value is a new version of the secret, and then all is at rest again.
    let changed = tool.with(dir.path(), &server, &[("webhook", &webhook.url()), ("api_key", "sk-ant-other")]);
    let plan = changed.run(&["apply", "-auto-approve"]);
    assert!(plan.contains("1 added, 0 changed, 1 destroyed"), "{plan}");
    changed.run(&["plan", "-detailed-exitcode"]);

    changed.run(&["destroy", "-auto-approve"]);
    assert_eq!(changed.run(&["state", "list"]).trim(), "");
}
