#pragma once
// The functions of one digest are marked as old, because EVP chooses a digest at run time. They are what is wanted
// here: they allocate nothing, ask no provider, and cannot fail.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
