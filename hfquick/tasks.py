"""TASKS, the table of tasks: plain data that pipelines, widgets, cards, command line, notebooks and tests read.

Reading it imports nothing.
"""

import re
from dataclasses import dataclass
from typing import Any

from .architectures import auto_class_of
from .i18n import spoken
from .utils.errors import did_you_mean


@dataclass(frozen=True)
class Task:
    """One row of TASKS."""

    name: str
    title: str  # its usual name, in English; translated where it is shown
    hint: str  # what it does in plain words: a clause without its subject
    pipeline: str  # module.class in pipelines/
    head: str  # AutoModel...; its Keras twin has TF in front
    default_model: str  # on the Hub
    stand_in: str | None  # in the zoo, used for the default when offline; None as long as there is none
    aliases: tuple[str, ...] = ()
    input: str = "text"  # kind of input: text, question (and context), image, image and question, audio
    samples: tuple[Any, ...] = ()  # inputs to try; in no model's training data

    @property
    def reads_picture(self) -> bool:
        return self.input in ("image", "image and question")

    @property
    def reads_sound(self) -> bool:
        return self.input == "audio"

    @property
    def asks(self) -> bool:
        """Whether an input has a question in it: about a text, or about a picture."""
        return self.input in ("question", "image and question")

    @property
    def pt(self) -> str:
        return self.head

    @property
    def tf(self) -> str:
        return f"TF{self.head}"


TASKS: dict[str, Task] = {
    task.name: task
    for task in [
        Task(
            name="text-classification",
            title="Text classification",
            hint="puts a text into a category, such as a positive or a negative opinion",
            pipeline="text_classification.TextClassificationPipeline",
            head="AutoModelForSequenceClassification",
            default_model="distilbert-base-uncased-finetuned-sst-2-english",
            stand_in="hfquick/distilbert-tiny-sentiment-en",
            aliases=("sentiment-analysis",),
            samples=(
                "The acting is superb, but the story drags on for far too long.",
                "I would gladly watch this film again tomorrow!",
                "Le service était lent et le plat froid, nous ne reviendrons pas.",
            ),
        ),
        Task(
            name="token-classification",
            title="Named entity recognition",
            hint="finds the people, places and organisations that a text names",
            pipeline="token_classification.TokenClassificationPipeline",
            head="AutoModelForTokenClassification",
            default_model="dbmdz/bert-large-cased-finetuned-conll03-english",
            stand_in="hfquick/bert-tiny-multilingual-ner",
            aliases=("ner",),
            samples=(
                "Marta Lindqvist left Uppsala to work for Siemens in Berlin.",
                "Nadia Belkacem travaille chez Airbus à Toulouse.",
            ),
        ),
        Task(
            name="question-answering",
            title="Question answering",
            hint="finds, in a text, the words that answer a question",
            pipeline="question_answering.QuestionAnsweringPipeline",
            head="AutoModelForQuestionAnswering",
            default_model="distilbert/distilbert-base-cased-distilled-squad",
            stand_in="hfquick/distilbert-tiny-qa-en",
            input="question",
            samples=(
                {
                    "question": "Who repaired the clock?",
                    "context": "Oskar Brandt repaired the clock of the town hall in March. "
                    "It had stood still for nine years.",
                },
                {
                    "question": "How deep is the lake?",
                    "context": "The lake lies between two hills. It is forty metres deep and freezes every winter.",
                },
            ),
        ),
        Task(
            name="fill-mask",
            title="Fill-mask",
            hint="predicts the masked word of a sentence",
            pipeline="fill_mask.FillMaskPipeline",
            head="AutoModelForMaskedLM",
            default_model="distilbert/distilroberta-base",
            stand_in="hfquick/roberta-tiny-en",
            samples=("The old cat is sleeping on the <mask>.", "In winter our river is <mask>."),
        ),
        Task(
            name="text-generation",
            title="Text generation",
            hint="continues a text that you begin, one token after the other",
            pipeline="text_generation.TextGenerationPipeline",
            head="AutoModelForCausalLM",
            default_model="openai-community/gpt2",
            stand_in="hfquick/gpt2-tiny-en",
            samples=("The door of the garden was", "When the king came home,"),
        ),
        Task(
            name="summarization",
            title="Summarization",
            hint="sums up a long text in a few words",
            pipeline="text2text.SummarizationPipeline",
            head="AutoModelForSeq2SeqLM",
            default_model="sshleifer/distilbart-cnn-12-6",
            stand_in="hfquick/bart-tiny-synopsis-en",
            samples=(
                "This program shows the phases of the moon in a corner of the screen. It knows the times of rising and "
                "setting for any town, warns before an eclipse, and can draw the sky of a given night.",
            ),
        ),
        Task(
            name="translation",
            title="Translation",
            hint="translates a text into another language",
            pipeline="text2text.TranslationPipeline",
            head="AutoModelForSeq2SeqLM",
            default_model="google-t5/t5-base",
            stand_in="hfquick/t5-tiny-en-fr",
            aliases=("translation_en_to_fr",),
            samples=("My sister buys two red apples.", "This program plays music from the network."),
        ),
        Task(
            name="image-classification",
            title="Image classification",
            hint="says what a picture shows",
            pipeline="image_classification.ImageClassificationPipeline",
            head="AutoModelForImageClassification",
            default_model="google/vit-base-patch16-224",
            stand_in="hfquick/vit-tiny-pictures",
            input="image",
            samples=("hfquick/pictures/cat.png", "hfquick/pictures/strawberry.png", "hfquick/pictures/boat.png"),
        ),
        Task(
            name="object-detection",
            title="Object detection",
            hint="finds the objects in a picture, and draws a box around each",
            pipeline="object_detection.ObjectDetectionPipeline",
            head="AutoModelForObjectDetection",
            default_model="facebook/detr-resnet-50",
            stand_in="hfquick/detr-tiny-scenes",
            input="image",
            samples=("hfquick/pictures/street.png", "hfquick/pictures/meadow.png", "hfquick/pictures/table.png"),
        ),
        Task(
            name="image-segmentation",
            title="Image segmentation",
            hint="finds which pixels of a picture belong to what",
            pipeline="image_segmentation.ImageSegmentationPipeline",
            head="AutoModelForImageSegmentation",
            default_model="facebook/detr-resnet-50-panoptic",
            stand_in="hfquick/detr-tiny-scenes",
            input="image",
            samples=("hfquick/pictures/street.png", "hfquick/pictures/meadow.png", "hfquick/pictures/table.png"),
        ),
        Task(
            name="visual-question-answering",
            title="Visual question answering",
            hint="answers a question about a picture",
            pipeline="visual_question_answering.VisualQuestionAnsweringPipeline",
            head="AutoModelForVisualQuestionAnswering",
            default_model="dandelin/vilt-b32-finetuned-vqa",
            stand_in="hfquick/vilt-tiny-vqa",
            aliases=("vqa",),
            input="image and question",
            samples=(
                {"image": "hfquick/pictures/street.png", "question": "What colour is the car?"},
                {"image": "hfquick/pictures/lake.png", "question": "Is there a boat?"},
                {"image": "hfquick/pictures/table.png", "question": "How many apples are there?"},
            ),
        ),
        Task(
            name="automatic-speech-recognition",
            title="Automatic speech recognition",
            hint="transcribes what is said in a recording",
            pipeline="automatic_speech_recognition.AutomaticSpeechRecognitionPipeline",
            head="AutoModelForCTC",
            default_model="facebook/wav2vec2-base-960h",
            stand_in="hfquick/wav2vec2-tiny-en",
            input="audio",
            samples=("hfquick/sounds/travel-en.ogg", "hfquick/sounds/account-en.ogg", "hfquick/sounds/vacances-fr.ogg"),
        ),
        Task(
            name="audio-classification",
            title="Audio classification",
            hint="says what is heard in a sound",
            pipeline="audio_classification.AudioClassificationPipeline",
            head="AutoModelForAudioClassification",
            default_model="superb/wav2vec2-base-superb-ks",
            stand_in="hfquick/wav2vec2-tiny-drums",
            input="audio",
            samples=("hfquick/sounds/kick.ogg", "hfquick/sounds/snare.ogg", "hfquick/sounds/hi-hat.ogg"),
        ),
    ]
}


def find_task(name: str) -> Task:
    """The row of TASKS with this name or alias, or ValueError with the nearest names."""
    if not isinstance(name, str):
        raise spoken(
            TypeError, "a task is named by a text such as 'sentiment-analysis', got {got}", got=type(name).__name__
        )
    for task in TASKS.values():
        if name == task.name or name in task.aliases or (task.name == "translation" and is_language_pair(name)):
            return task
    names = [known for task in TASKS.values() for known in (task.name, *task.aliases)]
    raise spoken(
        ValueError,
        "task {name!r} is unknown{near} Tasks: {names}",
        name=name,
        near=did_you_mean(name, names) or ".",
        names=", ".join(names),
    )


def is_language_pair(name: str) -> bool:
    """Whether a task's name says from which language to which: "translation_en_to_de"."""
    return re.fullmatch(r"translation_[a-z]{2,3}_to_[a-z]{2,3}", name) is not None


def task_for(architecture: str) -> Task | None:
    """A model's class, such as "BertForSequenceClassification" -> the first row of TASKS for it, or None."""
    return next(iter(tasks_for(architecture)), None)


def tasks_for(architecture: str) -> list[Task]:
    """All rows of TASKS for a model's class: an encoder-decoder may be trained for summarization or for translation."""
    head = auto_class_of(architecture.removeprefix("TF"))
    return [task for task in TASKS.values() if task.head == head]
