// Builds a function for any processor and for AVX2 and AVX-512; the loader picks one.
#ifndef HYMBA_VARIANTS_H
#define HYMBA_VARIANTS_H

#if defined(__x86_64__) && defined(__linux__)
#define HYMBA_VARIANTS __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define HYMBA_VARIANTS
#endif

// Inlined into each variant, so that it is built for the same processor.
#define HYMBA_INLINE static inline __attribute__((always_inline))

#endif
