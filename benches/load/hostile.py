"""1,000 sockets that send a byte and then nothing, and 200 requests with a head of 2 MiB at once; beside them, a good
client, whose answers are timed.

    hostile.py ENDPOINT TOKEN
"""

import asyncio
import sys
import time
from urllib.parse import urlparse

IDLE, LARGE, GOOD = 1_000, 200, 100


def head(token):
    return f"GET /v3/scm/csr HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Auth-Token: {token}\r\n\r\n".encode()


async def ask(host, port, token):
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(head(token))
    status = (await reader.readline()).decode().split(" ")[1]
    await reader.read()
    writer.close()
    return status


async def main():
    address = urlparse(sys.argv[1])
    host, port, token = address.hostname, address.port, sys.argv[2]
    idle = []
    for _ in range(IDLE):
        idle.append(await asyncio.open_connection(host, port))
        idle[-1][1].write(b"G")
    large = [asyncio.create_task(ask(host, port, "x" * 2_097_152)) for _ in range(LARGE)]
    times = []
    for _ in range(GOOD):
        started = time.perf_counter()
        assert await ask(host, port, token) == "200"
        times.append((time.perf_counter() - started) * 1e3)
    beside = sum(not task.done() for task in large)
    answers = [task.result() for task in large if await asyncio.wait([task])]
    assert answers == ["401"] * LARGE, answers
    times.sort()
    print(
        f"{IDLE} idle sockets, {LARGE} heads of 2 MiB: all answered; beside them {GOOD} good requests: "
        f"p50 {times[GOOD // 2]:.1f} ms, longest {times[-1]:.1f} ms ({beside} heads were still under way then)"
    )


asyncio.run(main())
