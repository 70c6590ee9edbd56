// A thread that computes in a C++ function of a class, one that waits for a condition, one in a lock held by the first,
// one in poll of two pipes, one in a system call that goshim does not see,
// one that takes naps.
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace shop {

template <typename T>
struct Counter {
  std::mutex lock;
  volatile T n = 0;
  [[gnu::noinline]] void spin() {
    std::lock_guard<std::mutex> guard(lock);
    for (;;) n = n + 1;
  }
  [[gnu::noinline]] void wait() {
    std::lock_guard<std::mutex> guard(lock);
    n = 0;
  }
};

}  // namespace shop

static shop::Counter<long> counter;
static std::mutex mutex;
static std::condition_variable condition;

int main() {
  std::thread spinner([] {
    pthread_setname_np(pthread_self(), "spinner");
    counter.spin();
  });
  usleep(50000);
  std::thread locker([] {
    pthread_setname_np(pthread_self(), "locker");
    counter.wait();
  });
  std::thread waiter([] {
    pthread_setname_np(pthread_self(), "waiter");
    std::unique_lock<std::mutex> guard(mutex);
    condition.wait(guard);
  });
  std::thread poller([] {
    pthread_setname_np(pthread_self(), "poller");
    int p[2], q[2];
    if (pipe(p) != 0 || pipe(q) != 0) return;
    pollfd fds[2] = {{p[0], POLLIN, 0}, {q[0], POLLIN, 0}};
    poll(fds, 2, -1);
  });
  std::thread hidden([] {
    pthread_setname_np(pthread_self(), "hidden");
    static int word = 0;
    long r;
    // syscall() itself is goshim's.
    register long timeout asm("r10") = 0;
    asm volatile("syscall"
                 : "=a"(r)
                 : "0"(SYS_futex), "D"(&word), "S"(FUTEX_WAIT_PRIVATE), "d"(0), "r"(timeout)
                 : "rcx", "r11", "memory");
  });
  std::thread napper([] {
    pthread_setname_np(pthread_self(), "napper");
    for (;;) usleep(2000);
  });
  usleep(200000);
  puts("busy");
  fflush(stdout);
  spinner.join();
}
