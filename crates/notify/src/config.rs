//! Settings.

use std::time::Duration;

use ipnet::IpNet;

/// What the operator says about notifications. Not `Debug`: the SMTP URL holds a password.
#[derive(Clone)]
pub struct NotifyConfig {
    /// The address under which subscribers reach this server, such as `https://keeptrail.example.com`: links in messages
    /// begin with it.
    pub public_url: String,
    /// The mail server, such as `smtps://user:password@mail.example.com` (`smtp://…?tls=required` for STARTTLS).
    pub smtp_url: Option<String>,
    /// The sender of mails, such as `alerts@example.com` or `Alerts <alerts@example.com>`.
    pub smtp_from: Option<String>,
    /// Networks that endpoints may lie in although they are private, loopback or otherwise kept from the public.
    pub allow: Vec<IpNet>,
    /// How long one delivery may take from look-up to answer.
    pub timeout: Duration,
}

impl NotifyConfig {
    /// The settings of a server without mail that sends to public addresses only.
    #[must_use]
    pub fn new(public_url: impl Into<String>) -> Self {
        Self {
            public_url: public_url.into().trim_end_matches('/').to_owned(),
            smtp_url: None,
            smtp_from: None,
            allow: Vec::new(),
            timeout: Duration::from_secs(15),
        }
    }
}
