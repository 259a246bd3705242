//! The records of a batch: from JSON lines, a JSON array, a table, or templates. They are read one by one, as often as
//! needed, in memory of a bounded size.

mod csv;
mod json;
pub(super) mod template;
mod utf8;

use std::fmt;
use std::fs::{File, Metadata};
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::num::NonZeroU64;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use ::csv::ByteRecord;
use anyhow::{Context, Result, bail};
use zeroize::Zeroizing;

use self::utf8::Utf8Reader;
use crate::args::BatchArgs;
use crate::failure::Refusals;
use crate::{content, input};

/// The most that a record may have, in bytes.
const LIMIT: usize = 1 << 20;

/// An item's request, as it was given.
pub(super) struct Record {
    pub(super) place: Place,
    pub(super) content: Content,
}

/// What a record holds.
pub(super) enum Content {
    /// A line or an element of JSON; perhaps it is malformed.
    Json(Zeroizing<Vec<u8>>),
    /// A row, with the fields of its columns.
    Row { columns: Arc<[(usize, &'static str)]>, cells: ByteRecord },
    /// The number of an item that templates describe.
    Number(u64),
    /// Something that is no record, and why.
    Faulty(String),
}

impl Record {
    /// About how much memory it takes.
    pub(super) fn len(&self) -> usize {
        match &self.content {
            Content::Json(json) => json.len(),
            Content::Row { cells, .. } => cells.as_slice().len(),
            Content::Number(_) => 0,
            Content::Faulty(why) => why.len(),
        }
    }
}

/// Where a record stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// `None` for items of `--count`.
    file: Option<Arc<str>>,
    number: u64,
}

impl Place {
    fn line(file: &Arc<str>, number: u64) -> Self {
        Self { file: Some(Arc::clone(file)), number }
    }

    /// The line of the file, or the number of the item.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The place as one says it after this other one has been named.
    pub(super) fn beside(&self, other: &Self) -> String {
        match &self.file {
            Some(_) if self.file == other.file => format!("line {}", self.number),
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{file} line {}", self.number),
            None => write!(f, "item {}", self.number),
        }
    }
}

/// Where the records come from.
pub(super) struct Input(Kind);

enum Kind {
    Files(Vec<Source>),
    Count(NonZeroU64),
}

/// A file that can be read as often as needed.
#[derive(Clone)]
struct Source {
    name: Arc<str>,
    file: Arc<File>,
    /// Where it begins: standard input may have been read in part.
    start: u64,
    /// What tells whether it has changed since it was opened.
    stamp: Option<Stamp>,
}

type Stamp = (u64, Option<SystemTime>);

/// Records, one by one.
pub(super) type Records = Box<dyn Iterator<Item = Result<Record>> + Send>;

impl Input {
    /// Opens all files. What can be read only once is copied to a file without a name first.
    pub(super) fn open(args: &BatchArgs) -> Result<Self> {
        if let Some(count) = args.count {
            return Ok(Self(Kind::Count(count)));
        }
        if args.files.is_empty() {
            bail!(
                "FILE: name a file with requests, or `-` for standard input; --count N makes items without a file"
            );
        }
        let mut faults = Refusals::default();
        let sources: Vec<_> =
            args.files.iter().filter_map(|path| faults.take_chain(Source::open(path))).collect();
        faults.check()?;
        Ok(Self(Kind::Files(sources)))
    }

    /// The records, from the first one.
    pub(super) fn records(&self) -> Result<Records> {
        self.check_unchanged()?;
        Ok(match &self.0 {
            Kind::Files(sources) => Box::new(sources.clone().into_iter().flat_map(|source| source.records())),
            Kind::Count(count) => Box::new((1..=count.get()).map(|number| Ok(numbered(number)))),
        })
    }

    /// Fails if somebody wrote to a file since it was opened: what was checked is not what will be made.
    pub(super) fn check_unchanged(&self) -> Result<()> {
        let Kind::Files(sources) = &self.0 else { return Ok(()) };
        sources.iter().try_for_each(Source::check_unchanged)
    }
}

/// The record of an item of `--count`.
fn numbered(number: u64) -> Record {
    Record { place: Place { file: None, number }, content: Content::Number(number) }
}

/// Whether records are taken from standard input, and answered on standard output, one by one.
pub(super) fn is_filter(args: &BatchArgs) -> bool {
    let is_answered = args.jsonl.as_deref().is_some_and(input::is_standard_input);
    is_answered && matches!(&args.files[..], [only] if input::is_standard_input(only))
}

/// The records of standard input, as they come.
pub(super) fn stream() -> Result<Records> {
    Ok(records_of(io::stdin(), &STANDARD_INPUT.into())?.unwrap_or_else(|| Box::new(std::iter::empty())))
}

const STANDARD_INPUT: &str = "standard input";

/// Checks that no two arguments would read the one standard input.
pub(super) fn check_standard_input(args: &BatchArgs) -> Result<()> {
    let files = args.files.iter().map(|path| ("FILE", Some(path)));
    let recipients = args.recipients_file.iter().map(|path| ("--recipients-file", Some(path)));
    let others = [
        ("--from", args.content.from.as_ref()),
        ("--config", args.config.as_ref()),
        ("--challenge-password-file", args.content.challenge_password_file.as_ref()),
        ("--passphrase-file", args.passphrase.file.as_ref()),
    ];
    let all = files.chain(recipients).chain(others).filter_map(|(name, path)| Some((name, path?.as_path())));
    let all = all.chain(content::files_of_values(&args.content));
    let reading: Vec<_> =
        all.filter(|(_, path)| input::is_standard_input(path)).map(|(name, _)| name).collect();
    if reading.len() > 1 {
        bail!("{} cannot be read from the same standard input", reading.join(" and "));
    }
    Ok(())
}

impl Source {
    fn open(path: &Path) -> Result<Self> {
        let name: Arc<str> = input::name(path).into();
        let context = || format!("cannot read {name}");
        let mut file = if input::is_standard_input(path) {
            standard_input().with_context(context)?
        } else {
            File::open(path).with_context(context)?
        };
        let metadata = file.metadata().with_context(context)?;
        if metadata.is_dir() {
            bail!("FILE: {name} is a folder: name the files in it");
        }
        let (start, stamp) = if metadata.is_file() {
            (file.stream_position().with_context(context)?, Some(stamp(&metadata)))
        } else {
            // Nobody else can open it, and it goes with the process.
            let mut spooled =
                tempfile::tempfile().context("cannot make a temporary file for the requests")?;
            io::copy(&mut file, &mut spooled)
                .with_context(|| format!("cannot keep {name} in a temporary file"))?;
            file = spooled;
            (0, None)
        };
        Ok(Self { name, file: Arc::new(file), start, stamp })
    }

    fn check_unchanged(&self) -> Result<()> {
        let Some(before) = self.stamp else { return Ok(()) };
        let now = self.file.metadata().with_context(|| format!("cannot read {}", self.name))?;
        if before != stamp(&now) {
            bail!("FILE: {} has changed since it was opened: run the command again", self.name);
        }
        Ok(())
    }

    /// The only record of a file that has none.
    fn empty(&self) -> Records {
        let content = Content::Faulty("must hold at least one request, but there is none".to_owned());
        Box::new(std::iter::once(Ok(Record { place: Place::line(&self.name, 1), content })))
    }

    fn records(&self) -> Records {
        let bytes = Bytes { file: Arc::clone(&self.file), at: self.start };
        records_of(bytes, &self.name)
            .transpose()
            .unwrap_or_else(|| Ok(self.empty()))
            .unwrap_or_else(|error| Box::new(std::iter::once(Err(error))))
    }
}

fn stamp(metadata: &Metadata) -> Stamp {
    (metadata.len(), metadata.modified().ok())
}

/// Standard input as a file, which can be read again if it is a regular one.
fn standard_input() -> io::Result<File> {
    #[cfg(unix)]
    let own = {
        use std::os::fd::AsFd;
        io::stdin().as_fd().try_clone_to_owned()?
    };
    #[cfg(windows)]
    let own = {
        use std::os::windows::io::AsHandle;
        io::stdin().as_handle().try_clone_to_owned()?
    };
    Ok(own.into())
}

/// Reads a file from a position of its own, which other readers don't move.
struct Bytes {
    file: Arc<File>,
    at: u64,
}

impl Read for Bytes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_at(&*self.file, buffer, self.at)?;
        #[cfg(windows)]
        let read = std::os::windows::fs::FileExt::seek_read(&*self.file, buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// The records of a text, unless it is blank: the first character tells of what kind they are, or else the file's name.
fn records_of(bytes: impl Read + Send + 'static, name: &Arc<str>) -> Result<Option<Records>> {
    let mut reader = BufReader::with_capacity(64 << 10, Utf8Reader::new(bytes));
    let (first, line) = first_character(&mut reader).map_err(|error| cannot_read(name, error))?;
    let is_json_lines = Path::new(&**name).extension().is_some_and(|extension| {
        ["jsonl", "ndjson", "json"].iter().any(|json| extension.eq_ignore_ascii_case(json))
    });
    let file = Arc::clone(name);
    Ok(match first {
        None => None,
        Some(b'[') => {
            reader.consume(1);
            Some(Box::new(json::Elements::new(reader, file, line)))
        }
        Some(b'{') => Some(Box::new(json::Lines::new(reader, file, line))),
        Some(_) if is_json_lines => Some(Box::new(json::Lines::new(reader, file, line))),
        Some(_) => Some(Box::new(csv::Rows::new(reader, file)?)),
    })
}

/// The first character that is not blank, and its line. Blanks in front of JSON are consumed; in front of a table they may
/// be cells.
fn first_character(reader: &mut impl BufRead) -> io::Result<(Option<u8>, u64)> {
    let mut line = 1;
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok((None, line));
        }
        let blanks = buffer.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let first = buffer.get(blanks).copied();
        if !matches!(first, None | Some(b'{' | b'[')) {
            return Ok((first, line));
        }
        line += buffer[..blanks].iter().filter(|byte| **byte == b'\n').count() as u64;
        reader.consume(blanks);
        if first.is_some() {
            return Ok((first, line));
        }
    }
}

fn too_long() -> String {
    format!("must have at most {} MiB", LIMIT >> 20)
}

fn cannot_read(file: &Arc<str>, error: io::Error) -> anyhow::Error {
    anyhow::Error::new(error).context(format!("cannot read {file}"))
}
