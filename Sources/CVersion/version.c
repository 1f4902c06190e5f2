#include "CVersion.h"

#ifndef HYMBA_COMMIT
#define HYMBA_COMMIT ""
#endif

const char *hymba_commit(void) { return HYMBA_COMMIT; }
