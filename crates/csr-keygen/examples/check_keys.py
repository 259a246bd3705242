#!/usr/bin/env python3
"""Checks the keys that the example `keys` prints, with independent tools.

    cargo run --release -p csr-keygen --example keys -- 2048 10000 > keys.txt
    pip install badkeys cryptography gmpy2
    python3 check_keys.py 2048 keys.txt

Each key: the requirements of FIPS 186-5 A.1.1 and A.1.3 and of PKCS #1, with gmpy2; OpenSSL's own check, through
`cryptography`; the attacks of the package `badkeys`. All keys together: no shared primes (batch gcd), and uniform
residues of the primes modulo small primes (chi-square).
"""

import math
import sys

import badkeys
from cryptography.hazmat.primitives.asymmetric import rsa
from gmpy2 import gcd, is_prime, mpz, next_prime

E = 65537
ROUNDS = 25
# All RSA checks of `badkeys` except its list of known keys, which it would download.
ATTACKS = [name for name in badkeys.defaultchecks if name not in ("blocklist", "dsasparse")] + ["rsabias"]


def requirements(bits, n, p, q, d, dp, dq, qinv):
    """The requirements that do not hold."""
    half = bits // 2
    low = math.isqrt(2 ** (2 * half - 1))  # ⌊√2·2^(half − 1)⌋
    lam = (p - 1) * (q - 1) // gcd(p - 1, q - 1)
    checks = {
        "n = p·q": n == p * q,
        "length of n": n.bit_length() == bits,
        "lengths of p and q": p.bit_length() == q.bit_length() == half,
        "p and q above √2·2^(half − 1)": p > low and q > low,
        "top two bits": p >> (half - 2) == q >> (half - 2) == 3,
        "low three bits": p % 8 == q % 8 == 7,
        "p and q prime": is_prime(p, ROUNDS) and is_prime(q, ROUNDS),
        "p and q apart": abs(p - q) > 2 ** (half - 100),
        "e and p − 1, q − 1": gcd(p - 1, E) == gcd(q - 1, E) == 1,
        "gcd(p − 1, q − 1)": gcd(p - 1, q - 1) < 2**32,
        "d = e⁻¹ mod lcm": 0 < d < lam and d * E % lam == 1,
        "d above 2^half": d > 2**half,
        "dP": dp == d % (p - 1),
        "dQ": dq == d % (q - 1),
        "qInv": 0 < qinv < p and qinv * q % p == 1,
    }
    return [name for name, holds in checks.items() if not holds]


def openssl_accepts(n, p, q, d, dp, dq, qinv):
    public = rsa.RSAPublicNumbers(E, int(n))
    numbers = rsa.RSAPrivateNumbers(*map(int, (p, q, d, dp, dq, qinv)), public)
    numbers.private_key()  # raises where RSA_check_key refuses


def batch_gcd(numbers):
    """For each number, its greatest common divisor with the product of the others (Bernstein)."""
    levels = [numbers]
    while len(levels[-1]) > 1:
        level = levels[-1]
        levels.append([math.prod(level[i : i + 2], start=mpz(1)) for i in range(0, len(level), 2)])
    remainders = levels.pop()
    for level in reversed(levels):
        remainders = [remainders[i // 2] % (x * x) for i, x in enumerate(level)]
    return [gcd(r // x, x) for r, x in zip(remainders, numbers)]


def chi_square(primes, modulus):
    """The statistic for the residues other than 0, in standard deviations from its mean."""
    counts = [0] * modulus
    for p in primes:
        counts[int(p % modulus)] += 1
    assert counts[0] == 0
    expected = len(primes) / (modulus - 1)
    statistic = sum((c - expected) ** 2 / expected for c in counts[1:])
    freedom = modulus - 2
    return (statistic - freedom) / math.sqrt(2 * freedom)


def main():
    bits, path = int(sys.argv[1]), sys.argv[2]
    with open(path, encoding="ascii") as lines:
        keys = [[mpz(x, 16) for x in line.split()] for line in lines]
    close = keys[0][1]
    assert badkeys.checkrsa(int(close * next_prime(close)), E, checks=ATTACKS), "badkeys finds nothing"
    faults = 0
    for n, p, q, d, dp, dq, qinv in keys:
        wrong = requirements(bits, n, p, q, d, dp, dq, qinv)
        openssl_accepts(n, p, q, d, dp, dq, qinv)
        found = badkeys.checkrsa(int(n), E, checks=ATTACKS)
        if wrong or found:
            faults += 1
            print(hex(n), wrong, found)
    shared = sum(g != 1 for g in batch_gcd([key[0] for key in keys]))
    primes = [prime for key in keys for prime in key[1:3]]
    assert len(set(primes)) == len(primes)
    small = [r for r in range(3, 100, 2) if is_prime(r)]
    worst = max((abs(chi_square(primes, r)), r) for r in small)
    print(f"{len(keys)} keys of {bits} bits: {faults} with faults, {shared} with a shared prime;")
    print(f"residues modulo {len(small)} primes: furthest from uniform {worst[0]:.2f} standard deviations (mod {worst[1]})")
    sys.exit(bool(faults or shared or worst[0] > 5))


main()
