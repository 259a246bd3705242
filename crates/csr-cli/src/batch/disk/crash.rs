//! Stops a test's thread before any change to the disk, and keeps what a power loss would leave.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::Synced;

/// What happens at a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::batch) enum Event {
    /// This change and all after it don't take place. Half of a write does.
    Killed,
    /// This change alone fails.
    Full,
}

struct Plan {
    event: Event,
    /// The changes before the event.
    left: usize,
    happened: bool,
    durable: Durable,
}

/// What was synced: contents by inode, and names.
struct Durable {
    root: PathBuf,
    contents: BTreeMap<u64, Vec<u8>>,
    names: BTreeMap<PathBuf, Name>,
}

#[derive(Clone, Copy)]
enum Name {
    File(u64),
    Folder,
}

thread_local! {
    static IS_PORTABLE: Cell<bool> = const { Cell::new(false) };
    static PLAN: RefCell<Option<Plan>> = const { RefCell::new(None) };
}

/// Runs `work` with this event after so many changes to the disk. Returns whether it happened. What a power loss would
/// have left of the folder is written to `durable`.
pub(in crate::batch) fn run(
    root: &Path,
    event: Event,
    after: usize,
    durable: Option<&Path>,
    work: impl FnOnce(),
) -> bool {
    let mut state = Durable { root: root.to_owned(), contents: BTreeMap::new(), names: BTreeMap::new() };
    state.keep_all();
    PLAN.set(Some(Plan { event, left: after, happened: false, durable: state }));
    work();
    let Some(plan) = PLAN.take() else { unreachable!() };
    if let Some(to) = durable {
        plan.durable.write(to);
    }
    plan.happened
}

/// Whether this thread goes the way of systems without `syncfs` and `renameat2`.
pub(super) fn is_portable() -> bool {
    IS_PORTABLE.get()
}

pub(in crate::batch) fn set_portable(portable: bool) {
    IS_PORTABLE.set(portable);
}

/// Whether the event has happened.
pub(in crate::batch) fn has_happened() -> bool {
    PLAN.with_borrow(|plan| plan.as_ref().is_some_and(|plan| plan.happened))
}

fn now() -> Option<Event> {
    PLAN.with_borrow_mut(|plan| {
        let plan = plan.as_mut()?;
        if plan.happened {
            return (plan.event == Event::Killed).then_some(Event::Killed);
        }
        if plan.left > 0 {
            plan.left -= 1;
            return None;
        }
        plan.happened = true;
        Some(plan.event)
    })
}

fn is_killed() -> bool {
    PLAN.with_borrow(|plan| plan.as_ref().is_some_and(|plan| plan.happened && plan.event == Event::Killed))
}

fn error(event: Event) -> io::Error {
    match event {
        Event::Killed => io::Error::other("killed"),
        Event::Full => io::ErrorKind::StorageFull.into(),
    }
}

pub(super) fn before_change(_: &Path) -> io::Result<()> {
    now().map_or(Ok(()), |event| Err(error(event)))
}

pub(super) fn before_write(mut file: &File, bytes: &[u8], _: &Path) -> io::Result<()> {
    let was_killed = is_killed();
    let Some(event) = now() else { return Ok(()) };
    if !was_killed {
        file.write_all(&bytes[..bytes.len() / 2])?;
    }
    Err(error(event))
}

pub(super) fn after_sync(synced: Synced<'_>) {
    PLAN.with_borrow_mut(|plan| {
        let Some(plan) = plan else { return };
        match synced {
            Synced::File(path) => plan.durable.keep_contents(path),
            Synced::Folder(path) => plan.durable.keep_names(path, false),
            Synced::All => plan.durable.keep_all(),
        }
    });
}

impl Durable {
    fn keep_contents(&mut self, path: &Path) {
        let inode = fs::metadata(path).unwrap().ino();
        self.contents.insert(inode, fs::read(path).unwrap());
    }

    fn keep_names(&mut self, folder: &Path, with_contents: bool) {
        self.names.retain(|path, _| path.parent() != Some(folder));
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::symlink_metadata(&path).unwrap();
            if metadata.is_dir() {
                self.names.insert(path.clone(), Name::Folder);
                if with_contents {
                    self.keep_names(&path, true);
                }
            } else {
                self.names.insert(path.clone(), Name::File(metadata.ino()));
                if with_contents {
                    self.keep_contents(&path);
                }
            }
        }
    }

    fn keep_all(&mut self) {
        self.names.clear();
        let root = self.root.clone();
        self.keep_names(&root, true);
    }

    fn write(&self, to: &Path) {
        for (path, name) in &self.names {
            let path = to.join(path.strip_prefix(&self.root).unwrap());
            // A name in a folder whose own name was lost is lost with it.
            if !path.parent().unwrap().exists() {
                continue;
            }
            match name {
                Name::Folder => {
                    fs::create_dir(&path).unwrap();
                    fs::set_permissions(&path, PermissionsExt::from_mode(0o700)).unwrap();
                }
                Name::File(inode) => {
                    fs::write(&path, self.contents.get(inode).map_or(&[][..], Vec::as_slice)).unwrap();
                    fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
                }
            }
        }
    }
}
