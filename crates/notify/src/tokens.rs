//! Tokens that confirm a subscription, or undo its end.

use std::time::Duration;

use aws_lc_rs::digest;
use keeptrail_clock::{Random, after};
use keeptrail_envelope::Keyring;
use keeptrail_operation::{ApiError, Timestamp};
use keeptrail_store::Tx;

use crate::{
    model::{Content, EXPIRIES, Expiry, PAYLOADS, Payload, Pending, Subscription, TOKENS, Token, due_part},
    names::SubscriptionName,
};

/// A token is good for two days (ConfirmSubscription in the SNS API reference).
const TOKEN_LIFE: Duration = Duration::from_hours(48);
/// A subscription that nobody confirms disappears after three days.
pub(crate) const UNCONFIRMED_LIFE: Duration = Duration::from_hours(72);
/// Hexadecimal digits of a token: 256 bits.
const DIGITS: usize = 64;

/// Saves `subscription` and queues the question whether it is wanted, with a fresh token.
pub(crate) fn ask(tx: &Tx, random: &Random, keyring: &Keyring, subscription: &Subscription) -> Result<(), ApiError> {
    Subscription { asked_at: tx.now().into(), ..subscription.clone() }.save(tx)?;
    let token = issue(tx, random, &subscription.name, None)?;
    let content = |sealed| Content::SubscriptionConfirmation { token: sealed };
    queue(tx, random, keyring, subscription, &token, content)?;
    let end = after(tx.now(), UNCONFIRMED_LIFE).into();
    EXPIRIES.put(tx, &[&due_part(end), &subscription.name.id], &Expiry::Unconfirmed(subscription.name.clone()))?;
    Ok(())
}

/// Queues the news that `subscription` has ended, with a token that undoes it.
pub(crate) fn tell_the_end(
    tx: &Tx,
    random: &Random,
    keyring: &Keyring,
    subscription: &Subscription,
) -> Result<(), ApiError> {
    let token = issue(tx, random, &subscription.name, Some(subscription.clone()))?;
    queue(tx, random, keyring, subscription, &token, |sealed| Content::UnsubscribeConfirmation { token: sealed })
}

fn issue(
    tx: &Tx,
    random: &Random,
    subscription: &SubscriptionName,
    restores: Option<Subscription>,
) -> Result<String, ApiError> {
    let token = hex::encode(random.bytes::<{ DIGITS / 2 }>()?);
    let hash = hash(&token);
    let expires: Timestamp = after(tx.now(), TOKEN_LIFE).into();
    TOKENS.put(tx, &[&hash], &Token { subscription: subscription.clone(), expires, restores })?;
    EXPIRIES.put(tx, &[&due_part(expires), &hash], &Expiry::Token(hash.clone()))?;
    Ok(token)
}

fn queue(
    tx: &Tx,
    random: &Random,
    keyring: &Keyring,
    subscription: &Subscription,
    token: &str,
    content: impl FnOnce(keeptrail_envelope::Sealed) -> Content,
) -> Result<(), ApiError> {
    let id = random.uuid()?;
    let sealed = keyring.seal(random, &sealed_as(&id), token.as_bytes()).map_err(ApiError::internal)?;
    let payload = Payload {
        message_id: random.uuid()?,
        timestamp: tx.now().into(),
        protocol: subscription.protocol,
        endpoint: subscription.endpoint.clone(),
        content: content(sealed),
    };
    PAYLOADS.put(tx, &[&id], &payload)?;
    let pending = Pending { id, subscription: subscription.name.clone(), due: tx.now().into(), failed: 0 };
    pending.save(tx)?;
    Ok(())
}

/// Binds a sealed token to the delivery that carries it.
pub(crate) fn sealed_as(delivery: &str) -> Vec<u8> {
    keeptrail_envelope::associated_data(&["notify.payload", delivery])
}

/// The form in which a token is stored and looked up: knowing the store does not confirm anything.
pub(crate) fn hash(token: &str) -> String {
    hex::encode(digest::digest(&digest::SHA256, token.as_bytes()))
}

/// Whether `text` can be a token at all.
pub(crate) fn is_well_formed(text: &str) -> bool {
    text.len() >= DIGITS && text.len() <= 512 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
