"""Two patches of Keras's optimizers, one of the result and one of the speed; the user's object stays the same.

Repeated tokens: the gradient of an embedding lists the rows that a batch looked up, one twice if its token came twice.
Whoever squares it needs the sum of both first. PyTorch and Keras 2 add them up, Keras 3 does not (seen in 3.15, since
https://github.com/keras-team/keras/pull/18692): there Adam's v grows by the sum of the squares instead of the square of
the sum, for every common word. What that does to the weights is in docs/LOG.md, "Training with Keras".

One pass over memory: Keras writes the update of Adam as a row of a dozen operations, and each reads and writes all
parameters, on a processor a third of a step. TensorFlow has the same formula as one operation.
"""

from types import MethodType
from typing import Any

import keras
import tensorflow as tf


def patch_optimizer(optimizer: Any) -> None:
    """Let an optimizer add up the gradients of repeated tokens, and Adam and AdamW update in one pass."""
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)  # mixed_float16 wraps it to scale losses
    optimizer.apply = MethodType(_apply, optimizer)
    if type(optimizer) in (keras.optimizers.Adam, keras.optimizers.AdamW) and not optimizer.amsgrad:
        optimizer.update_step = MethodType(_adam_step, optimizer)


def _apply(self: Any, grads: Any, trainable_variables: Any = None) -> None:
    """The optimizer's own `apply`, which clips and updates, on gradients of whole variables."""
    type(self).apply(self, [_whole(gradient) for gradient in grads], trainable_variables)


def _whole(gradient: Any) -> Any:
    """A gradient of some rows -> one of the whole variable: what belongs to one row added up, zeros elsewhere."""
    if isinstance(gradient, tf.IndexedSlices):
        return tf.math.unsorted_segment_sum(gradient.values, gradient.indices, gradient.dense_shape[0])
    return gradient


def _adam_step(self: Any, gradient: Any, variable: Any, learning_rate: Any) -> None:
    """Adam's update of one variable: m and v move towards the gradient and its square, the variable against m / √v."""
    one_device = tf.distribute.get_strategy().num_replicas_in_sync == 1
    if not (one_device and variable.dtype == tf.float32 and hasattr(self, "_momentums")):
        type(self).update_step(self, gradient, variable, learning_rate)
        return
    index = self._get_variable_index(variable)
    step = tf.cast(self.iterations + 1, tf.float32)
    beta_1, beta_2 = (tf.constant(beta, tf.float32) for beta in (self.beta_1, self.beta_2))
    tf.raw_ops.ResourceApplyAdam(
        var=variable.handle,
        m=self._momentums[index].value.handle,
        v=self._velocities[index].value.handle,
        beta1_power=beta_1**step,
        beta2_power=beta_2**step,
        lr=tf.cast(learning_rate, tf.float32),
        beta1=beta_1,
        beta2=beta_2,
        epsilon=tf.constant(self.epsilon, tf.float32),
        grad=tf.cast(gradient, tf.float32),
    )
