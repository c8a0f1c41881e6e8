"""Why a file is not YAML, in plain sentences.

ruamel.yaml's own texts speak of tokens and block ends, and repeat what stands in the file, which
may be a password. These name neither.
"""

from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

NOT_YAML = (YAMLError, AssertionError, ValueError, OverflowError)
"""What ruamel.yaml raises on text that is not YAML: besides its own errors Python's, for a
`%YAML 1.7` and for an escape such as `"\\U99999999"` that is no character."""

# Its text begins with … (or its context does): the sentence. `{line}`: where it began.
_SENTENCES = (
    (r"found character '\t'", "a tab stands here: YAML is indented with spaces"),
    ("found character", "text cannot begin with this character: put it in quotes"),
    ("mapping values are not allowed", "a colon is out of place: indent alike, or quote the text"),
    ("sequence entries are not allowed", "a list begins here: begin it on a line of its own"),
    ("could not find expected ':'", "a key needs a colon after it (begun on line {line})"),
    ("found undefined alias", "an alias (`*`) has no anchor (`&`) above it; text needs quotes"),
    ("expected <block end>", "this does not fit what began on line {line}: indent alike"),
    ("invalid intendation", "this does not fit what began on line {line}: indent or close it"),
    ("expected ',' or ']'", "the list opened on line {line} is not closed by a `]`"),
    ("expected ',' or '}'", "the mapping opened on line {line} is not closed by a `}}`"),
    ("found unknown escape", "a backslash is special in double quotes: use single quotes"),
    ("found unexpected end of stream", "the quotes opened on line {line} are not closed"),
    ("expected a single document", "a second document begins here: a file has one scenario"),
    ("but found another document", "a second document begins here: a file has one scenario"),
    ("expected the node content", "something is missing before this: a value, a `]` or a `}}`"),
    ("expected '<document start>'", "this does not belong to what is above it: indent alike"),
    ("expected alphabetic", "an anchor (`&`) or alias (`*`) needs a name; text needs quotes"),
    ("while scanning a block scalar", "`|` or `>` is special here: put text in quotes"),
    ("while scanning a tag", "`!` is special here: put text in quotes"),
    ("while parsing a tag", "`!` is special here: put text in quotes"),
)


def misread(error: Exception, text: str) -> tuple[int, int, str]:
    """Line and column, counted from one, and what is wrong there."""
    if isinstance(error, ReaderError):
        before = text[: error.position]
        column = len(before) - (before.rfind("\n") + 1) + 1
        return before.count("\n") + 1, column, "this character is not allowed in YAML"
    if not isinstance(error, MarkedYAMLError):
        return 1, 1, "this cannot be read as YAML"
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    began = error.context_mark.line + 1 if error.context_mark else line
    for said in (error.problem or "", error.context or ""):
        for beginning, sentence in _SENTENCES:
            if said.startswith(beginning):
                return line, column, sentence.format(line=began)
    return line, column, "this cannot be read as YAML"
