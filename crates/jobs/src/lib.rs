//! Readers of the journal and schedules: cursors, back-off, drain, status
