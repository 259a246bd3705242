"""Python's cryptography over every CSR of a folder."""

import hashlib
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

TYPES = {
    "2.5.4.3": "CN",
    "2.5.4.4": "SN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "street",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.12": "title",
    "2.5.4.13": "description",
    "2.5.4.15": "businessCategory",
    "2.5.4.17": "postalCode",
    "2.5.4.42": "GN",
    "2.5.4.43": "initials",
    "2.5.4.44": "generationQualifier",
    "2.5.4.46": "dnQualifier",
    "2.5.4.65": "pseudonym",
    "2.5.4.97": "organizationIdentifier",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "emailAddress",
}
SANS = {x509.DNSName: "DNS", x509.IPAddress: "IP", x509.RFC822Name: "email", x509.UniformResourceIdentifier: "URI"}
EXTENSION_REQUEST = "1.2.840.113549.1.9.14"
CHALLENGE_PASSWORD = "1.2.840.113549.1.9.7"


def attributes(name):
    for rdn in name.rdns:
        for index, attribute in enumerate(rdn):
            oid = attribute.oid.dotted_string
            yield f"{'+' if index else ''}{TYPES.get(oid, oid)}={attribute.value}"


def san(name):
    match name:
        case x509.OtherName():
            return f"otherName:{name.type_id.dotted_string}={name.value.hex()}"
        case x509.DirectoryName():
            return "dirName:" + "".join("/" + attribute for attribute in attributes(name.value))
        case x509.RegisteredID():
            return f"RID:{name.value.dotted_string}"
        case _:
            return f"{SANS[type(name)]}:{name.value}"


def key_usage(value):
    agreement = value.key_agreement
    bits = [
        value.digital_signature,
        value.content_commitment,
        value.key_encipherment,
        value.data_encipherment,
        agreement,
        value.key_cert_sign,
        value.crl_sign,
        agreement and value.encipher_only,
        agreement and value.decipher_only,
    ]
    return " ".join(str(bit) for bit, is_set in enumerate(bits) if is_set)


def extension(oid, value):
    match value:
        case x509.KeyUsage():
            yield "detail", "key_usage " + key_usage(value)
        case x509.ExtendedKeyUsage():
            yield "detail", "extended_key_usage " + " ".join(purpose.dotted_string for purpose in value)
        case x509.BasicConstraints():
            length = "-" if value.path_length is None else value.path_length
            yield "detail", f"basic_constraints {str(value.ca).lower()} {length}"
        case x509.TLSFeature():
            yield "detail", "tls_feature " + " ".join(str(feature.value) for feature in value)
        case x509.SubjectAlternativeName():
            for name in value:
                yield "san", san(name)
        case _:
            yield "value", f"extension {oid} {value.public_bytes().hex()}"


def read(csr):
    if not csr.is_signature_valid:
        raise ValueError("the signature does not hold")
    key = csr.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    yield "public_key", hashlib.sha256(key).hexdigest()
    for attribute in attributes(csr.subject):
        yield "subject", attribute
    yield "accepted", ""
    for attribute in csr.attributes:
        oid = attribute.oid.dotted_string
        yield "detail", f"attribute {oid}"
        if oid == CHALLENGE_PASSWORD:
            yield "detail", f"challenge_password {attribute.value.decode()}"
        elif oid != EXTENSION_REQUEST:
            # It gives the content of a value and its tag; lengths here are below 128.
            value = bytes([attribute._type, len(attribute.value)]) + attribute.value
            yield "value", f"attribute {oid} {value.hex()}"
    for found in csr.extensions:
        oid = found.oid.dotted_string
        yield "detail", f"extension {oid}" + (" critical" if found.critical else "")
        yield from extension(oid, found.value)


for file in Path(sys.argv[1]).iterdir():
    try:
        lines = list(read(x509.load_pem_x509_csr(file.read_bytes())))
    except Exception as refused:
        lines = [("refused", repr(refused))]
    for what, value in lines:
        print(file.stem, what, value, sep="\t")
