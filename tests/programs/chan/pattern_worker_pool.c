// link: -lgoshim
// A bounded pool of workers over a channel of jobs.
#include "api.h"

enum { kJobs = 500 };
static goshim_chan *jobs, *results;

static void work(void* arg) {
  (void)arg;
  int job;
  goshim_range(jobs, &job) {
    long r = (long)job * job;
    goshim_send(results, &r);
  }
  long end = -1;
  goshim_send(results, &end);
}

int main(void) {
  jobs = make(sizeof(int), 10);
  results = make(sizeof(long), 10);
  for (int i = 0; i < 8; i++) go(work, NULL);
  long sum = 0, r;
  int sent = 0, ended = 0, received = 0;
  while (ended < 8) {
    goshim_case k[2] = {goshim_case_recv(results, &r),
                        goshim_case_send(sent < kJobs ? jobs : NULL, &sent)};
    if (goshim_select(k, 2) == 1) {
      if (++sent == kJobs) goshim_close(jobs);
      continue;
    }
    if (r < 0) {
      ended++;
    } else {
      sum += r;
      received++;
    }
  }
  CHECK_EQ(received, kJobs);
  CHECK_EQ(sum, (long)(kJobs - 1) * kJobs * (2 * kJobs - 1) / 6);
  return 0;
}
