// Words for clang's -Wthread-safety; empty elsewhere.
#pragma once

#if defined(__clang__)
#define GS_TSA(x) __attribute__((x))
#else
#define GS_TSA(x)
#endif

#define GS_CAPABILITY(x) GS_TSA(capability(x))
#define GS_SCOPED_CAPABILITY GS_TSA(scoped_lockable)
#define GS_GUARDED_BY(x) GS_TSA(guarded_by(x))
#define GS_REQUIRES(...) GS_TSA(requires_capability(__VA_ARGS__))
#define GS_ACQUIRE(...) GS_TSA(acquire_capability(__VA_ARGS__))
#define GS_RELEASE(...) GS_TSA(release_capability(__VA_ARGS__))
#define GS_TRY_ACQUIRE(...) GS_TSA(try_acquire_capability(__VA_ARGS__))
// For functions whose races are meant and say so.
#define GS_NO_TSAN __attribute__((no_sanitize("thread")))
#define GS_NO_TSA GS_TSA(no_thread_safety_analysis)
