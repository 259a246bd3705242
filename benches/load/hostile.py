"""1,000 sockets that send a byte and then nothing, and 200 requests with a head of 2 MiB at once; meanwhile, from a
process of its own, a good client, whose answers are timed.

    hostile.py ENDPOINT TOKEN
"""

import asyncio
import subprocess
import sys
import time
from urllib.parse import urlparse

IDLE, LARGE = 1_000, 200


def head(token):
    return f"GET /v3/scm/csr HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Auth-Token: {token}\r\n\r\n".encode()


async def ask(address, token):
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(head(token))
    status = (await reader.readline()).decode().split(" ")[1]
    await reader.read()
    writer.close()
    return status


async def good(address, token):
    """Asks until its standard input ends."""
    times = []
    ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    while not ended.done():
        started = time.perf_counter()
        assert await ask(address, token) == "200"
        times.append((time.perf_counter() - started) * 1e3)
    times.sort()
    print(f"beside them {len(times)} good requests: p50 {times[len(times) // 2]:.1f} ms, longest {times[-1]:.1f} ms")


async def hostile(address, token):
    idle = []
    for _ in range(IDLE):
        idle.append(await asyncio.open_connection(address.hostname, address.port))
        idle[-1][1].write(b"G")
    client = subprocess.Popen([sys.executable, __file__, address.geturl(), token, "good"], stdin=subprocess.PIPE)
    await asyncio.sleep(0.5)
    started = time.perf_counter()
    answers = await asyncio.gather(*(ask(address, "x" * 2_097_152) for _ in range(LARGE)))
    took = time.perf_counter() - started
    assert answers == ["401"] * LARGE, answers
    print(f"{IDLE} idle sockets; {LARGE} heads of 2 MiB at once, all answered, in {took:.1f} s", flush=True)
    client.communicate()


def main():
    run = good if sys.argv[3:] == ["good"] else hostile
    asyncio.run(run(urlparse(sys.argv[1]), sys.argv[2]))


main()
