"""Pictures <-> pixel values, and a model's outputs -> what is in a picture.

pictures.py      anything that is a picture -> an RGB picture, upright
processor.py     the classes, and what a call does: pictures -> a batch for a model
transforms.py    sizes, resampling, cropping, normalisation, padding
settings.py  names.py  features.py           the fields of a processor, names of elsewhere, what a call returns
detr.py  annotations.py  results.py          DETR's processor, the labels it makes, the results it reads
vilt.py  families.py                         ViLT's processor with its tokenizer, and which class a repository asks for
"""
