"""`python -m cnngru runs rename|note|tag|pin`: what a person notes of a run. Each prints what is noted then."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from cnngru.cli.console import CommandError, add_json, command, one_line, print_json, say
from cnngru.runs import labels, store, titles


def add(jobs: Any) -> None:
    job = command(jobs, "rename", "give a run a title", 'python -m cnngru runs rename NAME "A wider GRU"')
    job.add_argument("name")
    job.add_argument("title", help='one line of at most 60 characters; "" takes it away')
    add_json(job)
    job.set_defaults(run=rename)

    job = command(jobs, "note", "write a note on a run", 'python -m cnngru runs note NAME "Too fast: see epoch 2"')
    job.add_argument("name")
    job.add_argument(
        "text", nargs="?", help='at most 2,000 characters; "-" reads them from stdin, "" takes the note away'
    )
    add_json(job)
    job.set_defaults(run=note)

    job = command(jobs, "tag", "add tags to a run and take others away", "python -m cnngru runs tag NAME +lesson -try")
    add_json(job)
    job.add_argument("name")
    job.add_argument("words", nargs=argparse.REMAINDER, metavar="+WORD|-WORD", help="+WORD adds, -WORD takes away")
    job.set_defaults(run=tag)

    job = command(jobs, "pin", "draw a run beside all others on the same pictures", "python -m cnngru runs pin NAME")
    job.add_argument("name")
    job.add_argument("--off", action="store_true", help="take the pin out")
    add_json(job)
    job.set_defaults(run=pin)


def rename(args: argparse.Namespace) -> int:
    if args.title and not titles.plain(args.title):
        raise CommandError("A title needs a letter that can be seen. Nothing was changed.")
    store.call(args.name, args.title)
    return _tell(args)


def note(args: argparse.Namespace) -> int:
    text = args.text
    if text == "-":
        if sys.stdin is None:
            raise CommandError("There is nothing to read the note from. Nothing was changed.")
        text = sys.stdin.read(4 * labels.LONGEST_NOTE + 1)
    if text is not None:
        if len(text.strip()) > labels.LONGEST_NOTE:
            raise CommandError(f"A note has at most {labels.LONGEST_NOTE:,} characters. Nothing was changed.")
        labels.give(args.name, note=text)
    return _tell(args)


def tag(args: argparse.Namespace) -> int:
    words = [word for word in args.words if word != "--json"]  # options may stand behind the words, too
    args.json = args.json or len(words) < len(args.words)
    for word in words:
        if word[:1] not in ("+", "-") or not labels.plain_tags([word]):
            raise CommandError(
                f"{word[:80]!r} is no change of tags: +WORD adds, -WORD takes away. Nothing was changed."
            )
    run = store.get(args.name)
    added, gone = (labels.plain_tags(word for word in words if word[0] == sign) for sign in "+-")
    if words:
        stay = [tag for tag in labels.read(run.folder).tags if tag not in gone]
        if len(set(stay) | set(added)) > labels.MOST_TAGS:
            raise CommandError(f"A run has at most {labels.MOST_TAGS} tags. Nothing was changed.")
        labels.give(run.name, tags=(*stay, *added))
    return _tell(args)


def pin(args: argparse.Namespace) -> int:
    labels.give(args.name, pinned=not args.off)
    return _tell(args)


def _tell(args: argparse.Namespace) -> int:
    """Prints what is noted of the run now."""
    run = store.get(args.name)
    noted = labels.read(run.folder)
    if args.json:
        print_json(
            {"name": run.name, "title": run.title, "note": noted.note, "tags": noted.tags, "pinned": noted.pinned}
        )
        return 0
    say(f"{run.name}{f': {one_line(run.title)}' if run.title else ''}{' (pinned)' if noted.pinned else ''}")
    if noted.tags:
        say(f"  tags  {' '.join(map(one_line, noted.tags))}")
    for line in noted.note.splitlines():
        say(f"  {line}")
    return 0
