#include "os/cpu.h"

#include <criterion/criterion.h>
#include <sched.h>

using goshim::os::cpus_allowed;

Test(cpus_allowed, is_at_least_one_and_at_most_the_affinity_mask) {
  cpu_set_t set;
  cr_assert_eq(sched_getaffinity(0, sizeof set, &set), 0);
  cr_assert_geq(cpus_allowed(), 1);
  cr_assert_leq(cpus_allowed(), CPU_COUNT(&set));
}

Test(cpus_allowed, one_when_bound_to_one) {
  cpu_set_t set;
  cr_assert_eq(sched_getaffinity(0, sizeof set, &set), 0);
  int cpu = 0;
  while (!CPU_ISSET(cpu, &set)) cpu++;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  cr_assert_eq(sched_setaffinity(0, sizeof set, &set), 0);
  cr_assert_eq(cpus_allowed(), 1);
}
