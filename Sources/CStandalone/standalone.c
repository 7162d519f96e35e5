#include "CStandalone.h"

#if defined(STATIC_EXECUTABLE) && defined(__linux__)

#include <errno.h>
#include <stddef.h>
#include <unistd.h>
#include <wchar.h>

static standalone_width width_of = NULL;

void standalone_use_utf8(standalone_width width) { width_of = width; }

// The C library has both functions too, based on locale files: /usr/lib/locale is missing in small images and in other
// distributions, and has another format if the system's C library is newer than this program's. ncurses calls them by
// name and so gets these.
int wcwidth(wchar_t character) {
  uint32_t scalar = (uint32_t)character;
  if (scalar == 0) return 0;
  if (scalar < 0x20 || (scalar >= 0x7F && scalar < 0xA0)) return -1;
  if (scalar < 0x7F) return 1;
  return width_of ? width_of(scalar) : -1;
}

size_t wcrtomb(char *bytes, wchar_t character, mbstate_t *state) {
  (void)state;  // UTF-8 has no state between characters
  if (!bytes) return 1;
  uint32_t scalar = (uint32_t)character;
  if (scalar < 0x80) {
    bytes[0] = (char)scalar;
    return 1;
  }
  if (!width_of || scalar > 0x10FFFF || (scalar >= 0xD800 && scalar <= 0xDFFF)) {
    errno = EILSEQ;
    return (size_t)-1;
  }
  size_t count = scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4;
  for (size_t at = count - 1; at > 0; at--) {
    bytes[at] = (char)(0x80 | (scalar & 0x3F));
    scalar >>= 6;
  }
  static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
  bytes[0] = (char)(leads[count] | scalar);
  return count;
}

// Swift's runtime reads the program's arguments and path from /proc, and aborts with its own message if that is
// missing. Runs before the runtime's initialization, which has no priority.
__attribute__((constructor(101))) static void require_proc(void) {
  if (access("/proc/self/cmdline", R_OK) == 0) return;
  static const char words[] =
      "error: deskrun cannot start\n  why: /proc is not mounted, from which it reads its arguments\n"
      "  fix: mount -t proc proc /proc\n";
  ssize_t ignored = write(2, words, sizeof words - 1);
  (void)ignored;
  _exit(1);
}

#else

void standalone_use_utf8(standalone_width width) { (void)width; }

#endif
