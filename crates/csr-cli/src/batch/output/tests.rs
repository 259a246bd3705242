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
        Destination { out: folder.to_owned(), jsonl, nested: self.nested, sealed_to: Arc::new([]) }
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
                let number = |number: Option<u64>| usize::try_from(number.unwrap()).unwrap();
                let (from, length) = (number(entry.offset), number(entry.length));
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
        // The one with the most steps would take most of the time.
        for first in (0..).step_by(if form.nested { 5 } else { 1 }) {
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

fn error_of<T>(result: Result<T>) -> String {
    result.err().map(|error| format!("{error:#}")).expect("an error")
}

#[test]
fn second_process_is_refused() {
    for form in [FLAT, JSONL] {
        let folder = folder();
        let first = form.open(folder.path()).unwrap();
        let error = error_of(form.open(folder.path()));
        assert!(error.contains("is in use by another `csr batch`"), "{error}");
        drop(first);
        form.run(folder.path(), 1).unwrap();
        form.check_whole(folder.path());
    }
}

/// A run that makes nothing removes its manifest, which another run may have opened before that, and locked after it.
#[cfg(unix)]
#[test]
fn run_that_is_retracted_lets_no_two_others_in() {
    for form in [FLAT, JSONL] {
        let folder = folder();
        let data = folder.path().join(if form.jsonl { "keys.jsonl" } else { ".csr-batch" });
        let open_and_retract = || {
            for _ in 0..500 {
                let Ok(output) = form.open(folder.path()) else { continue };
                let holds = [form.manifest(folder.path()), data.clone()].iter().all(|path| path.exists());
                assert!(holds, "somebody has removed what is in use");
                output.retract();
            }
        };
        std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(open_and_retract))));
    }
}

#[test]
fn jsonl_file_is_made_again_if_its_manifest_has_no_items() {
    let folder = folder();
    drop(JSONL.open(folder.path()).unwrap());
    fs::remove_file(folder.path().join("keys.jsonl")).unwrap();
    JSONL.run(folder.path(), 1).unwrap();
    JSONL.check_whole(folder.path());
}

#[test]
fn done_item_is_known_and_changed_request_is_told() {
    for form in [FLAT, JSONL] {
        let folder = folder();
        form.run(folder.path(), 1).unwrap();
        let output = form.open(folder.path()).unwrap();
        assert_eq!(output.done(), 3);
        let state = |id: &str, request: &[u8]| output.state(&Id::of(id), &sha256(request));
        assert_eq!(state("Device-1", b"Device-1"), State::Done);
        assert_eq!(state("dEVICE-1", b"Device-1"), State::Done, "ids differ by more than case");
        assert_eq!(state("Device-1", b"another"), State::Changed);
        assert_eq!(state("Device-7", b"Device-7"), State::New);
    }
}

#[test]
fn same_run_again_changes_nothing_and_new_items_are_added() {
    for form in FORMS {
        let folder = folder();
        form.run(folder.path(), 1).unwrap();
        let before = fs::read(form.manifest(folder.path())).unwrap();
        form.run(folder.path(), 2).unwrap();
        assert_eq!(fs::read(form.manifest(folder.path())).unwrap(), before);
        let more = Form { items: form.items + 2, ..form };
        more.run(folder.path(), 2).unwrap();
        let done = more.check_whole(folder.path());
        assert_eq!(done.values().filter(|run| **run == 2).count(), 2);
        assert!(fs::read(form.manifest(folder.path())).unwrap().starts_with(&before));
    }
}

#[test]
fn foreign_file_is_never_replaced() {
    for form in [FLAT, NESTED, PORTABLE, NESTED_PORTABLE] {
        let folder = folder();
        let name = if form.nested {
            format!("{}Device-1.key", files::nest("Device-1"))
        } else {
            "Device-1.key".into()
        };
        let theirs = folder.path().join(name);
        fs::create_dir_all(folder_of(&theirs)).unwrap();
        fs::write(&theirs, "theirs").unwrap();
        let error = error_of(form.run(folder.path(), 1));
        assert!(error.contains("Device-1.key exists, and csr batch replaces no file"), "{error}");
        fs::remove_file(&theirs).unwrap();

        // It appears after the check.
        let mut output = form.open(folder.path()).unwrap();
        output.check_vacant(&Id::of("Device-1")).unwrap();
        output.add(&made("Device-1", 1, false)).unwrap();
        fs::write(&theirs, "theirs").unwrap();
        let error = error_of(output.commit());
        assert!(error.contains("Device-1.key") && error.contains("move it away"), "{error}");
        assert!(error_of(output.add(&made("Device-2", 1, false))).contains("run the same command again"));
        assert!(error_of(output.finish(None)).contains("run the same command again"));
        drop(output);
        let error = error_of(form.run(folder.path(), 2));
        assert!(error.contains("Device-1.key") && error.contains("move it away"), "{error}");
        assert_eq!(fs::read(&theirs).unwrap(), b"theirs");
        fs::remove_file(&theirs).unwrap();
        form.run(folder.path(), 2).unwrap();
        assert_eq!(form.check_whole(folder.path())["Device-1"], 1, "the key that was made is kept");
    }
}

#[test]
fn foreign_manifest_or_json_lines_are_refused_and_kept() {
    for foreign in ["theirs", "theirs\n", "{\"csr_batch\":\"x\"}\n", "{}\n", "[1,\n2]"] {
        for form in [FLAT, JSONL] {
            let folder = folder();
            let path = form.manifest(folder.path());
            fs::write(&path, foreign).unwrap();
            let error = error_of(form.run(folder.path(), 1));
            assert!(error.contains("is not a manifest of `csr batch`: move it away"), "{error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), foreign);
        }
    }
    let folder = folder();
    fs::write(folder.path().join("keys.jsonl"), "theirs").unwrap();
    for manifest in [None, Some(""), Some("{\"csr_ba")] {
        if let Some(manifest) = manifest {
            fs::write(JSONL.manifest(folder.path()), manifest).unwrap();
        }
        let error = error_of(JSONL.run(folder.path(), 1));
        assert!(error.contains("exists, but not its manifest, keys.manifest.jsonl: give another"), "{error}");
        assert_eq!(fs::read(folder.path().join("keys.jsonl")).unwrap(), b"theirs");
    }
}

#[test]
fn manifest_of_something_else_is_refused() {
    let folder = folder();
    FLAT.run(folder.path(), 1).unwrap();
    let open = |destination: &Destination, shard| error_of(Output::open(destination, shard));
    let error = open(&FLAT.destination(folder.path()), Some((0, 2)));
    assert!(
        error.contains("holds the manifest of a batch without shards, and this one is of 2 shards"),
        "{error}"
    );
    assert!(!folder.path().join("manifest-0-of-2.jsonl").exists());
    fs::rename(folder.path().join("manifest.jsonl"), folder.path().join("keys.manifest.jsonl")).unwrap();
    fs::write(folder.path().join("keys.jsonl"), "").unwrap();
    let error = open(&JSONL.destination(folder.path()), None);
    assert!(error.contains("of all items in files, and this run makes all items in keys.jsonl"), "{error}");
    fs::remove_file(folder.path().join("keys.manifest.jsonl")).unwrap();
    drop(Output::open(&FLAT.destination(folder.path()), Some((1, 3))).unwrap());
    let error = open(&FLAT.destination(folder.path()), Some((0, 2)));
    assert!(error.contains("of 3 shards, and this one is of 2 shards: give another folder"), "{error}");
    drop(Output::open(&FLAT.destination(folder.path()), Some((0, 3))).unwrap());
}

#[test]
fn damage_of_a_manifest_is_an_error_with_its_line() {
    for form in [FLAT, NESTED, JSONL] {
        let folder = folder();
        form.run(folder.path(), 1).unwrap();
        let path = form.manifest(folder.path());
        let whole = fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = whole.lines().collect();
        let joined = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
        let mut damages = vec![
            ("line 3", whole.replacen(lines[2], &lines[2][..lines[2].len() / 2], 1)),
            ("line 3", whole.replacen(lines[2], "", 1)),
            ("line 2", whole.replacen("\"EC_P256\"", "\"EC_P999\"", 1)),
            ("line 2", whole.replacen("\"request_sha256\":\"", "\"request_sha256\":\"0", 1)),
            ("line 2", whole.replacen("\"id\"", "\"more\":1,\"id\"", 1)),
            ("line 5", whole.replacen("{\"complete\":{", "{\"complete\":{\"more\":1,", 1)),
            ("line 2", joined(&[&[lines[0]], &["x".repeat(200_000).as_str()][..], &lines[1..]].concat())),
            ("line 1", whole.replacen("null", "\"2/2\"", 1)),
        ];
        if form.jsonl {
            damages.push(("line 3", joined(&[lines[0], lines[1], lines[3]])));
        } else {
            let above = if form.nested { files::nest("Device-0") } else { String::new() };
            let file = format!("\"{above}Device-0.key\"");
            for other in
                ["../Device-0.key", "/Device-0.key", "Device-0.csr", "x/Device-0.key", "Device-1.key"]
            {
                damages.push(("line 2", whole.replacen(&file, &format!("\"{other}\""), 1)));
            }
        }
        for (line, damaged) in damages {
            assert_ne!(damaged, whole);
            fs::write(&path, &damaged).unwrap();
            let error = error_of(form.run(folder.path(), 2));
            let expected = format!("manifest.jsonl {line}: is damaged: restore the manifest from a copy");
            assert!(error.contains(&expected), "{error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
        }
        fs::write(&path, whole.replacen("\"csr_batch\":1", "\"csr_batch\":2,\"new\":3", 1)).unwrap();
        let error = error_of(form.run(folder.path(), 2));
        assert!(error.ends_with("was written by a later version of csr: use that one"), "{error}");
    }
}

#[test]
fn torn_last_line_is_cut_off_and_its_item_made_again() {
    for form in FORMS {
        let folder = folder();
        form.run(folder.path(), 1).unwrap();
        let path = form.manifest(folder.path());
        let whole = fs::read_to_string(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        form.run(folder.path(), 2).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), whole, "the end of the run");
    }
}

#[test]
fn done_item_whose_files_were_taken_away_is_not_made_again() {
    for form in [FLAT, NESTED] {
        let folder = folder();
        form.run(folder.path(), 1).unwrap();
        let above = if form.nested { files::nest("Device-1") } else { String::new() };
        for kind in ["key", "csr"] {
            fs::remove_file(folder.path().join(format!("{above}Device-1.{kind}"))).unwrap();
            form.run(folder.path(), 2).unwrap();
            assert!(!folder.path().join(format!("{above}Device-1.{kind}")).exists());
        }
    }
}

#[test]
fn jsonl_file_must_be_the_one_that_the_manifest_knows() {
    let folder = folder();
    JSONL.run(folder.path(), 1).unwrap();
    let path = folder.path().join("keys.jsonl");
    let whole = fs::read(&path).unwrap();
    for other in [&whole[..whole.len() - 1], &[b'x'; 200]] {
        fs::write(&path, other).unwrap();
        let error = error_of(JSONL.run(folder.path(), 2));
        assert!(error.contains("is not the file that its manifest, keys.manifest.jsonl, knows"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), other);
    }
    fs::remove_file(&path).unwrap();
    let error = error_of(JSONL.run(folder.path(), 2));
    assert!(error.contains("keys.jsonl is missing, but its manifest"), "{error}");
}

#[test]
fn line_that_is_longer_than_the_buffer_is_written_whole() {
    let folder = folder();
    let mut expected = Vec::new();
    let mut output = JSONL.open(folder.path()).unwrap();
    for (id, length) in [("a", 10), ("b", 3 << 20), ("c", (1 << 20) - 1), ("d", 1 << 20), ("e", 20)] {
        let line = vec![b'x'; length];
        expected.extend([&line[..], b"\n"].concat());
        output.add(&Made { csr: line.into(), ..made(id, 1, true) }).unwrap();
    }
    output.finish(None).unwrap();
    drop(output);
    assert!(fs::read(folder.path().join("keys.jsonl")).unwrap() == expected);
    assert_eq!(JSONL.open(folder.path()).unwrap().done(), 5);
}

#[test]
fn run_that_did_not_make_all_is_not_complete() {
    let folder = folder();
    let mut output = FLAT.open(folder.path()).unwrap();
    output.add(&made("Device-0", 1, false)).unwrap();
    output.finish(None).unwrap();
    assert!(!fs::read_to_string(FLAT.manifest(folder.path())).unwrap().contains("complete"));
    assert!(folder.path().join("Device-0.key").exists());
    output.add(&made("Device-1", 1, false)).unwrap();
    drop(output);
    let left: Vec<_> = files_below(folder.path());
    assert_eq!(left.len(), 3, "what was not committed is gone: {left:?}");
}

#[test]
fn missing_folder_and_unsuitable_files_are_refused() {
    let folder = folder();
    let destination = FLAT.destination(&folder.path().join("none/none"));
    assert!(error_of(Output::open(&destination, None)).contains("mkdir -p"));
    let destination = JSONL.destination(&folder.path().join("none"));
    assert!(error_of(Output::open(&destination, None)).starts_with("--jsonl: there is no folder"));
    fs::create_dir(folder.path().join("keys.jsonl")).unwrap();
    assert!(error_of(JSONL.open(folder.path())).contains("exists and is not a file"));
    fs::write(folder.path().join(".csr-batch"), "theirs").unwrap();
    assert!(error_of(FLAT.open(folder.path())).contains(".csr-batch exists and is not a folder"));
}

mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        path.symlink_metadata().unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn keys_and_manifests_are_for_their_owner_alone() {
        for form in [FLAT, JSONL] {
            let folder = folder();
            if form.jsonl {
                fs::write(folder.path().join("keys.jsonl"), "").unwrap();
                fs::set_permissions(folder.path().join("keys.jsonl"), PermissionsExt::from_mode(0o666))
                    .unwrap();
            }
            let mut output = form.open(folder.path()).unwrap();
            output.add(&made("Device-0", 1, form.jsonl)).unwrap();
            if !form.jsonl {
                assert_eq!(mode(&folder.path().join(".csr-batch")), 0o700);
                assert_eq!(mode(&folder.path().join(".csr-batch/Device-0.key")), 0o600);
            }
            output.finish(None).unwrap();
            assert_eq!(mode(&form.manifest(folder.path())), 0o600);
            let key = if form.jsonl { "keys.jsonl" } else { "Device-0.key" };
            assert_eq!(mode(&folder.path().join(key)), 0o600);
        }
    }

    #[test]
    fn link_is_never_followed() {
        let elsewhere = folder();
        let target = elsewhere.path().join("target");
        let nest = files::nest("Device-0");
        let (top, below) = nest.trim_end_matches('/').split_once('/').unwrap();
        for exists in [false, true] {
            if exists {
                fs::create_dir(&target).unwrap();
            }
            let links = [
                (FLAT, "manifest.jsonl".to_owned()),
                (FLAT, ".csr-batch".to_owned()),
                (FLAT, "Device-0.key".to_owned()),
                (FLAT, "Device-0.csr".to_owned()),
                (NESTED, top.to_owned()),
                (NESTED, format!("{top}/{below}")),
                (JSONL, "keys.jsonl".to_owned()),
                (JSONL, "keys.manifest.jsonl".to_owned()),
            ];
            for (form, link) in links {
                let folder = folder();
                fs::create_dir_all(folder_of(&folder.path().join(&link))).unwrap();
                symlink(&target, folder.path().join(&link)).unwrap();
                let error = error_of(form.run(folder.path(), 1));
                assert!(
                    error.contains("symbolic link") || error.contains("is not a folder"),
                    "{link}: {error}"
                );
                assert_eq!(target.exists(), exists);
                assert!(!exists || target.read_dir().unwrap().next().is_none(), "{link}");
            }
        }
    }

    #[test]
    fn staging_folder_that_others_can_change_is_refused() {
        let folder = folder();
        let staging = folder.path().join(".csr-batch");
        fs::create_dir(&staging).unwrap();
        fs::set_permissions(&staging, PermissionsExt::from_mode(0o777)).unwrap();
        let error = error_of(FLAT.open(folder.path()));
        assert!(error.contains("chmod 700"), "{error}");
    }

    #[test]
    fn read_only_folder_is_one_error() {
        if nix::unistd::geteuid().is_root() {
            eprintln!("left out: root can write to any folder");
            return;
        }
        for form in [FLAT, JSONL] {
            let folder = folder();
            fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o500)).unwrap();
            let error = error_of(form.run(folder.path(), 1));
            assert!(error.starts_with("cannot make ") && error.contains("make it writable"), "{error}");
            fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o700)).unwrap();
            form.run(folder.path(), 1).unwrap();
            form.check_whole(folder.path());
        }
    }
}
