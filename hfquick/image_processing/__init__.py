"""Pictures <-> pixel values.

pictures.py      anything that is a picture -> an RGB picture, upright
downloads.py     an address on the web -> its bytes, and which addresses are not asked
transforms.py    sizes, resampling, cropping, normalisation, padding
processor.py     the classes, and what a call does: pictures -> a batch for a model
"""
