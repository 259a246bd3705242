//! Faults of a request: each names its field, the refused entry and the reason, and all are reported together.

use core::fmt;

use crate::{Excerpt, limits};

/// The part of a request that a [`Fault`] is about. Displays the API's name; faults are sorted in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Field {
    /// The whole of a request's body.
    Body,
    /// `name`: the user's own name for the CSR.
    Name,
    /// `domain_name`: the common name and the first SAN.
    DomainName,
    /// CN where it is not the domain; not in the API.
    CommonName,
    /// `sans`: the further subject alternative names.
    Sans,
    /// Mail addresses among the subject alternative names; not in the API. So are the other kinds of names that follow.
    SanEmail,
    /// URIs among the subject alternative names.
    SanUri,
    /// User principal names among the subject alternative names.
    SanUpn,
    /// Values of `otherName` among the subject alternative names.
    SanOtherName,
    /// Directory names among the subject alternative names.
    SanDirectoryName,
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
    /// An attribute of the subject, by its type; not in the API.
    Subject,
    /// emailAddress; not in the API.
    EmailAddress,
    /// The hash function of the signature; not in the API.
    Digest,
    /// Whether an RSA signature is RSASSA-PSS; not in the API.
    Pss,
    /// The SM2 identity; not in the API.
    Sm2Identity,
    /// The challenge password; not in the API.
    ChallengePassword,
    /// The basic constraints; not in the API.
    BasicConstraints,
    /// A requested extension, by its identifier; not in the API.
    Extension,
    /// An attribute of the CSR, by its identifier; not in the API.
    Attribute,
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
            Self::CommonName => "common_name",
            Self::Sans => "sans",
            Self::SanEmail => "san_email",
            Self::SanUri => "san_uri",
            Self::SanUpn => "san_upn",
            Self::SanOtherName => "san_other_name",
            Self::SanDirectoryName => "san_directory_name",
            Self::PrivateKeyAlgo => "private_key_algo",
            Self::Usage => "usage",
            Self::Country => "company_country",
            Self::Province => "company_province",
            Self::City => "company_city",
            Self::Organization => "company_name",
            Self::OrganizationalUnit => "organizational_unit",
            Self::Subject => "subject",
            Self::EmailAddress => "email_address",
            Self::Digest => "digest",
            Self::Pss => "pss",
            Self::Sm2Identity => "sm2_identity",
            Self::ChallengePassword => "challenge_password",
            Self::BasicConstraints => "basic_constraints",
            Self::Extension => "extension",
            Self::Attribute => "attribute",
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
    /// The body is not a JSON object. The text says what is wrong and where, without quoting the body.
    #[error("must be a JSON object with the request's fields{0}")]
    NotAnObject(String),
    /// The value is JSON of this type instead of a string.
    #[error("must be a string, not {0}")]
    NotAString(&'static str),
    /// A JSON string contains half a surrogate pair.
    #[error(r"must not contain half a surrogate pair, such as \ud800 alone")]
    LoneSurrogate,
    /// A field or parameter appears more than once.
    #[error("must be given only once")]
    GivenTwice,
    /// A query parameter does not decode.
    #[error("must be UTF-8, percent-encoded")]
    NotUtf8,
    /// The value is not in the closed list that follows.
    #[error("must be one of {}", .0.join(", "))]
    NotOneOf(&'static [&'static str]),
    /// The API does not offer this page size.
    #[error("must be 10, 20 or 50")]
    NotAPageSize,
    /// An offset is not a number of items.
    #[error("must be a whole number from 0 to 9223372036854775807")]
    NotAnOffset,
    /// A required value is missing.
    #[error("is required")]
    Missing,
    /// An ENTERPRISE request lacks a field that it must have.
    #[error("is required when usage is ENTERPRISE")]
    MissingForEnterprise,
    /// The text exceeds a limit, in characters, of RFC 5280 Appendix A, RFC 2985 or the API's reference.
    #[error("must have at most {max} characters ({rule}), not {found}")]
    TooLong {
        /// The number of characters given.
        found: usize,
        /// The number allowed.
        max: usize,
        /// The rule's name in its standard.
        rule: &'static str,
    },
    /// The text contains a C0 or C1 control, which includes NUL.
    #[error("must not contain the control character U+{0:04X}")]
    ControlCharacter(u32),
    /// The text contains a bidirectional control, which disguises its order.
    #[error(
        "must not contain the bidirectional control U+{0:04X}, which disguises the order of the text: remove it"
    )]
    BidiControl(u32),
    /// The text contains a noncharacter of Unicode, such as U+FFFF.
    #[error("must not contain U+{0:04X}, which is not a character")]
    Noncharacter(u32),
    /// The value consists of blanks, dots and dashes.
    #[error("holds no readable text: give some, or leave it out")]
    SaysNothing,
    /// The value begins or ends with blanks or other invisible characters.
    #[error("begins or ends with blanks or invisible characters: remove them")]
    Padded,
    /// C is not a country code.
    #[error("must be a two-letter code from ISO 3166-1, such as CN, GB or US")]
    NotACountryCode,
    /// C is a common mistake for this country code.
    #[error("must be a two-letter code from ISO 3166-1: give {0}")]
    MistakenCountryCode(&'static str),
    /// A DNS name has nothing between two dots.
    #[error("has an empty label")]
    EmptyLabel,
    /// A DNS name starts with a dot.
    #[error("starts with a dot")]
    LeadingDot,
    /// A DNS name ends with a dot.
    #[error("ends with a dot")]
    TrailingDot,
    /// A label has over 63 octets (RFC 1035 §2.3.4).
    #[error("must have labels of at most 63 octets, not {0}")]
    LabelTooLong(usize),
    /// A name has over 253 octets as text (RFC 1035 §2.3.4).
    #[error("must have at most 253 octets as a DNS name, not {0}")]
    NameTooLong(usize),
    /// A DNS name contains `_`.
    #[error("contains `_`, which host names don't have")]
    Underscore,
    /// A URL is given for a host. Its host, if it has one.
    #[error("is a URL: give only its host{}", as_in(.0))]
    Url(Option<Excerpt>),
    /// A name is prefixed with its kind, as in OpenSSL's configuration.
    #[error("has `{prefix}` in front: remove that{}", as_in(.rest))]
    KindInFront {
        /// The prefix.
        prefix: &'static str,
        /// The name that follows it.
        rest: Option<Excerpt>,
    },
    /// A name is prefixed with a kind that is not a host.
    #[error("has `{0}` in front, which is not a kind of host: give a DNS name or an IP address")]
    OtherKind(&'static str),
    /// An address is in brackets, as in a URL.
    #[error("is an address in brackets: remove them{}", as_in(.0))]
    BracketedAddress(Option<Excerpt>),
    /// An IPv6 address has a zone (RFC 4007 §11).
    #[error("is an address with a zone, which certificates cannot hold: remove `%` and the rest{}", as_in(.0))]
    AddressZone(Option<Excerpt>),
    /// A network is given for an address.
    #[error("is a network: give single addresses, without `/` and the rest")]
    Network,
    /// A host has a port.
    #[error("has a port, which certificates cannot hold: give only the host{}", as_in(.0))]
    Port(Option<Excerpt>),
    /// Several names are given as one.
    #[error("contains several names: give each by itself")]
    SeveralNames,
    /// A name is in quotes.
    #[error("is in quotes: remove them{}", as_in(.0))]
    Quoted(Option<Excerpt>),
    /// A name has blanks around it.
    #[error("has blanks around it: remove them{}", as_in(.0))]
    BlanksAround(Option<Excerpt>),
    /// A host name contains another character that it must not contain.
    #[error("contains {0:?}, which host names don't have")]
    ForbiddenCharacter(char),
    /// A label starts or ends with `-`.
    #[error("has a label that starts or ends with `-`")]
    HyphenAtEdge,
    /// A `*` is not the whole leftmost label.
    #[error("may have `*` only once, as the whole leftmost label")]
    MisplacedWildcard,
    /// `*.tld`.
    #[error("is a wildcard over a whole top-level domain")]
    WildcardTopLevel,
    /// A name that ends in a number must be an IPv4 address, and this one is malformed.
    #[error("ends in a number but is not an IPv4 address")]
    BadIpv4,
    /// An `xn--` label does not decode, or its decoded form encodes to another label.
    #[error("has the label {0}, which is not valid Punycode of a valid name (UTS 46)")]
    BadALabel(Excerpt),
    /// UTS 46 does not allow an internationalised name.
    #[error("is not a valid internationalised name (UTS 46, non-transitional)")]
    BadUnicodeName,
    /// The text is not a mailbox of RFC 5321 that an rfc822Name (IA5String) can hold.
    #[error("is not a mail address in ASCII, such as local-part@domain")]
    BadEmail,
    /// A mail address ends with its `@`.
    #[error("has no domain after the `@`")]
    EmailWithoutDomain,
    /// A mail address has an IP address for its domain.
    #[error("has an IP address after the `@`: an rfc822Name needs a domain name there")]
    EmailAtAddress,
    /// The domain of a mail address is not a DNS name.
    #[error("has a domain that {0}")]
    EmailDomain(Box<Reason>),
    /// The text is not an absolute URI (RFC 3986; RFC 5280 §4.2.1.6).
    #[error("is not an absolute URI: {0}")]
    BadUri(&'static str),
    /// The host of a URI is neither a DNS name nor an IP address (RFC 5280 §4.2.1.6).
    #[error("has a host that {0}")]
    UriHost(Box<Reason>),
    /// The host of a URI is a wildcard.
    #[error("has a wildcard host, which URIs in certificates must not have")]
    WildcardInUri,
    /// A path length is given, but no CA (RFC 5280 §4.2.1.9).
    #[error("must not have a path length unless it asks for a CA")]
    PathLengthWithoutCa,
    /// A character is not in the alphabet of the string type that an attribute or extension needs (X.680 §41).
    #[error("contains {character:?}, which {} {string_type} cannot hold", article(.string_type))]
    NotInAlphabet {
        /// The first such character.
        character: char,
        /// The type's name in X.680.
        string_type: &'static str,
    },
    /// An attribute of the subject is given by its own field and by its type.
    #[error("is given as {0} of the subject, too: give one of them")]
    AlsoInSubject(&'static str),
    /// The first attribute of the subject is to join the one before it.
    #[error("must not be joined to an attribute before it, because it is the first")]
    JoinsNothing,
    /// One relative name is to have two attributes of a type (X.501 §9.3).
    #[error("must not be joined to an attribute of its own type: give it by itself")]
    JoinsItsType,
    /// A value that the CSR would hold is a private key.
    #[error("must not hold a private key, which anyone who sees the CSR could read: leave it out")]
    PrivateKey,
    /// The text is not a user principal name.
    #[error("must be a user principal name, such as user@example.com")]
    NotAUpn,
    /// The text is not a distinguished name of RFC 4514.
    #[error("must be a distinguished name as RFC 4514 writes it, such as CN=Example,O=Example Ltd,C=GB: {0}")]
    NotADistinguishedName(&'static str),
    /// One attribute of a distinguished name has a fault.
    #[error("has a value of {attribute} that {reason}")]
    InAttribute {
        /// The attribute's short name, or its identifier.
        attribute: String,
        /// The fault.
        reason: Box<Reason>,
    },
    /// An extension or attribute is not one whole DER value.
    #[error("must be one whole value in DER: {0}")]
    NotDer(&'static str),
    /// An extension is not as the standard of its type says.
    #[error("must be as its standard says: {0}")]
    MalformedExtension(&'static str),
    /// An extension or attribute is given more than once.
    #[error("is asked for twice: give it once")]
    AskedTwice,
    /// An extension or attribute that holds what is given in another way.
    #[error("must not be given in this way: {0}")]
    HasItsOwnWay(&'static str),
    /// A value is not given as its type and text.
    #[error(
        "must be TYPE:VALUE, with TYPE among hex, base64, utf8, printable, ia5, bmp, integer, boolean, oid, null"
    )]
    NotTyped,
    /// The text of a value is not as its type wants it.
    #[error("must be {0}")]
    NotOfType(&'static str),
    /// A hash function is chosen for SM2, which GB/T 32918.2 ties to SM3.
    #[error("needs an RSA or EC key, because SM2 always signs with SM3: take one, or leave it out")]
    Sm2HasItsDigest,
    /// RSASSA-PSS is asked for, but the key is of another algorithm.
    #[error("needs an RSA key, not one of {algorithm}: take one, or leave it out")]
    PssNeedsRsa {
        /// The algorithm, by its name in the API.
        algorithm: String,
    },
    /// An SM2 identity is too long for its 16-bit length in bits.
    #[error("must have at most 8191 octets, not {0}")]
    Sm2IdentityTooLong(usize),
}

/// The value to give instead, if it is known.
fn as_in(instead: &Option<Excerpt>) -> String {
    instead.as_ref().and_then(Excerpt::as_str).map_or_else(String::new, |instead| format!(", `{instead}`"))
}

/// One thing wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// Where.
    pub field: Field,
    /// Which entry, counted from 0 in the order given; `None` if the field holds one value.
    pub index: Option<usize>,
    /// The refused text as far as it may be shown; `None` if there is none, or if it is a secret.
    pub text: Option<Excerpt>,
    /// Why.
    pub reason: Reason,
}

impl Fault {
    /// A fault of a field that holds one value. An empty text is not quoted.
    #[must_use]
    pub fn new(field: Field, text: &str, reason: Reason) -> Self {
        let text = (!text.is_empty()).then(|| Excerpt::of(text));
        Self { field, index: None, text, reason }
    }

    /// The fault of a text that contains a control character, which must not reach logs, terminals or PostgreSQL.
    #[must_use]
    pub fn of_controls(field: Field, text: &str) -> Option<Self> {
        let found = text.chars().find(|c| c.is_control())?;
        Some(Self::new(field, "", Reason::ControlCharacter(u32::from(found))))
    }

    /// The same fault for one entry of the field, counted from 0.
    #[must_use]
    pub fn at(self, index: usize) -> Self {
        Self { index: Some(index), ..self }
    }

    /// The refused text and the reason, without the field: for callers that name the field differently.
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
    /// Fails if there are faults, and sorts them by field.
    ///
    /// # Errors
    ///
    /// The faults that were found, if any were.
    pub fn check(found: Vec<Fault>) -> Result<(), Self> {
        if found.is_empty() { Ok(()) } else { Err(Self::sorted(found)) }
    }

    /// Sorts faults, of which there must be at least one.
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

    /// One text per field, with all its faults, so that a message that must be short has room for each field.
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

/// Adds faults found later, except for fields that have faults already: one complaint per field is enough.
pub(crate) fn add_of_other_fields(faults: &mut Vec<Fault>, found: impl IntoIterator<Item = Fault>) {
    let is_new = |fault: &Fault| faults.iter().all(|earlier| earlier.field != fault.field);
    let new: Vec<_> = found.into_iter().filter(is_new).collect();
    faults.extend(new);
}

/// Checks the API's limit on a field's length, in characters.
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

/// Checks the user's own name for a CSR.
pub(crate) fn name(name: &str) -> impl Iterator<Item = Fault> {
    length(Field::Name, name, true, limits::NAME).into_iter().chain(Fault::of_controls(Field::Name, name))
}

/// The article before the name of a string type: `an IA5String`.
fn article(string_type: &str) -> &'static str {
    if string_type.starts_with('I') { "an" } else { "a" }
}
