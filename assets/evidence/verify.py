#!/usr/bin/env python3
"""Checks this folder with nothing but Python 3; prints OK, or FAIL for each file or record that was changed."""
import hashlib
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
MANIFEST, SEAL, RECORDS = "manifest.json", "manifest.sha256", "records.jsonl"
problems = []


def fail(what, why):
    problems.append("FAIL %s: %s" % (ascii(what)[1:-1], why))


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def found():
    for folder, _, names in os.walk(HERE):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                yield os.path.relpath(file.name, HERE).replace(os.sep, "/"), file.read()


def check_files(files, listed):
    if files.get(SEAL) != ("%s  %s\n" % (sha256(files[MANIFEST]), MANIFEST)).encode():
        fail(MANIFEST, "its SHA-256 is not the one in " + SEAL)
    for path in sorted(set(listed) - set(files)):
        fail(path, "it is missing")
    for path in sorted(set(files) - {MANIFEST, SEAL}):
        if path not in listed:
            fail(path, "it is not in the manifest")
        elif sha256(files[path]) != listed[path]["sha256"] or len(files[path]) != listed[path]["bytes"]:
            fail(path, "it is not as it was exported")
        elif path.startswith("raw/") and path[4:] != sha256(files[path]):
            fail(path, "its name is not its SHA-256")


def check_records(files, manifest):
    before, seen = (0, "0" * 64), 0
    for line in files.get(RECORDS, b"").split(b"\n")[:-1]:
        name = "record after %d" % before[0]
        try:
            line = json.loads(line)
            seq, prev, stored, data = line["seq"], line["prev"], line["hash"], line["bytes"].encode()
            name, record = "record %d" % seq, json.loads(data)
            # The chain of the ledger: a zero byte, the hash before, the length as eight bytes, the bytes.
            if sha256(b"\0" + bytes.fromhex(prev) + len(data).to_bytes(8, "big") + data) != stored:
                fail(name, "its bytes do not match its hash")
            if seq == before[0] + 1 and prev != before[1]:
                fail(name, "it does not follow the record before it")
            if seq <= before[0] or record["seq"] != seq or record["incident"] != manifest["incident"]:
                fail(name, "it stands in another record's place")
            if seq == 1 and stored != manifest["origin"]:
                fail(name, "it is not the first record of this ledger")
            kept = record["entry"].get("evidence-kept") if isinstance(record["entry"], dict) else None
            if kept and "raw/" + kept["sha256"] not in files:
                fail("raw/" + kept["sha256"], "%s names it, and it is not here" % name)
            before, seen = (seq, stored), seen + 1
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            fail(name, "it cannot be read: " + ascii(error))
    if seen != manifest["records"] or {"seq": before[0], "hash": before[1]} != manifest["head"]:
        fail(RECORDS, "it does not end where the manifest says")


try:
    everything = dict(found())
    contents = json.loads(everything[MANIFEST])
    check_files(everything, {file["path"]: file for file in contents["files"]})
    check_records(everything, contents)
except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
    fail(MANIFEST, "the check cannot be made: " + ascii(error))
summary = () if problems else (len(everything), contents["records"], ascii(contents["integrity"])[1:-1])
print("\n".join(problems) or "OK: %d files, %d records; integrity: %s" % summary)
sys.exit(1 if problems else 0)
