//! Terraform and its provider, when they are there.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::server::Server;

const PROVIDER: &str = "registry.terraform.io/hashicorp/aws";

/// The program and the mirror of its providers.
pub(crate) struct Terraform {
    mirror: PathBuf,
}

/// Terraform in a directory with the example, pointed at a server.
pub(crate) struct Workspace {
    directory: PathBuf,
    environment: Vec<(String, String)>,
}

impl Terraform {
    /// `None`, said aloud, when there is no Terraform, or no mirror and no CI.
    pub(crate) fn find() -> Option<Self> {
        let path = env::var_os("PATH").unwrap_or_default();
        if !env::split_paths(&path).any(|directory| directory.join("terraform").is_file()) {
            eprintln!("NOT RUN: terraform is missing");
            return None;
        }
        let Some(mirror) = places().into_iter().find(|place| place.join(PROVIDER).is_dir()) else {
            let complaint = format!("no mirror of {PROVIDER} was found; set KEEPTRAIL_TF_PLUGINS to one");
            assert!(env::var_os("CI").is_none(), "{complaint}");
            eprintln!("NOT RUN: {complaint}");
            return None;
        };
        Some(Self { mirror })
    }

    /// The example, copied into `directory` once, with these variables.
    pub(crate) fn with(&self, directory: &Path, server: &Server, variables: &[(&str, &str)]) -> Workspace {
        let workspace = directory.join("terraform");
        if !workspace.try_exists().unwrap() {
            copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/terraform"), &workspace);
        }
        let configuration = directory.join("terraform.rc");
        let mirror = format!(
            "provider_installation {{\n  filesystem_mirror {{\n    path = \"{}\"\n  }}\n}}\n",
            self.mirror.display()
        );
        fs::write(&configuration, mirror).unwrap();
        let mut environment = server.environment();
        for (name, value) in [
            ("TF_CLI_CONFIG_FILE", configuration.to_str().unwrap()),
            ("TF_IN_AUTOMATION", "1"),
            ("TF_INPUT", "0"),
            ("CHECKPOINT_DISABLE", "1"),
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ] {
            environment.push((name.to_owned(), value.to_owned()));
        }
        environment.extend(variables.iter().map(|(name, value)| (format!("TF_VAR_{name}"), (*value).to_owned())));
        Workspace { directory: workspace, environment }
    }
}

impl Workspace {
    /// Runs a command that must succeed; for `plan -detailed-exitcode` that means that nothing is to be changed.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new("terraform")
            .args(arguments)
            .args(if arguments.first() == Some(&"state") { &[][..] } else { &["-no-color"][..] })
            .current_dir(&self.directory)
            .env_remove("AWS_PROFILE")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "terraform {arguments:?}: {}\n{told}\n{complaint}", output.status);
        told
    }
}

/// Where a mirror may be: the one named, then Terraform's own places
/// (<https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories>).
fn places() -> Vec<PathBuf> {
    let named = env::var_os("KEEPTRAIL_TF_PLUGINS").map(PathBuf::from);
    let home = env::var_os("HOME").map(PathBuf::from);
    let data = env::var_os("XDG_DATA_HOME").map(PathBuf::from);
    let mut places: Vec<_> = named.into_iter().collect();
    places.extend(home.iter().map(|home| home.join(".terraform.d/plugins")));
    places
        .extend(data.or_else(|| home.map(|home| home.join(".local/share"))).map(|data| data.join("terraform/plugins")));
    places.extend(["/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins"].map(PathBuf::from));
    places
}

/// The configuration and its modules, without what an earlier run by hand left there.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.extension().is_some_and(|kind| kind == "tf") {
            fs::copy(&path, &target).unwrap();
        } else if path.is_dir() && !path.ends_with(".terraform") {
            copy(&path, &target);
        }
    }
}
