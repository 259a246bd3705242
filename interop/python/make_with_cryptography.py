"""A CSR and a certificate by Python's cryptography, in the folders that are given."""

import datetime
import sys
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AttributeOID, AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from cryptography.x509.oid import ObjectIdentifier

key = ec.generate_private_key(ec.SECP256R1())
subject = x509.Name(
    [
        x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example, Ltd")]),
        x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "A")]),
        x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "B")]),
        x509.RelativeDistinguishedName(
            [
                x509.NameAttribute(NameOID.COMMON_NAME, "Gerät 7"),
                x509.NameAttribute(NameOID.USER_ID, "u7"),
            ]
        ),
        x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.SERIAL_NUMBER, "SN-7")]),
        x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.DOMAIN_COMPONENT, "example")]),
        x509.RelativeDistinguishedName([x509.NameAttribute(ObjectIdentifier("2.999.1"), "any")]),
        x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.COUNTRY_NAME, "GB")]),
    ]
)
names = x509.SubjectAlternativeName(
    [
        x509.DNSName("device-7.example"),
        x509.OtherName(ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), b"\x0c\x09u@example"),
        x509.OtherName(ObjectIdentifier("2.999.2"), b"\x02\x01\x05"),
        x509.DirectoryName(x509.Name.from_rfc4514_string("CN=a+UID=b,O=Example")),
        x509.RegisteredID(ObjectIdentifier("2.999.3")),
        x509.IPAddress(ip_address("192.0.2.7")),
        x509.IPAddress(ip_address("2001:db8::7")),
        x509.RFC822Name("a@b.example"),
        x509.UniformResourceIdentifier("urn:x:y"),
    ]
)
usage = x509.KeyUsage(True, False, True, False, False, False, False, False, False)
smart_card = ObjectIdentifier("1.3.6.1.4.1.311.20.2.2")
purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH, smart_card])
template = x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.311.20.2"), b"\x1e\x06\x00W\x00e\x00b")
asked = [
    (names, False),
    (usage, True),
    (purposes, False),
    (x509.TLSFeature([x509.TLSFeatureType.status_request]), False),
    (template, False),
    (x509.UnrecognizedExtension(ObjectIdentifier("2.999.4"), b"\x30\x03\x02\x01\x05"), True),
]
csrs, certificates = map(Path, sys.argv[1:])

builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
for extension, critical in asked:
    builder = builder.add_extension(extension, critical)
builder = builder.add_attribute(AttributeOID.CHALLENGE_PASSWORD, b"geheim")
csr = builder.add_attribute(AttributeOID.UNSTRUCTURED_NAME, b"device").sign(key, hashes.SHA384())
(csrs / "Cryptography.pem").write_bytes(csr.public_bytes(Encoding.PEM))

issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Example CA")])
now = datetime.datetime.now(datetime.timezone.utc)
builder = x509.CertificateBuilder(issuer, subject, key.public_key(), 7, now, now + datetime.timedelta(days=30))
url = x509.UniformResourceIdentifier("http://ca.example/")
issued = [
    (x509.BasicConstraints(False, None), True),
    (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
    (x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), False),
    (x509.CertificatePolicies([x509.PolicyInformation(ObjectIdentifier("2.999.9"), None)]), False),
    (x509.CRLDistributionPoints([x509.DistributionPoint([url], None, None, None)]), False),
    (x509.AuthorityInformationAccess([x509.AccessDescription(AuthorityInformationAccessOID.OCSP, url)]), False),
]
for extension, critical in asked + issued:
    builder = builder.add_extension(extension, critical)
certificate = builder.sign(key, hashes.SHA256())
(certificates / "Cryptography.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
