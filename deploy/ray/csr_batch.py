"""Makes the keys and CSRs of a list on a Ray cluster, a task for each shard.

    python csr_batch.py devices.jsonl keys --shards 64 --recipients-file recipients.txt

Each task runs `csr batch - --jsonl -`, so `csr` must be installed on every node. The private keys come back encrypted to
the recipients (age): Ray keeps results in shared memory, moves them unencrypted unless it is set up with TLS, and may
spill them to disk. The driver writes a file for each shard, and checks at the end that every id is there exactly once.

A task is run again when its node or its worker dies; what it had made was kept by nobody, so no id is made twice. If the
driver dies, the same command goes on: it skips the shards whose files are there.
"""

import argparse
import base64
import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import ray

SEALED = "-----BEGIN AGE ENCRYPTED FILE-----"


@ray.remote(num_cpus=1, max_retries=10)
def make(command, records, recipients, shard):
    """The lines of a shard. A node's death is retried; what `csr` refuses would be refused again, and isn't."""
    flags = [flag for recipient in recipients for flag in ("--recipient", recipient)]
    done = subprocess.run(
        [command, "batch", "-", "--jsonl", "-", "--shard", shard, "--threads", "1", *flags],
        input=records,
        capture_output=True,
    )
    if done.returncode != 0:
        raise RuntimeError(f"shard {shard}: csr ended with status {done.returncode}: {done.stderr.decode()}")
    return done.stdout


def check(line):
    """The id of a line, if its key is sealed and its CSR has the fingerprint."""
    item = json.loads(line)
    if not item["private_key"].startswith(SEALED):
        raise ValueError(f"the private key of {item['id']} is not sealed")
    csr = base64.b64decode("".join(item["csr"].splitlines()[1:-1]), validate=True)
    if hashlib.sha256(csr).hexdigest() != item["csr_sha256"]:
        raise ValueError(f"the CSR of {item['id']} differs from its fingerprint")
    return item["id"]


def write(path, content):
    """Writes a whole file or none, durably."""
    draft = path.with_suffix(".part")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def main():
    parser = argparse.ArgumentParser(description="Make keys and CSRs on a Ray cluster.")
    parser.add_argument("list", type=Path, help="JSON lines, each with an id")
    parser.add_argument("folder", type=Path, help="where a file for each shard comes to lie")
    parser.add_argument("--shards", type=int, default=64)
    parser.add_argument("--recipients-file", type=Path, required=True, help="who can open the keys (age), one a line")
    parser.add_argument("--csr", default="csr", help="the command on every node [csr]")
    parser.add_argument("--address", help="the cluster [RAY_ADDRESS, else one on this machine]")
    args = parser.parse_args()

    records = args.list.read_bytes()
    asked = Counter(json.loads(line)["id"] for line in records.splitlines() if line.strip())
    lines = args.recipients_file.read_text().splitlines()
    recipients = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not recipients:
        parser.error(f"{args.recipients_file} must name a recipient")

    args.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    paths = {shard: args.folder / f"{shard}-of-{args.shards}.jsonl" for shard in range(args.shards)}
    foreign = set(args.folder.glob("*.jsonl")) - set(paths.values())
    if foreign:
        parser.error(f"{args.folder} holds other shards: {foreign.pop().name}")

    ray.init(address=args.address)
    # One copy on each node, however many of its tasks read it.
    shared = ray.put(records)
    running = {
        make.remote(args.csr, shared, recipients, f"{shard}/{args.shards}"): shard
        for shard, path in paths.items()
        if not path.exists()
    }
    while running:
        (task,), _ = ray.wait(list(running), num_returns=1)
        shard = running.pop(task)
        content = ray.get(task)
        count = sum(1 for _ in map(check, content.splitlines()))
        write(paths[shard], content)
        # The result may now leave Ray's memory.
        del task, content
        print(f"shard {shard}: {count} keys; {len(running)} shards are left", flush=True)

    # All shards again, from the files.
    made = Counter()
    for path in paths.values():
        with path.open("rb") as file:
            made.update(map(check, file))
    wrong = (made - asked) + (asked - made)
    for id, times in sorted(wrong.items()):
        print(f"{id} was asked for {asked[id]} times and made {made[id]} times", file=sys.stderr)
    print(f"{sum(made.values())} keys for {len(asked)} ids in {args.shards} shards")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
