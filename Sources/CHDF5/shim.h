#pragma once
// One set of types and functions from HDF5 1.10 to 2: later versions map these names to newer ones.
#define H5_USE_110_API
#include <hdf5.h>
#include "reader.h"
#include "guard.h"

// Macros that Swift does not import.
static inline unsigned chdf5_read_only(void) { return H5F_ACC_RDONLY; }
static inline hid_t chdf5_default(void) { return H5P_DEFAULT; }
static inline hid_t chdf5_error_stack(void) { return H5E_DEFAULT; }
static inline hid_t chdf5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t chdf5_dataset_access(void) { return H5P_DATASET_ACCESS; }

// Names that are macros in some versions.
static inline herr_t chdf5_object_info(hid_t file, const char *path, H5O_info_t *info, hid_t access) {
  return H5Oget_info_by_name2(file, path, info, H5O_INFO_BASIC, access);
}
// Of headers and indices the library keeps as many bytes, and no more as it goes on: in memory they take ten times
// as much as in the file, and by default it keeps 32 MB.
static inline herr_t chdf5_limit_metadata(hid_t access, size_t bytes) {
  H5AC_cache_config_t cache;
  cache.version = H5AC__CURR_CACHE_CONFIG_VERSION;
  if (H5Pget_mdc_config(access, &cache) < 0) return -1;
  cache.set_initial_size = 1;
  cache.initial_size = cache.min_size = cache.max_size = bytes;
  cache.incr_mode = H5C_incr__off;
  cache.flash_incr_mode = H5C_flash_incr__off;
  cache.decr_mode = H5C_decr__off;
  return H5Pset_mdc_config(access, &cache);
}
static inline herr_t chdf5_iterate_links(hid_t group, H5L_iterate_t body, void *context) {
  hsize_t position = 0;
  return H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, &position, body, context);
}

// Called where a link leads into another file, before that file is opened.
static herr_t chdf5_refuse_external_link(const char *file, const char *path, const char *target_file,
                                         const char *target, unsigned *flags, hid_t access, void *context) {
  (void)file, (void)path, (void)target_file, (void)target, (void)flags, (void)access, (void)context;
  return -1;
}
static inline herr_t chdf5_stay_in_file(hid_t link_access) {
  return H5Pset_elink_cb(link_access, chdf5_refuse_external_link, NULL);
}
