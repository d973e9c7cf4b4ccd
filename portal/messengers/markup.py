"""The few HTML tags that an author may use, and how each platform writes them.

``b i u s code`` (``strong em ins strike del`` likewise) and ``a href`` count as markup where they are balanced and
well nested over the whole message; everything else, and all that a person typed, is shown as it stands.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape, unescape

from portal.messaging.events import TextSpan

BOLD, ITALIC, UNDERLINE, STRIKE, CODE = "b", "i", "u", "s", "code"
_SAME = {"strong": BOLD, "em": ITALIC, "ins": UNDERLINE, "strike": STRIKE, "del": STRIKE}
_TAG = re.compile(
    r"<(/?)(b|i|u|s|code|a|strong|em|ins|strike|del)(\s+href=(\"[^\"<>]*\"|'[^'<>]*'))?\s*>", re.IGNORECASE
)
_LINK = re.compile(r"(https?://|tel:|mailto:)[^\s<>\"']{1,1500}")
# No messenger shows them, some refuse them; a carriage return comes along with a line's end.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
# Beyond that, tags are left as they are.
_MAX_TAGS = 400


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text in one style: ``tags`` from the outermost to the innermost, links as ``a <address>``."""

    text: str
    tags: tuple[str, ...] = ()

    @property
    def link(self) -> str | None:
        """The address that the text leads to."""
        return next((tag[2:] for tag in self.tags if tag.startswith("a ")), None)


@dataclass(slots=True)
class _Token:
    text: str
    tag: str = ""
    is_end: bool = False
    is_live: bool = False


def runs_of(spans: Iterable[TextSpan]) -> list[Run]:
    """The text of a message in its styles."""
    tokens = [token for span in spans for token in _tokens(span)]
    _match(tokens)
    runs: list[Run] = []
    open_tags: list[str] = []
    for token in tokens:
        if not token.is_live:
            runs.append(Run(token.text, tuple(open_tags)))
        elif token.is_end:
            open_tags.pop()
        else:
            open_tags.append(token.tag)
    return joined(runs)


def joined(runs: Iterable[Run]) -> list[Run]:
    """Neighbours of one style made one; empty ones left out."""
    found: list[Run] = []
    for run in runs:
        if found and found[-1].tags == run.tags:
            found[-1] = replace(found[-1], text=found[-1].text + run.text)
        elif run.text:
            found.append(run)
    return found


def plain(runs_or_segments: Iterable[Run | TextSpan]) -> str:
    """The words alone, as people read them."""
    pieces = list(runs_or_segments)
    spans = [piece for piece in pieces if isinstance(piece, TextSpan)]
    runs = runs_of(spans) if spans else [piece for piece in pieces if isinstance(piece, Run)]
    return "".join(run.text for run in runs)


def spans_of(runs: Iterable[Run]) -> tuple[TextSpan, ...]:
    """TextSpans that :func:`runs_of` reads as these runs again."""
    found: list[TextSpan] = []
    for run in runs:
        start, end = _tags(run.tags)
        found += [TextSpan(start), TextSpan(run.text, typed="<" in run.text), TextSpan(end)]
    return _merged(span for span in found if span.text)


def html(runs: Iterable[Run]) -> str:
    """HTML with these tags alone; nothing else stands within or around ``code``."""
    pieces = []
    for run in runs:
        start, end = _tags((CODE,) if CODE in run.tags else tuple(dict.fromkeys(run.tags)))
        pieces.append(f"{start}{escape(run.text, quote=False)}{end}")
    return "".join(pieces)


def _tags(tags: Sequence[str]) -> tuple[str, str]:
    starts = (f'<a href="{escape(tag[2:])}">' if tag.startswith("a ") else f"<{tag}>" for tag in tags)
    return "".join(starts), "".join(f"</{tag.split()[0]}>" for tag in reversed(tags))


_SIGNS = {BOLD: "*", ITALIC: "_", STRIKE: "~", CODE: "```"}
# A sign counts where no letter or digit stands on one of its sides: an e-mail address keeps its underscores.
_LIVE_SIGN = re.compile(r"(?<![^\W_])[*_~`]+|[*_~`]+(?![^\W_])")
_BREAK = "\u200b"


def signs(runs: Iterable[Run]) -> str:
    """Text with ``*bold* _italic_ ~struck~`` and three backticks; signs of the text itself are made harmless.

    There is no escape for them, so a space without width keeps each from its neighbour.
    """
    return "".join(_signed(run) for run in runs)


def _signed(run: Run) -> str:
    text = _LIVE_SIGN.sub(lambda found: _BREAK.join(("", *found[0], "")), run.text)
    if run.link and run.link != run.text:
        text = f"{text} ({run.link})"
    core = text.strip()
    marks = "".join(_SIGNS.get(tag, "") for tag in dict.fromkeys(run.tags))
    if not core or not marks:
        return text
    start = text.index(core)
    # A style of these platforms ends with its line.
    lines = [f"{marks}{line}{_mirrored(run.tags)}" if line.strip() else line for line in core.split("\n")]
    return text[:start] + "\n".join(lines) + text[start + len(core) :]


def _mirrored(tags: Sequence[str]) -> str:
    return "".join(_SIGNS.get(tag, "") for tag in reversed(tuple(dict.fromkeys(tags))))


def _tokens(span: TextSpan) -> list[_Token]:
    text = _CONTROL.sub("", span.text)
    if span.typed:
        return [_Token(text)]
    found: list[_Token] = []
    end = 0
    for tag in _TAG.finditer(text):
        token = _tag_token(tag)
        if token is not None:
            found += [_Token(text[end : tag.start()]), token]
            end = tag.end()
    return [*found, _Token(text[end:])]


def _tag_token(tag: re.Match[str]) -> _Token | None:
    name = _SAME.get(tag[2].lower(), tag[2].lower())
    if tag[1]:
        return _Token(tag[0], name, is_end=True) if not tag[3] else None
    if name != "a":
        return _Token(tag[0], name) if not tag[3] else None
    address = unescape(tag[4][1:-1]) if tag[4] else ""
    return _Token(tag[0], f"a {address}") if _LINK.fullmatch(address) else None


def _match(tokens: list[_Token]) -> None:
    """Make live the tags that have their partner; a partner across another open tag is none."""
    tags = [token for token in tokens if token.tag]
    if len(tags) > _MAX_TAGS:
        return
    waiting: list[_Token] = []
    for token in tags:
        if not token.is_end:
            waiting.append(token)
        elif any(before.tag.split()[0] == token.tag for before in waiting):
            while (before := waiting.pop()).tag.split()[0] != token.tag:
                pass
            before.is_live = token.is_live = True
    _drop_repeats(tags)


def _drop_repeats(tags: list[_Token]) -> None:
    """A link inside of a link leads nowhere: both stay as they stand."""
    open_links = 0
    links = [token for token in tags if token.is_live and token.tag.split()[0] == "a"]
    for token in links:
        open_links += -1 if token.is_end else 1
        if open_links > 1:
            for each in links:
                each.is_live = False
            return


def _merged(spans: Iterable[TextSpan]) -> tuple[TextSpan, ...]:
    found: list[TextSpan] = []
    for span in spans:
        if found and found[-1].typed == span.typed:
            found[-1] = TextSpan(found[-1].text + span.text, span.typed)
        else:
            found.append(span)
    return tuple(found)
