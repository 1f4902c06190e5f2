"""Writes the files of `keras/` with Keras 3 itself, from one small model that was trained for a step.

    KERAS_BACKEND=torch python make_keras_fixtures.py            (needs keras, torch, h5py)

The kernel of each layer counts up from 0 and its bias from 100, so that a test knows them.
"""
import os
import keras, numpy as np
os.makedirs(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'keras'), exist_ok=True)
os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'keras'))
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, name='first'), keras.layers.Dense(2, name='second')], name='model')
model.compile('adam', 'mse', metrics=['mae'])
model.fit(np.ones((4, 2)), np.ones((4, 2)), verbose=0)
for layer in model.layers:
    layer.set_weights([np.arange(w.size, dtype='f4').reshape(w.shape) + 100 * (w.ndim == 1) for w in layer.get_weights()])
model.save('legacy.h5')
model.save_weights('state.weights.h5')
# Gigabytes of a shard: this is 80 bytes, so that the optimizer's state goes on in a file of its own.
model.save_weights('sharded.weights.json', max_shard_size=8e-8)
