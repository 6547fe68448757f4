//! The exchange's mailer on loopback: takes any message by SMTP, and puts each reader's own code in.

use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::Exchange;
use crate::domain::bulletin::MERGE_TOKEN;
use crate::os::spawn;

/// Bytes of a line, and of a message.
const MAX_LINE: usize = 4096;
const MAX_MESSAGE: usize = 256 * 1024;
/// The anti-phishing code of the one reader whose mailbox the sink shows.
const READERS_CODE: &str = "quiet-otter-41";

/// Takes mail until the task is dropped.
pub async fn serve_mail(listener: TcpListener, exchange: Arc<Exchange>) {
    while let Ok((stream, _)) = listener.accept().await {
        let exchange = exchange.clone();
        // Whoever sends sees how it ended.
        drop(spawn::task("mail", async move { drop(converse(stream, &exchange).await) }));
    }
}

async fn converse(stream: TcpStream, exchange: &Exchange) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    say(&mut stream, "220 mailer.exchange.example ready").await?;
    let mut to = Vec::new();
    while let Some(line) = line(&mut stream).await? {
        let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        match word.as_str() {
            "EHLO" | "HELO" => say(&mut stream, "250 mailer.exchange.example").await?,
            "RCPT" => {
                let address = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
                to.extend(address.map(|(address, _)| address.to_owned()));
                say(&mut stream, "250 fine").await?;
            }
            "DATA" => {
                say(&mut stream, "354 go on").await?;
                let Some(message) = message(&mut stream).await? else { return Ok(()) };
                let mailbox = format!("mail {}", std::mem::take(&mut to).join(", "));
                exchange.sink().read(exchange.clock.now(), mailbox, &as_read(&message));
                say(&mut stream, "250 queued").await?;
            }
            "QUIT" => return say(&mut stream, "221 bye").await,
            _ => say(&mut stream, "250 fine").await?,
        }
    }
    Ok(())
}

async fn say(stream: &mut BufReader<TcpStream>, line: &str) -> std::io::Result<()> {
    stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await
}

/// One line without its end; `None` when the other side is gone or says too much at once.
async fn line(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let read =
        tokio::io::AsyncReadExt::take(&mut *stream, MAX_LINE as u64).read_until(b'\n', &mut bytes).await?;
    let whole = read > 0 && bytes.last() == Some(&b'\n');
    Ok(whole.then(|| String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned()))
}

/// A message up to its lone dot.
async fn message(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<String>> {
    let mut text = String::new();
    while let Some(line) = line(stream).await? {
        if line == "." {
            return Ok(Some(text));
        }
        if text.len() < MAX_MESSAGE {
            text.push_str(line.strip_prefix('.').unwrap_or(&line));
            text.push('\n');
        }
    }
    Ok(None)
}

/// What the reader finds in the mailbox: the subject and the text, with their own code.
fn as_read(message: &str) -> String {
    let (head, body) = message.split_once("\n\n").unwrap_or((message, ""));
    let subject = head.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap_or_default();
    format!("{subject}\n{}", body.replace(MERGE_TOKEN, READERS_CODE))
}
