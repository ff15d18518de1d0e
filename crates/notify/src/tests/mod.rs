//! Notifications as publishers, subscribers and receivers see them.

mod delivery;
mod mail;
mod operations;
mod security;
mod subscriptions;
mod support;
