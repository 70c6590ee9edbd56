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
 *   - Objects made by a constructor are counted: _ref() adds an owner, _unref() ends one. NULL is allowed for both.
 *
 * docs/api.md says more of each call.
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
GOSHIM_API GOSHIM_NORETURN void goshim_goexit(void);

/* The calling goroutine's number: unique among those that live; main's is 1. */
GOSHIM_API uint64_t goshim_goid(void);

/* How many goroutines there are, pthreads and main included: runtime.NumGoroutine. */
GOSHIM_API int goshim_num_goroutine(void);

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
