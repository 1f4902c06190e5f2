#pragma once

/// The commit that the tools were built from, as the build was told in HYMBA_COMMIT; empty when it was not told.
const char *hymba_commit(void);
