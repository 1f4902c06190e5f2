// A file driver that only reads, and only within the file.
//
// The library's own driver turns on the library's metadata accumulator and sieve buffer. Both add sizes to
// addresses from the file. In a damaged file those sums overflow, and lead to any place in memory. This driver
// turns on neither, so that every address comes here and is checked here.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "HDF5Driver.h"
#include "reader.h"

static const char *last_path = "";
const char *hdf5_reading_path(void) { return last_path; }

static H5FD_t *open_file(const char *path, unsigned flags, hid_t access, haddr_t maximum) {
  (void)access, (void)maximum;
  if (flags & (H5F_ACC_RDWR | H5F_ACC_TRUNC | H5F_ACC_CREAT)) return NULL;
  // O_NONBLOCK: opening a FIFO must not wait for a writer.
  const int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return NULL;
  struct stat status;
  reader *file = NULL;
  if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) file = calloc(1, sizeof *file);
  if (!file) {
    close(descriptor);
    return NULL;
  }
  file->descriptor = descriptor;
  file->path = strdup(path);
  file->eof = (haddr_t)status.st_size;
  return &file->common;
}

static herr_t close_file(H5FD_t *common) {
  reader *file = (reader *)common;
  const int failed = close(file->descriptor);
  if (last_path == file->path) last_path = "";
  free(file->path);
  free(file);
  return failed;
}

// This driver has no features. The reason is at the top of this file.
static herr_t query(const H5FD_t *common, unsigned long *features) {
  (void)common;
  *features = 0;
  return 0;
}

static haddr_t get_eoa(const H5FD_t *common, H5FD_mem_t type) {
  (void)type;
  return ((const reader *)common)->eoa;
}

static herr_t set_eoa(H5FD_t *common, H5FD_mem_t type, haddr_t address) {
  (void)type;
  ((reader *)common)->eoa = address;
  return 0;
}

static haddr_t get_eof(const H5FD_t *common, H5FD_mem_t type) {
  (void)type;
  return ((const reader *)common)->eof;
}

static herr_t read_block(H5FD_t *common, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t count,
                         void *buffer) {
  (void)transfer;
  const reader *file = (const reader *)common;
  if (file->path) last_path = file->path;
  if (reader_fill(file, address, count, buffer) < 0) return -1;
  return type == H5FD_MEM_DRAW ? 0 : reader_check_block(file, buffer, count);
}

static herr_t write_block(H5FD_t *common, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t count,
                          const void *buffer) {
  (void)common, (void)type, (void)transfer, (void)address, (void)count, (void)buffer;
  return -1;
}

// Refuses a file that another program is writing. On a file system without locks that cannot be found out.
static herr_t lock_file(H5FD_t *common, hbool_t exclusive) {
  (void)exclusive;
  if (flock(((reader *)common)->descriptor, LOCK_SH | LOCK_NB) == 0 || errno == ENOSYS) return 0;
  return reader_failed("another program is writing it");
}

static herr_t unlock_file(H5FD_t *common) {
  return flock(((reader *)common)->descriptor, LOCK_UN) == 0 || errno == ENOSYS ? 0 : -1;
}

static const H5FD_class_t reader_class = {
#if H5_VERSION_GE(1, 13, 0)
    .version = H5FD_CLASS_VERSION,
    .value = (H5FD_class_value_t)512,  // The first of those that need no registration.
#endif
    .name = "reader",
    .maxaddr = INT64_MAX,
    .fc_degree = H5F_CLOSE_WEAK,
    .open = open_file,
    .close = close_file,
    .query = query,
    .get_eoa = get_eoa,
    .set_eoa = set_eoa,
    .get_eof = get_eof,
    .read = read_block,
    .write = write_block,
    .lock = lock_file,
    .unlock = unlock_file,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

// The driver is never unregistered: the library uses it once more after it closed the last file.
int hdf5_set_reader(int64_t access) {
  static hid_t driver = -1;
  if (driver < 0) driver = H5FDregister(&reader_class);
  return driver < 0 ? -1 : H5Pset_driver(access, driver, NULL);
}
