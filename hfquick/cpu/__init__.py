"""What a processor computes faster another way than torch's usual one; the models know nothing of it.

`speed_up(model)` exchanges the classes of layers in place, after loading and before training or generation:

    speed_up.py    which layers, and how they are exchanged
    choice.py      which way is faster on this processor: by rule, or measured once and kept
    linear.py      products of matrices by oneDNN, weights packed for bfloat16
    attention.py   incremental decoding in bfloat16
    allocator.py   memory that a training step frees is kept for the next one
"""
