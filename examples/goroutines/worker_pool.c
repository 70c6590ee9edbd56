// A pool with a bound: three workers take jobs from a channel; however many jobs there are, no more than three run at once.
#include <goshim/goshim.h>
#include <stdatomic.h>
#include <stdio.h>

enum { kWorkers = 3, kJobs = 9 };

static goshim_chan *jobs, *results;
static atomic_int running, most;

static void worker(void* unused) {
  (void)unused;
  int job;
  goshim_range(jobs, &job) {
    const int now = atomic_fetch_add(&running, 1) + 1;
    if (now > atomic_load(&most)) atomic_store(&most, now);
    goshim_sleep(5 * GOSHIM_MILLISECOND);  // the work
    atomic_fetch_sub(&running, 1);
    job *= 2;
    goshim_send(results, &job);
  }
}

int main(void) {
  jobs = goshim_chan_make(sizeof(int), kJobs);
  results = goshim_chan_make(sizeof(int), kJobs);
  for (int i = 0; i < kWorkers; i++) goshim_go(worker, NULL);
  for (int job = 1; job <= kJobs; job++) goshim_send(jobs, &job);
  goshim_close(jobs);

  int sum = 0, result;
  for (int i = 0; i < kJobs; i++) {
    goshim_recv(results, &result);
    sum += result;
  }
  printf("%d jobs, results add up to %d, at most %d at a time\n", kJobs, sum, atomic_load(&most));
  return 0;
}
