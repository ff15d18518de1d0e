//! Buckets as their callers see them.

mod buckets;
mod deliveries;
mod listings;
mod objects;
mod records;
mod support;
mod sweeping;
mod uploads;
