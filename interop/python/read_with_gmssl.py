"""Python's gmssl over every CSR of a folder: the SM2 signature, with the default identity, over the part that is
signed. Names are not read."""

import base64
import hashlib
import sys
from pathlib import Path

from Cryptodome.Util.asn1 import DerBitString, DerSequence
from gmssl import sm2


def read(pem):
    body = b"".join(line for line in pem.splitlines() if not line.startswith(b"-----"))
    signed, _, signature = DerSequence().decode(base64.b64decode(body, validate=True), strict=True)
    key = DerSequence().decode(signed)[2]
    point = DerBitString().decode(DerSequence().decode(key)[1]).value
    if len(point) != 65 or point[0] != 4:
        raise ValueError("the public key is not an uncompressed point")
    verifier = sm2.CryptSM2(private_key="", public_key="", asn1=True)
    # Given to the constructor, a key whose first digits are 0 or 4 would lose them.
    verifier.public_key = point[1:].hex()
    if not verifier.verify_with_sm3(DerBitString().decode(signature).value.hex(), signed):
        raise ValueError("the signature does not hold")
    yield "public_key", hashlib.sha256(key).hexdigest()


for file in Path(sys.argv[1]).iterdir():
    try:
        lines = list(read(file.read_bytes()))
    except Exception as refused:
        lines = [("refused", repr(refused))]
    for what, value in lines:
        print(file.stem, what, value, sep="\t")
