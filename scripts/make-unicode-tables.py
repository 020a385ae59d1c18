#!/usr/bin/env python3
"""Usage: scripts/make-unicode-tables.py

Writes lib/Runtime/UnicodeTables.inc, what tokenizers need to know of Unicode's characters, from the data that
Python has (unicodedata, which is made from https://www.unicode.org/Public/UCD/latest). The file says which
version of Unicode that is.
"""

import os
import unicodedata

HEADER = """//===- UnicodeTables.inc - What normalizers know of characters ------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Made by scripts/make-unicode-tables.py from the data of Unicode {version}.
//
//===----------------------------------------------------------------------===//

"""
HANGUL = range(0xAC00, 0xD7A4)  # Their decomposition is arithmetic (Unicode, 3.12).


def characters():
    return (code for code in range(0x110000) if not 0xD800 <= code < 0xE000)


def find_ranges(holds):
    ranges = []
    for code in filter(holds, characters()):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return ranges


def find_lower_cases():
    """Runs [first, last, step, difference] of characters whose lower case is as far away."""
    runs = []
    for code in characters():
        lower = chr(code).lower()
        if lower == chr(code) or len(lower) > 1:  # Only U+0130 has two characters.
            continue
        difference = ord(lower) - code
        if runs and runs[-1][3] == difference:
            first, last, step, _ = runs[-1]
            if code - last == step or (first == last and code - last <= 2):
                runs[-1] = [first, code, code - last, difference]
                continue
        runs.append([code, code, 1, difference])
    return runs


def find_bases():
    """Characters whose canonical decomposition without nonspacing marks is something else."""
    bases = []  # Neighbours with the same base share an entry.
    for code in characters():
        decomposed = unicodedata.normalize("NFD", chr(code))
        base = [ord(c) for c in decomposed if unicodedata.category(c) != "Mn"]
        if decomposed == chr(code) or code in HANGUL:
            continue
        assert len(base) <= 3, hex(code)
        if bases and bases[-1][1] == code - 1 and bases[-1][2:] == base:
            bases[-1][1] = code
        else:
            bases.append([code, code] + base)
    return bases


def write_table(file, comment, declaration, rows):
    file.write(f"/// {comment}\nstatic constexpr {declaration}[] = {{\n")
    line = "   "
    for row in rows:
        entry = " {" + ", ".join(hex(x) for x in row) + "},"
        if len(line) + len(entry) > 118:
            file.write(line + "\n")
            line = "   "
        line += entry
    file.write(line + "\n};\n\n")


def main():
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    category = unicodedata.category
    with open(os.path.join(root, "lib", "Runtime", "UnicodeTables.inc"), "w") as file:
        file.write(HEADER.format(version=unicodedata.unidata_version))
        file.write("// clang-format off\n\n")
        write_table(file, "Classes Cc, Cf and Co: controls, formats, private use.", "CharacterRange kControls",
                    find_ranges(lambda code: category(chr(code)) in ("Cc", "Cf", "Co")))
        write_table(file, "Class Mn: marks that take no space of their own.", "CharacterRange kNonspacingMarks",
                    find_ranges(lambda code: category(chr(code)) == "Mn"))
        write_table(file, "Lower case, but for U+0130.", "CaseRun kLowerCases", find_lower_cases())
        write_table(file, "Canonical decompositions without nonspacing marks, but for Hangul.",
                    "BaseCharacters kBases", find_bases())
        file.write("// clang-format on\n")


if __name__ == "__main__":
    main()
