/* Goroutines, channels and select for C and C++: Go's concurrency on the scheduler that also runs the program's pthreads.
 *
 *     cc prog.c $(pkg-config --cflags --libs goshim)
 *
 * A goroutine is a thread of the library's: parked it costs two or three pages, started or switched to it costs a fraction
 * of a microsecond. Every pthread of a program linked with the library is one as well, and they mix: any thread, main
 * and kernel threads the library does not know included, may call everything here.
 *
 * Conventions
 *   - Names and meaning are Go's. Times are int64_t nanoseconds; `ns` is a duration (a negative one is no time at all).
 *   - A function that may wait says so. It waits in user space, others run meanwhile. Signal handlers run while it waits
 *     and it goes on afterwards: nothing here fails with EINTR. None of these calls is a cancellation point, and none may
 *     be made from a signal handler.
 *   - Without memory a constructor returns NULL with errno ENOMEM and goshim_go() an error number. Breaking a rule that
 *     panics in Go (sending on a closed channel, unlocking what is not locked, ...) prints Go's message and the stack, and
 *     aborts.
 *   - A program linked with the library in which nobody can wake anybody any more (all goroutines wait on channels and locks;
 *     no deadline, timer, fd, signal handler or thread of others is left) ends as in Go: "fatal error: all goroutines are
 *     asleep - deadlock!", all stacks, status 2. GOSHIM_DEBUG=deadlock=0 turns that off; deadlock=1 turns it on where the library is
 *     preloaded, and counts pthread locks, conds, semaphores and barriers in.
 *   - Objects made by a constructor are counted: _ref() adds an owner, _unref() ends one. NULL is allowed for both.
 */
#ifndef GOSHIM_GOSHIM_H
#define GOSHIM_GOSHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define GOSHIM_NORETURN [[noreturn]]
extern "C" {
#else
#define GOSHIM_NORETURN _Noreturn
#endif
#define GOSHIM_API __attribute__((visibility("default")))

#define GOSHIM_MICROSECOND INT64_C(1000)
#define GOSHIM_MILLISECOND INT64_C(1000000)
#define GOSHIM_SECOND INT64_C(1000000000)

/* ---- goroutines ------------------------------------------------------------------------------------------------- */

/* Starts fn(arg) in a new goroutine. 0, or an error number (EAGAIN: no memory for its stack). The goroutine ends when fn
 * returns; the process ends when main does, whoever still runs. */
GOSHIM_API int goshim_go(void (*fn)(void* arg), void* arg);

/* The same with a name (at most 15 bytes, NULL: the creator's), as tools and dumps show it, and a stack of stack_size
 * bytes (0: 256 KB, or what GOSHIM_STACK_SIZE says). Stacks do not grow; what is not touched costs nothing. */
GOSHIM_API int goshim_go_with(void (*fn)(void* arg), void* arg, const char* name,
                              size_t stack_size);

/* Lets others run: runtime.Gosched. */
GOSHIM_API void goshim_yield(void);

/* Waits that long, and not less: time.Sleep. */
GOSHIM_API void goshim_sleep(int64_t ns);

/* Ends the calling goroutine: runtime.Goexit. Cleanup handlers and C++ destructors run. On main the process goes on until
 * the last goroutine has ended. */
GOSHIM_NORETURN GOSHIM_API void goshim_goexit(void);

/* The calling goroutine's number: unique among those that live; main's is 1. */
GOSHIM_API uint64_t goshim_goid(void);

/* How many goroutines there are, pthreads and main included: runtime.NumGoroutine. */
GOSHIM_API int goshim_num_goroutine(void);

/* Sets how many goroutines run program code at the same time, at most 1,024, and returns what it was: runtime.GOMAXPROCS.
 * n < 1 changes nothing. At the start it is GOSHIM_MAXPROCS, else GOMAXPROCS, else as many CPUs as the process may use by its
 * affinity and its cgroup's quota; later changes of those are not followed. Nobody is stopped: with fewer of them, those that
 * run too many run on until their next call of ours, 10 ms long at most beside others that wait. -1 with errno ENOMEM, and
 * then nothing has changed. */
GOSHIM_API int goshim_gomaxprocs(int n);

/* Gives the calling goroutine a kernel thread of its own until as many calls of goshim_unlock_os_thread() as of this:
 * runtime.LockOSThread. For libraries that keep state in the kernel thread. It waits in the kernel meanwhile. */
GOSHIM_API void goshim_lock_os_thread(void);
GOSHIM_API void goshim_unlock_os_thread(void);

/* A monotonic clock, in nanoseconds. */
GOSHIM_API int64_t goshim_nanotime(void);

/* ---- channels --------------------------------------------------------------------------------------------------- */

typedef struct goshim_chan goshim_chan;

/* What goshim_recv() and the like return. */
enum {
  GOSHIM_WOULD_BLOCK = -1, /* not now (try_), or not in time (_for) */
  GOSHIM_CLOSED = 0,       /* receive: the channel is closed and empty; the element is zeroed */
  GOSHIM_OK = 1            /* an element was sent or received */
};

/* make(chan T, n): a channel of elements of elem_size bytes (below 64 KB, may be 0), copied as bytes, with room for n of
 * them. With n == 0 a send waits for a receive. NULL with errno ENOMEM: no memory, or absurd sizes. The caller owns the
 * one reference. */
GOSHIM_API goshim_chan* goshim_chan_make(size_t elem_size, size_t n);

/* The same; drop(element) is called for each that is still in the channel when its last reference goes. */
GOSHIM_API goshim_chan* goshim_chan_make_drop(size_t elem_size, size_t n, void (*drop)(void* elem));

/* The last unref frees the channel: nobody may wait on it then. A thread may drop the reference it received through as
 * soon as its call has returned, even if the partner is still in its own. */
GOSHIM_API goshim_chan* goshim_chan_ref(goshim_chan* c);
GOSHIM_API void goshim_chan_unref(goshim_chan* c);

/* c <- *elem. Waits until there is room or a receiver. On a NULL channel, for ever. Panics on a closed one. */
GOSHIM_API void goshim_send(goshim_chan* c, const void* elem);

/* *elem = <-c. Waits for an element or the close: GOSHIM_OK or GOSHIM_CLOSED. elem may be NULL: the element is dropped.
 * What was sent before the close is received before GOSHIM_CLOSED. */
GOSHIM_API int goshim_recv(goshim_chan* c, void* elem);

/* Without waiting: GOSHIM_OK, GOSHIM_WOULD_BLOCK, or (receive) GOSHIM_CLOSED. */
GOSHIM_API int goshim_try_send(goshim_chan* c, const void* elem);
GOSHIM_API int goshim_try_recv(goshim_chan* c, void* elem);

/* Waiting for at most ns. */
GOSHIM_API int goshim_send_for(goshim_chan* c, const void* elem, int64_t ns);
GOSHIM_API int goshim_recv_for(goshim_chan* c, void* elem, int64_t ns);

/* close(c). Who waits to receive gets GOSHIM_CLOSED; who waits to send panics. Closing a closed or NULL channel panics. */
GOSHIM_API void goshim_close(goshim_chan* c);

/* len(c) and cap(c); 0 for NULL. */
GOSHIM_API size_t goshim_len(const goshim_chan* c);
GOSHIM_API size_t goshim_cap(const goshim_chan* c);

/* for v := range c: goshim_range(c, &v) { ... } */
#define goshim_range(c, elem) while (goshim_recv((c), (elem)) == GOSHIM_OK)

/* ---- select ----------------------------------------------------------------------------------------------------- */

typedef enum goshim_case_op {
  GOSHIM_NONE = 0, /* never goes on, as a case with a NULL channel */
  GOSHIM_SEND = 1, /* chan <- *elem */
  GOSHIM_RECV = 2, /* *elem = <-chan; ok is 1 for an element, 0 for closed */
  GOSHIM_READABLE =
      3, /* poll(2) says of fd: POLLIN, or an error; ok is what it says (POLLNVAL: no open fd) */
  GOSHIM_WRITABLE = 4 /* POLLOUT */
} goshim_case_op;

typedef struct goshim_case {
  goshim_case_op op;
  int fd;
  goshim_chan* chan;
  void* elem;
  int ok;            /* written for the case that was chosen */
  uint16_t order[2]; /* ours while the call lasts */
  void* wait[7];     /* ours while the call lasts */
} goshim_case;

static inline goshim_case goshim_make_case(goshim_case_op op, goshim_chan* chan, void* elem,
                                           int fd) {
  goshim_case k;
  k.op = op;
  k.fd = fd;
  k.chan = chan;
  k.elem = elem;
  k.ok = 0;
  return k;
}
static inline goshim_case goshim_case_send(goshim_chan* c, const void* elem) {
  return goshim_make_case(GOSHIM_SEND, c, (void*)(uintptr_t)elem, -1);
}
static inline goshim_case goshim_case_recv(goshim_chan* c, void* elem) {
  return goshim_make_case(GOSHIM_RECV, c, elem, -1);
}
static inline goshim_case goshim_case_readable(int fd) {
  return goshim_make_case(GOSHIM_READABLE, NULL, NULL, fd);
}
static inline goshim_case goshim_case_writable(int fd) {
  return goshim_make_case(GOSHIM_WRITABLE, NULL, NULL, fd);
}

#define GOSHIM_DEFAULT (-1)

/* Waits until one of the n cases (at most 65,535) can go on, does it, and returns its index; of several that can, one at
 * random. Elements and channels are evaluated before, as in Go. With nothing that could ever go on it waits for ever. An fd
 * may be closed while it is waited for only by who can do without the answer. The array may be used again, changed or
 * not; it is the calling thread's alone during the call. */
GOSHIM_API int goshim_select(goshim_case* cases, int n);

/* With a default: GOSHIM_DEFAULT if none can go on now. */
GOSHIM_API int goshim_try_select(goshim_case* cases, int n);

/* With a timeout: GOSHIM_DEFAULT if none could for ns. */
GOSHIM_API int goshim_select_for(goshim_case* cases, int n, int64_t ns);

/* ---- package sync ----------------------------------------------------------------------------------------------- */
/* All of these are ready for use when zeroed, are not owned by anybody, and must not be copied once used. */

typedef struct goshim_wait_group {
  uint64_t opaque;
} goshim_wait_group;

/* Adds delta, which may be negative, to the counter; at zero all who wait go on. A negative counter panics. */
GOSHIM_API void goshim_wg_add(goshim_wait_group* wg, int delta);
GOSHIM_API void goshim_wg_done(goshim_wait_group* wg); /* add(-1) */
/* Waits until the counter is zero. */
GOSHIM_API void goshim_wg_wait(goshim_wait_group* wg);

typedef struct goshim_mutex {
  uint64_t opaque[5];
} goshim_mutex;

/* Unlocking what is not locked ends the process; another thread than the one that locked may unlock. */
GOSHIM_API void goshim_mutex_lock(goshim_mutex* m);
GOSHIM_API int goshim_mutex_try_lock(goshim_mutex* m); /* 1 if it is locked now, else 0 */
GOSHIM_API void goshim_mutex_unlock(goshim_mutex* m);

typedef struct goshim_rwmutex {
  uint64_t opaque[7];
} goshim_rwmutex;

/* A writer that waits keeps new readers out, so a reader must not lock again. */
GOSHIM_API void goshim_rwmutex_rlock(goshim_rwmutex* rw);
GOSHIM_API int goshim_rwmutex_try_rlock(goshim_rwmutex* rw);
GOSHIM_API void goshim_rwmutex_runlock(goshim_rwmutex* rw);
GOSHIM_API void goshim_rwmutex_lock(goshim_rwmutex* rw);
GOSHIM_API int goshim_rwmutex_try_lock(goshim_rwmutex* rw);
GOSHIM_API void goshim_rwmutex_unlock(goshim_rwmutex* rw);

typedef struct goshim_once {
  uint64_t opaque[6];
} goshim_once;

/* Calls fn(arg) if nothing has been called through *once yet; returns when that call has ended. fn must not use *once. */
GOSHIM_API void goshim_once_do(goshim_once* once, void (*fn)(void* arg), void* arg);

typedef struct goshim_cond {
  uint64_t opaque;
} goshim_cond;

/* Unlocks m, waits for a signal or broadcast that comes after that, locks m. It never returns without one. */
GOSHIM_API void goshim_cond_wait(goshim_cond* c, goshim_mutex* m);
/* Wakes the one that has waited longest, or all. m may be held or not. */
GOSHIM_API void goshim_cond_signal(goshim_cond* c);
GOSHIM_API void goshim_cond_broadcast(goshim_cond* c);

/* ---- package time ----------------------------------------------------------------------------------------------- */

typedef struct goshim_timer goshim_timer;

/* time.NewTimer and time.NewTicker: a channel of int64_t that receives goshim_nanotime() after ns, or every ns. A ticker
 * drops ticks for slow receivers; its ns must be positive, else it panics. A tick may come late by a sixteenth of ns, but
 * by no more than half a millisecond, so that many tickers wake the process together. NULL with errno ENOMEM. */
GOSHIM_API goshim_timer* goshim_timer_new(int64_t ns);
GOSHIM_API goshim_timer* goshim_ticker_new(int64_t ns);

/* The channel, as long as the timer lives (take a reference to have it longer); NULL for one of goshim_after_func(). */
GOSHIM_API goshim_chan* goshim_timer_chan(goshim_timer* t);

/* Stops it: nothing comes any more, and what had come but was not received is gone. 1 if it was running or something was
 * dropped, else 0. A function that has been started goes on. */
GOSHIM_API int goshim_timer_stop(goshim_timer* t);

/* Stops it and starts it anew with ns; a ticker ticks every ns from now on. Returns as stop. */
GOSHIM_API int goshim_timer_reset(goshim_timer* t, int64_t ns);

/* Ends the caller's reference. A timer that runs goes on; a ticker must be stopped before. */
GOSHIM_API void goshim_timer_unref(goshim_timer* t);

/* time.After: a channel that receives the time once, after ns. The caller owns the reference. */
GOSHIM_API goshim_chan* goshim_after(int64_t ns);

/* time.AfterFunc: calls fn(arg) in a goroutine of its own after ns, unless stopped. */
GOSHIM_API goshim_timer* goshim_after_func(int64_t ns, void (*fn)(void* arg), void* arg);

/* ---- package context -------------------------------------------------------------------------------------------- */

typedef struct goshim_ctx goshim_ctx;

/* What goshim_ctx_err() returns. */
enum { GOSHIM_CTX_OK = 0, GOSHIM_CANCELED = 1, GOSHIM_DEADLINE_EXCEEDED = 2 };

/* The root of all contexts: never cancelled, no deadline, no values. Needs no unref. */
GOSHIM_API goshim_ctx* goshim_ctx_background(void);

/* A child that can be cancelled; that is cancelled at `deadline` (of goshim_nanotime()) or after ns; that has a value for a
 * key (compared as an address; NULL is no key). It is also cancelled when its parent is. It holds a reference to its
 * parent; the caller owns the one to it. NULL with errno ENOMEM. A NULL parent panics. */
GOSHIM_API goshim_ctx* goshim_ctx_with_cancel(goshim_ctx* parent);
GOSHIM_API goshim_ctx* goshim_ctx_with_deadline(goshim_ctx* parent, int64_t deadline);
GOSHIM_API goshim_ctx* goshim_ctx_with_timeout(goshim_ctx* parent, int64_t ns);
GOSHIM_API goshim_ctx* goshim_ctx_with_value(goshim_ctx* parent, const void* key, void* value);

GOSHIM_API goshim_ctx* goshim_ctx_ref(goshim_ctx* ctx);
GOSHIM_API void goshim_ctx_unref(goshim_ctx* ctx);

/* Cancels it and all below. A second time does nothing; one that has only a value, or is the background, panics. A context
 * with a deadline should be cancelled when its work is done: until its deadline it is kept. */
GOSHIM_API void goshim_ctx_cancel(goshim_ctx* ctx);

/* The channel that is closed by the cancellation, as long as the context lives; NULL, which blocks for ever, if there can be
 * none. */
GOSHIM_API goshim_chan* goshim_ctx_done(goshim_ctx* ctx);

/* GOSHIM_CTX_OK while done is open, then why it was closed. */
GOSHIM_API int goshim_ctx_err(goshim_ctx* ctx);

/* 1 and the deadline, or 0. deadline may be NULL. */
GOSHIM_API int goshim_ctx_deadline(goshim_ctx* ctx, int64_t* deadline);

/* The value of the nearest context upwards with that key, or NULL. */
GOSHIM_API void* goshim_ctx_value(goshim_ctx* ctx, const void* key);

/* ---- debugging -------------------------------------------------------------------------------------------------- */

/* Panics if size is not the channel's element size. With GOSHIM_DEBUG defined before this header is included, the calls
 * below compare it with what the pointer points to. */
GOSHIM_API goshim_chan* goshim_check_elem(goshim_chan* c, size_t size);

#ifdef GOSHIM_DEBUG
#define goshim_send(c, elem) goshim_send(goshim_check_elem((c), sizeof *(elem)), (elem))
#define goshim_recv(c, elem) goshim_recv(goshim_check_elem((c), sizeof *(elem)), (elem))
#define goshim_try_send(c, elem) goshim_try_send(goshim_check_elem((c), sizeof *(elem)), (elem))
#define goshim_try_recv(c, elem) goshim_try_recv(goshim_check_elem((c), sizeof *(elem)), (elem))
#define goshim_case_send(c, elem) goshim_case_send(goshim_check_elem((c), sizeof *(elem)), (elem))
#define goshim_case_recv(c, elem) goshim_case_recv(goshim_check_elem((c), sizeof *(elem)), (elem))
#endif

#ifdef __cplusplus
}
#endif

#endif
