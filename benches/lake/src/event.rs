//! Events as CloudTrail writes them.

use std::fmt::Write;

use fastrand::Rng;
use jiff::Timestamp;

use crate::world::{ACCOUNTS, REGIONS, Role, Session, User, World, pick, pick_skewed, text, uuid};

/// An endless stream of events.
pub struct Events {
    rng: Rng,
    world: World,
}

/// Who made a call.
enum Caller<'a> {
    Role(&'a Role, &'a Session),
    User(&'a User),
    Service(&'static str),
}

impl Events {
    /// The stream that `seed` gives.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let world = World::new(&mut rng);
        Self { rng, world }
    }

    pub(crate) fn rng(&mut self) -> &mut Rng {
        &mut self.rng
    }

    /// Writes the record of an event at `time` behind what `out` holds.
    pub fn write(&mut self, out: &mut String, time: Timestamp, account: usize, region: usize) {
        let account = ACCOUNTS.get(account).copied().unwrap_or_default();
        let region = REGIONS.get(region).copied().unwrap_or_default();
        let Self { rng, world } = self;
        let roll = rng.u8(..100);
        let caller = match roll {
            0..30 => Caller::Service(
                pick(rng, &["lambda.amazonaws.com", "ecs-tasks.amazonaws.com", "cloudtrail.amazonaws.com"])
                    .copied()
                    .unwrap_or_default(),
            ),
            30..92 => {
                let Some(role) = pick_skewed(rng, &world.roles) else { return };
                let Some(session) = pick_skewed(rng, &role.sessions) else { return };
                Caller::Role(role, session)
            }
            _ => {
                let Some(user) = pick_skewed(rng, &world.users) else { return };
                Caller::User(user)
            }
        };
        let call = match roll {
            0..22 => Call::assume_role(rng, world, account),
            22..30 => Call::bucket_acl(rng, world),
            30..62 => Call::decrypt(rng, world, account, region),
            62..74 => Call::secret(rng, world, account, region),
            74..84 => Call::describe(rng),
            84..92 => Call::log_stream(rng, account, region),
            _ => Call::secret(rng, world, account, region),
        };
        record(out, rng, &caller, &call, time, account, region);
    }
}

/// What was called.
struct Call {
    source: &'static str,
    name: &'static str,
    read_only: bool,
    error: Option<(&'static str, String)>,
    request: String,
    response: String,
    resources: String,
}

impl Call {
    fn read(source: &'static str, name: &'static str, request: String) -> Self {
        let none = || "null".to_owned();
        Self { source, name, read_only: true, error: None, request, response: none(), resources: String::new() }
    }

    fn assume_role(rng: &mut Rng, world: &World, account: &str) -> Self {
        let Some(role) = pick_skewed(rng, &world.roles) else { return Self::describe(rng) };
        let Some(session) = pick_skewed(rng, &role.sessions) else { return Self::describe(rng) };
        let request = format!(
            r#"{{"roleArn":"arn:aws:iam::{account}:role/{0}","roleSessionName":"{1}","durationSeconds":3600}}"#,
            role.name, session.name
        );
        let response = format!(
            r#"{{"credentials":{{"accessKeyId":"{0}","sessionToken":"{1}","expiration":"Nov 25, 2026, 4:17:24 PM"}},"assumedRoleUser":{{"assumedRoleId":"{2}:{3}","arn":"arn:aws:sts::{account}:assumed-role/{4}/{3}"}}}}"#,
            session.key,
            text(rng, 180),
            role.id,
            session.name,
            role.name
        );
        let resources = format!(
            r#"[{{"accountId":"{account}","type":"AWS::IAM::Role","ARN":"arn:aws:iam::{account}:role/{}"}}]"#,
            role.name
        );
        Self { response, resources, ..Self::read("sts.amazonaws.com", "AssumeRole", request) }
    }

    fn bucket_acl(rng: &mut Rng, world: &World) -> Self {
        let bucket = pick_skewed(rng, &world.buckets).map_or("", String::as_str);
        let request = format!(r#"{{"bucketName":"{bucket}","Host":"{bucket}.s3.amazonaws.com","acl":""}}"#);
        let resources = format!(
            r#"[{{"type":"AWS::S3::Object","ARNPrefix":"arn:aws:s3:::{bucket}/"}},{{"accountId":"111122223333","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::{bucket}"}}]"#
        );
        Self { resources, ..Self::read("s3.amazonaws.com", "GetBucketAcl", request) }
    }

    fn decrypt(rng: &mut Rng, world: &World, account: &str, region: &str) -> Self {
        let key = pick_skewed(rng, &world.keys).map_or("", String::as_str);
        let secret = pick_skewed(rng, &world.secrets);
        let (name, suffix) = secret.map_or(("", ""), |secret| (&secret.name, &secret.suffix));
        let request = format!(
            r#"{{"encryptionContext":{{"SecretARN":"arn:aws:secretsmanager:{region}:{account}:secret:{name}-{suffix}","SecretVersionId":"{}"}},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}}"#,
            uuid(rng)
        );
        let resources = format!(
            r#"[{{"accountId":"{account}","type":"AWS::KMS::Key","ARN":"arn:aws:kms:{region}:{account}:key/{key}"}}]"#
        );
        Self { resources, ..Self::read("kms.amazonaws.com", "Decrypt", request) }
    }

    fn secret(rng: &mut Rng, world: &World, account: &str, region: &str) -> Self {
        let Some(secret) = pick_skewed(rng, &world.secrets) else { return Self::describe(rng) };
        let arn = format!("arn:aws:secretsmanager:{region}:{account}:secret:{}-{}", secret.name, secret.suffix);
        let id = if rng.bool() { &secret.name } else { &arn };
        let source = "secretsmanager.amazonaws.com";
        match rng.u8(..100) {
            0..78 => {
                let mut call = Self::read(source, "GetSecretValue", format!(r#"{{"secretId":"{id}"}}"#));
                if rng.u8(..50) == 0 {
                    let message = format!(
                        "User is not authorized to perform: secretsmanager:GetSecretValue on resource: {id} because no identity-based policy allows the action"
                    );
                    call.error = Some(("AccessDenied", message));
                }
                call
            }
            78..92 => Self::read(source, "DescribeSecret", format!(r#"{{"secretId":"{id}"}}"#)),
            92..96 => Self::read(
                source,
                "ListSecrets",
                r#"{"maxResults":100,"filters":[{"key":"name","values":["prod"]}]}"#.to_owned(),
            ),
            _ => Self {
                read_only: false,
                response: format!(r#"{{"arn":"{arn}"}}"#),
                ..Self::read(
                    source,
                    "PutSecretValue",
                    format!(r#"{{"secretId":"{id}","clientRequestToken":"{}"}}"#, uuid(rng)),
                )
            },
        }
    }

    fn describe(rng: &mut Rng) -> Self {
        let name = pick(rng, &["DescribeInstances", "DescribeVolumes", "DescribeSecurityGroups", "DescribeSubnets"]);
        let request = format!(
            r#"{{"maxResults":1000,"instancesSet":{{"items":[{{"instanceId":"i-{:017x}"}}]}},"filterSet":{{}}}}"#,
            rng.u32(..500)
        );
        Self::read("ec2.amazonaws.com", name.copied().unwrap_or("DescribeInstances"), request)
    }

    fn log_stream(rng: &mut Rng, account: &str, region: &str) -> Self {
        let group = rng.u8(..60);
        let request = format!(
            r#"{{"logGroupName":"/aws/lambda/service-{group:02}","logStreamName":"2026/11/25/[$LATEST]{:032x}"}}"#,
            rng.u128(..)
        );
        let resources = format!(
            r#"[{{"accountId":"{account}","type":"AWS::Logs::LogGroup","ARN":"arn:aws:logs:{region}:{account}:log-group:/aws/lambda/service-{group:02}"}}]"#
        );
        Self { read_only: false, resources, ..Self::read("logs.amazonaws.com", "CreateLogStream", request) }
    }
}

fn record(
    out: &mut String,
    rng: &mut Rng,
    caller: &Caller<'_>,
    call: &Call,
    time: Timestamp,
    account: &str,
    region: &str,
) {
    let time = time.strftime("%Y-%m-%dT%H:%M:%SZ");
    // Writing to a string cannot fail.
    let _ = write!(out, r#"{{"eventVersion":"1.11","userIdentity":"#);
    let (address, agent) = identity(out, caller, account);
    let _ = write!(
        out,
        r#","eventTime":"{time}","eventSource":"{}","eventName":"{}","awsRegion":"{region}","sourceIPAddress":"{address}","userAgent":"{agent}","#,
        call.source, call.name
    );
    if let Some((code, message)) = &call.error {
        let _ = write!(out, r#""errorCode":"{code}","errorMessage":"{message}","#);
    }
    let _ = write!(
        out,
        r#""requestParameters":{},"responseElements":{},"requestID":"{}","eventID":"{}","readOnly":{},"#,
        call.request,
        call.response,
        uuid(rng),
        uuid(rng),
        call.read_only
    );
    if !call.resources.is_empty() {
        let _ = write!(out, r#""resources":{},"#, call.resources);
    }
    let _ = write!(
        out,
        r#""eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"{account}","eventCategory":"Management""#
    );
    if !matches!(caller, Caller::Service(_)) {
        let service = call.source.trim_end_matches(".amazonaws.com");
        let _ = write!(
            out,
            r#","tlsDetails":{{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"{service}.{region}.amazonaws.com"}}"#
        );
    }
    out.push('}');
}

/// Writes the `userIdentity`; address and user agent of the caller.
fn identity<'a>(out: &mut String, caller: &Caller<'a>, account: &str) -> (&'a str, &'a str) {
    match caller {
        Caller::Service(name) => {
            let _ = write!(out, r#"{{"type":"AWSService","invokedBy":"{name}"}}"#);
            (*name, *name)
        }
        Caller::User(user) => {
            let _ = write!(
                out,
                r#"{{"type":"IAMUser","principalId":"{}","arn":"arn:aws:iam::{account}:user/{1}","accountId":"{account}","accessKeyId":"{2}","userName":"{1}","sessionContext":{{"attributes":{{"creationDate":"2026-11-01T08:00:00Z","mfaAuthenticated":"true"}}}}}}"#,
                user.id, user.name, user.session.key
            );
            (&user.session.address, user.session.agent)
        }
        Caller::Role(role, session) => {
            let _ = write!(
                out,
                r#"{{"type":"AssumedRole","principalId":"{0}:{1}","arn":"arn:aws:sts::{account}:assumed-role/{2}/{1}","accountId":"{account}","accessKeyId":"{3}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"{0}","arn":"arn:aws:iam::{account}:role/{2}","accountId":"{account}","userName":"{2}"}},"attributes":{{"creationDate":"2026-11-01T08:00:00Z","mfaAuthenticated":"false"}},"ec2RoleDelivery":"2.0"}}}}"#,
                role.id, session.name, role.name, session.key
            );
            (&session.address, session.agent)
        }
    }
}
