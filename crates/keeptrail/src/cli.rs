//! The command line.

use std::{net::SocketAddr, num::NonZero, path::PathBuf, time::Duration};

use clap::{ArgGroup, Args, Parser, Subcommand};

use crate::{policy_explain::PolicyCommand, query::Format};

/// A secrets manager that tells you who read what: wire-compatible with AWS, every call in a durable audit trail.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Start the server.
    Serve(Box<ServeArgs>),
    /// Print the `export AWS_…` lines for a server's data directory.
    Env(EnvArgs),
    /// Play both documents' stories against a throw-away server, showing each command and what came of it.
    Demo(DemoArgs),
    /// Check the journal's hash chain and name the first bad place.
    Verify(VerifyArgs),
    /// List every operation that is carried out, what its record shows, and what of AWS's is refused.
    Operations(OperationsArgs),
    /// Check policy documents and explain decisions, from files.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Take CloudTrail log files into a Lake, to be queried with SQL.
    Import(ImportArgs),
    /// Answer a SQL statement over a Lake or an archive of log files.
    Query(QueryArgs),
    /// Ask a Lake or an archive in a shell with history and completion.
    Shell(ShellArgs),
    /// Care for a Lake.
    #[command(subcommand)]
    Lake(LakeCommand),
    /// Try filter patterns, event patterns and event selectors on files, without a server.
    #[command(subcommand)]
    Pattern(PatternCommand),
}

#[derive(Subcommand)]
pub(crate) enum PatternCommand {
    /// Say which events match, and which values the pattern finds in them.
    ///
    /// Exit code 0: an event matches; 1: none does; 2: the pattern or the file is wrong.
    Test(PatternTestArgs),
}

/// Every setting can also stand in the TOML file, by the flag's name with `_` for `-`.
#[derive(Args, Default, Clone)]
pub(crate) struct ServeArgs {
    /// A TOML file with settings; flags and environment win over it.
    #[arg(long, env = "KEEPTRAIL_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Where everything is kept; made at the first start. [default: data]
    #[arg(long, env = "KEEPTRAIL_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// The address to listen on. [default: 127.0.0.1:7420]
    #[arg(long, env = "KEEPTRAIL_LISTEN", value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// The URL that clients reach the server by; it stands in confirmation links. [default: from the address]
    #[arg(long, env = "KEEPTRAIL_PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// The account's 12 digits. [default: drawn at the first start]
    #[arg(long, env = "KEEPTRAIL_ACCOUNT_ID", value_name = "DIGITS")]
    pub(crate) account_id: Option<String>,
    /// The region that `keeptrail env` exports and that unsigned calls belong to. [default: us-east-1]
    #[arg(long, env = "KEEPTRAIL_REGION", value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// The root user's access key: 3 to 128 characters. [default: drawn at the first start]
    #[arg(long, env = "KEEPTRAIL_ROOT_ACCESS_KEY_ID", value_name = "KEY")]
    pub(crate) root_access_key_id: Option<String>,
    /// The root user's secret key, 3 to 128 characters. There is no flag: a command line can be read by others.
    #[arg(long, env = "KEEPTRAIL_ROOT_SECRET_ACCESS_KEY", hide = true, hide_env_values = true, value_name = "SECRET")]
    pub(crate) root_secret_access_key: Option<String>,
    /// The file with the 32-byte master key; only its owner may read it. [default: DIR/master.key, made at the first start]
    #[arg(long, env = "KEEPTRAIL_MASTER_KEY", value_name = "FILE")]
    pub(crate) master_key: Option<PathBuf>,
    /// How often trails deliver log files, as in 2s, 5m, 1h. [default: 5m]
    #[arg(long, env = "KEEPTRAIL_TRAIL_INTERVAL", value_name = "DURATION")]
    pub(crate) trail_interval: Option<String>,
    /// How long journal entries are kept after every reader has passed them. [default: 7d]
    #[arg(long, env = "KEEPTRAIL_JOURNAL_RETENTION", value_name = "DURATION")]
    pub(crate) journal_retention: Option<String>,
    /// The mail server for e-mail subscriptions, as in smtp://user:password@mail.example.com:587 or smtps://….
    #[arg(long, env = "KEEPTRAIL_SMTP_URL", hide_env_values = true, value_name = "URL")]
    pub(crate) smtp_url: Option<String>,
    /// The sender of mails.
    #[arg(long, env = "KEEPTRAIL_SMTP_FROM", value_name = "ADDRESS")]
    pub(crate) smtp_from: Option<String>,
    /// Networks that notifications may go to although they are private, as in 10.0.0.0/8; separated by commas.
    #[arg(long, env = "KEEPTRAIL_NOTIFY_ALLOW", value_delimiter = ',', value_name = "NETWORKS")]
    pub(crate) notify_allow: Option<Vec<String>>,
    /// A certificate chain in PEM form, for TLS.
    #[arg(long, env = "KEEPTRAIL_TLS_CERTIFICATE", value_name = "FILE")]
    pub(crate) tls_certificate: Option<PathBuf>,
    /// The certificate's private key in PEM form.
    #[arg(long, env = "KEEPTRAIL_TLS_KEY", value_name = "FILE")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Use TLS with a self-signed certificate, made at the first start for these names.
    #[arg(long, env = "KEEPTRAIL_TLS_SELF_SIGNED", value_delimiter = ',', value_name = "NAMES")]
    pub(crate) tls_self_signed: Option<Vec<String>>,
    /// Listen without TLS on an address that is not loopback: for a proxy on the same private network.
    #[arg(long, env = "KEEPTRAIL_PLAINTEXT_ON_THE_NETWORK")]
    pub(crate) plaintext_on_the_network: bool,
    /// What to log, as in info or keeptrail=debug. [default: info]
    #[arg(long, env = "KEEPTRAIL_LOG", value_name = "FILTER")]
    pub(crate) log: Option<String>,
    /// Log as JSON lines.
    #[arg(long, env = "KEEPTRAIL_LOG_JSON")]
    pub(crate) log_json: bool,
}

#[derive(Args)]
pub(crate) struct EnvArgs {
    /// The server's data directory.
    #[arg(long, env = "KEEPTRAIL_DATA", default_value = "data", value_name = "DIR")]
    pub(crate) data: PathBuf,
}

#[derive(Args)]
pub(crate) struct DemoArgs {
    /// Keep the server running after the story.
    #[arg(long)]
    pub(crate) keep: bool,
}

#[derive(Args)]
pub(crate) struct VerifyArgs {
    /// The server's data directory, or the journal's own.
    #[arg(long, env = "KEEPTRAIL_DATA", default_value = "data", value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct OperationsArgs {
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct ImportArgs {
    /// Where the log files are: a directory, a file, or s3://BUCKET/PREFIX (endpoint, region and credentials from AWS's
    /// environment variables).
    #[arg(value_name = "ARCHIVE")]
    pub(crate) archive: String,
    #[command(flatten)]
    pub(crate) lake: LakePlace,
    /// Only events at this time or later: a date or a time, as in 2026-11-01 or 2026-11-01T06:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Only events before this time.
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
    /// Leave the whole record (eventJson) out of a store that this import makes: smaller, and without what the schema lacks.
    #[arg(long)]
    pub(crate) without_raw_record: bool,
    /// Threads that read log files. [default: one for each processor]
    #[arg(long, value_name = "COUNT")]
    pub(crate) workers: Option<NonZero<usize>>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which Lake, and which store in it.
#[derive(Args)]
pub(crate) struct LakePlace {
    /// The Lake's directory.
    #[arg(long, env = "KEEPTRAIL_LAKE", value_name = "DIR", default_value = "lake")]
    pub(crate) lake: PathBuf,
    /// The event data store in it.
    #[arg(long, value_name = "NAME", default_value = keeptrail_lake::DEFAULT_STORE)]
    pub(crate) store: String,
}

#[derive(Subcommand)]
pub(crate) enum LakeCommand {
    /// Say what the Lake holds.
    Status(LakeStatusArgs),
    /// Put small files together, day by day.
    Compact(LakeCompactArgs),
    /// Remove events by their age.
    Retain(LakeRetainArgs),
    /// Make a store again from the log files, beside the old one, and put it in its place when all was read.
    Rebuild(ImportArgs),
    /// List sample queries about secrets, or print one.
    Samples {
        /// The one to print.
        #[arg(value_name = "NAME")]
        name: Option<String>,
    },
}

#[derive(Args)]
pub(crate) struct LakeStatusArgs {
    /// The Lake's directory.
    #[arg(long, env = "KEEPTRAIL_LAKE", value_name = "DIR", default_value = "lake")]
    pub(crate) lake: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct LakeCompactArgs {
    #[command(flatten)]
    pub(crate) lake: LakePlace,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct LakeRetainArgs {
    #[command(flatten)]
    pub(crate) lake: LakePlace,
    /// Keep the events of so many days; older ones go.
    #[arg(long, value_name = "DAYS")]
    pub(crate) days: u16,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct QueryArgs {
    /// The statement: one SELECT, as in CloudTrail Lake.
    #[arg(value_name = "SQL")]
    pub(crate) statement: String,
    /// What is asked: a Lake's directory, or an archive as `keeptrail import` takes it.
    #[arg(value_name = "LAKE|ARCHIVE", env = "KEEPTRAIL_LAKE", default_value = "lake")]
    pub(crate) source: String,
    /// How the answer is written. [default: table on a terminal, else csv; with --to by the file's ending]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) output: Option<Format>,
    /// Write the answer to a file.
    #[arg(long, value_name = "FILE")]
    pub(crate) to: Option<PathBuf>,
    /// Print how the statement would be run instead.
    #[arg(long)]
    pub(crate) explain: bool,
    #[command(flatten)]
    pub(crate) limits: QueryLimits,
}

#[derive(Args)]
pub(crate) struct ShellArgs {
    /// What is asked: a Lake's directory, or an archive as `keeptrail import` takes it.
    #[arg(value_name = "LAKE|ARCHIVE", env = "KEEPTRAIL_LAKE", default_value = "lake")]
    pub(crate) source: String,
    #[command(flatten)]
    pub(crate) limits: QueryLimits,
}

/// What a query may take.
#[derive(Args)]
pub(crate) struct QueryLimits {
    /// Memory for sorting, joining and grouping, in MiB; beyond it the disk is used.
    #[arg(long, value_name = "MIB", default_value_t = 512)]
    pub(crate) memory: usize,
    /// The longest time a query runs, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 3_600)]
    pub(crate) timeout: u64,
}

impl QueryLimits {
    pub(crate) fn limits(&self) -> keeptrail_sql::Limits {
        keeptrail_sql::Limits {
            memory_bytes: self.memory.saturating_mul(1 << 20),
            time: Duration::from_secs(self.timeout),
            result_rows: u64::MAX,
            result_bytes: u64::MAX,
            ..keeptrail_sql::Limits::default()
        }
    }
}

#[derive(Args)]
#[command(group(ArgGroup::new("pattern").required(true).args(["filter", "event_pattern", "selectors"])))]
pub(crate) struct PatternTestArgs {
    /// A CloudWatch Logs filter pattern, as in '{ $.eventName = "GetSecretValue" }'.
    #[arg(long, value_name = "PATTERN", allow_hyphen_values = true)]
    pub(crate) filter: Option<String>,
    /// An EventBridge event pattern, or a file with one.
    #[arg(long, value_name = "JSON|FILE")]
    pub(crate) event_pattern: Option<String>,
    /// A list of a trail's event selectors, basic or advanced, or a file with one.
    #[arg(long, value_name = "JSON|FILE")]
    pub(crate) selectors: Option<String>,
    /// The selectors are those of an event data store, which may name more fields.
    #[arg(long, conflicts_with_all = ["filter", "event_pattern"])]
    pub(crate) data_store: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// A file of events: one a line, a JSON array, or a trail's log file ({"Records": […]}); gzip too. `-` is standard input.
    #[arg(value_name = "EVENTS")]
    pub(crate) events: PathBuf,
}
