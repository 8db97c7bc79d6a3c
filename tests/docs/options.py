#!/usr/bin/env python3
"""Holds the option tables of docs/CLI.md equal to --help, for each tool and each of its commands.

usage: options.py --bin FOLDER [--update]     --update rewrites the tables from --help

A section "## golf-x" or "## golf-x command" has one table, from its line "| option | default | meaning |" to
the first line that is none. Options that all tools share stand in the section "## Options of every tool".
"""
import os
import pathlib
import re
import subprocess
import sys

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "CLI.md"
TOOLS = ["golf-train", "golf-pack", "golf-inspect", "golf-eval"]
SHARED = "Options of every tool"
HEADER = ["| option | default | meaning |", "|---|---|---|"]


def help_of(command, folder):
    words = command.split()
    shown = subprocess.run([os.path.join(folder, words[0]), *words[1:], "--help"], capture_output=True, text=True)
    if shown.returncode != 0:
        sys.exit(f"{command} --help: exit {shown.returncode}: {shown.stderr.strip()}")
    return shown.stdout


def sections_of(text):
    """--help as {title: [(left, right)]}: an entry starts at column 2, its text and its other lines at 28."""
    sections, rows = {}, []
    for line in text.splitlines():
        if re.fullmatch(r"\S.*:", line):
            rows = sections.setdefault(line[:-1], [])
        elif re.match(r"  \S", line):
            left, _, right = line[2:].partition("  ")
            rows.append([left, right.strip()])
        elif line.startswith(" " * 28) and rows:
            rows[-1][1] = f"{rows[-1][1]} {line.strip()}".strip()
        elif line and not line.startswith(" "):
            rows = []
    return sections


def table_rows(rows):
    lines = []
    for left, right in rows:
        default = re.search(r" ?\[default: (.*)\]$", right)
        meaning = right[: default.start()] if default else right
        cells = [f"`{left}`", f"`{default[1]}`" if default else "", meaning]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return lines


def tables_of(folder, sections):
    """What the page must say: {section: rows}. Tools that are not built here are left out.

    @param sections  of the page: commands that --help does not list are asked for their own --help
    """
    tables = {}
    for tool in TOOLS:
        if not os.path.exists(os.path.join(folder, tool)):
            continue
        commands = [tool]
        for left, _ in sections_of(help_of(tool, folder)).get("Commands, each with its own --help", []):
            commands.append(left)
        commands += [name for name in sections if name.split()[0] == tool and name not in commands]
        for command in commands:
            shown = help_of(command, folder)
            if not shown.startswith(f"Usage: {command} "):
                continue  # no such command: it was taken for an input
            rows = []
            for title, entries in sections_of(shown).items():
                if title == "General":
                    shared = table_rows(entries)
                    if tables.setdefault(SHARED, shared) != shared:
                        sys.exit(f"{command}: its general options are not those of the other tools")
                elif title == "Inputs" or any(left.startswith("-") for left, _ in entries):
                    rows += table_rows(entries)
            tables[command] = rows
    return tables


def page_tables(lines):
    """What the page says: {section: (first line, end line)} of the tables, and the tools' sections."""
    places, section, sections = {}, "", []
    for number, line in enumerate(lines):
        if line.startswith("## "):
            section = line[3:].strip()
            sections.append(section)
        if line == HEADER[0]:
            end = number
            while end < len(lines) and lines[end].startswith("|"):
                end += 1
            if section in places:
                sys.exit(f"docs/CLI.md:{number + 1}: a second table of options in \"{section}\"")
            places[section] = (number, end)
    return places, [name for name in sections if name.split()[0] in TOOLS]


def main():
    update = "--update" in sys.argv
    folder = sys.argv[sys.argv.index("--bin") + 1]
    lines = PAGE.read_text().split("\n")
    tables = tables_of(folder, page_tables(lines)[1])
    built = {command.split()[0] for command in tables if command != SHARED}
    problems = []
    for section in page_tables(lines)[1]:
        if section.split()[0] in built and section not in tables:
            problems.append(f"docs/CLI.md: there is no command \"{section}\"")
    for section, rows in tables.items():
        places = page_tables(lines)[0]
        if section not in places:
            problems.append(f"docs/CLI.md: no table of options in a section \"## {section}\"")
            continue
        first, end = places[section]
        if lines[first:end] == HEADER + rows:
            continue
        if update:
            lines[first:end] = HEADER + rows
            continue
        page, tool = set(lines[first + 2 : end]), set(rows)
        problems += [f"docs/CLI.md: \"{section}\" says: {row}" for row in sorted(page - tool)]
        problems += [f"{section} --help says:  {row}" for row in rows if row not in page]
        if page == tool:
            problems.append(f"docs/CLI.md: \"{section}\" lists the options in another order than --help")
    if update:
        PAGE.write_text("\n".join(lines))
    for problem in problems:
        print(problem)
    if problems:
        print("tests/docs/options.py --bin FOLDER --update writes the tables anew")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
