#pragma once
// The types and functions of HDF5 1.10, for all versions up to 2. Without this, later versions map these names
// to newer ones.
#define H5_USE_110_API
#include <hdf5.h>

// Functions for macros that Swift does not import.
static inline unsigned chdf5_read_only(void) { return H5F_ACC_RDONLY; }
static inline hid_t chdf5_default(void) { return H5P_DEFAULT; }
static inline hid_t chdf5_error_stack(void) { return H5E_DEFAULT; }
static inline hid_t chdf5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t chdf5_dataset_access(void) { return H5P_DATASET_ACCESS; }

// Functions for names that are macros in some versions.
static inline herr_t chdf5_object_info(hid_t file, const char *path, H5O_info_t *info, hid_t access) {
  return H5Oget_info_by_name2(file, path, info, H5O_INFO_BASIC, access);
}
static inline herr_t chdf5_iterate_links(hid_t group, H5L_iterate_t body, void *context) {
  hsize_t position = 0;
  return H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, &position, body, context);
}
