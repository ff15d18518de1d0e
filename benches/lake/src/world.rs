//! Who calls, from where, and what there is to read.

use fastrand::Rng;

/// Accounts of the archive.
pub(crate) const ACCOUNTS: [&str; 2] = ["111122223333", "444455556666"];
/// Regions, busiest first.
pub(crate) const REGIONS: [&str; 3] = ["us-east-1", "eu-central-1", "us-west-2"];

/// A role with its sessions.
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) sessions: Vec<Session>,
}

/// Credentials in use.
pub(crate) struct Session {
    pub(crate) name: String,
    pub(crate) key: String,
    pub(crate) address: String,
    pub(crate) agent: &'static str,
}

/// An IAM user.
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) session: Session,
}

/// A secret, with the suffix that its ARN has.
pub(crate) struct Secret {
    pub(crate) name: String,
    pub(crate) suffix: String,
}

/// What the events are about.
pub(crate) struct World {
    pub(crate) roles: Vec<Role>,
    pub(crate) users: Vec<User>,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) keys: Vec<String>,
    pub(crate) buckets: Vec<String>,
}

const AGENTS: [&str; 6] = [
    "Boto3/1.34.131 md/Botocore#1.34.131 ua/2.0 os/linux#6.1.90-99.173.amzn2023.x86_64 md/arch#x86_64 lang/python#3.11.9 md/pyimpl#CPython cfg/retry-mode#legacy Botocore/1.34.131",
    "aws-cli/2.15.30 Python/3.11.8 Linux/5.10.205-195.807.amzn2.x86_64 exe/x86_64.amzn.2 prompt/off command/secretsmanager.get-secret-value",
    "APN/1.0 HashiCorp/1.0 Terraform/1.7.5 (+https://www.terraform.io) terraform-provider-aws/5.42.0 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.26.0 os/linux lang/go#1.21.8 md/GOARCH#amd64 md/GOOS#linux api/secretsmanager#1.28.4",
    "aws-sdk-java/2.25.16 Linux/5.10.210-201.852.amzn2.x86_64 OpenJDK_64-Bit_Server_VM/17.0.10+7-LTS Java/17.0.10 vendor/Amazon.com_Inc. io/sync http/Apache cfg/retry-mode/legacy",
    "aws-sdk-rust/1.3.3 os/linux lang/rust/1.78.0 exec-env/AWS_ECS_FARGATE md/http#hyper",
    "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.750 Linux/5.10.217 OpenJDK_64-Bit_Server_VM/25.412-b08]",
];

impl World {
    pub(crate) fn new(rng: &mut Rng) -> Self {
        let named = ["EthosInstanceRole", "BackupRole", "ci-deploy", "OrganizationAccountAccessRole", "eks-node-group"];
        let mut roles: Vec<Role> = named.iter().map(|name| role(rng, (*name).to_owned(), 40)).collect();
        roles.extend((0..45).map(|number| role(rng, format!("service-{number:02}-task-role"), 12)));
        let users = (0..25)
            .map(|number| User {
                name: format!("engineer-{number:02}"),
                id: id(rng, "AIDA"),
                session: session(rng, String::new()),
            })
            .collect();
        let fixed = [
            "ethos/prod/channels/telegram/default/botToken",
            "ethos/prod/channels/slack/default/token",
            "ethos/prod/openai/key",
        ];
        let mut names: Vec<String> = fixed.iter().map(|name| (*name).to_owned()).collect();
        names.extend((0..17).map(|number| format!("ethos/staging/channel-{number:02}/token")));
        names
            .extend((0..480).map(|number| format!("{}/service-{:02}/{}", stage(number), number % 45, purpose(number))));
        let secrets = names.into_iter().map(|name| Secret { name, suffix: text(rng, 6) }).collect();
        let keys = (0..30).map(|_| uuid(rng)).collect();
        let buckets = (0..40).map(|number| format!("company-{}-{number:02}", stage(number))).collect();
        Self { roles, users, secrets, keys, buckets }
    }
}

fn stage(number: usize) -> &'static str {
    ["prod", "staging", "dev"].get(number % 3).copied().unwrap_or("dev")
}

fn purpose(number: usize) -> &'static str {
    ["database/password", "api/key", "oauth/client", "signing/key", "smtp/login"]
        .get(number % 5)
        .copied()
        .unwrap_or("key")
}

fn role(rng: &mut Rng, name: String, sessions: usize) -> Role {
    let sessions = (0..sessions)
        .map(|_| {
            let name = format!("i-{:017x}", rng.u64(..) & 0xf_ffff_ffff_ffff);
            session(rng, name)
        })
        .collect();
    Role { name, id: id(rng, "AROA"), sessions }
}

fn session(rng: &mut Rng, name: String) -> Session {
    let address = match rng.u8(0..4) {
        0 => format!("10.{}.{}.{}", rng.u8(..), rng.u8(..), rng.u8(1..)),
        _ => format!("{}.{}.{}.{}", rng.u8(3..220), rng.u8(..), rng.u8(..), rng.u8(1..)),
    };
    Session { name, key: id(rng, "ASIA"), address, agent: pick(rng, &AGENTS).copied().unwrap_or_default() }
}

/// One of them, each as likely.
pub(crate) fn pick<'a, T>(rng: &mut Rng, of: &'a [T]) -> Option<&'a T> {
    if of.is_empty() { None } else { of.get(rng.usize(..of.len())) }
}

/// One of them, the first ones far more likely, as in real use.
pub(crate) fn pick_skewed<'a, T>(rng: &mut Rng, of: &'a [T]) -> Option<&'a T> {
    let share = rng.f64();
    // A cubed share puts half of the picks in the first eighth.
    of.get((share * share * share * of.len() as f64) as usize)
}

pub(crate) fn uuid(rng: &mut Rng) -> String {
    let (a, b) = (rng.u64(..), rng.u64(..));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xfff,
        b >> 48 & 0x3fff | 0x8000,
        b & 0xffff_ffff_ffff
    )
}

fn id(rng: &mut Rng, prefix: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let rest: String = (0..16).filter_map(|_| pick(rng, ALPHABET).map(|byte| char::from(*byte))).collect();
    format!("{prefix}{rest}")
}

pub(crate) fn text(rng: &mut Rng, length: usize) -> String {
    (0..length).map(|_| rng.alphanumeric()).collect()
}
