//! The content of a new CSR from that of a CSR or certificate that there is already.

use core::fmt;

use super::builder::dedup_by_key;
use super::{CsrSpec, RequestedAttribute, RequestedExtension};
use crate::asn1::{self, Element, Oid, ReadError, Reader, tag};
use crate::certificate::{Certificate, CertificateExtension};
use crate::inspect::{self, CertificateInspection, Inspection, SignatureStatus};
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
    /// A CSR that was made here gives the specification that it was made from, but for how it is signed: the hash function
    /// and RSASSA-PSS are those of the new key, and an SM2 identity is kept only if it is the default or the empty one,
    /// because no CSR holds it.
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
        let subject = taken.subject(&mut info)?;
        let _public_key = info.any();
        // What is malformed here, inspecting has noted.
        if let Ok(Some(set)) = info.optional(tag::constructed(0)) {
            for element in Reader::new(set.value).elements_of(tag::SEQUENCE).map_while(Result::ok) {
                taken.attribute(element.value);
            }
        }
        let sm2_identity = match csr.signature_status() {
            SignatureStatus::Valid { sm2_identity: Some(identity) } => identity,
            _ => Sm2Identity::DEFAULT,
        };
        taken.finish(subject, sm2_identity)
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
        let subject = taken.subject(&mut Reader::new(certificate.subject.raw))?;
        let extensions: Vec<_> = certificate.extensions().map_while(Result::ok).collect();
        let is_ca = extensions.iter().any(is_of_ca);
        for extension in extensions {
            let is_taken = of_certificate(&extension.oid, is_ca);
            match is_taken {
                Ok(()) => taken.extension(extension),
                Err(reason) => taken.leave_out(label(&extension.oid), reason),
            }
        }
        taken.finish(subject, Sm2Identity::DEFAULT)
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
        None if of_the_issuer(oid).is_some() => Err(OF_THE_ISSUER),
        None => Err("it is unknown whether the issuer sets it; --extension asks for it"),
    }
}

const OF_THE_ISSUER: &str = "the issuer sets it";

/// The name of an extension that no subject asks for, and that is no [`ExtensionType`] because no CSR has it.
fn of_the_issuer(oid: &Oid) -> Option<&'static str> {
    const NAMES: [(&str, &str); 5] = [
        ("1.3.6.1.4.1.11129.2.4.2", "signedCertificateTimestampList"), // RFC 6962 §3.3
        ("1.3.6.1.4.1.11129.2.4.3", "precertificatePoison"),           // RFC 6962 §3.1
        ("1.3.6.1.5.5.7.1.3", "qcStatements"),                         // RFC 3739 §3.2.6
        ("1.3.6.1.4.1.311.21.1", "msCaVersion"),                       // [MS-WCCE] §2.2.2.7.7
        ("1.3.6.1.4.1.311.21.2", "msPreviousCaCertificateHash"),
    ];
    let dotted = oid.to_string();
    NAMES.iter().find(|(known, _)| *known == dotted).map(|(_, name)| *name)
}

const OLD_KEY: &str = "it depends on the old key";

fn is_of_ca(extension: &CertificateExtension<'_>) -> bool {
    let is_ca = |reader: &mut Reader<'_>| reader.nested(tag::SEQUENCE)?.boolean_or_false();
    ExtensionType::of(&extension.oid) == Some(ExtensionType::BasicConstraints)
        && is_ca(&mut Reader::new(extension.value)) == Ok(true)
}

fn label(oid: &Oid) -> String {
    let extension = ExtensionType::of(oid).map(ExtensionType::as_str);
    let known = extension.or_else(|| AttributeType::of(oid).map(AttributeType::as_str));
    let known = known.or_else(|| of_the_issuer(oid));
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

    fn subject(&mut self, reader: &mut Reader<'_>) -> Result<Subject, RenewalError> {
        Subject::read(reader).map_err(|ReadError(reason)| RenewalError::Subject(reason))
    }

    /// Reads what `Attribute ::= SEQUENCE { type, values SET }` holds.
    fn attribute(&mut self, contents: &[u8]) {
        let mut reader = Reader::new(contents);
        let Ok(oid) = reader.oid() else { return };
        let values = reader.nested(tag::SET).map(|set| set.elements().map_while(Result::ok).collect());
        let values: Vec<Element<'_>> = values.unwrap_or_default();
        match AttributeType::of(&oid) {
            Some(r#type) if r#type.is_extension_request() => {
                let requests = values.iter().filter_map(|v| Reader::new(v.raw).nested(tag::SEQUENCE).ok());
                for element in requests.flat_map(|request| request.elements_of(tag::SEQUENCE)).flatten() {
                    if let Ok(extension) = CertificateExtension::read(element.value) {
                        match ExtensionType::of(&extension.oid) {
                            Some(ExtensionType::SubjectKeyIdentifier) => {
                                self.leave_out(label(&extension.oid), OLD_KEY);
                            }
                            _ => self.extension(extension),
                        }
                    }
                }
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

    fn extension(&mut self, extension: CertificateExtension<'_>) {
        if ExtensionType::of(&extension.oid) == Some(ExtensionType::SubjectAltName) {
            return self.names(extension.value);
        }
        let malformed = inspect::why_malformed(&extension);
        let CertificateExtension { oid, critical, value } = extension;
        if let Some(reason) = malformed {
            return self.leave_out(label(&oid), format_args!("it is malformed: {reason}"));
        }
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

    fn finish(self, subject: Subject, sm2_identity: Sm2Identity) -> Result<Renewal, RenewalError> {
        let Self { sans, extensions, mut attributes, left_out } = self;
        attributes.sort();
        let sans = dedup_by_key(sans, San::clone);
        if subject.is_empty() && sans.is_empty() {
            return Err(RenewalError::NoNames);
        }
        let signature = SignatureParameters { sm2_identity, ..SignatureParameters::default() };
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
