# %% [markdown]
# # Text generation: one token after the other
#
# You begin a text, and the computer continues it. GPT and its relatives were trained for one thing only: to predict
# the next token. *Autoregressive generation* does so again and again, and appends each token to the text. You watch a
# model choose, choose in its place, change its decoding strategy, and see how it loses its way.
#
# **Lesson 4 of 14** · level 2 of 3 · about 30 minutes

# %% [markdown] tags=["torch"]
# This is the **PyTorch** edition. There is one for [TensorFlow](text_generation_tensorflow.ipynb). Other language:
# [français](../../fr/lessons/text_generation_pytorch.ipynb). First take half of the
# [quick tour](../quicktour_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# This is the **TensorFlow** edition. There is one for [PyTorch](text_generation_pytorch.ipynb). Other language:
# [français](../../fr/lessons/text_generation_tensorflow.ipynb). First take half of the
# [quick tour](../quicktour_tensorflow.ipynb).

# %% [markdown] tags=["address"]
# On Google Colab the next cell installs hfquick and leaves Colab's own PyTorch and TensorFlow as they are. Anywhere
# else it does nothing.

# %% tags=["address"]
import importlib.util
import subprocess
import sys

address = "{repository}"
if "google.colab" in sys.modules and address and importlib.util.find_spec("hfquick") is None:
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", f"git+{address}"], check=True)

# %% [markdown]
# The next cell is folded, and only has to be run: it chooses the language in which hfquick itself speaks, and a few
# phrases that are printed further down.

# %% lang="en" tags=["language"]
from hfquick.i18n import set_language

set_language("en")

model_name = "hfquick/gpt2-tiny-en"
prompt = "Once upon a time, there was"
circles = "The bees"
my_prompt = "My brother wants to"
well_done = "Well done!"
try_again = "Not yet. Change my_prompt and run the cell again."

# %% lang="fr" tags=["language"]
from hfquick.i18n import set_language

set_language("fr")

model_name = "hfquick/gpt2-tiny-fr"
prompt = "Le médecin n'était pas"
circles = "Les abeilles"
my_prompt = "La porte du jardin était"
well_done = "Bravo !"
try_again = "Pas encore. Changez my_prompt et exécutez à nouveau la cellule."

# %% [markdown]
# ## A first call
#
# `model_name`, from the folded cell, is a very small model that travels with hfquick. The English one,
# `hfquick/gpt2-tiny-en`, was trained on simple everyday sentences and short stories; the French one,
# `hfquick/gpt2-tiny-fr`, on authors of the 17th to the 19th century. Both write sentences, and mean nothing by them.
# Leave `model=` out when you have a network, and GPT-2, which generates English, is fetched instead.

# %% tags=["torch"]
from hfquick import pipeline

generator = pipeline("text-generation", model=model_name)

# %% tags=["tf"]
from hfquick import pipeline

generator = pipeline("text-generation", model=model_name, framework="tf")

# %% [markdown]
# What you give is called the *prompt*. `do_sample=False` chooses the most probable token each time, without any
# randomness; more on that below. What was generated is marked:

# %%
generator(prompt, do_sample=False, max_new_tokens=15)

# %% [markdown]
# To a program it is a list with a dictionary for each text. `return_full_text=False` leaves the prompt out:

# %%
print(generator(prompt, do_sample=False, max_new_tokens=15, return_full_text=False))

# %% [markdown]
# Here is the probability that the model gave to each of the first eight tokens: the stronger the colour, the surer. Rest the pointer on
# one to see the alternatives; the table says the same. A `+` stands before a subword that continues a word.

# %%
from hfquick import token_probabilities

token_probabilities(generator, prompt, max_new_tokens=8, top=3)

# %% [markdown]
# **Question:** where is the model sure, and where does it hesitate? Look at the beginnings of words and at their
# ends.
#
# **Answer:** inside a word, and after the first half of a fixed phrase, little else is possible, and it is sure.
# Where a new idea could begin, at the first token of a noun or a verb, the probability is spread over many tokens.
#
# ## Looking inside
#
# The tokenizer turns the prompt into token ids, and the model makes *logits* of them: a row for each token of the
# prompt, a column for each token that could come next. `Ġ` is how this vocabulary writes the space in front of a
# word.

# %% tags=["torch"]
import torch

model, tokenizer = generator.model, generator.tokenizer
inputs = tokenizer(prompt, return_tensors="pt").to(model.device)
with torch.no_grad():
    logits = model(**inputs).logits
print(*tokenizer.tokenize(prompt))
print(tuple(logits.shape))

# %% tags=["tf"]
import tensorflow as tf

model, tokenizer = generator.model, generator.tokenizer
inputs = tokenizer(prompt, return_tensors="tf")
logits = model(inputs).logits
print(*tokenizer.tokenize(prompt))
print(tuple(logits.shape))

# %% [markdown]
# Only the last row is about what comes after the prompt. Softmax makes probabilities of it; the five largest:

# %% tags=["torch"]
best = logits[0, -1].softmax(dim=-1).topk(5)
for token, probability in zip(best.indices.tolist(), best.values.tolist(), strict=True):
    print(token, repr(tokenizer.decode([token])), round(probability, 2))

# %% tags=["tf"]
best = tf.math.top_k(tf.nn.softmax(logits[0, -1]), k=5)
for token, probability in zip(
    best.indices.numpy().tolist(), best.values.numpy().tolist(), strict=True
):
    print(token, repr(tokenizer.decode([token])), round(probability, 2))

# %% [markdown]
# Autoregressive generation does that again and again: take the logits, choose the largest (*argmax*; this is *greedy
# search*), append its token, and compute the text once more, which is now longer by one. Is it the text of the
# pipeline?


# %% tags=["torch"]
def generate_greedy(tokens, max_new_tokens):
    tokens, computed = list(tokens), 0
    for _ in range(max_new_tokens):
        with torch.no_grad():
            logits = model(torch.tensor([tokens], device=model.device)).logits
        computed += len(tokens)
        tokens.append(int(logits[0, -1].argmax()))
    return tokens, computed


start = inputs["input_ids"][0].tolist()
by_hand, computed = generate_greedy(start, 15)
[by_pipeline] = generator(prompt, do_sample=False, max_new_tokens=15)
print(tokenizer.decode(by_hand) == by_pipeline["generated_text"])


# %% tags=["tf"]
def generate_greedy(tokens, max_new_tokens):
    tokens, computed = list(tokens), 0
    for _ in range(max_new_tokens):
        logits = model(tf.constant([tokens])).logits
        computed += len(tokens)
        tokens.append(int(tf.argmax(logits[0, -1])))
    return tokens, computed


start = inputs["input_ids"][0].numpy().tolist()
by_hand, computed = generate_greedy(start, 15)
[by_pipeline] = generator(prompt, do_sample=False, max_new_tokens=15)
print(tokenizer.decode(by_hand) == by_pipeline["generated_text"])

# %% [markdown]
# That loop computes the prompt fifteen times over. A *cache* keeps what the layers have made of the tokens so far
# (their keys and values, hence *KV cache*). The first step computes the whole prompt (*prefill*), each later one the
# new token and no more (a *decoding step*). The tokens are the same. How many went through the model without the
# cache, and how many with it?


# %% tags=["torch"]
def generate_with_cache(tokens, max_new_tokens):
    tokens, computed = list(tokens), 0
    new, cache = tokens, None
    for _ in range(max_new_tokens):
        with torch.no_grad():
            outputs = model(
                torch.tensor([new], device=model.device), past_key_values=cache, use_cache=True
            )
        computed += len(new)
        new, cache = [int(outputs.logits[0, -1].argmax())], outputs.past_key_values
        tokens = tokens + new
    return tokens, computed


with_cache, computed_with_cache = generate_with_cache(start, 15)
print(with_cache == by_hand, computed, computed_with_cache)


# %% tags=["tf"]
def generate_with_cache(tokens, max_new_tokens):
    tokens, computed = list(tokens), 0
    new, cache = tokens, None
    for _ in range(max_new_tokens):
        outputs = model(tf.constant([new]), past_key_values=cache, use_cache=True)
        computed += len(new)
        new, cache = [int(tf.argmax(outputs.logits[0, -1]))], outputs.past_key_values
        tokens = tokens + new
    return tokens, computed


with_cache, computed_with_cache = generate_with_cache(start, 15)
print(with_cache == by_hand, computed, computed_with_cache)

# %% [markdown]
# `generate`, the method behind the pipeline, works with such a cache.
#
# **Question:** how do the two counts grow when the text becomes ten times as long?
#
# **Answer:** with the cache, each token is computed once, so ten times as many. Without it, every step computes the
# whole text anew: about a hundred times as many.
#
# ## Changing something
#
# ### Sampling
#
# Always taking the most probable token is called *greedy search*. *Sampling*, with `do_sample=True`, draws the next
# token instead, each with its probability. `seed` sets the random number generator: the same seed gives the same
# text, another one another text.

# %%
samples = [generator(prompt, do_sample=True, max_new_tokens=15, seed=seed) for seed in (1, 1, 2)]
print(samples[0] == samples[1], samples[0] == samples[2])
print(*(result[0]["generated_text"] for result in samples), sep="\n")

# %% [markdown]
# **Change it:** leave `seed` out, and run the cell three times.
#
# Before sampling, three options change the probabilities. `temperature` divides the logits: below 1 it sharpens the
# distribution (what is probable becomes more so), above 1 it flattens it (all come closer together). `top_k` keeps
# the k most probable tokens and no others. `top_p` keeps the most probable ones until they have that much probability
# together. `generate` gives back the scores after these *logits processors*; softmax makes of them the probabilities
# that a token is sampled with:


# %% tags=["torch"]
def next_probabilities(**options):
    plain = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "do_sample": True, "max_new_tokens": 1}
    outputs = model.generate(
        **inputs, return_dict_in_generate=True, output_scores=True, **(plain | options)
    )
    return outputs.scores[0][0].softmax(dim=-1).tolist()


# %% tags=["tf"]
def next_probabilities(**options):
    plain = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "do_sample": True, "max_new_tokens": 1}
    outputs = model.generate(
        **inputs, return_dict_in_generate=True, output_scores=True, **(plain | options)
    )
    return tf.nn.softmax(outputs.scores[0][0]).numpy().tolist()


# %% [markdown]
# The four most probable tokens, with five settings. Beside each setting, as numbers: how many tokens can be sampled
# at all, and how probable the best one is.

# %%
from hfquick.display import Scores

usual = next_probabilities()
candidates = sorted(range(len(usual)), key=usual.__getitem__, reverse=True)[:4]
settings = [
    {"temperature": 1.0},
    {"temperature": 0.5},
    {"temperature": 2.0},
    {"top_k": 5},
    {"top_p": 0.3},
]
titles, rows = [], []
for setting in settings:
    probabilities = next_probabilities(**setting)
    [title] = [f"{name}={value}" for name, value in setting.items()]
    possible = sum(probability > 0 for probability in probabilities)
    print(f"{title:16} {possible:5} {max(probabilities):.2f}")
    titles.append(title)
    scores = [(tokenizer.decode([token]), probabilities[token]) for token in candidates]
    rows.append([{"label": repr(text), "score": round(score, 2)} for text, score in scores])
Scores(rows, inputs=titles)

# %% [markdown]
# **Question:** which setting is nearest to greedy search? Which one would you take for a poem, which one for a
# timetable?
#
# **Answer:** the one whose best token is most probable: a temperature of 0.5 or a small `top_p`. Near greedy for a
# timetable, where there is one right answer; a higher temperature for a poem.
#
# ### Beam search
#
# Who takes the most probable token each time does not always arrive at the most probable text. *Beam search* keeps
# several beginnings in sight at each step, the `num_beams` most probable *hypotheses*, and in the end takes the text
# that is most probable as a whole. Here are all four:

# %%
generator(prompt, do_sample=False, num_beams=4, num_return_sequences=4, max_new_tokens=15)

# %% [markdown]
# **Question:** how much do the four differ?
#
# **Answer:** some of them in a word or two only. The most probable texts are rarely the most interesting ones. That
# is why beams are used where there is a right answer, in translation for instance, and sampling where there is none.
#
# ## What goes wrong
#
# Greedy search likes to turn in circles: what has just been generated becomes more probable, not less. Two options
# help. `repetition_penalty` above 1 makes tokens that are there already less probable, and `no_repeat_ngram_size=3`
# forbids an *n-gram* of three tokens in a row that has been there before. Beside each option: how many different
# words, out of how many.

# %%
settings = [{}, {"repetition_penalty": 1.3}, {"no_repeat_ngram_size": 3}]
for options in settings:
    [result] = generator(circles, do_sample=False, min_new_tokens=40, max_new_tokens=40, **options)
    words = result["generated_text"].split()
    print(options, len(set(words)), "/", len(words))
    print(result["generated_text"], end="\n\n")

# %% [markdown]
# **Change it:** a penalty of 5. **Question:** is that still a sentence?
#
# **Answer:** hardly. Articles, small words and commas have to come back in any text, and so high a penalty forbids
# those too.
#
# And no option makes the model *know* anything: nobody is behind its words, they only often stand together. Of thirty
# beginnings chosen beforehand, it ends 73 % of the English ones with a well-formed sentence, and 80 % of the French
# ones; whether it is true was not asked.
#
# Options that make no sense? A sentence tells you. The tokens of the prompt count in `max_length`; the model has a
# limited number of positions; and a temperature of 0 would divide by zero:

# %%
for options in [
    {"max_length": 5},
    {"max_new_tokens": 1000},
    {"do_sample": True, "temperature": 0.0},
]:
    try:
        generator(prompt, **options)
    except ValueError as error:
        print(error)

# %% [markdown]
# ## Streaming: watching it generate
#
# A long text takes its time. A *streamer* receives every token as it is generated. `TextStreamer` prints the words,
# `NotebookStreamer` lets them grow in one output of the notebook:

# %%
from hfquick import NotebookStreamer

streamer = NotebookStreamer(tokenizer, skip_special_tokens=True)
text = model.generate(**inputs, do_sample=False, max_new_tokens=20, streamer=streamer)

# %% [markdown]
# **Change it:** `TextStreamer` in the place of `NotebookStreamer`, and `skip_prompt=True` beside the tokenizer.
#
# ## Your turn
#
# Find a beginning after which the model is sure of the next token: a probability above 0.5. Cut words, and phrases
# that always end in the same way, are a good start: *Thank you very*, *Once upon*.

# %%
try:
    answer = token_probabilities(generator, my_prompt, max_new_tokens=1)
    found = answer[0]["probability"] > 0.5
except (TypeError, ValueError) as error:
    answer, found = None, False
    print(error)
print(well_done if found else try_again)
answer

# %% [markdown] tags=["torch"]
# The next lesson: [summarization](summarization_pytorch.ipynb). Other lessons on text: [named entity
# recognition](token_classification_pytorch.ipynb), [fill-mask](fill_mask_pytorch.ipynb), [question
# answering](question_answering_pytorch.ipynb), [translation](translation_pytorch.ipynb). Lessons on pictures: [image
# classification](image_classification_pytorch.ipynb), [object detection](object_detection_pytorch.ipynb), [image
# segmentation](image_segmentation_pytorch.ipynb), [visual question answering](visual_question_answering_pytorch.ipynb),
# [fine-tuning on pictures](image_training_pytorch.ipynb). Lessons on sound: [audio
# classification](audio_classification_pytorch.ipynb), [speech recognition](automatic_speech_recognition_pytorch.ipynb),
# [fine-tuning on sounds](sound_training_pytorch.ipynb).

# %% [markdown] tags=["tf"]
# The next lesson: [summarization](summarization_tensorflow.ipynb). Other lessons on text: [named entity
# recognition](token_classification_tensorflow.ipynb), [fill-mask](fill_mask_tensorflow.ipynb), [question
# answering](question_answering_tensorflow.ipynb), [translation](translation_tensorflow.ipynb). Lessons on pictures:
# [image classification](image_classification_tensorflow.ipynb), [object detection](object_detection_tensorflow.ipynb),
# [image segmentation](image_segmentation_tensorflow.ipynb), [visual question
# answering](visual_question_answering_tensorflow.ipynb), [fine-tuning on pictures](image_training_tensorflow.ipynb).
# Lessons on sound: [audio classification](audio_classification_tensorflow.ipynb), [speech
# recognition](automatic_speech_recognition_tensorflow.ipynb), [fine-tuning on sounds](sound_training_tensorflow.ipynb).
