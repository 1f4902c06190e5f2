// e^x as arithmetic that vectorises: x = n ln 2 + r with |r| <= ln 2 / 2, a polynomial for e^r, times 2^n.
// Within 2 units in the last place; overflows to infinity, underflows gradually to 0, NaN stays NaN.
#ifndef HYMBA_EXPONENTIAL_H
#define HYMBA_EXPONENTIAL_H

#include <stdint.h>
#include <string.h>

#include "variants.h"

HYMBA_INLINE float hymba_from_bits(int32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

HYMBA_INLINE int32_t hymba_bits(float value) {
  int32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

// 2^n for n in [-126, 127]. Any other n, as NaN gives, is some number: unsigned shifts drop what is too large.
HYMBA_INLINE float hymba_power_of_two(int32_t n) {
  return hymba_from_bits((int32_t)(((uint32_t)n + 127u) << 23));
}

HYMBA_INLINE float hymba_exp(float x) {
  // Beyond these the result is 0 or infinity; a comparison with NaN is false, so NaN passes.
  x = x > 89.0f ? 89.0f : x;
  x = x < -104.0f ? -104.0f : x;
  // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
  const float shift = 12582912.0f;
  float shifted = x * 1.44269504088896341f + shift;
  float n = shifted - shift;
  // ln 2 in two parts, of which the first times n is exact.
  float r = x - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  // Cephes expf's minimax coefficients.
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  // 2^n in two factors, because n reaches beyond the exponents of normal numbers.
  int32_t whole = hymba_bits(shifted) - hymba_bits(shift);
  int32_t half = whole >> 1;
  float first = hymba_power_of_two(half);
  float second = hymba_power_of_two(whole - half);
  return p * first * second;
}

// 2^x for x in [-126, 127], the range of normal numbers; beyond, what its nearer end gives. NaN stays NaN.
HYMBA_INLINE float hymba_exp2(float x) {
  x = x > 127.0f ? 127.0f : x;
  x = x < -126.0f ? -126.0f : x;
  const float shift = 12582912.0f;
  float shifted = x + shift;
  float r = x - (shifted - shift);
  // Cephes exp2f's minimax coefficients.
  float p = 1.535336188319500e-4f;
  p = p * r + 1.339887440266574e-3f;
  p = p * r + 9.618437357674640e-3f;
  p = p * r + 5.550332471162809e-2f;
  p = p * r + 2.402264791363012e-1f;
  p = p * r + 6.931472028550421e-1f;
  p = p * r + 1.0f;
  // The low bits of `shift` are 0: what is above them leaves with the shift.
  return p * hymba_power_of_two(hymba_bits(shifted));
}

#endif
