"""Runs the websocket conformance cases (the Autobahn suite's, by kosoku) against an echo server.

Usage: run.py ECHO [CASE...]    where CASE is an id or a glob such as 7.*; without one all 517 cases run

Starts the binary ECHO on a port of the system's choice, with compression on, and runs the cases in groups.
Prints progress, every case that failed with its reason, and at the end `N passed, N failed`. Succeeds only
if every case passed and, in a run of all, none was left out. A case that needs compression and did not get
it counts as failed.

Needs the packages of requirements.txt beside it and nothing else.
"""

import asyncio
import subprocess
import sys
import time

from kosoku import FailureError, run_fuzzingclient

ALL = 517
# Beside the groups that only wait there are some that only work; so few at once.
AT_ONCE = 4
GROUPS = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "9.*", "10.*", "12.*", "13.*"]
GROUP_SECONDS = 1200


def start(binary):
    """The echo server and its address, which is the last word of the first line it prints."""
    server = subprocess.Popen([binary, "--deflate"], stdout=subprocess.PIPE, text=True)
    line = server.stdout.readline()
    if not line:
        sys.exit(f"{binary} printed no address and ended with {server.wait()}")
    return server, line.split()[-1]


async def run_group(address, pattern):
    """The results of the cases of one group, passed or not."""
    running = run_fuzzingclient(f"ws://{address}", [pattern], concurrency=AT_ONCE)
    try:
        return await asyncio.wait_for(running, GROUP_SECONDS)
    except FailureError as failure:
        return failure.results


def complaint(result):
    """Why a case did not pass, or None if it did."""
    if result.passed:
        return None
    if result.behavior.value in ("OK", "NON-STRICT", "INFORMATIONAL"):
        return f"{result.behavior_close.value} when closing: {result.result_close}"
    return f"{result.behavior.value}: {result.result}"


async def run(address, patterns):
    """Runs the groups one after another; returns all results."""
    results = []
    for pattern in patterns:
        began = time.monotonic()
        group = await run_group(address, pattern)
        bad = [(result, complaint(result)) for result in group if not result.passed]
        took = time.monotonic() - began
        print(f"{pattern:>5}  {len(group) - len(bad)} of {len(group)} passed in {took:.1f} s", flush=True)
        for result, reason in bad:
            print(f"       {result.case_id} {reason}", flush=True)
        results += group
    return results


def count(results, name):
    """The ids of the cases with this verdict."""
    return [result.case_id for result in results if result.behavior.value == name]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    server, address = start(sys.argv[1])
    try:
        results = asyncio.run(run(address, sys.argv[2:] or GROUPS))
    finally:
        server.terminate()
        server.wait()
    passed = sum(result.passed for result in results)
    failed = len(results) - passed
    for name in ("NON-STRICT", "INFORMATIONAL"):
        print(f"{name.lower()}: {' '.join(count(results, name)) or 'none'}")
    missing = 0 if sys.argv[2:] else ALL - len({result.case_id for result in results})
    if missing:
        print(f"{missing} of {ALL} cases did not run")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or missing or not results else 0)


if __name__ == "__main__":
    main()
