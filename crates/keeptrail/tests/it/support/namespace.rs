//! Small file systems, mounted where nobody else sees them.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Set for the run inside the namespace: where to mount.
const PLACE: &str = "KEEPTRAIL_TEST_DISK";

/// Runs the ignored test `name` of this binary in a user and mount namespace of its own.
pub(crate) fn run(name: &str) {
    if !Command::new("unshare").args(["-rm", "true"]).status().is_ok_and(|status| status.success()) {
        eprintln!("NOT RUN: this machine allows no user and mount namespaces (unshare -rm)");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("disk");
    std::fs::create_dir(&place).unwrap();
    let inside = Command::new("unshare")
        .arg("-rm")
        .arg(std::env::current_exe().unwrap())
        .args([name, "--exact", "--ignored", "--nocapture"])
        .env(PLACE, &place)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&inside.stdout);
    assert!(inside.status.success() && told.contains("1 passed"), "{told}{}", String::from_utf8_lossy(&inside.stderr));
}

/// Inside: mounts a disk of `size`; `None` outside.
pub(crate) fn mount(size: &str) -> Option<PathBuf> {
    let place = PathBuf::from(std::env::var_os(PLACE)?);
    mounted(&["-t", "tmpfs", "-o", &format!("size={size},mode=700"), "tmpfs"], &place);
    Some(place)
}

/// Gives the disk another size.
pub(crate) fn resize(place: &Path, size: &str) {
    mounted(&["-o", &format!("remount,size={size}")], place);
}

fn mounted(arguments: &[&str], place: &Path) {
    assert!(Command::new("mount").args(arguments).arg(place).status().unwrap().success());
}
