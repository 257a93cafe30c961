"""How much of a mail is read; beyond these it is cut off or refused, always with a reason."""

from typing import Final

MAX_MESSAGE: Final = 100_000_000  # bytes of one message
MAX_FILE: Final = 50_000_000  # bytes of one attachment, as for those a person adds
MAX_DEPTH: Final = 50  # parts within parts
MAX_PARTS: Final = 1_000
MAX_HEADERS: Final = 1_000_000  # bytes of one header block
MAX_PEOPLE: Final = 2_000  # addresses of one message
MAX_TEXT: Final = 1_000_000  # characters of a body, as of one that a person writes
MAX_HTML: Final = 2_000_000  # characters
