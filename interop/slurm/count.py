"""Counts what the shards of a batch made, by their manifests and by the CSR files, with nothing of csr's.

Arguments: the input (JSON lines), the folder, the number of shards. Prints a line for each thing that is wrong.
"""

import base64
import hashlib
import json
import sys
from collections import Counter
from pathlib import Path

asked = [json.loads(line)["id"] for line in Path(sys.argv[1]).read_text().splitlines()]
folder = Path(sys.argv[2])
shards = int(sys.argv[3])
wrong = []

items = []
for shard in range(shards):
    name = f"manifest-{shard}-of-{shards}.jsonl"
    head, *lines = map(json.loads, (folder / name).read_text().splitlines())
    of_shard = [line for line in lines if "id" in line]
    ends = [line["complete"] for line in lines if "complete" in line]
    if head != {"csr_batch": 1, "shard": f"{shard}/{shards}"}:
        wrong.append(f"{name} begins with {head}")
    if not ends or (ends[-1]["items"], ends[-1]["input_items"]) != (len(of_shard), len(asked)):
        wrong.append(f"{name} has {len(of_shard)} of {len(asked)} items and ends with {ends}")
    if not of_shard:
        wrong.append(f"{name} has no items")
    items += of_shard


def once(what, found, wanted):
    """Notes the values that are not there exactly once."""
    found = Counter(found)
    for value, times in found.items():
        if times != 1:
            wrong.append(f"{what}: {value} is there {times} times")
    for value in set(wanted) ^ set(found):
        wrong.append(f"{what}: {value} is {'missing' if value in wanted else 'too many'}")


once("ids of the manifests", (item["id"] for item in items), asked)
once("files", (path.name for path in folder.glob("*.csr")), [f"{id}.csr" for id in asked])
once("files", (path.name for path in folder.glob("*.key")), [f"{id}.key" for id in asked])
kinds = Counter(path.suffix for path in folder.iterdir() if path.is_file())
if set(kinds) != {".csr", ".key", ".jsonl"}:
    wrong.append(f"files that were not asked for: {kinds}")

csrs = []
for item in items:
    path = folder / f"{item['id']}.csr"
    first, *body, last = path.read_text().splitlines()
    csr = base64.b64decode("".join(body), validate=True)
    if (first, last) != ("-----BEGIN CERTIFICATE REQUEST-----", "-----END CERTIFICATE REQUEST-----"):
        wrong.append(f"{path.name} is torn")
    if item["id"].encode() not in csr:
        wrong.append(f"{path.name} is another item's")
    if hashlib.sha256(csr).hexdigest() != item["csr_sha256"]:
        wrong.append(f"{path.name} differs from its fingerprint")
    csrs.append(csr)
once("CSRs", csrs, csrs)
once("public keys", (item["public_key_sha256"] for item in items), [item["public_key_sha256"] for item in items])

for line in wrong:
    print(line)
print(f"{len(items)} items of {len(asked)} in {shards} shards")
sys.exit(bool(wrong))
