// covers: prctl capget capset
// What prctl() and capset() change for one thread is that one's, and its children's.
#include "../help.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static void* slack_is(void* arg) {
  sleep_ms(1);
  CHECK_EQ(prctl(PR_GET_TIMERSLACK), (long)(intptr_t)arg);
  return NULL;
}

static void* sets_slack(void* arg) {
  CHECK_OK(prctl(PR_SET_TIMERSLACK, (long)(intptr_t)arg));
  for (int i = 0; i < 3; i++) {
    slack_is(arg);
    JOIN(THREAD(slack_is, arg));
  }
  return NULL;
}

static void* privs_are(void* arg) {
  sleep_ms(1);
  CHECK_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), (intptr_t)arg);
  return NULL;
}

static void* gives_privs_up(void* arg) {
  CHECK_OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  privs_are((void*)1);
  JOIN(THREAD(privs_are, (void*)1));
  return arg;
}

static unsigned effective(void) {
  struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  CHECK_OK(syscall(SYS_capget, &head, data));
  return data[0].effective;
}

static void* drops_capability(void* arg) {
  struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, gettid()};
  struct __user_cap_data_struct data[2];
  CHECK_OK(syscall(SYS_capget, &head, data));
  unsigned before = data[0].effective;
  data[0].effective &= ~(1u << CAP_CHOWN);
  CHECK_OK(syscall(SYS_capset, &head, data));
  sleep_ms(1);
  CHECK_EQ(effective(), before & ~(1u << CAP_CHOWN));
  return arg;
}

int main(void) {
  intptr_t slack = prctl(PR_GET_TIMERSLACK);
  unsigned all = effective();
  pthread_t t[8];
  for (intptr_t i = 0; i < 8; i++) t[i] = THREAD(sets_slack, (void*)(60000 + i));
  for (int i = 0; i < 8; i++) {
    JOIN(THREAD(slack_is, (void*)slack));
    JOIN(t[i]);
  }
  pthread_t p = THREAD(gives_privs_up, NULL);
  JOIN(THREAD(privs_are, (void*)0));
  JOIN(p);
  privs_are((void*)0);
  JOIN(THREAD(drops_capability, NULL));
  CHECK_EQ(effective(), all);
  return 0;
}
