//! The checksums that uploaders send and readers ask for.
//!
//! Source: "Checking object integrity" in the S3 user guide.

use std::collections::BTreeMap;

use keeptrail_operation::ApiError;
use s3s::{
    checksum::ChecksumHasher,
    crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Sha1, Sha256},
};

use crate::errors::{BAD_DIGEST, INVALID_REQUEST};

/// AWS's names of the algorithms.
pub(crate) const ALGORITHMS: [&str; 5] = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"];

/// Checksums in the making.
#[derive(Default)]
pub(crate) struct Hashes(ChecksumHasher);

impl Hashes {
    /// Those of the named algorithms.
    pub(crate) fn of<'a>(algorithms: impl IntoIterator<Item = &'a str>) -> Result<Self, ApiError> {
        let mut hashes = ChecksumHasher::default();
        for algorithm in algorithms {
            match algorithm {
                "CRC32" => hashes.crc32 = Some(Crc32::new()),
                "CRC32C" => hashes.crc32c = Some(Crc32c::new()),
                "CRC64NVME" => hashes.crc64nvme = Some(Crc64Nvme::new()),
                "SHA1" => hashes.sha1 = Some(Sha1::new()),
                "SHA256" => hashes.sha256 = Some(Sha256::new()),
                _ => {
                    let text = "Checksum algorithm provided is unsupported. Please try again with any of the valid types: \
                                [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]";
                    return Err(ApiError::new(INVALID_REQUEST, text));
                }
            }
        }
        Ok(Self(hashes))
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// By algorithm, in base64.
    pub(crate) fn finish(self) -> BTreeMap<String, String> {
        let sums = self.0.finalize();
        let all = [
            sums.checksum_crc32,
            sums.checksum_crc32c,
            sums.checksum_crc64nvme,
            sums.checksum_sha1,
            sums.checksum_sha256,
        ];
        ALGORITHMS.into_iter().zip(all).filter_map(|(name, sum)| Some((name.to_owned(), sum?))).collect()
    }
}

/// The values that the uploader sent, by algorithm.
pub(crate) type Claimed = BTreeMap<&'static str, String>;

/// The checksum that a trailing header names, as in `x-amz-checksum-crc32`.
pub(crate) fn in_trailer(header: &str) -> Option<&'static str> {
    let name = header.strip_prefix("x-amz-checksum-")?;
    ALGORITHMS.into_iter().find(|algorithm| algorithm.eq_ignore_ascii_case(name))
}

/// Compares what was computed with what the uploader claims.
pub(crate) fn verify(computed: &BTreeMap<String, String>, claimed: &Claimed) -> Result<(), ApiError> {
    for (algorithm, value) in claimed {
        if computed.get(*algorithm) != Some(value) {
            let text = format!("The {algorithm} you specified did not match the calculated checksum.");
            return Err(ApiError::new(BAD_DIGEST, text));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_are_those_of_the_catalogue_of_check_values() {
        let mut hashes = Hashes::of(ALGORITHMS).unwrap();
        hashes.update(b"12345");
        hashes.update(b"6789");
        let sums = hashes.finish();
        assert_eq!(sums["CRC32"], "y/Q5Jg==");
        assert_eq!(sums["CRC32C"], "4waSgw==");
        assert_eq!(sums["CRC64NVME"], "rosUhgp5mIg=");
        assert!(verify(&sums, &Claimed::from([("CRC32", "y/Q5Jg==".to_owned())])).is_ok());
        assert!(verify(&sums, &Claimed::from([("CRC32", "AAAAAA==".to_owned())])).is_err());
        assert!(Hashes::of(["MD4"]).is_err());
    }
}
