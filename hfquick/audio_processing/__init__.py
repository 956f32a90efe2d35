"""Sounds -> input values of a model, at the sampling rate it was trained with.

sounds.py               anything that is a sound -> a recording in one channel, read block by block
stored.py               of rows: files in archives, and in repositories of the Hub
decoding.py             the files: WAV, FLAC, OGG, MP3, AIFF
feature_extractor.py    the class, and what a call does: sounds -> a normalised, padded batch
wav2vec2.py             the processor: a feature extractor, and the tokenizer of CTC (tokenization/ctc.py)
names.py  families.py   names of elsewhere, and which class a repository asks for
"""
