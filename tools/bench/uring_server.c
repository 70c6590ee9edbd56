// A rival: the same server as an io_uring loop (liburing).
//
// One ring for each thread. The first ring also accepts (multishot) and deals the connections out
// in turn by messages between the rings. A request costs two entries, submitted together with those
// of all other requests of the round: a send linked to the next recv. The recv says "poll first",
// since after the answer nothing is there yet.
//
//   uring_server PORT [-b BODY_BYTES] [-t THREADS]
#define _GNU_SOURCE
#include <errno.h>
#include <liburing.h>
#include <pthread.h>

#include "options.h"

enum { kEntries = 4096, kBatch = 512, kMaxRings = 64 };

// user_data that is not a connection's address. kSent: a send that failed, its linked recv tells
// the story.
enum { kAccept, kNewConn, kSent, kMessage };

struct Conn {
  int fd;
  bool closing;
  size_t have;
  char buf[kHttpBuffer];
};

static struct io_uring rings[kMaxRings];
static pthread_barrier_t rings_ready;
static int ring_count;
static int listener;

static struct io_uring_sqe* get_sqe(struct io_uring* ring) {
  struct io_uring_sqe* sqe;
  while (!(sqe = io_uring_get_sqe(ring))) io_uring_submit(ring);
  return sqe;
}

static void prep_accept(struct io_uring* ring) {
  struct io_uring_sqe* sqe = get_sqe(ring);
  io_uring_prep_multishot_accept(sqe, listener, NULL, NULL, 0);
  io_uring_sqe_set_data64(sqe, kAccept);
}

static void prep_recv(struct io_uring* ring, struct Conn* c) {
  struct io_uring_sqe* sqe = get_sqe(ring);
  io_uring_prep_recv(sqe, c->fd, c->buf + c->have, sizeof c->buf - c->have, 0);
  sqe->ioprio |= IORING_RECVSEND_POLL_FIRST;
  io_uring_sqe_set_data(sqe, c);
}

// The chain's next entry runs when all of it is sent.
static void prep_send(struct io_uring* ring, struct Conn* c, struct HttpOutput out) {
  struct io_uring_sqe* sqe = get_sqe(ring);
  io_uring_prep_send(sqe, c->fd, out.bytes, out.size, MSG_WAITALL | MSG_NOSIGNAL);
  sqe->flags |= IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS;
  io_uring_sqe_set_data64(sqe, kSent);
}

static void conn_new(struct io_uring* ring, int fd) {
  struct Conn* c = malloc(sizeof *c);
  if (!c) {
    close(fd);
    return;
  }
  c->fd = fd;
  c->closing = false;
  c->have = 0;
  prep_recv(ring, c);
}

static void conn_received(struct io_uring* ring, struct Conn* c, int got) {
  if (got <= 0 || c->closing) {
    close(c->fd);
    free(c);
    return;
  }
  // A chain must be submitted whole; the most sends one buffer can ask for is one for each 18-byte
  // request.
  if (io_uring_sq_space_left(ring) < kHttpBuffer / 18 + 2) io_uring_submit(ring);
  size_t used = 0;
  struct HttpOutput out;
  c->have += (size_t)got;
  while (out = http_next(c->buf, c->have, &used), out.size > 0) {
    prep_send(ring, c, out);
    if (out.close) {
      struct io_uring_sqe* sqe = get_sqe(ring);
      io_uring_prep_shutdown(sqe, c->fd, SHUT_WR);
      io_uring_sqe_set_data(sqe, c);
      c->closing = true;
      return;
    }
  }
  c->have -= used;
  if (c->have > 0 && used > 0) memmove(c->buf, c->buf + used, c->have);
  prep_recv(ring, c);
}

static void accepted(struct io_uring* ring, int fd) {
  static int next;
  struct io_uring* to = &rings[next++ % ring_count];
  if (to == ring) {
    conn_new(ring, fd);
  } else {
    struct io_uring_sqe* sqe = get_sqe(ring);
    io_uring_prep_msg_ring(sqe, to->ring_fd, (unsigned)fd, kNewConn, 0);
    sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
    io_uring_sqe_set_data64(sqe, kMessage);
  }
}

static void* run(void* arg) {
  struct io_uring* ring = &rings[(intptr_t)arg];
  struct io_uring_params params = {
      .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE,
      .cq_entries = 65536};
  int err = io_uring_queue_init_params(kEntries, ring, &params);
  if (err < 0) {
    fprintf(stderr, "io_uring: %s\n", strerror(-err));
    exit(1);
  }
  pthread_barrier_wait(&rings_ready);
  if ((intptr_t)arg == 0) prep_accept(ring);
  for (;;) {
    struct io_uring_cqe* cqes[kBatch];
    err = io_uring_submit_and_wait(ring, 1);
    if (err < 0 && err != -EINTR && err != -EBUSY) exit(1);
    unsigned n = io_uring_peek_batch_cqe(ring, cqes, kBatch);
    for (unsigned i = 0; i < n; i++) {
      uint64_t data = cqes[i]->user_data;
      int result = cqes[i]->res;
      if (data == kAccept) {
        if (result >= 0) accepted(ring, result);
        if (result < 0) usleep(10000);  // out of fds: until some close
        if (!(cqes[i]->flags & IORING_CQE_F_MORE)) prep_accept(ring);
      } else if (data == kNewConn) {
        conn_new(ring, result);
      } else if (data != kSent && data != kMessage) {
        conn_received(ring, (struct Conn*)(uintptr_t)data, result);
      }
    }
    io_uring_cq_advance(ring, n);
  }
  return NULL;
}

int main(int argc, char** argv) {
  struct Options options = options_of(argc, argv);
  ring_count = options.threads < kMaxRings ? options.threads : kMaxRings;
  pthread_barrier_init(&rings_ready, NULL, (unsigned)ring_count);
  listener = server_listen(options.port, 0);
  for (int i = 1; i < ring_count; i++) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, (void*)(intptr_t)i) != 0) return 1;
  }
  run((void*)0);
}
