"""Writes fixtures of compressions, headers and element types that NumPy reads and does not write itself.

    python make_header_fixtures.py            (needs numpy, safetensors)
"""
import io, os, zipfile
import numpy as np
from safetensors.numpy import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
def path(name): return os.path.join(HERE, name)
random = np.random.default_rng(20261127)

def npy(a):
    buffer = io.BytesIO(); np.save(buffer, a); return buffer.getvalue()
def archive(name, entries, method=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path(name), 'w', method) as z:
        for k, v in entries.items(): z.writestr(k + '.npy', v)

# Compressions of Python's zipfile, which numpy.load reads.
arrays = {'small': random.standard_normal((2, 3)).astype('f4'), 'zeros': np.zeros(3000, 'f4'),
          'ints': random.integers(0, 50, (40, 30)).astype('>i4')}
for name, method in (('bzip2', zipfile.ZIP_BZIP2), ('lzma', zipfile.ZIP_LZMA)):
    archive(name + '.npz', {k: npy(v) for k, v in arrays.items()}, method)
    with np.load(path(name + '.npz')) as found: assert all((found[k] == v).all() for k, v in arrays.items())
save_file({k: v.astype(v.dtype.newbyteorder('<')) for k, v in arrays.items()}, path('compressions.safetensors'))

# Headers that are Python's, if not NumPy's own.
data = random.standard_normal((2, 3)).astype('f4')
headers = {
    'unicode': "{u'descr': u'<f4', u'fortran_order': False, u'shape': (2L, 3L), }\n",
    'comment': "{'descr': '<f4', # little-endian\n 'fortran_order': False, 'shape': (2, 3)} # rows\n",
    'spaces': "{\t'descr'\t:'<f4',\f'fortran_order' : False ,\r\n'shape':( 2 , 3 , ) } \t \n  \n",
    'quotes': '{"shape": (2, 3), "fortran_order": False, "descr": "<f4"}',
}
def raw(header, version=(1, 0)):
    text = header.encode(); size = len(text).to_bytes(2 if version[0] == 1 else 4, 'little')
    return b'\x93NUMPY' + bytes(version) + size + text + data.tobytes()
entries = {k: raw(v) for k, v in headers.items()} | {f'version{n}': raw(headers['quotes'], (n, 0)) for n in (1, 2, 3)}
archive('headers.npz', entries)
with np.load(path('headers.npz')) as found: assert all((found[k] == data).all() for k in entries)
save_file({k: data for k in entries}, path('headers.safetensors'))
open(path('version1.1.npy'), 'wb').write(raw(headers['quotes'], (1, 1)))
try: np.load(path('version1.1.npy')); raise SystemExit('1.1 was read')
except ValueError as error: print(error)

# Complex numbers of both orders, and numbers that no container stores.
z = (random.standard_normal((2, 3)) + 1j * random.standard_normal((2, 3))).astype('c8')
np.savez(path('complex.npz'), little=z, big=z.astype('>c8'), columns=np.asfortranarray(z.astype('>c8')))
save_file({k: z for k in ('little', 'big', 'columns')}, path('complex.safetensors'))
np.savez(path('complex128.npz'), weight=np.ones(2, 'c16')); np.savez(path('long-double.npz'), weight=np.ones(2, np.longdouble))
# Names that are not UTF-8: as zip has it without a flag, code page 437; and with the flag that says UTF-8.
def renamed(name, flag):
    archive(name, {'XXXX': npy(data), 'w': npy(data)})
    b = bytearray(open(path(name), 'rb').read()).replace(b'XXXX', b'gr\xf6\xdf')
    if flag: b[7] |= 8; b[b.index(b'PK\1\2') + 9] |= 8
    open(path(name), 'wb').write(b)
renamed('names-437.npz', False); renamed('names-damaged.npz', True)
print(list(np.load(path('names-437.npz'))))
np.savez(path('names-controls.npz'), **{k: data for k in ('a\x08b', '\x02x', 'w\u263b')})
