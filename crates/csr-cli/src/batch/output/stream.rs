//! Items as JSON lines on standard output. There is nothing to go on from.

use std::io::{self, Write};

use anyhow::{Result, bail};
use zeroize::Zeroizing;

use crate::output;

/// The largest buffer. It never grows, since that would leave unwiped copies behind.
const BUFFER: usize = 1 << 20;

pub(super) struct Stream {
    out: Box<dyn Write + Send + Sync>,
    buffer: Zeroizing<Vec<u8>>,
}

impl Stream {
    pub(super) fn to_standard_output() -> Result<Self> {
        if output::was_closed() {
            bail!("--jsonl: standard output is closed or null");
        }
        Ok(Self::new(io::stdout()))
    }

    fn new(out: impl Write + Send + Sync + 'static) -> Self {
        Self { out: Box::new(out), buffer: Zeroizing::new(Vec::with_capacity(BUFFER)) }
    }

    pub(super) fn add(&mut self, line: &[u8]) -> io::Result<()> {
        if self.buffer.len() + line.len() > BUFFER {
            self.commit_bytes()?;
        }
        if line.len() > BUFFER {
            return self.out.write_all(line);
        }
        self.buffer.extend_from_slice(line);
        Ok(())
    }

    pub(super) fn commit(&mut self) -> Result<()> {
        Ok(self.commit_bytes()?)
    }

    fn commit_bytes(&mut self) -> io::Result<()> {
        let written = self.out.write_all(&self.buffer).and_then(|()| self.out.flush());
        self.buffer.clear();
        written
    }
}
