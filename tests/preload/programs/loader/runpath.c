// link: -ldl
// Whose RUNPATH counts for dlopen() is its caller's: the program's, or a library's of its own; and so for $ORIGIN.
#include <dlfcn.h>

#include "../../../programs/help.h"

static void* (*find)(const char*);

static void* body(void* arg) {
  void* lib = dlopen("lib_plain.so", RTLD_NOW);
  if (lib == NULL) check_fail(__FILE__, __LINE__, "%s", dlerror());
  int (*plain)(void) = (int (*)(void))dlsym(lib, "plain");
  CHECK_EQ(plain(), 5);
  CHECK_EQ(plain(), 6);
  CHECK(dlopen("lib_hidden.so", RTLD_NOW) == NULL);
  lib = find("lib_hidden.so");
  if (lib == NULL) check_fail(__FILE__, __LINE__, "%s", dlerror());
  CHECK_OK(dlclose(lib));
  lib = dlopen("$ORIGIN/hidden/lib_hidden.so", RTLD_NOW);
  if (lib == NULL) check_fail(__FILE__, __LINE__, "%s", dlerror());
  CHECK_OK(dlclose(lib));
  CHECK(dlopen("lib_that_is_nowhere.so", RTLD_NOW) == NULL);
  CHECK(strstr(dlerror(), "lib_that_is_nowhere.so") != NULL);
  CHECK(dlopen(NULL, RTLD_NOW) != NULL);
  return arg;
}

int main(void) {
  void* finder = dlopen("lib_finder.so", RTLD_NOW);
  if (finder == NULL) check_fail(__FILE__, __LINE__, "%s", dlerror());
  find = (void* (*)(const char*))dlsym(finder, "find");
  body(NULL);
  for (int i = 0; i < 3; i++) JOIN(THREAD(body, NULL));
  return 0;
}
