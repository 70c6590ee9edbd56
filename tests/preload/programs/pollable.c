// Eight threads blocked in each call that can be waited for without a kernel thread: says so, and releases them after a line from
// stdin.
#include "../../programs/help.h"

#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <termios.h>

enum { kEach = 8 };

static int event_fd, timer_fd, inotify_fd, signal_fd, pty_fd, master_fd, fifo_fd, epoll_fd, gate[2];
static mqd_t full_queue;
static pid_t child[kEach];
static int about_to_block;

static void* reads(void* arg) {
  char buf[4096];
  CHECK(read(*(int*)arg, buf, arg == &inotify_fd || arg == &signal_fd ? sizeof buf : 8) > 0);
  return NULL;
}

static void* sends(void* arg) {
  CHECK_OK(mq_send(*(mqd_t*)arg, "x", 1, 0));
  return NULL;
}

static void* waits_for_child(void* arg) {
  static int next;
  pid_t pid = child[__atomic_fetch_add(&next, 1, __ATOMIC_SEQ_CST)];
  int status;
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  return arg;
}

static void* waits_for_signal(void* arg) {
  int sig;
  CHECK_OK(sigwait(arg, &sig));
  return NULL;
}

static void* waits_for_events(void* arg) {
  struct epoll_event event;
  CHECK_EQ(epoll_wait(*(int*)arg, &event, 1, -1), 1);
  return NULL;
}

static mqd_t make_queue(void) {
  char name[64];
  struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 64};
  snprintf(name, sizeof name, "/goshim-full-%d", (int)getpid());
  mqd_t q = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
  if (q == (mqd_t)-1) SKIP("no message queues");
  mq_unlink(name);
  return q;
}

static void make_terminal(void) {
  struct termios raw;
  master_fd = posix_openpt(O_RDWR | O_NOCTTY);
  CHECK(master_fd >= 0);
  CHECK_OK(grantpt(master_fd));
  CHECK_OK(unlockpt(master_fd));
  pty_fd = open(ptsname(master_fd), O_RDWR | O_NOCTTY);
  CHECK(pty_fd >= 0);
  CHECK_OK(tcgetattr(pty_fd, &raw));
  cfmakeraw(&raw);
  CHECK_OK(tcsetattr(pty_fd, TCSANOW, &raw));
}

static void make_all(sigset_t* usr1, sigset_t* usr2) {
  struct itimerspec never = {{0, 0}, {3600, 0}};
  CHECK_OK(pipe(gate));
  for (int i = 0; i < kEach; i++) {
    child[i] = fork();
    CHECK(child[i] >= 0);
    char c;
    if (child[i] == 0) _exit(read(gate[0], &c, 1) != 1);
  }
  sigemptyset(usr1);
  sigaddset(usr1, SIGUSR1);
  sigemptyset(usr2);
  sigaddset(usr2, SIGUSR2);
  CHECK_OK(pthread_sigmask(SIG_BLOCK, usr1, NULL));
  CHECK_OK(pthread_sigmask(SIG_BLOCK, usr2, NULL));
  event_fd = eventfd(0, EFD_SEMAPHORE);
  timer_fd = timerfd_create(CLOCK_MONOTONIC, 0);
  CHECK_OK(timerfd_settime(timer_fd, 0, &never, NULL));
  CHECK_OK(mkfifo("fifo", 0600));
  inotify_fd = inotify_init();
  CHECK(inotify_add_watch(inotify_fd, ".", IN_CREATE) >= 0);
  signal_fd = signalfd(-1, usr1, 0);
  fifo_fd = open("fifo", O_RDWR);
  epoll_fd = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN};
  CHECK_OK(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, event_fd, &event));
  make_terminal();
  full_queue = make_queue();
  CHECK_OK(mq_send(full_queue, "x", 1, 0));
}

static pthread_t t[16 * kEach];
static int threads, done;

static void* (*bodies[16])(void*);
static void* arguments[16];

static void* body(void* arg) {
  int kind = (int)(intptr_t)arg;
  char* argument = arguments[kind];
  __atomic_add_fetch(&about_to_block, 1, __ATOMIC_SEQ_CST);
  bodies[kind](argument);
  __atomic_add_fetch(&done, 1, __ATOMIC_SEQ_CST);
  return NULL;
}

static void start(void* (*what)(void*), void* arg) {
  int kind = threads / kEach;
  bodies[kind] = what;
  arguments[kind] = arg;
  for (int i = 0; i < kEach; i++) t[threads++] = THREAD(body, (void*)(intptr_t)kind);
}

// Something for one of each kind, or for more.
static void release(int i) {
  char name[20], text[64];
  uint64_t two = 2;
  struct itimerspec now = {{0, 0}, {0, 1}};
  struct timespec past = {0, 0};
  snprintf(name, sizeof name, "file-%d", i);
  CHECK_EQ(write(event_fd, &two, sizeof two), sizeof two);
  CHECK_OK(timerfd_settime(timer_fd, 0, &now, NULL));
  close(open(name, O_CREAT | O_RDWR, 0600));
  CHECK_OK(kill(getpid(), SIGUSR1));
  CHECK_OK(kill(getpid(), SIGUSR2));
  if (i < kEach) {
    CHECK_EQ(write(fifo_fd, "12345678", 8), 8);
    CHECK_EQ(write(master_fd, "12345678", 8), 8);
    write_all(gate[1], "x", 1);
  }
  mq_timedreceive(full_queue, text, sizeof text, NULL, &past);
}

int main(void) {
  sigset_t usr1, usr2;
  make_all(&usr1, &usr2);
  start(reads, &event_fd);
  start(reads, &timer_fd);
  start(reads, &inotify_fd);
  start(reads, &signal_fd);
  start(reads, &fifo_fd);
  start(reads, &pty_fd);
  start(sends, &full_queue);
  start(waits_for_events, &epoll_fd);
  start(waits_for_signal, &usr2);
  start(waits_for_child, NULL);
  while (__atomic_load_n(&about_to_block, __ATOMIC_SEQ_CST) < threads) sleep_ms(1);
  sleep_ms(50);
  CHECK_EQ(__atomic_load_n(&done, __ATOMIC_SEQ_CST), 0);
  char line[10];
  printf("%d blocked\n", threads);
  fflush(stdout);
  CHECK(fgets(line, sizeof line, stdin));
  for (int i = 0; __atomic_load_n(&done, __ATOMIC_SEQ_CST) < threads; i++) {
    release(i);
    sleep_ms(1);
  }
  for (int i = 0; i < threads; i++) JOIN(t[i]);
  return 0;
}
