// The rearrangement of elements into planes and back. A plane holds the bytes of equal significance of all elements,
// and the most significant plane is first. Elements are little-endian and need no alignment.
#ifndef PLANE_KERNELS_H
#define PLANE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

// Splits `count` elements of 8, 16, 32 or 64 bits into as many planes as they have bytes. Each element is rotated left
// by `rotation` bits first, 0 or 1.
void hymba_split_8(const void *elements, size_t count, unsigned rotation, void *planes);
void hymba_split_16(const void *elements, size_t count, unsigned rotation, void *planes);
void hymba_split_32(const void *elements, size_t count, unsigned rotation, void *planes);
void hymba_split_64(const void *elements, size_t count, unsigned rotation, void *planes);

// Merges planes into `count` elements and rotates each right by `rotation` bits.
void hymba_merge_8(const void *planes, size_t count, unsigned rotation, void *elements);
void hymba_merge_16(const void *planes, size_t count, unsigned rotation, void *elements);
void hymba_merge_32(const void *planes, size_t count, unsigned rotation, void *elements);
void hymba_merge_64(const void *planes, size_t count, unsigned rotation, void *elements);

#endif
