//! Delivery by e-mail.

use std::time::Duration;

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};

use crate::{NotifyConfig, NotifyError, webhook::Attempt};

/// The subject of a notification without one.
const NO_SUBJECT: &str = "Notification Message";
/// How senders are called unless the topic has a display name.
const SENDER: &str = "keeptrail notifications";

/// The mail server.
pub(crate) struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    timeout: Duration,
}

/// A mail to be sent.
pub(crate) struct Mail<'a> {
    /// The same in each attempt, so that a mail that arrives twice can be recognised.
    pub(crate) id: &'a str,
    pub(crate) to: &'a str,
    /// The topic's display name.
    pub(crate) sender: Option<&'a str>,
    pub(crate) subject: Option<&'a str>,
    pub(crate) text: String,
}

impl Mailer {
    /// The mail server that the settings name, if they do.
    pub(crate) fn new(config: &NotifyConfig) -> Result<Option<Self>, NotifyError> {
        let (url, from) = match (&config.smtp_url, &config.smtp_from) {
            (None, None) => return Ok(None),
            (Some(_), None) => return Err(NotifyError::Setting("KEEPTRAIL_SMTP_FROM is missing".to_owned())),
            (None, Some(_)) => return Err(NotifyError::Setting("KEEPTRAIL_SMTP_URL is missing".to_owned())),
            (Some(url), Some(from)) => (url, from),
        };
        let from = from
            .parse()
            .map_err(|error| NotifyError::Setting(format!("KEEPTRAIL_SMTP_FROM is not a mail address: {error}")))?;
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|error| NotifyError::Setting(format!("KEEPTRAIL_SMTP_URL cannot be used: {error}")))?;
        let transport = builder.timeout(Some(config.timeout)).build();
        Ok(Some(Self { transport, from, timeout: config.timeout }))
    }

    /// Sends a mail once.
    pub(crate) async fn send(&self, mail: Mail<'_>) -> Attempt {
        let message = match self.compose(mail) {
            Ok(message) => message,
            Err(reason) => return Attempt::Refused(reason),
        };
        // Several commands make a mail, each with the transport's timeout: this is the end for all of them.
        match tokio::time::timeout(self.timeout.saturating_mul(4), self.transport.send(message)).await {
            Ok(Ok(_)) => Attempt::Delivered,
            Ok(Err(error)) if error.is_permanent() => Attempt::Refused(format!("the mail server refused: {error}")),
            Ok(Err(error)) => Attempt::Failed(format!("the mail server failed: {error}")),
            Err(_) => Attempt::Failed("the mail server did not answer in time".to_owned()),
        }
    }

    fn compose(&self, mail: Mail<'_>) -> Result<Message, String> {
        let to: Address = mail.to.parse().map_err(|error| format!("the mail address is malformed: {error}"))?;
        let sender = mail.sender.filter(|name| !name.is_empty()).map(one_line);
        let name = sender.or_else(|| self.from.name.clone()).unwrap_or_else(|| SENDER.to_owned());
        let subject = mail.subject.map_or_else(|| NO_SUBJECT.to_owned(), one_line);
        let id = format!("<{}@{}>", mail.id, self.from.email.domain());
        Message::builder()
            .message_id(Some(id))
            .from(Mailbox::new(Some(name), self.from.email.clone()))
            .to(Mailbox::new(None, to))
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text)
            .map_err(|error| format!("the mail cannot be written: {error}"))
    }
}

/// A header is one line, whatever its source says.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Whether `text` is a plain mail address, without a display name.
pub(crate) fn is_address(text: &str) -> bool {
    text.len() <= 320 && text.parse::<Address>().is_ok()
}

/// The text of a notification with the link to end the subscription.
pub(crate) fn notification(message: &str, unsubscribe_url: &str) -> String {
    format!(
        "{message}\n\n--\nIf you wish to stop receiving notifications from this topic, please click or visit the link below \
         to unsubscribe:\n{unsubscribe_url}\n\nPlease do not reply directly to this email.\n"
    )
}

/// The text that asks for a confirmation.
pub(crate) fn confirmation(topic_arn: &str, subscribe_url: &str) -> String {
    format!(
        "You have chosen to subscribe to the topic:\n{topic_arn}\n\nTo confirm this subscription, click or visit the link \
         below (If this was in error no action is necessary):\n{subscribe_url}\n"
    )
}

/// The text that tells of a subscription's end.
pub(crate) fn unsubscribed(topic_arn: &str, subscribe_url: &str) -> String {
    format!(
        "Your subscription to the topic below has been deactivated:\n{topic_arn}\n\nTo restore the subscription, click or \
         visit the link below:\n{subscribe_url}\n"
    )
}
