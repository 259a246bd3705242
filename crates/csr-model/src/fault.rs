//! What is wrong with a request: typed, naming the field and the entry, all at once.

use core::fmt;

use crate::{Excerpt, limits};

/// The part of a request that a [`Fault`] is about. Prints as the API names it; the order is that in which faults are
/// told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Field {
    /// The whole of a request's body.
    Body,
    /// `name`: the user's own name for the CSR.
    Name,
    /// `domain_name`: the common name and the first SAN.
    DomainName,
    /// `sans`: the further subject alternative names.
    Sans,
    /// `private_key_algo`: the key's algorithm.
    PrivateKeyAlgo,
    /// `usage`: who the certificate is for.
    Usage,
    /// `company_country`: C.
    Country,
    /// `company_province`: ST.
    Province,
    /// `company_city`: L.
    City,
    /// `company_name`: O.
    Organization,
    /// OU; not in the API.
    OrganizationalUnit,
    /// emailAddress; not in the API.
    EmailAddress,
    /// The SM2 identity; not in the API.
    Sm2Identity,
    /// The challenge password; not in the API.
    ChallengePassword,
    /// The basic constraints; not in the API.
    BasicConstraints,
    /// `csr`: an uploaded CSR.
    Csr,
    /// `private_key`: an uploaded private key.
    PrivateKey,
    /// `limit`: a list's page size.
    Limit,
    /// `offset`: where a list's page begins.
    Offset,
    /// A caller's label; not in the API.
    Label,
    /// A caller's rights; not in the API.
    Rights,
}

impl Field {
    /// The field's name in the API, or a name of the same form where the API has none.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Name => "name",
            Self::DomainName => "domain_name",
            Self::Sans => "sans",
            Self::PrivateKeyAlgo => "private_key_algo",
            Self::Usage => "usage",
            Self::Country => "company_country",
            Self::Province => "company_province",
            Self::City => "company_city",
            Self::Organization => "company_name",
            Self::OrganizationalUnit => "organizational_unit",
            Self::EmailAddress => "email_address",
            Self::Sm2Identity => "sm2_identity",
            Self::ChallengePassword => "challenge_password",
            Self::BasicConstraints => "basic_constraints",
            Self::Csr => "csr",
            Self::PrivateKey => "private_key",
            Self::Limit => "limit",
            Self::Offset => "offset",
            Self::Label => "label",
            Self::Rights => "rights",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a value is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// Not a JSON object: what is wrong, and where. Nothing of the body is quoted.
    #[error("must be a JSON object with the request's fields{0}")]
    NotAnObject(String),
    /// JSON of another type than a string: which.
    #[error("must be a string, not {0}")]
    NotAString(&'static str),
    /// A JSON string with half a surrogate pair.
    #[error(r"must not have an escape that stands for no character, such as \ud800 alone")]
    LoneSurrogate,
    /// A field or parameter that is there more than once.
    #[error("must be given once only")]
    GivenTwice,
    /// A query parameter that does not decode.
    #[error("must be UTF-8, percent-encoded")]
    NotUtf8,
    /// None of a closed list: these.
    #[error("is not one of {}", .0.join(", "))]
    NotOneOf(&'static [&'static str]),
    /// A page size that the API does not know.
    #[error("must be 10, 20 or 50")]
    NotAPageSize,
    /// No number of items to skip.
    #[error("must be a whole number from 0")]
    NotAnOffset,
    /// Nothing is there, and something must be.
    #[error("is required")]
    Missing,
    /// A field that an ENTERPRISE request must have.
    #[error("is required when usage is ENTERPRISE")]
    MissingForEnterprise,
    /// Over a limit of RFC 5280 Appendix A, of RFC 2985 or of the API's reference, in characters.
    #[error("has {found} characters, at most {max} are allowed ({rule})")]
    TooLong {
        /// How many characters there are.
        found: usize,
        /// How many there may be.
        max: usize,
        /// The rule's name in its standard.
        rule: &'static str,
    },
    /// A domain over 64 characters in its normalised form (ub-common-name); a SAN may be longer.
    #[error(
        "has {0} characters as a common name, at most 64 are allowed (ub-common-name); a SAN may be longer"
    )]
    CommonNameTooLong(usize),
    /// A C0 or C1 control, NUL among them.
    #[error("contains the control character U+{0:04X}")]
    ControlCharacter(u32),
    /// A bidirectional control, which makes text read other than it is.
    #[error(
        "contains the bidirectional control U+{0:04X}, which makes a text read other than it is: leave it out"
    )]
    BidiControl(u32),
    /// A noncharacter of Unicode, such as U+FFFF, which stands for no text.
    #[error("contains U+{0:04X}, which is no character")]
    Noncharacter(u32),
    /// Nothing but blanks, dots and dashes.
    #[error("says nothing: give a value that can be read, or leave it out")]
    SaysNothing,
    /// Blanks or other invisible characters at an end.
    #[error("begins or ends with blanks or invisible characters: leave them out")]
    Padded,
    /// C is not a country's code.
    #[error("must be a code of two letters from ISO 3166-1, such as CN, GB or US")]
    NotACountryCode,
    /// C is what people write instead of a country's code; this is the code.
    #[error("must be a code of two letters from ISO 3166-1: give {0}")]
    MistakenCountryCode(&'static str),
    /// A DNS name with nothing between two dots.
    #[error("has an empty label")]
    EmptyLabel,
    /// A DNS name that starts with a dot.
    #[error("starts with a dot")]
    LeadingDot,
    /// A DNS name that ends with a dot.
    #[error("ends with a dot")]
    TrailingDot,
    /// A label over 63 octets (RFC 1035 §2.3.4).
    #[error("has a label of {0} octets, at most 63 are allowed")]
    LabelTooLong(usize),
    /// A name over 253 octets (RFC 1035 §2.3.4, as text).
    #[error("has {0} octets as a DNS name, at most 253 are allowed")]
    NameTooLong(usize),
    /// `_` in a DNS name.
    #[error("contains `_`, which host names don't have")]
    Underscore,
    /// A URL where a host belongs; its host, where it has one.
    #[error("is a URL: give the host only{}", as_in(.0))]
    Url(Option<Excerpt>),
    /// A name with its kind in front, as OpenSSL's configuration has it.
    #[error("has `{prefix}` in front: leave that out{}", as_in(.rest))]
    KindInFront {
        /// What stands in front.
        prefix: &'static str,
        /// What follows it.
        rest: Option<Excerpt>,
    },
    /// A name of a kind that is no host and that a request is not made with, with that kind in front.
    #[error("has `{0}` in front, which no host has: give a DNS name or an IP address")]
    OtherKind(&'static str),
    /// An address in brackets, as in a URL.
    #[error("is an address in brackets: leave them out{}", as_in(.0))]
    BracketedAddress(Option<Excerpt>),
    /// An IPv6 address with a zone (RFC 4007 §11).
    #[error("is an address with a zone, which an address in a certificate does not have: leave `%` and the rest out{}", as_in(.0))]
    AddressZone(Option<Excerpt>),
    /// A network instead of an address.
    #[error("is a network: give each address by itself, without `/` and the rest")]
    Network,
    /// A host with a port.
    #[error("has a port, which a name in a certificate does not have: give the host only{}", as_in(.0))]
    Port(Option<Excerpt>),
    /// Several names in one.
    #[error("has several names: give each by itself")]
    SeveralNames,
    /// Quotes around a name.
    #[error("has quotes around it: leave them out{}", as_in(.0))]
    Quoted(Option<Excerpt>),
    /// Blanks around a name.
    #[error("has blanks around it: leave them out{}", as_in(.0))]
    BlanksAround(Option<Excerpt>),
    /// Some other character that host names don't have.
    #[error("contains {0:?}, which host names don't have")]
    ForbiddenCharacter(char),
    /// A label that starts or ends with `-`.
    #[error("has a label that starts or ends with `-`")]
    HyphenAtEdge,
    /// `*` that is not the whole leftmost label.
    #[error("may have `*` only once, as the whole leftmost label")]
    MisplacedWildcard,
    /// `*.tld`.
    #[error("is a wildcard over a whole top-level domain")]
    WildcardTopLevel,
    /// A name that ends in a number is an IPv4 address, and this one is not well-formed.
    #[error("ends in a number but is not an IPv4 address")]
    BadIpv4,
    /// An `xn--` label that does not decode, or whose decoded form encodes to another label.
    #[error("has the label {0}, which is not valid Punycode of a valid name (UTS 46)")]
    BadALabel(Excerpt),
    /// A name with other than ASCII letters that UTS 46 does not allow.
    #[error("is not a valid internationalised name (UTS 46, non-transitional)")]
    BadUnicodeName,
    /// Not a mailbox of RFC 5321 that an rfc822Name (IA5String) can hold.
    #[error("is not a mail address of ASCII characters, local-part@domain")]
    BadEmail,
    /// A mail address that ends in its `@`.
    #[error("has no domain after the `@`")]
    EmailWithoutDomain,
    /// A mail address at a host's address instead of a name.
    #[error("has an IP address after the `@`, where an rfc822Name has a domain name")]
    EmailAtAddress,
    /// A mail address whose domain is no DNS name.
    #[error("has a domain that {0}")]
    EmailDomain(Box<Reason>),
    /// Not an absolute URI (RFC 3986; RFC 5280 §4.2.1.6).
    #[error("is not an absolute URI: {0}")]
    BadUri(&'static str),
    /// A URI whose host is neither a DNS name nor an IP address (RFC 5280 §4.2.1.6).
    #[error("has a host that {0}")]
    UriHost(Box<Reason>),
    /// A wildcard as the host of a URI.
    #[error("has a wildcard, which the host of a URI does not have")]
    WildcardInUri,
    /// A path length where no CA is asked for (RFC 5280 §4.2.1.9).
    #[error("has a path length without being a CA")]
    PathLengthWithoutCa,
    /// An SM2 identity too long for its 16-bit length in bits.
    #[error("has {0} octets, at most 8191 are allowed")]
    Sm2IdentityTooLong(usize),
}

/// What to give instead, where it is known.
fn as_in(instead: &Option<Excerpt>) -> String {
    instead.as_ref().and_then(Excerpt::as_str).map_or_else(String::new, |instead| format!(", `{instead}`"))
}

/// One thing wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// Where.
    pub field: Field,
    /// Which entry, counted from 0 as the entries were given; `None` where the field holds one value.
    pub index: Option<usize>,
    /// The text that is refused, as far as it may be shown; `None` where there is none, or where it is a secret.
    pub text: Option<Excerpt>,
    /// Why.
    pub reason: Reason,
}

impl Fault {
    /// A fault of a field that holds one value. An empty text is none.
    #[must_use]
    pub fn new(field: Field, text: &str, reason: Reason) -> Self {
        let text = (!text.is_empty()).then(|| Excerpt::of(text));
        Self { field, index: None, text, reason }
    }

    /// The fault of a text with a control character, which logs, terminals and PostgreSQL must not get.
    #[must_use]
    pub fn of_controls(field: Field, text: &str) -> Option<Self> {
        let found = text.chars().find(|c| c.is_control())?;
        Some(Self::new(field, "", Reason::ControlCharacter(u32::from(found))))
    }

    /// The same of one entry of the field, counted from 0.
    #[must_use]
    pub fn at(self, index: usize) -> Self {
        Self { index: Some(index), ..self }
    }

    /// The refused text and why, without where: for whoever calls the field by another name.
    #[must_use]
    pub fn message(&self) -> String {
        match &self.text {
            Some(text) => format!("{text} {}", self.reason),
            None => self.reason.to_string(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.field)?;
        if let Some(index) = self.index {
            write!(f, "[{index}]")?;
        }
        write!(f, ": {}", self.message())
    }
}

/// Everything wrong with a request, in the order of the fields. Never empty.
///
/// ```
/// use csr_model::CreateCsrDraft;
///
/// let draft = CreateCsrDraft::from_json(br#"{"name": ["web"], "domain_name": "a.example", "usage": "HOME"}"#)?;
/// let faults = draft.into_request().unwrap_err();
/// for fault in &faults {
///     eprintln!("{fault}"); // name: must be a string, not a list
/// }
/// assert_eq!(faults.iter().count(), 3);
/// # Ok::<(), csr_model::Faults>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Refuses a request that has faults; sorts them by field.
    ///
    /// # Errors
    ///
    /// The faults that were found, if any were.
    pub fn check(found: Vec<Fault>) -> Result<(), Self> {
        if found.is_empty() { Ok(()) } else { Err(Self::sorted(found)) }
    }

    /// Of faults of which there is at least one.
    pub(crate) fn sorted(mut found: Vec<Fault>) -> Self {
        found.sort_by_key(|fault| fault.field);
        Self(found)
    }

    /// The faults.
    #[must_use]
    pub fn as_slice(&self) -> &[Fault] {
        &self.0
    }

    /// The faults, one after the other.
    pub fn iter(&self) -> core::slice::Iter<'_, Fault> {
        self.0.iter()
    }

    /// One text per field with all its faults: a message that must be short has room for a part of each.
    #[must_use]
    pub fn by_field(&self) -> Vec<String> {
        let of_one_field = self.0.chunk_by(|a, b| a.field == b.field);
        of_one_field.map(joined).collect()
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

impl IntoIterator for Faults {
    type Item = Fault;
    type IntoIter = std::vec::IntoIter<Fault>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Faults {
    type Item = &'a Fault;
    type IntoIter = core::slice::Iter<'a, Fault>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&joined(&self.0))
    }
}

impl core::error::Error for Faults {}

fn joined(faults: &[Fault]) -> String {
    let texts: Vec<_> = faults.iter().map(Fault::to_string).collect();
    texts.join("; ")
}

/// Adds what is found later, but for fields that are faulty already: nobody is told twice of one.
pub(crate) fn add_of_other_fields(faults: &mut Vec<Fault>, found: impl IntoIterator<Item = Fault>) {
    let is_new = |fault: &Fault| faults.iter().all(|earlier| earlier.field != fault.field);
    let new: Vec<_> = found.into_iter().filter(is_new).collect();
    faults.extend(new);
}

/// What the API's reference says of a field's length, in characters.
pub(crate) fn length(field: Field, text: &str, required: bool, max: usize) -> Option<Fault> {
    let found = text.chars().count();
    if required && found == 0 {
        Some(Fault::new(field, "", Reason::Missing))
    } else if found > max {
        Some(Fault::new(field, "", Reason::TooLong { found, max, rule: "the API's limit" }))
    } else {
        None
    }
}

/// What is wrong with the user's own name for a CSR.
pub(crate) fn name(name: &str) -> impl Iterator<Item = Fault> {
    length(Field::Name, name, true, limits::NAME).into_iter().chain(Fault::of_controls(Field::Name, name))
}
