# %% [markdown]
# # Training
#
# You train a model to judge film reviews, look at its learning curves, at its confusions and at its worst mistakes,
# and write the training loop yourself. Take the quick tour first.

# %% [markdown] tags=["only-both"]
# This is the edition for **PyTorch and TensorFlow**, side by side. If you only have one of the two, take the [PyTorch
# edition](training_pytorch.ipynb) or the [TensorFlow edition](training_tensorflow.ipynb). Other language:
# [français](../fr/training.ipynb). Before it comes the [quick tour](quicktour.ipynb).

# %% [markdown] tags=["only-torch"]
# This is the **PyTorch** edition. There is one for [TensorFlow](training_tensorflow.ipynb) and one for
# [both](training.ipynb). Other language: [français](../fr/training_pytorch.ipynb). Before it comes the [quick
# tour](quicktour_pytorch.ipynb).

# %% [markdown] tags=["only-tf"]
# This is the **TensorFlow** edition. There is one for [PyTorch](training_pytorch.ipynb) and one for
# [both](training.ipynb). Other language: [français](../fr/training_tensorflow.ipynb). Before it comes the [quick
# tour](quicktour_tensorflow.ipynb).

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

labels = ["negative", "positive"]
well_done = "Well done!"
try_again = "Not yet. Change the first line of the cell and run it again."

# %% lang="fr" tags=["language"]
from hfquick.i18n import set_language

set_language("fr")

labels = ["négative", "positive"]
well_done = "Bravo !"
try_again = "Pas encore. Changez la première ligne de la cellule et exécutez-la à nouveau."

# %% [markdown]
# ## The data
#
# Sentences of film reviews, half of them good ones. Every eighth one is enough here; leave `shard` out when you have
# more time. `disable_progress_bars` leaves out the bars for what takes a second.

# %%
import numpy as np
from datasets import disable_progress_bars

from hfquick import AutoTokenizer, load_dataset

disable_progress_bars()
tokenizer = AutoTokenizer.from_pretrained("distilbert-base-uncased")
dataset = load_dataset("rotten_tomatoes")
dataset["train"] = dataset["train"].shard(num_shards=8, index=0)
dataset = dataset.map(lambda rows: tokenizer(rows["text"]), batched=True)
right = np.array(dataset["test"]["label"])
print({split: len(rows) for split, rows in dataset.items()})

# %% [markdown]
# **Your turn.** Below, the model goes through these reviews twice (two *epochs*), in batches of 32, and makes one
# *step* after each batch; the last batch of an epoch may be smaller. How many steps are that?

# %%
my_answer = 0

batches = -(-len(dataset["train"]) // 32)  # divided and rounded up
print(well_done if my_answer == 2 * batches else try_again)

# %% [markdown]
# Two things to look at. A *confusion matrix* counts every pair of label (the right answer) and
# prediction: what stands on the diagonal is right. And the *largest losses* are the mistakes of which the model was
# most sure. For the latter it takes probabilities, which softmax makes of the logits:


# %%
from hfquick.display import ConfusionMatrix, LargestLosses


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


# %% [markdown] tags=["torch"]
# ## With PyTorch
#
# This time the learning rate is higher than in the tour: a tiny model needs larger steps. Every 15 steps the model is
# evaluated on the validation split, with a function of ours for the share of right answers, the *accuracy*.
# `argmax(axis=-1)` gives, for each review, the label whose logit is largest: the model's answer.

# %% tags=["torch"]
import torch

from hfquick import AutoModelForSequenceClassification, Trainer, TrainingArguments


def accuracy(prediction):
    return {
        "accuracy": float((prediction.predictions.argmax(axis=-1) == prediction.label_ids).mean())
    }


def fresh_model():
    torch.manual_seed(42)
    return AutoModelForSequenceClassification.from_pretrained("distilbert-base-uncased")


# %% [markdown] tags=["torch"]
# `plan` holds what all runs of this notebook have in common. Now the Trainer, and the training:

# %% tags=["torch"]
plan = {
    "learning_rate": 3e-4,
    "per_device_train_batch_size": 32,
    "per_device_eval_batch_size": 32,
}
args = TrainingArguments(
    "reviews",
    num_train_epochs=2,
    eval_strategy="steps",
    eval_steps=15,
    logging_steps=5,
    save_strategy="no",
    **plan,
)
trainer = Trainer(
    model=fresh_model(),
    args=args,
    train_dataset=dataset["train"],
    eval_dataset=dataset["validation"],
    processing_class=tokenizer,
    compute_metrics=accuracy,
)
print(trainer.train().global_step)

# %% [markdown] tags=["torch"]
# What the live chart showed is also kept as numbers, in `trainer.state.log_history`. The curves again:

# %% tags=["torch"]
from hfquick.display import Curves

Curves.from_logs(trainer.state.log_history)

# %% [markdown] tags=["torch"]
# `loss` is the training loss, that of the reviews the model is trained on; `eval_loss` is that of reviews it does not
# see. **Question:** which of the two falls further in the end?
#
# **Answer:** the training loss. The model has seen those reviews, and the others not. When the two curves part, it
# begins to learn its examples by heart: *overfitting*.
#
# **Change it:** four epochs. The curves part further.
#
# Now the test split, for the first time. How often is the model right?

# %% tags=["torch"]
answers = trainer.predict(dataset["test"])
print(f"{answers.metrics['test_accuracy']:.0%}")
ConfusionMatrix(right, answers.predictions, labels)

# %% [markdown] tags=["torch"]
# **Question:** does it take more bad reviews for good ones, or the other way round?
#
# **Answer:** compare the two fields off the diagonal. Top right are negative reviews that it took for positive ones,
# bottom left positive ones that it took for negative.
#
# The sentences it gets wrong while it is most sure, and what is right:

# %% tags=["torch"]
LargestLosses(dataset["test"]["text"], right, softmax(answers.predictions), labels)

# %% [markdown] tags=["torch"]
# **Question:** do you agree with the right answers, every time?
#
# **Answer:** probably not. People gave these reviews their labels, some sentences praise and blame at once, and some
# are ironic. No model can be right where people are not of one mind.
#
# ### The loop by hand
#
# A hfquick model is an ordinary `torch.nn.Module`. Here is training without a Trainer: a batch, the loss, the
# gradients, a step. Is the loss of the last ten steps lower than that of the first ten?

# %% tags=["torch"]
from torch.utils.data import DataLoader

from hfquick import DataCollatorWithPadding

by_hand = fresh_model()
optimizer = torch.optim.AdamW(by_hand.parameters(), lr=3e-4)
columns = dataset["train"].select_columns(["input_ids", "attention_mask", "label"])
loader = DataLoader(
    columns, batch_size=32, shuffle=True, collate_fn=DataCollatorWithPadding(tokenizer=tokenizer)
)

losses = []
by_hand.train()
for batch in loader:
    loss = by_hand(**batch).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    losses.append(loss.item())
print(len(losses), np.mean(losses[-10:]) < np.mean(losses[:10]))

# %% [markdown] tags=["torch"]
# **Change it:** leave out `optimizer.zero_grad()`. **Question:** what are the gradients then?
#
# **Answer:** sums. `backward` adds to what is there, so each step would still carry the gradients of all before it.
#
# ### Early stopping, and resuming
#
# `EarlyStoppingCallback` ends a run that makes no progress any more. Here the loss would have to fall by 1 from one
# evaluation to the next, which it never does, so the second evaluation is the last:

# %% tags=["torch"]
from hfquick import EarlyStoppingCallback

early = Trainer(
    model=fresh_model(),
    args=TrainingArguments(
        "early",
        max_steps=100,
        eval_strategy="steps",
        eval_steps=10,
        metric_for_best_model="loss",
        save_strategy="no",
        **plan,
    ),
    train_dataset=dataset["train"],
    eval_dataset=dataset["validation"],
    processing_class=tokenizer,
    callbacks=[EarlyStoppingCallback(early_stopping_patience=1, early_stopping_threshold=1.0)],
)
print(early.train().global_step)

# %% [markdown] tags=["torch"]
# **Change it:** a threshold of 0, and a patience of 2. **Change it:** `label_smoothing_factor=0.1` among the
# arguments (*label smoothing*) gives a little of the probability to the wrong answer too. **Question:** is the model
# less sure of itself afterwards?
#
# **Answer:** yes. A probability near 1 is no longer the best answer, so its largest ones stay below.
#
# A run that was cut resumes from its checkpoint as if nothing had happened. Twenty steps in one go, then the last ten
# of them once more, from the checkpoint in the middle. Are all weights equal?


# %% tags=["torch"]
def small_trainer(folder):
    return Trainer(
        model=fresh_model(),
        args=TrainingArguments(folder, max_steps=20, save_steps=10, **plan),
        train_dataset=dataset["train"],
        processing_class=tokenizer,
    )


whole = small_trainer("whole")
whole.train()
resumed = small_trainer("whole")
resumed.train(resume_from_checkpoint="whole/checkpoint-10")
pairs = zip(whole.model.parameters(), resumed.model.parameters(), strict=True)
print(all(torch.equal(one, other) for one, other in pairs))

# %% [markdown] tags=["torch"]
# ### More processes, more machines
#
# Put the making of the model and of the Trainer into a function, and Accelerate's `notebook_launcher` starts it in as
# many processes as you have graphics cards. On a processor one is enough to see that it works:

# %% tags=["torch"]
from accelerate import notebook_launcher


def train():
    print(small_trainer("launched").train().global_step)


notebook_launcher(train, num_processes=1)

# %% [markdown] tags=["torch"]
# Written into a file, the same script runs on several processors or machines. Every process computes the gradients of
# its share of each batch; they are averaged, so that all take the same step:
#
# ```bash
# torchrun --nproc_per_node 2 train.py
# torchrun --nnodes 2 --nproc_per_node 4 --rdzv_backend c10d --rdzv_endpoint first-machine:29500 train.py
# ```

# %% [markdown] tags=["tf"]
# ## With TensorFlow
#
# `compile` with a metric: the *accuracy*, the share of right answers, is then measured after each epoch, on the
# validation split too. The learning rate is higher than in the tour: a tiny model needs larger steps.

# %% tags=["tf"]
import keras
import tensorflow as tf

from hfquick import TFAutoModelForSequenceClassification


def fresh_tf_model():
    keras.utils.set_random_seed(42)
    return TFAutoModelForSequenceClassification.from_pretrained("distilbert-base-uncased")


tf_model = fresh_tf_model()
tf_train = tf_model.prepare_tf_dataset(dataset["train"], batch_size=32, tokenizer=tokenizer)
tf_model.compile(optimizer=keras.optimizers.Adam(3e-4), metrics=["accuracy"])
history = tf_model.fit(tf_train, validation_data=dataset["validation"], epochs=2)
print(sorted(history.history))

# %% [markdown] tags=["tf"]
# What `fit` returns holds one value of each metric per epoch. As a picture:

# %% tags=["tf"]
from hfquick.display import Curves

Curves.from_history(history)

# %% [markdown] tags=["tf"]
# `loss` is the training loss, that of the reviews the model is trained on; `val_loss` is that of reviews it does not
# see. **Question:** which of the two falls further in the end?
#
# **Answer:** the training loss. The model has seen those reviews, and the others not. When the two curves part, it
# begins to learn its examples by heart: *overfitting*.
#
# Now the test split, for the first time. `argmax(axis=-1)` gives, for each review, the label whose logit is largest,
# which is the model's answer. How often is it right?

# %% tags=["tf"]
logits = tf_model.predict(dataset["test"]).logits
print(f"{(logits.argmax(axis=-1) == right).mean():.0%}")
ConfusionMatrix(right, logits, labels)

# %% [markdown] tags=["tf"]
# **Question:** does it take more bad reviews for good ones, or the other way round?
#
# **Answer:** compare the two fields off the diagonal. Top right are negative reviews that it took for positive ones,
# bottom left positive ones that it took for negative.
#
# The sentences it gets wrong while it is most sure, and what is right:

# %% tags=["tf"]
LargestLosses(dataset["test"]["text"], right, softmax(logits), labels)

# %% [markdown] tags=["tf"]
# **Question:** do you agree with the right answers, every time?
#
# **Answer:** probably not. People gave these reviews their labels, some sentences praise and blame at once, and some
# are ironic. No model can be right where people are not of one mind.
#
# ### The step by hand
#
# A hfquick model is an ordinary Keras model. Here is training without `fit`: a batch, the loss, the gradients, a
# step. `tf.function` compiles the step the first time. Is the loss of the last ten steps lower than that of the first
# ten?

# %% tags=["tf"]
by_hand_tf = fresh_tf_model()
tf_optimizer = keras.optimizers.Adam(3e-4)
tf_optimizer.build(by_hand_tf.trainable_variables)


@tf.function(reduce_retracing=True)
def train_step(inputs, answers):
    with tf.GradientTape() as tape:
        loss = by_hand_tf({**inputs, "labels": answers}, training=True).loss
    gradients = tape.gradient(loss, by_hand_tf.trainable_variables)
    tf_optimizer.apply_gradients(zip(gradients, by_hand_tf.trainable_variables, strict=True))
    return loss


tf_losses = [float(train_step(inputs, answers)) for inputs, answers in tf_train]
print(len(tf_losses), np.mean(tf_losses[-10:]) < np.mean(tf_losses[:10]))

# %% [markdown] tags=["tf"]
# **Change it:** stop early. Keras brings `keras.callbacks.EarlyStopping(patience=1)`, which goes into `callbacks=[…]`
# of `fit`. On several graphics cards, make and compile the model under `with
# tf.distribute.MirroredStrategy().scope():`, and `fit` divides every batch among them.

# %% [markdown]
# ## Sharing
#
# A trained model can be put on the [Hugging Face Hub](https://huggingface.co), with a card that says what it was
# trained on and how well it does. That needs an account and a network, so these lines are not run here. Log in once
# with `hf auth login`, then:

# %% [markdown] tags=["torch"]
# ```python
# trainer.push_to_hub(dataset="rotten_tomatoes")
# ```

# %% [markdown] tags=["tf"]
# ```python
# tf_model.push_to_hub("my-reviews")
# tokenizer.push_to_hub("my-reviews")
# ```

# %% [markdown]
# Before you do, read what the model gets wrong, and write it into the card: whoever uses it will want to know.
