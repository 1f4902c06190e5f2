#include "HymbaKernels.h"
#include "exponential.h"

HYMBA_VARIANTS void hymba_widen_bf16(const uint16_t *in, float *out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = hymba_from_bits((int32_t)((uint32_t)in[i] << 16));
}

HYMBA_VARIANTS void hymba_rows_times_f32(const float *x, size_t rows, const float *w,
                                         size_t outputs, size_t inner, float *y, size_t y_stride) {
#pragma clang fp reassociate(on)
  for (size_t n = 0; n < outputs; n++) {
    const float *weights = w + n * inner;
    for (size_t row = 0; row < rows; row++) {
      const float *values = x + row * inner;
      float sum = 0.0f;
      for (size_t k = 0; k < inner; k++) sum += values[k] * weights[k];
      y[row * y_stride + n] = sum;
    }
  }
}

HYMBA_VARIANTS void hymba_rows_times_bf16(const float *x, size_t rows, const uint16_t *w,
                                          size_t outputs, size_t inner, float *y,
                                          size_t y_stride) {
#pragma clang fp reassociate(on)
  for (size_t n = 0; n < outputs; n++) {
    const uint16_t *weights = w + n * inner;
    for (size_t row = 0; row < rows; row++) {
      const float *values = x + row * inner;
      float sum = 0.0f;
      for (size_t k = 0; k < inner; k++)
        sum += values[k] * hymba_from_bits((int32_t)((uint32_t)weights[k] << 16));
      y[row * y_stride + n] = sum;
    }
  }
}
