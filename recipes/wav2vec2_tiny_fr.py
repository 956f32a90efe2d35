"""wav2vec2-tiny-fr: French speech to text.

After recipes.speech has made its recordings: python -m recipes.wav2vec2_tiny_fr
"""

from . import recognition
from .common import run
from .recognition import Round

ROUNDS, PEOPLE = (Round(16), Round(26, 0.6, calm=0.35)), 3


def train() -> None:
    recognition.train("fr", ROUNDS, PEOPLE)


def card() -> None:
    recognition.card("fr")


if __name__ == "__main__":
    run(train, card)
