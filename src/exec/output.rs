//! What a program printed: the start of it, and how much it was.

use tokio::io::{AsyncRead, AsyncReadExt};

use super::Secrets;
use crate::domain::text::Outside;

/// Bytes that are kept of each stream.
pub const OUTPUT_BYTES: usize = 64 * 1024;
/// Characters of a line that is said in a sentence.
const LINE_CELLS: usize = 200;

/// What came out of one of a program's streams.
#[derive(Debug, Default)]
pub struct Output {
    /// Its first [`OUTPUT_BYTES`].
    pub kept: Vec<u8>,
    /// How many bytes followed them.
    pub dropped: u64,
}

impl Output {
    /// Reads to the end, so that the program is never held up; what does not fit is counted and let go of.
    pub(super) async fn fill(&mut self, stream: Option<impl AsyncRead + Unpin>) {
        let Some(mut stream) = stream else { return };
        // In one piece from the start: growing would leave copies of what may be a secret.
        self.kept.reserve_exact(OUTPUT_BYTES);
        while self.kept.len() < OUTPUT_BYTES {
            let Ok(1..) = stream.read_buf(&mut self.kept).await else { return };
        }
        let mut chunk = vec![0; 16 * 1024];
        while let Ok(read @ 1..) = stream.read(&mut chunk).await {
            self.dropped += read as u64;
        }
    }

    /// The last line that says something, fit for a sentence.
    pub(super) fn last_line(&self, secrets: &Secrets) -> Option<String> {
        let kept = self.without(secrets);
        let text = String::from_utf8_lossy(&kept);
        let line = text.lines().rev().find(|line| !line.trim().is_empty())?;
        Some(Outside::new(line).safe().clip(LINE_CELLS))
    }

    /// What is kept, line by line, under a heading that says how much there was.
    pub(super) fn told(&self, name: &str, secrets: &Secrets) -> String {
        let mut told = format!("{name}: {} bytes", self.kept.len());
        if self.dropped > 0 {
            told.push_str(&format!(" kept, {} more dropped", self.dropped));
        }
        told.push('\n');
        for line in String::from_utf8_lossy(&self.without(secrets)).lines() {
            let line = Outside::new(line);
            if !line.is_blank() {
                told.push_str(&line.capped_safe(OUTPUT_BYTES));
            }
            told.push('\n');
        }
        told
    }

    /// What is kept, with none of these in it.
    fn without(&self, secrets: &Secrets) -> Vec<u8> {
        secrets.hide(&self.kept, self.dropped > 0)
    }
}
