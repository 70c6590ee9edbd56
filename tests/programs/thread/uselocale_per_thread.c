// covers: uselocale newlocale freelocale
// A locale set by uselocale is the thread's own and stays across blocking.
#include "../help.h"

#include <ctype.h>
#include <langinfo.h>
#include <locale.h>

static locale_t c, utf8;

static void* body(void* arg) {
  locale_t mine = arg ? utf8 : c;
  CHECK(uselocale((locale_t)0) == LC_GLOBAL_LOCALE);
  CHECK(uselocale(mine) == LC_GLOBAL_LOCALE);
  for (int i = 0; i < 20; i++) {
    sleep_ms(i % 5 == 0);
    sched_yield();
    CHECK(uselocale((locale_t)0) == mine);
    CHECK_STR(nl_langinfo(CODESET), arg ? "UTF-8" : "ANSI_X3.4-1968");
    CHECK(isalpha('a') && !isalpha('1') && toupper('q') == 'Q');
  }
  return NULL;
}

int main(void) {
  c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  utf8 = newlocale(LC_ALL_MASK, "C.UTF-8", (locale_t)0);
  CHECK(c);
  if (!utf8) SKIP("no C.UTF-8 locale");
  pthread_t t[20];
  for (intptr_t i = 0; i < 20; i++) t[i] = THREAD(body, (void*)(i % 2));
  for (int i = 0; i < 20; i++) JOIN(t[i]);
  CHECK(uselocale((locale_t)0) == LC_GLOBAL_LOCALE);
  CHECK_STR(nl_langinfo(CODESET), "ANSI_X3.4-1968");
  freelocale(c);
  freelocale(utf8);
  return 0;
}
