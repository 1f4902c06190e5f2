#include "HymbaKernels.h"
#include "exponential.h"

HYMBA_VARIANTS void hymba_causal_convolution(const float *x, const float *history, size_t rows,
                                             size_t channels, size_t width, const float *weight,
                                             const float *bias, float *y) {
  for (size_t row = 0; row < rows; row++) {
    float *out = y + row * channels;
    for (size_t c = 0; c < channels; c++) out[c] = bias ? bias[c] : 0.0f;
    for (size_t tap = 0; tap < width; tap++) {
      size_t source = row + tap;  // counted from the first row of the history
      const float *in =
          source < width - 1 ? history + source * channels : x + (source - (width - 1)) * channels;
      const float *weights = weight + tap * channels;
      for (size_t c = 0; c < channels; c++) out[c] += weights[c] * in[c];
    }
  }
}

// The kernel takes this many channels together through all positions. At each position they use one cache
// line of x, of delta and of y, while their states stay in the first-level cache.
enum { block = 16 };

HYMBA_INLINE void scan_channels(const hymba_scan *scan, size_t first, size_t last, size_t states) {
#pragma clang fp reassociate(on)
  for (size_t start = first; start < last; start += block) {
    size_t end = start + block < last ? start + block : last;
    for (size_t t = 0; t < scan->length; t++) {
      const float *b = scan->b + t * scan->selection_stride;
      const float *c = scan->c + t * scan->selection_stride;
      for (size_t channel = start; channel < end; channel++) {
        size_t position = t * scan->channels + channel;
        const float *a = scan->a + channel * states;
        float *state = scan->state + channel * states;
        float step = scan->delta[position];
        float x = scan->x[position];
        float input = scan->input_delta[scan->input_delta_per_channel ? position : t] * x;
        float sum = 0.0f;
        for (size_t s = 0; s < states; s++) {
          float next = hymba_exp2(step * a[s]) * state[s] + input * b[s];
          state[s] = next;
          sum += c[s] * next;
        }
        scan->y[position] = scan->d ? sum + scan->d[channel] * x : sum;
      }
    }
  }
}

// With a constant number of states the compiler unrolls the inner loop into whole vectors. Most models use
// 16.
HYMBA_VARIANTS void hymba_selective_scan(const hymba_scan *scan, size_t first, size_t last) {
  switch (scan->states) {
    case 8: scan_channels(scan, first, last, 8); break;
    case 16: scan_channels(scan, first, last, 16); break;
    case 32: scan_channels(scan, first, last, 32); break;
    default: scan_channels(scan, first, last, scan->states);
  }
}
