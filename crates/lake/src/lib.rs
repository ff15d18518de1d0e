//! The Lake: CloudTrail events as sorted Parquet.
