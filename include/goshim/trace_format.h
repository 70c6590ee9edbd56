/* What goshim records while it is traced: in memory, one ring for each M, and in the files that
 * `goshim trace` writes.
 *
 * In memory a ring has one writer. It writes the record at head % GOSHIM_TRACE_RECORDS and then adds
 * one to head. A reader (process_vm_readv) copies what is between its own position and head, reads
 * head again and drops what may have been overwritten meanwhile: everything up to
 * head - GOSHIM_TRACE_RECORDS, that one included. A signal handler that cuts in may spoil the record that
 * was being written: readers take nothing in a record for granted.
 *
 * A file is a goshim_trace_header and then blocks, each a goshim_trace_block and its data. It may end
 * anywhere. Bump GOSHIM_TRACE_VERSION whenever something here changes; new events at the end of the
 * list need no bump.
 */
#ifndef GOSHIM_TRACE_FORMAT_H
#define GOSHIM_TRACE_FORMAT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GOSHIM_TRACE_MAGIC "goshimT" /* 8 bytes with its terminating 0 */
#define GOSHIM_TRACE_VERSION 1
#define GOSHIM_TRACE_RECORDS 16384u

/* name, what `arg` is. `goid` is whom it is about, 0 if nobody. */
#define GOSHIM_TRACE_EVENTS(X)                                                               \
  X(none, "")                                                                                \
  X(go_create, "")                          /* the G is new, and runnable */                 \
  X(go_ready, "")                           /* somebody has made it runnable */              \
  X(go_start, "P, -1 if without one")       /* it runs from here on, on this M */            \
  X(go_park, "wait reason | on << 8")       /* it waits */                                   \
  X(go_yield, "")                           /* back into the queue, by itself */             \
  X(go_end, "")                             /* its last act */                               \
  X(go_lost_p, "")                          /* in the queue: came back without a P */        \
  X(p_handoff, "P")                         /* a P is passed on while its M blocks */        \
  X(p_retake, "P | cause << 32")            /* sysmon took it: 0 hog, 1 blocked, 2 unseen */ \
  X(p_steal, "thief | victim << 32")        /* half a queue; goid runs first */              \
  X(m_start, "its kernel tid")              /* a kernel thread begins */                     \
  X(m_park, "")                             /* the M sleeps */                               \
  X(m_unpark, "P")                          /* and was woken for this P */                   \
  X(m_poll, "ns it may sleep, -1 for ever") /* it blocks in the poller */                    \
  X(m_polled, "events that came")           /* and is back */

enum goshim_trace_event {
#define X(name, arg) GOSHIM_TRACE_##name,
  GOSHIM_TRACE_EVENTS(X)
#undef X
      GOSHIM_TRACE_EVENT_COUNT
};

struct goshim_trace_record {
  uint64_t tsc;  /* time stamp counter */
  uint64_t what; /* goid << 8 | enum goshim_trace_event */
  uint64_t arg;
};

struct goshim_trace_ring {
  struct goshim_trace_ring* next;
  int32_t m;        /* id of the M; 0: all threads that are none (sysmon, foreign ones) */
  uint32_t records; /* GOSHIM_TRACE_RECORDS */
  uint64_t head;
  struct goshim_trace_record record[GOSHIM_TRACE_RECORDS];
};

struct goshim_trace_header {
  char magic[8];
  uint32_t version;
  uint32_t record_size;
  /* Two moments on both clocks, to turn time stamps into ns; the second is 0 if the recorder was
   * killed. */
  uint64_t tsc[2];
  int64_t ns[2]; /* CLOCK_MONOTONIC */
  int32_t pid;
  int32_t nprocs;
};

enum goshim_trace_block_type {
  GOSHIM_TRACE_BLOCK_RECORDS =
      1, /* goshim_trace_record[] of M `id`; `lost` were overwritten before */
  GOSHIM_TRACE_BLOCK_NAMES = 2,   /* goshim_trace_name[] */
  GOSHIM_TRACE_BLOCK_REASONS = 3, /* struct goshim_wait_reason[] (layout.h) */
};

struct goshim_trace_block {
  uint32_t type;
  int32_t id;
  uint64_t size; /* of the data behind it, in bytes */
  uint64_t lost;
};

struct goshim_trace_name {
  uint64_t goid;
  char name[16];
};

#ifdef __cplusplus
}
#endif

#endif
