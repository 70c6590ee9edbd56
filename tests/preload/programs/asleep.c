// Programs of the API that stand still: with nobody who could wake anybody, or with somebody. usage: asleep WHAT
#include <goshim/goshim.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define LENGTH(a) (sizeof(a) / sizeof *(a))

static goshim_chan* c;
static goshim_wait_group wg;
static goshim_mutex m;
static goshim_rwmutex rw;
static goshim_cond cond;
static goshim_once once;
static pthread_mutex_t pm = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t pc = PTHREAD_COND_INITIALIZER;

__attribute__((noinline)) static void wait_here(void* arg) {
  (void)arg;
  goshim_recv(c, NULL);
  puts("woken");
}

static void main_waits(void) { wait_here(NULL); }
static void all_wait(void) {
  for (int i = 0; i < 3; i++) goshim_go_with(wait_here, NULL, "waiter", 0);
  goshim_send(NULL, "");
}
static void select_nothing(void) { goshim_select(NULL, 0); }
static void select_some(void) {
  goshim_case k[2] = {goshim_case_recv(c, NULL), goshim_case_recv(NULL, NULL)};
  goshim_select(k, 2);
}
static void group(void) {
  goshim_wg_add(&wg, 1);
  goshim_wg_wait(&wg);
}
static void mutex(void) {
  goshim_mutex_lock(&m);
  goshim_mutex_lock(&m);
}
static void rwmutex(void) {
  goshim_rwmutex_rlock(&rw);
  goshim_rwmutex_lock(&rw);
}
static void cond_wait(void) {
  goshim_mutex_lock(&m);
  goshim_cond_wait(&cond, &m);
}
static void once_in_once(void* arg) { goshim_once_do(&once, once_in_once, arg); }
static void once_twice(void) { once_in_once(NULL); }
static void locked(void* arg) {
  goshim_lock_os_thread();
  wait_here(arg);
}
static void locked_too(void) {
  goshim_go(locked, NULL);
  wait_here(NULL);
}
static void* pthread(void* arg) {
  wait_here(arg);
  return NULL;
}
static void joined(void) {
  pthread_t t;
  pthread_create(&t, NULL, pthread, NULL);
  pthread_join(t, NULL);
}
static void after_timers(void) {
  goshim_timer* t = goshim_timer_new(GOSHIM_SECOND);
  goshim_timer_stop(t);
  goshim_recv_for(c, NULL, 5 * GOSHIM_MILLISECOND);
  goshim_sleep(GOSHIM_MILLISECOND);
  wait_here(NULL);
}
static void fired(void* arg) { goshim_close(arg); }
static void after_a_function(void) {
  goshim_chan* done = goshim_chan_make(0, 0);
  goshim_after_func(GOSHIM_MILLISECOND, fired, done);
  goshim_recv(done, NULL);
  wait_here(NULL);
}
static void main_gone(void) {
  goshim_go(wait_here, NULL);
  goshim_goexit();
}

// ---- these wait for something

static void send_later(void* arg) {
  goshim_sleep((int64_t)(intptr_t)arg * GOSHIM_MILLISECOND);
  goshim_send(c, NULL);
}
static void sleeper(void) {
  goshim_go(send_later, (void*)(intptr_t)1500);
  wait_here(NULL);
}
static void ticker(void) {
  goshim_timer* t = goshim_ticker_new(1200 * GOSHIM_MILLISECOND);
  goshim_recv(goshim_timer_chan(t), NULL);
  puts("woken");
}
static void deadline(void) {
  goshim_recv_for(c, NULL, 1500 * GOSHIM_MILLISECOND);
  puts("woken");
}
static void ctx(void) {
  goshim_ctx* x = goshim_ctx_with_timeout(goshim_ctx_background(), 1500 * GOSHIM_MILLISECOND);
  goshim_recv(goshim_ctx_done(x), NULL);
  puts("woken");
}
static void on_alarm(int sig) {
  (void)sig;
  static const char text[] = "woken\n";
  if (write(1, text, sizeof text - 1) > 0) _exit(0);
}
static void handler(void) {
  signal(SIGUSR1, on_alarm);
  signal(SIGALRM, on_alarm);
  alarm(2);
  goshim_recv(c, NULL);
}
static void handler_only(void) {
  signal(SIGUSR1, on_alarm);
  goshim_recv(c, NULL);
}
static void alarm_only(void) {
  alarm(2);
  wait_here(NULL);
}
static void posix_timer(void) {
  struct sigevent e;
  memset(&e, 0, sizeof e);
  e.sigev_notify = SIGEV_SIGNAL;
  e.sigev_signo = SIGTERM;
  timer_t t;
  timer_create(CLOCK_MONOTONIC, &e, &t);
  const struct itimerspec in = {{0, 0}, {2, 0}};
  timer_settime(t, 0, &in, NULL);
  wait_here(NULL);
}
static void reader(void* arg) {
  char byte;
  if (read(*(int*)arg, &byte, 1) == 1) goshim_send(c, NULL);
}
static void fd(void) {
  goshim_go(reader, &(int){0});
  wait_here(NULL);
}
static void select_fd(void) {
  goshim_case k[2] = {goshim_case_recv(c, NULL), goshim_case_readable(0)};
  if (goshim_select(k, 2) == 1) puts("woken");
}
static void hog(void* arg) {
  const int64_t end = goshim_nanotime() + 1500 * GOSHIM_MILLISECOND;
  while (goshim_nanotime() < end) {
  }
  goshim_send(c, arg);
}
static void computes(void) {
  goshim_go(hog, NULL);
  wait_here(NULL);
}
static void in_the_kernel(void* arg) {
  const struct timespec t = {1, 500000000};
  syscall(SYS_nanosleep, &t, NULL);
  goshim_send(c, arg);
}
static void blocks(void) {
  goshim_go(in_the_kernel, NULL);
  wait_here(NULL);
}
static int raw_thread(void* arg) {
  const struct timespec t = {1, 500000000};
  (void)arg;
  syscall(SYS_nanosleep, &t, NULL);
  static const char text[] = "woken\n";
  syscall(SYS_write, 1, text, sizeof text - 1);
  syscall(SYS_exit_group, 0);
  return 0;
}
static void foreign(void) {
  goshim_go(wait_here, NULL);
  char* stack = malloc(1 << 16);
  clone(raw_thread, stack + (1 << 16),
        CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, NULL);
  wait_here(NULL);
}
static void pthread_cond(void) {
  pthread_mutex_lock(&pm);
  pthread_cond_wait(&pc, &pm);
}

static const struct {
  const char* name;
  void (*run)(void);
} all[] = {
#define X(name) \
  { #name, name }
    X(main_waits),       X(all_wait),     X(select_nothing),
    X(select_some),      X(group),        X(mutex),
    X(rwmutex),          X(cond_wait),    X(once_twice),
    X(locked_too),       X(joined),       X(after_timers),
    X(after_a_function), X(main_gone),    X(sleeper),
    X(ticker),           X(deadline),     X(ctx),
    X(handler),          X(handler_only), X(alarm_only),
    X(posix_timer),      X(fd),           X(select_fd),
    X(computes),         X(blocks),       X(foreign),
    X(pthread_cond),
#undef X
};

static void nothing(void* arg) { goshim_wg_done(arg); }

int main(int argc, char** argv) {
  if (argc != 2) return 3;
  setvbuf(stdout, NULL, _IONBF, 0);
  c = goshim_chan_make(0, 0);
  goshim_wg_add(&wg, 1);
  goshim_go(nothing, &wg);
  goshim_wg_wait(&wg);
  for (size_t i = 0; i < LENGTH(all); i++) {
    if (strcmp(all[i].name, argv[1]) != 0) continue;
    all[i].run();
    return 0;
  }
  return 3;
}
