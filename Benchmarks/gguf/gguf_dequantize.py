"""Times gguf-py's dequantize on the tensors of a GGUF file, the median of 5 runs, in the lines of gguf-benchmark.

    python3 Benchmarks/gguf/gguf_dequantize.py FILE
"""

import statistics
import sys
import time

import gguf

for tensor in gguf.GGUFReader(sys.argv[1]).tensors:
    times = []
    for _ in range(5):
        start = time.perf_counter()
        values = gguf.dequantize(tensor.data, tensor.tensor_type)
        times.append(time.perf_counter() - start)
    rate = values.nbytes / statistics.median(times) / 1e9
    print(f"{tensor.tensor_type.name}  {rate:.2f} GB/s of F32", flush=True)
