use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use csr_core::PrivateKeyAlgo;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::*;
use crate::batch::disk::crash::{self, Event};
use crate::batch::manifest::{Line, Reader};

/// A folder in memory, where there is one: a sync takes no time there.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// An item as this run makes it: no two runs make the same.
fn made(id: &str, run: u32, jsonl: bool) -> Made {
    let (csr, key) = (format!("{id} csr {run}\n"), format!("{id} key {run}\n"));
    let line = format!("{{\"id\":\"{id}\",\"run\":{run}}}\n");
    let csr = if jsonl { line } else { csr };
    Made {
        id: Id::of(id),
        request_sha256: sha256(id.as_bytes()),
        algorithm: PrivateKeyAlgo::EcP256,
        public_key_sha256: sha256(key.as_bytes()),
        csr_sha256: sha256(csr.as_bytes()),
        csr: csr.into_bytes().into(),
        key: if jsonl { Vec::new() } else { key.into_bytes() }.into(),
        sealed_to: Arc::new([]),
    }
}

fn ids(count: u32) -> Vec<String> {
    (0..count).map(|n| format!("Device-{n}")).collect()
}

fn totals(items: usize) -> Totals {
    Totals { items: items as u64, input_items: items as u64, input_sha256: [7; 32] }
}

#[derive(Clone, Copy, Debug)]
struct Form {
    jsonl: bool,
    nested: bool,
    portable: bool,
    items: u32,
    /// A group has so many items.
    group: usize,
}

const FLAT: Form = Form { jsonl: false, nested: false, portable: false, items: 3, group: 2 };
const LARGE: Form = Form { items: 20, group: 10, ..FLAT };
const NESTED: Form = Form { nested: true, ..FLAT };
const PORTABLE: Form = Form { portable: true, ..FLAT };
const NESTED_PORTABLE: Form = Form { portable: true, ..NESTED };
const JSONL: Form = Form { jsonl: true, ..FLAT };

const FORMS: [Form; 6] = [FLAT, LARGE, NESTED, PORTABLE, NESTED_PORTABLE, JSONL];

impl Form {
    fn destination(self, folder: &Path) -> Destination {
        let jsonl = self.jsonl.then(|| folder.join("keys.jsonl"));
        Destination { out: folder.to_owned(), jsonl, nested: self.nested, sealed: false }
    }

    fn open(self, folder: &Path) -> Result<Output> {
        Output::open(&self.destination(folder), None)
    }

    /// What the command does: makes what is not done.
    fn run(self, folder: &Path, run: u32) -> Result<()> {
        crash::set_portable(self.portable);
        let mut output = self.open(folder)?;
        let mut in_hand = 0;
        for id in ids(self.items) {
            let made = made(&id, run, self.jsonl);
            match output.state(&made.id, &made.request_sha256) {
                State::New => output.check_vacant(&made.id)?,
                State::Done => continue,
                State::Changed => panic!("{id} has changed"),
            }
            output.add(&made)?;
            in_hand += 1;
            if in_hand % self.group == 0 {
                output.commit()?;
            }
        }
        output.finish(Some(&totals(self.items as usize)))
    }

    fn manifest(self, folder: &Path) -> PathBuf {
        folder.join(if self.jsonl { "keys.manifest.jsonl" } else { "manifest.jsonl" })
    }

    /// The run that made each item that is done, by the manifest's fingerprints. Files that are there are whole.
    fn done(self, folder: &Path) -> BTreeMap<String, u32> {
        let mut done = BTreeMap::new();
        let Ok(file) = fs::File::open(self.manifest(folder)) else { return done };
        let Some(mut reader) = Reader::new(file, folder).unwrap() else { return done };
        while let Some(line) = reader.next().unwrap() {
            let Line::Entry(entry) = line else { continue };
            let run = (1..9).find(|run| made(&entry.id, *run, self.jsonl).csr_sha256 == entry.csr_sha256.0);
            let run = run.expect("a run made it");
            let expected = made(&entry.id, run, self.jsonl);
            if let Some(files) = &entry.files {
                for (file, contents) in files.iter().zip([&expected.csr, &expected.key]) {
                    let found = fs::read(folder.join(file));
                    assert!(found.is_err() || found.unwrap() == **contents, "{file}");
                }
            } else {
                let (from, length) = (entry.offset.unwrap() as usize, entry.length.unwrap() as usize);
                let text = fs::read(folder.join("keys.jsonl")).unwrap();
                assert_eq!(text[from..from + length], **expected.csr);
            }
            assert_eq!(done.insert(entry.id.into_owned(), run), None, "an id is there twice");
        }
        done
    }

    /// Checks that each item is there once, whole, and nothing else is; returns the runs that made them.
    fn check_whole(self, folder: &Path) -> BTreeMap<String, u32> {
        let done = self.done(folder);
        assert_eq!(done.keys().cloned().collect::<Vec<_>>(), {
            let mut ids = ids(self.items);
            ids.sort();
            ids
        });
        let mut expected = vec![self.manifest(folder)];
        if self.jsonl {
            let line = |id: &String| String::from_utf8(made(id, done[id], true).csr.to_vec()).unwrap();
            let text: String = ids(self.items).iter().map(line).collect();
            assert_eq!(fs::read_to_string(folder.join("keys.jsonl")).unwrap(), text);
            expected.push(folder.join("keys.jsonl"));
        } else {
            for id in done.keys() {
                let above = if self.nested { files::nest(id) } else { String::new() };
                expected.extend(["csr", "key"].map(|kind| folder.join(format!("{above}{id}.{kind}"))));
            }
        }
        expected.sort();
        assert_eq!(files_below(folder), expected);
        let manifest = fs::read_to_string(self.manifest(folder)).unwrap();
        assert!(manifest.lines().last().unwrap().starts_with("{\"complete\":"), "{manifest}");
        done
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert!(!path.ends_with(".csr-batch"), "the staging folder is left over");
            found.extend(files_below(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// What was done before a crash is kept as it was.
fn assert_kept(before: &BTreeMap<String, u32>, after: &BTreeMap<String, u32>) {
    for (id, run) in before {
        assert_eq!(after.get(id), Some(run), "{id} was made again");
    }
}

#[test]
fn each_item_is_there_once_after_a_kill_or_power_loss_at_any_step() {
    for form in FORMS {
        for step in 0.. {
            let [killed, power_lost] = [folder(), folder()];
            let happened = crash::run(killed.path(), Event::Killed, step, Some(power_lost.path()), || {
                let done = form.run(killed.path(), 1);
                assert!(done.is_ok() || crash::has_happened(), "{form:?}: {done:?}");
            });
            for left in [killed.path(), power_lost.path()] {
                let before = form.done(left);
                form.run(left, 2).unwrap_or_else(|error| panic!("{form:?} step {step} {left:?}: {error:#}"));
                assert_kept(&before, &form.check_whole(left));
            }
            if !happened {
                assert!(step > 15, "{form:?}: {step} steps");
                break;
            }
        }
    }
}

#[test]
fn each_item_is_there_once_after_a_second_kill_or_power_loss() {
    for form in [FLAT, NESTED_PORTABLE, JSONL] {
        for first in 0.. {
            let mut first_happened = true;
            for second in 0.. {
                let [killed, power_lost, again] = [folder(), folder(), folder()];
                let root = killed.path();
                first_happened = crash::run(root, Event::Killed, first, Some(power_lost.path()), || {
                    let _ = form.run(root, 1);
                });
                let left = if second % 2 == 0 { root } else { power_lost.path() };
                let happened = crash::run(left, Event::Killed, second / 2, Some(again.path()), || {
                    let _ = form.run(left, 2);
                });
                for left in [left, again.path()] {
                    let before = form.done(left);
                    form.run(left, 3)
                        .unwrap_or_else(|error| panic!("{form:?} steps {first} {second}: {error:#}"));
                    assert_kept(&before, &form.check_whole(left));
                }
                if !happened && second % 2 == 1 {
                    break;
                }
            }
            if !first_happened {
                break;
            }
        }
    }
}

#[test]
fn full_disk_at_any_step_is_one_error_and_the_next_run_goes_on() {
    for form in FORMS {
        for step in 0.. {
            let folder = folder();
            let mut error = None;
            let happened = crash::run(folder.path(), Event::Full, step, None, || {
                error = form.run(folder.path(), 1).err();
            });
            if let Some(error) = &error {
                let text = format!("{error:#}");
                assert!(happened && text.starts_with("cannot "), "{text}");
            }
            let before = form.done(folder.path());
            let staged = folder.path().join(".csr-batch");
            let left = staged.read_dir().map_or(0, |files| files.count());
            assert!(left == 0 || !before.is_empty(), "{form:?} step {step}: {left} staged files are left");
            form.run(folder.path(), 2).unwrap_or_else(|error| panic!("{form:?} step {step}: {error:#}"));
            assert_kept(&before, &form.check_whole(folder.path()));
            if !happened {
                break;
            }
        }
    }
}
