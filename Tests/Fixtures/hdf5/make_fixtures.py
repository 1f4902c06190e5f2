"""Writes the HDF5 fixtures of this folder with h5py, and what they hold as safetensors.

    python make_fixtures.py            (needs h5py, numpy, safetensors, ml_dtypes)

The Edifice files hold the tensors of ../edifice-hymba-tiny/model.safetensors. The tensors of types.safetensors are
made here; the files of HDF5 around them differ in everything but the values.
"""
import json, os
import h5py, ml_dtypes, numpy as np
from safetensors.numpy import load_file

HERE = os.path.dirname(os.path.abspath(__file__))
def path(name): return os.path.join(HERE, name)
def dots(name): return name.replace('.', '/')
# The newest format that HDF5 1.10 knows; 'latest' is too new for it.
NEW = ('v110', 'v110')
FILTERS = dict(chunks=True, compression='gzip', shuffle=True, fletcher32=True)
tiny = load_file(path('../edifice-hymba-tiny/model.safetensors'))

# One Edifice checkpoint in many ways.
with h5py.File(path('flat.h5'), 'w') as f:
    for k, v in tiny.items(): f.create_dataset(k, data=v)
    f.attrs['framework'] = 'edifice'; f.attrs['bytes'] = np.bytes_('fixed length'); f.attrs['epoch'] = 5
    f.attrs['model_config'] = '{"not": "ours"}'
with h5py.File(path('nested.h5'), 'w', libver=NEW) as f:
    for k, v in tiny.items(): f.create_dataset(dots(k), data=v, **(FILTERS if v.ndim else {}))
with h5py.File(path('big-endian.h5'), 'w', userblock_size=512) as f:
    for k, v in tiny.items(): f.create_dataset(dots(k), data=v.astype('>f4'), track_times=False)
def keras(group, weights, suffix=':0', split=False):
    """As Keras 2 writes it; split as where a list is too long for one attribute, and then texts of varying length."""
    layers = list(dict.fromkeys(k.rsplit('.', 1)[0] for k in weights))
    text = str if split else str.encode
    names = [text(n) for n in layers + ['no_weights']]
    if split:
        for i in range(3): group.attrs[f'layer_names{i}'] = names[i::3]
    else: group.attrs['layer_names'] = names
    group.attrs['backend'] = b'tensorflow'; group.attrs['keras_version'] = b'2.15.0'
    group.create_group('no_weights').attrs['weight_names'] = []
    for layer in layers:
        g = group.create_group(layer)
        mine = [k for k in weights if k.rsplit('.', 1)[0] == layer]
        g.attrs['weight_names'] = [text(f'{layer}/{k.rsplit(".", 1)[1]}{suffix}') for k in mine]
        for k in mine: g.create_dataset(f'{layer}/{k.rsplit(".", 1)[1]}{suffix}', data=weights[k])
with h5py.File(path('keras2-weights.h5'), 'w') as f: keras(f, tiny)
with h5py.File(path('keras2-model.h5'), 'w') as f:
    f.attrs['model_config'] = json.dumps({'class_name': 'Functional'}); f.attrs['keras_version'] = '2.15.0'
    keras(f.create_group('model_weights'), tiny, split=True)
    f['model_weights'].create_group('top_level_model_weights').attrs['weight_names'] = []
    f.create_group('optimizer_weights').create_dataset('Adam/iter:0', data=np.int64(7))

# Every element type, in shapes where windows and chunks do not meet.
rng = np.random.default_rng(20261124)
def bits(shape, size): return rng.integers(0, 256, (*shape, size), dtype=np.uint8)
def noise(shape, dtype): return bits(shape, np.dtype(dtype).itemsize).view(dtype).reshape(shape)
types = {f'a.{n}': noise((5, 7, 3), n) for n in
         ('float64', 'float32', 'float16', 'int64', 'int32', 'int16', 'int8', 'uint64', 'uint32', 'uint16', 'uint8')}
types |= {'a.bool': rng.integers(0, 2, (4, 9)).astype(bool), 'a.scalar': np.float32(2.5).reshape(()), 'a.none': np.zeros((3, 0, 2), 'f4'),
          'a.rows': noise((130, 3), 'f4')}
bf16 = noise((6, 5), 'u2'); f8 = {'float8_e4m3fn': noise((3, 5), 'u1'), 'float8_e5m2': noise((3, 5), 'u1')}
entries = {k: ({'bool': 'BOOL'}.get(v.dtype.name) or v.dtype.name.upper().replace('FLOAT', 'F').replace('UINT', 'U').replace('INT', 'I'), v)
           for k, v in types.items()}
entries |= {f'b.{k}': ('BF16', bf16) for k in ('marked', 'marked_big', 'keras3', 'native', 'native_big')}
entries |= {f'b.{k}': (('F8_E4M3' if 'e4' in k else 'F8_E5M2'), v) for k, v in f8.items()}
def save(name, entries):
    """The safetensors library of NumPy has no BF16 and refuses to see other bytes as such."""
    head, body = {}, b''
    for k, (t, v) in entries.items():
        raw = np.ascontiguousarray(v).tobytes(); head[k] = {'dtype': t, 'shape': list(v.shape), 'data_offsets': [len(body), len(body) + len(raw)]}; body += raw
    text = json.dumps(head).encode(); text += b' ' * (-len(text) % 8)
    open(path(name), 'wb').write(len(text).to_bytes(8, 'little') + text + body)
save('types.safetensors', entries)
def brain(f, order):
    """The bfloat16 that HDF5 itself can describe: a sign, eight bits of exponent, seven of fraction."""
    t = (h5py.h5t.IEEE_F32LE if order == '<' else h5py.h5t.IEEE_F32BE).copy()
    t.set_fields(15, 7, 8, 0, 7); t.set_size(2); t.set_ebias(127); return t
def raw(group, name, kind, shape, data):
    d = h5py.h5d.create(group.id, name.encode(), kind, h5py.h5s.create_simple(shape))
    d.write(h5py.h5s.ALL, h5py.h5s.ALL, np.ascontiguousarray(data), mtype=kind)
def write(f, order, **how):
    for k, v in types.items():
        d = v.astype(v.dtype.newbyteorder(order)) if v.dtype != bool else v
        f.create_dataset(dots(k), data=d, **(how if v.size and v.ndim else {}))
    g = f.create_group('b')
    g.create_dataset('marked', data=bf16, **how).attrs['dtype'] = 'bfloat16'
    g.create_dataset('marked_big', data=bf16.astype('>u2'), **how).attrs['original type'] = np.bytes_('torch.bfloat16')
    g.create_dataset('keras3', data=bf16.view(ml_dtypes.bfloat16), **how).attrs['dtype'] = 'bfloat16'
    raw(g, 'native', brain(f, '<'), bf16.shape, bf16); raw(g, 'native_big', brain(f, '>'), bf16.shape, bf16.byteswap())
    for k, v in f8.items(): g.create_dataset(k, data=v.view('V1'), **how).attrs['dtype'] = k
with h5py.File(path('types-little.h5'), 'w') as f: write(f, '<')
with h5py.File(path('types-big.h5'), 'w') as f: write(f, '>')
with h5py.File(path('types-chunked.h5'), 'w', libver=NEW) as f: write(f, '>', chunks=True)
with h5py.File(path('types-gzip.h5'), 'w') as f: write(f, '<', **FILTERS)
with h5py.File(path('types-tiles.h5'), 'w') as f:
    # Chunks that fit into no dimension, in a dataset that may grow.
    for k, v in types.items():
        n = dict(chunks=tuple(2 for _ in v.shape), maxshape=tuple(None for _ in v.shape), compression='gzip') if v.size and v.ndim else {}
        f.create_dataset(dots(k), data=v.astype(v.dtype.newbyteorder('>')) if v.dtype != bool else v, **n)
    for k, (t, v) in entries.items():
        if k.startswith('b.'): f.create_dataset(dots(k), data=v.view({'BF16': '<u2'}.get(t, 'u1')), chunks=(2, 2)).attrs['safetensors'] = t
# szip is only in builds of HDF5 that have an encoder; the flag 4 is entropy coding, 32 nearest neighbour.
if h5py.h5z.filter_avail(h5py.h5z.FILTER_SZIP):
    with h5py.File(path('szip.h5'), 'w') as f:
        f.create_dataset('a/rows', data=types['a.rows'], chunks=(32, 3), compression='szip', compression_opts=('nn', 8))

# A new header with more attributes than it holds itself, and one that goes on in other blocks.
with h5py.File(path('attributes.h5'), 'w', libver=NEW) as f:
    for k in 'ab': f.create_dataset(k, data=bf16)
    f['a'].attrs['dtype'] = 'bfloat16'; f['b'].attrs['a' * 300] = 'x' * 300; f['b'].attrs['c'] = 'y'; f['b'].attrs['dtype'] = 'BF16'
    for i in range(20): f.attrs[f'note {i}'] = f'text {i}'

# Links: tied weights under several names.
with h5py.File(path('links.h5'), 'w') as f:
    f['embed/weight'] = np.arange(12, dtype='f4').reshape(3, 4); f['head'] = f['embed']; f['soft'] = h5py.SoftLink('/embed/weight')
    f['deep/soft'] = h5py.SoftLink('/soft'); f['kind'] = np.dtype('f4'); f['note'] = 'a text about the model'
with h5py.File(path('keras3.weights.h5'), 'w') as f:
    f['layers/dense/vars/0'] = np.arange(6, dtype='f4').reshape(2, 3); f['layers/dense/vars/1'] = np.zeros(3, 'f4')
    f.create_group('vars'); f['_layer_checkpoint_dependencies/dense/vars/0'] = np.ones(2, 'f4')

# Every index of the newer format, large enough for nodes below nodes.
with h5py.File(path('indices.h5'), 'w', libver=NEW) as f:
    counts = f.create_dataset('deep/w', data=np.arange(6, dtype='u2'))
    for i in range(299): f['deep'][f'another name of the same {i}'] = counts
    def chunked(name, **form): f.create_dataset(name, data=np.arange(600, dtype='u2').reshape(200, 3), chunks=(1, 3), **form)
    chunked('chunks/fixed'); chunked('chunks/extensible', maxshape=(None, 3)); chunked('chunks/tree', maxshape=(None, None))
    chunked('gzip/fixed', compression='gzip'); chunked('gzip/extensible', maxshape=(None, 3), compression='gzip')
    chunked('gzip/tree', maxshape=(None, None), compression='gzip')
    f.create_dataset('gzip/single', data=np.arange(600, dtype='u2').reshape(200, 3), chunks=(200, 3), compression='gzip')
    f['named'] = np.dtype('u2'); f.create_dataset('typed', data=np.arange(6, dtype='u2'), dtype=f['named'])

# What is refused, each with one reason.
def bad(name): return h5py.File(path(f'refused/{name}.h5'), 'w')
os.makedirs(path('refused'), exist_ok=True)
with bad('cycle') as f: f.create_group('a/b'); f['a/b/again'] = f['a']
with bad('soft-cycle') as f: f.create_group('a'); f['a/up'] = h5py.SoftLink('/')
with bad('soft-loop') as f: f['a'] = h5py.SoftLink('/b'); f['b'] = h5py.SoftLink('/a')
with bad('many-paths') as f:
    g = f
    for i in range(40): h = g.create_group('l'); g['r'] = h; g = h
with bad('deep') as f:
    g = f
    for i in range(70): g = g.create_group('g')
with bad('external-link') as f: f['w'] = h5py.ExternalLink('../flat.h5', '/final_norm.beta')
with bad('soft-external-link') as f: f['a'] = h5py.SoftLink('/z/final_norm.beta'); f['z'] = h5py.ExternalLink('../flat.h5', '/')
with bad('dangling') as f: f['w'] = h5py.SoftLink('/nothing')
with bad('external-storage') as f: f.create_dataset('w', (4,), 'f4', external=[('../types.safetensors', 0, 16)])
with bad('virtual') as f:
    layout = h5py.VirtualLayout(shape=(4,), dtype='f4'); layout[:] = h5py.VirtualSource('../flat.h5', 'final_norm.beta', shape=(8,))[:4]; f.create_virtual_dataset('w', layout)
with bad('compound') as f: f['w'] = np.zeros(2, [('x', 'f4'), ('y', 'i4')])
with bad('text') as f: f['g/w'] = 'text'
with bad('texts') as f: f['w'] = ['a', 'b']
with bad('opaque') as f: f['w'] = np.zeros(2, 'V2')
with bad('enumeration') as f: f.create_dataset('w', (2,), h5py.enum_dtype({'A': 0, 'B': 1}, 'i1'), data=[0, 1])
with bad('bits-unused') as f: raw(f, 'w', (lambda t: (t.set_precision(12), t)[1])(h5py.h5t.STD_I16LE.copy()), (2,), np.zeros(2, 'i2'))
with bad('long-double') as f: f['w'] = np.zeros(2, np.longdouble)
with bad('reference') as f: f.create_dataset('w', (1,), h5py.ref_dtype)
with bad('empty') as f: f['w'] = h5py.Empty('f4')
with bad('nothing') as f: f.create_group('g')
with bad('unwritten') as f: f.create_dataset('w', (1000, 1000), 'f4')
with bad('unwritten-chunks') as f: f.create_dataset('w', (100, 100), 'f4', chunks=(50, 50))[:50, :50] = 1
with bad('huge') as f: f.create_dataset('w', (1 << 40, 1 << 20), 'f4', chunks=(1 << 10, 1 << 10), compression='gzip')
with bad('huge-chunk') as f:
    d = f.create_dataset('w', (1 << 27,), 'f4', chunks=(1 << 27,), compression='gzip'); d.id.write_direct_chunk((0,), b'x\x9c\x03\x00\x00\x00\x00\x01')
with bad('bomb') as f:
    d = f.create_dataset('w', (1 << 20,), 'f4', chunks=(1 << 20,), compression='gzip'); d.id.write_direct_chunk((0,), b'x\x9c\x03\x00\x00\x00\x00\x01')
with h5py.File(path('refused/many-attributes.h5'), 'w', libver=NEW) as f:
    f.create_dataset('w', data=bf16).attrs['dtype'] = 'bfloat16'
    for i in range(20): f['w'].attrs[f'note {i}'] = 'text'
with bad('lzf') as f: f.create_dataset('w', data=np.zeros((8, 8), 'f4'), chunks=(8, 8), compression='lzf')
with bad('same-name') as f: f['a/b'] = np.zeros(2, 'f4'); f['a.b'] = np.zeros(2, 'f4')
with bad('keras-no-weight') as f: keras(f, {'dense.kernel': np.zeros(2, 'f4')}); del f['dense/dense/kernel:0']; f['x'] = np.zeros(2, 'f4')
with bad('keras-no-layer') as f: keras(f, {'dense.kernel': np.zeros(2, 'f4')}); del f['dense']; f['x'] = np.zeros(2, 'f4')
with bad('keras-unnamed') as f: keras(f, {'dense.kernel': np.zeros(2, 'f4')}); f['dense/other'] = np.zeros(2, 'f4')
with bad('keras-layer-twice') as f: keras(f, {'dense.kernel': np.zeros(2, 'f4')}); f.attrs['layer_names'] = [b'dense', b'dense']
with bad('keras-weight-twice') as f: keras(f, {'dense.kernel': np.zeros(2, 'f4')}); f['dense'].attrs['weight_names'] = [b'dense/kernel:0'] * 2
with bad('long-name') as f: f['n' * 4097] = np.zeros(2, 'f4')
with bad('checksum') as f: f.create_dataset('w', data=np.arange(64, dtype='f4'), chunks=(64,), fletcher32=True)
data = bytearray(open(path('refused/checksum.h5'), 'rb').read()); at = data.index(np.arange(64, dtype='f4').tobytes()); data[at + 9] ^= 1
open(path('refused/checksum.h5'), 'wb').write(data)
# The length of the data of a contiguous dataset follows its address.
with bad('beyond-file') as f: f['w'] = np.arange(99, dtype='f4'); at = f['w'].id.get_offset()
data = bytearray(open(path('refused/beyond-file.h5'), 'rb').read()); here = data.index(at.to_bytes(8, 'little') + (396).to_bytes(8, 'little'))
data[here + 8:here + 16] = (2 ** 62).to_bytes(8, 'little'); open(path('refused/beyond-file.h5'), 'wb').write(data)
# Streams that end before their chunk does, or go on behind it; zeros compress a thousand times.
import zlib
def stream(name, size):
    with bad(name) as f: f.create_dataset('w', (2, 1024), 'f4', chunks=(1, 1024), compression='gzip').id.write_direct_chunk((0, 0), zlib.compress(bytes(4096))); f['w'].id.write_direct_chunk((1, 0), zlib.compress(bytes(size)))
stream('stream-short', 4092); stream('stream-long', 1 << 22)
with bad('shuffle-short') as f: f.create_dataset('w', (1024,), 'f4', chunks=(1024,), shuffle=True).id.write_direct_chunk((0,), bytes(4000))
with bad('szip-short') as f: f.create_dataset('w', (256,), 'f4', chunks=(256,), compression='szip').id.write_direct_chunk((0,), b'\x00\x04')
with bad('scale-offset') as f: f.create_dataset('w', data=np.arange(64, dtype='i4'), chunks=(64,), scaleoffset=0)
# HDF5 2.0 counts the layout of a compressed dataset as a new version.
with h5py.File(path('refused/newer.h5'), 'w', libver='latest') as f: f.create_dataset('w', data=np.zeros((4, 4), 'f4'), chunks=(2, 2), compression='gzip')

# szip in many forms beside the same numbers as they are; and streams of it that end early, all in need of more than their last two bytes.
def szip_cases():
    i = np.arange(4 * 37 * 3)
    values = {'zero': 0 * i, 'ramp': i, 'noise': rng.integers(0, 1 << 30, i.size), 'sparse': np.where(i % 97 == 0, i, 0)}
    for mode, block, kind, shape in (('nn', 8, 'u1', (4, 37, 3)), ('nn', 32, 'i2', (4, 111)), ('ec', 2, 'f4', (4, 37, 3)), ('ec', 16, 'f8', (4, 111)), ('nn', 10, 'f4', (4, 111))):
        for value in values: yield f'{mode}{block}-{kind}-{value}', values[value].astype(kind).reshape(shape), (mode, block)
if h5py.h5z.filter_avail(h5py.h5z.FILTER_SZIP):
    with h5py.File(path('szip-forms.h5'), 'w', libver=NEW) as f, h5py.File(path('refused/szip-ends.h5'), 'w', libver=NEW) as g:
        for name, data, options in szip_cases():
            f.create_dataset(f'plain/{name}', data=data)
            how = dict(chunks=data.shape, compression='szip', compression_opts=options)
            d = f.create_dataset(f'szip/{name}', data=data, **how)
            f.flush(); mask, stream = d.id.read_direct_chunk((0,) * data.ndim)
            for part in {4, 5, len(stream) // 2, len(stream) - 3}:
                # What does not shrink is stored without the filter.
                if mask or not 4 <= part < len(stream) - 2: continue
                g.create_dataset(f'{name}-{part}', data.shape, data.dtype, **how).id.write_direct_chunk((0,) * data.ndim, stream[:part])

# What lies beside tensors and is none, of every kind.
with h5py.File(path('mixed.h5'), 'w') as f:
    f['model/w'] = np.arange(6, dtype='f4').reshape(2, 3); f['title'] = 'a text'; f['model/words'] = ['one', 'two']; f['model/fixed'] = np.array([b'ab', b'cd'])
    f['record'] = np.zeros(2, [('x', 'f4'), ('y', 'i4')]); f.create_dataset('kind', (2,), h5py.enum_dtype({'A': 0, 'B': 1}, 'i1'), data=[0, 1])
    f['reference'] = f['model/w'].ref; f['ragged'] = h5py.Empty(h5py.vlen_dtype('i4')); f['nothing'] = h5py.Empty('f4'); f['blob'] = np.void(b'pickled bytes'); f.create_group('folder')
    f['model/lzf'] = h5py.Empty('f4'); del f['model/lzf']; f.create_dataset('model/compressed', data=['text'] * 20, chunks=(20,), compression='lzf')

# Attributes of the root that no container could hold, or that are no text.
with h5py.File(path('odd-attributes.h5'), 'w') as f:
    f['w'] = np.zeros(2, 'f4'); f.attrs['kept'] = 'text'; f.attrs['marks'] = 'e' + '\u0301' * 300; f.attrs['e' + '\u0301' * 300] = 'x'; f.attrs['latin'] = np.bytes_(b'gr\xf6\xdfe')
    f.attrs['epoch'] = 5; f.attrs['many'] = ['a', 'b']; f.attrs['caf\u00e9'] = '1'; f.attrs['cafe\u0301'] = '2'
with bad('marked-name') as f: f['e' + '\u0301' * 300] = np.zeros(2, 'f4')
with bad('keras-marks') as f: f['a'] = np.zeros(2, 'f4'); f.attrs['layer_names'] = ['e' + '\u0301\u0327\u0323' * 100]
# Two forms of one letter are two names.
with h5py.File(path('two-forms.h5'), 'w') as f: f['caf\u00e9/w'] = np.zeros(2, 'f4'); f['cafe\u0301/w'] = np.ones(2, 'f4')
# One dataset of a few kilobytes under so many names that they stand for gigabytes.
with bad('many-names') as f:
    d = f.create_dataset('w', (2 << 20,), 'f4', chunks=(1 << 19,), compression='gzip', compression_opts=9); d[...] = 0
    for i in range(200): f[f'n{i}'] = d
with h5py.File(path('tied.h5'), 'w') as f: f['a'] = f['b'] = f.create_dataset('c', data=rng.integers(0, 4, 1000, dtype='u1'), chunks=(500,), compression='gzip')
# An index of chunks, of a file without checksums, in which one chunk stands at the place of another.
with bad('chunk-twice') as f: f.create_dataset('w', data=np.arange(8, dtype='f4').reshape(4, 2), chunks=(2, 2))
data = bytearray(open(path('refused/chunk-twice.h5'), 'rb').read()); at = data.index(b'TREE\x01') + 24
# Keys of 8 + 3 * 8 bytes with an address of 8 behind each; the second begins at row 2.
assert data[at + 48:at + 56] == (2).to_bytes(8, 'little'); data[at + 48:at + 56] = bytes(8); open(path('refused/chunk-twice.h5'), 'wb').write(data)
