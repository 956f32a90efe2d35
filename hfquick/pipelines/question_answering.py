"""Extractive question answering: the span of a text that answers a question about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from ..display import Answer, Answers
from ..i18n import N_, said, spoken
from ..utils.arrays import numbers, softmax
from ..utils.elsewhere import Other
from ..utils.fields import Range, check_field
from .base import Piece, Settings
from .names import OF_ANSWERS
from .texts import Alignment, TextPipeline, check_text, unpadded

WINDOW, OVERLAP = 384, 128  # tokens of a window, and of two at once, unless the call or the model says less
MASKED = np.float32(-1e4)  # the logit of a token that cannot be in an answer


class Span(NamedTuple):
    """A possible answer: from which character of the context to which, and its score."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, kw_only=True)
class QuestionAnsweringSettings(Settings):
    """The options of QuestionAnsweringPipeline."""

    top_k: int = 1
    doc_stride: int | None = None
    max_seq_len: int | None = None
    max_answer_len: int = 15
    handle_impossible_answer: bool = False
    align_to_words: bool = True


class QuestionAnsweringPipeline(TextPipeline):
    """Finds the answer to a question in a text: `pipe(question="Who wrote it?", context="Ada wrote it.")`.

    Extractive: an answer is a span of the context, never a new sentence. A long context is cut into windows that
    overlap.
    """

    wants: ClassVar[str] = N_("question= and context=, or a dict of both")
    settings_class: ClassVar[type[Settings]] = QuestionAnsweringSettings
    outputs: ClassVar[tuple[str, ...]] = ("start_logits", "end_logits")
    other_names: ClassVar[Mapping[str, Other]] = OF_ANSWERS

    def __call__(self, *inputs: Any, question: Any = None, context: Any = None, **options: Any) -> Any:
        """Answer one question, or many.

        Args:
            inputs: question and context, or in their place one dict {"question": ..., "context": ...}, or a list,
                dataset or generator of such dicts.
            question: a question, or a list of them.
            context: the text that holds the answer; one for all questions, or as many as there are questions.
            top_k: how many answers, best first; one answer is a dict, several are a list. Spans of the same words are
                one answer: in one window with the sum of their scores, of several windows the surest one counts.
                2 * top_k + 10 spans of a window are looked at: with a larger top_k the same answer may have a
                slightly larger score, as in transformers.
            doc_stride: how many tokens two windows have in common; None for half a window, at most 128.
            max_seq_len: how many tokens a window has, with the question; None for what the model takes, at most 384.
            max_answer_len: how many tokens an answer may have.
            handle_impossible_answer: True lets "" be an answer, with the score that the text has none.
            align_to_words: an answer starts and ends where words do; False for languages that write no spaces.
            batch_size: most windows per batch; None makes batches by length, which is nearly always faster.

        An option left out is the one with which the pipeline was made.
        """
        if len(inputs) == 1 and question is None and context is None:
            [given] = inputs
        else:
            given = _pairs(*_question_and_context(inputs, question, context))
        if isinstance(given, list | tuple) and len(given) == 1:  # a list of one is that one: so transformers has it
            [given] = given
        return super().__call__(given, **options)

    def check(self, settings: Any) -> None:
        for name in ("top_k", "max_answer_len"):
            check_field(name, getattr(settings, name), int, Range(1))
        for name, least in (("max_seq_len", 1), ("doc_stride", 0)):
            if getattr(settings, name) is not None:
                check_field(name, getattr(settings, name), int, Range(least), said(", or None for the usual one"))
        window, stride = self._window(settings)
        if stride > window:
            raise spoken(
                ValueError,
                "doc_stride is {stride}, but a window has {window} tokens; give a smaller one",
                stride=stride,
                window=window,
            )

    def is_one(self, inputs: Any) -> bool:
        return isinstance(inputs, Mapping)

    def preprocess(self, inputs: list[Any], settings: Any) -> list[list[Piece]]:
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
            for index, piece in self.windows_of(batch, contexts, context_part):
                pieces[rows[index]].append(piece)
        return pieces

    def postprocess(self, outputs: dict[str, np.ndarray], piece: Piece, settings: Any) -> Any:
        """The best spans of one window, and the probability that it holds no answer."""
        allowed = piece.facts.inside  # (T,) tokens that may be in an answer: those of the context, and [CLS] for none
        if self.tokenizer.cls_token_id is not None:
            allowed = allowed | (np.array(piece.features["input_ids"]) == self.tokenizer.cls_token_id)
        starts, ends = (
            numbers(softmax(np.where(allowed, unpadded(outputs[name], piece), MASKED))) for name in self.outputs
        )
        nothing = float(starts[0] * ends[0])
        starts[0] = 0.0  # so [CLS], which is first, is in no answer
        align = settings.align_to_words
        most = settings.top_k * 2 + 10 if align else settings.top_k  # several may be one when aligned to words
        spans = []
        for start, end, score in best_spans(starts, ends, settings.max_answer_len, most):
            if allowed[start] and allowed[end]:
                left, right = characters(piece.facts, start, end, align)
                spans.append(Span(left, right, score))
        return spans, nothing

    def join(self, results: list[Any], inputs: Any, settings: Any) -> Any:
        question, context = _example(inputs)
        found: dict[str, Span] = {}
        for spans, _nothing in results:
            for words, span in _by_words(spans, context).items():
                if words not in found or span.score > found[words].score:  # two windows may see the same place
                    found[words] = span
        spans = list(found.values())
        if settings.handle_impossible_answer:
            spans.append(Span(0, 0, min(nothing for _spans, nothing in results)))
        if not spans:  # a context of spaces has no token that could be an answer
            spans = [Span(0, 0, 0.0)]
        spans.sort(key=lambda span: -span.score)
        answers = Answers([Answer.of(question, context, *span) for span in spans[: settings.top_k]])
        return answers[0] if len(answers) == 1 else answers

    def _window(self, settings: Any) -> tuple[int, int]:
        """Tokens in a window, and those it shares with the next."""
        window = min(settings.max_seq_len or WINDOW, self.most_tokens)
        stride = settings.doc_stride
        return window, min(window // 2, OVERLAP) if stride is None else stride

    def _by_stride(self, questions: list[str], settings: Any) -> dict[int, list[int]]:
        """Rows by the overlap of their windows: a long question leaves less of a window, and each has to move on."""
        window, stride = self._window(settings)
        special = self.tokenizer.num_special_tokens_to_add(pair=True)
        groups: dict[int, list[int]] = {}
        for row, ids in enumerate(self.tokenizer(questions, add_special_tokens=False)["input_ids"]):
            room = window - special - len(ids)
            if room < 1:
                raise spoken(
                    ValueError,
                    "the question {question!r} has {count} tokens, which leaves no room for a context: {window} "
                    "tokens are encoded at once, {special} of them special; ask a shorter one",
                    question=questions[row][:40],
                    count=len(ids),
                    window=window,
                    special=special,
                )
            groups.setdefault(min(stride, room - 1), []).append(row)
        return groups


def _by_words(spans: Iterable[Span], context: str) -> dict[str, Span]:
    """The spans of one window, best first -> one for the same words: said twice they are twice as likely."""
    found: dict[str, Span] = {}
    for span in spans:
        words = context[span.start : span.end].lower()
        known = found.get(words)
        found[words] = span if known is None else known._replace(score=min(1.0, known.score + span.score))
    return found


def characters(tokens: Alignment, start: int, end: int, align: bool) -> tuple[int, int]:
    """Tokens from start to end -> the characters of the context, with `align` those of whole words."""
    if align and tokens.words[start] >= 0 and tokens.words[end] >= 0:
        start = np.flatnonzero(tokens.inside & (tokens.words == tokens.words[start]))[0]
        end = np.flatnonzero(tokens.inside & (tokens.words == tokens.words[end]))[-1]
    return int(tokens.offsets[start, 0]), int(tokens.offsets[end, 1])


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
        raise spoken(
            TypeError, "question answering takes question= and context=, or one dict (or list of dicts) with both"
        )
    for name, value in (("question", question), ("context", context)):
        if value is None:
            raise spoken(ValueError, "{name}= is missing; question answering takes question= and context=", name=name)
    return question, context


def _pairs(question: Any, context: Any) -> list[dict[str, Any]]:
    """Questions and contexts, each one or a list -> one dict for each pair."""
    if isinstance(question, str) or not isinstance(question, Iterable):
        if isinstance(context, list | tuple):
            raise spoken(
                ValueError, "one question was given with a list of contexts; give as many questions as contexts"
            )
        return [{"question": question, "context": context}]
    questions = list(question)
    contexts = [context] * len(questions) if isinstance(context, str) else list(context)
    if len(questions) != len(contexts):
        raise spoken(
            ValueError,
            "{count} questions were given with {contexts} contexts, expected as many of both",
            count=len(questions),
            contexts=len(contexts),
        )
    return [{"question": one, "context": other} for one, other in zip(questions, contexts, strict=True)]


def _example(value: Any) -> tuple[str, str]:
    """An input -> question and context, or a sentence about what is missing."""
    if not isinstance(value, Mapping):
        raise spoken(
            TypeError, "question answering reads dicts with question and context, got {got}", got=type(value).__name__
        )
    for name in ("question", "context"):
        if name not in value:
            keys = ", ".join(map(repr, value)) or said("none")
            raise spoken(ValueError, "an input has the keys 'question' and 'context', got {keys}", keys=keys)
        if not check_text(value[name], said("question answering")):
            if name == "context":
                raise spoken(ValueError, "the context is empty; give a text to look in")
            raise spoken(ValueError, "the question is empty; give a question")
    return value["question"], value["context"]
