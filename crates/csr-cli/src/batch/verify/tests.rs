use std::sync::Arc;

use base64ct::{Base64, Encoding};
use csr_core::{Csr, CsrSpec, KeyPair, PrivateKeyAlgo};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::*;
use crate::args::KeyFormatName;
use crate::batch::item::{Id, Made};
use crate::batch::output::{Destination, Output, Totals};
use crate::batch::seal::{SealArgs, Sealer};
use crate::failure::Refusals;

const NO_PASSPHRASE: Passphrase = Passphrase { file: None, env: None };
const RECIPIENT: &str = "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa";

fn is_in_shard(id: &str, (index, count): ShardNumbers) -> bool {
    u32::from(hash_of(id)[0]) % count == index
}

/// A batch to be made.
#[derive(Clone)]
struct Batch<'a> {
    jsonl: bool,
    nested: bool,
    der: bool,
    passphrase: Option<&'a Passphrase>,
    recipients: Vec<String>,
    algorithm: PrivateKeyAlgo,
    sm2_id: Option<&'a str>,
    ids: Vec<String>,
    shard: Option<ShardNumbers>,
    input_sha256: [u8; 32],
}

impl Default for Batch<'_> {
    fn default() -> Self {
        Self {
            jsonl: false,
            nested: false,
            der: false,
            passphrase: None,
            recipients: Vec::new(),
            algorithm: PrivateKeyAlgo::EcP256,
            sm2_id: None,
            ids: (0..6).map(|n| format!("web-{n}")).collect(),
            shard: None,
            input_sha256: [7; 32],
        }
    }
}

impl Batch<'_> {
    fn make(&self) -> TempDir {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        self.make_in(folder.path());
        folder
    }

    fn output(&self, folder: &Path) -> Output {
        let jsonl = self.jsonl.then(|| folder.join("keys.jsonl"));
        let sealed_to = self.recipients.as_slice().into();
        let destination = Destination { out: folder.to_owned(), jsonl, nested: self.nested, sealed_to };
        Output::open(&destination, self.shard).unwrap()
    }

    fn make_in(&self, folder: &Path) {
        let mut output = self.output(folder);
        let mut items = 0;
        for id in &self.ids {
            if self.shard.is_none_or(|shard| is_in_shard(id, shard)) {
                output.add(&self.made(id)).unwrap();
                items += 1;
            }
        }
        let input_items = self.ids.len() as u64;
        output.finish(Some(&Totals { items, input_items, input_sha256: self.input_sha256 })).unwrap();
    }

    fn made(&self, id: &str) -> Made {
        let sealer = Sealer::new(
            &SealArgs {
                key_format: KeyFormatName::Pkcs8,
                der: self.der,
                encrypt: self.passphrase.is_some(),
                passphrase: self.passphrase.unwrap_or(&NO_PASSPHRASE),
                recipients: &self.recipients,
                recipients_file: None,
            },
            &mut Refusals::default(),
        );
        let sealer = sealer.unwrap();
        let mut spec = CsrSpec::builder().domain(format!("{id}.example.com"));
        if let Some(identity) = self.sm2_id {
            spec = spec.sm2_identity(identity);
        }
        let key = KeyPair::generate(self.algorithm).unwrap();
        let csr = Csr::sign(&spec.build().unwrap(), &key).unwrap();
        let exported = sealer.export(&key).unwrap();
        let encoded = if self.der { csr.as_der().to_vec() } else { csr.to_pem().into_bytes() };
        let text = |bytes: &[u8]| match self.der {
            true => Base64::encode_string(bytes),
            false => String::from_utf8(bytes.to_vec()).unwrap(),
        };
        let line = serde_json::json!({ "id": id, "csr": text(&encoded), "private_key": text(&exported), "algorithm": self.algorithm });
        Made {
            id: Id::of(id),
            request_sha256: [1; 32],
            algorithm: self.algorithm,
            public_key_sha256: csr.public_key_sha256(),
            csr_sha256: Sha256::digest(csr.as_der()).into(),
            csr: if self.jsonl { line.to_string().into_bytes() } else { encoded }.into(),
            key: if self.jsonl { Vec::new().into() } else { exported },
            sealed_to: Arc::clone(sealer.sealed_to()),
        }
    }
}

fn verified_with(paths: &[&Path], passphrase: &Passphrase, sm2_id: Option<&str>) -> Result<Report> {
    let paths: Vec<PathBuf> = paths.iter().map(|path| (*path).to_owned()).collect();
    let threads = NonZeroUsize::new(2).unwrap();
    verify(&VerifyArgs { paths: &paths, passphrase, sm2_id, json: false, threads, is_in_shard })
}

fn verified(paths: &[&Path]) -> Report {
    verified_with(paths, &NO_PASSPHRASE, None).unwrap()
}

fn assert_whole(report: &Report, items: u64) {
    assert!(report.whole && report.faults.is_empty() && report.items == items, "{report:?}");
}

/// The one fault.
fn fault(report: &Report) -> &str {
    assert!(!report.whole);
    match &report.faults[..] {
        [fault] => fault,
        faults => panic!("{faults:?}"),
    }
}

#[test]
fn whole_batch_is_whole() {
    let batches = [
        Batch::default(),
        Batch { nested: true, algorithm: PrivateKeyAlgo::EcP384, ..Batch::default() },
        Batch { der: true, algorithm: PrivateKeyAlgo::Sm2, ..Batch::default() },
        Batch { jsonl: true, ..Batch::default() },
        Batch { jsonl: true, der: true, algorithm: PrivateKeyAlgo::Rsa2048, ..Batch::default() },
    ];
    for batch in batches {
        let folder = batch.make();
        let report = verified(&[folder.path()]);
        assert_whole(&report, 6);
        assert_eq!((report.opened, report.sealed, report.encrypted), (6, 0, 0));
        let name = if batch.jsonl { "keys.manifest.jsonl" } else { "manifest.jsonl" };
        assert_whole(&verified(&[folder.path(), &folder.path().join(name)]), 6);
    }
}

#[cfg(feature = "age")]
#[test]
fn sealed_keys_are_counted_and_not_opened() {
    for (jsonl, der) in [(false, false), (false, true), (true, false), (true, true)] {
        let recipients = vec![RECIPIENT.to_owned()];
        let batch = Batch { jsonl, der, recipients, ..Batch::default() };
        let folder = batch.make();
        let report = verified(&[folder.path()]);
        assert_whole(&report, 6);
        assert_eq!((report.opened, report.sealed), (0, 6));
        if !jsonl && !der {
            let path = folder.path().join("web-2.key.age");
            let sealed = fs::read(&path).unwrap();
            fs::write(&path, &sealed[..sealed.len() - 10]).unwrap();
            assert_eq!(fault(&verified(&[folder.path()])), "web-2: its key is not an age file");
        }
    }
}

#[test]
fn encrypted_keys_are_opened_with_the_pass_phrase_alone() {
    let folder = tempfile::tempdir().unwrap();
    let given = |phrase: &str| {
        let path = folder.path().join(phrase);
        fs::write(&path, phrase).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        Passphrase { file: Some(path), env: None }
    };
    let (right, wrong) = (given("right"), given("wrong"));
    let batch =
        Batch { passphrase: Some(&right), ids: vec!["a".to_owned(), "b".to_owned()], ..Batch::default() };
    let batch = batch.make();
    let report = verified(&[batch.path()]);
    assert_whole(&report, 2);
    assert_eq!((report.opened, report.encrypted), (0, 2));
    let report = verified_with(&[batch.path()], &right, None).unwrap();
    assert_whole(&report, 2);
    assert_eq!(report.opened, 2);
    let report = verified_with(&[batch.path()], &wrong, None).unwrap();
    assert!(report.faults.len() == 2 && report.faults[0].starts_with("a: its key cannot be read: "));
}

#[test]
fn sm2_identity_of_a_batch_can_be_given() {
    let batch = Batch {
        algorithm: PrivateKeyAlgo::Sm2,
        sm2_id: Some("alice"),
        ids: vec!["a".to_owned()],
        ..Batch::default()
    };
    let folder = batch.make();
    assert_eq!(fault(&verified(&[folder.path()])), "a: the signature of its CSR does NOT hold");
    assert_whole(&verified_with(&[folder.path()], &NO_PASSPHRASE, Some("alice")).unwrap(), 1);
    let usual = Batch { sm2_id: None, ..batch }.make();
    assert_whole(&verified_with(&[usual.path()], &NO_PASSPHRASE, Some("alice")).unwrap(), 1);
}

#[test]
fn changed_file_is_a_fault_with_its_id() {
    let batch = Batch::default();
    let other = batch.make();
    let check = |change: &dyn Fn(&Path), expected: &str| {
        let folder = batch.make();
        change(folder.path());
        let report = verified(&[folder.path()]);
        assert!(fault(&report).starts_with(expected), "{report:?}");
        assert_eq!(report.opened, 5);
    };
    let remove = |name: &'static str| move |folder: &Path| fs::remove_file(folder.join(name)).unwrap();
    check(&remove("web-3.csr"), "web-3: cannot read web-3.csr: No such file");
    check(&remove("web-3.key"), "web-3: cannot read web-3.key: No such file");
    let theirs = |name: &'static str| {
        let from = other.path().join(name);
        move |folder: &Path| {
            fs::copy(&from, folder.join(name)).unwrap();
        }
    };
    check(&theirs("web-1.csr"), "web-1: its CSR is not the one that was made");
    check(&theirs("web-1.key"), "web-1: its key does NOT belong to its CSR");
    let cut = |name: &'static str| {
        move |folder: &Path| {
            let path = folder.join(name);
            let contents = fs::read(&path).unwrap();
            fs::write(&path, &contents[..contents.len() / 2]).unwrap();
        }
    };
    check(&cut("web-5.csr"), "web-5: its CSR cannot be read: ");
    check(&cut("web-5.key"), "web-5: its key cannot be read: ");
    #[cfg(unix)]
    check(
        &|folder| {
            fs::rename(folder.join("web-0.key"), folder.join("moved")).unwrap();
            std::os::unix::fs::symlink("moved", folder.join("web-0.key")).unwrap();
        },
        "web-0: cannot read web-0.key: ",
    );
}

/// Even of a key that cannot be opened, and where nothing depends on it.
#[test]
fn changed_byte_anywhere_is_a_fault() {
    let phrase = tempfile::NamedTempFile::new().unwrap();
    fs::write(&phrase, "phrase").unwrap();
    let phrase = Passphrase { file: Some(phrase.path().to_owned()), env: None };
    let one = Batch { ids: vec!["a".to_owned()], ..Batch::default() };
    let mut batches = vec![
        one.clone(),
        Batch { jsonl: true, ..one.clone() },
        Batch { der: true, ..one.clone() },
        Batch { passphrase: Some(&phrase), ..one.clone() },
    ];
    if cfg!(feature = "age") {
        let sealed = Batch { recipients: vec![RECIPIENT.to_owned()], ..one };
        batches.extend([
            Batch { der: true, ..sealed.clone() },
            Batch { jsonl: true, ..sealed.clone() },
            sealed,
        ]);
    }
    for batch in batches {
        let folder = batch.make();
        assert_whole(&verified(&[folder.path()]), 1);
        for entry in fs::read_dir(folder.path()).unwrap() {
            let path = entry.unwrap().path();
            let whole = fs::read(&path).unwrap();
            for at in (0..whole.len()).step_by(3) {
                let mut changed = whole.clone();
                changed[at] ^= 1;
                fs::write(&path, changed).unwrap();
                let report = verified_with(&[folder.path()], &NO_PASSPHRASE, None);
                assert!(!report.is_ok_and(|report| report.whole), "{} byte {at}", path.display());
            }
            fs::write(&path, whole).unwrap();
        }
    }
}

#[test]
fn signature_that_does_not_hold_is_a_fault() {
    let batch = Batch { der: true, ids: vec!["a".to_owned()], ..Batch::default() };
    let folder = tempfile::tempdir().unwrap();
    let mut made = batch.made("a");
    let last = made.csr.len() - 1;
    made.csr[last] ^= 1;
    made.csr_sha256 = Sha256::digest(&made.csr).into();
    let mut output = batch.output(folder.path());
    output.add(&made).unwrap();
    output.finish(Some(&Totals { items: 1, input_items: 1, input_sha256: [7; 32] })).unwrap();
    drop(output);
    assert_eq!(fault(&verified(&[folder.path()])), "a: the signature of its CSR does NOT hold");
}

#[test]
fn changed_json_line_is_a_fault_with_its_id() {
    let batch = Batch { jsonl: true, ..Batch::default() };
    let folder = batch.make();
    let path = folder.path().join("keys.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    for (from, to) in
        [("\"web-2\"", "\"web-3\""), ("\"id\":\"web-2\"", "\"xx\":\"web-2\""), ("web-2\",", "web-2\" ")]
    {
        fs::write(&path, whole.replacen(from, to, 1)).unwrap();
        assert_eq!(fault(&verified(&[folder.path()])), "web-2: its line is damaged");
    }
    fs::write(&path, &whole[..whole.len() - 5]).unwrap();
    assert!(fault(&verified(&[folder.path()])).starts_with("web-5: cannot read its line: "));
    fs::write(&path, whole.clone() + "more").unwrap();
    let report = verified(&[folder.path()]);
    assert!(fault(&report).ends_with("4 bytes are not in its manifest: run the same command again"));
    fs::remove_file(&path).unwrap();
    assert_eq!(verified(&[folder.path()]).faults.len(), 7);
}

#[test]
fn manifest_that_is_not_whole_is_a_fault() {
    let folder = Batch::default().make();
    let path = folder.path().join("manifest.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let told = |lines: &[&str], end: &str| {
        fs::write(&path, lines.iter().map(|line| format!("{line}\n")).collect::<String>() + end).unwrap();
        verified(&[folder.path()]).faults.join("\n")
    };
    assert!(told(&lines[..7], "").ends_with("no run has ended with all items: run the same command again"));
    assert!(told(&lines[..7], "{\"comp").contains("its last line is cut off: run the same command again"));
    let removed = [&lines[..3], &lines[4..]].concat();
    assert!(told(&removed, "").contains("line 7: 6 items must be above it, but 5 are: restore"));
    let mut damaged = lines.clone();
    damaged[4] = "{}";
    assert!(
        told(&damaged, "").contains("manifest.jsonl line 5: is damaged: restore the manifest from a copy")
    );
    assert!(told(&[], "").contains("is empty: run the same command again"));
    assert!(told(&["theirs"], "").contains("is not a manifest of `csr batch`"));
    fs::write(&path, &whole).unwrap();
    fs::create_dir(folder.path().join(".csr-batch")).unwrap();
    assert_whole(&verified(&[folder.path()]), 6);
    fs::write(folder.path().join(".csr-batch/web-9.key"), "").unwrap();
    assert!(
        fault(&verified(&[folder.path()]))
            .ends_with("holds 1 files of a run that was cut off: run the same command again")
    );
}

#[test]
fn what_cannot_be_read_is_an_error() {
    let folder = Batch::default().make();
    let told = |path: &Path| format!("{:#}", verified_with(&[path], &NO_PASSPHRASE, None).unwrap_err());
    assert!(told(&folder.path().join("none")).starts_with("cannot read "));
    let empty = tempfile::tempdir().unwrap();
    assert!(told(empty.path()).contains("holds no manifest of `csr batch`"));
    let output = Batch::default().output(folder.path());
    assert!(told(folder.path()).contains("is in use by `csr batch`: wait until that has ended"));
    drop(output);
    assert_whole(&verified(&[folder.path()]), 6);
}

#[test]
fn shards_are_whole_together() {
    let ids: Vec<String> = (0..40).map(|n| format!("device-{n}")).collect();
    let shard = |index| Batch { ids: ids.clone(), shard: Some((index, 3)), ..Batch::default() };
    let shared = shard(0).make();
    shard(1).make_in(shared.path());
    let apart = shard(2).make();
    let report = verified(&[shared.path(), apart.path()]);
    assert_whole(&report, 40);
    assert_eq!(report.manifests, 3);

    assert!(
        fault(&verified(&[shared.path()])).starts_with("of 3 shards, the manifest of 2 must be there, too")
    );
    assert!(fault(&verified(&[apart.path()])).starts_with("of 3 shards, the manifests of 0, 1 must be"));
    let other = Batch { input_sha256: [8; 32], ..shard(2) }.make();
    let report = verified(&[shared.path(), other.path()]);
    assert!(fault(&report).contains("is of another input than "), "{report:?}");
    let fewer = Batch { ids: ids[..20].to_vec(), ..shard(2) }.make();
    let report = verified(&[shared.path(), fewer.path()]);
    assert!(fault(&report).contains("is of another input than "), "{report:?}");
    let again = shard(0).make();
    let report = verified(&[shared.path(), apart.path(), again.path()]);
    assert!(report.faults.iter().any(|fault| fault == "shard 0/3: has two manifests"), "{report:?}");
    let of_two = Batch { shard: Some((0, 2)), ..shard(0) }.make();
    let report = verified(&[of_two.path(), apart.path()]);
    assert!(report.faults.iter().any(|fault| fault.contains("verify one batch at a time")), "{report:?}");
}

#[test]
fn item_of_another_shard_is_a_fault() {
    let batch = Batch { shard: Some((0, 2)), ids: vec!["a".to_owned()], ..Batch::default() };
    let stray = (0..99).map(|n| format!("x-{n}")).find(|id| !is_in_shard(id, (0, 2))).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut output = batch.output(folder.path());
    output.add(&batch.made(&stray)).unwrap();
    output.finish(Some(&Totals { items: 1, input_items: 1, input_sha256: [7; 32] })).unwrap();
    drop(output);
    let expected = format!("{stray}: does not belong to the shard of ");
    let faults = verified(&[folder.path()]).faults;
    assert!(faults.iter().any(|fault| fault.starts_with(&expected)), "{faults:?}");
}

#[test]
fn item_that_is_there_twice_is_a_fault() {
    let batch = Batch::default();
    let one = batch.make();
    let same_ids = Batch { ids: vec!["WEB-2".to_owned(), "other".to_owned()], ..batch.clone() }.make();
    let report = verified(&[one.path(), same_ids.path()]);
    let told = fault(&report);
    assert!(told.starts_with("WEB-2: its id is there twice, in ") && told.contains("web-2 ("), "{told}");

    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(one.path()).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
    }
    let report = verified(&[one.path(), copy.path()]);
    assert_eq!(report.faults.len(), 12);
    let of = |what: &str| report.faults.iter().filter(|fault| fault.contains(what)).count();
    assert_eq!((of("its id is there twice"), of("its public key is there twice")), (6, 6));
}

#[test]
fn at_most_1000_faults_are_listed() {
    let batch = Batch { ids: vec!["a".to_owned()], ..Batch::default() };
    let folder = batch.make();
    let path = folder.path().join("manifest.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let missing: Vec<_> = (0..1_500)
        .map(|n| {
            let line = lines[1].replace("\"a\"", &format!("\"x-{n}\"")).replace("\"a.", &format!("\"x-{n}."));
            line.replacen("public_key_sha256\":\"", &format!("public_key_sha256\":\"{n:08}"), 1)
        })
        .map(|line| {
            let at = line.find("public_key_sha256\":\"").unwrap() + 20 + 64;
            format!("{}{}", &line[..at], &line[at + 8..])
        })
        .collect();
    fs::write(&path, format!("{}\n{}\n", lines[0], missing.join("\n"))).unwrap();
    let report = verified(&[folder.path()]);
    assert_eq!((report.faults.len(), report.further_faults), (1_000, 501));
    assert_eq!(report.items, 1_500);
    assert!(report.faults[0].starts_with("x-"), "{}", report.faults[0]);
}
