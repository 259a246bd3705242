use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use clap::{Args, ValueHint};
use csr_core::{Digest, PrivateKeyAlgo};

use super::{Content, KeyFormatName, Passphrase, names};
use crate::batch::ShardArg;

#[derive(Args)]
#[command(
    after_help = SHORT_AFTER_HELP,
    after_long_help = AFTER_HELP,
    override_usage = USAGE,
    mut_arg("domain", |arg| arg.help(DOMAIN_HELP)),
    mut_arg("from", |arg| arg.help("Take over what this CSR or certificate holds").long_help(FROM_HELP)),
    mut_arg("san", |arg| arg.help("Add a DNS name or IP address; repeat the flag for more")),
    mut_arg("country", |arg| arg.help("Set the country (C) by its two letters of ISO 3166-1, such as CN")),
    mut_arg("sm2_id", |arg| arg.help(SM2_ID_HELP)),
    mut_arg("file", |arg| arg.help("Read the pass phrase for --encrypt from the first line of this file")),
    mut_arg("env", |arg| arg.help("Read the pass phrase for --encrypt from this environment variable"))
)]
#[group(skip)]
pub(crate) struct BatchArgs {
    /// Read requests from these files (JSON lines, JSON array, CSV); `-` reads standard input
    ///
    /// The content tells which of them it is. Files are read in UTF-8 or UTF-16, one after the other as one input.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
    /// Make N items from flags; in their texts, {n:06} is the item's number
    ///
    /// {n:06} is 000001 for the first item and has at least six digits; {n} has no leading zeros. Every flag that gives a
    /// text of the CSR takes such a template. `{{` and `}}` stand for single braces.
    #[arg(long, value_name = "N", conflicts_with = "files", help_heading = "The requests")]
    pub(crate) count: Option<NonZeroU64>,
    /// Name the items of --count [default: the domain or common name if that holds the number, else the number]
    #[arg(
        long,
        value_name = "TEMPLATE",
        requires = "count",
        conflicts_with = "files",
        hide_short_help = true,
        help_heading = "The requests"
    )]
    pub(crate) id: Option<String>,
    /// Make the valid items although others are faulty; the exit status is then 1
    #[arg(long, help_heading = "The requests")]
    pub(crate) keep_going: bool,
    /// Check what was made: all is there once, and each key fits its CSR
    ///
    /// PATH is a manifest, or a folder with manifests. Name those of all shards: they are checked together. This changes no
    /// file. With --passphrase-file or --passphrase-env it opens encrypted keys; --sm2-id is tried for SM2 signatures.
    #[arg(
        long,
        value_name = "PATH",
        num_args = 1..,
        value_hint = ValueHint::AnyPath,
        group = "locked",
        // All but --sm2-id, --passphrase-file and -env, --json and --threads.
        conflicts_with_all = [
            "files", "count", "id", "keep_going", "domain", "from", "common_name", "no_common_name", "san", "san_email",
            "san_uri", "san_upn", "san_other_name", "san_directory_name", "san_registered_id", "allow_underscore", "usage",
            "country", "province", "city", "organization", "organizational_unit", "subject", "email_address", "key_usage",
            "extended_key_usage", "ca", "path_length", "must_staple", "extension", "attribute", "challenge_password_file",
            "config", "algorithm", "digest", "pss", "key_format", "encrypt", "recipient", "recipients_file", "out", "nested",
            "jsonl", "der", "shard", "shards",
        ],
        help_heading = "The requests"
    )]
    pub(crate) verify: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) content: Content,
    /// Complete ENTERPRISE CSRs from the table `organization` of this TOML file
    ///
    /// It may be the settings file of `csr serve`. The variables CSR_COUNTRY, CSR_PROVINCE, CSR_CITY and
    /// CSR_ORGANIZATION override it. CSR_CONFIG can name the file instead.
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        hide_short_help = true,
        help_heading = "What goes into the CSR"
    )]
    pub(crate) config: Option<PathBuf>,

    /// Generate keys of this algorithm [default: EC_P256; with --from, that of the old key]
    #[arg(
        short,
        long,
        value_name = "NAME",
        value_parser = names::algorithm(),
        ignore_case = true,
        help_heading = "The key"
    )]
    pub(crate) algorithm: Option<PrivateKeyAlgo>,
    /// Write the keys in this format: pkcs1 is for RSA, sec1 for the curves
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "pkcs8",
        hide_short_help = true,
        help_heading = "The key"
    )]
    pub(crate) key_format: KeyFormatName,
    /// Encrypt each key to this age recipient; repeat the flag for more
    ///
    /// Only the recipients' identities open the keys (`age --decrypt`), and this machine needs none of them.
    #[arg(
        short,
        long,
        value_name = "age1…",
        conflicts_with_all = ["encrypt", "key_format"],
        help_heading = "The key"
    )]
    pub(crate) recipient: Vec<String>,
    /// Encrypt each key to the age recipients in this file, one per line
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        conflicts_with_all = ["encrypt", "key_format"],
        hide_short_help = true,
        help_heading = "The key"
    )]
    pub(crate) recipients_file: Option<PathBuf>,
    /// Encrypt each key under a pass phrase, which the command asks for
    ///
    /// This takes about 0.15 s per key. The keys are written as PKCS#8, encrypted with PBKDF2 and AES-256. --passphrase-file and --passphrase-env
    /// give the pass phrase without a question. --recipient is much faster.
    #[arg(short, long, group = "locked", help_heading = "The key")]
    pub(crate) encrypt: bool,
    #[command(flatten)]
    pub(crate) passphrase: Passphrase,
    /// Sign with this hash function [default: SHA256; SHA384 for EC_P384]
    ///
    /// For RSA and EC keys. SM2 always signs with SM3.
    #[arg(
        long,
        value_name = "NAME",
        value_parser = names::digest(),
        ignore_case = true,
        hide_short_help = true,
        help_heading = "The key"
    )]
    pub(crate) digest: Option<Digest>,
    /// Sign with RSASSA-PSS (RFC 4055) instead of PKCS#1 v1.5, for RSA keys
    #[arg(long, hide_short_help = true, help_heading = "The key")]
    pub(crate) pss: bool,

    /// Write ID.csr and ID.key to this folder, which is made if it does not exist
    #[arg(
        short,
        long,
        value_name = "DIR",
        value_hint = ValueHint::DirPath,
        default_value = ".",
        help_heading = "Where it goes"
    )]
    pub(crate) out: PathBuf,
    /// Spread the files over subfolders, as in ab/cd/ID.csr
    #[arg(long, conflicts_with = "jsonl", help_heading = "Where it goes")]
    pub(crate) nested: bool,
    /// Write a line of JSON per item to this file instead; `-` is standard output
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        conflicts_with = "out",
        help_heading = "Where it goes"
    )]
    pub(crate) jsonl: Option<PathBuf>,
    /// Write DER instead of PEM
    #[arg(long, hide_short_help = true, help_heading = "Where it goes")]
    pub(crate) der: bool,
    /// Print the summary as JSON
    #[arg(long, help_heading = "Where it goes")]
    pub(crate) json: bool,

    /// Use this many threads [default: the number of processors]
    #[arg(long, value_name = "N", hide_short_help = true, help_heading = "The work")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Make only shard I (from 0) of N; with `auto` the scheduler says which
    ///
    /// The shard of an item depends on its id and N only. `auto` takes I and N from the variables of a Slurm array
    /// (SLURM_ARRAY_TASK_ID and _COUNT), a Kubernetes Indexed Job (JOB_COMPLETION_INDEX, with --shards) or an AWS Batch
    /// array job (AWS_BATCH_JOB_ARRAY_INDEX, with --shards).
    #[arg(long, value_name = "I/N|auto", help_heading = "The work")]
    pub(crate) shard: Option<ShardArg>,
    /// Say how many shards there are, for `--shard auto` where the scheduler does not
    #[arg(long, value_name = "N", requires = "shard", hide_short_help = true, help_heading = "The work")]
    pub(crate) shards: Option<NonZeroU32>,
}

const DOMAIN_HELP: &str = "Name the host that a certificate is for, if its request does not";
const SM2_ID_HELP: &str = "Bind SM2 signatures to this identity [default: 1234567812345678]";
const FROM_HELP: &str = "Take over what this CSR or certificate holds, for every new key: subject, names, key usages and more

The file may be PEM or DER; of a chain, the first certificate counts. What a request or another flag gives is added to it, or \
replaces it, as in `csr create`.";

const USAGE: &str = "csr batch <FILE>... [OPTIONS]
       csr batch --count <N> [OPTIONS]
       csr batch --verify <PATH>...";

const SHORT_AFTER_HELP: &str = "\
Examples:
  csr batch requests.csv --out keys
  csr batch --count 5000 --domain 'device-{n:06}.example.com' --jsonl keys.jsonl

`csr batch --help` lists all options, with the fields of requests, manifest and summary.";

const AFTER_HELP: &str = "\
Examples:
  Make keys and CSRs for a table of devices (keys/ID.csr, keys/ID.key):
    csr batch devices.csv --out keys --country CN --organization 'Example Ltd'

  The same command again goes on where it was interrupted, and makes what is new in the table:
    csr batch devices.csv --out keys --country CN --organization 'Example Ltd'

  From templates, and sealed, so that nothing on this machine opens the keys:
    csr batch --count 5000 --domain 'device-{n:06}.example.com' --subject 'serialNumber={n:06}' \\
      --recipient age1… --jsonl keys.jsonl

  As a filter:
    jq -c '.hosts[] | {id, domain_name: .fqdn}' hosts.json |
      csr batch - --jsonl - --recipient age1… | ssh vault 'cat >keys.jsonl'

  As one of 16 machines, and the check of all of them:
    csr batch devices.csv --out /shared/keys --nested --shard 3/16
    csr batch --verify /shared/keys

Requests: a JSON object per line, a JSON array of objects, or CSV whose first line names the fields.
CSV may be separated by commas, semicolons or tabs, as spreadsheets write it. Flags give the
defaults for all requests, and what a request gives replaces them, a list as a whole. null, an empty
text and an empty cell mean that nothing is given. Everything is checked before the first key is
made, and every fault is reported with its line.

Fields of a request (all may be left out):
  id                the name of its files, or of its line: a file name on any system, and unique
                    without regard to case [default: name, else the domain, else the common name]
  name, domain_name, sans, private_key_algo, usage, company_country, company_province,
  company_city, company_name
                    as in the cloud's CSR API; sans is separated by `;`. The names of the flags are
                    taken, too: domain, algorithm, country, province, city, organization
  common_name, email_address, challenge_password, sm2_id, digest
                    a text, as the flag of `csr create` takes it
  san, san_email, san_uri, san_upn, san_other_name, san_directory_name, san_registered_id,
  organizational_unit, subject, key_usage, extended_key_usage, extension, attribute
                    a list of texts, in CSV separated by `;`
  no_common_name, allow_underscore, ca, must_staple, pss
                    true or false; in CSV also yes, no, 1 and 0
  path_length       a number

Files: only you can read ID.key, or ID.key.age with --recipient. A file under its final name is
whole and on the disk. An existing file is never replaced. DIR/manifest.jsonl (of a shard
manifest-I-of-N.jsonl; for --jsonl NAME.jsonl NAME.manifest.jsonl) records what is done: an item
that has a line in it is not made again, and is refused if its request has changed since.

Fields of a line of --jsonl: id, csr, private_key (PEM; with --recipient armored by age; with --der
base64), algorithm, public_key_sha256, csr_sha256. As a filter (`-` with `--jsonl -`), a faulty line
ends the work; with --keep-going it is answered by {id, line, error {faults [{field or flag, index,
message}]}}.

Fields of the manifest: in its first line csr_batch (1), shard (I/N or null) and with --jsonl jsonl;
of an item id, request_sha256, algorithm, public_key_sha256, csr_sha256, files or offset and length,
and if it is sealed sealed_to; in its last line, once all is done, complete {items, input_items,
input_sha256, entries}.

Fields of the summary that --json prints (on standard error with `--jsonl -`):
  made              how many items this run made
  made_before       how many an earlier run had made
  faulty            how many requests have faults
  left              how many items are still to be made, after an interruption
  seconds           the time that making them took
  out, manifest     the folder, or the file of --jsonl, and the manifest; null with `--jsonl -`
  sealed_to         the age recipients
Fields of the report of `--verify --json`:
  whole             true if nothing is missing or wrong
  manifests, items  how many there are
  opened            how many keys fit their CSRs
  sealed            how many keys are sealed to age recipients, and thus not opened
  encrypted         how many keys are encrypted under a pass phrase that was not given
  faults            a text for each fault
  further_faults    how many more faults there are

Pass phrases are never taken from the command line, where other users could read them.

Exit status:
  0  all are made, or were made before; `--verify`: all is well
  1  with --keep-going: some requests are faulty, the others are made; `--verify`: something is
     missing or wrong
  2  refused or failed: standard error says why; what is done stays, and the same command goes on
  130, 143  interrupted: the same command goes on";
