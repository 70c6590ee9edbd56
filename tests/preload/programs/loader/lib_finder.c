// Loads a library that lies where only this one's RUNPATH leads.
#include <dlfcn.h>
void* find(const char* name) { return dlopen(name, RTLD_NOW); }
