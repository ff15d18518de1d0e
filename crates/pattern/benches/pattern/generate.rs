//! Events and rules from a seed: the same on every machine.

use serde_json::{Value, json};

/// A small generator of numbers that only has to be the same everywhere (splitmix64).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let at = usize::try_from(self.below(from.len() as u64)).unwrap();
        from[at]
    }
}

pub const STREETS: [&str; 16] = [
    "ACACIA", "ALEMANY", "BALBOA", "CABRILLO", "DOLORES", "FULTON", "GEARY", "HARRISON", "IRVING", "JUDAH", "KIRKHAM",
    "LAWTON", "MISSION", "NORIEGA", "ORTEGA", "QUINTARA",
];
const SUFFIXES: [&str; 5] = ["ST", "AVE", "BLVD", "WAY", "DR"];

/// A city lot: a few properties and a polygon, about 640 bytes.
pub fn lot(random: &mut Random) -> String {
    let block = random.below(8_000);
    let number = random.below(120);
    let points: Vec<Value> = (0..6)
        .map(|_| {
            let x = -122.5 + random.below(100_000) as f64 / 1e6;
            let y = 37.7 + random.below(100_000) as f64 / 1e6;
            json!({"x": x, "y": y, "z": random.below(4)})
        })
        .collect();
    let street_number = random.below(3_000).to_string();
    json!({
        "type": "Feature",
        "properties": {
            "MAPBLKLOT": format!("{block:04}{number:03}"), "BLKLOT": format!("{block:04}{number:03}"),
            "BLOCK_NUM": format!("{block:04}"), "LOT_NUM": format!("{number:03}"),
            "FROM_ST": street_number, "TO_ST": street_number,
            "STREET": random.pick(&STREETS), "ST_TYPE": random.pick(&SUFFIXES), "ODD_EVEN": random.pick(&["E", "O"]),
        },
        "geometry": {
            "type": random.pick(&["Polygon", "MultiPolygon"]),
            "firstCoordinates": points[0], "coordinates": [points],
            "boundingBox": {"west": -122.5, "south": 37.7, "east": -122.4, "north": 37.8, "reference": "EPSG:4326"},
        },
    })
    .to_string()
}

const EVENT_NAMES: [&str; 8] = [
    "GetSecretValue",
    "DescribeSecret",
    "PutSecretValue",
    "ListSecrets",
    "CreateSecret",
    "UpdateSecret",
    "DeleteSecret",
    "RotateSecret",
];

/// How many secrets the records are about.
pub const SECRETS: u64 = 100_000;

fn secret(number: u64) -> String {
    format!("team-{:02}/prod/service-{number:06}", number % 40)
}

/// A CloudTrail record in its EventBridge envelope, about 1,600 bytes.
pub fn record(random: &mut Random) -> String {
    let number = random.below(SECRETS);
    let role = random.below(5_000);
    let arn = format!("arn:aws:secretsmanager:us-east-1:123456789012:secret:{}-AbCdEf", secret(number));
    let id = format!("{:016x}", random.next());
    json!({
        "version": "0", "id": id, "detail-type": "AWS API Call via CloudTrail", "source": "aws.secretsmanager",
        "account": "123456789012", "time": "2026-02-03T10:11:12Z", "region": "us-east-1", "resources": [],
        "detail": {
            "eventVersion": "1.11",
            "userIdentity": {
                "type": "AssumedRole", "principalId": format!("AROAEXAMPLE{role:05}:session"),
                "arn": format!("arn:aws:sts::123456789012:assumed-role/role-{role:05}/session"),
                "accountId": "123456789012", "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
                "sessionContext": {
                    "sessionIssuer": {"type": "Role", "principalId": format!("AROAEXAMPLE{role:05}"),
                        "arn": format!("arn:aws:iam::123456789012:role/role-{role:05}"), "accountId": "123456789012",
                        "userName": format!("role-{role:05}")},
                    "attributes": {"creationDate": "2026-02-03T09:00:00Z", "mfaAuthenticated": "false"},
                },
            },
            "eventTime": "2026-02-03T10:11:12Z", "eventSource": "secretsmanager.amazonaws.com",
            "eventName": random.pick(&EVENT_NAMES), "awsRegion": "us-east-1",
            "sourceIPAddress": format!("10.{}.{}.{}", random.below(256), random.below(256), random.below(256)),
            "userAgent": "aws-cli/2.31.0 md/awscrt#0.27.6 ua/2.1 os/linux#6.8 lang/python#3.13 md/command#secretsmanager",
            "requestParameters": {"secretId": secret(number), "versionStage": "AWSCURRENT"},
            "responseElements": null,
            "requestID": id, "eventID": format!("{:016x}", random.next()), "readOnly": random.below(2) == 0,
            "resources": [{"accountId": "123456789012", "type": "AWS::SecretsManager::Secret", "ARN": arn}],
            "eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": "123456789012",
            "eventCategory": "Management",
            "tlsDetails": {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256",
                "clientProvidedHostHeader": "secretsmanager.us-east-1.amazonaws.com"},
        },
    })
    .to_string()
}

/// Five rules of a kind on city lots.
pub fn five_of_a_kind() -> Vec<(&'static str, Vec<String>)> {
    let on = |path: &[&str], alternatives: Value| {
        path.iter().rev().fold(alternatives, |inner, name| json!({ *name: inner })).to_string()
    };
    let street = |alternatives: Value| on(&["properties", "STREET"], alternatives);
    let five = |make: &dyn Fn(usize) -> String| (0..5).map(make).collect::<Vec<_>>();
    vec![
        ("exact", five(&|at| on(&["properties", "LOT_NUM"], json!([format!("{:03}", at * 20)])))),
        ("prefix", five(&|at| street(json!([{"prefix": &STREETS[at * 3][..2]}])))),
        ("suffix", five(&|at| street(json!([{"suffix": &STREETS[at * 3][2..]}])))),
        ("ignore-case", five(&|at| street(json!([{"equals-ignore-case": STREETS[at * 3].to_lowercase()}])))),
        (
            "wildcard",
            five(&|at| street(json!([{"wildcard": format!("{}*{}", &STREETS[at * 3][..1], &STREETS[at * 3][3..])}]))),
        ),
        (
            "numeric",
            five(&|at| {
                let low = -122.5 + at as f64 / 50.0;
                on(&["geometry", "firstCoordinates", "x"], json!([{"numeric": [">=", low, "<", low + 0.004]}]))
            }),
        ),
        (
            "anything-but",
            five(&|at| street(json!([{"anything-but": [STREETS[at], STREETS[at + 5], STREETS[at + 10]]}]))),
        ),
        (
            "complex-arrays",
            five(&|at| {
                json!({"geometry": {"type": ["Polygon"], "coordinates": {
                    "z": [at % 4], "x": [{"numeric": ["<", -122.4 - at as f64 / 100.0]}]}}})
                .to_string()
            }),
        ),
    ]
}

/// A rule on CloudTrail records: all share source and detail type.
pub fn trail_rule(shape: &str, at: u64) -> String {
    // Spread over the secrets, so that few rules match as many as there are secrets.
    let number = at.wrapping_mul(7_919) % SECRETS;
    let detail = match (shape, at % 5) {
        ("exact", _) | ("mixed", 0) => {
            json!({"eventName": ["GetSecretValue"], "requestParameters": {"secretId": [secret(number)]}})
        }
        ("mixed", 1) => {
            json!({"eventName": ["PutSecretValue"], "requestParameters": {"secretId": [{"prefix": secret(number)}]}})
        }
        ("mixed", 2) => {
            json!({"requestParameters": {"secretId": [{"suffix": format!("service-{number:06}")}]}, "readOnly": [true]})
        }
        ("mixed", 3) => {
            json!({"sourceIPAddress": [{"cidr": format!("10.{}.{}.0/24", at / 256 % 256, at % 256)}], "eventName": ["DeleteSecret"]})
        }
        ("mixed", _) => {
            json!({"userIdentity": {"arn": [{"equals-ignore-case": format!("ARN:aws:sts::123456789012:assumed-role/role-{:05}/session", at % 5_000)}]}})
        }
        ("friend", _) => json!({"eventName": ["GetSecretValue"], "requestParameters": {"secretId": [secret(number)]},
            "userIdentity": {"arn": [{"anything-but": [format!("arn:aws:sts::123456789012:assumed-role/role-{:05}/session", at % 5_000)]}]}}),
        _ => {
            json!({"eventName": ["GetSecretValue"], "requestParameters": {"secretId": [{"wildcard": format!("*/service-{number:06}*")}]}})
        }
    };
    json!({"source": ["aws.secretsmanager"], "detail-type": ["AWS API Call via CloudTrail"], "detail": detail})
        .to_string()
}
