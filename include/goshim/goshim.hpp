// C++20 for goshim.h: typed channels, closures as goroutines, select with functions for cases.
//
//     g++ -std=c++20 prog.cc $(pkg-config --cflags --libs goshim)
//
//   goshim::chan<std::string> c(16);
//   goshim::go([c] { c.send("hey"); });
//   for (std::string& s : c) ...
//
// Header only and thin. Objects count their references, so copies of a chan, a context or a timer are the same channel,
// context or timer. Everything throws std::bad_alloc where C gets NULL; nothing else of it throws, and no exception is
// lost: one that leaves a goroutine ends the process, as it does in std::thread.
//
// Elements that can be copied as bytes travel in the channel itself, others are moved into a box of their own and out of
// it. What is in a channel when its last reference goes is destroyed.
#ifndef GOSHIM_GOSHIM_HPP
#define GOSHIM_GOSHIM_HPP

#include <goshim/goshim.h>

#include <cxxabi.h>

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <utility>

namespace goshim {

// Durations of std::chrono; what does not fit in 64 bits of nanoseconds is for ever.
template <typename Rep, typename Period>
constexpr int64_t nanoseconds(std::chrono::duration<Rep, Period> d) {
  using Ns = std::chrono::duration<double, std::nano>;
  if (std::chrono::duration_cast<Ns>(d).count() >= 9.2e18) return INT64_MAX;
  return std::chrono::duration_cast<std::chrono::nanoseconds>(d).count();
}

namespace detail {

template <typename T>
inline T* check(T* p) {
  if (p == nullptr) throw std::bad_alloc();
  return p;
}

// A closure on its way to its goroutine.
template <typename F>
struct Closure {
  static void run(void* p) noexcept(false) {
    std::unique_ptr<F> f(static_cast<F*>(p));
    std::invoke(std::move(*f));
  }
};

// Something of C's with _ref and _unref.
template <typename C, C* (*Ref)(C*), void (*Unref)(C*)>
class Counted {
 public:
  Counted() = default;
  explicit Counted(C* owned) noexcept : p_(owned) {}
  Counted(const Counted& o) noexcept : p_(Ref(o.p_)) {}
  Counted(Counted&& o) noexcept : p_(std::exchange(o.p_, nullptr)) {}
  Counted& operator=(Counted o) noexcept {
    std::swap(p_, o.p_);
    return *this;
  }
  ~Counted() { Unref(p_); }
  C* get() const noexcept { return p_; }

 private:
  C* p_ = nullptr;
};

using ChanRef = Counted<goshim_chan, &goshim_chan_ref, &goshim_chan_unref>;
using CtxRef = Counted<goshim_ctx, &goshim_ctx_ref, &goshim_ctx_unref>;

// How a T travels: as it is, or in a box.
template <typename T>
inline constexpr bool as_bytes = std::is_trivially_copyable_v<T> && std::is_default_constructible_v<T> && sizeof(T) < 65536;

template <typename T>
struct Wire {
  using type = T*;
  static type put(T&& v) { return new T(std::move(v)); }
  static T take(type box) {
    std::unique_ptr<T> owner(box);
    return std::move(*box);
  }
  static void drop(void* slot) { delete *static_cast<type*>(slot); }
};

template <typename T>
  requires as_bytes<T>
struct Wire<T> {
  using type = T;
  static type put(T&& v) { return v; }
  static T take(type v) { return v; }
};

// Sends a wire value and keeps the box if that does not happen (Goexit or an exception out of a signal handler).
template <typename T>
class Parcel {
 public:
  explicit Parcel(T&& v) : wire_(Wire<T>::put(std::move(v))) {}
  Parcel(const Parcel&) = delete;
  Parcel& operator=(const Parcel&) = delete;
  ~Parcel() {
    if constexpr (!as_bytes<T>) {
      if (!gone_) delete wire_;
    }
  }
  const void* address() const { return &wire_; }
  void gone() { gone_ = true; }
  // It was not sent: the value back.
  T back() {
    gone_ = true;
    return Wire<T>::take(wire_);
  }

 private:
  typename Wire<T>::type wire_;
  bool gone_ = false;
};

}  // namespace detail

// ---- goroutines

struct go_options {
  const char* name = nullptr;
  std::size_t stack_size = 0;
};

// Runs f() in a new goroutine. Throws std::system_error if there is no memory for one; f is not lost in silence.
template <typename F>
  requires std::invocable<std::decay_t<F>>
void go(const go_options& options, F&& f) {
  using Fn = std::decay_t<F>;
  auto closure = std::make_unique<Fn>(std::forward<F>(f));
  if (int err = goshim_go_with(&detail::Closure<Fn>::run, closure.get(), options.name, options.stack_size); err != 0)
    throw std::system_error(err, std::generic_category(), "goshim::go");
  closure.release();
}

// go(f, args...): arguments are copied or moved into the goroutine, as by std::thread.
template <typename F, typename... Args>
  requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
void go(F&& f, Args&&... args) {
  if constexpr (sizeof...(Args) == 0) {
    go(go_options{}, std::forward<F>(f));
  } else {
    go(go_options{}, [f = std::decay_t<F>(std::forward<F>(f)),
                      args = std::tuple<std::decay_t<Args>...>(std::forward<Args>(args)...)]() mutable {
      std::apply(std::move(f), std::move(args));
    });
  }
}

inline void yield() { goshim_yield(); }
template <typename Rep, typename Period>
void sleep(std::chrono::duration<Rep, Period> d) {
  goshim_sleep(nanoseconds(d));
}
[[noreturn]] inline void goexit() { goshim_goexit(); }
inline std::uint64_t goid() noexcept { return goshim_goid(); }
inline int num_goroutine() noexcept { return goshim_num_goroutine(); }
inline int gomaxprocs(int n = 0) noexcept { return goshim_gomaxprocs(n); }

// A kernel thread of its own for a scope.
class os_thread_lock {
 public:
  os_thread_lock() { goshim_lock_os_thread(); }
  ~os_thread_lock() { goshim_unlock_os_thread(); }
  os_thread_lock(const os_thread_lock&) = delete;
  os_thread_lock& operator=(const os_thread_lock&) = delete;
};

// ---- channels

struct none {};  // an element that is only an event: chan<none>

enum class sent { ok, would_block };

template <typename T>
class chan {
  using Wire = detail::Wire<T>;
  static constexpr std::size_t kSize = std::is_empty_v<T> ? 0 : sizeof(typename Wire::type);

 public:
  static_assert(std::is_move_constructible_v<T>, "elements are moved into the channel and out of it");
  using value_type = T;

  // A nil channel: it blocks for ever, and a select never chooses it.
  template <std::same_as<std::nullptr_t> Nil>
  chan(Nil) noexcept {}
  // Unbuffered, or with room for n.
  explicit chan(std::size_t n = 0) : c_(make(n)) {}

  // May wait. Sending on a closed channel ends the process, as a panic.
  void send(T v) const {
    detail::Parcel<T> parcel(std::move(v));
    goshim_send(c_.get(), parcel.address());
    parcel.gone();
  }

  // The next element; nothing when the channel is closed and empty.
  std::optional<T> recv() const {
    typename Wire::type wire;
    if (goshim_recv(c_.get(), &wire) != GOSHIM_OK) return std::nullopt;
    return Wire::take(wire);
  }

  // v is left as it was if nothing was sent.
  bool try_send(T& v) const { return send_with(v, [](auto* c, auto* e) { return goshim_try_send(c, e); }); }
  bool try_send(T&& v) const { return try_send(v); }
  template <typename Rep, typename Period>
  bool send_for(T& v, std::chrono::duration<Rep, Period> d) const {
    return send_with(v, [d](auto* c, auto* e) { return goshim_send_for(c, e, nanoseconds(d)); });
  }
  template <typename Rep, typename Period>
  bool send_for(T&& v, std::chrono::duration<Rep, Period> d) const {
    return send_for(v, d);
  }

  // GOSHIM_OK, and v is the element; GOSHIM_CLOSED or GOSHIM_WOULD_BLOCK, and v is empty.
  int try_recv(std::optional<T>& v) const { return recv_with(v, [](auto* c, auto* e) { return goshim_try_recv(c, e); }); }
  template <typename Rep, typename Period>
  int recv_for(std::optional<T>& v, std::chrono::duration<Rep, Period> d) const {
    return recv_with(v, [d](auto* c, auto* e) { return goshim_recv_for(c, e, nanoseconds(d)); });
  }

  void close() const { goshim_close(c_.get()); }
  std::size_t len() const noexcept { return goshim_len(c_.get()); }
  std::size_t cap() const noexcept { return goshim_cap(c_.get()); }
  explicit operator bool() const noexcept { return c_.get() != nullptr; }
  bool operator==(const chan& o) const noexcept { return c_.get() == o.c_.get(); }
  goshim_chan* get() const noexcept { return c_.get(); }

  // A channel of C's, whose elements are Ts as bytes; takes over the reference.
  static chan adopt(goshim_chan* c)
    requires detail::as_bytes<T>
  {
    chan r(nullptr);
    r.c_ = detail::ChanRef(c);
    return r;
  }

  // for (T& v : c): until it is closed and empty.
  class iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    iterator() = default;
    explicit iterator(const chan* c) : c_(c), v_(c->recv()) {}
    T& operator*() const { return *v_; }
    iterator& operator++() {
      next(c_->recv());
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return !v_.has_value(); }

   private:
    void next(std::optional<T>&& v) {
      v_.reset();
      if (v) v_.emplace(std::move(*v));
    }
    const chan* c_ = nullptr;
    mutable std::optional<T> v_;
  };
  iterator begin() const { return iterator(this); }
  std::default_sentinel_t end() const { return {}; }

 private:
  static goshim_chan* make(std::size_t n) {
    if constexpr (detail::as_bytes<T>) return detail::check(goshim_chan_make(kSize, n));
    else return detail::check(goshim_chan_make_drop(kSize, n, &Wire::drop));
  }

  template <typename Send>
  bool send_with(T& v, Send send) const {
    detail::Parcel<T> parcel(std::move(v));
    if (send(c_.get(), parcel.address()) == GOSHIM_OK) {
      parcel.gone();
      return true;
    }
    // Not by assignment, which a T need not have.
    T back = parcel.back();
    std::destroy_at(&v);
    std::construct_at(&v, std::move(back));
    return false;
  }

  template <typename Recv>
  int recv_with(std::optional<T>& v, Recv recv) const {
    typename Wire::type wire;
    v.reset();
    const int r = recv(c_.get(), &wire);
    if (r == GOSHIM_OK) v.emplace(Wire::take(wire));
    return r;
  }

  detail::ChanRef c_;
};

// ---- select
//
//   goshim::select(goshim::on_recv(a, [&](std::optional<int> v) { ... }),   // nothing: closed
//                  goshim::on_send(b, "text", [&] { ... }),
//                  goshim::on_readable(fd, [&](int revents) { ... }));
//   goshim::try_select(cases...), goshim::select_for(1s, cases...): false if none could go on
//
// The function of the case that was chosen runs after the select, in the caller.

template <typename T, typename F>
class on_recv {
 public:
  on_recv(const chan<T>& c, F f) : c_(c), f_(std::move(f)) {}
  goshim_case make() { return goshim_case_recv(c_.get(), &wire_); }
  void run(const goshim_case& k) {
    std::optional<T> v;
    if (k.ok != 0) v.emplace(detail::Wire<T>::take(wire_));
    if constexpr (std::invocable<F, std::optional<T>>) f_(std::move(v));
    else f_();
  }

 private:
  chan<T> c_;
  F f_;
  typename detail::Wire<T>::type wire_{};
};

template <typename T, typename F>
class on_send {
 public:
  template <typename V>
  on_send(const chan<T>& c, V&& v, F f) : c_(c), parcel_(T(std::forward<V>(v))), f_(std::move(f)) {}
  goshim_case make() { return goshim_case_send(c_.get(), parcel_.address()); }
  void run(const goshim_case&) {
    parcel_.gone();
    f_();
  }

 private:
  chan<T> c_;
  detail::Parcel<T> parcel_;
  F f_;
};
template <typename T, typename V, typename F>
on_send(const chan<T>&, V&&, F) -> on_send<T, F>;

namespace detail {
template <typename F>
class OnFd {
 public:
  OnFd(goshim_case_op op, int fd, F f) : op_(op), fd_(fd), f_(std::move(f)) {}
  goshim_case make() { return goshim_make_case(op_, nullptr, nullptr, fd_); }
  void run(const goshim_case& k) {
    if constexpr (std::invocable<F, int>) f_(k.ok);
    else f_();
  }

 private:
  goshim_case_op op_;
  int fd_;
  F f_;
};

template <typename Wait, typename... Cases>
bool select_with(Wait wait, Cases&... cases) {
  goshim_case k[sizeof...(Cases) + 1] = {cases.make()..., goshim_make_case(GOSHIM_NONE, nullptr, nullptr, -1)};
  const int chosen = wait(k, static_cast<int>(sizeof...(Cases)));
  int i = 0;
  ((i++ == chosen ? cases.run(k[chosen]) : void()), ...);
  return chosen >= 0;
}
}  // namespace detail

template <typename F>
detail::OnFd<F> on_readable(int fd, F f) {
  return {GOSHIM_READABLE, fd, std::move(f)};
}
template <typename F>
detail::OnFd<F> on_writable(int fd, F f) {
  return {GOSHIM_WRITABLE, fd, std::move(f)};
}

template <typename... Cases>
void select(Cases&&... cases) {
  detail::select_with([](goshim_case* k, int n) { return goshim_select(k, n); }, cases...);
}
template <typename... Cases>
bool try_select(Cases&&... cases) {
  return detail::select_with([](goshim_case* k, int n) { return goshim_try_select(k, n); }, cases...);
}
template <typename Rep, typename Period, typename... Cases>
bool select_for(std::chrono::duration<Rep, Period> d, Cases&&... cases) {
  return detail::select_with([d](goshim_case* k, int n) { return goshim_select_for(k, n, nanoseconds(d)); }, cases...);
}

// ---- package sync: standard lock names, so std::lock_guard, std::unique_lock and std::shared_lock serve

class mutex {
 public:
  constexpr mutex() noexcept = default;
  mutex(const mutex&) = delete;
  mutex& operator=(const mutex&) = delete;
  void lock() { goshim_mutex_lock(&m_); }
  bool try_lock() { return goshim_mutex_try_lock(&m_) != 0; }
  void unlock() { goshim_mutex_unlock(&m_); }
  goshim_mutex* native_handle() noexcept { return &m_; }

 private:
  goshim_mutex m_{};
};

class rwmutex {
 public:
  constexpr rwmutex() noexcept = default;
  rwmutex(const rwmutex&) = delete;
  rwmutex& operator=(const rwmutex&) = delete;
  void lock() { goshim_rwmutex_lock(&m_); }
  bool try_lock() { return goshim_rwmutex_try_lock(&m_) != 0; }
  void unlock() { goshim_rwmutex_unlock(&m_); }
  void lock_shared() { goshim_rwmutex_rlock(&m_); }
  bool try_lock_shared() { return goshim_rwmutex_try_rlock(&m_) != 0; }
  void unlock_shared() { goshim_rwmutex_runlock(&m_); }

 private:
  goshim_rwmutex m_{};
};

class cond {
 public:
  constexpr cond() noexcept = default;
  cond(const cond&) = delete;
  cond& operator=(const cond&) = delete;
  // m is locked by the caller.
  void wait(mutex& m) { goshim_cond_wait(&c_, m.native_handle()); }
  template <typename Predicate>
  void wait(mutex& m, Predicate done) {
    while (!done()) wait(m);
  }
  void signal() { goshim_cond_signal(&c_); }
  void broadcast() { goshim_cond_broadcast(&c_); }

 private:
  goshim_cond c_{};
};

class once {
 public:
  constexpr once() noexcept = default;
  once(const once&) = delete;
  once& operator=(const once&) = delete;
  // An exception out of f comes out here, and f has been done.
  template <typename F>
  void operator()(F&& f) {
    struct Call {
      F& f;
      std::exception_ptr thrown;
      static void run(void* p) {
        auto* call = static_cast<Call*>(p);
        try {
          std::invoke(std::forward<F>(call->f));
        } catch (abi::__forced_unwind&) {
          throw;  // Goexit
        } catch (...) {
          call->thrown = std::current_exception();
        }
      }
    } call{f, nullptr};
    goshim_once_do(&o_, &Call::run, &call);
    if (call.thrown) std::rethrow_exception(call.thrown);
  }

 private:
  goshim_once o_{};
};

class wait_group {
 public:
  constexpr wait_group() noexcept = default;
  wait_group(const wait_group&) = delete;
  wait_group& operator=(const wait_group&) = delete;
  void add(int n = 1) { goshim_wg_add(&wg_, n); }
  void done() { goshim_wg_done(&wg_); }
  void wait() { goshim_wg_wait(&wg_); }
  // Runs f in a goroutine that the group waits for; done() however f ends.
  template <typename F>
  void go(F&& f) {
    add();
    struct Done {
      wait_group* wg;
      ~Done() { wg->done(); }
    };
    try {
      goshim::go([this, f = std::decay_t<F>(std::forward<F>(f))]() mutable {
        Done guard{this};
        std::invoke(std::move(f));
      });
    } catch (...) {
      done();
      throw;
    }
  }

 private:
  goshim_wait_group wg_{};
};

// ---- package time

inline std::int64_t nanotime() noexcept { return goshim_nanotime(); }

namespace detail {
struct TimerDeleter {
  void operator()(goshim_timer* t) const { goshim_timer_unref(t); }
};
struct TickerDeleter {
  void operator()(goshim_timer* t) const {
    goshim_timer_stop(t);
    goshim_timer_unref(t);
  }
};

template <typename Deleter>
class TimerOf {
 public:
  explicit TimerOf(goshim_timer* t) : t_(check(t)) {}
  // Receives nanotime(); null for one of after_func.
  chan<std::int64_t> c() const { return chan<std::int64_t>::adopt(goshim_chan_ref(goshim_timer_chan(t_.get()))); }
  bool stop() { return goshim_timer_stop(t_.get()) != 0; }
  template <typename Rep, typename Period>
  bool reset(std::chrono::duration<Rep, Period> d) {
    return goshim_timer_reset(t_.get(), nanoseconds(d)) != 0;
  }

 private:
  std::unique_ptr<goshim_timer, Deleter> t_;
};
}  // namespace detail

// Goes on without its object, until it fires or is stopped.
class timer : public detail::TimerOf<detail::TimerDeleter> {
 public:
  using TimerOf::TimerOf;
  template <typename Rep, typename Period>
  explicit timer(std::chrono::duration<Rep, Period> d) : TimerOf(goshim_timer_new(nanoseconds(d))) {}
};

// Stops with its object.
class ticker : public detail::TimerOf<detail::TickerDeleter> {
 public:
  template <typename Rep, typename Period>
  explicit ticker(std::chrono::duration<Rep, Period> d) : TimerOf(goshim_ticker_new(nanoseconds(d))) {}
};

template <typename Rep, typename Period>
chan<std::int64_t> after(std::chrono::duration<Rep, Period> d) {
  return chan<std::int64_t>::adopt(detail::check(goshim_after(nanoseconds(d))));
}

// f() in a goroutine after d; goes on without its object. f is destroyed with the last that may call it.
template <typename F>
class func_timer {
 public:
  template <typename Rep, typename Period>
  func_timer(std::chrono::duration<Rep, Period> d, F f)
      : shared_(new Shared{std::move(f)}), t_(start(shared_, nanoseconds(d))) {}
  func_timer(func_timer&& o) noexcept
      : shared_(std::exchange(o.shared_, nullptr)), t_(std::move(o.t_)) {}
  func_timer& operator=(func_timer&&) = delete;
  ~func_timer() {
    if (shared_ != nullptr) put(shared_);
  }
  // False: f has been started.
  bool stop() {
    if (goshim_timer_stop(t_.get()) == 0) return false;
    put(shared_);
    return true;
  }
  template <typename Rep, typename Period>
  bool reset(std::chrono::duration<Rep, Period> d) {
    const bool pending = stop();
    shared_->refs.fetch_add(1);
    goshim_timer_reset(t_.get(), nanoseconds(d));
    return pending;
  }

 private:
  struct Shared {
    F f;
    std::atomic<int> refs{2};
  };
  static void put(Shared* s) {
    if (s->refs.fetch_sub(1) == 1) delete s;
  }
  static void run(void* p) {
    struct Put {
      Shared* s;
      ~Put() { put(s); }
    } guard{static_cast<Shared*>(p)};
    std::invoke(guard.s->f);
  }
  static goshim_timer* start(Shared* s, int64_t ns) {
    goshim_timer* t = goshim_after_func(ns, &run, s);
    if (t == nullptr) delete s;
    return detail::check(t);
  }

  Shared* shared_;
  std::unique_ptr<goshim_timer, detail::TimerDeleter> t_;
};

template <typename Rep, typename Period, typename F>
func_timer<std::decay_t<F>> after_func(std::chrono::duration<Rep, Period> d, F&& f) {
  return {d, std::forward<F>(f)};
}

// ---- package context

class context {
 public:
  static context background() { return context(detail::CtxRef(goshim_ctx_ref(goshim_ctx_background()))); }

  context with_cancel() const { return make(goshim_ctx_with_cancel(get())); }
  template <typename Rep, typename Period>
  context with_timeout(std::chrono::duration<Rep, Period> d) const {
    return make(goshim_ctx_with_timeout(get(), nanoseconds(d)));
  }
  context with_deadline(std::int64_t at) const { return make(goshim_ctx_with_deadline(get(), at)); }
  context with_value(const void* key, void* value) const { return make(goshim_ctx_with_value(get(), key, value)); }

  void cancel() const { goshim_ctx_cancel(get()); }
  chan<none> done() const { return chan<none>::adopt(goshim_chan_ref(goshim_ctx_done(get()))); }
  // GOSHIM_CTX_OK, GOSHIM_CANCELED or GOSHIM_DEADLINE_EXCEEDED.
  int err() const noexcept { return goshim_ctx_err(get()); }
  std::optional<std::int64_t> deadline() const noexcept {
    std::int64_t at;
    if (goshim_ctx_deadline(get(), &at) == 0) return std::nullopt;
    return at;
  }
  void* value(const void* key) const noexcept { return goshim_ctx_value(get(), key); }
  goshim_ctx* get() const noexcept { return ref_.get(); }

 private:
  explicit context(detail::CtxRef ref) : ref_(std::move(ref)) {}
  static context make(goshim_ctx* ctx) { return context(detail::CtxRef(detail::check(ctx))); }

  detail::CtxRef ref_;
};

}  // namespace goshim

#endif
