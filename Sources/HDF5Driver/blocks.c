// Checks of blocks that have no checksums: the B-trees and the local heaps of groups in the older format.
#include <string.h>
#include "reader.h"

static uint64_t number(const uint8_t bytes[8]) {
  uint64_t number = 0;
  for (int index = 8; index > 0; index--) number = number << 8 | bytes[index - 1];
  return number;
}

// Makes sure that each child of a node is one level lower. The library does not check that, and would follow a
// circle of nodes until its stack is full. A node is a head of 24 bytes, then keys of 8 bytes with addresses of
// 8 bytes between them.
static herr_t check_tree(const reader *file, const uint8_t *node, size_t count) {
  const uint8_t level = node[5];
  const size_t children = (size_t)node[6] | (size_t)node[7] << 8;
  // Five levels of the smallest nodes that programs write hold millions of entries.
  if (level > 5 || children * 16 + 32 > count) return reader_failed("the index of a group is damaged");
  for (size_t index = 0; level > 0 && index < children; index++) {
    uint8_t child[6];
    const uint64_t address = number(node + 32 + 16 * index);
    if (address > file->eof || reader_fill(file, file->common.base_addr + address, 6, child) < 0 ||
        memcmp(child, "TREE", 5) != 0 || child[5] != level - 1)
      return reader_failed("the index of a group is damaged");
  }
  return 0;
}

// Makes sure that the size of a heap of names is less than that of the file: the library adds it to an address,
// and the sum might overflow. The library also follows the heap's list of free blocks, and a circle in it would
// fill the memory. Only writers need that list, so it is emptied here.
static herr_t check_heap(const reader *file, uint8_t *heap) {
  if (number(heap + 8) > file->eof) return reader_failed("a heap of names is damaged");
  memcpy(heap + 16, "\1\0\0\0\0\0\0\0", 8);
  return 0;
}

herr_t reader_check_block(const reader *file, uint8_t *block, size_t count) {
  if (count < 32) return 0;
  // The byte after the signature of a tree is its type: 0 for groups.
  if (memcmp(block, "TREE", 5) == 0) return check_tree(file, block, count);
  if (memcmp(block, "HEAP", 4) == 0) return check_heap(file, block);
  return 0;
}
