//! The content of a new CSR from that of a CSR or certificate that there is already.

use core::fmt;

use super::builder::dedup_by_key;
use super::{CsrSpec, RequestedAttribute, RequestedExtension};
use crate::asn1::{self, Element, Oid, ReadError, Reader, tag};
use crate::certificate::{Certificate, CertificateExtension};
use crate::inspect::{self, CertificateInspection, Inspection, Part, SignatureStatus};
use crate::name::{GeneralNameKind, San, Subject};
use crate::oid::{AttributeType, ExtensionType};
use crate::signing::SignatureParameters;
use crate::sm2_id::Sm2Identity;

/// What a new CSR takes over, and what it does not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Renewal {
    /// What is taken over. [`CsrSpec::to_builder`] changes it.
    pub spec: CsrSpec,
    /// What is not, in order.
    pub left_out: Vec<LeftOut>,
}

/// A part that a new CSR does not take over. Displays the part and the reason, as in `authorityKeyIdentifier: the issuer
/// sets it`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOut {
    /// The name or the identifier of an extension or attribute, or the kind of an alternative name.
    pub part: String,
    /// Why.
    pub reason: String,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.part, self.reason)
    }
}

/// Why nothing can be taken over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RenewalError {
    /// The subject is malformed.
    #[error("malformed subject: {0}")]
    Subject(&'static str),
    /// There is neither a subject nor an alternative name that a new CSR could have.
    #[error("holds no name that a new CSR could have")]
    NoNames,
}

impl CsrSpec {
    /// The content of a CSR, for a new one: the subject and the names in their order, the extensions and the attributes.
    /// What depends on the old key is left out, and so are names that cannot be given ([`CsrSpec::builder`] refuses them).
    ///
    /// A CSR that was made here gives the specification that it was made from; but for a hash function that is the default of
    /// its key's algorithm, an SM2 identity other than the default and the empty one, which no CSR holds, and what depends
    /// on the old key.
    ///
    /// ```
    /// # use csr_core::{Csr, CsrSpec, KeyPair, PrivateKeyAlgo};
    /// # let spec = CsrSpec::builder().domain("example.com").build()?;
    /// # let old = Csr::sign(&spec, &KeyPair::generate(PrivateKeyAlgo::EcP256)?)?;
    /// let renewal = CsrSpec::from_csr(&csr_core::inspect(old.as_der())?)?;
    /// let new = renewal.spec.to_builder().san("www.example.com").build()?;
    /// # assert_eq!(renewal.spec, spec);
    /// # assert_eq!(new.sans().len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RenewalError`].
    pub fn from_csr(csr: &Inspection) -> Result<Renewal, RenewalError> {
        let mut taken = Taken::default();
        let mut info = Reader::new(csr.request_info());
        let _version = info.any();
        let subject = read_subject(&mut info)?;
        let _public_key = info.any();
        if let Ok(Some(set)) = info.optional(tag::constructed(0)) {
            for element in Reader::new(set.value).elements_of(tag::SEQUENCE) {
                match element {
                    Ok(element) => taken.attribute(element.value),
                    Err(broken) => taken.leave_out(Part::Attributes, malformed(broken.reason)),
                }
            }
        }
        let sm2_identity = match csr.signature_status() {
            SignatureStatus::Valid { sm2_identity: Some(identity) } => identity,
            _ => Sm2Identity::DEFAULT,
        };
        let (digest, pss) = csr.signature_choice();
        taken.finish(subject, SignatureParameters { digest, pss, sm2_identity })
    }

    /// The content of a certificate, for a CSR that renews it: the subject and the names in their order, key usages, TLS
    /// features, what a CA's certificate says about a CA, S/MIME capabilities and Microsoft's certificate template and
    /// application policies. What the issuer decides, and what depends on the old key, is left out, and so are names that
    /// cannot be given ([`CsrSpec::builder`] refuses them).
    ///
    /// # Errors
    ///
    /// [`RenewalError`].
    pub fn from_certificate(certificate: &CertificateInspection) -> Result<Renewal, RenewalError> {
        let mut taken = Taken::default();
        let certificate = Certificate::read(certificate.as_der())
            .map_err(|malformed| RenewalError::Subject(malformed.1))?;
        let subject = read_subject(&mut Reader::new(certificate.subject.raw))?;
        let is_ca = certificate.extensions().flatten().any(|extension| is_of_ca(&extension));
        for extension in certificate.extensions() {
            let extension = match extension {
                Ok(extension) => extension,
                Err(broken) => {
                    taken.leave_out(Part::CertificateExtensions, malformed(broken.reason));
                    continue;
                }
            };
            match of_certificate(&extension.oid, is_ca) {
                Ok(()) => taken.extension(extension),
                Err(reason) => taken.leave_out(label(&extension.oid), reason),
            }
        }
        taken.finish(subject, SignatureParameters::default())
    }
}

/// Whether an extension of a certificate is the subject's to ask for.
fn of_certificate(oid: &Oid, is_ca: bool) -> Result<(), &'static str> {
    match ExtensionType::of(oid) {
        Some(
            ExtensionType::SubjectAltName
            | ExtensionType::KeyUsage
            | ExtensionType::ExtendedKeyUsage
            | ExtensionType::TlsFeature
            | ExtensionType::SmimeCapabilities
            | ExtensionType::MsCertificateTemplateName
            | ExtensionType::MsCertificateTemplate
            | ExtensionType::MsApplicationPolicies,
        ) => Ok(()),
        Some(ExtensionType::BasicConstraints | ExtensionType::NameConstraints) if is_ca => Ok(()),
        Some(ExtensionType::BasicConstraints) => Err("it only says that this is no CA"),
        Some(ExtensionType::SubjectKeyIdentifier) => Err(OLD_KEY),
        Some(_) => Err(OF_THE_ISSUER),
        None => Err("it is unknown whether the issuer sets it; ask for it as an extension if not"),
    }
}

fn read_subject(reader: &mut Reader<'_>) -> Result<Subject, RenewalError> {
    Subject::read(reader).map_err(|ReadError(reason)| RenewalError::Subject(reason))
}

fn malformed(reason: &str) -> String {
    format!("it is malformed: {reason}")
}

const OF_THE_ISSUER: &str = "the issuer sets it";
const OLD_KEY: &str = "it depends on the old key";

fn is_of_ca(extension: &CertificateExtension<'_>) -> bool {
    let is_ca = |reader: &mut Reader<'_>| reader.nested(tag::SEQUENCE)?.boolean_or_false();
    ExtensionType::of(&extension.oid) == Some(ExtensionType::BasicConstraints)
        && is_ca(&mut Reader::new(extension.value)) == Ok(true)
}

fn label(oid: &Oid) -> String {
    let extension = ExtensionType::of(oid).map(ExtensionType::as_str);
    let known = extension.or_else(|| AttributeType::of(oid).map(AttributeType::as_str));
    known.map_or_else(|| oid.to_string(), str::to_owned)
}

/// What is taken over so far.
#[derive(Default)]
struct Taken {
    sans: Vec<San>,
    extensions: Vec<RequestedExtension>,
    attributes: Vec<RequestedAttribute>,
    left_out: Vec<LeftOut>,
}

impl Taken {
    fn leave_out(&mut self, part: impl fmt::Display, reason: impl fmt::Display) {
        self.left_out.push(LeftOut { part: part.to_string(), reason: reason.to_string() });
    }

    /// Reads what `Attribute ::= SEQUENCE { type, values SET }` holds.
    fn attribute(&mut self, contents: &[u8]) {
        let mut reader = Reader::new(contents);
        let oid = match reader.oid() {
            Ok(oid) => oid,
            Err(ReadError(reason)) => return self.leave_out(Part::Attributes, malformed(reason)),
        };
        let set = match reader.nested(tag::SET) {
            Ok(set) => set,
            Err(ReadError(reason)) => return self.leave_out(label(&oid), malformed(reason)),
        };
        let mut values: Vec<Element<'_>> = Vec::new();
        for value in set.elements() {
            match value {
                Ok(value) => values.push(value),
                Err(broken) => return self.leave_out(label(&oid), malformed(broken.reason)),
            }
        }
        match AttributeType::of(&oid) {
            Some(r#type) if r#type.is_extension_request() => {
                values.iter().for_each(|value| self.extension_request(value));
            }
            Some(
                AttributeType::MsRenewalCertificate
                | AttributeType::MsArchivedKey
                | AttributeType::MsRequestClientInfo
                | AttributeType::MsOsVersion
                | AttributeType::MsEnrollmentCspProvider,
            ) => self.leave_out(label(&oid), "it says how the old request was made"),
            _ => {
                let values: Vec<_> = values.iter().map(|value| value.raw.to_vec()).collect();
                let fault = values.iter().find_map(|value| asn1::check_whole(value).err());
                if let Some(fault) = fault {
                    self.leave_out(label(&oid), fault);
                } else if self.attributes.iter().any(|earlier| earlier.oid == oid) {
                    self.leave_out(label(&oid), TWICE);
                } else if !values.is_empty() {
                    self.attributes.push(RequestedAttribute::new(oid, values));
                }
            }
        }
    }

    /// Reads `Extensions ::= SEQUENCE OF Extension`.
    fn extension_request(&mut self, value: &Element<'_>) {
        let extensions = match Reader::new(value.raw).nested(tag::SEQUENCE) {
            Ok(extensions) => extensions,
            Err(ReadError(reason)) => return self.leave_out(Part::Extensions, malformed(reason)),
        };
        for element in extensions.elements_of(tag::SEQUENCE) {
            let read = match element {
                Ok(element) => CertificateExtension::read(element.value).map_err(|error| error.0),
                Err(broken) => Err(broken.reason),
            };
            match read {
                Ok(extension) if extension.oid == ExtensionType::SubjectKeyIdentifier.oid().into() => {
                    self.leave_out(ExtensionType::SubjectKeyIdentifier, OLD_KEY);
                }
                Ok(extension) => self.extension(extension),
                Err(reason) => self.leave_out(Part::Extensions, malformed(reason)),
            }
        }
    }

    fn extension(&mut self, extension: CertificateExtension<'_>) {
        if ExtensionType::of(&extension.oid) == Some(ExtensionType::SubjectAltName) {
            return self.names(extension.value);
        }
        if let Some(reason) = inspect::why_malformed(&extension) {
            return self.leave_out(label(&extension.oid), malformed(reason));
        }
        let CertificateExtension { oid, critical, value } = extension;
        if self.extensions.iter().any(|earlier| earlier.oid == oid) {
            self.leave_out(label(&oid), TWICE);
        } else if let Err(fault) = asn1::check_whole(value) {
            self.leave_out(label(&oid), fault);
        } else {
            self.extensions.push(RequestedExtension::new(oid, critical, value.to_vec()));
        }
    }

    fn names(&mut self, value: &[u8]) {
        let names = match Reader::new(value).nested(tag::SEQUENCE) {
            Ok(names) => names,
            Err(ReadError(reason)) => return self.leave_out(ExtensionType::SubjectAltName, reason),
        };
        for element in names.elements() {
            match element {
                Ok(element) => match San::read(&element) {
                    Ok(san) => self.sans.push(san),
                    Err(why) => {
                        let text = asn1::ascii(element.value).unwrap_or_default();
                        self.leave_out(GeneralNameKind::of(element.tag), why.of(&text));
                    }
                },
                Err(broken) => self.leave_out(GeneralNameKind::Unknown, broken.reason),
            }
        }
    }

    fn finish(self, subject: Subject, signature: SignatureParameters) -> Result<Renewal, RenewalError> {
        let Self { sans, extensions, mut attributes, left_out } = self;
        attributes.sort();
        let sans = dedup_by_key(sans, San::clone);
        if subject.is_empty() && sans.is_empty() {
            return Err(RenewalError::NoNames);
        }
        let spec = CsrSpec { subject, sans, extensions, attributes, signature };
        Ok(Renewal { spec, left_out })
    }
}

const TWICE: &str = "there are two of it, and the first is taken";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_of_the_issuer_are_left_out_by_their_names() {
        for (dotted, name) in [
            ("1.3.6.1.4.1.11129.2.4.2", "signedCertificateTimestampList"),
            ("1.3.6.1.5.5.7.1.3", "qcStatements"),
            ("2.5.29.35", "authorityKeyIdentifier"),
        ] {
            let oid = dotted.parse().unwrap();
            assert_eq!((label(&oid).as_str(), of_certificate(&oid, true)), (name, Err(OF_THE_ISSUER)));
        }
        let unknown = "2.999.1".parse().unwrap();
        assert_ne!(of_certificate(&unknown, true), Err(OF_THE_ISSUER));
    }
}
