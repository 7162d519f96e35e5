#ifndef DESKRUN_CNCURSES_SHIM_H
#define DESKRUN_CNCURSES_SHIM_H

// Wide characters must be asked for before any header of this module is read.
#ifndef NCURSES_WIDECHAR
#define NCURSES_WIDECHAR 1
#endif
#ifndef _XOPEN_SOURCE_EXTENDED
#define _XOPEN_SOURCE_EXTENDED 1
#endif

#include <curses.h>

#endif
