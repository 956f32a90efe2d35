"""What is known about letters."""


def is_cjk(letter: str) -> bool:
    """Whether this is a letter of Chinese, or one of its neighbours that are written without spaces."""
    return any(first <= ord(letter) <= last for first, last in CJK)


# Blocks of Unicode: CJK ideographs with their extensions and compatibility forms, kana.
CJK = (
    (0x3040, 0x30FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2EBEF),
    (0x2F800, 0x2FA1F),
)
