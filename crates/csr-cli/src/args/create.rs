use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use csr_core::{Digest, ExtendedKeyUsage, KeyFormat, KeyUsage, PrivateKeyAlgo, Usage};

use super::names;

#[derive(Args)]
#[command(
    after_help = SHORT_AFTER_HELP,
    after_long_help = AFTER_HELP,
    override_usage = USAGE
)]
#[group(skip)]
pub(crate) struct CreateArgs {
    #[command(flatten)]
    pub(crate) names: Names,
    #[command(flatten)]
    pub(crate) content: Content,
    /// Take everything from a JSON request of the cloud's CSR API; `-` reads standard input
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        conflicts_with_all = ["Names", "Content"],
        help_heading = "What goes into the CSR"
    )]
    pub(crate) request: Option<PathBuf>,
    /// Complete an ENTERPRISE CSR from the table `organization` of this TOML file
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

    /// Generate a key of this algorithm [default: EC_P256; with --from, that of the old key]
    #[arg(
        short,
        long,
        value_name = "NAME",
        value_parser = names::algorithm(),
        ignore_case = true,
        conflicts_with_all = ["request", "key"],
        help_heading = "The key"
    )]
    pub(crate) algorithm: Option<PrivateKeyAlgo>,
    /// Use this private key instead of generating one; `-` reads standard input
    ///
    /// PKCS#8, PKCS#1 or SEC1, in PEM or DER, encrypted or not.
    #[arg(
        short,
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        group = "locked",
        help_heading = "The key"
    )]
    pub(crate) key: Option<PathBuf>,
    /// Write the key in this format: pkcs1 is for RSA, sec1 for the curves
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "pkcs8",
        conflicts_with = "key",
        hide_short_help = true,
        help_heading = "The key"
    )]
    pub(crate) key_format: KeyFormatName,
    /// Encrypt the key under a pass phrase, which the command asks for
    ///
    /// The key is written as PKCS#8, encrypted with PBKDF2 and AES-256. --passphrase-file and --passphrase-env
    /// give the pass phrase without a question.
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
        conflicts_with = "request",
        hide_short_help = true,
        help_heading = "The key"
    )]
    pub(crate) digest: Option<Digest>,
    /// Sign with RSASSA-PSS (RFC 4055) instead of PKCS#1 v1.5, for RSA keys
    ///
    /// The mask (MGF1) uses the same hash function, and the salt is as long as the hash. The CSR holds the key as an
    /// ordinary RSA key.
    #[arg(long, conflicts_with = "request", hide_short_help = true, help_heading = "The key")]
    pub(crate) pss: bool,

    /// Write the files to this folder
    #[arg(
        short,
        long,
        value_name = "DIR",
        value_hint = ValueHint::DirPath,
        default_value = ".",
        help_heading = "Where it goes"
    )]
    pub(crate) out: PathBuf,
    /// Write NAME.csr and NAME.key [default: domain, common name or request's name]
    #[arg(short, long, value_name = "NAME", help_heading = "Where it goes")]
    pub(crate) name: Option<String>,
    /// Replace existing files
    #[arg(short, long, help_heading = "Where it goes")]
    pub(crate) force: bool,
    /// Write DER instead of PEM
    #[arg(long, conflicts_with = "stdout", hide_short_help = true, help_heading = "Where it goes")]
    pub(crate) der: bool,
    /// Print the key and the CSR instead of writing files
    ///
    /// The summary then goes to standard error.
    #[arg(long, conflicts_with_all = ["out", "name", "force"], help_heading = "Where it goes")]
    pub(crate) stdout: bool,
    /// Print the summary as JSON; with --stdout it holds the key and the CSR
    #[arg(long, help_heading = "Where it goes")]
    pub(crate) json: bool,
}

/// The algorithm of a new key that nothing else decides.
pub(crate) const DEFAULT_ALGORITHM: PrivateKeyAlgo = PrivateKeyAlgo::EcP256;

/// The hosts that positional arguments name.
#[derive(Args)]
#[group(multiple = true)]
pub(crate) struct Names {
    /// Name the host that the certificate is for, such as example.com
    ///
    /// The CSR holds it as first alternative name, and as common name if it is a DNS name of at most 64 characters. It is a
    /// DNS name, with `*.` in front for a wildcard, or an IP address. Internationalised names may be written as they are.
    #[arg(value_name = "DOMAIN", value_hint = ValueHint::Hostname)]
    pub(crate) first: Option<String>,
    /// Add more DNS names and IP addresses as alternative names (SAN)
    #[arg(value_name = "SAN", value_hint = ValueHint::Hostname)]
    pub(crate) further: Vec<String>,
}

/// The content of the CSR, as flags give it.
#[derive(Args, Clone)]
#[group(multiple = true)]
#[command(next_help_heading = "What goes into the CSR")]
pub(crate) struct Content {
    /// Give DOMAIN by a flag instead
    #[arg(short, long, value_name = "NAME")]
    pub(crate) domain: Option<String>,
    /// Take over what this CSR or certificate holds, for a new key: subject, names, key usages and more
    ///
    /// The file may be PEM or DER; of a chain, the first certificate counts; `-` reads standard input. --san and the like add
    /// names, and DOMAIN becomes the common name, too. Other options replace what they are about, and --subject the
    /// whole subject. What is not taken over, such as what the issuer sets, is noted.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) from: Option<PathBuf>,
    /// Set the common name (CN) to any text, such as the name of a device, a person or a CA [default: the domain; without
    /// one and without --subject, the first DNS name of --san]
    #[arg(long, value_name = "TEXT", hide_short_help = true)]
    pub(crate) common_name: Option<String>,
    /// Leave the common name out
    #[arg(long, conflicts_with = "common_name", hide_short_help = true)]
    pub(crate) no_common_name: bool,
    /// Add another DNS name or IP address; repeat the flag, or separate names by commas
    #[arg(short, long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) san: Vec<String>,
    /// Add a mail address as an alternative name; repeat the flag for more
    #[arg(long, value_name = "ADDRESS", hide_short_help = true)]
    pub(crate) san_email: Vec<String>,
    /// Add a URI as an alternative name; repeat the flag for more
    #[arg(long, value_name = "URI", hide_short_help = true)]
    pub(crate) san_uri: Vec<String>,
    /// Add a user principal name of Active Directory, such as user@example.com, as an alternative name
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub(crate) san_upn: Vec<String>,
    /// Add an alternative name of any other type (otherName): its object identifier and its value
    ///
    /// The value is TYPE:VALUE as for --extension: `--san-other-name 1.3.6.1.5.5.7.8.5=utf8:me@example.com`.
    #[arg(long, value_name = "OID=TYPE:VALUE", hide_short_help = true)]
    pub(crate) san_other_name: Vec<String>,
    /// Add a distinguished name as an alternative name, as RFC 4514 writes it: 'CN=Example,O=Example Ltd,C=GB'
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub(crate) san_directory_name: Vec<String>,
    /// Add an object identifier as an alternative name (registeredID)
    #[arg(long, value_name = "OID", hide_short_help = true)]
    pub(crate) san_registered_id: Vec<String>,
    /// Take host names with underscores, which public CAs refuse
    #[arg(long, hide_short_help = true)]
    pub(crate) allow_underscore: bool,
    /// Say who the certificate is for; ENTERPRISE needs the four fields that follow
    #[arg(long, value_parser = names::usage(), ignore_case = true, default_value = "PERSONAL")]
    pub(crate) usage: Usage,
    /// Set the country (C) by its two letters of ISO 3166-1, such as CN, GB or US
    #[arg(long, value_name = "CC")]
    pub(crate) country: Option<String>,
    /// Set the province or state (ST)
    #[arg(long, value_name = "TEXT")]
    pub(crate) province: Option<String>,
    /// Set the city (L)
    #[arg(long, value_name = "TEXT")]
    pub(crate) city: Option<String>,
    /// Set the name of the company or organization (O)
    #[arg(long, value_name = "TEXT")]
    pub(crate) organization: Option<String>,
    /// Set the department (OU); repeat the flag for more
    #[arg(long, value_name = "TEXT", hide_short_help = true)]
    pub(crate) organizational_unit: Vec<String>,
    /// Add an attribute of the subject, such as serialNumber=A-7; repeat the flag, in the order that the subject shall have
    ///
    /// TYPE is an object identifier or a short name: CN, C, ST, L, O, OU, serialNumber, UID, DC, street, postalCode,
    /// givenName, surname, title, pseudonym, dnQualifier, organizationIdentifier, businessCategory, emailAddress and
    /// others. All that follows the first `=` is the value. `+TYPE=VALUE` joins the attribute before it in one relative
    /// name.
    #[arg(long, value_name = "TYPE=VALUE", hide_short_help = true)]
    pub(crate) subject: Vec<String>,
    /// Put a mail address into the subject (emailAddress); --san-email is today's place for it
    #[arg(long, value_name = "ADDRESS", hide_short_help = true)]
    pub(crate) email_address: Option<String>,
    /// Ask for key usages, separated by commas
    #[arg(
        long,
        value_name = "A,B",
        value_delimiter = ',',
        value_parser = names::key_usage(),
        ignore_case = true,
        hide_short_help = true
    )]
    pub(crate) key_usage: Vec<KeyUsage>,
    /// Ask for extended key usages, separated by commas
    ///
    /// serverAuth, clientAuth, codeSigning, emailProtection, timeStamping, OCSPSigning, or an object identifier
    /// such as 1.3.6.1.4.1.311.20.2.2.
    #[arg(
        long,
        value_name = "A,B",
        value_delimiter = ',',
        value_parser = names::extended_key_usage,
        hide_short_help = true
    )]
    pub(crate) extended_key_usage: Vec<ExtendedKeyUsage>,
    /// Ask for the certificate of a certificate authority (CA)
    #[arg(long, hide_short_help = true)]
    pub(crate) ca: bool,
    /// Limit how many CAs may follow below this one
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub(crate) path_length: Option<u8>,
    /// Ask for a certificate that servers must staple an OCSP response to (status_request)
    #[arg(long, hide_short_help = true)]
    pub(crate) must_staple: bool,
    /// Ask for any other extension, such as 1.2.3.4=critical,utf8:text; repeat the flag for more
    ///
    /// TYPE is utf8, printable, ia5 or bmp for a string, integer, boolean, oid, null, or, for a whole value in DER, hex,
    /// base64 or file.
    #[arg(long, value_name = "OID=[critical,]TYPE:VALUE", hide_short_help = true)]
    pub(crate) extension: Vec<String>,
    /// Add any other attribute to the CSR; repeat the flag for more
    ///
    /// TYPE is as for --extension.
    #[arg(long, value_name = "OID=TYPE:VALUE", hide_short_help = true)]
    pub(crate) attribute: Vec<String>,
    /// Add the first line of this file as challenge password, which anyone who sees the CSR can read
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, hide_short_help = true)]
    pub(crate) challenge_password_file: Option<PathBuf>,
    /// Bind an SM2 signature to this identity [default: 1234567812345678]
    #[arg(long, value_name = "TEXT", hide_short_help = true)]
    pub(crate) sm2_id: Option<String>,
}

impl Content {
    /// Whether something says what the certificate is for.
    pub(crate) fn names_something(&self) -> bool {
        let texts = [&self.domain, &self.common_name];
        let lists = [
            &self.san,
            &self.san_email,
            &self.san_uri,
            &self.san_upn,
            &self.san_other_name,
            &self.san_directory_name,
            &self.san_registered_id,
            &self.subject,
        ];
        self.from.is_some()
            || texts.iter().any(|text| text.is_some())
            || lists.iter().any(|list| !list.is_empty())
    }

    /// Whether something may give the CSR a common name, once it has no fault.
    pub(crate) fn may_have_common_name(&self) -> bool {
        self.from.is_some() || self.common_name.is_some() || !self.san.is_empty() || !self.subject.is_empty()
    }
}

impl CreateArgs {
    /// Whether something says what the certificate is for.
    pub(crate) fn names_something(&self) -> bool {
        self.names.first.is_some() || self.content.names_something()
    }

    /// The domain, under the name of the argument that gives it.
    pub(crate) fn domain(&self) -> Option<(&'static str, &str)> {
        let flag = self.content.domain.as_deref().map(|domain| ("--domain", domain));
        self.names.first.as_deref().map(|domain| ("DOMAIN", domain)).or(flag)
    }
}

/// Where the pass phrase comes from; without either flag the command asks for it.
#[derive(Args)]
#[group(skip)]
#[command(next_help_heading = "The key")]
pub(crate) struct Passphrase {
    /// Read the pass phrase for --encrypt or --key from the first line of this file
    #[arg(
        long = "passphrase-file",
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        requires = "locked",
        hide_short_help = true
    )]
    pub(crate) file: Option<PathBuf>,
    /// Read the pass phrase for --encrypt or --key from this environment variable
    #[arg(
        long = "passphrase-env",
        value_name = "VAR",
        conflicts_with = "file",
        requires = "locked",
        hide_short_help = true
    )]
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

const USAGE: &str = "csr create <DOMAIN> [SAN]... [OPTIONS]
       csr create --from <FILE> [OPTIONS]
       csr create --request <FILE> [OPTIONS]
       csr create [OPTIONS]  (asks for the rest on a terminal)";

const SHORT_AFTER_HELP: &str = "\
Examples:
  csr create example.com www.example.com 192.0.2.7
  csr create www.example.com --key example.com.key
  csr create --request request.json --out keys

`csr create --help` lists all options, with more examples, the JSON fields and the exit status.";

const AFTER_HELP: &str = "\
Examples:
  Make a key and a CSR for a web server (example.com.key, example.com.csr):
    csr create example.com www.example.com 192.0.2.7

  For a company, with RSA, and the key encrypted under a pass phrase:
    csr create '*.example.com' --algorithm RSA_3072 --encrypt --usage ENTERPRISE \\
      --country CN --province Beijing --city Beijing --organization 'Example, Inc.'

  For a company whose address stands in a settings file:
    csr create shop.example.com --usage ENTERPRISE --config csr.toml

  From a JSON request of the CSR API, into an existing folder:
    csr create --request request.json --out keys

  For a key that you already have:
    csr create www.example.com --key example.com.key

  For another program, without files:
    csr create example.com --stdout --json | jq -r .csr

Files: only you can read NAME.key. Existing files are kept unless you pass --force. A failure leaves
neither file behind. In NAME, `wildcard` replaces a wildcard's `*`.

Organization profile: country, province, city and organization of an ENTERPRISE CSR come from the
flag or the request; else from the variable (CSR_COUNTRY and so on); else from --config. The summary
says which came from a variable or the file. A PERSONAL CSR takes none of them.

Pass phrases are never taken from the command line, where other users could read them.

JSON fields: those of `csr inspect --json`, and
  profile {country, province, city, organization}  what the organization profile gave, each with
                    its place: {variable} or {file}
  notes             what standard error notes
  files {csr, key}  the paths; null if no file was written
  key {algorithm, format: pkcs8 | pkcs1 | sec1, encrypted}  the new key; null with --key
  encoding          pem | der
  csr, private_key  the PEM, with --stdout only
After a refusal they are
  error {faults [{flag | argument | field | variable, index, message}]}

Exit status:
  0  done
  2  refused or failed: standard error gives one line for each fault, and no file was written";
