/* What a reader outside of the process (goshim stats, stacks, top, trace; a debugger) needs to find
 * its way in goshim's memory.
 *
 * libgoshim.so exports one object, goshim_layout. It says where the scheduler's own structures lie
 * and at which offsets their fields are. A reader takes the object's address from the library's
 * dynamic symbols, and everything else from process_vm_readv(2), /proc/PID/mem or a core file. The
 * process does nothing for its readers, and whoever may not ptrace it may not read it.
 *
 * Memory of Gs, Ms and Ps is type-stable: it is never freed nor used for anything else, so a stale
 * pointer still leads to an object of its type. A reader of a running process sees fields of
 * different moments; one that wants them all of one moment stops the process.
 *
 * Bump GOSHIM_LAYOUT_VERSION whenever a field here changes its place or meaning; appending to the
 * end of goshim_layout, or counters to the table, needs no bump: `size` and `counter_count` tell.
 */
#ifndef GOSHIM_LAYOUT_H
#define GOSHIM_LAYOUT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GOSHIM_LAYOUT_MAGIC "goshim!" /* 8 bytes with its terminating 0 */
#define GOSHIM_LAYOUT_VERSION 1

/* G.status */
enum goshim_g_status {
  GOSHIM_G_IDLE,     /* not in use; a foreign one is always this */
  GOSHIM_G_RUNNABLE, /* on a run queue */
  GOSHIM_G_RUNNING,  /* the scheduler works for it */
  GOSHIM_G_PROGRAM,  /* program code, on an M */
  GOSHIM_G_WAITING,  /* parked; wait_reason says why */
  GOSHIM_G_DEAD,     /* ended, not yet joined */
};

/* G.kind */
enum goshim_g_kind {
  GOSHIM_G_OF_M,    /* the context in which an M schedules */
  GOSHIM_G_NORMAL,  /* a thread of the program */
  GOSHIM_G_FOREIGN, /* a kernel thread that goshim did not make, its tid is the kernel's */
  GOSHIM_G_WIRED,   /* a thread of the program with an M of its own */
};

/* What G.wait_on means. Which one belongs to a reason: goshim_wait_reason.on */
enum goshim_wait_on {
  GOSHIM_ON_NOTHING,
  GOSHIM_ON_FD,      /* a file descriptor */
  GOSHIM_ON_FDS,     /* (how many << 32) | the first of them */
  GOSHIM_ON_MUTEX,   /* a pthread_mutex_t; its owner's tid is in it */
  GOSHIM_ON_RWLOCK,  /* a pthread_rwlock_t; the tid of a writer that is in is in it */
  GOSHIM_ON_ADDRESS, /* a condition, semaphore, barrier, futex word, ... */
  GOSHIM_ON_G,       /* a G */
};

struct goshim_wait_reason {
  char name[28];
  uint32_t on; /* enum goshim_wait_on */
};

enum goshim_counter_kind { GOSHIM_COUNTER, GOSHIM_GAUGE };

struct goshim_counter {
  char name[24];
  uint32_t kind; /* enum goshim_counter_kind */
  uint32_t size; /* 4 or 8 bytes, signed */
  const void* address;
};

/* Pointers here are of the process looked at. */
struct goshim_memory_layout {
  char magic[8];
  uint32_t version;
  uint32_t size;       /* of this object in the library that has it */
  char library[16];    /* its version as text */
  const void* started; /* uint32_t, 1 once there are Gs */
  const void* now; /* int64_t, CLOCK_MONOTONIC in ns, at most some 10 ms old while anything runs */
  const void* nprocs;      /* int32_t */
  const void* allp;        /* P*[nprocs]; dead ones too */
  const void* allm;        /* M*, linked by m.all_next */
  const void* allgs;       /* G*, linked by g.all_next: those of status idle are not in use */
  const void* main_thread; /* the Thread of a G whose `thread` is null */

  const struct goshim_counter* counters;
  const struct goshim_wait_reason* reasons; /* indexed by G.wait_reason */
  uint32_t counter_count;
  uint32_t reason_count;

  /* Offsets, and sizes of the whole. */
  struct {
    uint16_t size;
    uint16_t kind;        /* uint8_t, enum goshim_g_kind */
    uint16_t status;      /* uint32_t, enum goshim_g_status */
    uint16_t goid;        /* uint64_t */
    uint16_t tid;         /* int32_t, what gettid() says */
    uint16_t tcb;         /* address; also its pthread_t */
    uint16_t context;     /* address of the saved registers while it runs on no M */
    uint16_t m;           /* M*, or null */
    uint16_t stack_lo;    /* address; 0 for main */
    uint16_t stack_hi;    /* address */
    uint16_t wait_reason; /* uint8_t */
    uint16_t wait_on;     /* uint64_t, see goshim_wait_on */
    uint16_t wait_since;  /* int64_t, as `now` */
    uint16_t park_word;   /* uint64_t: (waits so far << 8) | of no meaning here */
    uint16_t cpu_used;    /* int64_t ns; counted only for threads that asked for their CPU clock */
    uint16_t thread;      /* Thread* */
    uint16_t all_next;    /* G* */
  } g;
  struct {
    uint16_t size;
    uint16_t name; /* char[16] */
  } thread;
  struct {
    uint16_t size;
    uint16_t id;       /* int32_t */
    uint16_t tid;      /* int32_t, the kernel's; 0: it has no kernel thread */
    uint16_t g0;       /* G* */
    uint16_t curg;     /* G*, what it runs, or null */
    uint16_t blocking; /* uint32_t: in a call known to block */
    uint16_t spinning; /* uint8_t: looks for work */
    uint16_t wired;    /* uint8_t */
    uint16_t all_next; /* M* */
  } m;
  struct {
    uint16_t size;
    uint16_t id;   /* int32_t */
    uint16_t word; /* uint64_t: (id of its M << 8) | 0 idle, 1 scheduler, 2 program, 3 stopped */
    uint16_t schedtick; /* uint32_t: Gs started */
    uint16_t runq_head; /* uint32_t */
    uint16_t runq_tail; /* uint32_t */
    uint16_t runq_next; /* G* */
    uint16_t timers;    /* int32_t: in its heap */
  } p;
  /* In the saved registers. The stack pointer is behind them: context + size. */
  struct {
    uint16_t size;
    uint16_t rip, rbp, rbx, r12, r13, r14, r15;
  } context;

  /* trace_format.h */
  const void* trace_on;    /* uint32_t; a reader that may write writes 1 to have events recorded */
  const void* trace_rings; /* struct goshim_trace_ring*, linked by next */
};

extern struct goshim_memory_layout goshim_layout;

#ifdef __cplusplus
}
#endif

#endif
