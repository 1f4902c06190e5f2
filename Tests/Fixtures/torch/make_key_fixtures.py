"""Writes fixtures of PyTorch files with unusual keys, parts and protocols, and what torch.load reads of them.

    python make_key_fixtures.py            (needs torch, safetensors)
"""
import os, pathlib, pickle
import torch
from safetensors.torch import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
def path(name): return os.path.join(HERE, name)
torch.manual_seed(20261127)
def w(*shape): return torch.randn(*shape)
def save(name, what, **how): torch.save(what, path(name + '.pt'), **how)

# Keys that cannot be a part of a tensor's name, or that become one name.
save('bytes-keys', {'state_dict': {b'a': w(2), 'b': w(2)}})
save('bytes-keys-protocol4', {b'a': w(2), 'b': w(2)}, pickle_protocol=4)
save('class-keys', {torch.float32: w(2), 'b': w(2)})
save('object-keys', {pathlib.PurePosixPath('a'): w(2), 'b': w(2)})
save('surrogate-keys', {'a\udcff': w(2), 'b': w(2)})
save('same-name', {1: w(2), '1': w(2)})
save('same-dotted-name', {'a': {'b': w(2)}, 'a.b': w(2)})
# The same where no tensor is below them: left aside.
beside = {'w': w(2, 3), 'note': 'a\udcff', 'counts': {b'a': 1, 2 ** 70: 2}}
save('keys-beside', beside); save_file({'w': beside['w']}, path('keys-beside.safetensors'))

# Training checkpoints without weights, and with weights twice.
p = torch.nn.Parameter(w(2, 3)); optimizer = torch.optim.Adam([p]); p.sum().backward(); optimizer.step()
save('empty-model', {'model': {}, 'optimizer': optimizer.state_dict()})
save('empty-model-plain', {'model': {}, 'optimizer': {'exp_avg': w(2, 3), 'exp_avg_sq': w(2, 3)}, 'best': torch.tensor(1.5)})
save('optimizer-plain', {'optimizer': {'exp_avg': w(2, 3), 'exp_avg_sq': w(2, 3)}})
two = {'model': {'w': w(2, 3)}, 'state_dict': {'w': w(2, 3)}, 'optimizer': optimizer.state_dict()}
save('two-parts', two)
save_file({f'{part}.w': two[part]['w'] for part in ('model', 'state_dict')}, path('two-parts.safetensors'))

# Older protocols. torch.load reads protocol 1 in both forms, and no tensor of protocol 0.
old = {'w': w(2, 3), 'ids': torch.arange(5), 'flag': True, 'rate': 1.5, 'steps': 1 << 40, 'name': 'größe'}
save('protocol1', old, pickle_protocol=1); save('protocol0', old, pickle_protocol=0)
save('legacy-protocol1', old, pickle_protocol=1, _use_new_zipfile_serialization=False)
save('legacy-protocol0', old, pickle_protocol=0, _use_new_zipfile_serialization=False)
for name in ('protocol1', 'legacy-protocol1'):
    found = torch.load(path(name + '.pt'), weights_only=False)
    save_file({k: v for k, v in found.items() if torch.is_tensor(v)}, path(name + '.safetensors'))
for name in ('protocol0', 'legacy-protocol0'):
    try: torch.load(path(name + '.pt'), weights_only=False); raise SystemExit(name + ' was read')
    except AssertionError: pass
# A pickle of arrays that torch.save did not write.
import numpy as np
with open(path('arrays.pkl'), 'wb') as f: pickle.dump({'w': np.ones(2, 'f4')}, f)
