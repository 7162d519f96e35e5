// What a fully static executable of Linux cannot leave to the system it happens to run on: wide characters without the
// files of a locale. In every other build these do nothing, and the C library does it.
#ifndef DESKRUN_CSTANDALONE_H
#define DESKRUN_CSTANDALONE_H

#include <stdint.h>

/// How many cells a character takes: 0 for a mark, 2 for a wide one.
typedef int (*standalone_width)(uint32_t scalar);

/// From now on wide characters are written as UTF-8 and measured by this. Without it they are ASCII alone.
///
/// Called once, before the first character is written.
void standalone_use_utf8(standalone_width _Nonnull width);

#endif
