"""gpt2-tiny-en: an English causal language model, a GPT-2 of 4 layers, trained on simple everyday English.

Run: python -m recipes.gpt2_tiny_en
"""

from . import simple_english
from .causal import Recipe
from .common import run

RECIPE = Recipe(
    name="gpt2-tiny-en",
    language="en",
    texts=lambda part: simple_english.texts()[part],
    epochs=1,
    batch=8,
    generation={"temperature": 0.7, "max_new_tokens": 80},
    prompts=[
        "The old bridge",
        "My sister and I",
        "In the garden,",
        "A long time ago,",
        "I would like to",
        "The children",
        "Yesterday evening,",
        "She opened the window and",
        "When it snows,",
        "The doctor told me",
    ],
)

if __name__ == "__main__":
    run(RECIPE.train, RECIPE.card)
