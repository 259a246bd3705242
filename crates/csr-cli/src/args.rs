//! The command line.

mod batch;
mod create;
mod names;
#[cfg(feature = "serve")]
mod service;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use csr_core::Field;

pub(crate) use batch::BatchArgs;
pub(crate) use create::{Content, CreateArgs, DEFAULT_ALGORITHM, KeyFormatName, Passphrase};
pub(crate) use names::{digest_named, key_usage_named};
#[cfg(feature = "serve")]
pub(crate) use service::{
    AccessCommand, KeyCommand, ListenAddress, LogFormat, MasterKeyCommand, ServeArgs, StoreArgs,
};

/// Make and read private keys and certificate signing requests (PKCS#10) on your own machine
#[derive(Parser)]
#[command(
    name = "csr",
    version,
    after_help = after_help(),
    arg_required_else_help = true,
    subcommand_required = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The example and the end of the last sentence that only a build with the server has.
#[cfg(feature = "serve")]
const SERVER: [&str; 2] =
    ["  csr serve\n", ", except for callers of the server that `csr access`\nallows to read them"];
#[cfg(not(feature = "serve"))]
const SERVER: [&str; 2] = ["", ""];

fn after_help() -> String {
    let [example, readers] = SERVER;
    format!(
        "\
Examples:
  csr create example.com www.example.com
  csr inspect example.com.csr
  csr verify example.com.csr
  csr match example.com.key example.com.crt
{example}
Exit status:
  0  done; `verify`: the signature holds; `match`: the files belong together
  1  `verify`: the signature does not hold; `match`: the files don't belong together;
     `inspect --lint`: there are findings
  2  refused or failed: standard error gives one line for each fault

With --json, standard output holds one JSON object in any case, or a list for several files. After
a failure it is {{error {{faults [{{flag | argument | field | variable, index, message}}]}}}}, with what
is known of each fault.

`csr COMMAND --help` explains a command.

Private keys never leave this machine{readers}."
    )
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make a private key and its CSR, or a CSR for a key that you already have
    Create(Box<CreateArgs>),
    /// Make keys and CSRs for a whole list of requests
    Batch(Box<BatchArgs>),
    /// Show what a CSR, certificate or key holds, whoever made it
    #[command(after_help = SHORT_INSPECT_HELP, after_long_help = INSPECT_HELP)]
    Inspect(InspectArgs),
    /// Check that a CSR's signature holds
    #[command(after_help = VERIFY_HELP)]
    Verify(ReadArgs),
    /// Check that keys, CSRs and certificates belong together
    #[command(after_help = MATCH_HELP)]
    Match(MatchArgs),
    /// Serve Huawei Cloud's CSR API (SCM) from this machine, for its SDKs, Terraform and curl
    #[cfg(feature = "serve")]
    Serve(Box<ServeArgs>),
    /// Make, list and revoke tokens and access keys for callers of the server
    #[cfg(feature = "serve")]
    #[command(subcommand)]
    Access(AccessCommand),
    /// Export private keys from the server's store
    #[cfg(feature = "serve")]
    #[command(subcommand)]
    Key(KeyCommand),
    /// Change the master key, which seals the private keys in the server's store
    #[cfg(feature = "serve")]
    #[command(subcommand)]
    MasterKey(MasterKeyCommand),
    /// Print completions for a shell
    #[command(after_help = COMPLETIONS_HELP)]
    Completions {
        /// Write completions for this shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write those of all commands to a folder
    Man {
        /// Write csr.1, csr-create.1 and so on to this folder, instead of printing csr.1
        #[arg(short, long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
        out: Option<PathBuf>,
    },
}

#[derive(Args)]
pub(crate) struct InspectArgs {
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// Add what a public certificate authority would refuse or soon will, each with its rule
    #[arg(long)]
    pub(crate) lint: bool,
}

#[derive(Args)]
pub(crate) struct ReadArgs {
    /// Read these files (PEM or DER); `-` or no file reads standard input
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Check an SM2 signature with this identity only [default: 1234567812345678, then the empty one]
    #[arg(long, value_name = "TEXT")]
    pub(crate) sm2_id: Option<String>,
}

#[derive(Args)]
pub(crate) struct MatchArgs {
    /// Read these keys, CSRs and certificates (PEM or DER); `-` or no file reads standard input
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Read the pass phrase of encrypted keys from the first line of this file
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    passphrase_file: Option<PathBuf>,
    /// Read the pass phrase of encrypted keys from this environment variable
    #[arg(long, value_name = "VAR", conflicts_with = "passphrase_file")]
    passphrase_env: Option<String>,
}

impl MatchArgs {
    pub(crate) fn passphrase(&self) -> Passphrase {
        Passphrase { file: self.passphrase_file.clone(), env: self.passphrase_env.clone() }
    }
}

const SHORT_INSPECT_HELP: &str = "\
Examples:
  csr inspect example.com.csr
  csr inspect --lint example.com.csr
  csr inspect example.com.crt example.com.key
  csr inspect --json example.com.csr | jq -r '.sans[].value'

`csr inspect --help` lists the JSON fields and the exit status.";

const INSPECT_HELP: &str = "\
Examples:
  csr inspect example.com.csr
  csr inspect < example.com.csr
  csr inspect --lint example.com.csr
  csr inspect example.com.crt example.com.key
  csr inspect --json example.com.csr | jq -r '.sans[].value'

Of a certificate, the subject, names, issuer, validity, serial number, extensions and public key are
shown; of a chain, the first certificate; of a key, private or public, the algorithm and the
fingerprint of the public key. Nothing secret is ever shown. Of a file that holds a CSR, only the
CSR is shown.

JSON fields of a CSR: subject {one_line, attributes [{oid, name, value, string_type, rdn}]}, sans
[{type, value}], extensions [{oid, name, critical, value {type, value}}], attributes [{oid, name,
values}], malformed [{part, reason, hex}], public_key {algorithm, oid, bits, sha256},
signature_algorithm {oid, name, salt_length (of RSASSA-PSS)}, sha256, warnings [{code, message,
count}], signature {status: valid | invalid | unsupported, sm2_identity (the one that matched),
holds_with (with --sm2-id: another one that would match), algorithm (the unsupported one)}, lint
(with --lint) [{code, message, rule, count}]. A value is {text}, {hex}, or {long {bytes, sha256}}
above 4,096 bytes, or has the fields of its type. Attributes with the same rdn form one multi-valued
name. subject, sans, extensions and attributes have at most 20,000 entries each, and at most 1,000
malformed parts are shown; a warning counts the rest. A list inside an extension, such as its key
purposes, is shown whole.

JSON fields of others: kind (certificate | private_key | public_key), public_key and warnings as
above, and
  of a certificate  version, serial_number, subject, issuer, validity {not_before, not_after}, sans,
                    extensions, malformed, signature_algorithm, sha256, further_certificates
  of a private key  encryption (its cipher; null if it is not encrypted); public_key is null if the
                    key is encrypted

Of several files, or of a file with a key and a certificate, the JSON is a list of such objects,
each with its file and kind (certificate_request for a CSR), or file and error.

An extension's value has the type key_usage, extended_key_usage, basic_constraints, tls_feature,
subject_key_identifier, subject_alt_name (how many; they are the sans), policies [{policy,
qualifiers}], policy_constraints, name_constraints {permitted, excluded}, information_access [{oid,
method, location}], distribution_points [{full_name, reasons, crl_issuer}],
authority_key_identifier, names, netscape_cert_type, capabilities, template_name, template or
comment. One without a type of its own is utf8, printable, ia5, bmp, integer, boolean, oid or null
if it is a single element of that type (as `csr create --extension` takes it), else hex or long; a
malformed one is malformed {reason, hex}. An attribute's value of another type than text is
{integer}, {boolean}, {oid}, {null} or {hex}.

Exit status:
  0  all files were read, whether or not a CSR's signature holds; with --lint: nothing was found
  1  with --lint: there are findings
  2  one could not be read; standard error says why";

const VERIFY_HELP: &str = "\
Examples:
  csr verify example.com.csr
  csr verify --sm2-id alice@example.com sm2.csr
  csr verify *.csr
  csr verify --json < example.com.csr

JSON fields (of several files a list of such objects, each with its file): status (valid |
invalid | unsupported), sm2_identity (the one that matched), holds_with (with --sm2-id: another one
that would match), algorithm (the unsupported one), signature_algorithm, public_key_sha256.

Exit status, of several files the highest:
  0  the signature holds
  1  it does not
  2  there is no verdict: no such file, not a CSR, or an unsupported algorithm; standard error says
     which";

const MATCH_HELP: &str = "\
Examples:
  csr match example.com.key example.com.csr example.com.crt
  csr match haproxy.pem
  csr match --passphrase-file phrase.txt encrypted.key example.com.crt
  ssh web cat /etc/ssl/web.crt | csr match web.key -

Each key (private or public), CSR and certificate is shown with the SHA-256 fingerprint of its
public key (SubjectPublicKeyInfo). A file may hold several of them. Of a chain, the first
certificate counts. Equal keys match even if they are encoded in different ways. You are asked for
the pass phrase of an encrypted key unless a flag gives it.

JSON fields: match (true | false), items [{file, kind (certificate_request | certificate |
private_key | public_key), key (equal numbers for equal keys), public_key {algorithm, oid, bits,
sha256}, further_certificates (those after a certificate in its file)}].

Exit status:
  0  all have one public key
  1  they have different ones
  2  a file could not be read, or there is nothing to compare; standard error says why";

const COMPLETIONS_HELP: &str = "\
Examples:
  csr completions bash > ~/.local/share/bash-completion/completions/csr
  csr completions zsh > \"${fpath[1]}/_csr\"
  csr completions fish > ~/.config/fish/completions/csr.fish";

/// The flag that sets a field of the request.
pub(crate) fn flag(field: Field) -> Option<&'static str> {
    Some(match field {
        Field::DomainName => "--domain",
        Field::CommonName => "--common-name",
        Field::Sans => "--san",
        Field::SanEmail => "--san-email",
        Field::SanUri => "--san-uri",
        Field::SanUpn => "--san-upn",
        Field::SanOtherName => "--san-other-name",
        Field::SanDirectoryName => "--san-directory-name",
        Field::Subject => "--subject",
        Field::Country => "--country",
        Field::Province => "--province",
        Field::City => "--city",
        Field::Organization => "--organization",
        Field::OrganizationalUnit => "--organizational-unit",
        Field::EmailAddress => "--email-address",
        Field::ChallengePassword => "--challenge-password-file",
        Field::BasicConstraints => "--path-length",
        Field::Extension => "--extension",
        Field::Attribute => "--attribute",
        Field::Digest => "--digest",
        Field::Pss => "--pss",
        Field::Sm2Identity => "--sm2-id",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory};

    /// `csr` and every command below it.
    fn commands() -> Vec<Command> {
        let mut root = super::Cli::command().term_width(100);
        root.build();
        let (mut commands, mut next) = (vec![root], 0);
        while let Some(command) = commands.get(next) {
            let below: Vec<Command> =
                command.get_subcommands().filter(|below| below.get_name() != "help").cloned().collect();
            commands.extend(below.into_iter().map(|below| below.term_width(100)));
            next += 1;
        }
        assert!(commands.len() > 5);
        commands
    }

    #[test]
    fn command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }

    #[test]
    fn short_help_has_at_most_50_lines_of_100_columns() {
        for mut command in commands() {
            let help = command.render_help().to_string();
            let lines = help.lines().count();
            assert!(lines <= 50, "{}: {lines} lines\n{help}", command.get_name());
            for line in help.lines() {
                assert!(line.chars().count() <= 100, "{}: {line}", command.get_name());
            }
        }
    }

    #[test]
    fn short_help_that_leaves_options_out_points_to_the_long_help() {
        for mut command in commands() {
            if command.get_arguments().any(clap::Arg::is_hide_short_help_set) {
                let help = command.render_help().to_string();
                let last = help.trim_end().rsplit("\n\n").next().unwrap();
                let pointer = format!("`csr {} --help` lists all options", command.get_name());
                assert!(last.contains(&pointer), "{help}");
            }
        }
    }

    #[test]
    fn long_help_names_every_option_and_command() {
        for mut command in commands() {
            let help = command.render_long_help().to_string();
            let flags =
                command.get_arguments().filter_map(|arg| arg.get_long().map(|name| format!("--{name}")));
            let commands = command.get_subcommands().map(|below| below.get_name().to_owned());
            for name in flags.chain(commands).collect::<Vec<_>>() {
                let is_short = |word: &str| word.len() == 2 && word.starts_with('-');
                let is_name = |line: &str| {
                    line.split([' ', ',', '[']).find(|word| !word.is_empty() && !is_short(word))
                        == Some(&name)
                };
                assert!(help.lines().any(is_name), "{}: {name}\n{help}", command.get_name());
            }
        }
    }
}
