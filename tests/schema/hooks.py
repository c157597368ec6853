"""What schemathesis can't know of the demo: `sleepTest` really sleeps, as long as it is told to."""

import re

import schemathesis

# Milliseconds; enough to see that it slept.
LONGEST = 20
DIGITS = re.compile(r"\s*[+-]?(\d+)")


def shortened(inputs):
    """Makes a long sleep a short one. One that is not told stays, and takes a second."""
    if not isinstance(inputs, dict) or "sleepDuration" not in inputs:
        return
    value = inputs["sleepDuration"]
    # As the action reads it: a list is its elements with commas between them.
    text = str(value[0] if isinstance(value, list) and value else value)
    digits = DIGITS.match(text)
    if digits and int(digits.group(1)) > LONGEST:
        inputs["sleepDuration"] = LONGEST


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.operation.path == "/api/sleepTest":
        shortened(case.query)
        shortened(case.body)
