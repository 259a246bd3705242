//! Collecting the content of a CSR.

mod check;

use csr_model::{Company, Fault, Faults, Field, Reason, Usage};

pub(super) use self::check::dedup_by_key;

use super::{BasicConstraints, CsrSpec, ExtendedKeyUsage, KeyUsage, RequestedAttribute, RequestedExtension};
use crate::Digest;
use crate::asn1::Oid;
use crate::name::San;
use crate::name::dns::Underscores;
use crate::signing::SignatureParameters;
use zeroize::Zeroizing;

/// Collects the content of a CSR. [`build`](Self::build) checks all of it, and reports every fault.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct CsrSpecBuilder {
    /// What the specification has that is built upon.
    base: Option<CsrSpec>,
    domain: Option<String>,
    common_name: CommonName,
    underscores: Underscores,
    sans: Vec<Entry>,
    usage: Option<Usage>,
    company: Company,
    organizational_units: Vec<String>,
    subject: Vec<SubjectEntry>,
    email_address: String,
    key_usage: Vec<KeyUsage>,
    extended_key_usage: Vec<ExtendedKeyUsage>,
    basic_constraints: Option<BasicConstraints>,
    must_staple: bool,
    extensions: Vec<RequestedExtension>,
    challenge_password: Option<ChallengePassword>,
    attributes: Vec<RequestedAttribute>,
    digest: Option<Digest>,
    pss: bool,
    default_signature: bool,
    sm2_identity: Option<String>,
}

/// Where the common name comes from.
#[derive(Debug, Clone, Default)]
enum CommonName {
    /// From the domain, or else from the first DNS name.
    #[default]
    Host,
    Own(String),
    None,
}

/// A SAN as it was given.
#[derive(Debug, Clone)]
enum Entry {
    Host(String),
    Email(String),
    Uri(String),
    Upn(String),
    OtherName(Oid, Vec<u8>),
    DirectoryName(String),
    RegisteredId(Oid),
}

impl Entry {
    fn parse(&self, underscores: Underscores) -> Result<San, Reason> {
        match self {
            Self::Host(text) => San::host_with(text, underscores),
            Self::Email(text) => San::email(text),
            Self::Uri(text) => San::uri(text),
            Self::Upn(text) => San::upn(text),
            Self::OtherName(r#type, der) => San::other_name(r#type.clone(), der.clone()),
            Self::DirectoryName(text) => San::directory_name(text),
            Self::RegisteredId(oid) => Ok(San::RegisteredId(oid.clone())),
        }
    }

    /// The field that its faults are of, and the text that they quote.
    fn field(&self) -> (Field, &str) {
        match self {
            Self::Host(text) => (Field::Sans, text),
            Self::Email(text) => (Field::SanEmail, text),
            Self::Uri(text) => (Field::SanUri, text),
            Self::Upn(text) => (Field::SanUpn, text),
            Self::OtherName(..) | Self::RegisteredId(_) => (Field::SanOtherName, ""),
            Self::DirectoryName(text) => (Field::SanDirectoryName, text),
        }
    }
}

/// An attribute of the subject as it was given.
#[derive(Debug, Clone)]
struct SubjectEntry {
    oid: Oid,
    value: String,
    is_joined: bool,
}

/// A challenge password (RFC 2985 §5.4.1). The CSR holds it in clear text, as the standard requires, but `Debug`
/// leaves it out.
#[derive(Clone)]
struct ChallengePassword(Zeroizing<String>);

impl core::fmt::Debug for ChallengePassword {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ChallengePassword(..)")
    }
}

impl From<CsrSpec> for CsrSpecBuilder {
    fn from(base: CsrSpec) -> Self {
        Self { base: Some(base), ..Self::default() }
    }
}

impl CsrSpecBuilder {
    /// The domain: common name and first SAN. A DNS name or an IP address. An address, or a name of over 64 characters once
    /// it is normalised (ub-common-name), is no common name. Without a domain the first DNS name is the common name, unless
    /// attributes of the subject are given by their types.
    pub fn domain(mut self, domain: impl AsRef<str>) -> Self {
        self.domain = Some(domain.as_ref().to_owned());
        self
    }

    /// The common name, instead of the domain: any text of at most 64 characters.
    pub fn common_name(mut self, text: impl AsRef<str>) -> Self {
        self.common_name = CommonName::Own(text.as_ref().to_owned());
        self
    }

    /// Leaves the common name out.
    pub fn no_common_name(mut self) -> Self {
        self.common_name = CommonName::None;
        self
    }

    /// Takes host names with underscores, which public authorities refuse.
    pub fn allow_underscores(mut self) -> Self {
        self.underscores = Underscores::Allowed;
        self
    }

    /// Adds a SAN: a DNS name, or an IP address, which becomes an `iPAddress` entry. Spaces around it are
    /// removed, and a blank name is ignored.
    pub fn san(mut self, host: impl AsRef<str>) -> Self {
        self.sans.push(Entry::Host(host.as_ref().trim_matches(' ').to_owned()));
        self
    }

    /// Adds SANs like [`san`](Self::san).
    pub fn sans(self, hosts: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        hosts.into_iter().fold(self, Self::san)
    }

    /// Adds an `rfc822Name` SAN.
    pub fn email(mut self, address: impl AsRef<str>) -> Self {
        self.sans.push(Entry::Email(address.as_ref().to_owned()));
        self
    }

    /// Adds a `uniformResourceIdentifier` SAN.
    pub fn uri(mut self, uri: impl AsRef<str>) -> Self {
        self.sans.push(Entry::Uri(uri.as_ref().to_owned()));
        self
    }

    /// Adds a user principal name of Active Directory, such as `user@example.com`, as an `otherName` SAN.
    pub fn upn(mut self, name: impl AsRef<str>) -> Self {
        self.sans.push(Entry::Upn(name.as_ref().to_owned()));
        self
    }

    /// Adds an `otherName` SAN of any type, with its value in DER; [`der_of_text`](crate::der_of_text) makes that of a text.
    pub fn other_name(mut self, r#type: Oid, der: impl Into<Vec<u8>>) -> Self {
        self.sans.push(Entry::OtherName(r#type, der.into()));
        self
    }

    /// Adds a `directoryName` SAN, as RFC 4514 writes it: `CN=Example,O=Example Ltd,C=GB`.
    pub fn directory_name(mut self, name: impl AsRef<str>) -> Self {
        self.sans.push(Entry::DirectoryName(name.as_ref().to_owned()));
        self
    }

    /// Adds a `registeredID` SAN.
    pub fn registered_id(mut self, oid: Oid) -> Self {
        self.sans.push(Entry::RegisteredId(oid));
        self
    }

    /// Who the certificate is for: an ENTERPRISE must have country, province, city and organization. `None`
    /// and a person require none of them.
    pub fn usage(mut self, usage: impl Into<Option<Usage>>) -> Self {
        self.usage = usage.into();
        self
    }

    /// C, ST, L and O together.
    pub fn company(mut self, company: Company) -> Self {
        self.company = company;
        self
    }

    /// C: a country code of ISO 3166-1, in upper or lower case. Here and in the other parts of the subject, a blank text
    /// means none.
    pub fn country(mut self, country: impl AsRef<str>) -> Self {
        self.company.country = country.as_ref().to_owned();
        self
    }

    /// ST, at most 128 characters.
    pub fn province(mut self, province: impl AsRef<str>) -> Self {
        self.company.province = province.as_ref().to_owned();
        self
    }

    /// L, at most 128 characters.
    pub fn city(mut self, city: impl AsRef<str>) -> Self {
        self.company.city = city.as_ref().to_owned();
        self
    }

    /// O, at most 64 characters.
    pub fn organization(mut self, organization: impl AsRef<str>) -> Self {
        self.company.name = organization.as_ref().to_owned();
        self
    }

    /// Adds an OU, at most 64 characters.
    pub fn organizational_unit(mut self, unit: impl AsRef<str>) -> Self {
        self.organizational_units.push(unit.as_ref().to_owned());
        self
    }

    /// Adds an attribute of the subject, by its type: a [`SubjectAttribute`](crate::SubjectAttribute) or any identifier.
    /// They keep their order, and stand between the company fields and the common name. The value has the string type
    /// and the upper bound of RFC 5280, RFC 4519 or X.520, and is a UTF8String where these don't know its type.
    pub fn subject_attribute(mut self, r#type: impl Into<Oid>, value: impl AsRef<str>) -> Self {
        let value = value.as_ref().to_owned();
        self.subject.push(SubjectEntry { oid: r#type.into(), value, is_joined: false });
        self
    }

    /// [`subject_attribute`](Self::subject_attribute), in one relative name with the attribute before it.
    pub fn joined_subject_attribute(mut self, r#type: impl Into<Oid>, value: impl AsRef<str>) -> Self {
        let value = value.as_ref().to_owned();
        self.subject.push(SubjectEntry { oid: r#type.into(), value, is_joined: true });
        self
    }

    /// The `emailAddress` attribute of the subject (RFC 2985 §5.2.1). RFC 5280 §4.1.2.6 prefers a SAN, which is
    /// [`email`](Self::email).
    pub fn email_address(mut self, address: impl AsRef<str>) -> Self {
        self.email_address = address.as_ref().to_owned();
        self
    }

    /// Asks for a key usage extension (critical).
    pub fn key_usage(mut self, usages: impl IntoIterator<Item = KeyUsage>) -> Self {
        self.key_usage.extend(usages);
        self
    }

    /// Asks for an extended key usage extension.
    pub fn extended_key_usage(mut self, purposes: impl IntoIterator<Item = ExtendedKeyUsage>) -> Self {
        self.extended_key_usage.extend(purposes);
        self
    }

    /// Asks for a basic constraints extension (critical).
    pub fn basic_constraints(mut self, constraints: BasicConstraints) -> Self {
        self.basic_constraints = Some(constraints);
        self
    }

    /// Asks for the TLS feature `status_request` (RFC 7633), "must staple".
    pub fn must_staple(mut self) -> Self {
        self.must_staple = true;
        self
    }

    /// Asks for any other extension (RFC 5280 §4.2), with its value in DER.
    pub fn extension(mut self, oid: Oid, critical: bool, der: impl Into<Vec<u8>>) -> Self {
        self.extensions.push(RequestedExtension::new(oid, critical, der.into()));
        self
    }

    /// Adds an attribute (RFC 2986 §4.1) of one value, in DER.
    pub fn attribute(mut self, oid: Oid, der: impl Into<Vec<u8>>) -> Self {
        self.attributes.push(RequestedAttribute::new(oid, vec![der.into()]));
        self
    }

    /// Adds a challenge password attribute (RFC 2985 §5.4.1), at most 255 characters; readable by anyone who
    /// sees the CSR.
    pub fn challenge_password(mut self, password: impl AsRef<str>) -> Self {
        self.challenge_password = Some(ChallengePassword(Zeroizing::new(password.as_ref().to_owned())));
        self
    }

    /// Signs with this hash function, instead of SHA-256 (RSA, P-256) or SHA-384 (P-384). SM2 always signs with SM3.
    pub fn digest(mut self, digest: Digest) -> Self {
        self.digest = Some(digest);
        self
    }

    /// Signs as RSASSA-PSS (RFC 4055) instead of PKCS#1 v1.5, with a salt as long as the digest. The key must be RSA's, and
    /// the CSR names it as an ordinary one (rsaEncryption).
    pub fn pss(mut self) -> Self {
        self.pss = true;
        self
    }

    /// Drops the hash function and the scheme of the specification that this one is built upon.
    pub fn default_signature(mut self) -> Self {
        self.default_signature = true;
        self
    }

    /// The identity that an SM2 signature binds, instead of `1234567812345678`; at most 8191 octets.
    pub fn sm2_identity(mut self, identity: impl AsRef<str>) -> Self {
        self.sm2_identity = Some(identity.as_ref().to_owned());
        self
    }

    /// Checks and normalises everything.
    ///
    /// # Errors
    ///
    /// [`Faults`] with everything that is wrong.
    pub fn build(mut self) -> Result<CsrSpec, Faults> {
        let mut faults = Vec::new();
        let base = self.base.take();
        let domain = self.checked_domain(&mut faults);
        let (base_sans, base_subject) = base.as_ref().map(|b| (&*b.sans, &b.subject)).unzip();
        let given = self.checked_sans(&mut faults);
        let sans = domain.iter().chain(base_sans.unwrap_or_default()).cloned().chain(given).collect();
        let sans = dedup_by_key(sans, San::clone);
        let subject = self.checked_subject(base_subject, domain.as_ref(), &sans, &mut faults);
        let extensions = self.checked_extensions(&mut faults);
        let attributes = self.checked_attributes(&mut faults);
        let old = base.as_ref().map(|base| &base.signature);
        let chosen = old.filter(|_| !self.default_signature);
        let signature = SignatureParameters {
            digest: self.digest.or(chosen.and_then(|old| old.digest)),
            pss: self.pss || chosen.is_some_and(|old| old.pss),
            sm2_identity: match (&self.sm2_identity, old) {
                (None, Some(old)) => old.sm2_identity.clone(),
                _ => self.checked_sm2_identity(&mut faults),
            },
        };
        if faults.is_empty() && sans.is_empty() && subject.is_empty() {
            faults.push(Fault::new(Field::DomainName, "", Reason::Missing));
        }
        Faults::check(faults)?;
        let (base_extensions, base_attributes) = base.map(|b| (b.extensions, b.attributes)).unzip();
        let extensions = replaced(base_extensions.unwrap_or_default(), extensions, |e| &e.oid);
        let mut attributes = replaced(base_attributes.unwrap_or_default(), attributes, |a| &a.oid);
        attributes.sort(); // They are a set.
        Ok(CsrSpec { subject, sans, extensions, attributes, signature })
    }
}

/// What was there, with those of the same type replaced, and the others of the new behind it.
fn replaced<T>(mut there: Vec<T>, new: Vec<T>, oid: impl Fn(&T) -> &Oid) -> Vec<T> {
    for item in new {
        match there.iter_mut().find(|old| oid(old) == oid(&item)) {
            Some(old) => *old = item,
            None => there.push(item),
        }
    }
    there
}
