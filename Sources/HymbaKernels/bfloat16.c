#include "HymbaKernels.h"
#include "exponential.h"

#include <string.h>

HYMBA_VARIANTS void hymba_round_bf16(const float *in, uint16_t *out, size_t count) {
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, in + i, sizeof bits);
    const uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    // The bits of a NaN must not be carried into those of infinity.
    const int is_nan = (bits & 0x7fffffff) > 0x7f800000;
    out[i] = (uint16_t)(is_nan ? bits >> 16 | 0x40 : rounded);
  }
}

#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>

int hymba_multiplies_bf16(void) {
  return __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vl");
}

#define HYMBA_BF16 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")))

enum {
  // Pairs of numbers of one vector.
  PAIRS = 16,
  NUMBERS = 2 * PAIRS,
  // Rows of x and of w whose products are computed side by side: 24 sums, of 32 registers.
  ROWS = 6,
  OUTPUTS = 4,
  // The part of the inner size that is taken at a time, so that the rows stay in the nearest cache.
  DEPTH = 1024,
};

// The sums of four vectors.
HYMBA_BF16 static inline __attribute__((always_inline)) __m128 sums_of(__m512 a, __m512 b, __m512 c, __m512 d) {
  const __m512 ab = _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
  const __m512 cd = _mm512_add_ps(_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
  const __m512 all = _mm512_add_ps(_mm512_shuffle_ps(ab, cd, 0x44), _mm512_shuffle_ps(ab, cd, 0xee));
  const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(all), _mm512_extractf32x8_ps(all, 1));
  return _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
}

// y += x . w^T for `rows` rows of x and `outputs` of w, at most four. Numbers behind `depth` count as zero.
HYMBA_BF16 static inline __attribute__((always_inline)) void tile(
    const uint16_t *x, const size_t rows, const uint16_t *w, size_t outputs, size_t inner, size_t depth,
    float *y, size_t y_stride) {
  const uint16_t *from[OUTPUTS];
  // The last row stands for rows that are not there, and its sums are not stored again.
  for (size_t n = 0; n < OUTPUTS; n++) from[n] = w + (n < outputs ? n : outputs - 1) * inner;
  __m512 sums[ROWS][OUTPUTS];
  _Pragma("unroll") for (size_t row = 0; row < rows; row++)
    _Pragma("unroll") for (size_t n = 0; n < OUTPUTS; n++) sums[row][n] = _mm512_setzero_ps();
  for (size_t k = 0; k < depth; k += NUMBERS) {
    const size_t left = depth - k;
    const __mmask32 mask = left >= NUMBERS ? ~(__mmask32)0 : ((__mmask32)1 << left) - 1;
    __m512bh weights[OUTPUTS];
    _Pragma("unroll") for (size_t n = 0; n < OUTPUTS; n++)
      weights[n] = (__m512bh)_mm512_maskz_loadu_epi16(mask, from[n] + k);
    _Pragma("unroll") for (size_t row = 0; row < rows; row++) {
      const __m512bh values = (__m512bh)_mm512_maskz_loadu_epi16(mask, x + row * inner + k);
      _Pragma("unroll") for (size_t n = 0; n < OUTPUTS; n++)
        sums[row][n] = _mm512_dpbf16_ps(sums[row][n], values, weights[n]);
    }
  }
  _Pragma("unroll") for (size_t row = 0; row < rows; row++) {
    float *const target = y + row * y_stride;
    const __m128 found = sums_of(sums[row][0], sums[row][1], sums[row][2], sums[row][3]);
    if (outputs == OUTPUTS)
      _mm_storeu_ps(target, _mm_add_ps(_mm_loadu_ps(target), found));
    else
      for (size_t n = 0; n < outputs; n++) target[n] += found[n];
  }
}

HYMBA_BF16 void hymba_multiply_bf16(const uint16_t *x, size_t rows, const uint16_t *w, size_t outputs,
                                    size_t inner, float *y, size_t y_stride) {
  for (size_t row = 0; row < rows; row++) memset(y + row * y_stride, 0, outputs * sizeof *y);
  for (size_t k = 0; k < inner; k += DEPTH) {
    const size_t depth = inner - k < DEPTH ? inner - k : DEPTH;
    for (size_t n = 0; n < outputs; n += OUTPUTS) {
      const size_t count = outputs - n < OUTPUTS ? outputs - n : OUTPUTS;
      const uint16_t *const weights = w + n * inner + k;
      size_t row = 0;
      for (; row + ROWS <= rows; row += ROWS)
        tile(x + row * inner + k, ROWS, weights, count, inner, depth, y + row * y_stride + n, y_stride);
      for (; row < rows; row++)
        tile(x + row * inner + k, 1, weights, count, inner, depth, y + row * y_stride + n, y_stride);
    }
  }
}

#else

int hymba_multiplies_bf16(void) { return 0; }

void hymba_multiply_bf16(const uint16_t *x, size_t rows, const uint16_t *w, size_t outputs, size_t inner,
                         float *y, size_t y_stride) {
  (void)x, (void)rows, (void)w, (void)outputs, (void)inner, (void)y, (void)y_stride;
}

#endif
