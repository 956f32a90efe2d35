"""Written by tools/stub.py: where every public name of hfquick comes from, for editors and type checkers."""

from .audio_processing.feature_extractor import (
    Wav2Vec2FeatureExtractor as Wav2Vec2FeatureExtractor,
)
from .audio_processing.wav2vec2 import (
    Wav2Vec2Processor as Wav2Vec2Processor,
)
from .auto import (
    AutoConfig as AutoConfig,
    AutoFeatureExtractor as AutoFeatureExtractor,
    AutoImageProcessor as AutoImageProcessor,
    AutoModel as AutoModel,
    AutoModelForAudioClassification as AutoModelForAudioClassification,
    AutoModelForCTC as AutoModelForCTC,
    AutoModelForCausalLM as AutoModelForCausalLM,
    AutoModelForImageClassification as AutoModelForImageClassification,
    AutoModelForImageSegmentation as AutoModelForImageSegmentation,
    AutoModelForMaskedLM as AutoModelForMaskedLM,
    AutoModelForObjectDetection as AutoModelForObjectDetection,
    AutoModelForQuestionAnswering as AutoModelForQuestionAnswering,
    AutoModelForSeq2SeqLM as AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification as AutoModelForSequenceClassification,
    AutoModelForTokenClassification as AutoModelForTokenClassification,
    AutoModelForVisualQuestionAnswering as AutoModelForVisualQuestionAnswering,
    AutoProcessor as AutoProcessor,
    AutoTokenizer as AutoTokenizer,
    TFAutoModel as TFAutoModel,
    TFAutoModelForAudioClassification as TFAutoModelForAudioClassification,
    TFAutoModelForCTC as TFAutoModelForCTC,
    TFAutoModelForCausalLM as TFAutoModelForCausalLM,
    TFAutoModelForImageClassification as TFAutoModelForImageClassification,
    TFAutoModelForImageSegmentation as TFAutoModelForImageSegmentation,
    TFAutoModelForMaskedLM as TFAutoModelForMaskedLM,
    TFAutoModelForObjectDetection as TFAutoModelForObjectDetection,
    TFAutoModelForQuestionAnswering as TFAutoModelForQuestionAnswering,
    TFAutoModelForSeq2SeqLM as TFAutoModelForSeq2SeqLM,
    TFAutoModelForSequenceClassification as TFAutoModelForSequenceClassification,
    TFAutoModelForTokenClassification as TFAutoModelForTokenClassification,
    TFAutoModelForVisualQuestionAnswering as TFAutoModelForVisualQuestionAnswering,
)
from .core.configuration import (
    PreTrainedConfig as PreTrainedConfig,
    PretrainedConfig as PretrainedConfig,
)
from .core.modeling import (
    PreTrainedModel as PreTrainedModel,
)
from .core.modeling_tf import (
    TFPreTrainedModel as TFPreTrainedModel,
)
from .data.audio import (
    Audio as Audio,
)
from .data.collators import (
    DataCollatorForSeq2Seq as DataCollatorForSeq2Seq,
    DataCollatorForTokenClassification as DataCollatorForTokenClassification,
    DataCollatorWithPadding as DataCollatorWithPadding,
    DefaultDataCollator as DefaultDataCollator,
    default_data_collator as default_data_collator,
)
from .data.loading import (
    load_dataset as load_dataset,
)
from .data.masking import (
    DataCollatorForLanguageModeling as DataCollatorForLanguageModeling,
    DataCollatorForSpanMasking as DataCollatorForSpanMasking,
    DataCollatorForWholeWordMask as DataCollatorForWholeWordMask,
)
from .data.sounds import (
    DataCollatorCTCWithPadding as DataCollatorCTCWithPadding,
)
from .generation.configuration import (
    GenerationConfig as GenerationConfig,
)
from .generation.streamers import (
    TextStreamer as TextStreamer,
)
from .hub.model_card import (
    ModelFacts as ModelFacts,
    TrainingFacts as TrainingFacts,
    create_model_card as create_model_card,
)
from .hub.push import (
    PushToHubMixin as PushToHubMixin,
    upload_folder as upload_folder,
)
from .image_processing.detr import (
    DetrFeatureExtractor as DetrFeatureExtractor,
    DetrImageProcessor as DetrImageProcessor,
)
from .image_processing.features import (
    BatchFeature as BatchFeature,
)
from .image_processing.processor import (
    DeiTFeatureExtractor as DeiTFeatureExtractor,
    DeiTImageProcessor as DeiTImageProcessor,
    ViTFeatureExtractor as ViTFeatureExtractor,
    ViTImageProcessor as ViTImageProcessor,
    ViltFeatureExtractor as ViltFeatureExtractor,
    ViltImageProcessor as ViltImageProcessor,
)
from .image_processing.vilt import (
    ViltProcessor as ViltProcessor,
)
from .interpretability.cross_attention import (
    cross_alignment as cross_alignment,
    cross_attention_map as cross_attention_map,
)
from .interpretability.picture_attention import (
    attention_map as attention_map,
    attention_rollout as attention_rollout,
    query_attention_map as query_attention_map,
)
from .interpretability.token_probabilities import (
    token_probabilities as token_probabilities,
)
from .keras_training.callbacks import (
    SavePretrainedCallback as SavePretrainedCallback,
)
from .keras_training.metrics import (
    KerasMetricCallback as KerasMetricCallback,
)
from .models.bart.configuration_bart import (
    BartConfig as BartConfig,
)
from .models.bart.modeling_bart import (
    BartForConditionalGeneration as BartForConditionalGeneration,
    BartModel as BartModel,
)
from .models.bart.modeling_tf_bart import (
    TFBartForConditionalGeneration as TFBartForConditionalGeneration,
    TFBartModel as TFBartModel,
)
from .models.bert.configuration_bert import (
    BertConfig as BertConfig,
)
from .models.bert.modeling_bert import (
    BertForMaskedLM as BertForMaskedLM,
    BertForQuestionAnswering as BertForQuestionAnswering,
    BertForSequenceClassification as BertForSequenceClassification,
    BertForTokenClassification as BertForTokenClassification,
    BertModel as BertModel,
)
from .models.bert.modeling_tf_bert import (
    TFBertForMaskedLM as TFBertForMaskedLM,
    TFBertForQuestionAnswering as TFBertForQuestionAnswering,
    TFBertForSequenceClassification as TFBertForSequenceClassification,
    TFBertForTokenClassification as TFBertForTokenClassification,
    TFBertModel as TFBertModel,
)
from .models.detr.configuration_detr import (
    DetrConfig as DetrConfig,
)
from .models.detr.modeling_detr import (
    DetrForObjectDetection as DetrForObjectDetection,
    DetrForSegmentation as DetrForSegmentation,
    DetrModel as DetrModel,
)
from .models.detr.modeling_tf_detr import (
    TFDetrForObjectDetection as TFDetrForObjectDetection,
    TFDetrForSegmentation as TFDetrForSegmentation,
    TFDetrModel as TFDetrModel,
)
from .models.distilbert.configuration_distilbert import (
    DistilBertConfig as DistilBertConfig,
)
from .models.distilbert.modeling_distilbert import (
    DistilBertForMaskedLM as DistilBertForMaskedLM,
    DistilBertForQuestionAnswering as DistilBertForQuestionAnswering,
    DistilBertForSequenceClassification as DistilBertForSequenceClassification,
    DistilBertForTokenClassification as DistilBertForTokenClassification,
    DistilBertModel as DistilBertModel,
)
from .models.distilbert.modeling_tf_distilbert import (
    TFDistilBertForMaskedLM as TFDistilBertForMaskedLM,
    TFDistilBertForQuestionAnswering as TFDistilBertForQuestionAnswering,
    TFDistilBertForSequenceClassification as TFDistilBertForSequenceClassification,
    TFDistilBertForTokenClassification as TFDistilBertForTokenClassification,
    TFDistilBertModel as TFDistilBertModel,
)
from .models.gpt2.configuration_gpt2 import (
    GPT2Config as GPT2Config,
)
from .models.gpt2.modeling_gpt2 import (
    GPT2ForSequenceClassification as GPT2ForSequenceClassification,
    GPT2LMHeadModel as GPT2LMHeadModel,
    GPT2Model as GPT2Model,
)
from .models.gpt2.modeling_tf_gpt2 import (
    TFGPT2ForSequenceClassification as TFGPT2ForSequenceClassification,
    TFGPT2LMHeadModel as TFGPT2LMHeadModel,
    TFGPT2Model as TFGPT2Model,
)
from .models.roberta.configuration_roberta import (
    CamembertConfig as CamembertConfig,
    RobertaConfig as RobertaConfig,
    XLMRobertaConfig as XLMRobertaConfig,
)
from .models.roberta.modeling_roberta import (
    CamembertForMaskedLM as CamembertForMaskedLM,
    CamembertForQuestionAnswering as CamembertForQuestionAnswering,
    CamembertForSequenceClassification as CamembertForSequenceClassification,
    CamembertForTokenClassification as CamembertForTokenClassification,
    CamembertModel as CamembertModel,
    RobertaForMaskedLM as RobertaForMaskedLM,
    RobertaForQuestionAnswering as RobertaForQuestionAnswering,
    RobertaForSequenceClassification as RobertaForSequenceClassification,
    RobertaForTokenClassification as RobertaForTokenClassification,
    RobertaModel as RobertaModel,
    XLMRobertaForMaskedLM as XLMRobertaForMaskedLM,
    XLMRobertaForQuestionAnswering as XLMRobertaForQuestionAnswering,
    XLMRobertaForSequenceClassification as XLMRobertaForSequenceClassification,
    XLMRobertaForTokenClassification as XLMRobertaForTokenClassification,
    XLMRobertaModel as XLMRobertaModel,
)
from .models.roberta.modeling_tf_roberta import (
    TFCamembertForMaskedLM as TFCamembertForMaskedLM,
    TFCamembertForQuestionAnswering as TFCamembertForQuestionAnswering,
    TFCamembertForSequenceClassification as TFCamembertForSequenceClassification,
    TFCamembertForTokenClassification as TFCamembertForTokenClassification,
    TFCamembertModel as TFCamembertModel,
    TFRobertaForMaskedLM as TFRobertaForMaskedLM,
    TFRobertaForQuestionAnswering as TFRobertaForQuestionAnswering,
    TFRobertaForSequenceClassification as TFRobertaForSequenceClassification,
    TFRobertaForTokenClassification as TFRobertaForTokenClassification,
    TFRobertaModel as TFRobertaModel,
    TFXLMRobertaForMaskedLM as TFXLMRobertaForMaskedLM,
    TFXLMRobertaForQuestionAnswering as TFXLMRobertaForQuestionAnswering,
    TFXLMRobertaForSequenceClassification as TFXLMRobertaForSequenceClassification,
    TFXLMRobertaForTokenClassification as TFXLMRobertaForTokenClassification,
    TFXLMRobertaModel as TFXLMRobertaModel,
)
from .models.t5.configuration_t5 import (
    T5Config as T5Config,
)
from .models.t5.modeling_t5 import (
    T5EncoderModel as T5EncoderModel,
    T5ForConditionalGeneration as T5ForConditionalGeneration,
    T5Model as T5Model,
)
from .models.t5.modeling_tf_t5 import (
    TFT5EncoderModel as TFT5EncoderModel,
    TFT5ForConditionalGeneration as TFT5ForConditionalGeneration,
    TFT5Model as TFT5Model,
)
from .models.vilt.configuration_vilt import (
    ViltConfig as ViltConfig,
)
from .models.vilt.modeling_tf_vilt import (
    TFViltForQuestionAnswering as TFViltForQuestionAnswering,
    TFViltModel as TFViltModel,
)
from .models.vilt.modeling_vilt import (
    ViltForQuestionAnswering as ViltForQuestionAnswering,
    ViltModel as ViltModel,
)
from .models.vit.configuration_vit import (
    ViTConfig as ViTConfig,
)
from .models.vit.modeling_tf_vit import (
    TFViTForImageClassification as TFViTForImageClassification,
    TFViTModel as TFViTModel,
)
from .models.vit.modeling_vit import (
    ViTForImageClassification as ViTForImageClassification,
    ViTModel as ViTModel,
)
from .models.wav2vec2.configuration_wav2vec2 import (
    Wav2Vec2Config as Wav2Vec2Config,
)
from .models.wav2vec2.modeling_tf_wav2vec2 import (
    TFWav2Vec2ForCTC as TFWav2Vec2ForCTC,
    TFWav2Vec2ForSequenceClassification as TFWav2Vec2ForSequenceClassification,
    TFWav2Vec2Model as TFWav2Vec2Model,
)
from .models.wav2vec2.modeling_wav2vec2 import (
    Wav2Vec2ForCTC as Wav2Vec2ForCTC,
    Wav2Vec2ForSequenceClassification as Wav2Vec2ForSequenceClassification,
    Wav2Vec2Model as Wav2Vec2Model,
)
from .pipelines.base import (
    KeyDataset as KeyDataset,
)
from .pipelines.factory import (
    pipeline as pipeline,
)
from .tokenization import (
    BatchEncoding as BatchEncoding,
    PreTrainedTokenizerFast as PreTrainedTokenizerFast,
)
from .tokenization.ctc import (
    Wav2Vec2CTCTokenizer as Wav2Vec2CTCTokenizer,
)
from .training.arguments import (
    TrainingArguments as TrainingArguments,
)
from .training.callbacks import (
    EarlyStoppingCallback as EarlyStoppingCallback,
    TrainerCallback as TrainerCallback,
)
from .training.optimization import (
    get_scheduler as get_scheduler,
)
from .training.seq2seq import (
    Seq2SeqTrainer as Seq2SeqTrainer,
    Seq2SeqTrainingArguments as Seq2SeqTrainingArguments,
)
from .training.state import (
    EvalPrediction as EvalPrediction,
    TrainerControl as TrainerControl,
    TrainerState as TrainerState,
)
from .training.trainer import (
    Trainer as Trainer,
)
from .utils.seeds import (
    set_seed as set_seed,
)
from .widgets import (
    Playground as Playground,
)
from .widgets.streamer import (
    NotebookStreamer as NotebookStreamer,
)

__version__: str
__all__: list[str]
