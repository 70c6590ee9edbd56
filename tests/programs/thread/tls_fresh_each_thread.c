// covers: pthread_create pthread_join
// A thread never sees what an earlier, ended one left in __thread variables, errno or its locale.
#include "../help.h"

#include <locale.h>

static __thread int set = 7;
static __thread char block[5000];
static __thread struct {
  double d;
  char text[20];
} image = {2.5, "image"};

static void* body(void* arg) {
  CHECK_EQ(errno, 0);
  CHECK_EQ(set, 7);
  for (int i = 0; i < 5000; i += 7) CHECK_EQ(block[i], 0);
  CHECK(image.d == 2.5);
  CHECK_STR(image.text, "image");
  CHECK(uselocale((locale_t)0) == LC_GLOBAL_LOCALE);
  set = -1;
  memset(block, 0x5a, sizeof block);
  memset(&image, 0, sizeof image);
  errno = EXDEV;
  uselocale((locale_t)arg);
  return NULL;
}

int main(void) {
  locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  CHECK(c != (locale_t)0);
  errno = EDOM;
  for (int i = 0; i < 200; i++) JOIN(THREAD(body, c));
  pthread_t t[50];
  for (int i = 0; i < 50; i++) t[i] = THREAD(body, c);
  for (int i = 0; i < 50; i++) JOIN(t[i]);
  CHECK_EQ(set, 7);
  freelocale(c);
  return 0;
}
