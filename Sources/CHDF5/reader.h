#pragma once
// A file driver that only reads, and only what the file has. The library's own driver cannot do without the
// library's metadata accumulator and sieve buffer, whose sums with addresses from a damaged file overflow into
// any place in memory. This one asks for neither, so that every address comes here, and is checked here.
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
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
  char *path;
} chdf5_reader;

// The file that was read from last.
static const char *chdf5_last_path = "";
static inline const char *chdf5_reading(void) { return chdf5_last_path; }

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
  reader->path = strdup(path);
  reader->eof = (haddr_t)status.st_size;
  return &reader->common;
}

static herr_t chdf5_reader_close(H5FD_t *file) {
  chdf5_reader *reader = (chdf5_reader *)file;
  int failed = close(reader->descriptor);
  if (chdf5_last_path == reader->path) chdf5_last_path = "";
  free(reader->path);
  free(reader);
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

static herr_t chdf5_reader_fill(const chdf5_reader *reader, haddr_t address, size_t count, uint8_t *buffer) {
  if (address > reader->eof || count > reader->eof - address)
    return chdf5_reader_failed("an address in the file leads outside of it");
  while (count > 0) {
    ssize_t done = pread(reader->descriptor, buffer, count, (off_t)address);
    if (done < 0 && errno == EINTR) continue;
    // 0: the file shrank after it was opened.
    if (done <= 0) return chdf5_reader_failed(done < 0 ? "the file cannot be read" : "the file ends early");
    buffer += done;
    address += (haddr_t)done;
    count -= (size_t)done;
  }
  return 0;
}

static uint64_t chdf5_reader_number(const uint8_t bytes[8]) {
  uint64_t number = 0;
  for (int index = 8; index > 0; index--) number = number << 8 | bytes[index - 1];
  return number;
}

// The nodes that a node of a group's tree leads to must be one level lower: the library follows them in a
// circle until its stack is full. A node is a head of 24 bytes, then keys of 8 with addresses between them.
static herr_t chdf5_reader_check_tree(const chdf5_reader *reader, const uint8_t *node, size_t count) {
  const uint8_t level = node[5];
  const size_t children = (size_t)node[6] | (size_t)node[7] << 8;
  // Five levels of the smallest nodes that there are in practice hold millions of entries.
  if (level > 5 || children * 16 + 32 > count) return chdf5_reader_failed("the index of a group is damaged");
  for (size_t index = 0; level > 0 && index < children; index++) {
    uint8_t child[6];
    const uint64_t address = chdf5_reader_number(node + 32 + 16 * index);
    if (address > reader->eof || chdf5_reader_fill(reader, reader->common.base_addr + address, 6, child) < 0 ||
        memcmp(child, "TREE", 5) != 0 || child[5] != level - 1)
      return chdf5_reader_failed("the index of a group is damaged");
  }
  return 0;
}

// The library's sum with the size of a heap of names may overflow. Its list of free places, which it follows
// in a circle until memory is full, is only for writers: the heap shall have none.
static herr_t chdf5_reader_check_heap(const chdf5_reader *reader, uint8_t *heap) {
  if (chdf5_reader_number(heap + 8) > reader->eof) return chdf5_reader_failed("a heap of names is damaged");
  memcpy(heap + 16, "\1\0\0\0\0\0\0\0", 8);
  return 0;
}

// Blocks without checksums are checked on their way to the library, which trusts them.
static herr_t chdf5_reader_read(H5FD_t *file, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t count,
                                void *buffer) {
  (void)transfer;
  const chdf5_reader *reader = (const chdf5_reader *)file;
  if (reader->path) chdf5_last_path = reader->path;
  uint8_t *block = buffer;
  if (chdf5_reader_fill(reader, address, count, block) < 0) return -1;
  if (type == H5FD_MEM_DRAW || count < 32) return 0;
  // The byte behind the signature of a tree: 0 for groups.
  if (memcmp(block, "TREE", 5) == 0) return chdf5_reader_check_tree(reader, block, count);
  if (memcmp(block, "HEAP", 4) == 0) return chdf5_reader_check_heap(reader, block);
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
