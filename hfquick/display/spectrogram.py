"""Samples of a sound -> what is drawn of it: its envelope, and its log-mel spectrogram. NumPy alone.

A spectrogram shows how much of each frequency a sound has at each moment: the squared magnitudes of a short-time
Fourier transform. Its frequencies are put into bands that are equally far apart on the mel scale (Stevens, Volkmann and
Newman, 1937; the formula is O'Shaughnessy's, 1987), on which equal steps sound equally large, and its values are in
decibels.

Shapes: S samples, T frames, F frequencies, M mel bands.
"""

import numpy as np

WINDOW = 0.025  # seconds that a frame looks at: short enough for a consonant, long enough for a low voice
BANDS = 64
LOWEST = 60.0  # Hz; below lie hum and steps
DECIBELS = 60.0  # from black to white
SILENCE = 1e-10  # power below which there is nothing to see


def envelope(samples: np.ndarray, columns: int) -> np.ndarray:
    """Samples (S,) -> (columns, 2): the lowest and the highest value in each of so many stretches of one length."""
    edges = np.linspace(0, len(samples), columns + 1).astype(int)[:-1]
    starts = np.minimum(edges, len(samples) - 1)
    return np.stack([np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)], axis=1)


def mel_spectrogram(samples: np.ndarray, rate: int, frames: int, bands: int = BANDS) -> np.ndarray:
    """Samples (S,) at `rate` -> log-mel spectrogram (T, M) of so many frames: 1 is the loudest, 0 is 60 dB less."""
    size = round(WINDOW * rate)
    length = 1 << (size - 1).bit_length()  # of the transform: the next power of two
    padded = np.pad(samples.astype(np.float32), (size // 2, size))  # so that a frame has its moment in its middle
    starts = (np.arange(frames) * (len(samples) / frames)).astype(int)
    windows = np.lib.stride_tricks.sliding_window_view(padded, size)[starts] * np.hanning(size).astype(np.float32)
    power = np.abs(np.fft.rfft(windows, length)) ** 2  # (T, F)
    mels = power @ mel_filters(rate, length, bands).T  # (T, M)
    decibels = 10 * np.log10(np.maximum(mels, SILENCE))
    if decibels.max(initial=-np.inf) <= 10 * np.log10(SILENCE):
        return np.zeros_like(decibels)
    return np.clip(1 + (decibels - decibels.max()) / DECIBELS, 0, 1)


def mel_filters(rate: int, length: int, bands: int = BANDS) -> np.ndarray:
    """Triangular filters (M, F), each of which is 1 in the middle of its band and 0 in the middle of those beside it.

    The lowest bands are narrower than the distance of two frequencies: such a filter takes the nearest one.
    """
    middles = band_frequencies(rate, bands)
    frequencies = np.fft.rfftfreq(length, 1 / rate)
    rising = (frequencies - middles[:-2, None]) / np.diff(middles)[:-1, None]
    falling = (middles[2:, None] - frequencies) / np.diff(middles)[1:, None]
    filters = np.clip(np.minimum(rising, falling), 0, None)
    nearest = np.abs(frequencies - middles[1:-1, None]).argmin(1)
    filters[np.arange(bands), nearest] = np.maximum(filters[np.arange(bands), nearest], 0.5)
    return filters


def band_frequencies(rate: int, bands: int = BANDS) -> np.ndarray:
    """The middles of the bands in Hz (M + 2,), and of the one before the first and the one after the last."""
    return _hertz(np.linspace(_mel(LOWEST), _mel(rate / 2), bands + 2))


def band_of(frequency: float, rate: int, bands: int = BANDS) -> float:
    """Where a frequency in Hz lies among the bands, from 0, the middle of the first one."""
    return float((_mel(frequency) - _mel(LOWEST)) / (_mel(rate / 2) - _mel(LOWEST)) * (bands + 1) - 1)


def _mel(hertz: float) -> float:
    return 2595 * np.log10(1 + hertz / 700)


def _hertz(mel: np.ndarray) -> np.ndarray:
    return 700 * (10 ** (mel / 2595) - 1)
