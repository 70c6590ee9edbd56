// What the bodies in thread.cc are written with: libc's attribute objects and result codes translated.
#pragma once

#include <pthread.h>
#include <threads.h>
#include <time.h>

#include "sched/g.h"
#include "thread/thread.h"
#include "thread/wiring.h"

namespace goshim {

// Starts the runtime if this creation can be served by it. False: a kernel thread is to be made.
bool start_for(const pthread_attr_t* attr);

int create(pthread_t* id, const pthread_attr_t* attr, void* (*start)(void*), void* arg);
void default_attr_changed();  // pthread_setattr_default_np() has been called

// The G behind a pthread_t; null for a thread that libc made.
G* live_g(pthread_t id);

int join(G* gp, void** retval, int64_t deadline);
int join_until(G* gp, void** retval, clockid_t clock, const timespec* abstime);

// The caller is about to be unwound by libc's pthread_exit.
void before_exit(void* retval);

int get_attr(G* gp, pthread_attr_t* attr);
int get_name(G* gp, char* buf, size_t len);

// prctl's calls about what we keep for the calling thread. False: not one of them, or not a G.
bool prctl_on_thread(int option, void* arg, int* result);

int create_c11(thrd_t* id, thrd_start_t start, void* arg);
int join_c11(G* gp, int* result);

}  // namespace goshim
