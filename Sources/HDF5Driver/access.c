// Settings of the library's access lists that take more than one call, or a callback.
#include "HDF5Driver.h"
#include "library.h"

int hdf5_limit_metadata(int64_t access, size_t bytes) {
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

// The library calls this where a link leads into another file, before it opens that file.
static herr_t refuse_link(const char *file, const char *path, const char *target_file, const char *target,
                          unsigned *flags, hid_t access, void *context) {
  (void)file, (void)path, (void)target_file, (void)target, (void)flags, (void)access, (void)context;
  return -1;
}

int hdf5_stay_in_file(int64_t link_access) { return H5Pset_elink_cb(link_access, refuse_link, NULL); }
