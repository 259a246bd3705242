//! JSON lines, and the elements of a JSON array, one after the other.

use std::io::{self, BufRead, Read};
use std::sync::Arc;

use anyhow::Result;
use zeroize::Zeroizing;

use super::{Content, LIMIT, Place, Record, cannot_read, too_long};

/// Reads one record per line. Blank lines are ignored.
pub(super) struct Lines<R> {
    reader: R,
    file: Arc<str>,
    line: u64,
}

impl<R: BufRead> Lines<R> {
    /// Reads on from the line of this number.
    pub(super) fn new(reader: R, file: Arc<str>, line: u64) -> Self {
        Self { reader, file, line }
    }

    fn next_line(&mut self) -> io::Result<Option<Content>> {
        let mut line = Zeroizing::new(Vec::new());
        if (&mut self.reader).take(LIMIT as u64 + 1).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if line.len() > LIMIT && line.last() != Some(&b'\n') {
            self.reader.skip_until(b'\n')?;
            return Ok(Some(Content::Faulty(too_long())));
        }
        while line.last().is_some_and(is_blank) {
            line.pop();
        }
        Ok(Some(Content::Json(line)))
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let place = Place::line(&self.file, self.line);
            self.line += 1;
            match self.next_line() {
                Ok(None) => return None,
                Ok(Some(Content::Json(line))) if line.is_empty() => {}
                Ok(Some(content)) => return Some(Ok(Record { place, content })),
                Err(error) => return Some(Err(cannot_read(&self.file, error))),
            }
        }
    }
}

fn is_blank(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Splits a JSON array into its elements, without a look into them.
pub(super) struct Elements<R> {
    reader: R,
    file: Arc<str>,
    line: u64,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Behind the `[`.
    First,
    /// Behind an element.
    Behind,
    /// Behind the `]`, or a fault after which nothing can be told.
    End,
}

impl<R: BufRead> Elements<R> {
    /// Reads on behind the `[`, which stands on this line.
    pub(super) fn new(reader: R, file: Arc<str>, line: u64) -> Self {
        Self { reader, file, line, state: State::First }
    }

    /// The next byte that is not blank. It stays in the reader.
    fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            let buffer = self.reader.fill_buf()?;
            let blanks = buffer.iter().take_while(|byte| is_blank(byte)).count();
            let found = buffer.get(blanks).copied();
            let is_end = buffer.is_empty();
            self.line += lines_in(&buffer[..blanks]);
            self.reader.consume(blanks);
            if found.is_some() || is_end {
                return Ok(found);
            }
        }
    }

    fn faulty(&self, why: &str) -> Record {
        Record { place: Place::line(&self.file, self.line), content: Content::Faulty(why.to_owned()) }
    }

    /// The last record of an array whose rest cannot be read.
    fn broken(&mut self, why: &str) -> Record {
        self.state = State::End;
        self.faulty(why)
    }

    fn next_element(&mut self) -> io::Result<Option<Record>> {
        const CUT_OFF: &str = "the list is cut off: it must end with `]`";
        if self.state == State::End {
            return Ok(None);
        }
        let mut found = self.peek()?;
        if self.state == State::Behind && found == Some(b',') {
            self.reader.consume(1);
            found = self.peek()?;
            if matches!(found, Some(b']')) {
                // The list may end all the same.
                self.state = State::First;
                return Ok(Some(self.faulty("a comma must be followed by another request: remove it")));
            }
        } else if self.state == State::Behind && !matches!(found, Some(b']') | None) {
            return Ok(Some(self.broken("requests in a list must be separated by commas")));
        }
        match found {
            None => Ok(Some(self.broken(CUT_OFF))),
            Some(b']') => {
                self.reader.consume(1);
                let after = self.peek()?;
                self.state = State::End;
                Ok(after.map(|_| {
                    self.faulty("the list must be all that the file holds, but more follows its `]`")
                }))
            }
            Some(b',') => {
                self.state = State::Behind;
                Ok(Some(self.faulty("a comma must stand between two requests: remove it")))
            }
            Some(_) => {
                let place = Place::line(&self.file, self.line);
                let (element, is_whole) = self.element()?;
                self.state = State::Behind;
                Ok(Some(match element {
                    _ if !is_whole => self.broken(CUT_OFF),
                    Some(json) => Record { place, content: Content::Json(json) },
                    None => Record { place, content: Content::Faulty(too_long()) },
                }))
            }
        }
    }

    /// The bytes up to the comma or bracket that ends the element, unless they are too many; and whether there is one.
    fn element(&mut self) -> io::Result<(Option<Zeroizing<Vec<u8>>>, bool)> {
        let mut element = Some(Zeroizing::new(Vec::new()));
        let (mut depth, mut in_string, mut is_escaped) = (0u64, false, false);
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                return Ok((element, false));
            }
            let mut length = buffer.len();
            let mut is_end = false;
            for (at, byte) in buffer.iter().enumerate() {
                match byte {
                    _ if is_escaped => is_escaped = false,
                    b'\\' if in_string => is_escaped = true,
                    b'"' => in_string = !in_string,
                    _ if in_string => {}
                    b'{' | b'[' => depth += 1,
                    b',' | b']' if depth == 0 => {
                        (length, is_end) = (at, true);
                        break;
                    }
                    b'}' | b']' => depth = depth.saturating_sub(1),
                    _ => {}
                }
            }
            let part = &buffer[..length];
            self.line += lines_in(part);
            match &mut element {
                Some(bytes) if bytes.len() + part.len() <= LIMIT => bytes.extend_from_slice(part),
                element => *element = None,
            }
            self.reader.consume(length);
            if is_end {
                return Ok((element, true));
            }
        }
    }
}

impl<R: BufRead> Iterator for Elements<R> {
    type Item = Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.next_element().transpose()?;
        if next.is_err() {
            self.state = State::End;
        }
        Some(next.map_err(|error| cannot_read(&self.file, error)))
    }
}

fn lines_in(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}
