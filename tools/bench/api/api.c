// The API's benchmarks; go_api/main.go does the same in Go. Prints "name ns", ns per operation.
//
// usage: api NAME N
#include <goshim/goshim.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void need(int ok) {
  if (!ok) abort();
}

static goshim_chan* make(size_t size, size_t n) {
  goshim_chan* c = goshim_chan_make(size, n);
  need(c != NULL);
  return c;
}

static void go(void (*fn)(void*), void* arg) { need(goshim_go(fn, arg) == 0); }

static long n;
static goshim_chan* c[16];

static void pong(void* arg) {
  (void)arg;
  long v;
  goshim_range(c[0], &v) goshim_send(c[1], &v);
  goshim_close(c[1]);
}

static void pingpong(void) {
  c[0] = make(sizeof(long), 0);
  c[1] = make(sizeof(long), 0);
  go(pong, NULL);
  for (long i = 0, v; i < n; i++) {
    goshim_send(c[0], &i);
    goshim_recv(c[1], &v);
  }
  goshim_close(c[0]);
  goshim_recv(c[1], NULL);
}

static void send_all(void* arg) {
  (void)arg;
  for (long i = 0; i < n; i++) goshim_send(c[0], &i);
  goshim_close(c[0]);
}

static void buffered(size_t size) {
  c[0] = make(sizeof(long), size);
  go(send_all, NULL);
  long sum = 0, v;
  goshim_range(c[0], &v) sum += v;
  need(sum == n * (n - 1) / 2);
}
static void buffered1(void) { buffered(1); }
static void buffered64(void) { buffered(64); }
static void buffered1024(void) { buffered(1024); }

static void send_some(void* arg) {
  for (long i = 0; i < (long)(intptr_t)arg; i++) goshim_send(c[0], &i);
}

static void fanin1000(void) {
  c[0] = make(sizeof(long), 0);
  const long each = n / 1000 + 1;
  for (int i = 0; i < 1000; i++) go(send_some, (void*)(intptr_t)each);
  for (long i = 0, v; i < 1000 * each; i++) goshim_recv(c[0], &v);
}

static int cases;

static void send_share(void* arg) {
  for (long i = 0; i < n / cases; i++) goshim_send(arg, &i);
}

static void selects(int of) {
  cases = of;
  for (int i = 0; i < of; i++) {
    c[i] = make(sizeof(long), 0);
    go(send_share, c[i]);
  }
  for (long r = 0; r < n / of * of; r++) {
    long v[16];
    goshim_case k[16];
    for (int i = 0; i < of; i++) k[i] = goshim_case_recv(c[i], &v[i]);
    goshim_select(k, of);
  }
}
static void select2(void) { selects(2); }
static void select16(void) { selects(16); }

static goshim_wait_group wg;

static void say_done(void* arg) {
  (void)arg;
  goshim_wg_done(&wg);
}

static void spawn(void) {
  for (long i = 0; i < n; i += 100) {
    goshim_wg_add(&wg, 100);
    for (int j = 0; j < 100; j++) go(say_done, NULL);
    goshim_wg_wait(&wg);
  }
}

static goshim_mutex m;
static long count;

static void add(void* arg) {
  (void)arg;
  for (long i = 0; i < n / 8; i++) {
    goshim_mutex_lock(&m);
    count++;
    goshim_mutex_unlock(&m);
  }
  goshim_wg_done(&wg);
}

static void mutex(void) {
  goshim_wg_add(&wg, 8);
  for (int i = 0; i < 8; i++) go(add, NULL);
  goshim_wg_wait(&wg);
  need(count == n / 8 * 8);
}

static void tick(void* arg) {
  goshim_timer* t = goshim_ticker_new(10 * GOSHIM_MILLISECOND);
  need(t != NULL);
  for (long i = 0; i < (long)(intptr_t)arg; i++) goshim_recv(goshim_timer_chan(t), NULL);
  goshim_timer_stop(t);
  goshim_timer_unref(t);
  goshim_wg_done(&wg);
}

static void tickers(void) {
  goshim_wg_add(&wg, 1000);
  for (int i = 0; i < 1000; i++) go(tick, (void*)(intptr_t)(n / 1000 + 1));
  goshim_wg_wait(&wg);
}

static goshim_chan* stop;

static void generate(void* arg) {
  for (long i = 2;; i++) {
    goshim_case k[2] = {goshim_case_send(arg, &i), goshim_case_recv(stop, NULL)};
    if (goshim_select(k, 2) == 1) break;
  }
  goshim_close(arg);
}

struct filter {
  goshim_chan *in, *out;
  long prime;
};

static void filter(void* arg) {
  const struct filter f = *(struct filter*)arg;
  free(arg);
  long v;
  goshim_range(f.in, &v) {
    if (v % f.prime != 0) goshim_send(f.out, &v);
  }
  goshim_close(f.out);
  goshim_chan_unref(f.in);
}

static void sieve(void) {
  goshim_chan* in = make(sizeof(long), 0);
  stop = make(0, 0);
  go(generate, in);
  for (long i = 0; i < n; i++) {
    struct filter* f = malloc(sizeof *f);
    need(f != NULL);
    f->in = in;
    goshim_recv(in, &f->prime);
    in = f->out = make(sizeof(long), 0);
    go(filter, f);
  }
  goshim_close(stop);
  goshim_range(in, NULL) {}
}

static const struct {
  const char* name;
  void (*run)(void);
} benches[] = {{"pingpong", pingpong},         {"buffered1", buffered1}, {"buffered64", buffered64},
               {"buffered1024", buffered1024}, {"fanin1000", fanin1000}, {"select2", select2},
               {"select16", select16},         {"spawn", spawn},         {"mutex", mutex},
               {"tickers", tickers},           {"sieve", sieve}};

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  n = atol(argv[2]);
  for (size_t i = 0; i < sizeof benches / sizeof benches[0]; i++) {
    if (strcmp(benches[i].name, argv[1]) != 0) continue;
    const int64_t start = goshim_nanotime();
    benches[i].run();
    printf("%s %.1f\n", argv[1], (double)(goshim_nanotime() - start) / (double)n);
    return 0;
  }
  return 2;
}
