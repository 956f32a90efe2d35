"""wav2vec2-tiny-en: English speech to text.

After recipes.speech has made its recordings: python -m recipes.wav2vec2_tiny_en
"""

from . import recognition
from .common import run
from .recognition import Round

ROUNDS, PEOPLE = (Round(18), Round(26, 0.6, calm=0.35)), 1


def train() -> None:
    recognition.train("en", ROUNDS, PEOPLE)


def card() -> None:
    recognition.card("en")


if __name__ == "__main__":
    run(train, card)
