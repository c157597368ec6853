"""Runs the websocket conformance cases (the Autobahn suite's, by kosoku) against an echo server.

Usage: run.py ECHO [CASE...]    where CASE is an id or a glob such as 7.*; without one all 517 cases run

Starts the binary ECHO on a port of the system's choice, with compression on, and runs the cases in groups.
Prints progress, every case that failed with its reason, and at the end `N passed, N failed`. Succeeds only
if every case passed and, in a run of all, none was left out. A case that needs compression and did not get
it counts as failed. The client of the suite gives a server a second to close; a busy machine can take that
second from a case, so one that ran into it is run again by itself, and has to pass then.

Needs the packages of requirements.txt beside it and nothing else.
"""

import asyncio
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import NamedTuple

from kosoku import FailureError, run_fuzzingclient

ALL = 517
# Beside the groups that only wait there are some that only work; so few at once.
AT_ONCE = 4
# Groups that are run side by side, each in a process: Python has one core otherwise.
ABREAST = 2
# Those that take longest come first; 12 and 13, which are most of the work, in parts, so that both processes are done
# at about the same time.
LONG = [f"12.{part}.*" for part in range(1, 6)] + [f"13.{part}.*" for part in range(1, 8)]
GROUPS = [*LONG, "9.*", "6.*", "7.*", "1.*", "2.*", "3.*", "4.*", "5.*", "10.*"]
GROUP_SECONDS = 1200
# How often a case is run again that ran into the client's deadline for the end.
AGAIN = 2
# What a case has then that is right otherwise.
LATE = ("UNCLEAN", "FAILED BY CLIENT")


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


def is_end_late(result):
    """Whether every message was right and only the end was not there in time; a server that never closes has it in
    each run."""
    return result.behavior.value in ("OK", "NON-STRICT") and result.behavior_close.value in LATE


class Verdict(NamedTuple):
    """What is told of a case's result, which stays in the process that ran it."""

    case: str
    passed: bool
    name: str
    complaint: str | None
    is_end_late: bool


def run_one(address, pattern):
    """The verdicts on one group, and the seconds that it took."""
    began = time.monotonic()
    results = asyncio.run(run_group(address, pattern))
    verdicts = [
        Verdict(result.case_id, result.passed, result.behavior.value, complaint(result), is_end_late(result))
        for result in results
    ]
    return verdicts, time.monotonic() - began


def run(address, patterns):
    """Runs the groups, some side by side; returns the verdicts on all."""
    verdicts = []
    with ProcessPoolExecutor(ABREAST) as processes:
        groups = {processes.submit(run_one, address, pattern): pattern for pattern in patterns}
        for done in as_completed(groups):
            group, took = done.result()
            bad = [verdict for verdict in group if not verdict.passed]
            print(f"{groups[done]:>6}  {len(group) - len(bad)} of {len(group)} passed in {took:.1f} s", flush=True)
            for verdict in bad:
                print(f"       {verdict.case} {verdict.complaint}", flush=True)
            verdicts += group
    return [again(address, verdict) for verdict in verdicts]


def again(address, verdict):
    """The verdict, of another run if only the end was late."""
    for _ in range(AGAIN):
        if verdict.passed or not verdict.is_end_late:
            break
        [verdict], _ = run_one(address, verdict.case)
        print(f"{verdict.case:>6}  again, alone: {verdict.complaint or 'passed'}", flush=True)
    return verdict


def count(verdicts, name):
    """The ids of the cases with this verdict."""
    return [verdict.case for verdict in verdicts if verdict.name == name]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    server, address = start(sys.argv[1])
    try:
        verdicts = run(address, sys.argv[2:] or GROUPS)
    finally:
        server.terminate()
        server.wait()
    passed = sum(verdict.passed for verdict in verdicts)
    failed = len(verdicts) - passed
    for name in ("NON-STRICT", "INFORMATIONAL"):
        print(f"{name.lower()}: {' '.join(count(verdicts, name)) or 'none'}")
    missing = 0 if sys.argv[2:] else ALL - len({verdict.case for verdict in verdicts})
    if missing:
        print(f"{missing} of {ALL} cases did not run")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or missing or not verdicts else 0)


if __name__ == "__main__":
    main()
