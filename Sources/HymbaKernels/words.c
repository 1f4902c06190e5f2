#include "HymbaKernels.h"
#include "variants.h"

// Words whose zeros are counted together: as many as a word can count.
enum { block = 1 << 14 };

HYMBA_VARIANTS hymba_word_counts hymba_count_words_16(const uint16_t *words, size_t count,
                                                      uint16_t exponent) {
  hymba_word_counts counts = {0, 0, 0};
  uint16_t first = count > 0 ? words[0] : 0, different = 0, largest = 0;
  for (size_t start = 0; start < count; start += block) {
    size_t end = start + block < count ? start + block : count;
    uint16_t zeros = 0;
    for (size_t i = start; i < end; i++) {
      uint16_t magnitude = words[i] & 0x7FFF;
      different |= words[i] ^ first;
      largest = magnitude > largest ? magnitude : largest;
      zeros += magnitude == 0;
    }
    counts.zeros += zeros;
  }
  counts.different = different != 0;
  counts.not_finite = largest >= exponent;
  return counts;
}

HYMBA_VARIANTS hymba_word_counts hymba_count_words_32(const uint32_t *words, size_t count,
                                                      uint32_t exponent) {
  hymba_word_counts counts = {0, 0, 0};
  uint32_t first = count > 0 ? words[0] : 0, different = 0, largest = 0;
  for (size_t start = 0; start < count; start += block) {
    size_t end = start + block < count ? start + block : count;
    uint32_t zeros = 0;
    for (size_t i = start; i < end; i++) {
      uint32_t magnitude = words[i] & 0x7FFFFFFF;
      different |= words[i] ^ first;
      largest = magnitude > largest ? magnitude : largest;
      zeros += magnitude == 0;
    }
    counts.zeros += zeros;
  }
  counts.different = different != 0;
  counts.not_finite = largest >= exponent;
  return counts;
}
