"""Writes fixtures of links, attributes and complex numbers beside good datasets, and prints the bytes that the tests expect.

    python make_link_fixtures.py            (needs h5py, numpy, safetensors)
"""
import os
import h5py, numpy as np
from safetensors.numpy import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
def path(name): return os.path.join(HERE, name)
rng = np.random.default_rng(20261127)

# Every kind of link that leads to no dataset of the file, beside good ones.
with h5py.File(path('bad-links.h5'), 'w') as f:
    f['w'] = np.arange(6, dtype='f4').reshape(2, 3); f['g/v'] = np.ones(2, 'f4'); f['good'] = h5py.SoftLink('/g/v')
    f['dangling'] = h5py.SoftLink('/nothing'); f['g/relative'] = h5py.SoftLink('nothing'); f['first'] = h5py.SoftLink('/second'); f['second'] = h5py.SoftLink('/first')
    f['other'] = h5py.ExternalLink('flat.h5', '/final_norm.beta'); f['through'] = h5py.SoftLink('/whole/final_norm.beta'); f['whole'] = h5py.ExternalLink('flat.h5', '/')
    f['g/up'] = f['g']; f['g/root'] = h5py.SoftLink('/')
    f.id.links.create_soft(b'latin', b'/gr\xf6\xdfe')

# Attributes below the root: what names an element type is read, all else is left aside.
with h5py.File(path('inner-attributes.h5'), 'w', libver=('v110', 'v110')) as f:
    f['w'] = np.arange(6, dtype='f4'); f['w'].attrs['units'] = 'mm'; f['w'].attrs['scale'] = np.float64(2); f['w'].attrs['dtype'] = 'bfloat16'
    f['b'] = np.arange(6, dtype='u2'); f['b'].attrs['dtype'] = 'bfloat16'; f['b'].attrs['note'] = np.bytes_('fixed')
    f['g/v'] = np.ones(2, 'f4'); f['g'].attrs['title'] = np.bytes_('group'); f['twin'] = f['g']
    for i in range(20): f['g/v'].attrs[f'n{i}'] = i

# Complex numbers of both orders, chunked and not; another structure of two floats.
z = (rng.standard_normal((2, 3)) + 1j * rng.standard_normal((2, 3))).astype('c8')
# Names that begin with what joins the character before: an accent, a vowel sign, a joiner.
with h5py.File(path('mark-names.h5'), 'w') as f:
    for name in ('\u0301x', '\u0e31/w', '\u200dk/w', 'g/\u0301w'): f[name] = np.ones(2, 'f4')
with h5py.File(path('complex.h5'), 'w') as f:
    f['little'] = z; f.create_dataset('big', data=z.astype('>c8')); f.create_dataset('gzip', data=z, chunks=(1, 2), compression='gzip', shuffle=True)
    f['point'] = np.zeros(2, [('x', 'f4'), ('y', 'f4')])
save_file({k: z for k in ('little', 'big', 'gzip')}, path('complex.safetensors'))
with h5py.File(path('refused/complex.h5'), 'w') as f: f['w'] = np.zeros(2, 'c16')
with h5py.File(path('refused/complex-long.h5'), 'w') as f: f['w'] = np.zeros(2, np.clongdouble)
with h5py.File(path('refused/latin-name.h5'), 'w') as f: f.create_dataset(b'gr\xf6\xdfe', data=np.ones(2, 'f4')); f['w'] = np.ones(2, 'f4')

# Chunks whose stored bytes end early, through every filter that is read.
with h5py.File(path('refused/chunk-ends.h5'), 'w') as f:
    data = rng.integers(0, 9, (64, 4)).astype('i4')
    for name, how in (('gzip', dict(compression='gzip')), ('shuffle', dict(compression='gzip', shuffle=True)), ('fletcher', dict(fletcher32=True)),
                      ('all', dict(compression='gzip', shuffle=True, fletcher32=True)), ('shuffled', dict(shuffle=True))):
        d = f.create_dataset(f'whole/{name}', data=data, chunks=data.shape, **how); f.flush()
        mask, stream = d.id.read_direct_chunk((0, 0)); assert mask == 0
        for part in (1, 2, len(stream) // 2, len(stream) - 5, len(stream) - 1):
            f.create_dataset(f'{name}-{part}', data.shape, data.dtype, chunks=data.shape, **how).id.write_direct_chunk((0, 0), stream[:part])
# The same without a filter, where the index says how many bytes there are.
with h5py.File(path('refused/chunk-bare.h5'), 'w') as f: f.create_dataset('w', (64, 4), 'i4', chunks=(64, 4)).id.write_direct_chunk((0, 0), bytes(1000))

# What the tests expect of sizes, from h5py.
def attribute_bytes(o, name):
    return h5py.h5a.open(o.id, name.encode()).get_storage_size()
def stored(d): return d.id.get_storage_size()
with h5py.File(path('mixed.h5')) as f:
    found = []
    f.visititems(lambda n, o: found.append(n) if isinstance(o, h5py.Dataset) else None)
    print('mixed.h5', {n: stored(f[n]) for n in found if n != 'model/w'}, sum(stored(f[n]) for n in found if n != 'model/w'))
with h5py.File(path('flat.h5')) as f: print('flat.h5', {k: attribute_bytes(f, k) for k in ('epoch', 'model_config')})
with h5py.File(path('inner-attributes.h5')) as f:
    print('inner-attributes.h5', {(n, k): attribute_bytes(f[n], k) for n in ('w', 'b', 'g') for k in f[n].attrs})
if h5py.h5z.filter_avail(h5py.h5z.FILTER_SZIP):
    with h5py.File(path('szip.h5')) as f:
        d = f['a/rows']; info = [d.id.get_chunk_info(i) for i in range(d.id.get_num_chunks())]
        print('szip.h5', 'decoded', int(np.prod(d.chunks)) * d.dtype.itemsize, 'stored', [i.size for i in info])
        # The first three bits behind the size are the code of the first block: 7 stores its eight bytes as they are,
        # in 67 bits, which six bytes of stream cannot hold. Which chunk is cut is the only one that was compressed.
        print('first code', d.id.read_direct_chunk(info[-1].chunk_offset)[1][4] >> 5)
