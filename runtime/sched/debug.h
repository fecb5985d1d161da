/* debug.h: the settings of GRDEBUG; see debug.c. */
#ifndef GR_DEBUG_H
#define GR_DEBUG_H

typedef struct DebugVars {
    int leaks;    /* 1: report the goroutines that hang when main has returned (leak.c) */
    int leakwait; /* ms after main's return after which that is done at the latest */
} DebugVars;
extern DebugVars debug_vars; /* changes only in rt_init */

/* Reads "name=value,name=value"; NULL is the empty text. */
void debug_parse(const char *text);

#endif
