// What others load.
__thread int of_thread = 5;
int plain(void) { return of_thread++; }
