#include <math.h>

#include "HymbaKernels.h"
#include "exponential.h"

HYMBA_VARIANTS void hymba_silu(float *x, size_t count) {
  for (size_t i = 0; i < count; i++) x[i] = x[i] / (1.0f + hymba_exp(-x[i]));
}

// ln(1 + u) for u in [0, 1]: ln(1 + u) = 2 artanh(u / (2 + u)), an odd series in s <= 1/3.
HYMBA_INLINE float log_one_plus(float u) {
  float s = u / (2.0f + u);
  float q = s * s;
  float p = 1.0f / 15;
  p = p * q + 1.0f / 13;
  p = p * q + 1.0f / 11;
  p = p * q + 1.0f / 9;
  p = p * q + 1.0f / 7;
  p = p * q + 1.0f / 5;
  p = p * q + 1.0f / 3;
  return 2.0f * s + 2.0f * s * q * p;
}

HYMBA_VARIANTS void hymba_softplus(float *x, size_t count) {
  for (size_t i = 0; i < count; i++) {
    float value = x[i];
    float positive = value < 0.0f ? 0.0f : value;
    float distance = value < 0.0f ? value : -value;
    x[i] = positive + log_one_plus(hymba_exp(distance));
  }
}

HYMBA_VARIANTS void hymba_softmax(float *x, size_t count) {
#pragma clang fp reassociate(on)
  // NaN compares as no maximum, but it enters the sum, and so every result becomes NaN.
  float largest = -INFINITY;
  for (size_t i = 0; i < count; i++) largest = x[i] > largest ? x[i] : largest;
  float sum = 0.0f;
  for (size_t i = 0; i < count; i++) {
    // In 32 bits e^-104 is 0. hymba_exp limits -infinity to -104, so it becomes 0 too.
    x[i] = hymba_exp(x[i] - largest);
    sum += x[i];
  }
  float scale = 1.0f / sum;
  for (size_t i = 0; i < count; i++) x[i] *= scale;
}

HYMBA_VARIANTS void hymba_rms_norm(float *x, size_t rows, size_t size, const float *weight,
                                   float epsilon) {
#pragma clang fp reassociate(on)
  for (size_t row = 0; row < rows; row++) {
    float *values = x + row * size;
    double squares = 0.0;
    for (size_t i = 0; i < size; i++) squares += (double)values[i] * (double)values[i];
    float scale = (float)(1.0 / sqrt(squares / (double)size + (double)epsilon));
    for (size_t i = 0; i < size; i++) values[i] = values[i] * scale * weight[i];
  }
}
