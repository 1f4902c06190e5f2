#pragma once
// The types and functions of HDF5 1.10, for all versions up to 2. Without this, later versions map these names
// to newer ones.
#define H5_USE_110_API
#include <hdf5.h>
#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

_Static_assert(sizeof(hid_t) == 8 && (hid_t)-1 < 0, "the public header has identifiers as int64_t");
_Static_assert(sizeof(herr_t) == sizeof(int), "the public header has results as int");
