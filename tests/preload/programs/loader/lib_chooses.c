// IFUNC: which function it is the loader is told by one that runs while it relocates.

static int first(int n) { return n + 1; }
static int second(int n) { return n + 2; }
static int (*choose(void))(int) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("sse2") == 0 ? second : first;
}
int chosen(int n) __attribute__((ifunc("choose")));
