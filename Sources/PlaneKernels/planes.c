#include "PlaneKernels.h"

#include <string.h>

// PLANE_VARIANTS builds a function for any processor, for AVX2 and for AVX-512. The loader picks one.
#if defined(__x86_64__) && defined(__linux__)
#define PLANE_VARIANTS __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define PLANE_VARIANTS
#endif

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LITTLE_8(x) (x)
#define LITTLE_16(x) __builtin_bswap16(x)
#define LITTLE_32(x) __builtin_bswap32(x)
#define LITTLE_64(x) __builtin_bswap64(x)
#else
#define LITTLE_8(x) (x)
#define LITTLE_16(x) (x)
#define LITTLE_32(x) (x)
#define LITTLE_64(x) (x)
#endif

// The masked shift keeps a rotation by 0 bits defined. The compiler vectorises the loops over the elements.
#define PLANES(WORD, BITS)                                                                                           \
  PLANE_VARIANTS void hymba_split_##BITS(const void *elements, size_t count, unsigned rotation, void *planes) {      \
    const uint8_t *restrict const from = elements;                                                                   \
    uint8_t *restrict const to = planes;                                                                             \
    const unsigned back = (BITS - rotation) & (BITS - 1);                                                            \
    for (size_t i = 0; i < count; i++) {                                                                             \
      WORD word;                                                                                                     \
      memcpy(&word, from + i * sizeof word, sizeof word);                                                            \
      word = LITTLE_##BITS(word);                                                                                    \
      word = (WORD)(word << rotation | word >> back);                                                                \
      for (size_t plane = 0; plane < sizeof word; plane++)                                                           \
        to[plane * count + i] = (uint8_t)(word >> 8 * (sizeof word - 1 - plane));                                    \
    }                                                                                                                \
  }                                                                                                                  \
                                                                                                                     \
  PLANE_VARIANTS void hymba_merge_##BITS(const void *planes, size_t count, unsigned rotation, void *elements) {      \
    const uint8_t *restrict const from = planes;                                                                     \
    uint8_t *restrict const to = elements;                                                                           \
    const unsigned back = (BITS - rotation) & (BITS - 1);                                                            \
    for (size_t i = 0; i < count; i++) {                                                                             \
      WORD word = 0;                                                                                                 \
      for (size_t plane = 0; plane < sizeof word; plane++)                                                           \
        word |= (WORD)((WORD)from[plane * count + i] << 8 * (sizeof word - 1 - plane));                              \
      word = (WORD)(word >> rotation | word << back);                                                                \
      word = LITTLE_##BITS(word);                                                                                    \
      memcpy(to + i * sizeof word, &word, sizeof word);                                                              \
    }                                                                                                                \
  }

PLANES(uint8_t, 8)
PLANES(uint16_t, 16)
PLANES(uint32_t, 32)
PLANES(uint64_t, 64)
