#!/usr/bin/env python3
"""Makes RSA keys by `csr batch` in two shards at once, and has OpenSSL check each of them and its CSR.

usage: rsa.py CSR [COUNT [BITS]]

No two keys may share a prime, and every CSR must be for its key. Needs `openssl` and the Python package `cryptography`.
"""

import json
import os
import subprocess
import sys
import tempfile

from cryptography.hazmat.primitives.serialization import load_pem_private_key


def openssl(arguments, text, expected):
    run = subprocess.run(["openssl", *arguments], input=text, capture_output=True, text=True)
    said = run.stdout + run.stderr
    if run.returncode or expected not in said:
        raise SystemExit(f"openssl {' '.join(arguments)}: {said}")


def make(csr, folder, count, bits):
    """The lines of two shards, which two processes make at the same time."""
    lines = []
    command = [csr, "batch", "--count", str(count), "--domain", "device-{n}.example.com", "--algorithm", f"RSA_{bits}"]
    names = [os.path.join(folder, f"keys-{shard}.jsonl") for shard in range(2)]
    runs = [
        subprocess.Popen([*command, "--jsonl", name, "--shard", f"{shard}/2"], stdout=subprocess.DEVNULL)
        for shard, name in enumerate(names)
    ]
    if any([run.wait() for run in runs]):
        raise SystemExit("csr batch failed")
    for name in names:
        with open(name, encoding="utf-8") as file:
            lines.extend(json.loads(line) for line in file)
    subprocess.run([csr, "batch", "--verify", folder], check=True, stdout=subprocess.DEVNULL)
    return lines


def main():
    csr = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    bits = int(sys.argv[3]) if len(sys.argv) > 3 else 2048
    with tempfile.TemporaryDirectory() as folder:
        lines = make(csr, folder, count, bits)
    if len({line["id"] for line in lines}) != count:
        raise SystemExit("an id is missing or there twice")
    primes = set()
    for line in lines:
        openssl(["pkey", "-check", "-noout"], line["private_key"], "Key is valid")
        openssl(["req", "-verify", "-noout"], line["csr"], "verify OK")
        numbers = load_pem_private_key(line["private_key"].encode(), None).private_numbers()
        if numbers.public_numbers.n.bit_length() != bits:
            raise SystemExit(f"{line['id']}: the modulus has not {bits} bits")
        primes.update((numbers.p, numbers.q))
    if len(primes) != 2 * count:
        raise SystemExit("two keys share a prime")
    print(f"test OpenSSL accepts {count} RSA_{bits} keys of a batch, and none share a prime ... ok")
    print("test result: a batch of RSA. 1 passed; 0 failed;")


main()
