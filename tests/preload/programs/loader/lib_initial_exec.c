// Thread-local data at a fixed distance from the thread pointer.
#define FIXED __attribute__((tls_model("initial-exec")))
FIXED __thread int number = 17;
FIXED __thread int zero;
int* number_here(void) { return &number; }
int* zero_here(void) { return &zero; }
