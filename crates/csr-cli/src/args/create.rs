use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use csr_core::{ExtendedKeyUsage, KeyFormat, KeyUsage, PrivateKeyAlgo, Usage};

use super::names;

#[derive(Args)]
#[command(after_help = AFTER_HELP, override_usage = USAGE, arg_required_else_help = true)]
#[group(skip)]
pub(crate) struct CreateArgs {
    #[command(flatten)]
    pub(crate) content: Content,
    /// Take everything from a request of the cloud's CSR API, as JSON; `-` for standard input
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        conflicts_with = "Content",
        help_heading = "What goes into the CSR"
    )]
    pub(crate) request: Option<PathBuf>,

    /// The algorithm of the key to generate
    #[arg(
        long,
        value_name = "NAME",
        value_parser = names::algorithm(),
        ignore_case = true,
        default_value = "EC_P256",
        conflicts_with_all = ["request", "key"],
        help_heading = "The key"
    )]
    pub(crate) algorithm: PrivateKeyAlgo,
    /// Make the CSR for this private key instead of a new one: PKCS#8, PKCS#1 or SEC1, PEM or DER, encrypted or
    /// not; `-` for standard input
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        group = "locked",
        help_heading = "The key"
    )]
    pub(crate) key: Option<PathBuf>,
    /// How to write the key: pkcs1 is for RSA, sec1 for the curves
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "pkcs8",
        conflicts_with = "key",
        help_heading = "The key"
    )]
    pub(crate) key_format: KeyFormatName,
    /// Encrypt the key (PKCS#8 with PBKDF2 and AES-256), asking for a pass phrase
    #[arg(long, group = "locked", help_heading = "The key")]
    pub(crate) encrypt: bool,
    #[command(flatten)]
    pub(crate) passphrase: Passphrase,

    /// The folder to write to
    #[arg(
        long,
        value_name = "DIR",
        value_hint = ValueHint::DirPath,
        default_value = ".",
        help_heading = "Where it goes"
    )]
    pub(crate) out: PathBuf,
    /// Write NAME.csr and NAME.key [default: the domain, or the request's name]
    #[arg(long, value_name = "NAME", help_heading = "Where it goes")]
    pub(crate) name: Option<String>,
    /// Replace files that are there
    #[arg(long, help_heading = "Where it goes")]
    pub(crate) force: bool,
    /// Write DER instead of PEM
    #[arg(long, conflicts_with = "stdout", help_heading = "Where it goes")]
    pub(crate) der: bool,
    /// Write no files: print the key and the CSR, the summary goes to standard error
    #[arg(long, conflicts_with_all = ["out", "name", "force"], help_heading = "Where it goes")]
    pub(crate) stdout: bool,
    /// Print the summary as JSON; with --stdout it holds the key and the CSR
    #[arg(long, help_heading = "Where it goes")]
    pub(crate) json: bool,
}

/// What goes into the CSR, said by flags.
#[derive(Args)]
#[group(multiple = true)]
#[command(next_help_heading = "What goes into the CSR")]
pub(crate) struct Content {
    /// The domain: common name and first alternative name. A DNS name, `*.` in front for a wildcard,
    /// internationalised names as they are; or an IP address
    #[arg(long, value_name = "NAME", required_unless_present_any = ["request", "san", "san_email", "san_uri"])]
    pub(crate) domain: Option<String>,
    /// A further DNS name or IP address; repeat it, or separate by commas
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) san: Vec<String>,
    /// A mail address as alternative name; repeat it for more
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) san_email: Vec<String>,
    /// A URI as alternative name; repeat it for more
    #[arg(long, value_name = "URI")]
    pub(crate) san_uri: Vec<String>,
    /// Who the certificate is for: ENTERPRISE requires country, province, city and organization
    #[arg(long, value_parser = names::usage(), ignore_case = true, default_value = "PERSONAL")]
    pub(crate) usage: Usage,
    /// C: a code of two letters from ISO 3166-1, such as CN, GB or US
    #[arg(long, value_name = "CC")]
    pub(crate) country: Option<String>,
    /// ST
    #[arg(long, value_name = "TEXT")]
    pub(crate) province: Option<String>,
    /// L
    #[arg(long, value_name = "TEXT")]
    pub(crate) city: Option<String>,
    /// O
    #[arg(long, value_name = "TEXT")]
    pub(crate) organization: Option<String>,
    /// OU
    #[arg(long, value_name = "TEXT")]
    pub(crate) organizational_unit: Option<String>,
    /// The subject's emailAddress; --san-email is where it belongs today
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) email_address: Option<String>,
    /// Ask for key usages, separated by commas
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = names::key_usage(), ignore_case = true)]
    pub(crate) key_usage: Vec<KeyUsage>,
    /// Ask for extended key usages, separated by commas: serverAuth, clientAuth, codeSigning, emailProtection,
    /// timeStamping, OCSPSigning, or an object identifier such as 1.3.6.1.4.1.311.20.2.2
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = names::extended_key_usage)]
    pub(crate) extended_key_usage: Vec<ExtendedKeyUsage>,
    /// Ask for a CA certificate
    #[arg(long)]
    pub(crate) ca: bool,
    /// How many CAs may follow below this one
    #[arg(long, value_name = "N")]
    pub(crate) path_length: Option<u8>,
    /// Ask for the TLS feature status_request, `must staple`
    #[arg(long)]
    pub(crate) must_staple: bool,
    /// Add the first line of this file as challenge password, readable by anyone who sees the CSR
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) challenge_password_file: Option<PathBuf>,
    /// The identity that an SM2 signature binds [default: 1234567812345678]
    #[arg(long, value_name = "TEXT")]
    pub(crate) sm2_id: Option<String>,
}

/// Where the pass phrase comes from; asked for where none of these says so.
#[derive(Args)]
#[group(skip)]
#[command(next_help_heading = "The key")]
pub(crate) struct Passphrase {
    /// Read the pass phrase for --encrypt or --key from the first line of this file
    #[arg(long = "passphrase-file", value_name = "FILE", value_hint = ValueHint::FilePath, requires = "locked")]
    pub(crate) file: Option<PathBuf>,
    /// Read the pass phrase for --encrypt or --key from this environment variable
    #[arg(long = "passphrase-env", value_name = "VAR", conflicts_with = "file", requires = "locked")]
    pub(crate) env: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyFormatName {
    Pkcs8,
    Pkcs1,
    Sec1,
}

impl KeyFormatName {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pkcs8 => "pkcs8",
            Self::Pkcs1 => "pkcs1",
            Self::Sec1 => "sec1",
        }
    }
}

impl Passphrase {
    /// The flag that says where it comes from; `None` where the user must be asked.
    pub(crate) fn flag(&self) -> Option<&'static str> {
        let file = self.file.as_ref().map(|_| "--passphrase-file");
        file.or(self.env.as_ref().map(|_| "--passphrase-env"))
    }
}

impl From<KeyFormatName> for KeyFormat {
    fn from(name: KeyFormatName) -> Self {
        match name {
            KeyFormatName::Pkcs8 => Self::Pkcs8,
            KeyFormatName::Pkcs1 => Self::Pkcs1,
            KeyFormatName::Sec1 => Self::Sec1,
        }
    }
}

const USAGE: &str = "csr create --domain <NAME> [OPTIONS]
       csr create --request <FILE> [OPTIONS]";

const AFTER_HELP: &str = "\
Examples:
  A key and a CSR for a web server (example.com.key, example.com.csr):
    csr create --domain example.com --san www.example.com,192.0.2.7

  For a company, RSA, the key encrypted under a pass phrase that you are asked for:
    csr create --domain '*.example.com' --algorithm RSA_3072 --encrypt --usage ENTERPRISE \\
      --country CN --province Beijing --city Beijing --organization 'Example, Inc.'

  From the JSON of a CSR API request, files into a folder that is there:
    csr create --request request.json --out keys

  For the key that you have:
    csr create --domain www.example.com --key example.com.key

  Into other programs, without files:
    csr create --domain example.com --stdout --json | jq -r .csr

Files: NAME.key is created readable by you only, files that are there are kept unless --force, and
on failure neither file is left behind. A wildcard's `*` becomes `wildcard` in NAME.

Pass phrases are never taken from the command line, where other users could read them.

JSON fields: those of `csr inspect --json`, and
  files {csr, key}  the paths; null where no file was written
  key {algorithm, format: pkcs8 | pkcs1 | sec1, encrypted}  the new key; null with --key
  encoding          pem | der
  csr, private_key  the PEM, with --stdout only

Exit status:
  0  done
  2  refused or failed; standard error says why, a line for every fault, and no file was written";
