//! The durable audit log: group commit, hash chain, cursors, retention
