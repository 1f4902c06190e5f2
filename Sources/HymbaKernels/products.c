#include "HymbaKernels.h"
#include "exponential.h"

#include <string.h>

HYMBA_VARIANTS void hymba_widen_bf16(const uint16_t *in, float *out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = hymba_from_bits((int32_t)((uint32_t)in[i] << 16));
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

HYMBA_INLINE float hymba_from_f16(const uint16_t *at) {
  _Float16 value;
  memcpy(&value, at, sizeof value);
  return (float)value;
}

// The products of a few rows of x with a few rows of w, each row of either taken from memory once. The sums of a
// product do not depend on how many there are.
#define TILE(NAME, TYPE, WIDEN, ONE)                                                               \
  HYMBA_INLINE void NAME(const float *x, const size_t rows, const TYPE *w, const size_t outputs,   \
                         size_t inner, float *y, size_t y_stride) {                                \
    floats sums[2][4][2] = {0};                                                                    \
    size_t k = 0;                                                                                  \
    for (; k + 2 * LANES <= inner; k += 2 * LANES) {                                               \
      _Pragma("unroll") for (size_t half = 0; half < 2; half++) {                                  \
        const size_t at = k + half * LANES;                                                        \
        floats values[2];                                                                          \
        _Pragma("unroll") for (size_t row = 0; row < rows; row++) values[row] =                    \
            *(const stored_f32 *)(x + row * inner + at);                                           \
        _Pragma("unroll") for (size_t n = 0; n < outputs; n++) {                                   \
          const floats weights = WIDEN(w + n * inner + at);                                        \
          _Pragma("unroll") for (size_t row = 0; row < rows; row++) sums[row][n][half] +=          \
              values[row] * weights;                                                               \
        }                                                                                          \
      }                                                                                            \
    }                                                                                              \
    _Pragma("unroll") for (size_t row = 0; row < rows; row++) {                                    \
      _Pragma("unroll") for (size_t n = 0; n < outputs; n++) {                                     \
        const floats both = sums[row][n][0] + sums[row][n][1];                                     \
        float sum = ((both[0] + both[4]) + (both[1] + both[5])) +                                  \
                    ((both[2] + both[6]) + (both[3] + both[7]));                                   \
        for (size_t rest = k; rest < inner; rest++)                                                \
          sum += x[row * inner + rest] * ONE(w + n * inner + rest);                                 \
        y[row * y_stride + n] = sum;                                                               \
      }                                                                                            \
    }                                                                                              \
  }

// Four rows of w at a time, so that each value of x is loaded once for all of them.
#define ROWS_TIMES(NAME, TYPE, WIDEN, ONE)                                                         \
  TILE(NAME##_tile, TYPE, WIDEN, ONE)                                                              \
  HYMBA_VARIANTS void NAME(const float *x, size_t rows, const TYPE *w, size_t outputs,             \
                           size_t inner, float *y, size_t y_stride) {                              \
    for (size_t n = 0; n < outputs; n += 4) {                                                      \
      const size_t count = outputs - n < 4 ? outputs - n : 4;                                      \
      const TYPE *const weights = w + n * inner;                                                   \
      for (size_t row = 0; row < rows; row += 2) {                                                 \
        const float *const values = x + row * inner;                                               \
        float *const target = y + row * y_stride + n;                                              \
        const int is_pair = rows - row > 1;                                                        \
        if (count == 4 && is_pair)                                                                 \
          NAME##_tile(values, 2, weights, 4, inner, target, y_stride);                             \
        else if (count == 4)                                                                       \
          NAME##_tile(values, 1, weights, 4, inner, target, y_stride);                             \
        else                                                                                       \
          for (size_t i = 0; i < count; i++)                                                       \
            for (size_t r = 0; r <= (size_t)is_pair; r++)                                          \
              NAME##_tile(values + r * inner, 1, weights + i * inner, 1, inner,                    \
                          target + r * y_stride + i, y_stride);                                    \
      }                                                                                            \
    }                                                                                              \
  }

ROWS_TIMES(hymba_rows_times_f32, float, WIDEN_F32, ONE_F32)
ROWS_TIMES(hymba_rows_times_bf16, uint16_t, WIDEN_BF16, ONE_BF16)
ROWS_TIMES(hymba_rows_times_f16, uint16_t, WIDEN_F16, ONE_F16)
