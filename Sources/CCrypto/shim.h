#pragma once
// OpenSSL marks the functions of a single digest as deprecated in favour of EVP, which chooses a digest at run
// time. They are wanted here: they allocate nothing, ask no provider, and cannot fail.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
