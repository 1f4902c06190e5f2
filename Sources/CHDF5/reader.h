#pragma once
// A file driver that only reads, and only what the file has. The library's own driver cannot do without the
// library's metadata accumulator and sieve buffer, whose sums with addresses from a damaged file overflow into
// any place in memory. This one asks for neither, so that every address comes here, and is checked here.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

typedef struct {
  H5FD_t common;  // First: the library fills it.
  int descriptor;
  haddr_t eof;
  haddr_t eoa;  // The end that the superblock declares.
} chdf5_reader;

static H5FD_t *chdf5_reader_open(const char *path, unsigned flags, hid_t access, haddr_t maximum) {
  (void)flags, (void)access, (void)maximum;
  // O_NONBLOCK: opening a FIFO must not wait for a writer.
  int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return NULL;
  struct stat status;
  chdf5_reader *reader = NULL;
  if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) reader = calloc(1, sizeof *reader);
  if (!reader) {
    close(descriptor);
    return NULL;
  }
  reader->descriptor = descriptor;
  reader->eof = (haddr_t)status.st_size;
  return &reader->common;
}

static herr_t chdf5_reader_close(H5FD_t *file) {
  int failed = close(((chdf5_reader *)file)->descriptor);
  free(file);
  return failed;
}

static herr_t chdf5_reader_query(const H5FD_t *file, unsigned long *features) {
  (void)file;
  *features = 0;
  return 0;
}

static haddr_t chdf5_reader_eoa(const H5FD_t *file, H5FD_mem_t type) {
  (void)type;
  return ((const chdf5_reader *)file)->eoa;
}

static herr_t chdf5_reader_set_eoa(H5FD_t *file, H5FD_mem_t type, haddr_t address) {
  (void)type;
  ((chdf5_reader *)file)->eoa = address;
  return 0;
}

static haddr_t chdf5_reader_eof(const H5FD_t *file, H5FD_mem_t type) {
  (void)type;
  return ((const chdf5_reader *)file)->eof;
}

static herr_t chdf5_reader_failed(const char *why) {
  H5Epush2(H5E_DEFAULT, __FILE__, "read", __LINE__, H5E_ERR_CLS, H5E_VFL, H5E_READERROR, "%s", why);
  return -1;
}

static herr_t chdf5_reader_read(H5FD_t *file, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t count,
                                void *buffer) {
  (void)type, (void)transfer;
  const chdf5_reader *reader = (const chdf5_reader *)file;
  if (address > reader->eof || count > reader->eof - address)
    return chdf5_reader_failed("an address in the file leads outside of it");
  char *place = buffer;
  while (count > 0) {
    ssize_t done = pread(reader->descriptor, place, count, (off_t)address);
    if (done < 0 && errno == EINTR) continue;
    // 0: the file shrank after it was opened.
    if (done <= 0) return chdf5_reader_failed(done < 0 ? "the file cannot be read" : "the file ends early");
    place += done;
    address += (haddr_t)done;
    count -= (size_t)done;
  }
  return 0;
}

static herr_t chdf5_reader_write(H5FD_t *file, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t count,
                                 const void *buffer) {
  (void)file, (void)type, (void)transfer, (void)address, (void)count, (void)buffer;
  return -1;
}

// A file that another program is writing is refused; a file system without locks cannot tell.
static herr_t chdf5_reader_lock(H5FD_t *file, hbool_t exclusive) {
  (void)exclusive;
  if (flock(((chdf5_reader *)file)->descriptor, LOCK_SH | LOCK_NB) == 0 || errno == ENOSYS) return 0;
  return chdf5_reader_failed("another program is writing it");
}

static herr_t chdf5_reader_unlock(H5FD_t *file) {
  return flock(((chdf5_reader *)file)->descriptor, LOCK_UN) == 0 || errno == ENOSYS ? 0 : -1;
}

// To be called through the gate only. The driver is never given back: closing a file uses it once more after
// letting go of it.
static inline herr_t chdf5_set_reader(hid_t access) {
  static hid_t driver = -1;
  static const H5FD_class_t reader = {
#if H5_VERSION_GE(1, 13, 0)
      .version = H5FD_CLASS_VERSION,
      .value = (H5FD_class_value_t)512,  // The first of those that need no registration.
#endif
      .name = "reader",
      .maxaddr = INT64_MAX,
      .fc_degree = H5F_CLOSE_WEAK,
      .open = chdf5_reader_open,
      .close = chdf5_reader_close,
      .query = chdf5_reader_query,
      .get_eoa = chdf5_reader_eoa,
      .set_eoa = chdf5_reader_set_eoa,
      .get_eof = chdf5_reader_eof,
      .read = chdf5_reader_read,
      .write = chdf5_reader_write,
      .lock = chdf5_reader_lock,
      .unlock = chdf5_reader_unlock,
      .fl_map = H5FD_FLMAP_DICHOTOMY,
  };
  if (driver < 0) driver = H5FDregister(&reader);
  return driver < 0 ? -1 : H5Pset_driver(access, driver, NULL);
}
