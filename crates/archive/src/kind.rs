//! What lies in a trail's bucket.

use std::fmt;

/// The kind of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// CloudTrail events.
    LogFile,
    /// A signed digest of log files.
    Digest,
    /// A Config snapshot or history.
    Config,
    /// CloudTrail Insights events, which AWS keeps apart from the events they speak of.
    Insight,
    /// CloudTrail's aggregated events.
    Aggregated,
    /// The signature of query results, or another of CloudTrail's own marks.
    Mark,
    /// A record of something else, or no known shape.
    Unknown,
}

impl Kind {
    /// The kind that a key speaks of, by AWS's layout `AWSLogs/[organisation/]account/service/region/date/name`. Any other name is
    /// taken for a log file when it ends as one may end, and is told by its content then.
    #[must_use]
    pub fn of_key(key: &str) -> Self {
        let mut parts = key.rsplit('/');
        let name = parts.next().unwrap_or_default();
        for part in parts {
            match part {
                "CloudTrail-Digest" => return Self::Digest,
                "CloudTrail-Insight" => return Self::Insight,
                "CloudTrail-Aggregated" => return Self::Aggregated,
                "Config" => return Self::Config,
                _ => {}
            }
        }
        if name.contains("_CloudTrail-Digest_") {
            Self::Digest
        } else if name.contains("_CloudTrail-Insight_") {
            Self::Insight
        } else if name.contains("_Config_") {
            Self::Config
        } else if name == "ConfigWritabilityCheckFile" || name == "result_sign.json" {
            Self::Mark
        } else if [".json.gz", ".json", ".gz", ".jsonl", ".ndjson", ".log", ".jsonl.gz"]
            .iter()
            .any(|ending| name.ends_with(ending))
        {
            Self::LogFile
        } else {
            Self::Unknown
        }
    }

    /// The kind that a top-level member's name proves; `None` when it proves nothing.
    pub(crate) fn of_member(name: &[u8]) -> Option<Self> {
        match name {
            b"eventVersion" | b"eventSource" | b"eventName" | b"userIdentity" => Some(Self::LogFile),
            b"digestS3Object" | b"digestS3Bucket" | b"digestStartTime" => Some(Self::Digest),
            b"configurationItems" | b"configSnapshotId" => Some(Self::Config),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LogFile => "log file",
            Self::Digest => "digest",
            Self::Config => "Config file",
            Self::Insight => "Insights file",
            Self::Aggregated => "aggregated events",
            Self::Mark => "mark",
            Self::Unknown => "unknown",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_tell_log_files_from_what_lies_beside_them() {
        for (key, kind) in [
            (
                "AWSLogs/111122223333/CloudTrail/us-east-1/2023/07/10/1_CloudTrail_us-east-1_20230710T1210Z_a.json.gz",
                Kind::LogFile,
            ),
            (
                "AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2023/07/10/1_CloudTrail-Digest_us-east-1_t_us-east-1_20230710T121000Z.json.gz",
                Kind::Digest,
            ),
            ("AWSLogs/111122223333/CloudTrail-Insight/us-east-1/2023/07/10/x.json.gz", Kind::Insight),
            (
                "AWSLogs/111122223333/Config/us-east-1/2023/7/10/ConfigHistory/1_Config_us-east-1_ConfigHistory_x.json.gz",
                Kind::Config,
            ),
            ("AWSLogs/111122223333/Config/ConfigWritabilityCheckFile", Kind::Config),
            ("export/events.jsonl", Kind::LogFile),
            ("readme.md", Kind::Unknown),
        ] {
            assert_eq!(Kind::of_key(key), kind, "{key}");
        }
    }
}
