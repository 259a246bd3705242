//! parse(build(spec)) = spec, with `x509-cert` as the parser.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::net::IpAddr;
use std::sync::LazyLock;

use const_oid::AssociatedOid;
use const_oid::db::rfc2985::PKCS_9_AT_CHALLENGE_PASSWORD;
use csr_core::{
    Csr, CsrSpec, CsrSpecBuilder, Digest, Error, KeyAlgorithm, KeyPair, Oid, PrivateKeyAlgo,
    SubjectAttribute, der_of_text,
};
use der::asn1::{Any, Ia5StringRef, ObjectIdentifier, PrintableStringRef, Utf8StringRef};
use der::{Decode, Encode, Tagged};
use proptest::prelude::*;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::{GeneralName, OtherName};
use x509_cert::name::{Name as DistinguishedName, RdnSequence, RelativeDistinguishedName};
use x509_cert::request::{CertReq, ExtensionReq};

static KEYS: LazyLock<Vec<KeyPair>> = LazyLock::new(|| {
    [PrivateKeyAlgo::EcP256, PrivateKeyAlgo::EcP384, PrivateKeyAlgo::Sm2, PrivateKeyAlgo::Rsa2048]
        .map(|algorithm| KeyPair::generate(algorithm).unwrap())
        .into()
});

/// Text of any script that a subject may hold without a warning of `inspect`: every character
/// prints, and the text does not look like a list of alternative names.
fn text(max: usize) -> impl Strategy<Value = String> {
    let any = proptest::char::any().prop_filter("a character that prints", |c| {
        let is_noncharacter = u32::from(*c) & 0xFFFE == 0xFFFE || matches!(c, '\u{fdd0}'..='\u{fdef}');
        !is_noncharacter && !csr_core::inspect::must_escape(*c)
    });
    let special =
        proptest::sample::select(vec![',', '+', '"', '\\', '=', '/', ';', '<', '>', '#', ' ', '司']);
    proptest::collection::vec(prop_oneof![any, special, proptest::char::range('a', 'z')], 1..=max)
        .prop_map(String::from_iter)
        // With a letter at each end, because invisible characters there, or alone, are refused.
        .prop_map(|text| format!("a{}z", text.chars().skip(2).collect::<String>()))
        .prop_filter("no list of names", |text| {
            let is_kind = |kind: &str| ["dns", "ip", "uri", "upn", "san"].contains(&kind);
            !text.split(|c: char| !c.is_ascii_alphabetic()).any(is_kind)
        })
}

fn dns() -> impl Strategy<Value = String> {
    let label = "[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?"
        .prop_filter("not an A-label", |label| !label.starts_with("xn--"));
    (any::<bool>(), proptest::collection::vec(label, 1..5), "[a-z]{2,10}").prop_map(
        |(wildcard, labels, tld)| format!("{}{}.{tld}", if wildcard { "*." } else { "" }, labels.join(".")),
    )
}

#[derive(Debug, Clone)]
enum Name {
    Dns(String),
    Ip(IpAddr),
    Email(String),
    Uri(String),
}

fn name() -> impl Strategy<Value = Name> {
    prop_oneof![
        4 => dns().prop_map(Name::Dns),
        2 => any::<IpAddr>().prop_map(Name::Ip),
        1 => "[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z]{1,60}\\.example".prop_map(Name::Email),
        1 => "(https|spiffe)://[a-z]{1,20}\\.example/[A-Za-z0-9._~-]{0,30}".prop_map(Name::Uri),
    ]
}

fn read_names(extension: &Extension) -> Vec<String> {
    let SubjectAltName(names) = SubjectAltName::from_der(extension.extn_value.as_bytes()).unwrap();
    names
        .iter()
        .map(|name| match name {
            GeneralName::DnsName(name) => format!("dns {name}"),
            GeneralName::Rfc822Name(name) => format!("email {name}"),
            GeneralName::UniformResourceIdentifier(name) => format!("uri {name}"),
            GeneralName::IpAddress(octets) => match *octets.as_bytes() {
                [a, b, c, d] => format!("ip {}", IpAddr::from([a, b, c, d])),
                ref octets => format!("ip {}", IpAddr::from(<[u8; 16]>::try_from(octets).unwrap())),
            },
            other => format!("{other:?}"),
        })
        .collect()
}

/// An identifier below one of our own; `x509-cert` reads arcs of 32 bits.
fn dotted(arc: &'static str) -> impl Strategy<Value = String> {
    proptest::collection::vec(0..u32::MAX / 2, 0..4).prop_map(move |arcs| {
        arcs.iter().fold(format!("1.3.6.1.4.1.55555.{arc}"), |oid, arc| format!("{oid}.{arc}"))
    })
}

/// A value as `der_of_text` reads it, and as the crate `der` writes it.
#[derive(Debug, Clone)]
enum Value {
    Utf8(String),
    Ia5(String),
    Printable(String),
    Integer(i64),
    Boolean(bool),
    Null,
    Oid(String),
}

impl Value {
    fn text(&self) -> String {
        match self {
            Self::Utf8(text) => format!("utf8:{text}"),
            Self::Ia5(text) => format!("ia5:{text}"),
            Self::Printable(text) => format!("printable:{text}"),
            Self::Integer(number) => format!("integer:{number}"),
            Self::Boolean(is_true) => format!("boolean:{}", if *is_true { "TRUE" } else { "FALSE" }),
            Self::Null => "null".to_owned(),
            Self::Oid(oid) => format!("oid:{oid}"),
        }
    }

    fn der(&self) -> Vec<u8> {
        match self {
            Self::Utf8(text) => Utf8StringRef::new(text).unwrap().to_der(),
            Self::Ia5(text) => Ia5StringRef::new(text).unwrap().to_der(),
            Self::Printable(text) => PrintableStringRef::new(text).unwrap().to_der(),
            Self::Integer(number) => number.to_der(),
            Self::Boolean(is_true) => is_true.to_der(),
            Self::Null => der::asn1::Null.to_der(),
            Self::Oid(oid) => oid.parse::<ObjectIdentifier>().unwrap().to_der(),
        }
        .unwrap()
    }
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<String>().prop_map(Value::Utf8),
        "[ -~]{0,200}".prop_map(Value::Ia5),
        PRINTABLE.prop_map(Value::Printable),
        any::<i64>().prop_map(Value::Integer),
        (-300..300_i64).prop_map(Value::Integer),
        any::<bool>().prop_map(Value::Boolean),
        Just(Value::Null),
        dotted("5").prop_map(Value::Oid),
    ]
}

const PRINTABLE: &str = "[A-Za-z0-9][A-Za-z0-9 '()+,./:=?-]{0,30}[A-Za-z0-9]";

/// An attribute of a subject.
#[derive(Debug, Clone)]
struct Attribute {
    oid: Oid,
    text: String,
}

impl Attribute {
    /// The string types of RFC 5280 Appendix A.1 and RFC 4519.
    fn der(&self) -> Vec<u8> {
        match self.oid.to_string().as_str() {
            "2.5.4.6" => PrintableStringRef::new(&self.text.to_ascii_uppercase()).unwrap().to_der(),
            "2.5.4.5" | "2.5.4.46" => PrintableStringRef::new(&self.text).unwrap().to_der(),
            "0.9.2342.19200300.100.1.25" | "1.2.840.113549.1.9.1" => {
                Ia5StringRef::new(&self.text).unwrap().to_der()
            }
            _ => Utf8StringRef::new(&self.text).unwrap().to_der(),
        }
        .unwrap()
    }
}

fn attribute() -> impl Strategy<Value = Attribute> {
    use SubjectAttribute as Type;
    let of = |types: &[Type], texts: BoxedStrategy<String>| {
        (proptest::sample::select(types.to_vec()), texts)
            .prop_map(|(r#type, text)| Attribute { oid: r#type.into(), text })
    };
    prop_oneof![
        4 => of(&[Type::Organization, Type::OrganizationalUnit, Type::Title], text(64).boxed()),
        4 => of(
            &[
                Type::Locality,
                Type::Province,
                Type::Street,
                Type::BusinessCategory,
                Type::Pseudonym,
                Type::UserId,
                Type::GivenName,
                Type::Surname,
                Type::OrganizationIdentifier,
                Type::Description,
            ],
            text(128).boxed(),
        ),
        1 => of(&[Type::PostalCode], text(40).boxed()),
        2 => of(&[Type::SerialNumber, Type::DnQualifier], PRINTABLE.boxed()),
        1 => of(&[Type::DomainComponent], "[a-z0-9-]{1,60}[a-z0-9]".boxed()),
        1 => of(&[Type::EmailAddress], "[a-z]{1,20}@[a-z]{1,20}\\.example".boxed()),
        1 => of(&[Type::Country], "de|GB|Cn".boxed()),
        2 => (dotted("1"), text(200)).prop_map(|(oid, text)| Attribute { oid: oid.parse().unwrap(), text }),
    ]
}

/// A name of a kind that is no host, mail address or URI.
#[derive(Debug, Clone)]
enum AnyName {
    Upn(String),
    Other(String, Value),
    /// Relative names of one attribute.
    Directory(Vec<Attribute>),
    Registered(String),
}

fn any_name() -> impl Strategy<Value = AnyName> {
    prop_oneof![
        "[a-zé0-9.]{1,40}@[a-zü0-9.]{1,40}".prop_map(AnyName::Upn),
        (dotted("2"), value()).prop_map(|(oid, value)| AnyName::Other(oid, value)),
        proptest::collection::vec(attribute(), 1..4).prop_map(AnyName::Directory),
        dotted("2").prop_map(AnyName::Registered),
    ]
}

impl AnyName {
    /// Adds it, and gives the DER of its `GeneralName` as `x509-cert` writes it.
    fn add_to(&self, builder: CsrSpecBuilder) -> (CsrSpecBuilder, Vec<u8>) {
        let other = |oid: &str, value: &[u8]| {
            let value = Any::from_der(value).unwrap();
            GeneralName::OtherName(OtherName { type_id: oid.parse().unwrap(), value })
        };
        let (builder, name) = match self {
            Self::Upn(name) => {
                (builder.upn(name), other("1.3.6.1.4.1.311.20.2.3", &Value::Utf8(name.clone()).der()))
            }
            Self::Other(oid, value) => {
                let given = der_of_text(&value.text()).unwrap();
                (builder.other_name(oid.parse().unwrap(), given), other(oid, &value.der()))
            }
            Self::Registered(oid) => {
                (builder.registered_id(oid.parse().unwrap()), GeneralName::RegisteredId(oid.parse().unwrap()))
            }
            Self::Directory(attributes) => {
                // Escaped as RFC 4514 §2.4 allows: each octet.
                let relative_name = |attribute: &Attribute| {
                    let octets = attribute.text.bytes().map(|octet| format!("\\{octet:02x}"));
                    format!("{}={}", attribute.oid, octets.collect::<String>())
                };
                let text: Vec<_> = attributes.iter().rev().map(relative_name).collect();
                let names = attributes.iter().map(|attribute| {
                    let oid = attribute.oid.to_string().parse().unwrap();
                    let value = Any::from_der(&attribute.der()).unwrap();
                    let pair = AttributeTypeAndValue { oid, value };
                    RelativeDistinguishedName::try_from(vec![pair]).unwrap()
                });
                let name = RdnSequence::from(names.collect::<Vec<_>>()).to_der().unwrap();
                let name = DistinguishedName::from_der(&name).unwrap();
                (builder.directory_name(text.join(",")), GeneralName::DirectoryName(name))
            }
        };
        (builder, name.to_der().unwrap())
    }
}

/// A call of a builder.
type Step = fn(CsrSpecBuilder) -> CsrSpecBuilder;

/// Steps that differ in little from their neighbours; some have the same effect.
const STEPS: &[Step] = &[
    |b| b.common_name("a"),
    |b| b.common_name("ab"),
    |b| b.organization("a"),
    |b| b.organizational_unit("a"),
    |b| b.organizational_unit("b"),
    |b| b.subject_attribute(SubjectAttribute::Title, "a"),
    |b| b.subject_attribute("2.999.1".parse::<Oid>().unwrap(), "a"),
    |b| b.joined_subject_attribute(SubjectAttribute::UserId, "a"),
    |b| b.subject_attribute(SubjectAttribute::UserId, "a"),
    |b| b.san("a.example"),
    |b| b.san("A.example"),
    |b| b.san("b.example"),
    |b| b.san("1.2.3.4"),
    |b| b.san("::ffff:1.2.3.4"),
    |b| b.san("::102:304"),
    |b| b.email("a@b.example"),
    |b| b.upn("a@b.example"),
    |b| b.uri("spiffe://a.example"),
    |b| b.other_name("2.999.1".parse().unwrap(), [5, 0]),
    |b| b.other_name("2.999".parse().unwrap(), [5, 0]),
    |b| b.directory_name("CN=a,O=b"),
    |b| b.directory_name("CN=a+O=b"),
    |b| b.registered_id("2.999.1".parse().unwrap()),
    |b| b.must_staple(),
    |b| b.extension("2.999.1".parse().unwrap(), false, [5, 0]),
    |b| b.extension("2.999.1".parse().unwrap(), true, [5, 0]),
    |b| b.attribute("2.999.1".parse().unwrap(), [5, 0]),
    |b| b.attribute("2.999.2".parse().unwrap(), [5, 0]),
    |b| b.challenge_password("a"),
    |b| b.digest(Digest::Sha256),
    |b| b.digest(Digest::Sha512),
    |b| b.pss(),
    |b| b.sm2_identity(""),
    |b| b.sm2_identity("a"),
    |b| b.sm2_identity("1234567812345678"),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 8_192, failure_persistence: None, ..ProptestConfig::default() })]

    /// Specifications of steps that are the same but for their order or for one of them.
    #[test]
    fn fingerprints_are_equal_exactly_for_equal_specifications(
        steps in proptest::collection::vec(0..STEPS.len(), 1..7),
        places in any::<[proptest::sample::Index; 2]>(),
        distance in 1..4_usize,
        kind in 0..4_u8,
    ) {
        let build = |steps: &[usize]| steps.iter().fold(CsrSpec::builder(), |b, step| STEPS[*step](b)).build();
        let [one, two] = places.map(|place| place.index(steps.len()));
        let neighbour = (steps[one] + distance) % STEPS.len();
        let mut edited = steps.clone();
        match kind {
            0 => edited.swap(one, two),
            1 => edited[one] = neighbour,
            2 => edited.insert(one, neighbour),
            _ => drop(edited.remove(one)),
        }
        if let (Ok(spec), Ok(edited)) = (build(&steps), build(&edited)) {
            prop_assert_eq!(spec == edited, spec.fingerprint() == edited.fingerprint(), "{:?} {:?}", spec, edited);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parsed_csr_holds_its_specification(
        domain in proptest::option::of(dns()),
        names in proptest::collection::vec(name(), 0..12),
        organization in text(64),
        unit in text(64),
        province in text(128),
        city in text(128),
        must_staple in any::<bool>(),
        password in proptest::option::of(text(255)),
        key in 0..4_usize,
    ) {
        let mut builder = CsrSpec::builder().organization(&organization).organizational_unit(&unit);
        builder = builder.province(&province).city(&city).country("DE").email_address("ca@example.com");
        if must_staple {
            builder = builder.must_staple();
        }
        if let Some(password) = &password {
            builder = builder.challenge_password(password);
        }
        let mut expected = Vec::new();
        if let Some(domain) = &domain {
            builder = builder.domain(domain);
            expected.push(format!("dns {domain}"));
        }
        let first_dns = names.iter().find_map(|name| match name {
            Name::Dns(name) => Some(name.clone()),
            _ => None,
        });
        let common_name = domain.or(first_dns).filter(|name| name.len() <= 64);
        for name in names {
            let (next, text) = match name {
                Name::Dns(name) => (builder.san(&name), format!("dns {name}")),
                Name::Ip(address) => (builder.san(address.to_string()), format!("ip {address}")),
                Name::Email(address) => (builder.email(&address), format!("email {address}")),
                Name::Uri(uri) => (builder.uri(&uri), format!("uri {uri}")),
            };
            builder = next;
            if !expected.contains(&text) {
                expected.push(text);
            }
        }
        let spec = builder.build().unwrap();
        let csr = Csr::sign(&spec, &KEYS[key]).unwrap();

        let inspection = csr_core::inspect(csr.as_der()).unwrap();
        prop_assert!(inspection.verify(None).is_valid());
        prop_assert!(inspection.warnings.is_empty(), "{:?}", inspection.warnings);
        prop_assert_eq!(inspection.subject.to_string(), spec.subject().to_string());
        let renewal = CsrSpec::from_csr(&inspection).unwrap();
        prop_assert_eq!(renewal.left_out, []);
        prop_assert_eq!(&renewal.spec, &spec);
        prop_assert_eq!(renewal.spec.fingerprint(), spec.fingerprint());
        let request = CertReq::from_der(csr.as_der()).unwrap();
        prop_assert_eq!(request.to_der().unwrap(), csr.as_der());
        prop_assert_eq!(request.info.public_key.to_der().unwrap(), KEYS[key].public_key_info());
        let subject: Vec<(String, String)> = request.info.subject.iter().map(|attribute| {
            let value = &attribute.value;
            let text = match value.tag() {
                der::Tag::Utf8String => Utf8StringRef::try_from(value).unwrap().as_str().to_owned(),
                der::Tag::PrintableString => PrintableStringRef::try_from(value).unwrap().as_str().to_owned(),
                _ => Ia5StringRef::try_from(value).unwrap().as_str().to_owned(),
            };
            (attribute.oid.to_string(), text)
        }).collect();
        let mut wanted =
            vec![("2.5.4.6", "DE"), ("2.5.4.8", &province), ("2.5.4.7", &city), ("2.5.4.10", &organization)];
        wanted.push(("2.5.4.11", &unit));
        wanted.extend(common_name.iter().map(|name| ("2.5.4.3", name.as_str())));
        wanted.push(("1.2.840.113549.1.9.1", "ca@example.com"));
        let wanted: Vec<_> = wanted.into_iter().map(|(oid, text)| (oid.to_owned(), text.to_owned())).collect();
        prop_assert_eq!(subject, wanted);

        let values: Vec<_> = request.info.attributes.iter().map(|a| (a.oid, a.values.get(0).unwrap())).collect();
        let read = values.iter().find(|(oid, _)| *oid == PKCS_9_AT_CHALLENGE_PASSWORD).map(|(_, value)| {
            Utf8StringRef::try_from(*value)
                .map(|text| text.as_str().to_owned())
                .unwrap_or_else(|_| PrintableStringRef::try_from(*value).unwrap().as_str().to_owned())
        });
        prop_assert_eq!(read, password);

        let requested = values.iter().find(|(oid, _)| *oid == ExtensionReq::OID);
        let extensions = requested.map_or_else(Vec::new, |(_, value)| {
            ExtensionReq::from_der(&value.to_der().unwrap()).unwrap().0
        });
        prop_assert_eq!(requested.is_some(), !extensions.is_empty(), "an empty extensionRequest");
        prop_assert_eq!(extensions.len(), usize::from(!expected.is_empty()) + usize::from(must_staple));
        let find = |oid| extensions.iter().find(|extension| extension.extn_id == oid);
        prop_assert_eq!(find(SubjectAltName::OID).map_or_else(Vec::new, read_names), expected);
        let feature = find(ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.1.24"));
        let five = &b"\x30\x03\x02\x01\x05"[..];
        prop_assert_eq!(feature.map(|e| e.extn_value.as_bytes()), must_staple.then_some(five));
    }

    /// Subjects, names, extensions and attributes of every kind that can be given.
    #[test]
    fn parsed_csr_holds_content_of_any_type(
        common_name in proptest::option::of(text(64)),
        attributes in proptest::collection::vec((attribute(), any::<bool>()), 0..8),
        names in proptest::collection::vec(any_name(), 1..8),
        extensions in proptest::collection::btree_map(dotted("3"), (any::<bool>(), value()), 0..6),
        requested in proptest::collection::btree_map(dotted("4"), value(), 0..6),
        key in 0..4_usize,
    ) {
        let mut builder = CsrSpec::builder();
        builder = match &common_name {
            Some(text) => builder.common_name(text),
            None => builder.no_common_name(),
        };
        // Relative names, each of types and DER.
        let mut subject: Vec<Vec<(String, Vec<u8>)>> = Vec::new();
        for (attribute, is_joined) in &attributes {
            let pair = (attribute.oid.to_string(), attribute.der());
            match subject.last_mut() {
                Some(last) if *is_joined && last.iter().all(|(oid, _)| *oid != pair.0) => {
                    builder = builder.joined_subject_attribute(attribute.oid.clone(), &attribute.text);
                    last.push(pair);
                }
                _ => {
                    builder = builder.subject_attribute(attribute.oid.clone(), &attribute.text);
                    subject.push(vec![pair]);
                }
            }
        }
        if let Some(text) = &common_name {
            subject.push(vec![("2.5.4.3".to_owned(), Utf8StringRef::new(text).unwrap().to_der().unwrap())]);
        }
        let mut expected = Vec::new();
        for name in &names {
            let (next, general_name) = name.add_to(builder);
            builder = next;
            if !expected.contains(&general_name) {
                expected.push(general_name);
            }
        }
        for (oid, (is_critical, value)) in &extensions {
            builder = builder.extension(oid.parse().unwrap(), *is_critical, der_of_text(&value.text()).unwrap());
        }
        for (oid, value) in &requested {
            builder = builder.attribute(oid.parse().unwrap(), der_of_text(&value.text()).unwrap());
        }
        let spec = builder.build().unwrap();
        let csr = Csr::sign(&spec, &KEYS[key]).unwrap();

        let inspection = csr_core::inspect(csr.as_der()).unwrap();
        prop_assert!(inspection.verify(None).is_valid());
        prop_assert!(inspection.malformed.is_empty());
        let renewal = CsrSpec::from_csr(&inspection).unwrap();
        prop_assert_eq!(renewal.left_out, []);
        prop_assert_eq!(&renewal.spec, &spec);
        prop_assert_eq!(renewal.spec.fingerprint(), spec.fingerprint());
        let request = CertReq::from_der(csr.as_der()).unwrap();
        // Sets must be in order to be the same again (X.690 §11.6).
        prop_assert_eq!(request.to_der().unwrap(), csr.as_der());
        let mut found: Vec<Vec<_>> = request.info.subject.iter_rdn().map(|relative_name| {
            relative_name.iter().map(|a| (a.oid.to_string(), a.value.to_der().unwrap())).collect()
        }).collect();
        found.iter_mut().chain(&mut subject).for_each(|relative_name| relative_name.sort());
        prop_assert_eq!(found, subject);

        let mut others = Vec::new();
        let mut asked = Vec::new();
        for attribute in request.info.attributes.iter() {
            prop_assert_eq!(attribute.values.len(), 1);
            let value = attribute.values.get(0).unwrap().to_der().unwrap();
            if attribute.oid == ExtensionReq::OID {
                asked = ExtensionReq::from_der(&value).unwrap().0;
            } else {
                others.push((attribute.oid.to_string(), value));
            }
        }
        others.sort();
        let requested = requested.into_iter().map(|(oid, value)| (oid, value.der())).collect::<Vec<_>>();
        prop_assert_eq!(others, requested);
        let is_san = |extension: &Extension| extension.extn_id == SubjectAltName::OID;
        let (sans, asked): (Vec<_>, Vec<_>) = asked.into_iter().partition(is_san);
        let [sans] = &sans[..] else { panic!("{} lists of names", sans.len()) };
        prop_assert_eq!(sans.critical, spec.subject().is_empty());
        let SubjectAltName(found) = SubjectAltName::from_der(sans.extn_value.as_bytes()).unwrap();
        let found: Vec<_> = found.iter().map(|name| name.to_der().unwrap()).collect();
        prop_assert_eq!(found, expected);
        let asked: Vec<_> = asked.into_iter()
            .map(|e| (e.extn_id.to_string(), (e.critical, e.extn_value.into_bytes().to_vec())))
            .collect();
        let extensions = extensions.into_iter().map(|(oid, (critical, value))| (oid, (critical, value.der())));
        prop_assert_eq!(asked, extensions.collect::<Vec<_>>());
    }

    /// Every hash function and scheme with every kind of key: the CSR says what it is signed with, its signature holds, and
    /// it holds no more after a change of the content or of the signature.
    #[test]
    fn every_signature_holds_until_it_is_tampered_with(
        digest in proptest::option::of(proptest::sample::select(Digest::ALL.to_vec())),
        pss in any::<bool>(),
        domain in "[a-z]{20}\\.example",
        key in 0..4_usize,
        bit in 0..400_usize,
    ) {
        let mut builder = CsrSpec::builder().domain(&domain);
        if let Some(digest) = digest {
            builder = builder.digest(digest);
        }
        if pss {
            builder = builder.pss();
        }
        let key = &KEYS[key];
        let algorithm = key.algorithm();
        let signed = Csr::sign(&builder.build().unwrap(), key);
        if let Err(faults) = algorithm.check_signature(digest, pss) {
            prop_assert_eq!(signed, Err(Error::Request(faults)));
            return Ok(());
        }
        let mut der = signed.unwrap().as_der().to_vec();

        let default = if algorithm == KeyAlgorithm::EcP384 { Digest::Sha384 } else { Digest::Sha256 };
        let digest = digest.unwrap_or(default);
        let number = digest.as_str().trim_start_matches("SHA-");
        let expected = match algorithm {
            KeyAlgorithm::Rsa { .. } if pss => {
                format!("RSASSA-PSS with {digest}, salt of {} bytes", digest.octets())
            }
            KeyAlgorithm::Rsa { .. } => format!("sha{number}WithRSAEncryption"),
            KeyAlgorithm::Sm2 => "SM2-with-SM3".to_owned(),
            _ => format!("ecdsa-with-SHA{number}"),
        };
        let holds = |der: &[u8]| csr_core::inspect(der).is_ok_and(|csr| csr.verify(None).is_valid());
        let inspection = csr_core::inspect(&der).unwrap();
        prop_assert_eq!(inspection.signature_algorithm.to_string(), expected);
        prop_assert!(inspection.warnings.is_empty(), "{:?}", inspection.warnings);
        prop_assert!(holds(&der));

        // The signature is at the end, and each takes more than these bits.
        let place = der.len() - 1 - bit / 8;
        der[place] ^= 1 << (bit % 8);
        prop_assert!(!holds(&der));
        der[place] ^= 1 << (bit % 8);
        let place = der.windows(domain.len()).position(|window| window == domain.as_bytes()).unwrap();
        der[place] = if der[place] == b'a' { b'b' } else { b'a' };
        prop_assert!(csr_core::inspect(&der).is_ok());
        prop_assert!(!holds(&der));
    }

    #[test]
    fn no_text_causes_a_panic(domain in any::<String>(), san in any::<String>(), company in any::<String>()) {
        let _ = CsrSpec::builder().domain(&domain).san(&san).email(&san).uri(&san).organization(&company).build();
    }
}
