"""Requests that `openssl req` does not write, edited and signed anew (called by make.sh)."""

import base64
import os
import re
import subprocess

WORK = os.environ["WORK"]
EXTENSION_REQUEST = bytes.fromhex("06092a864886f70d01090e")
MS_EXTENSION_REQUEST = bytes.fromhex("060a2b06010401823702010e")
P256 = "ec-p256"


def tlv(tag, *parts):
    value = b"".join(parts)
    if len(value) < 0x80:
        return bytes([tag, len(value)]) + value
    length = len(value).to_bytes((len(value).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + value


def children(der):
    items = []
    at = 0
    while at < len(der):
        length, start = der[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            length, start = int.from_bytes(der[start:start + count], "big"), start + count
        items.append((der[at], der[start:start + length], der[at:start + length]))
        at = start + length
    return items


def load(name):
    text = open(f"{name}.pem").read()
    return base64.b64decode("".join(re.sub("-----.*?-----", "", text).split()))


def save(name, der):
    body = base64.encodebytes(der).decode().replace("\n", "")
    lines = [body[at:at + 64] for at in range(0, len(body), 64)]
    with open(f"{name}.pem", "w") as file:
        file.write("\n".join(["-----BEGIN CERTIFICATE REQUEST-----", *lines, "-----END CERTIFICATE REQUEST-----", ""]))


def resign(name, info, algorithm=None, key=P256):
    path = f"{WORK}/info"
    with open(path, "wb") as file:
        file.write(info)
    signature = subprocess.run(
        ["openssl", "dgst", "-sha256", "-sign", f"{WORK}/{key}.key", path], check=True, capture_output=True
    ).stdout
    algorithm = algorithm or children(children(load(key))[0][1])[1][2]
    save(name, tlv(0x30, info, algorithm, tlv(0x03, b"\0", signature)))


def info_parts(name):
    return [raw for _, _, raw in children(children(children(load(name))[0][1])[0][1])]


def attribute(oid, *values):
    return tlv(0x30, oid, tlv(0x31, *values))


version, subject, spki, _ = info_parts(P256)
san = tlv(0x30, bytes.fromhex("0603551d11"), tlv(0x04, tlv(0x30, tlv(0x82, b"example.com"))))
challenge = attribute(bytes.fromhex("06092a864886f70d010907"), tlv(0x0C, b"secret"))


def build(*attributes, in_order=True):
    if in_order:
        attributes = sorted(attributes)
    return tlv(0x30, version, subject, spki, tlv(0xA0, *attributes))


resign("no-attributes", tlv(0x30, version, subject, spki))
resign("empty-attributes", build())
resign("empty-extension-request", build(attribute(EXTENSION_REQUEST, tlv(0x30))))
resign("microsoft", build(
    attribute(MS_EXTENSION_REQUEST, tlv(0x30, san)),
    attribute(bytes.fromhex("060a2b0601040182370d0203"), tlv(0x16, b"10.0.20348.2")),
))
# Both extension requests, not in DER order, and an attribute of an unknown type with a value of every kind.
resign("unordered", build(
    challenge,
    attribute(MS_EXTENSION_REQUEST, tlv(0x30, san)),
    attribute(EXTENSION_REQUEST, tlv(0x30, san)),
    attribute(bytes.fromhex("06032a0304"), tlv(0x1C, "😀".encode("utf-32-be")), tlv(0x02, b"\x05"), tlv(0x30)),
    in_order=False,
))
names = [
    (0x0C, b"\xff\xfe"), (0x1C, "大".encode("utf-32-be")), (0x1E, b"\x00"), (0x13, b"at@sign*"),
    (0x16, b"ia5"), (0x12, b"12 34"), (0x1A, b"visible"), (0x0C, "a\u202eb\n\0".encode()), (0x0C, b" #lead and trail "),
]
rdns = [tlv(0x31, tlv(0x30, bytes.fromhex("060355040b"), tlv(tag, value))) for tag, value in names]
resign("string-types", tlv(0x30, version, tlv(0x30, *rdns), spki, tlv(0xA0)))
ecdsa_sha256 = bytes.fromhex("06082a8648ce3d040302")
resign("ecdsa-null-parameters", build(challenge), tlv(0x30, ecdsa_sha256, tlv(0x05)))
rsa_version, rsa_subject, rsa_spki, _ = info_parts("rsa-2048")
sha256_with_rsa = bytes.fromhex("06092a864886f70d01010b")
resign("rsa-absent-parameters", tlv(0x30, rsa_version, rsa_subject, rsa_spki, tlv(0xA0)),
       tlv(0x30, sha256_with_rsa), "rsa-2048")
resign("version-2", tlv(0x30, tlv(0x02, b"\x02"), subject, spki, tlv(0xA0)))
