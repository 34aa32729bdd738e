"""Texts that a tokenizer may get wrong: every script, marks, emoji, controls, broken UTF-8."""

import unicodedata

SPECIAL = ["[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"]
SCRIPTS = [(0x20, 0x7F), (0x20, 0x7F), (0, 0x20), (0x80, 0x100), (0x100, 0x250), (0x300, 0x370),
           (0x370, 0x400), (0x400, 0x530), (0x590, 0x700), (0x900, 0xE00), (0xE00, 0xF00),
           (0xF00, 0x1000), (0x1100, 0x1200), (0x1E00, 0x2000), (0x2000, 0x2070), (0x3000, 0x3100),
           (0x3400, 0x3500), (0x4E00, 0xA000), (0xAC00, 0xD7A4), (0xE000, 0xE010), (0xF900, 0xFB00),
           (0xFE00, 0xFFFF), (0x16FE0, 0x17000), (0x1D100, 0x1D200), (0x1F000, 0x1FB00),
           (0x20000, 0x20100), (0x2B800, 0x2B940), (0x2F800, 0x2FA20), (0, 0x110000)]
# Marks of many classes, kept and dropped, and characters that decompose into some.
MARKS = [chr(c) for c in range(0x110000)
         if not 0xD800 <= c < 0xE000 and unicodedata.combining(chr(c))]
KEPT_MARKS = [c for c in MARKS if unicodedata.category(c) != "Mn"] + list(
    "\u0f73\u0f75\u0f81\u0344\u0958\u09dc\u1715\u1734\U0001d15e\U0001d1bb\U00011938")
EMOJI = ["\U0001f600", "\u2764\ufe0f", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1e9\U0001f1ea",
         "\U0001f44d\U0001f3fd", "1\ufe0f\u20e3", "\U0001f3f4\U000e0067\U000e0062\U000e007f", "\u00a9"]
# Overlong, surrogate, beyond Unicode, cut short, and without a beginning.
BROKEN = [b"\xc0\x80", b"\xe0\x80\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf8\x88", b"\xff",
          b"\xe4\xb8", b"\xf0\x9f\x98", b"\xc3", b"\x80", b"\xbf\xbf"]


def random_character(generate):
    first, end = generate.choice(SCRIPTS)
    character = chr(generate.randrange(first, end))
    return " " if 0xD800 <= ord(character) < 0xE000 else character


def random_part(generate, words, tokens):
    kind = generate.random()
    if kind < 0.33:
        return generate.choice(words)
    if kind < 0.48:
        return generate.choice(words).upper() + generate.choice(["", " ", "'s ", "-", ". "])
    if kind < 0.68:
        return " "
    if kind < 0.88:
        return "".join(random_character(generate) for _ in range(generate.randrange(1, 6)))
    if kind < 0.91:
        return generate.choice(tokens + ["[cls]", "[[MASK]]", "[MASK"])
    if kind < 0.95:
        run = [generate.choice(MARKS if generate.random() < 0.6 else KEPT_MARKS)
               for _ in range(generate.randrange(1, 8))]
        return generate.choice(["a", "\u00e9", "\u1e69", "", "\u2260", "\u4e00", "\u200d"]) + "".join(run)
    if kind < 0.97:
        return generate.choice(EMOJI)
    if kind < 0.985:
        return random_character(generate) * generate.randrange(95, 106)
    if kind < 0.9855:
        return generate.choice(words) * generate.randrange(100, 1000)
    return "".join(generate.choice("abcdefgh\u0301") for _ in range(generate.randrange(8, 30)))


def random_text(generate, words, tokens, most_parts=12):
    return "".join(random_part(generate, words, tokens)
                   for _ in range(generate.randrange(0, most_parts)))


def break_somewhere(generate, text):
    """The bytes of a text with some that are not UTF-8."""
    text = bytearray(text.encode())
    for _ in range(generate.randrange(1, 4)):
        at = generate.randrange(len(text) + 1)
        if generate.random() < 0.5:
            text[at:at] = generate.choice(BROKEN)
        else:
            del text[at:at + 1]
    return bytes(text)


def code_point_texts(in_a_text):
    """Every code point in a word and apart, that many of them in a text."""
    points = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    for i in range(0, len(points), in_a_text):
        yield " ".join(f"a{c}b {c}" for c in points[i:i + in_a_text])
