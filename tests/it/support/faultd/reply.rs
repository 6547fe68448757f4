//! The replies a fault server can give; they nest: `Reply::ok(list).dripping(1, every).delayed(long)`.

use std::time::Duration;

use flate2::{Compress, Compression, Crc, FlushCompress};

/// What to do with a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Answers.
    Answer { status: u16, headers: Vec<(String, String)>, body: Vec<u8> },
    /// Waits first.
    Delay(Duration, Box<Reply>),
    /// Sends so many bytes at a time, with a pause after each.
    Drip { bytes: usize, every: Duration, reply: Box<Reply> },
    /// Never answers.
    Hang,
    /// Sends so many bytes of the reply, then resets the connection (RST); `None` resets at once.
    Reset { after: usize, reply: Option<Box<Reply>> },
    /// Sends so many bytes of the reply, then closes the connection in an orderly way.
    Cut { after: usize, reply: Box<Reply> },
    /// Answers only once a request that came later has been answered.
    Reorder(Box<Reply>),
    /// Counts an effect, then replies, well or badly.
    Apply { effect: String, reply: Box<Reply> },
    /// Counts an effect once for each `Idempotency-Key`, then replies.
    KeyDedup { effect: String, reply: Box<Reply> },
}

impl Reply {
    /// 200 with JSON.
    pub fn ok(body: &(impl ToString + ?Sized)) -> Self {
        Self::body(200, "application/json", body.to_string())
    }

    /// A status without a body.
    pub fn status(status: u16) -> Self {
        Self::Answer { status, headers: Vec::new(), body: Vec::new() }
    }

    /// A status with a body of some type.
    pub fn body(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("Content-Type".to_owned(), kind.to_owned())];
        Self::Answer { status, headers, body: body.into() }
    }

    /// A redirect.
    pub fn redirect(status: u16, to: &str) -> Self {
        Self::status(status).header("Location", to)
    }

    /// 200 with a small gzip body that unpacks to so many MiB of blanks, which any JSON may begin with.
    pub fn gzip_bomb(mebibytes: usize) -> Self {
        Self::body(200, "application/json", bomb(mebibytes)).header("Content-Encoding", "gzip")
    }

    /// Reads the request and never answers.
    pub fn hang() -> Self {
        Self::Hang
    }

    /// Resets the connection without a byte.
    pub fn reset() -> Self {
        Self::Reset { after: 0, reply: None }
    }

    /// Adds a header to the answer.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers().push((name.to_owned(), value.to_owned()));
        self
    }

    /// Replies later.
    pub fn delayed(self, by: Duration) -> Self {
        Self::Delay(by, Box::new(self))
    }

    /// Replies in drips.
    pub fn dripping(self, bytes: usize, every: Duration) -> Self {
        Self::Drip { bytes, every, reply: Box::new(self) }
    }

    /// Resets after so many bytes of the reply, head included.
    pub fn reset_after(self, bytes: usize) -> Self {
        Self::Reset { after: bytes, reply: Some(Box::new(self)) }
    }

    /// Closes after so many bytes of the reply, head included.
    pub fn cut_after(self, bytes: usize) -> Self {
        Self::Cut { after: bytes, reply: Box::new(self) }
    }

    /// Replies only after a later request has been answered.
    pub fn reordered(self) -> Self {
        Self::Reorder(Box::new(self))
    }

    /// Applies an effect, then does this: `Reply::reset().applying("freeze")` is apply-then-fail.
    pub fn applying(self, effect: &str) -> Self {
        Self::Apply { effect: effect.to_owned(), reply: Box::new(self) }
    }

    /// Applies an effect once for each idempotency key, then does this.
    pub fn key_dedup(self, effect: &str) -> Self {
        Self::KeyDedup { effect: effect.to_owned(), reply: Box::new(self) }
    }

    fn headers(&mut self) -> &mut Vec<(String, String)> {
        match self {
            Self::Answer { headers, .. } => headers,
            Self::Delay(_, reply)
            | Self::Drip { reply, .. }
            | Self::Reset { reply: Some(reply), .. }
            | Self::Cut { reply, .. }
            | Self::Reorder(reply)
            | Self::Apply { reply, .. }
            | Self::KeyDedup { reply, .. } => reply.headers(),
            Self::Hang | Self::Reset { reply: None, .. } => panic!("{self:?} sends no header"),
        }
    }
}

/// A gzip file of zeros: one mebibyte is packed, and its packed form repeated.
fn bomb(mebibytes: usize) -> Vec<u8> {
    let blanks = vec![b' '; 1 << 20];
    let block = flushed(&blanks);
    let mut one = Crc::new();
    one.update(&blanks);
    let mut sum = Crc::new();
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    for _ in 0..mebibytes {
        file.extend_from_slice(&block);
        sum.combine(&one);
    }
    // An empty last block.
    file.extend([3, 0]);
    file.extend(sum.sum().to_le_bytes());
    file.extend(sum.amount().to_le_bytes());
    file
}

/// A packed block that ends on a byte and refers to nothing before it.
fn flushed(bytes: &[u8]) -> Vec<u8> {
    let mut compress = Compress::new(Compression::best(), false);
    let mut packed = Vec::with_capacity(bytes.len() / 10);
    compress.compress_vec(bytes, &mut packed, FlushCompress::Full).unwrap();
    assert_eq!(compress.total_in(), bytes.len() as u64, "all of it is packed");
    packed
}
