"""A grammar for Vosk, checked before it gets it: native code drops a word that it lacks, and dies of a bad grammar."""

import json
from collections.abc import Callable, Iterable

from speech.errors import ModelError

UNKNOWN = "[unk]"


def make_grammar(words: Iterable[str], knows: Callable[[str], bool]) -> str:
    """The words that the model knows, each by itself, as Vosk wants them; with its token for all others if it has one.

    An empty grammar, and one that is no array of words, end the whole process (Vosk 0.3.45).
    Raises `ModelError` where no word is left, or one of them is none.
    """
    known = []
    for word in dict.fromkeys(words):
        if not word.isprintable() or word.split() != [word]:
            raise ModelError(f"{word!r} is no single word; a grammar holds words, one by one")
        if knows(word):
            known.append(word)
    if not known:
        raise ModelError("the model knows none of the grammar's words; choose a model of the callers' language")
    if knows(UNKNOWN):
        known.append(UNKNOWN)
    return json.dumps(known, ensure_ascii=False)
