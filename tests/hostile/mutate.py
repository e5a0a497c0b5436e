"""Good bytes made bad.

In: a random stream, the bytes of a good input, those of another one. Out: (bytes, what was changed, what must follow).
What must follow is one of
  ""        anything but a panic, a signal, a hang or greed;
  "word"    the program may not take it without a word: exit code 1 or 2, or a warning;
  "same"    without a word, the numbers are those of the good input.
"""

import gzip
import hashlib
import json
import lzma
import math
import re
import struct
import zlib

LIES = (0, 1, 2, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFE, 0x40000000, 0x00FFFFFF, 0x00010000, 0x4000FFFF, 200)

ESCAPES = "\x1b[2J\x1b]0;owned\x07"
BIDI = "\u202egpj.\u2066\u200b"
SCRIPT = "<script>alert(666)</script>"

# Files that are none, made beside every input by `hunt.sandbox`.
SPECIAL = ("fifo", "a_folder", "loop", "broken_link", "/dev/zero", "/dev/null", "/dev/full", "/proc/self/mem", "a_folder/*", "no_such_*")

# fmt: off
TEXTS = (
    "", " ", "~", "null", "[]", "{}", "\0", "a\0b", "\n", "a\nb", "\t", BIDI, ESCAPES, SCRIPT, f"'\"><img src=x onerror=alert(666)>",
    "../x", "../../../../etc/passwd", "/etc/passwd", "/", ".", "..", "~root", "$HOME", "a/b", "C:\\x", "-", "--help", "con", "%s%n%x", "{}{0}",
    "x" * 10_000, "\u00e9" * 3_000, "\U0001f600", "\ud7ff\ufffe", "=1+1", "a,b;c", "*", "**", "[", "[a-", "?" * 100, "m(", "m()", "m(mu1",
    "m(mu1," + "j1," * 500 + "j2)", "mT(met)", "m(mu99999999999999999999,mu2)", "m(mu0,mu1)", "incl/2mu.os/Xj", "(" * 3000 + "1" + ")" * 3000,
    "MET > " + "9" * 400, "MET > 1e400", "n(jet, pt > 1e309) >= -1", "not " * 5000 + "MET > 1", "MET / 0 > 1", "MET > 1 and " * 2000 + "MET > 1",
    "n(jet) == 18446744073709551616", "lead_pt(" * 500,
) + SPECIAL

NUMBERS = (
    0, -1, 1, 2, -0.0, 0.5, 1e-320, 1e-300, -1e-300, 1e300, 1e308, -1e308, 1.7976931348623157e308, 99999999999, 2**31 - 1, 2**31, 2**32 - 1, 2**32,
    2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63), 10**30, 10**400, 65535, 65536, 1e5, 1e7, 1e15,
)

# Where a number is wanted no programme may take these as one.
NO_NUMBERS = (math.nan, math.inf, -math.inf)

WRITTEN = (
    "nan", "NaN", "inf", "-inf", "Infinity", "1e308", "-1e308", "1e400", "1e-400", "-1", "0", "99999999999", "18446744073709551616", "",
    "0x10", "1_000", "1,5", "1.5.2", "+-1", "1e", "--1", "9" * 5000, "0." + "0" * 5000 + "1", "A" * 100_000, "\0", BIDI, ESCAPES, SCRIPT, '"', "'", "\\", "\u0661\u0662",
)

# fmt: on


def _some(rng, most):
    """A length between 1 and `most`, short ones as likely as long ones"""
    return max(1, int(math.exp(rng.uniform(0, math.log(max(2, most))))))


# ------------------------------------------------------------------------------------------------ any bytes


def flipped(rng, data, _other):
    data = data or b"\n"
    out, said = bytearray(data), []
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(len(out))
        out[at] = rng.choice((0xFF, 0, out[at] ^ (1 << rng.randrange(8)), rng.randrange(256)))
        said.append(f"{at}={out[at]:#x}")
    return bytes(out), "bytes " + " ".join(said), ""


def lied(rng, data, _other):
    length = rng.choice((2, 4, 4, 4, 8))
    if len(data) < length:
        return flipped(rng, data, _other)
    out, said = bytearray(data), []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        # Numbers crowd at the beginning and the end; the middle is payload.
        place = rng.random()
        span = len(out) - length + 1
        at = int(span * (place if rng.random() < 0.5 else rng.choice((place**4, 1 - place**4)))) % span
        lie, order = rng.choice(LIES), rng.choice((">", ">", "<"))
        out[at : at + length] = struct.pack(order + {2: "H", 4: "I", 8: "Q"}[length], lie & (2 ** (8 * length) - 1))
        said.append(f"{lie:#x} at {at} ({order}{length})")
    return bytes(out), "number " + ", ".join(said), ""


def cut(rng, data, _other):
    length = rng.choice((rng.randrange(len(data)), len(data) - _some(rng, len(data))))
    return data[:length], f"cut to {length} of {len(data)} bytes", "same"


def filled_in(rng, data, _other):
    at, length = rng.randint(0, len(data)), _some(rng, 5000)
    piece = rng.choice((bytes(length), b"\xff" * length, rng.randbytes(length)))
    return data[:at] + piece + data[at:], f"{length} bytes put in at {at}", ""


def taken_out(rng, data, _other):
    at, length = rng.randrange(len(data)), _some(rng, len(data))
    return data[:at] + data[at + length :], f"{length} bytes taken out at {at}", ""


def zeroed(rng, data, _other):
    at, length = rng.randrange(len(data)), _some(rng, len(data))
    length = min(length, len(data) - at)
    return data[:at] + bytes(length) + data[at + length :], f"{length} zeros at {at}", ""


def moved(rng, data, _other):
    length = min(_some(rng, len(data) // 2), len(data) - 1)
    a, b = (rng.randrange(len(data) - length) for _ in range(2))
    out = bytearray(data)
    if rng.random() < 0.5:
        out[b : b + length] = data[a : a + length]
        return bytes(out), f"{length} bytes from {a} written over {b}", ""
    out[a : a + length], out[b : b + length] = data[b : b + length], data[a : a + length]
    return bytes(out[: len(data)]), f"{length} bytes at {a} and {b} exchanged", ""


def doubled(rng, data, _other):
    at, length = rng.randrange(len(data)), _some(rng, len(data))
    times = rng.choice((1, 1, 3))
    return data[:at] + data[at : at + length] * times + data[at:], f"{length} bytes at {at} repeated {times} times", ""


def spliced(rng, data, other):
    a, b = rng.randint(0, len(data)), rng.randint(0, len(other))
    if rng.random() < 0.5:
        b = min(a, len(other))
    return data[:a] + other[b:], f"{a} bytes, then another good input from {b}", ""


BINARY = (flipped, flipped, lied, lied, lied, cut, filled_in, taken_out, zeroed, moved, doubled, spliced)


def resealed(rng, data, other):
    """A book: its SHA-256 is made good again after the change, so that more than the checksum is asked"""
    body, said, _ = rng.choice(BINARY)(rng, data[:-32], other[:-32])
    return body + hashlib.sha256(body).digest(), said + ", checksum made good", ""


def inside_record(rng, data, other):
    """ROOT: what stands in a packed record (ZLIB, LZMA) is changed, and packed again with a right checksum"""
    starts = [at for at in (match.start() for match in re.finditer(rb"ZL\x08|XZ\0", data)) if at > 100]
    if not starts:
        return lied(rng, data, other)
    # Trees and descriptions of classes stand behind the baskets.
    at = starts[rng.choice((-1, -2, -3, rng.randrange(len(starts)))) % len(starts)]
    packed, size = (int.from_bytes(data[a : a + 3], "little") for a in (at + 3, at + 6))
    zlib_packed = data[at : at + 2] == b"ZL"
    try:
        body = (zlib if zlib_packed else lzma).decompress(data[at + 9 : at + 9 + packed])
    except (zlib.error, lzma.LZMAError):
        return lied(rng, data, other)
    body, said, _ = rng.choice((flipped, flipped, lied, lied, lied, moved, zeroed))(rng, body, body)
    again = zlib.compress(body, 9) if zlib_packed else lzma.compress(body)
    # The key in front of the record: bytes of the record, ..., unpacked bytes; its copy in the folder and the header's number.
    found = [
        key
        for key in range(max(0, at - 400), at - 17)
        if int.from_bytes(data[key : key + 4], "big") == at - key + 9 + packed
        and int.from_bytes(data[key + 14 : key + 16], "big") == at - key
    ]
    if not found or len(again) > packed or len(body) != size:
        return lied(rng, data, other)
    key = data[found[-1] : found[-1] + 18]
    nbytes = int.from_bytes(key[:4], "big") - packed + len(again)
    out = (
        data[:at]
        + data[at : at + 3]
        + len(again).to_bytes(3, "little")
        + data[at + 6 : at + 9]
        + again
        + bytes(packed - len(again))
        + data[at + 9 + packed :]
    )
    out = out.replace(key, nbytes.to_bytes(4, "big") + key[4:])
    header = out[:100].replace(key[:4], nbytes.to_bytes(4, "big"))
    return header + out[100:], f"{said}, inside the packed record at {at}", ""


def repacked(rng, data, other):
    """gzip: what is inside is changed, or a bomb"""
    if rng.random() < 0.02:
        return gzip.compress(b"0;" * 30_000_000, 1), "60 MB in one line, gzip", "word"
    if rng.random() < 0.1:
        return data + other, "two gzip members", ""
    try:
        inside, said, must = rng.choice(TEXT)(rng, gzip.decompress(data), gzip.decompress(other))
    except (OSError, EOFError, zlib.error):
        return flipped(rng, data, other)
    return gzip.compress(inside, 1, mtime=0), said + ", inside gzip", must


# ------------------------------------------------------------------------------------------------ any text

NUMBER = re.compile(rb"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.])")
WORD = re.compile(rb"[A-Za-z_][\w.-]*")


def _token(rng, data, pattern, new, what):
    # Near a random place: a list of all tokens of a big file would cost more than the program.
    start = rng.randrange(len(data)) if data else 0
    found = pattern.search(data, start) or pattern.search(data)
    if not found:
        return filled_in(rng, data, data)
    a, b = found.span()
    return data[:a] + new + data[b:], f"{what} `{data[a:b][:40].decode('utf-8', 'replace')}` at {a} becomes {new[:40]!r}", ""


def other_number(rng, data, _other):
    return _token(rng, data, NUMBER, rng.choice(WRITTEN).encode("utf-8", "surrogatepass"), "number")


def cut_anywhere(rng, data, other):
    # Text may end anywhere and still be right.
    out, said, _ = cut(rng, data, other)
    return out, said, ""


def other_word(rng, data, _other):
    return _token(rng, data, WORD, rng.choice(TEXTS).encode("utf-8", "surrogatepass"), "word")


def lines_changed(rng, data, other):
    lines = data.splitlines(keepends=True)
    if len(lines) < 2:
        return other_number(rng, data, other)
    a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
    how = rng.randrange(6)
    if how == 0:
        lines.insert(b, lines[a])
        said = f"line {a + 1} again behind line {b}"
    elif how == 1:
        del lines[a]
        said = f"line {a + 1} left out"
    elif how == 2:
        lines[a], lines[b] = lines[b], lines[a]
        said = f"lines {a + 1} and {b + 1} exchanged"
    elif how == 3:
        lines[a] = lines[a].rstrip(b"\r\n") + rng.choice((b",", b";", b",,,,", b";" * 10_000, b"\t", b" " * 10_000)) + b"\n"
        said = f"separators behind line {a + 1}"
    elif how == 4:
        lines[a] = rng.choice((b"\n", b"#\n", b"\xff\xfe\n", b"x" * 200_000 + b"\n", b"\0\n", b'"\n'))
        said = f"line {a + 1} becomes {lines[a][:10]!r}"
    else:
        lines[a] = lines[a] * rng.choice((10, 3000))
        said = f"line {a + 1} many times"
    return b"".join(lines), said, ""


def recoded(rng, data, _other):
    text = data.decode("utf-8", "replace")
    return rng.choice(
        (
            (b"\xef\xbb\xbf" + data, "byte order mark", ""),
            (data.replace(b"\n", b"\r\n"), "Windows' line ends", ""),
            (data.replace(b"\n", b"\r"), "old Mac line ends", ""),
            (text.encode("utf-16"), "UTF-16", ""),
            (text.encode("utf-16-be"), "UTF-16 big-endian without mark", ""),
            (gzip.compress(data, 1, mtime=0), "gzip", ""),
            (data.replace(b",", b";"), "; for ,", ""),
            (data.replace(b",", b"\t"), "tabs for ,", ""),
            (data.replace(b".", b","), ", for .", ""),
            (b"", "nothing", ""),
            (b"\n" * 1000, "empty lines", ""),
            (b"PK\x03\x04" + data, "begins like ZIP", ""),
            (b"\x89HDF\r\n\x1a\n" + data, "begins like HDF5", ""),
            (b"root\0\0\xf7\0" + data, "begins like ROOT", ""),
            (b"<!DOCTYPE html>" + data, "begins like HTML", ""),
        )
    )


TEXT = (
    other_number,
    other_number,
    other_number,
    other_word,
    lines_changed,
    lines_changed,
    recoded,
    flipped,
    taken_out,
    moved,
    doubled,
    spliced,
    filled_in,
    cut_anywhere,
)


# ------------------------------------------------------------------------------------------------ JSON, and YAML as its superset


def _leaves(node, path=()):
    """Every place of a document, groups too"""
    yield path
    if isinstance(node, dict):
        for key in node:
            yield from _leaves(node[key], path + (key,))
    elif isinstance(node, list):
        # Long lists of numbers: a few places stand for all.
        for index in list(range(min(len(node), 4))) + ([len(node) - 1] if len(node) > 4 else []):
            yield from _leaves(node[index], path + (index,))


def _at(node, path):
    for step in path:
        node = node[step]
    return node


MARK = "\ue000mark\ue000"


def _written(document, raw, yaml):
    """The document with MARK replaced by raw text"""
    text = json.dumps(document, ensure_ascii=False, allow_nan=True)
    if yaml:
        text = re.sub(r"(?<![\w\"])(-?)Infinity(?![\w\"])", r"\1.inf", text)
        text = re.sub(r"(?<![\w\"])NaN(?![\w\"])", ".nan", text)
    return text.replace(json.dumps(MARK, ensure_ascii=False), raw).encode("utf-8", "surrogatepass")


def bombs(yaml):
    deep = 10_000
    some = [
        "[" * deep + "]" * deep,
        '{"a":' * deep + "1" + "}" * deep,
        "[" * deep,
        "1" * 100_000,
        '"' + "\\u0000" * 1000 + '"',
        '"\\ud800"',
        "[" + "0," * 200_000 + "0]",
    ]
    if yaml:
        levels = ["&a0 [x,x,x,x,x,x,x,x,x]"] + [f"&a{n} [" + ",".join([f"*a{n - 1}"] * 9) + "]" for n in range(1, 10)]
        some += [
            "[" + ",".join(levels) + "]",
            "&a [*a]",
            "&a {<<: *a}",
            "*nowhere",
            "!!python/object:os.system x",
            "!!binary AAAA",
            "!!float x",
            "!!null x",
            "? [a]\n: b",
            "|\n  x",
            "&" + "a" * 10_000 + " 1",
        ]
    return some


def structural(yaml, strict):
    """A mutation of documents. `strict`: keys given twice, keys that do not exist and NaN may not be taken without a word."""
    word = "word" if strict else ""

    def change(rng, data, _other):
        try:
            document = json.loads(data)
        except ValueError:
            return rng.choice(TEXT)(rng, data, _other)
        places = [path for path in _leaves(document)]
        path = rng.choice(places)
        if not path:
            path = rng.choice(places)
        where = ".".join(map(str, path)) or "top"
        if not path:
            raw = rng.choice(bombs(yaml) + ["null", "[]", "{}", "1", '"x"', "true"])
            return raw.encode(), f"all of it becomes {raw[:30]}", ""
        holder, last, old = _at(document, path[:-1]), path[-1], _at(document, path)
        how = rng.random()
        if how < 0.12:
            if isinstance(holder, dict):
                # Twice the same key: once with another value.
                value = rng.choice((old, 0, None, "x", []))
                spelled = json.dumps(last, ensure_ascii=False)
                holder[last] = MARK
                raw = json.dumps(old) + f", {spelled}: {json.dumps(value)}"
                return _written(document, raw, yaml), f"{where} given twice", word
            del holder[last]
            return _written(document, "", yaml), f"{where} left out", ""
        if how < 0.22:
            del holder[last]
            return _written(document, "", yaml), f"{where} left out", ""
        if how < 0.30 and isinstance(holder, dict):
            name = rng.choice(
                (
                    str(last) + "s",
                    str(last).upper(),
                    "x_" + str(last)[:20],
                    str(last)[:-1] or "_",
                    SCRIPT,
                    ESCAPES,
                    BIDI,
                    "x" * 10_000,
                    "",
                    "a\nb",
                    "../x",
                    "__proto__",
                )
            )
            if name in holder:
                name += "_"
            holder[name] = holder.pop(last)
            # Names of regions and samples are free.
            return _written(document, "", yaml), f"{where} renamed to {name[:30]!r}", ""
        if how < 0.36:
            holder[last] = MARK
            raw = rng.choice(bombs(yaml))
            return _written(document, raw, yaml), f"{where} becomes {raw[:30]}", ""
        if how < 0.44 and isinstance(old, (int, float)) and not isinstance(old, bool):
            holder[last] = rng.choice(NO_NUMBERS)
            return _written(document, "", yaml), f"{where} becomes {holder[last]}", word
        if how < 0.50 and isinstance(old, list):
            holder[last] = rng.choice(
                ([], old * 2, old[:1], old[::-1], old * (2_000 // max(1, len(old))), [old], old + [None], old + ["x"])
            )
            return _written(document, "", yaml), f"{where}: list changed", ""
        if isinstance(old, (int, float)) and rng.random() < 0.8:
            holder[last] = rng.choice(NUMBERS)
        elif isinstance(old, str) and rng.random() < 0.8:
            holder[last] = rng.choice(TEXTS)
            if last in ("files", "resolution", "model", "base") and rng.random() < 0.5:
                holder[last] = rng.choice(SPECIAL)
        else:
            holder[last] = rng.choice(
                (None, True, False, 0, -1, 1e308, "x", "", [], {}, [0], ["x"], {"x": 1}, [[]], rng.choice(TEXTS), rng.choice(NUMBERS))
            )
        return _written(document, "", yaml), f"{where} becomes {str(holder[last])[:40]!r}", ""

    return change


JSON_LAX = (structural(False, False),) * 5 + TEXT + (lied, zeroed)
JSON_STRICT = (structural(False, True),) * 5 + TEXT
YAML_STRICT = (structural(True, True),) * 12 + TEXT
ROOT = BINARY + (inside_record,) * 6
BOOK = (resealed, resealed, resealed, flipped, cut, spliced)
GZIP = (repacked, repacked, flipped, cut, taken_out, doubled)
WEIGHTS = BINARY + (lied, lied)


def argument(rng, _data, _other):
    """A text that stands on the command line"""
    some = rng.choice((TEXTS, TEXTS, WRITTEN, tuple(map(str, NUMBERS))))
    text = rng.choice(some).replace("\0", "0")[:100_000]
    # Whoever names a pipe that nobody writes to waits, as with `cat`.
    text = "a_folder" if text == "fifo" else text
    return text.encode("utf-8", "surrogatepass"), f"argument {text[:40]!r}", ""


ARGUMENT = (argument,)
