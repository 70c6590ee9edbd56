// covers: sched_yield nanosleep
// What the compiler keeps in registers (integers, doubles, long doubles) is the same after every
// switch.
#include "../help.h"

static void* body(void* arg) {
  long seed = (long)(intptr_t)arg + 1;
  long a = seed, b = seed * 3, c = seed * 5, d = seed * 7, e = seed * 11, f = seed * 13;
  double x = 1.0 / (double)seed, y = x * 2, z = x * 3;
  long double w = 1.0L / seed;
  for (int i = 0; i < 200; i++) {
    a += i, b -= i, c ^= a, d += c & 0xff, e ^= d, f += e & 3;
    x += 0.25, y -= 0.5, z += x, w += 0.125L;
    if (i % 50 == 0) {
      sleep_ms(1);
    } else {
      sched_yield();
    }
  }
  long a2 = seed, b2 = seed * 3, c2 = seed * 5, d2 = seed * 7, e2 = seed * 11, f2 = seed * 13;
  double x2 = 1.0 / (double)seed, y2 = x2 * 2, z2 = x2 * 3;
  long double w2 = 1.0L / seed;
  for (int i = 0; i < 200; i++) {
    a2 += i, b2 -= i, c2 ^= a2, d2 += c2 & 0xff, e2 ^= d2, f2 += e2 & 3;
    x2 += 0.25, y2 -= 0.5, z2 += x2, w2 += 0.125L;
  }
  CHECK(a == a2 && b == b2 && c == c2 && d == d2 && e == e2 && f == f2);
  CHECK(x == x2 && y == y2 && z == z2 && w == w2);
  return NULL;
}

int main(void) {
  pthread_t t[30];
  for (intptr_t i = 0; i < 30; i++) t[i] = THREAD(body, (void*)i);
  for (int i = 0; i < 30; i++) JOIN(t[i]);
  return 0;
}
