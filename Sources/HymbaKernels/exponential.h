// e^x as arithmetic that the compiler can vectorise: x = n ln 2 + r with |r| <= ln 2 / 2, then a polynomial
// for e^r, times 2^n.
// The result is within 2 units in the last place. It overflows to infinity and underflows gradually to 0. NaN
// stays NaN.
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

// 2^n for n in [-126, 127]. Any other n (a NaN leads to one) gives some unspecified number, without undefined
// behaviour: unsigned shifts drop the high bits.
HYMBA_INLINE float hymba_power_of_two(int32_t n) {
  return hymba_from_bits((int32_t)(((uint32_t)n + 127u) << 23));
}

HYMBA_INLINE float hymba_exp(float x) {
  // Beyond these limits the result is 0 or infinity. A comparison with NaN is false, so NaN passes through.
  x = x > 89.0f ? 89.0f : x;
  x = x < -104.0f ? -104.0f : x;
  // Adding 1.5 * 2^23 rounds to an integer and leaves that integer in the low bits.
  const float shift = 12582912.0f;
  float shifted = x * 1.44269504088896341f + shift;
  float n = shifted - shift;
  // ln 2 is split into two parts; the product of n and the first part is exact.
  float r = x - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  // The minimax coefficients of Cephes expf.
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  // 2^n is applied as two factors, because n exceeds the exponent range of normal numbers.
  int32_t whole = hymba_bits(shifted) - hymba_bits(shift);
  int32_t half = whole >> 1;
  float first = hymba_power_of_two(half);
  float second = hymba_power_of_two(whole - half);
  return p * first * second;
}

// 2^x for x in [-126, 127], the range of normal numbers. Any other x gives the result of the nearer end. NaN
// stays NaN.
HYMBA_INLINE float hymba_exp2(float x) {
  x = x > 127.0f ? 127.0f : x;
  x = x < -126.0f ? -126.0f : x;
  const float shift = 12582912.0f;
  float shifted = x + shift;
  float r = x - (shifted - shift);
  // The minimax coefficients of Cephes exp2f.
  float p = 1.535336188319500e-4f;
  p = p * r + 1.339887440266574e-3f;
  p = p * r + 9.618437357674640e-3f;
  p = p * r + 5.550332471162809e-2f;
  p = p * r + 2.402264791363012e-1f;
  p = p * r + 6.931472028550421e-1f;
  p = p * r + 1.0f;
  // The shift of the bits by 23 removes the bits of `shift`, of which the low ones are 0.
  return p * hymba_power_of_two(hymba_bits(shifted));
}

#endif
