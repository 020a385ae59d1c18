#!/usr/bin/env python3
"""Usage: scripts/summarize-results.py RESULTS.xml...

Adds up xunit files and prints, as its last line, `N passed, N failed` (and
`, N skipped`). The exit code is 1 if a test failed or if none ran.
"""

import sys
import xml.etree.ElementTree as ElementTree


def count(path):
    """Returns ([failed test names], passed, skipped) of one xunit file."""
    failed, passed, skipped = [], 0, 0
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed.append(f"{case.get('classname')} :: {case.get('name')}")
        elif case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
    return failed, passed, skipped


def main(paths):
    failed, passed, skipped = [], 0, 0
    for path in paths:
        try:
            some_failed, some_passed, some_skipped = count(path)
        except (OSError, ElementTree.ParseError) as error:
            some_failed, some_passed, some_skipped = [f"{path}: {error}"], 0, 0
        failed += some_failed
        passed += some_passed
        skipped += some_skipped
    for name in failed:
        print(f"FAILED: {name}")
    if passed + len(failed) == 0:
        print("error: no test ran")
    line = f"{passed} passed, {len(failed)} failed"
    print(line + (f", {skipped} skipped" if skipped else ""))
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
