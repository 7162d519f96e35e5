// What a fully static Linux executable cannot leave to the system it runs on: wide characters without locale files. In
// all other builds these do nothing, and the C library is used.
#ifndef DESKRUN_CSTANDALONE_H
#define DESKRUN_CSTANDALONE_H

#include <stdint.h>

/// The width of a character in cells: 0 for a mark, 2 for a wide one.
typedef int (*standalone_width)(uint32_t scalar);

/// From now on, wide characters are written as UTF-8 with these widths. Otherwise they are limited to ASCII.
///
/// Call once, before the first character is written.
void standalone_use_utf8(standalone_width _Nonnull width);

#endif
