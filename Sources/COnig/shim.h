#pragma once
#include <oniguruma.h>

// Functions for macros that Swift does not import, and for one with a variable list of arguments.

static inline int conig_initialize(void) {
  OnigEncoding encodings[] = {ONIG_ENCODING_UTF8};
  return onig_initialize(encodings, 1);
}

// Compiles a pattern as Oniguruma's own syntax has it, in UTF-8.
static inline int conig_new(regex_t **regex, const unsigned char *pattern, long count, OnigErrorInfo *error) {
  return onig_new(
      regex, pattern, pattern + count, ONIG_OPTION_NONE, ONIG_ENCODING_UTF8, ONIG_SYNTAX_ONIGURUMA, error);
}

// The text of an error code; `text` has ONIG_MAX_ERROR_MESSAGE_LEN bytes. Returns its length.
static inline int conig_error_text(unsigned char *text, int code, OnigErrorInfo *error) {
  return onig_error_code_to_str(text, code, error);
}
