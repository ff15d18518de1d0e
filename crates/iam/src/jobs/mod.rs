//! Background work.

mod key_uses;

pub use key_uses::KeyUses;
