"""Running programs: errors that say which one failed, logs, progress on stderr."""

import json
import os
import subprocess
import sys
import time

PROGRESS_SECONDS = 15


class ComparisonError(Exception):
    """What is wrong with the input or a program, for the user to read."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(command, environment=None):
    """(stdout, stderr) of a program."""
    command = [str(part) for part in command]
    try:
        result = subprocess.run(command, capture_output=True, text=True, errors="replace", env=environment)
    except OSError as error:
        raise ComparisonError(f"{command[0]}: can't be run: {error.strerror}") from error
    if result.returncode != 0:
        tail = "\n".join((result.stdout + result.stderr).splitlines()[-15:])
        raise ComparisonError(f"{' '.join(command)}: exit code {result.returncode}\n{tail}")
    return result.stdout, result.stderr


def run_json(command, environment=None):
    """The JSON document that a program prints on stdout."""
    output, _ = run(command, environment)
    try:
        return json.loads(output)
    except ValueError as error:
        raise ComparisonError(f"{' '.join(map(str, command))}: printed no JSON: {error}\n{output[-1000:]}") from error


def run_logged(what, command, log):
    """Runs a long step: its output goes to a file, its last line to stderr now and then."""
    say(f"{what} (log: {log})")
    start = shown = time.monotonic()
    with open(log, "w", encoding="utf-8") as file:
        try:
            process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, text=True, errors="replace")
        except OSError as error:
            raise ComparisonError(f"{what}: {command[0]} can't be run: {error.strerror}") from error
        with process:
            for line in process.stdout:
                file.write(line)
                if time.monotonic() - shown > PROGRESS_SECONDS:
                    shown = time.monotonic()
                    say(f"  {shown - start:.0f} s: {line.strip()[:100]}")
    if process.returncode != 0:
        raise ComparisonError(f"{what}: exit code {process.returncode}; {log} tells why")
    say(f"  done in {time.monotonic() - start:.0f} s")


def write_whole(path, text):
    """A file appears under its name only when it is whole."""
    temporary = f"{path}.part"
    try:
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)
    except OSError as error:
        raise ComparisonError(f"{path}: can't be written: {error.strerror}") from error
