//! Settings: flags and environment over the TOML file over defaults, checked before anything starts.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use ipnet::IpNet;
use keeptrail_arn::{AccountId, Region};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::cli::ServeArgs;

/// A setting that cannot be used, in one line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("{path}: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{path}: {message}")]
    Toml { path: PathBuf, message: String },
    #[error("{setting}: {problem}")]
    Setting { setting: &'static str, problem: String },
}

/// How connections are protected.
pub(crate) enum Tls {
    None,
    Files { certificate: PathBuf, key: PathBuf },
    SelfSigned(Vec<String>),
}

/// Where mails go out.
pub(crate) struct Smtp {
    pub(crate) url: Zeroizing<String>,
    pub(crate) from: String,
}

/// The root user's key, when it is given from outside.
pub(crate) struct RootKey {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: Zeroizing<String>,
}

/// Checked settings.
pub(crate) struct Config {
    pub(crate) data: PathBuf,
    pub(crate) listen: SocketAddr,
    pub(crate) public_url: Option<String>,
    pub(crate) account: Option<AccountId>,
    pub(crate) region: Region,
    pub(crate) root: Option<RootKey>,
    pub(crate) master_key: PathBuf,
    pub(crate) trail_interval: Duration,
    pub(crate) journal_retention: Duration,
    pub(crate) smtp: Option<Smtp>,
    pub(crate) notify_allow: Vec<IpNet>,
    pub(crate) tls: Tls,
}

/// The file's settings; the names are the flags'.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct File {
    data: Option<PathBuf>,
    listen: Option<SocketAddr>,
    public_url: Option<String>,
    account_id: Option<String>,
    region: Option<String>,
    root_access_key_id: Option<String>,
    root_secret_access_key: Option<String>,
    master_key: Option<PathBuf>,
    trail_interval: Option<String>,
    journal_retention: Option<String>,
    smtp_url: Option<String>,
    smtp_from: Option<String>,
    notify_allow: Option<Vec<String>>,
    tls_certificate: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    tls_self_signed: Option<Vec<String>>,
    plaintext_on_the_network: Option<bool>,
}

impl Config {
    /// Checks the settings.
    pub(crate) fn resolve(args: ServeArgs) -> Result<Self, ConfigError> {
        refuse_what_is_not_carried_out()?;
        let file = args.config.as_deref().map(read).transpose()?.unwrap_or_default();
        let data = args.data.or(file.data).unwrap_or_else(|| PathBuf::from("data"));
        let listen = args.listen.or(file.listen).unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 7420)));
        let tls = tls(
            args.tls_certificate.or(file.tls_certificate),
            args.tls_key.or(file.tls_key),
            args.tls_self_signed.or(file.tls_self_signed),
        )?;
        let plaintext = args.plaintext_on_the_network || file.plaintext_on_the_network.unwrap_or(false);
        if matches!(tls, Tls::None) && !listen.ip().is_loopback() && !plaintext {
            return Err(setting(
                "listen",
                format!(
                    "{listen} is not a loopback address, and without TLS secrets would cross the network in clear: give \
                     --tls-certificate and --tls-key, or --tls-self-signed NAMES, or --plaintext-on-the-network"
                ),
            ));
        }
        let region = args.region.or(file.region).unwrap_or_else(|| "us-east-1".to_owned());
        Ok(Self {
            master_key: args.master_key.or(file.master_key).unwrap_or_else(|| data.join("master.key")),
            data,
            listen,
            public_url: args.public_url.or(file.public_url).map(public_url).transpose()?,
            account: args
                .account_id
                .or(file.account_id)
                .map(|digits| digits.parse().map_err(|error| setting("account-id", error)))
                .transpose()?,
            region: region.parse().map_err(|error| setting("region", error))?,
            root: root(
                args.root_access_key_id.or(file.root_access_key_id),
                args.root_secret_access_key.or(file.root_secret_access_key),
            )?,
            trail_interval: duration("trail-interval", args.trail_interval.or(file.trail_interval), "5m")?,
            journal_retention: duration("journal-retention", args.journal_retention.or(file.journal_retention), "7d")?,
            smtp: smtp(args.smtp_url.or(file.smtp_url), args.smtp_from.or(file.smtp_from))?,
            notify_allow: args
                .notify_allow
                .or(file.notify_allow)
                .unwrap_or_default()
                .iter()
                .map(|network| {
                    network.trim().parse().map_err(|_| {
                        setting("notify-allow", format!("{network:?} is not a network such as 10.0.0.0/8"))
                    })
                })
                .collect::<Result<_, _>>()?,
            tls,
        })
    }
}

/// Settings of the design that are not carried out yet: better said than ignored.
fn refuse_what_is_not_carried_out() -> Result<(), ConfigError> {
    for (name, what) in [
        ("KEEPTRAIL_STORE", "another store than the embedded one"),
        ("KEEPTRAIL_OBJECTS", "another place for objects than the data directory"),
        ("KEEPTRAIL_DIGEST_INTERVAL", "digest files"),
    ] {
        if std::env::var_os(name).is_some_and(|value| !value.is_empty()) {
            return Err(setting(name, format!("this version does not carry out {what}; unset it")));
        }
    }
    Ok(())
}

fn setting(setting: &'static str, problem: impl ToString) -> ConfigError {
    ConfigError::Setting { setting, problem: problem.to_string() }
}

fn read(path: &Path) -> Result<File, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    // The parser's own message shows the line, which may hold a password: only its reason and place are told.
    toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(0, |span| text.get(..span.start).unwrap_or_default().matches('\n').count() + 1);
        ConfigError::Toml { path: path.to_owned(), message: format!("line {line}: {}", error.message()) }
    })
}

fn tls(certificate: Option<PathBuf>, key: Option<PathBuf>, names: Option<Vec<String>>) -> Result<Tls, ConfigError> {
    match (certificate, key, names) {
        (None, None, None) => Ok(Tls::None),
        (Some(certificate), Some(key), None) => Ok(Tls::Files { certificate, key }),
        (None, None, Some(names)) if !names.is_empty() => Ok(Tls::SelfSigned(names)),
        (None, None, Some(_)) => Err(setting("tls-self-signed", "give the names that clients use, such as localhost")),
        (_, _, Some(_)) => Err(setting("tls-self-signed", "cannot be given together with tls-certificate or tls-key")),
        _ => Err(setting("tls-certificate", "must be given together with tls-key")),
    }
}

fn root(id: Option<String>, secret: Option<String>) -> Result<Option<RootKey>, ConfigError> {
    let word = |text: &str| (3..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    match (id, secret.map(Zeroizing::new)) {
        (None, None) => Ok(None),
        (Some(access_key_id), Some(secret_access_key)) => {
            if !word(&access_key_id) || access_key_id.contains(['/', ',']) {
                return Err(setting("root-access-key-id", "must be 3 to 128 visible characters without / and ,"));
            }
            if !word(&secret_access_key) {
                return Err(setting("root-secret-access-key", "must be 3 to 128 visible characters"));
            }
            Ok(Some(RootKey { access_key_id, secret_access_key }))
        }
        (Some(_), None) => Err(setting("root-access-key-id", "needs KEEPTRAIL_ROOT_SECRET_ACCESS_KEY beside it")),
        (None, Some(_)) => Err(setting("root-secret-access-key", "needs KEEPTRAIL_ROOT_ACCESS_KEY_ID beside it")),
    }
}

fn smtp(url: Option<String>, from: Option<String>) -> Result<Option<Smtp>, ConfigError> {
    match (url, from) {
        (None, None) => Ok(None),
        (Some(url), Some(from)) if url.starts_with("smtp://") || url.starts_with("smtps://") => {
            Ok(Some(Smtp { url: Zeroizing::new(url), from }))
        }
        (Some(_), Some(_)) => Err(setting("smtp-url", "must begin with smtp:// or smtps://")),
        (Some(_), None) => Err(setting("smtp-url", "needs smtp-from, the sender's address, beside it")),
        (None, Some(_)) => Err(setting("smtp-from", "needs smtp-url beside it")),
    }
}

fn public_url(url: String) -> Result<String, ConfigError> {
    let host = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    match host {
        Some(host) if !host.is_empty() => Ok(url.trim_end_matches('/').to_owned()),
        _ => Err(setting("public-url", "must begin with http:// or https:// and name a host")),
    }
}

fn duration(name: &'static str, text: Option<String>, default: &str) -> Result<Duration, ConfigError> {
    let text = text.unwrap_or_else(|| default.to_owned());
    let (number, unit) = text.split_at(text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len()));
    let seconds = match unit.trim() {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 24 * 3600,
        _ => 0,
    };
    let length = number.parse::<u64>().ok().and_then(|number| number.checked_mul(seconds)).filter(|length| *length > 0);
    match length {
        Some(length) if length <= 3650 * 24 * 3600 => Ok(Duration::from_secs(length)),
        _ => Err(setting(name, format!("{text:?} is not a duration such as 2s, 5m, 1h or 7d"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(change: impl FnOnce(&mut ServeArgs)) -> Result<Config, String> {
        let mut args = ServeArgs::default();
        change(&mut args);
        Config::resolve(args).map_err(|error| error.to_string())
    }

    #[test]
    fn without_tls_only_loopback_is_listened_on_unless_told_in_so_many_words() {
        let public = "0.0.0.0:7420".parse().unwrap();
        let error = resolve(|args| args.listen = Some(public)).err().unwrap();
        assert!(error.starts_with("listen: 0.0.0.0:7420 is not a loopback address"), "{error}");
        assert!(resolve(|args| (args.listen, args.plaintext_on_the_network) = (Some(public), true)).is_ok());
    }

    #[test]
    fn the_file_is_overridden_by_flags_and_a_wrong_line_is_named_without_its_text() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keeptrail.toml");
        std::fs::write(&path, "region = \"eu-west-1\"\ntrail_interval = \"2s\"\n").unwrap();
        let config =
            resolve(|args| (args.config, args.region) = (Some(path.clone()), Some("us-west-2".into()))).unwrap();
        assert_eq!((config.region.as_str(), config.trail_interval), ("us-west-2", Duration::from_secs(2)));
        std::fs::write(&path, "region = \"eu-west-1\"\nsmtp_password = \"canary\"\n").unwrap();
        let error = resolve(|args| args.config = Some(path.clone())).err().unwrap();
        assert!(error.contains("line 2") && !error.contains("canary"), "{error}");
    }

    #[test]
    fn wrong_settings_are_refused_in_one_line() {
        for (change, expected) in [
            (
                (|args: &mut ServeArgs| args.account_id = Some("12".into())) as fn(&mut ServeArgs),
                "account-id: an account number has 12 digits",
            ),
            (
                |args| args.trail_interval = Some("soon".into()),
                "trail-interval: \"soon\" is not a duration such as 2s, 5m, 1h or 7d",
            ),
            (
                |args| args.root_access_key_id = Some("root".into()),
                "root-access-key-id: needs KEEPTRAIL_ROOT_SECRET_ACCESS_KEY beside it",
            ),
            (
                |args| args.smtp_url = Some("smtp://mail".into()),
                "smtp-url: needs smtp-from, the sender's address, beside it",
            ),
            (
                |args| args.notify_allow = Some(vec!["ten".into()]),
                "notify-allow: \"ten\" is not a network such as 10.0.0.0/8",
            ),
        ] {
            assert_eq!(resolve(change).err().unwrap(), expected);
        }
    }
}
