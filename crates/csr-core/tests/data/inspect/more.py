"""Requests that `openssl req` does not write, put together and signed (called by make-more.sh)."""

import base64
import os
import subprocess

WORK = os.environ["WORK"]


def tlv(tag, *parts):
    value = b"".join(parts)
    if len(value) < 0x80:
        return bytes([tag, len(value)]) + value
    length = len(value).to_bytes((len(value).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + value


def oid(dotted):
    first, second, *arcs = map(int, dotted.split("."))
    octets = []
    for arc in [first * 40 + second, *arcs]:
        group = [arc & 0x7F]
        while arc := arc >> 7:
            group.insert(0, 0x80 | arc & 0x7F)
        octets += group
    return tlv(0x06, bytes(octets))


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, check=True, capture_output=True).stdout


SPKI = openssl("pkey", "-in", f"{WORK}/ec.key", "-pubout", "-outform", "DER")


def utf8(text):
    return tlv(0x0C, text.encode())


def bmp(text):
    return tlv(0x1E, text.encode("utf-16-be"))


def rdn(*attributes):
    return tlv(0x31, *(tlv(0x30, oid(kind), value) for kind, value in attributes))


def attribute(kind, *values):
    return tlv(0x30, oid(kind), tlv(0x31, *values))


def extension(kind, value):
    return tlv(0x30, oid(kind), tlv(0x04, value))


def extension_request(*extensions):
    return attribute("1.2.840.113549.1.9.14", tlv(0x30, *extensions))


def request(name, *attributes, subject=rdn(("2.5.4.3", utf8("example.com")))):
    info = tlv(0x30, b"\x02\x01\x00", tlv(0x30, subject), SPKI, tlv(0xA0, *sorted(attributes)))
    with open(f"{WORK}/info", "wb") as file:
        file.write(info)
    signature = openssl("dgst", "-sha256", "-sign", f"{WORK}/ec.key", f"{WORK}/info")
    der = tlv(0x30, info, tlv(0x30, oid("1.2.840.10045.4.3.2")), tlv(0x03, b"\0", signature))
    body = base64.b64encode(der).decode()
    lines = [body[at:at + 64] for at in range(0, len(body), 64)]
    with open(f"{name}.pem", "w") as file:
        file.write("\n".join(["-----BEGIN CERTIFICATE REQUEST-----", *lines, "-----END CERTIFICATE REQUEST-----", ""]))


SAN = "2.5.29.17"
DNS = tlv(0x82, b"example.com")

# keyUsage is no BIT STRING; the names and basicConstraints are well formed.
request("malformed-extension", extension_request(
    extension("2.5.29.15", b"\x05\x00"),
    extension(SAN, tlv(0x30, DNS)),
    extension("2.5.29.19", tlv(0x30)),
))
# Between two good names: an address of 5 bytes, a name that is not ASCII, a tag that there is not.
request("malformed-names", extension_request(extension(SAN, tlv(
    0x30, DNS, tlv(0x87, b"\x01\x02\x03\x04\x05"), tlv(0x82, "é.example".encode()), tlv(0x8C, b"x"),
    tlv(0x82, b""), tlv(0x82, b"www.example.com"),
))))
# The whole extension is no SEQUENCE.
request("malformed-san", extension_request(extension(SAN, DNS)))
# A challenge password that does not decode, an attribute that is none, and the names.
request("malformed-attribute",
        attribute("1.2.840.113549.1.9.7", tlv(0x0C, b"\xff")),
        tlv(0x30, b"\x02\x01\x05"),
        extension_request(extension(SAN, tlv(0x30, DNS))))
request("malformed-subject", extension_request(extension(SAN, tlv(0x30, DNS))), subject=b"".join([
    rdn(("2.5.4.10", utf8("Example Ltd"))), tlv(0x31), tlv(0x30, b""), rdn(("2.5.4.11", tlv(0x0C, b"\xc3"))),
    rdn(("2.5.4.11", utf8("a")), ("2.5.4.3", utf8("example.com"))),
]))
request("subject-values", subject=b"".join([
    rdn(("2.5.4.6", utf8("gb"))), rdn(("2.5.4.3", utf8("a" * 65))), rdn(("2.5.4.10", utf8(" \u200b"))),
    rdn(("2.5.4.11", utf8("a\u202eb"))), rdn(("2.5.4.7", tlv(0x13, b"at@sign"))),
]))


def other(kind, value):
    return tlv(0xA0, oid(kind), tlv(0xA0, value))


def general(text):
    return tlv(0x1B, text.encode())


request("other-names", extension_request(extension(SAN, tlv(
    0x30,
    other("1.3.6.1.4.1.311.20.2.3", utf8("user@example.com")),
    other("1.3.6.1.5.5.7.8.9", utf8("я@example.com")),
    other("1.3.6.1.5.5.7.8.7", tlv(0x16, b"_imap.example.com")),
    other("1.3.6.1.5.5.7.8.5", utf8("juliet@example.com")),
    other("1.3.6.1.5.5.7.8.8", utf8("example.com")),
    other("1.3.6.1.5.2.2", tlv(0x30, tlv(0xA0, general("EXAMPLE.COM")), tlv(0xA1, tlv(
        0x30, tlv(0xA0, b"\x02\x01\x01"), tlv(0xA1, tlv(0x30, general("HTTP"), general("www.example.com"))))))),
    other("1.3.6.1.5.5.7.8.4", tlv(0x30, oid("1.2.3.4"), tlv(0x04, b"\x01\x02\x03"))),
    other("1.3.6.1.5.5.7.8.3", tlv(0x30, utf8("4711"), oid("1.2.3.5"))),
    other("1.3.6.1.4.1.311.25.1", tlv(0x04, bytes(range(16)))),
    other("1.2.3.4.5", tlv(0x02, b"\x07")),
))))
request("certreq",
        attribute("1.3.6.1.4.1.311.13.2.3", tlv(0x16, b"10.0.20348.2")),
        attribute("1.3.6.1.4.1.311.21.20", tlv(
            0x30, b"\x02\x01\x05", utf8("host.example.com"), utf8("EXAMPLE\\user"), utf8("certreq.exe"))),
        attribute("1.3.6.1.4.1.311.13.2.2", tlv(
            0x30, b"\x02\x01\x01", bmp("Microsoft Software Key Storage Provider"), b"\x03\x01\x00")),
        attribute("1.3.6.1.4.1.311.13.2.1", tlv(0x30, bmp("SAN"), bmp("dns=www.example.com"))),
        attribute("1.3.6.1.4.1.311.13.1", tlv(0x30, b"\x02\x01\x07")),
        attribute("1.2.840.113549.1.9.14", *sorted([
            tlv(0x30, extension("1.3.6.1.4.1.311.20.2", bmp("WebServer"))),
            tlv(0x30, extension(SAN, tlv(0x30, DNS)))])))
