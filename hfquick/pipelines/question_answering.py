"""Question answering: the piece of a text that answers a question about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from tokenizers import Encoding

from ..display import Answer, Answers, Results
from ..utils.arrays import softmax
from .base import Piece, Pipeline, check_text, check_whole

WINDOW, OVERLAP = 384, 128  # tokens read at once and read twice, unless the call or the model says less
NOT_HERE = np.float32(-1e4)  # the score of a token that cannot be in an answer


class Span(NamedTuple):
    """A possible answer: from which character of the context to which."""

    start: int
    end: int
    score: float


@dataclass
class _Facts:
    """What is known of the T tokens of a window before the model reads it; arrays, since a long context has many."""

    context: np.ndarray  # (T,) whether a token is of the context
    allowed: np.ndarray  # (T,) whether it may be in an answer: those of the context, and [CLS], which means none
    offsets: np.ndarray  # (T, 2) where it starts and ends, in characters
    words: np.ndarray  # (T,) the number of its word, -1 without one

    @classmethod
    def of(cls, encoding: Encoding, context_part: int, cls_token_id: int | None) -> "_Facts":
        context = np.array([part == context_part for part in encoding.sequence_ids])
        allowed = context if cls_token_id is None else context | (np.array(encoding.ids) == cls_token_id)
        words = np.array([-1 if word is None else word for word in encoding.word_ids], np.int32)
        return cls(context, allowed, np.array(encoding.offsets, np.int32), words)

    def characters(self, start: int, end: int, align: bool) -> tuple[int, int]:
        """Tokens from start to end -> the characters of the context, with `align` those of whole words."""
        if align and self.words[start] >= 0 and self.words[end] >= 0:
            start = np.flatnonzero(self.context & (self.words == self.words[start]))[0]
            end = np.flatnonzero(self.context & (self.words == self.words[end]))[-1]
        return int(self.offsets[start, 0]), int(self.offsets[end, 1])


class QuestionAnsweringPipeline(Pipeline):
    """Finds the answer to a question in a text: `pipe(question="Who wrote it?", context="Ada wrote it.")`.

    Questions and contexts may be lists of the same length, or several questions of one context. A dict
    {"question": ..., "context": ...}, a list, dataset or generator of them are taken, too. A long context is read in
    windows that overlap.

    Options of a call:
        top_k: how many answers, best first; one answer is a dict, several are a list.
        doc_stride: how many tokens two windows have in common.
        max_seq_len: how many tokens a window has, with the question.
        max_answer_len: how many tokens an answer may have.
        handle_impossible_answer: True lets "" be an answer, with the score that the text has none.
        align_to_words: an answer starts and ends where words do; False for languages that write no spaces.
        batch_size: most windows per batch; left out, batches are made by length.
    """

    wants: ClassVar[str] = "question= and context=, or a dict of both"
    defaults: ClassVar[dict[str, Any]] = {
        "top_k": 1,
        "doc_stride": None,
        "max_seq_len": None,
        "max_answer_len": 15,
        "handle_impossible_answer": False,
        "align_to_words": True,
    }

    def __call__(self, *inputs: Any, question: Any = None, context: Any = None, **options: Any) -> Any:
        if len(inputs) == 1 and question is None and context is None:
            [given] = inputs
        else:
            given = _pairs(*_question_and_context(inputs, question, context))
        if isinstance(given, list | tuple) and len(given) == 1:  # a list of one is that one: so transformers has it
            [given] = given
        return super().__call__(given, **options)

    def check(self, settings: dict[str, Any]) -> None:
        for name in ("top_k", "max_answer_len"):
            check_whole(name, settings[name], 1)
        for name, least in (("max_seq_len", 1), ("doc_stride", 0)):
            if settings[name] is not None:
                check_whole(name, settings[name], least, ", or None for the usual one")
        window, stride = self._window(settings)
        if stride > window:
            raise ValueError(f"doc_stride is {stride}, but a window has {window} tokens; give a smaller one")

    def is_one(self, inputs: Any) -> bool:
        return isinstance(inputs, Mapping)

    def preprocess(self, inputs: list[Any], settings: dict[str, Any]) -> list[list[Piece]]:
        examples = [_example(value) for value in inputs]
        window, _stride = self._window(settings)
        # The custom of SQuAD: a model whose texts are padded on the left, as XLNet's, reads the question last.
        context_part = 0 if self.tokenizer.padding_side == "left" else 1
        pieces: list[list[Piece]] = [[] for _example in examples]
        for stride, rows in self._by_stride([question for question, _context in examples], settings).items():
            questions, contexts = ([examples[row][part] for row in rows] for part in (0, 1))
            batch = self.tokenizer(
                *((questions, contexts) if context_part else (contexts, questions)),
                truncation="only_second" if context_part else "only_first",
                max_length=window,
                stride=stride,
                return_overflowing_tokens=True,
            )
            for place, encoding in enumerate(batch.encodings):
                features = {name: batch[name][place] for name in self.tokenizer.model_input_names if name in batch}
                row = rows[batch["overflow_to_sample_mapping"][place]]
                pieces[row].append(Piece(features, _Facts.of(encoding, context_part, self.tokenizer.cls_token_id)))
        return pieces

    def postprocess(self, outputs: dict[str, np.ndarray], piece: Piece, settings: dict[str, Any]) -> Any:
        """The best spans of one window, and how sure the model is that it holds no answer."""
        facts = piece.facts
        starts, ends = (
            softmax(np.where(facts.allowed, piece.unpadded(outputs[name]), NOT_HERE))
            for name in ("start_logits", "end_logits")
        )
        nothing = float(starts[0] * ends[0])
        starts[0] = 0.0  # so [CLS], which is first, is in no answer
        align = settings["align_to_words"]
        most = settings["top_k"] * 2 + 10 if align else settings["top_k"]  # several may be one when aligned to words
        spans = []
        for start, end, score in best_spans(starts, ends, settings["max_answer_len"], most):
            if facts.allowed[start] and facts.allowed[end]:
                left, right = facts.characters(start, end, align)
                spans.append(Span(left, right, score))
        return spans, nothing

    def join(self, results: list[Any], inputs: Any, settings: dict[str, Any]) -> Any:
        question, context = _example(inputs)
        found: dict[str, Span] = {}
        for span in (span for spans, _nothing in results for span in spans):
            words = context[span.start : span.end].lower()  # said twice, it is twice as likely
            known = found.get(words)
            found[words] = span if known is None else known._replace(score=known.score + span.score)
        spans = list(found.values())
        if settings["handle_impossible_answer"]:
            spans.append(Span(0, 0, min(nothing for _spans, nothing in results)))
        if not spans:  # a context of spaces has no token that could be an answer
            spans = [Span(0, 0, 0.0)]
        spans.sort(key=lambda span: -span.score)
        answers = Answers([Answer.of(question, context, *span) for span in spans[: settings["top_k"]]])
        return answers[0] if len(answers) == 1 else answers

    def many_results(self, results: list[Any], inputs: list[Any], settings: dict[str, Any]) -> Any:
        return Results(results)

    def _window(self, settings: dict[str, Any]) -> tuple[int, int]:
        """Tokens in a window, and those it shares with the next."""
        window = min(settings["max_seq_len"] or WINDOW, self.most_tokens)
        stride = settings["doc_stride"]
        return window, min(window // 2, OVERLAP) if stride is None else stride

    def _by_stride(self, questions: list[str], settings: dict[str, Any]) -> dict[int, list[int]]:
        """Rows by the overlap of their windows: a long question leaves less room, and every window has to go on."""
        window, stride = self._window(settings)
        special = self.tokenizer.num_special_tokens_to_add(pair=True)
        groups: dict[int, list[int]] = {}
        for row, ids in enumerate(self.tokenizer(questions, add_special_tokens=False)["input_ids"]):
            room = window - special - len(ids)
            if room < 1:
                raise ValueError(
                    f"the question {questions[row][:40]!r} has {len(ids)} tokens, which leaves no room for a context: "
                    f"{window} tokens are read at once, {special} of them special; ask a shorter one"
                )
            groups.setdefault(min(stride, room - 1), []).append(row)
        return groups


def best_spans(starts: np.ndarray, ends: np.ndarray, longest: int, most: int) -> list[tuple[int, int, float]]:
    """Probabilities of every token (T,) to be the first and the last -> (first, last, product) of the best spans.

    Only spans of up to `longest` tokens are looked at, so the work is T * longest and not T * T.
    """
    T, longest = len(starts), min(longest, len(starts))
    after = np.concatenate([ends, np.zeros(longest - 1, ends.dtype)])
    scores = starts[:, None] * np.lib.stride_tricks.sliding_window_view(after, longest)  # (T, longest): first, length
    flat = scores.reshape(-1)
    best = np.argpartition(-flat, most)[:most] if most < len(flat) else np.arange(len(flat))
    best = best[np.argsort(-flat[best], kind="stable")]
    firsts, lengths = np.unravel_index(best, (T, longest))
    return [
        (int(first), int(first + length), float(scores[first, length]))
        for first, length in zip(firsts, lengths, strict=True)
        if scores[first, length] > 0
    ]


def _question_and_context(inputs: tuple[Any, ...], question: Any, context: Any) -> tuple[Any, Any]:
    """The arguments of a call -> what was given as question and as context."""
    if len(inputs) == 2 and question is None and context is None:
        return inputs
    if inputs:
        raise TypeError("question answering takes question= and context=, or one dict (or list of dicts) with both")
    for name, value in (("question", question), ("context", context)):
        if value is None:
            raise ValueError(f"{name}= is missing; question answering takes question= and context=")
    return question, context


def _pairs(question: Any, context: Any) -> list[dict[str, Any]]:
    """Questions and contexts, each one or a list -> one dict for each pair."""
    if isinstance(question, str) or not isinstance(question, Iterable):
        if isinstance(context, list | tuple):
            raise ValueError("one question was given with a list of contexts; give as many questions as contexts")
        return [{"question": question, "context": context}]
    questions = list(question)
    contexts = [context] * len(questions) if isinstance(context, str) else list(context)
    if len(questions) != len(contexts):
        raise ValueError(
            f"{len(questions)} questions were given with {len(contexts)} contexts, expected as many of both"
        )
    return [{"question": one, "context": other} for one, other in zip(questions, contexts, strict=True)]


def _example(value: Any) -> tuple[str, str]:
    """An input -> question and context, or a sentence about what is missing."""
    if not isinstance(value, Mapping):
        raise TypeError(f"question answering reads dicts with question and context, got {type(value).__name__}")
    for name in ("question", "context"):
        if name not in value:
            keys = ", ".join(map(repr, value)) or "none"
            raise ValueError(f"an input has the keys 'question' and 'context', got {keys}")
        if not check_text(value[name], "question answering"):
            raise ValueError(f"the {name} is empty; give a {'text to look in' if name == 'context' else 'question'}")
    return value["question"], value["context"]
