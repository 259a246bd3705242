use csr_model::{Company, Fault, Faults, Field, Reason, Usage};

use super::{BasicConstraints, ChallengePassword, CsrSpec, ExtendedKeyUsage, KeyUsage};
use crate::Digest;
use crate::name::{EmailAddress, San, Subject, UriName, subject, text};
use crate::signing::SignatureParameters;
use crate::sm2_id::Sm2Identity;

/// Collects the content of a CSR. [`build`](Self::build) checks all of it, and reports every fault.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct CsrSpecBuilder {
    domain: Option<String>,
    sans: Vec<Entry>,
    usage: Option<Usage>,
    company: Company,
    organizational_unit: String,
    email_address: String,
    key_usage: Vec<KeyUsage>,
    extended_key_usage: Vec<ExtendedKeyUsage>,
    basic_constraints: Option<BasicConstraints>,
    must_staple: bool,
    challenge_password: Option<ChallengePassword>,
    digest: Option<Digest>,
    pss: bool,
    sm2_identity: Option<String>,
}

/// A SAN as it was given.
#[derive(Debug, Clone)]
enum Entry {
    Host(String),
    Email(String),
    Uri(String),
}

impl CsrSpecBuilder {
    /// The domain: common name and first SAN. A DNS name or an IP address, at most 64 characters once it is
    /// normalised (ub-common-name). Without a domain there is no common name.
    pub fn domain(mut self, domain: impl AsRef<str>) -> Self {
        self.domain = Some(domain.as_ref().to_owned());
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

    /// OU, at most 64 characters.
    pub fn organizational_unit(mut self, unit: impl AsRef<str>) -> Self {
        self.organizational_unit = unit.as_ref().to_owned();
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

    /// Adds a challenge password attribute (RFC 2985 §5.4.1), at most 255 characters; readable by anyone who
    /// sees the CSR.
    pub fn challenge_password(mut self, password: impl AsRef<str>) -> Self {
        self.challenge_password = Some(ChallengePassword(password.as_ref().to_owned()));
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
    pub fn build(self) -> Result<CsrSpec, Faults> {
        let mut faults = Vec::new();
        let (common_name, first) = self.checked_domain(&mut faults);
        let sans = self.checked_sans(first, &mut faults);
        let subject = self.checked_subject(common_name, &mut faults);
        let sm2_identity = self.checked_sm2_identity(&mut faults);
        let challenge_password =
            self.challenge_password.filter(|password| check_password(password, &mut faults));
        if faults.is_empty() && sans.is_empty() && subject.is_empty() {
            faults.push(Fault::new(Field::DomainName, "", Reason::Missing));
        }
        if self.basic_constraints.is_some_and(|c| !c.ca && c.path_length.is_some()) {
            faults.push(Fault::new(Field::BasicConstraints, "", Reason::PathLengthWithoutCa));
        }
        Faults::check(faults)?;
        Ok(CsrSpec {
            subject,
            sans,
            key_usage: dedup_by_key(self.key_usage, |usage| *usage),
            extended_key_usage: dedup_by_key(self.extended_key_usage, ExtendedKeyUsage::oid),
            basic_constraints: self.basic_constraints,
            must_staple: self.must_staple,
            challenge_password,
            signature: SignatureParameters { digest: self.digest, pss: self.pss, sm2_identity },
        })
    }

    fn checked_domain(&self, faults: &mut Vec<Fault>) -> (Option<String>, Option<San>) {
        let Some(domain) = &self.domain else { return (None, None) };
        match San::host(domain) {
            Ok(san) => {
                let common_name = san.to_string();
                if common_name.len() > COMMON_NAME_MAX {
                    let reason = Reason::CommonNameTooLong(common_name.len());
                    faults.push(Fault::new(Field::DomainName, domain, reason));
                }
                (Some(common_name), Some(san))
            }
            Err(reason) => {
                faults.push(Fault::new(Field::DomainName, domain, reason));
                (None, None)
            }
        }
    }

    fn checked_sans(&self, first: Option<San>, faults: &mut Vec<Fault>) -> Vec<San> {
        let mut sans: Vec<San> = first.into_iter().collect();
        for (index, entry) in self.sans.iter().enumerate() {
            let (text, parsed) = match entry {
                Entry::Host(text) if text.is_empty() => continue,
                Entry::Host(text) => (text, San::host(text)),
                Entry::Email(text) => (text, EmailAddress::parse(text).map(San::Email)),
                Entry::Uri(text) => (text, UriName::parse(text).map(San::Uri)),
            };
            match parsed {
                Ok(san) => sans.push(san),
                Err(reason) => {
                    faults.push(Fault::new(Field::Sans, text, reason).at(index));
                }
            }
        }
        dedup_by_key(sans, San::clone)
    }

    fn checked_subject(&self, common_name: Option<String>, faults: &mut Vec<Fault>) -> Subject {
        let enterprise = self.usage == Some(Usage::Enterprise);
        let require = |field, given: &str, faults: &mut Vec<Fault>| {
            if enterprise && given.trim().is_empty() {
                faults.push(Fault::new(field, "", Reason::MissingForEnterprise));
            }
        };
        // RFC 5280 Appendix A.1, upper bounds.
        let Company { country, province, city, name } = &self.company;
        require(Field::Country, country, faults);
        let country = subject::country(country, faults);
        require(Field::Province, province, faults);
        let province = subject::value(Field::Province, province, 128, "ub-state-name", faults);
        require(Field::City, city, faults);
        let locality = subject::value(Field::City, city, 128, "ub-locality-name", faults);
        require(Field::Organization, name, faults);
        let organization = subject::value(Field::Organization, name, 64, "ub-organization-name", faults);
        let (field, rule) = (Field::OrganizationalUnit, "ub-organizational-unit-name");
        let organizational_unit = subject::value(field, &self.organizational_unit, 64, rule, faults);
        let email = if self.email_address.trim().is_empty() {
            None
        } else {
            EmailAddress::parse(&self.email_address)
                .map_err(|reason| faults.push(Fault::new(Field::EmailAddress, &self.email_address, reason)))
                .ok()
        };
        Subject { country, province, locality, organization, organizational_unit, common_name, email }
    }

    fn checked_sm2_identity(&self, faults: &mut Vec<Fault>) -> Sm2Identity {
        let Some(given) = &self.sm2_identity else { return Sm2Identity::DEFAULT };
        Sm2Identity::new(given.as_bytes()).unwrap_or_else(|_| {
            faults.push(Fault::new(Field::Sm2Identity, "", Reason::Sm2IdentityTooLong(given.len())));
            Sm2Identity::DEFAULT
        })
    }
}

/// ub-common-name (RFC 5280 Appendix A.1).
const COMMON_NAME_MAX: usize = 64;
/// pkcs-9-ub-challengePassword (RFC 2985 Appendix A).
const CHALLENGE_PASSWORD_MAX: usize = 255;

fn check_password(ChallengePassword(password): &ChallengePassword, faults: &mut Vec<Fault>) -> bool {
    // The text stays out of the fault: it is a password.
    let mut fault = |reason| faults.push(Fault::new(Field::ChallengePassword, "", reason));
    let found = password.chars().count();
    if found == 0 {
        fault(Reason::Missing);
    } else if found > CHALLENGE_PASSWORD_MAX {
        fault(Reason::TooLong { found, max: CHALLENGE_PASSWORD_MAX, rule: "pkcs-9-ub-challengePassword" });
    } else if let Err(reason) = text::check_controls(password) {
        fault(reason);
    } else {
        return true;
    }
    false
}

/// Keeps the first of those with the same key, in their order.
fn dedup_by_key<T, K: Eq + std::hash::Hash>(given: Vec<T>, key: impl Fn(&T) -> K) -> Vec<T> {
    let mut seen = std::collections::HashSet::new();
    given.into_iter().filter(|item| seen.insert(key(item))).collect()
}
