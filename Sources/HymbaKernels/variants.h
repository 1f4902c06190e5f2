// HYMBA_VARIANTS builds a function for any processor, for AVX2 and for AVX-512. The loader picks one.
#ifndef HYMBA_VARIANTS_H
#define HYMBA_VARIANTS_H

#if defined(__x86_64__) && defined(__linux__)
#define HYMBA_VARIANTS __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define HYMBA_VARIANTS
#endif

// HYMBA_INLINE inlines a function into each variant, so that it is built for the same processor.
#define HYMBA_INLINE static inline __attribute__((always_inline))

#endif
