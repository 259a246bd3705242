//! The command line.

mod create;
mod names;
#[cfg(feature = "serve")]
mod service;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use csr_core::Field;

pub(crate) use create::{Content, CreateArgs, KeyFormatName, Passphrase};
#[cfg(feature = "serve")]
pub(crate) use service::{
    AccessCommand, KeyCommand, ListenAddress, LogFormat, MasterKeyCommand, ServeArgs, StoreArgs,
};

/// Private keys and certificate signing requests (PKCS#10), made and read on your own machine
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

/// The line of the examples and the sentence that only a command with a server has.
#[cfg(feature = "serve")]
const SERVER: [&str; 2] = ["  csr serve\n", ", but to\nthose that `csr access` lets read them"];
#[cfg(not(feature = "serve"))]
const SERVER: [&str; 2] = ["", ""];

fn after_help() -> String {
    let [example, readers] = SERVER;
    format!(
        "\
Examples:
  csr create --domain example.com --san www.example.com
  csr inspect example.com.csr
  csr verify example.com.csr
{example}
Exit status:
  0  done; for `verify`: the signature holds
  1  `verify` only: the signature does not hold
  2  refused or failed; standard error says why, a line for every fault

`csr help COMMAND` explains a command. Private keys never leave this machine{readers}."
    )
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make a private key and a CSR for it, or a CSR for a key that you have
    Create(Box<CreateArgs>),
    /// Show what a CSR holds, ours or anyone's
    #[command(after_help = INSPECT_HELP)]
    Inspect(ReadArgs),
    /// Check that a CSR's signature holds
    #[command(after_help = VERIFY_HELP)]
    Verify(ReadArgs),
    /// Serve the cloud's CSR API from this machine: its SDKs, Terraform and curl work unchanged
    #[cfg(feature = "serve")]
    Serve(Box<ServeArgs>),
    /// Make, list and revoke the tokens and access keys that the server's callers use
    #[cfg(feature = "serve")]
    #[command(subcommand)]
    Access(AccessCommand),
    /// Take a private key out of the server's store
    #[cfg(feature = "serve")]
    #[command(subcommand)]
    Key(KeyCommand),
    /// Change the key that seals the private keys in the server's store
    #[cfg(feature = "serve")]
    #[command(subcommand)]
    MasterKey(MasterKeyCommand),
    /// Print the completions for a shell
    #[command(after_help = COMPLETIONS_HELP)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write those of all commands to a folder
    Man {
        /// Write csr.1, csr-create.1 and so on there, instead of printing csr.1
        #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
        out: Option<PathBuf>,
    },
}

#[derive(Args)]
pub(crate) struct ReadArgs {
    /// The CSR, PEM or DER; `-` for standard input
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// The identity that an SM2 signature must hold with, no other is tried [default: 1234567812345678, then
    /// the empty one]
    #[arg(long, value_name = "TEXT")]
    pub(crate) sm2_id: Option<String>,
}

const INSPECT_HELP: &str = "\
Examples:
  csr inspect example.com.csr
  csr inspect - < example.com.csr
  csr inspect --json example.com.csr | jq -r '.sans[].value'

JSON fields: subject {one_line, attributes [{oid, name, value, string_type, rdn}]}, sans [{type,
value}], extensions [{oid, name, critical, value {type, value}}], attributes [{oid, name, values}],
malformed [{part, reason, hex}], public_key {algorithm, oid, bits, sha256}, signature_algorithm
{oid, name}, sha256, warnings [{code, message, count}], signature {status: valid | invalid |
unsupported, sm2_identity (the one that matched), holds_with (with --sm2-id: another one that would
match), algorithm (the one that is not supported)}. A value is {text}, {hex}, or {long {bytes,
sha256}} above 4,096 bytes, or has the fields of its type. Attributes of the same rdn are one
multi-valued name. subject, sans, extensions and attributes have at most 20,000 entries each, and at
most 1,000 malformed ones are shown; a warning counts the others. A list inside an extension, such
as its key purposes, is shown whole.

Exit status:
  0  the CSR was read, whether its signature holds or not
  2  it was not; standard error says why";

const VERIFY_HELP: &str = "\
Examples:
  csr verify example.com.csr
  csr verify --sm2-id alice@example.com sm2.csr
  csr verify --json - < example.com.csr

JSON fields: status (valid | invalid | unsupported), sm2_identity (the one that matched), holds_with
(with --sm2-id: another one that would match), algorithm (the one that is not supported),
signature_algorithm, public_key_sha256.

Exit status:
  0  the signature holds
  1  it does not
  2  it cannot be told: no such file, not a CSR, an algorithm that is not supported; standard error
     says which";

const COMPLETIONS_HELP: &str = "\
Examples:
  csr completions bash > ~/.local/share/bash-completion/completions/csr
  csr completions zsh > \"${fpath[1]}/_csr\"
  csr completions fish > ~/.config/fish/completions/csr.fish";

/// The flag that gives a field of the request.
pub(crate) fn flag(field: Field) -> Option<&'static str> {
    Some(match field {
        Field::DomainName => "--domain",
        Field::Sans => "--san",
        Field::Country => "--country",
        Field::Province => "--province",
        Field::City => "--city",
        Field::Organization => "--organization",
        Field::OrganizationalUnit => "--organizational-unit",
        Field::EmailAddress => "--email-address",
        Field::ChallengePassword => "--challenge-password-file",
        Field::BasicConstraints => "--path-length",
        Field::Sm2Identity => "--sm2-id",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
