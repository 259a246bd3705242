//! Tables of comma-separated values (RFC 4180), as spreadsheets write them: separated by commas, semicolons or tabs.

use std::collections::HashSet;
use std::io::{self, BufRead, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use csr_model::Excerpt;
use csv::{ByteRecord, ReaderBuilder};

use super::{Content, LIMIT, Place, Record, cannot_read, too_long};
use crate::batch::fields::{known, why_unknown};

/// Reads one record per row.
pub(super) struct Rows<R> {
    reader: csv::Reader<Bounded<R>>,
    allowance: Arc<AtomicUsize>,
    file: Arc<str>,
    /// The lines in front of what the reader gets.
    lines_before: u64,
    columns: Arc<[(usize, &'static str)]>,
    /// The faults of the header.
    faults: std::vec::IntoIter<Record>,
    is_over: bool,
}

impl<R: BufRead> Rows<R> {
    /// Reads the header.
    pub(super) fn new(mut reader: R, file: Arc<str>) -> Result<Self> {
        let mut lines_before = 0;
        let mut line = first_line(&mut reader).map_err(|error| cannot_read(&file, error))?;
        let mut delimiter = None;
        // Excel reads and writes a first line that names the delimiter.
        if let Some([found]) = line.trim_ascii_end().strip_prefix(b"sep=") {
            delimiter = Some(*found);
            lines_before = 1;
            line = first_line(&mut reader).map_err(|error| cannot_read(&file, error))?;
        }
        let delimiter = delimiter.unwrap_or_else(|| delimiter_of(&line));
        let allowance = Arc::new(AtomicUsize::new(LIMIT + BUFFER));
        // Every row shall end with a line feed, so that its line can be counted.
        let rest = Cursor::new(line).chain(reader).chain(&b"\n"[..]);
        let bounded = Bounded { rest, allowance: Arc::clone(&allowance) };
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(csv::Terminator::Any(b'\n'))
            .delimiter(delimiter)
            .buffer_capacity(BUFFER)
            .from_reader(bounded);
        let mut header = ByteRecord::new();
        let (mut faults, mut is_over) = (Vec::new(), false);
        let place = Place::line(&file, lines_before + 1);
        let mut fault = |why| faults.push(Record { place: place.clone(), content: Content::Faulty(why) });
        let mut columns = Vec::new();
        if let Err(error) = reader.read_byte_record(&mut header) {
            is_over = true;
            fault(why_unreadable(&file, error)?);
        } else {
            let mut seen = HashSet::new();
            for (at, name) in header.iter().enumerate() {
                let Ok(name) = str::from_utf8(name) else {
                    fault(format!(
                        "column {} must have a name in UTF-8: save the table as \"CSV UTF-8\"",
                        at + 1
                    ));
                    continue;
                };
                let name = name.trim();
                match known(&name.to_lowercase()) {
                    Some(column) if seen.insert(column.0) => columns.push(column),
                    Some(_) => fault(format!("{} must be the name of one column only", Excerpt::of(name))),
                    None if name.is_empty() => {
                        fault(format!("column {} must have a name: the first line names the fields", at + 1));
                    }
                    None => fault(why_unknown(name)),
                }
            }
        }
        // No row can be understood.
        is_over |= !faults.is_empty();
        let (columns, faults) = (columns.into(), faults.into_iter());
        Ok(Self { reader, allowance, file, lines_before, columns, faults, is_over })
    }

    fn next_row(&mut self) -> Result<Option<Record>> {
        loop {
            self.allowance.store(LIMIT + BUFFER, Ordering::Relaxed);
            let mut cells = ByteRecord::new();
            match self.reader.read_byte_record(&mut cells) {
                Ok(false) => return Ok(None),
                Ok(true) => {}
                Err(error) => {
                    self.is_over = true;
                    let place = Place::line(&self.file, self.reader.position().line() + self.lines_before);
                    let content = Content::Faulty(why_unreadable(&self.file, error)?);
                    return Ok(Some(Record { place, content }));
                }
            }
            if cells.iter().all(|cell| cell.trim_ascii().is_empty()) {
                continue;
            }
            // The row's own position is that of the blank lines in front of it.
            let inside = cells.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;
            let line = (self.reader.position().line() + self.lines_before).saturating_sub(inside + 1);
            let (found, expected) = (cells.len(), self.columns.len());
            let content = if found == expected {
                Content::Row { columns: Arc::clone(&self.columns), cells }
            } else {
                Content::Faulty(format!("must have {expected} cells, as the first line has, not {found}"))
            };
            return Ok(Some(Record { place: Place::line(&self.file, line), content }));
        }
    }
}

impl<R: BufRead> Iterator for Rows<R> {
    type Item = Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(fault) = self.faults.next() {
            return Some(Ok(fault));
        }
        if self.is_over {
            return None;
        }
        let next = self.next_row().transpose();
        self.is_over |= matches!(next, Some(Err(_)));
        next
    }
}

/// How much the reader takes at once.
const BUFFER: usize = 64 << 10;

/// The first line that is not blank, with its end and the blank ones before it.
fn first_line(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let mut rest = reader.take(LIMIT as u64);
    while line.trim_ascii().is_empty() {
        if rest.read_until(b'\n', &mut line)? == 0 {
            break;
        }
    }
    Ok(line)
}

/// What separates the names in a header. None of them contains any of these.
fn delimiter_of(header: &[u8]) -> u8 {
    let count = |delimiter: u8| header.iter().filter(|byte| **byte == delimiter).count();
    let mut best = b',';
    for delimiter in [b';', b'\t'] {
        if count(delimiter) > count(best) {
            best = delimiter;
        }
    }
    best
}

/// What is wrong with a row; other errors are not the table's.
fn why_unreadable(file: &Arc<str>, error: csv::Error) -> Result<String> {
    match error.into_kind() {
        csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            Ok(format!("{}; perhaps a quotation mark is not closed", too_long()))
        }
        csv::ErrorKind::Io(error) => Err(cannot_read(file, error)),
        _ => Ok("must be a row of comma-separated values".to_owned()),
    }
}

/// Fails when more is read than one record may have.
struct Bounded<R> {
    rest: io::Chain<io::Chain<Cursor<Vec<u8>>, R>, &'static [u8]>,
    allowance: Arc<AtomicUsize>,
}

impl<R: BufRead> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.allowance.load(Ordering::Relaxed);
        if left == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let length = buffer.len().min(left);
        let read = self.rest.read(&mut buffer[..length])?;
        self.allowance.store(left - read, Ordering::Relaxed);
        Ok(read)
    }
}
