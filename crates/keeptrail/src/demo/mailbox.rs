//! A mailbox: the least of SMTP (RFC 5321) that a mail needs to arrive.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// Where the demo's mails arrive.
pub(super) struct Mailbox {
    address: SocketAddr,
    mails: watch::Receiver<Vec<String>>,
}

impl Mailbox {
    /// A mailbox on a free port of the loopback interface.
    pub(super) async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (sender, mails) = watch::channel(Vec::new());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let sender = sender.clone();
                tokio::spawn(async move {
                    // A broken connection is a mail that did not arrive: whoever waits for it will say so.
                    drop(receive(stream, &sender).await);
                });
            }
        });
        Ok(Self { address, mails })
    }

    /// What to give the server as its mail server.
    pub(super) fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// The first mail that holds `text`.
    pub(super) async fn wait_for(&self, text: &str) -> Option<String> {
        let mut mails = self.mails.clone();
        let found = mails.wait_for(|mails| mails.iter().any(|mail| mail.contains(text))).await.ok()?;
        found.iter().find(|mail| mail.contains(text)).cloned()
    }
}

async fn receive(stream: TcpStream, mails: &watch::Sender<Vec<String>>) -> io::Result<()> {
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    writing.write_all(b"220 demo\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let answer = match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
            "DATA" => {
                writing.write_all(b"354 go on\r\n").await?;
                let mut mail = String::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    mail.push_str(line.strip_prefix('.').unwrap_or(&line));
                    mail.push('\n');
                }
                let mail = unfold(&mail);
                mails.send_modify(|mails| mails.push(mail));
                "250 kept"
            }
            "QUIT" => {
                writing.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => "250 fine",
        };
        writing.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}

/// Undoes the soft line breaks and the `=3D` of quoted-printable (RFC 2045), which long links are sent in.
fn unfold(mail: &str) -> String {
    mail.replace("=\n", "").replace("=3D", "=")
}
