"""gpt2-tiny-fr: a French causal language model, a GPT-2 of 4 layers.

Run: python -m recipes.gpt2_tiny_fr
"""

from . import literature
from .causal import Recipe
from .common import run

RECIPE = Recipe(
    name="gpt2-tiny-fr",
    language="fr",
    texts=lambda part: {"citations of other authors": literature.citations()[part]},
    epochs=3,
    prompts=[
        "Le roi",
        "La vertu",
        "Il faut que",
        "Les femmes",
        "Dans la forêt",
        "Mon cœur",
        "Un homme qui",
        "La mort",
        "Quand on a",
        "Je ne sais",
    ],
)

if __name__ == "__main__":
    run(RECIPE.train, RECIPE.card)
