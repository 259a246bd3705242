#!/usr/bin/env python3
"""Makes the encrypted keys and the keys of other programs' formats, from the plain keys of this folder.

Needs openssl 3.0 (of Debian, with the legacy provider), keytool, ssh-keygen and puttygen. What OpenSSL can't write
(GmSSL's encryption, SM2's own algorithm, PKCS#8 of version 2) is put together here from its definition.
"""

import base64
import hashlib
import os
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
LEGACY = ["-provider", "legacy", "-provider", "default"]
PASS = ["-passout", "pass:secret"]


def openssl(*arguments, **options):
    return subprocess.run(["openssl", *arguments], cwd=HERE, check=True, stdout=subprocess.PIPE, **options).stdout


def tlv(tag, *parts):
    value = b"".join(parts)
    if len(value) < 128:
        return bytes([tag, len(value)]) + value
    length = len(value).to_bytes((len(value).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + value


def sequence(*parts):
    return tlv(0x30, *parts)


def integer(value):
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def octets(value):
    return tlv(0x04, value)


def oid(text):
    first, second, *rest = map(int, text.split("."))
    out = b""
    for arc in [40 * first + second, *rest]:
        piece = [arc & 0x7F]
        while arc := arc >> 7:
            piece.insert(0, 0x80 | arc & 0x7F)
        out += bytes(piece)
    return tlv(0x06, out)


NULL = b"\x05\x00"
SM2 = oid("1.2.156.10197.1.301")
EC_PUBLIC_KEY = oid("1.2.840.10045.2.1")
P256 = oid("1.2.840.10045.3.1.7")
RSA = oid("1.2.840.113549.1.1.1")


def pem(name, label, der):
    text = base64.encodebytes(der).decode().replace("\n", "")
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    (HERE / name).write_text(f"-----BEGIN {label}-----\n" + "\n".join(lines) + f"\n-----END {label}-----\n")


def sm4_cbc(key, iv, plain):
    return openssl("enc", "-sm4-cbc", "-K", key.hex(), "-iv", iv.hex(), input=plain)


def gmssl(name, plain):
    """sm2_private_key_info_encrypt_to_pem of GmSSL 3: PBKDF2-HMAC-SM3 of 65536 iterations, SM4-CBC."""
    salt, iv = os.urandom(16), os.urandom(16)
    key = hashlib.pbkdf2_hmac("sm3", b"secret", salt, 65536, 16)
    prf = sequence(oid("1.2.156.10197.1.401.2"), NULL)
    kdf = sequence(oid("1.2.840.113549.1.5.12"), sequence(octets(salt), integer(65536), integer(16), prf))
    cipher = sequence(oid("1.2.156.10197.1.104.2"), octets(iv))
    scheme = sequence(oid("1.2.840.113549.1.5.13"), sequence(kdf, cipher))
    pem(name, "ENCRYPTED PRIVATE KEY", sequence(scheme, octets(sm4_cbc(key, iv, plain))))


def plain_keys():
    sm2 = openssl("pkcs8", "-topk8", "-nocrypt", "-in", "sm2-pkcs8.pem", "-outform", "DER")
    sm2_sec1 = openssl("ec", "-in", "sm2-pkcs8.pem", "-outform", "DER")
    openssl("ec", "-in", "sm2-pkcs8.pem", "-out", "sm2-own-label.pem")
    # OpenSSL 3.0 to 3.1 (encode_key2any.c): the algorithm is SM2's own identifier, and so is its parameter.
    pem("sm2-own-algorithm.pem", "PRIVATE KEY", sequence(integer(0), sequence(SM2, SM2), octets(sm2_sec1)))
    gmssl("sm2-encrypted-gmssl.pem", sm2)
    # RFC 5958 §2, version 2: the public key follows, as [1].
    sec1 = openssl("ec", "-in", "p256-sec1.der", "-no_public", "-outform", "DER")
    point = openssl("ec", "-in", "p256-sec1.der", "-pubout", "-outform", "DER")[-65:]
    v2 = lambda algorithm, key, public: sequence(integer(1), algorithm, octets(key), tlv(0x81, b"\0", public))
    (HERE / "p256-pkcs8-v2.der").write_bytes(v2(sequence(EC_PUBLIC_KEY, P256), sec1, point))
    pkcs1 = (HERE / "rsa2048-pkcs1.der").read_bytes()
    public = openssl("rsa", "-in", "rsa2048-pkcs1.der", "-RSAPublicKey_out", "-outform", "DER")
    (HERE / "rsa2048-pkcs8-v2.der").write_bytes(v2(sequence(RSA, NULL), pkcs1, public))
    openssl("ec", "-in", "p256-sec1.der", "-conv_form", "hybrid", "-out", "p256-sec1-hybrid.pem")
    explicit = ["-in", "p256-sec1.der", "-param_enc", "explicit"]
    openssl("ec", *explicit, "-out", "p256-sec1-explicit-parameters.pem")
    openssl("pkey", "-in", "p256-sec1-explicit-parameters.pem", "-out", "p256-explicit-parameters.pem")


def encrypted_keys():
    source = ["-in", "p256-sec1.der"]
    pkcs8 = lambda name, *how: openssl("pkcs8", "-topk8", *source, *how, *PASS, *LEGACY, "-out", f"p256-encrypted-{name}.pem")
    for name, cipher in [
        ("aes192", "aes-192-cbc"),
        ("aes-cfb", "aes-256-cfb"),
        ("camellia", "camellia-256-cbc"),
        ("cast5", "cast5-cbc"),
        ("des", "des-cbc"),
        ("rc2", "rc2-cbc"),
        ("seed", "seed-cbc"),
        ("sm4", "sm4-cbc"),
    ]:
        pkcs8(name, "-v2", cipher)
    for hash in ["md5", "sha224", "sha384", "sha512", "sha512-224"]:
        pkcs8(f"hmac-{hash}", "-v2", "aes-256-cbc", "-v2prf", f"hmacWith{hash.upper()}")
    for name, scheme in [
        ("pbes1-md5-des", "PBE-MD5-DES"),
        ("pbes1-md5-rc2", "PBE-MD5-RC2-64"),
        ("pbes1-sha1-rc2", "PBE-SHA1-RC2-64"),
        ("pkcs12-des2", "PBE-SHA1-2DES"),
        ("pkcs12-rc2-128", "PBE-SHA1-RC2-128"),
        ("pkcs12-rc2-40", "PBE-SHA1-RC2-40"),
        ("pkcs12-rc4-128", "PBE-SHA1-RC4-128"),
        ("pkcs12-rc4-40", "PBE-SHA1-RC4-40"),
    ]:
        pkcs8(name, "-v1", scheme)
    openssl(
        "pkcs8", "-topk8", *source, "-v1", "PBE-SHA1-3DES", "-passout", "pass:pässwörd 例 😀",
        "-out", "p256-encrypted-pkcs12-des3-unicode.pem",
    )
    for cipher in ["aes-128", "aes-192", "aes-256", "des-ede", "des-ede3", "sm4", "des", "rc2", "bf", "aria-256"]:
        openssl("ec", *source, f"-{cipher}-cbc", *PASS, *LEGACY, "-out", f"p256-legacy-{cipher}.pem")
    openssl("rsa", "-in", "rsa2048-pkcs1.der", "-traditional", "-des3", *PASS, "-out", "rsa2048-legacy-des3.pem")


def others():
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        run = lambda *arguments: subprocess.run(arguments, cwd=work, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        keep = lambda name, source: (HERE / name).write_bytes((work / source).read_bytes())
        (work / "rsa.pem").write_bytes((HERE / "rsa2048-pkcs1.pem").read_bytes())
        (work / "pass").write_text("secret")
        certificate = ["openssl", "req", "-x509", "-new", "-key", "rsa.pem", "-subj", "/CN=a", "-days", "3650"]
        run(*certificate, "-out", "cert.pem")
        run("openssl", "pkcs12", "-export", "-legacy", "-in", "cert.pem", "-inkey", "rsa.pem", "-passout", "pass:secret", "-out", "legacy.p12")
        keep("not-a-key-legacy.p12", "legacy.p12")
        run("openssl", "crl2pkcs7", "-nocrl", "-certfile", "cert.pem", "-outform", "DER", "-out", "p7.der")
        keep("not-a-key-pkcs7.der", "p7.der")
        (work / "index.txt").touch()
        (work / "ca.cnf").write_text("[ca]\ndefault_ca=a\n[a]\ndatabase=index.txt\ndefault_md=sha256\ndefault_crl_days=30\n")
        run("openssl", "ca", "-gencrl", "-config", "ca.cnf", "-keyfile", "rsa.pem", "-cert", "cert.pem", "-out", "crl.pem")
        run("openssl", "crl", "-in", "crl.pem", "-outform", "DER", "-out", "crl.der")
        keep("not-a-key-crl.der", "crl.der")
        run("openssl", "rsa", "-in", "rsa.pem", "-outform", "PVK", "-pvk-strong", *LEGACY, "-passout", "pass:secret", "-out", "rsa.pvk")
        keep("other-key.pvk", "rsa.pvk")
        run("openssl", "rsa", "-in", "rsa.pem", "-outform", "MSBLOB", "-out", "rsa.blob")
        keep("other-key.blob", "rsa.blob")
        run("openssl", "pkcs12", "-export", "-in", "cert.pem", "-inkey", "rsa.pem", "-name", "a", "-passout", "pass:secret", "-out", "a.p12")
        keep("other-key.p12", "a.p12")
        der = (HERE / "rsa2048-pkcs1.der").read_bytes()
        (HERE / "other-key.base64").write_bytes(base64.encodebytes(der).replace(b"\n", b"\r\n"))
        for kind in ["JKS", "JCEKS"]:
            run(
                "keytool", "-importkeystore", "-srckeystore", "a.p12", "-srcstorepass", "secret",
                "-destkeystore", kind, "-deststoretype", kind, "-deststorepass", "secret", "-destkeypass", "secret",
            )
            keep(f"other-key.{kind.lower()}", kind)
        (work / "rsa.pem").chmod(0o600)
        for name in ["plain", "encrypted"]:
            passphrase = "" if name == "plain" else "secret"
            (work / f"ssh-{name}").write_bytes((work / "rsa.pem").read_bytes())
            (work / f"ssh-{name}").chmod(0o600)
            run("ssh-keygen", "-p", "-P", "", "-N", passphrase, "-f", f"ssh-{name}")
            keep(f"other-key-openssh-{name}.pem", f"ssh-{name}")
        run("puttygen", "ssh-plain", "-O", "private", "-o", "plain.ppk")
        run("puttygen", "ssh-plain", "--new-passphrase", "pass", "-O", "private", "-o", "encrypted.ppk")
        keep("other-key-plain.ppk", "plain.ppk")
        keep("other-key-encrypted.ppk", "encrypted.ppk")
        run("puttygen", "ssh-plain", "-O", "private-sshcom", "-o", "sshcom")
        keep("other-key-sshcom", "sshcom")
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", "ed")
        keep("other-key-openssh-ed25519.pem", "ed")
        run("puttygen", "ed", "-O", "private", "-o", "ed.ppk")
        keep("other-key-ed25519.ppk", "ed.ppk")
        run("openssl", "genpkey", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "pss.pem")
        keep("rsa-pss-pkcs8.pem", "pss.pem")
        run("openssl", "rsa", "-in", "pss.pem", "-traditional", "-out", "pss.old")
        keep("rsa-pss-pkcs1.pem", "pss.old")
        run("openssl", "dsaparam", "-genkey", "-noout", "-out", "dsa.pem", "2048")
        run("openssl", "dsa", "-in", "dsa.pem", "-outform", "DER", "-out", "dsa.der", *LEGACY)
        keep("dsa.der", "dsa.der")
        for curve in ["secp224r1", "secp256k1", "brainpoolP256r1"]:
            run("openssl", "ecparam", "-name", curve, "-genkey", "-noout", "-out", curve)
            keep(f"{curve}-sec1.pem", curve)


plain_keys()
encrypted_keys()
others()
