"""Runs schemathesis on the demo's OpenAPI document: calls that the document allows, and calls that it does not.

Usage: run.py DEMO [OPTION...]    options are those of `st run`, such as --seed 7 or --max-examples 1000

Starts the binary DEMO on a port of the system's choice, with 400 as the status of errors that have none: the usual
500 would look like the server's own failure. Prints what schemathesis prints, and at the end `N passed, N failed`.
What is checked, and what is not and why, is in schemathesis.toml beside this file.

Needs the packages of requirements.txt beside it and nothing else.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LISTENING = re.compile(r"http://127\.0\.0\.1:\d+")
# The same calls each time; --seed chooses others.
USUAL = ["--seed", "1", "--max-examples", "30"]


def start(binary):
    """The demo and its address, which is in the first line it prints."""
    ours = ("PLAYHOUSE_", "PORT")
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    env |= {"PORT": "0", "PLAYHOUSE_HTTP__DEFAULT_ERROR_STATUS_CODE": "400", "PLAYHOUSE_LOG__FILTER": "warn"}
    demo = subprocess.Popen([binary], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
    line = demo.stdout.readline()
    found = LISTENING.search(line)
    if not found:
        demo.kill()
        sys.exit(f"{binary} told no address but {line!r}, and ended with {demo.wait()}")
    return demo, found.group()


def run(address, options, folder):
    """The exit code of schemathesis, and its report."""
    st = Path(sys.executable).with_name("st")
    report = Path(folder) / "report.json"
    config = ["--config-file", str(HERE / "schemathesis.toml")]
    where = [f"{address}/explorer/openapi.json", "--url", address]
    to = ["--report", "json", "--report-json-path", str(report)]
    # What schemathesis keeps for another run goes where it is thrown away.
    env = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "SCHEMATHESIS_HOOKS": str(HERE / "hooks.py")}
    code = subprocess.run([st, *config, "run", *where, *to, *USUAL, *options], cwd=folder, env=env, check=False).returncode
    return code, json.loads(report.read_text()) if report.exists() else None


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    demo, address = start(sys.argv[1])
    try:
        with tempfile.TemporaryDirectory() as folder:
            code, report = run(address, sys.argv[2:], folder)
    finally:
        demo.terminate()
        demo.wait()
    if report is None:
        sys.exit("schemathesis wrote no report")
    cases = report["test_cases"]
    failed = cases["with_failures"] + cases["errored"]
    everything = report["operations"]["tested"] == report["operations"]["total"]
    if not everything:
        print("not all operations of the document were called")
    print(f"{cases['generated'] - failed} passed, {failed} failed")
    sys.exit(0 if code == 0 and failed == 0 and everything and cases["generated"] else 1)


if __name__ == "__main__":
    main()
