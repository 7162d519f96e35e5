// The parts of ncurses that Swift cannot import: macros with casts, mutable globals, variadic functions. No state here:
// a system library's header is compiled into every file that imports it.
#ifndef DESKRUN_CNCURSES_H
#define DESKRUN_CNCURSES_H

// Both names: ncurses checks the first, the curses of macOS the second. Must precede all system headers.
#ifndef NCURSES_WIDECHAR
#define NCURSES_WIDECHAR 1
#endif
#ifndef _XOPEN_SOURCE_EXTENDED
#define _XOPEN_SOURCE_EXTENDED 1
#endif

#include <curses.h>
#include <locale.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

// Attributes as our own bits; A_BOLD and the others are macros with casts.
enum {
  CNC_BOLD = 1,
  CNC_DIM = 2,
  CNC_ITALIC = 4,
  CNC_UNDERLINE = 8,
  CNC_REVERSE = 16,
};

static inline attr_t cnc_attributes(uint32_t bits) {
  attr_t result = A_NORMAL;
  if (bits & CNC_BOLD) result |= A_BOLD;
  if (bits & CNC_DIM) result |= A_DIM;
#ifdef A_ITALIC
  if (bits & CNC_ITALIC) result |= A_ITALIC;
#endif
  if (bits & CNC_UNDERLINE) result |= A_UNDERLINE;
  if (bits & CNC_REVERSE) result |= A_REVERSE;
  return result;
}

// A cell: a character, at most one combining mark, and its appearance.
typedef struct {
  uint32_t scalar;
  uint32_t mark;
  uint32_t attributes;
  int32_t pair;
  int32_t width;
} cnc_cell;

// Passes a run of cells to the window. A character whose width in the C library differs from ours would shift the rest
// of the row, so it is replaced.
static inline int cnc_put(WINDOW *_Nonnull window, int row, int column, const cnc_cell *_Nonnull cells, int count) {
  for (int at = 0; at < count; at++) {
    const cnc_cell *cell = &cells[at];
    wchar_t text[3] = {(wchar_t)cell->scalar, (wchar_t)cell->mark, 0};
    if (cell->scalar >= 0x7F && wcwidth(text[0]) != cell->width) {
      text[0] = cell->width == 2 ? 0xFF1F : L'?';
      text[1] = 0;
    }
    cchar_t character;
    if (setcchar(&character, text, cnc_attributes(cell->attributes), (short)cell->pair, NULL) == ERR) {
      wchar_t plain[2] = {L'?', 0};
      setcchar(&character, plain, A_NORMAL, 0, NULL);
    }
    if (mvwadd_wchnstr(window, row, column, &character, 1) == ERR) return ERR;
    column += cell->width;
  }
  return OK;
}

static inline WINDOW *_Nullable cnc_window(void) { return stdscr; }
static inline int cnc_colors(void) { return COLORS; }
static inline int cnc_color_pairs(void) { return COLOR_PAIRS; }
static inline const char *_Nonnull cnc_version(void) { return curses_version(); }
static inline void cnc_locale(const char *_Nonnull name) {
  if (!setlocale(LC_CTYPE, name)) setlocale(LC_CTYPE, "");
}

// A terminal named `name` that is drawn to a file. Its description comes from the system's database or from
// `description`: a compiled entry as written by infocmp -Q2, which ncurses only accepts in the variable TERMINFO.
static inline SCREEN *_Nullable cnc_terminal(
    const char *_Nonnull name, const char *_Nullable description, int output, int input) {
  extern char **environ;
  char **usual = environ;
  if (description) {
    // A separate environment while ncurses reads it. setenv would move the one that other threads read; both of these
    // are always complete and are never freed.
    size_t count = 0;
    while (usual[count]) count++;
    char **own = calloc(count + 2, sizeof *own);
    char *entry = malloc(strlen(description) + sizeof "TERMINFO=");
    if (!own || !entry) return NULL;
    strcpy(entry, "TERMINFO=");
    strcat(entry, description);
    own[0] = entry;
    for (size_t at = 0, to = 1; at < count; at++) {
      if (strncmp(usual[at], "TERMINFO=", 9) != 0) own[to++] = usual[at];
    }
    environ = own;
  }
  int out = dup(output), in = dup(input);
  FILE *writer = out < 0 ? NULL : fdopen(out, "w");
  FILE *reader = in < 0 ? NULL : fdopen(in, "r");
  SCREEN *screen = writer && reader ? newterm((char *)name, writer, reader) : NULL;
  environ = usual;
  if (screen) return screen;
  if (writer) fclose(writer);
  else if (out >= 0) close(out);
  if (reader) fclose(reader);
  else if (in >= 0) close(in);
  return NULL;
}

// A file without a name that is deleted when its descriptor is closed.
static inline int cnc_memory_file(void) {
#if defined(__linux__)
  extern int memfd_create(const char *, unsigned int);
  return memfd_create("deskrun", 1u);
#else
  char path[] = "/tmp/deskrun.XXXXXX";
  int descriptor = mkstemp(path);
  if (descriptor >= 0) unlink(path);
  return descriptor;
#endif
}

// Makes the kernel keep this process's memory from core dumps, debuggers and /proc. prctl is variadic.
static inline void cnc_hide_memory(void) {
#if defined(__linux__)
  extern int prctl(int, ...);
  prctl(4 /* PR_SET_DUMPABLE */, 0L, 0L, 0L, 0L);
#endif
}

// Makes glibc return free memory to the system. Otherwise each large block that is freed makes it keep as much: after
// one list of 16 MB, up to 32 MB for each of its arenas, for good.
static inline void cnc_return_memory(void) {
#if defined(__linux__) && defined(__GLIBC__)
  extern int mallopt(int, int);
  mallopt(-3 /* M_MMAP_THRESHOLD */, 256 << 10);
  mallopt(-1 /* M_TRIM_THRESHOLD */, 256 << 10);
  mallopt(-8 /* M_ARENA_MAX */, 2);
#endif
}

// Makes the kernel send this process a signal when the thread that started it ends; execve preserves that.
static inline int cnc_end_with_parent(int signal) {
#if defined(__linux__)
  extern int prctl(int, ...);
  return prctl(1 /* PR_SET_PDEATHSIG */, (long)signal, 0L, 0L, 0L);
#else
  (void)signal;
  return -1;
#endif
}

typedef void (*cnc_handler)(int, siginfo_t *_Nullable, void *_Nullable);

// The union in sigaction has different names on each system.
static inline int cnc_on_signal(int signal, cnc_handler _Nonnull handler) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  action.sa_sigaction = handler;
  return sigaction(signal, &action, NULL);
}

static inline void cnc_default_signal(int signal) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  sigaction(signal, &action, NULL);
}

// A stack for signal handlers, so that an overflow of the normal one can still be handled.
static inline void cnc_alternate_stack(void) {
  stack_t stack;
  memset(&stack, 0, sizeof stack);
  stack.ss_size = 64 << 10;
  stack.ss_sp = malloc(stack.ss_size);
  if (stack.ss_sp) sigaltstack(&stack, NULL);
}

#endif
