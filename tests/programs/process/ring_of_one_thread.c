// covers: syscall
// An io_uring with IORING_SETUP_SINGLE_ISSUER, or under a number of the thread's own, is served for the kernel thread it
// began with. That of main is made before there are threads.
#include "../help.h"

#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum { kThreads = 8, kRounds = 200, kEntries = 4 };

struct Ring {
  int fd;
  unsigned enter_flags;
  unsigned* sq_tail;
  unsigned* sq_mask;
  unsigned* sq_array;
  unsigned* cq_head;
  unsigned* cq_tail;
  struct io_uring_sqe* sqes;
};

static int unsupported;

static int ring_make(struct Ring* ring, unsigned flags) {
  struct io_uring_params p = {.flags = flags};
  ring->fd = (int)syscall(SYS_io_uring_setup, kEntries, &p);
  if (ring->fd < 0) {
    unsupported = errno == EINVAL || errno == ENOSYS || errno == EPERM;
    CHECK(unsupported);
    return 0;
  }
  const size_t size = p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe);
  char* at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd,
                  IORING_OFF_SQ_RING);
  CHECK(at != MAP_FAILED && (p.features & IORING_FEAT_SINGLE_MMAP));
  ring->sqes = mmap(NULL, p.sq_entries * sizeof *ring->sqes, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_POPULATE, ring->fd, IORING_OFF_SQES);
  CHECK(ring->sqes != MAP_FAILED);
  ring->sq_tail = (unsigned*)(at + p.sq_off.tail);
  ring->sq_mask = (unsigned*)(at + p.sq_off.ring_mask);
  ring->sq_array = (unsigned*)(at + p.sq_off.array);
  ring->cq_head = (unsigned*)(at + p.cq_off.head);
  ring->cq_tail = (unsigned*)(at + p.cq_off.tail);
  ring->enter_flags = IORING_ENTER_GETEVENTS;
  return 1;
}

// One request that does nothing, there and back.
static void ring_turn(struct Ring* ring) {
  const unsigned tail = *ring->sq_tail, slot = tail & *ring->sq_mask;
  memset(&ring->sqes[slot], 0, sizeof ring->sqes[slot]);
  ring->sqes[slot].opcode = IORING_OP_NOP;
  ring->sq_array[slot] = slot;
  __atomic_store_n(ring->sq_tail, tail + 1, __ATOMIC_RELEASE);
  CHECK_EQ(syscall(SYS_io_uring_enter, ring->fd, 1, 1, ring->enter_flags, NULL, 0), 1);
  CHECK_EQ(__atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE) - *ring->cq_head, 1);
  __atomic_store_n(ring->cq_head, *ring->cq_head + 1, __ATOMIC_RELEASE);
}

static void ring_use(struct Ring* ring) {
  for (int i = 0; i < kRounds; i++) {
    ring_turn(ring);
    usleep(i % 3 * 50);
  }
}

static void* issues_alone(void* arg) {
  struct Ring ring;
  if (ring_make(&ring, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN)) ring_use(&ring);
  return arg;
}

static void* enables(void* arg) {
  struct Ring ring;
  if (!ring_make(&ring, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_R_DISABLED)) return arg;
  CHECK_OK(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_ENABLE_RINGS, NULL, 0));
  ring_use(&ring);
  return arg;
}

static void* has_a_number(void* arg) {
  struct Ring ring;
  if (!ring_make(&ring, 0)) return arg;
  struct io_uring_rsrc_update number = {.offset = -1U, .data = (unsigned)ring.fd};
  CHECK_EQ(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_RING_FDS, &number, 1), 1);
  ring.fd = (int)number.offset;
  ring.enter_flags |= IORING_ENTER_REGISTERED_RING;
  ring_use(&ring);
  return arg;
}

int main(void) {
  struct Ring ring;
  const int made = ring_make(&ring, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);
  pthread_t threads[3 * kThreads];
  for (int i = 0; i < kThreads; i++) {
    threads[3 * i] = THREAD(issues_alone, NULL);
    threads[3 * i + 1] = THREAD(enables, NULL);
    threads[3 * i + 2] = THREAD(has_a_number, NULL);
  }
  if (made) ring_use(&ring);
  for (int i = 0; i < 3 * kThreads; i++) JOIN(threads[i]);
  puts(unsupported ? "no io_uring, or too old" : "each its own");
  return 0;
}
