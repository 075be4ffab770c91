#!/usr/bin/env python3
"""An independent verifier of a Gatewright log, from the C2SP tile layout alone (checkpoint, tile/, bodies/).

    verify.py DIRECTORY VKEY...

Checks the signed checkpoint, every entry bundle against every hash tile, the RFC 6962 root, canonical bytes, the chain of
each subject, and that nothing ran without the votes of enough distinct people. Prints one finding a line; exits 0 (valid),
1 (something is wrong) or 4 (usage). Written from the specifications, sharing no code with the package it checks.
"""
import base64
import hashlib
import json
import os
import re
import sys
from datetime import datetime, timedelta, timezone
from urllib.parse import unquote

P, Q = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def recover_x(y, sign):
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - x2) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def decode_point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    x = recover_x(y, sign) if y < P else None
    return None if x is None else (x, y, 1, x * y % P)


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        result = add(result, point) if scalar & 1 else result
        point, scalar = add(point, point), scalar >> 1
    return result


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (recover_x(BASE_Y, 0), BASE_Y, 1, recover_x(BASE_Y, 0) * BASE_Y % P)


def ed25519_verify(key, text, signature):
    """RFC 8032, section 5.1.7."""
    point, r = decode_point(key), decode_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or point is None or r is None or s >= Q:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % Q
    left, right = multiply(s, BASE), add(r, multiply(k, point))
    return not any((left[at] * right[2] - right[at] * left[2]) % P for at in (0, 1))


def unbase64(text):
    if base64.b64encode(base64.b64decode(text, validate=True)).decode() != text:
        raise ValueError("not the canonical Base64")
    return base64.b64decode(text)


def parse_vkey(vkey):
    name, key_id, encoded = vkey.split("+", 2)
    data = unbase64(encoded)
    if data[0] != 1 or len(data) != 33:
        raise ValueError("only Ed25519 keys are supported")
    if hashlib.sha256(name.encode() + b"\n" + data).digest()[:4].hex() != key_id:
        raise ValueError("the key id does not belong to the key")
    return name, bytes.fromhex(key_id), data[1:]


def open_checkpoint(note, vkeys):
    """The origin, size and root of a checkpoint that a key named like its log signed."""
    text, _, below = note.decode("utf-8").rpartition("\n\n")
    text += "\n"
    lines = text[:-1].split("\n")
    if not below.endswith("\n") or len(lines) < 3 or not re.fullmatch(r"0|[1-9]\d*", lines[1]):
        raise ValueError("the checkpoint has a wrong form")
    good = False
    for line in below[:-1].split("\n"):
        dash, name, encoded = line.split(" ")
        signature = unbase64(encoded)
        if dash != "\u2014" or len(signature) < 5:
            raise ValueError("a signature line has a wrong form")
        for key_name, key_id, key in vkeys:
            if key_name == name and key_id == signature[:4]:
                if not ed25519_verify(key, text.encode(), signature[4:]):
                    raise ValueError("the signature of a trusted key is bad")
                good = good or name == lines[0]
    if not good:
        raise ValueError("no trusted key of the log signed the checkpoint")
    return lines[0], int(lines[1]), unbase64(lines[2])


def leaf_hash(data):
    return hashlib.sha256(b"\0" + data).digest()


def tree_root(hashes):
    """MTH of RFC 6962, section 2.1, over hashes of complete subtrees of one height."""
    if len(hashes) <= 1:
        return hashes[0] if hashes else hashlib.sha256(b"").digest()
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return hashlib.sha256(b"\1" + tree_root(hashes[:split]) + tree_root(hashes[split:])).digest()


def tile_path(level, index, width):
    path = "%03d" % (index % 1000)
    while index >= 1000:
        index //= 1000
        path = "x%03d/%s" % (index % 1000, path)
    return "tile/%s/%s%s" % (level, path, "" if width == 256 else ".p/%d" % width)


def split_bundle(data):
    entries, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        if at + 2 + length > len(data):
            raise ValueError("an entry bundle is cut short")
        entries.append(data[at + 2 : at + 2 + length])
        at += 2 + length
    return entries


def canonical(value):
    """RFC 8785, for what events hold."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return "{%s}" % ",".join(json.dumps(k, ensure_ascii=False) + ":" + canonical(value[k]) for k in keys)
    if isinstance(value, list):
        return "[%s]" % ",".join(map(canonical, value))
    if isinstance(value, float):
        return number(value)
    return json.dumps(value, ensure_ascii=False)


def number(value):
    """ECMAScript's Number::toString."""
    if value == 0:
        return "0"
    sign, value = ("-", -value) if value < 0 else ("", value)
    mantissa, _, exponent = ("%r" % value).partition("e")
    whole, _, part = mantissa.partition(".")
    digits = (whole + part).lstrip("0")
    n = len(whole) + int(exponent or 0) - (len(whole + part) - len((whole + part).lstrip("0")))
    digits = digits.rstrip("0")
    k = len(digits)
    if k <= n <= 21:
        return sign + digits + "0" * (n - k)
    if 0 < n <= 21:
        return sign + digits[:n] + "." + digits[n:]
    if -6 < n <= 0:
        return sign + "0." + "0" * -n + digits
    return sign + digits[0] + ("." + digits[1:] if k > 1 else "") + "e%s%d" % ("+" if n > 0 else "-", abs(n - 1))


def core_hash(event, data, source):
    """The hash that the next event of a subject carries."""
    moment = datetime.strptime(event["time"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
    since = moment - datetime(1970, 1, 1, tzinfo=timezone.utc)
    own = {key: event[key] for key in ("id", "seq", "subject")}
    own.update(data=data, previous=event.get("previous"), source=source)
    own.update(time=since // timedelta(milliseconds=1), type=event["type"][len("dev.gatewright.") :])
    return hashlib.sha256(canonical(own).encode()).hexdigest()


class Log:
    def __init__(self, directory, vkeys):
        self.directory, self.vkeys, self.findings = directory, vkeys, []

    def read(self, path):
        with open(os.path.join(self.directory, path), "rb") as file:
            return file.read()

    def tiles(self, level, count):
        for index, width in ((at // 256, min(256, count - at)) for at in range(0, count, 256)):
            yield index, width, self.read(tile_path(level, index, width))

    def verify(self):
        origin, size, root = open_checkpoint(self.read("checkpoint"), self.vkeys)
        entries = []
        for index, width, data in self.tiles("entries", size):
            bundle = split_bundle(data)
            if len(bundle) != width:
                raise ValueError("entry bundle %d holds %d entries, not %d" % (index, len(bundle), width))
            entries += bundle
        hashes, level = [leaf_hash(entry) for entry in entries], 0
        if tree_root(hashes) != root:
            self.findings.append("the entries are not those that the checkpoint was signed for")
        while hashes:
            for index, width, data in self.tiles(level, len(hashes)):
                if data != b"".join(hashes[index * 256 : index * 256 + width]):
                    self.findings.append("tile %d of level %d differs from the entries" % (index, level))
            hashes = [tree_root(hashes[at : at + 256]) for at in range(0, len(hashes) - 255, 256)]
            level += 1
        self.verify_events(entries)
        return origin, size

    def verify_events(self, entries):
        chains = {}
        for index, entry in enumerate(entries):
            try:
                event = json.loads(entry.decode("utf-8"), parse_int=lambda text: int(text) if len(text) < 17 else float(text))
                if canonical(event).encode() != entry:
                    raise ValueError("not in canonical form")
                chains.setdefault(event["subject"], []).append((index, event, self.data_of(event)))
            except (ValueError, KeyError, OSError) as error:
                self.findings.append("entry %d: %s" % (index, error))
        for chain in chains.values():
            self.verify_chain(sorted(chain, key=lambda one: one[1]["seq"]))

    def data_of(self, event):
        data = event["data"]
        if sorted(data) != ["body", "bytes"]:
            return data
        body = self.read("bodies/%s.json" % data["body"])
        if hashlib.sha256(body).hexdigest() != data["body"]:
            raise ValueError("the body beside it differs")
        return json.loads(body)

    def verify_chain(self, chain):
        previous = None
        for seq, (index, event, data) in enumerate(chain, 1):
            if event["seq"] != seq or event["id"] != "%s/%d" % (event["subject"], seq):
                self.findings.append("entry %d: number %d of its chain is missing or repeated" % (index, seq))
                return
            if event.get("previous") != previous:
                self.findings.append("entry %d: it does not carry the hash of the event before it" % index)
            previous = core_hash(event, data, unquote(event["source"]))
        self.verify_meaning([(index, event["type"][15:], data) for index, event, data in chain])

    def verify_meaning(self, chain):
        first, approvers, runs, outcomes = chain[0][2], set(), 0, 0
        asked = chain[0][1] == "request.created"
        digest, basis = (first["argumentsDigest"], first["basis"]) if asked else (None, None)
        asker = first.get("requester")
        owner = asker.get("owner") if isinstance(asker, dict) else None
        excluded = [(who["issuer"], who["subject"]) for who in (owner, first.get("onBehalfOf")) if isinstance(who, dict)]
        needed = sum(s["atLeast"] for r in first.get("requirements", [])[:1] for s in r["stages"])
        for index, kind, data in chain:
            wrong = lambda what: self.findings.append("entry %d: %s" % (index, what))
            if kind == "request.edited":
                digest, approvers = data["argumentsDigest"], set(p for p in approvers if p[2] == data["argumentsDigest"])
            if kind == "request.vote-cast" and data["decision"] == "approve":
                person = (data["person"]["issuer"], data["person"]["subject"])
                if person in excluded or data["argumentsDigest"] != digest or data["actor"]["type"] != "human":
                    wrong("a vote that cannot count")
                approvers.add(person + (digest,))
            if kind == "request.approved":
                basis = data["basis"]
                if len(set(p[:2] for p in approvers)) < needed or data["argumentsDigest"] != digest:
                    wrong("approved without the votes of enough distinct people on these arguments")
            if kind == "execution.started":
                runs += 1
                if runs > 1 or (digest is not None and (basis is None or data["basis"] != basis)):
                    wrong("it ran without having been approved, or twice")
                if digest is not None and data["argumentsDigest"] != digest and not first.get("carriedVotes"):
                    wrong("other arguments ran than were approved")
            outcomes += kind in ("execution.succeeded", "execution.failed", "execution.blocked", "execution.unknown")
            if outcomes > runs:
                wrong("an outcome without a run, or a second one")


def main(arguments):
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 4
    log = Log(arguments[0], [parse_vkey(vkey) for vkey in arguments[1:]])
    try:
        origin, size = log.verify()
        print("%s: %d entries" % (origin, size))
    except (OSError, ValueError) as error:
        log.findings.append(str(error))
    print("\n".join(log.findings))
    return 1 if log.findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
