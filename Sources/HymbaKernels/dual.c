#include "HymbaKernels.h"
#include "exponential.h"

// Steps take this many rows of the state together through all positions, so that they stay in the
// first-level cache.
enum { block = 16 };

// Numbers of a position whose sums fit in the registers.
enum { tile = 32 };

HYMBA_VARIANTS void hymba_dual_steps(const hymba_dual_scan *scan) {
#pragma clang fp reassociate(on)
  size_t states = scan->states;
  for (size_t start = 0; start < scan->size; start += block) {
    size_t end = start + block < scan->size ? start + block : scan->size;
    for (size_t t = 0; t < scan->length; t++) {
      const float *x = scan->x + t * scan->stride;
      const float *b = scan->b + t * scan->selection_stride;
      const float *c = scan->c + t * scan->selection_stride;
      float *y = scan->y + t * scan->stride;
      float step = scan->delta[t * scan->delta_stride];
      float decay = hymba_exp2(step * scan->a);
      for (size_t p = start; p < end; p++) {
        float *state = scan->state + p * states;
        float input = step * x[p];
        float sum = 0.0f;
        for (size_t s = 0; s < states; s++) {
          float next = decay * state[s] + input * b[s];
          state[s] = next;
          sum += c[s] * next;
        }
        y[p] = sum + scan->d * x[p];
      }
    }
  }
}

// y = decay * y + d * x + sum_s weights[s] * inputs[s], for `width` neighbouring numbers of one position.
// A constant width keeps the sums in registers.
HYMBA_INLINE void mix(const float *weights, const float *inputs, size_t count, size_t stride,
                      float decay, float d, const float *x, float *y, size_t width) {
  float sums[tile];
  for (size_t p = 0; p < width; p++) sums[p] = decay * y[p] + d * x[p];
  for (size_t s = 0; s < count; s++)
    for (size_t p = 0; p < width; p++) sums[p] += weights[s] * inputs[s * stride + p];
  for (size_t p = 0; p < width; p++) y[p] = sums[p];
}

HYMBA_VARIANTS void hymba_dual_chunk(const hymba_dual_scan *scan, const float *scores,
                                     float *inputs, float *kept) {
  size_t length = scan->length, size = scan->size;
  // The logarithms of the decay from the start of the chunk. Their differences would lose digits in 32 bits.
  double logarithms[HYMBA_DUAL_CHUNK];
  float weights[HYMBA_DUAL_CHUNK];
  double sum = 0.0;
  for (size_t t = 0; t < length; t++) {
    float step = scan->delta[t * scan->delta_stride];
    double logarithm = (double)step * (double)scan->a;
    // A decay of 2^-200 is none. An infinite logarithm would make differences NaN.
    sum += logarithm < -200.0 ? -200.0 : logarithm;
    logarithms[t] = sum;
    for (size_t p = 0; p < size; p++) inputs[t * size + p] = step * scan->x[t * scan->stride + p];
  }
  for (size_t t = 0; t < length; t++) {
    for (size_t s = 0; s <= t; s++)
      weights[s] = scores[t * length + s] * hymba_exp2((float)(logarithms[t] - logarithms[s]));
    float decay = hymba_exp2((float)logarithms[t]);
    const float *x = scan->x + t * scan->stride;
    float *y = scan->y + t * scan->stride;
    size_t p = 0;
    for (; p + tile <= size; p += tile)
      mix(weights, inputs + p, t + 1, size, decay, scan->d, x + p, y + p, tile);
    if (p < size) mix(weights, inputs + p, t + 1, size, decay, scan->d, x + p, y + p, size - p);
  }
  for (size_t s = 0; s < length; s++)
    weights[s] = hymba_exp2((float)(sum - logarithms[s]));
  for (size_t p = 0; p < size; p++)
    for (size_t s = 0; s < length; s++) kept[p * length + s] = weights[s] * inputs[s * size + p];
  float decay = hymba_exp2((float)sum);
  for (size_t i = 0; i < size * scan->states; i++) scan->state[i] *= decay;
}
