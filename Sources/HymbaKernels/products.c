#include "HymbaKernels.h"
#include "exponential.h"

#include <string.h>

HYMBA_INLINE float hymba_from_f16(const uint16_t *at) {
  _Float16 value;
  memcpy(&value, at, sizeof value);
  return (float)value;
}

HYMBA_VARIANTS void hymba_widen_bf16(const uint16_t *in, float *out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = hymba_from_bits((int32_t)((uint32_t)in[i] << 16));
}

HYMBA_VARIANTS void hymba_widen_f16(const uint16_t *in, float *out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = hymba_from_f16(in + i);
}

// Eight numbers at once. They need not be aligned.
typedef float floats __attribute__((vector_size(32)));
typedef float stored_f32 __attribute__((vector_size(32), aligned(4)));
typedef uint16_t stored_bf16 __attribute__((vector_size(16), aligned(2)));
typedef _Float16 stored_f16 __attribute__((vector_size(16), aligned(2), may_alias));
typedef uint32_t words __attribute__((vector_size(32)));
enum { LANES = 8 };

#define WIDEN_F32(at) (*(const stored_f32 *)(at))
#define WIDEN_BF16(at) ((floats)(__builtin_convertvector(*(const stored_bf16 *)(at), words) << 16))
#define WIDEN_F16(at) __builtin_convertvector(*(const stored_f16 *)(at), floats)
#define ONE_F32(at) (*(at))
#define ONE_BF16(at) hymba_from_bits((int32_t)((uint32_t)*(at) << 16))
#define ONE_F16(at) hymba_from_f16(at)

enum {
  // Sums of a product that are computed side by side, as one addition takes several cycles.
  SUMS = 4,
  // Rows of x that share a weight once it is in a register.
  ROWS = 4,
  // Bytes of weights that are asked for ahead where rows share them. The memory is read in one stream, from the first
  // row of weights to the last. A single row of x reads it so fast that the processor looks ahead by itself.
  AHEAD = 2048,
};

// The products of up to four rows of x with one row of w. The sums of a product do not depend on the number of rows.
#define DOT(NAME, TYPE, WIDEN, ONE)                                                                \
  HYMBA_INLINE void NAME(const float *x, const size_t rows, const TYPE *w, size_t inner, float *y, \
                         size_t y_stride) {                                                        \
    floats sums[ROWS][SUMS] = {0};                                                                 \
    size_t k = 0;                                                                                  \
    for (; k + SUMS * LANES <= inner; k += SUMS * LANES) {                                         \
      if (rows > 1) __builtin_prefetch((const char *)(w + k) + AHEAD, 0, 2);                       \
      _Pragma("unroll") for (size_t part = 0; part < SUMS; part++) {                               \
        const size_t at = k + part * LANES;                                                        \
        const floats weights = WIDEN(w + at);                                                      \
        _Pragma("unroll") for (size_t row = 0; row < rows; row++) sums[row][part] +=               \
            *(const stored_f32 *)(x + row * inner + at) * weights;                                 \
      }                                                                                            \
    }                                                                                              \
    _Pragma("unroll") for (size_t row = 0; row < rows; row++) {                                    \
      const floats all = (sums[row][0] + sums[row][1]) + (sums[row][2] + sums[row][3]);            \
      float sum = ((all[0] + all[4]) + (all[1] + all[5])) + ((all[2] + all[6]) + (all[3] + all[7])); \
      for (size_t rest = k; rest < inner; rest++) sum += x[row * inner + rest] * ONE(w + rest);    \
      y[row * y_stride] = sum;                                                                     \
    }                                                                                              \
  }

#define ROWS_TIMES(NAME, TYPE, WIDEN, ONE)                                                         \
  DOT(NAME##_dot, TYPE, WIDEN, ONE)                                                                \
  HYMBA_VARIANTS void NAME(const float *x, size_t rows, const TYPE *w, size_t outputs,             \
                           size_t inner, float *y, size_t y_stride) {                              \
    for (size_t n = 0; n < outputs; n++) {                                                         \
      const TYPE *const weights = w + n * inner;                                                   \
      size_t row = 0;                                                                              \
      for (; row + ROWS <= rows; row += ROWS)                                                      \
        NAME##_dot(x + row * inner, ROWS, weights, inner, y + row * y_stride + n, y_stride);       \
      for (; row < rows; row++)                                                                    \
        NAME##_dot(x + row * inner, 1, weights, inner, y + row * y_stride + n, y_stride);          \
    }                                                                                              \
  }

ROWS_TIMES(hymba_rows_times_f32, float, WIDEN_F32, ONE_F32)
ROWS_TIMES(hymba_rows_times_bf16, uint16_t, WIDEN_BF16, ONE_BF16)
ROWS_TIMES(hymba_rows_times_f16, uint16_t, WIDEN_F16, ONE_F16)
