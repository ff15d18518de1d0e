//! AWS's wire protocols: JSON 1.0 and 1.1, query, rpc-v2-cbor
