// The loops that measurements showed to be worth C. Each is plain C that the compiler vectorises. On x86-64
// Linux each is built three times: for any processor, for AVX2 and for AVX-512. The loader picks one when the
// program starts.
//
// Nothing here checks a bound. The Swift functions that call these do.
#ifndef HYMBA_KERNELS_H
#define HYMBA_KERNELS_H

#include <stddef.h>
#include <stdint.h>

// Tells the processor that the thread looks again and again for something that another thread writes.
static inline void hymba_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// Widens bf16 to 32-bit floats: bf16 is the upper half of a 32-bit float.
void hymba_widen_bf16(const uint16_t *in, float *out, size_t count);

// Widens IEEE half-precision numbers to 32-bit floats.
void hymba_widen_f16(const uint16_t *in, float *out, size_t count);

// Counts of binary floating-point words, which may be of any type of their width.
typedef struct {
  // Words that are zero, of either sign.
  size_t zeros;
  // Whether a word is infinite or NaN.
  int not_finite;
  // Whether a word has other bits than the first one.
  int different;
} hymba_word_counts;

// exponent: the bits of the exponent, which are all set in a word that is infinite or NaN.
hymba_word_counts hymba_count_words_16(const uint16_t *words, size_t count, uint16_t exponent);
hymba_word_counts hymba_count_words_32(const uint32_t *words, size_t count, uint32_t exponent);

// y[r, n] = sum_k x[r, k] * w[n, k], for few rows: each weight comes from memory once, however many rows
// there are. The sum of one output depends neither on the number of outputs nor on that of rows.
// x: [rows, inner]; w: [outputs, inner]; y: [rows, outputs], with y_stride floats from one row to the next.
void hymba_rows_times_f32(const float *x, size_t rows, const float *w, size_t outputs, size_t inner,
                          float *y, size_t y_stride);
void hymba_rows_times_bf16(const float *x, size_t rows, const uint16_t *w, size_t outputs,
                           size_t inner, float *y, size_t y_stride);
void hymba_rows_times_f16(const float *x, size_t rows, const uint16_t *w, size_t outputs,
                          size_t inner, float *y, size_t y_stride);

// Rounds to the nearest bf16, and to the even one of two. A NaN stays a NaN.
void hymba_round_bf16(const float *in, uint16_t *out, size_t count);

// Whether the processor multiplies bf16 numbers. Only then hymba_multiply_bf16 may be called.
int hymba_multiplies_bf16(void);

// y[r, n] = sum_k x[r, k] * w[n, k], in sums of 32 bits. Inputs and results that are subnormal count as zero. The sum of
// one output depends neither on the number of outputs nor on that of rows.
// x: [rows, inner]; w: [outputs, inner]; y: [rows, outputs], with y_stride floats from one row to the next.
void hymba_multiply_bf16(const uint16_t *x, size_t rows, const uint16_t *w, size_t outputs, size_t inner,
                         float *y, size_t y_stride);

// In place: x / (1 + e^-x), and ln(1 + e^x) without overflow.
void hymba_silu(float *x, size_t count);
void hymba_softplus(float *x, size_t count);

// In place: e^(x - max) / sum. -infinity becomes 0. At least one value must be larger than -infinity.
void hymba_softmax(float *x, size_t count);

// In place, for each row: x / sqrt(mean(x^2) + epsilon) * weight. The sum of squares has 64 bits. weight:
// [size].
void hymba_rms_norm(float *x, size_t rows, size_t size, const float *weight, float epsilon);

// y[t, c] = bias[c] + sum_k weight[k, c] * x[t - (width - 1) + k, c]. Rows before the first row of x come
// from history.
// x, y: [rows, channels]; history: [width - 1, channels]; weight: [width, channels]; bias: [channels] or
// null.
void hymba_causal_convolution(const float *x, const float *history, size_t rows, size_t channels,
                              size_t width, const float *weight, const float *bias, float *y);

// The recurrence of a selective state space model, for the channels first ..< last of one sequence:
//     h[c, s] = 2^(delta[t, c] * a[c, s]) * h[c, s] + input_delta[t, c] * b[t, s] * x[t, c]
//     y[t, c] = sum_s c[t, s] * h[c, s] + d[c] * x[t, c]
// A decay factor below 2^-126 is taken as 2^-126.
typedef struct {
  size_t length, channels, states;
  size_t selection_stride;   // floats from one position of b and c to the next
  const float *a;            // A * log2(e), [channels, states]
  const float *d;            // [channels], or null
  const float *x;            // [length, channels]
  const float *delta;        // [length, channels]
  const float *input_delta;  // [length, channels], or [length] for one step for all channels
  int input_delta_per_channel;
  const float *b, *c;        // [length, states], of the head that the channels belong to
  float *state;              // h, [channels, states]
  float *y;                  // [length, channels]
} hymba_scan;
void hymba_selective_scan(const hymba_scan *scan, size_t first, size_t last);

enum {
  // The largest number of positions that hymba_dual_chunk takes.
  HYMBA_DUAL_CHUNK = 64,
};

// The recurrence of Mamba-2, for consecutive positions of one head of one sequence:
//     h[p, s] = 2^(delta[t] * a) * h[p, s] + delta[t] * x[t, p] * b[t, s]
//     y[t, p] = sum_s c[t, s] * h[p, s] + d * x[t, p]
// A decay factor below 2^-126 is taken as 2^-126.
typedef struct {
  size_t length, size, states;
  size_t stride;            // floats from one position of x and y to the next
  size_t delta_stride;      // floats from one position of delta to the next
  size_t selection_stride;  // floats from one position of b and c to the next
  float a;                  // A * log2(e)
  float d;
  const float *x;       // [length, size]
  const float *delta;   // [length]
  const float *b, *c;   // [length, states]
  float *state;         // h, [size, states]
  float *y;             // [length, size]
} hymba_dual_scan;

// Goes from position to position.
void hymba_dual_steps(const hymba_dual_scan *scan);

// Takes at most HYMBA_DUAL_CHUNK positions together. The caller leaves the products with the states to the
// matrix library: y = c . h^T before, h += kept . b after. Here h becomes what is left of it at the last
// position. The y of a position takes nothing from later positions.
// scores: c . b^T, [length, length]; inputs: room for [length, size]; kept: becomes what the inputs add to h,
// [size, length].
void hymba_dual_chunk(const hymba_dual_scan *scan, const float *scores, float *inputs, float *kept);

#endif
