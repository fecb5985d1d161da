/* lives: goroutines that end, threads, system calls, stops of the world, beside others that use channels. */
#include "explore.h"

static gr_chan *c;

static void send_1(void) { send_int(c, 1); }
static void recv_noting(void) { note_int(recv_int(c)); }

static void ends_early(void) {
    if (--left == 0)
        finish();
    gr_goexit();
}

static void goexit(void) {
    note_ok();
    together(NULL, ends_early, ends_early);
}

static void prints(void *arg) {
    (void)arg;
    gr_yield();
    note("ran");
}

static void send_and_end(void *arg) {
    (void)arg;
    send_1();
}

static void main_ends_by_goexit(void) {
    c = chan_of_int(1);
    gr_go(send_and_end, NULL);
    gr_goexit();
}

static void main_does_not_wait(void) {
    gr_go(prints, NULL);
    gr_yield();
}

static void nothing(void *arg) { (void)arg; }
static void call_host(void) { gr_blocking(nothing, NULL); }

static void system_call_beside_a_handover(void) {
    c = chan_of_int(0);
    together(NULL, call_host, send_1, recv_noting);
}

static void two_system_calls(void) { together(note_ok, call_host, call_host); }

static void fewer_ps(void) { gr_gomaxprocs(1); }
static void more_ps(void) { gr_gomaxprocs(4); }

static void note_ps(void) { note_int(gr_gomaxprocs(0)); }

static void fewer_ps_beside_a_handover(void) {
    c = chan_of_int(0);
    together(NULL, fewer_ps, send_1, recv_noting);
}

static void two_change_the_number_of_ps(void) { together(note_ps, fewer_ps, more_ps); }

static void stop_beside_a_system_call(void) { together(note_ok, fewer_ps, call_host); }

static void send_locked(void) {
    gr_lockosthread();
    send_1();
    gr_unlockosthread();
}
static void recv_locked(void) {
    gr_lockosthread();
    recv_noting();
}

static void locked_goroutines_meet(void) {
    c = chan_of_int(0);
    together(NULL, send_locked, recv_locked);
}

static uint64_t whom;
static void call_it(void *arg) {
    (void)arg;
    note("c");
}
static void debugged(void) {
    whom = gr_goid();
    send_1();
    gr_yield();
}
static void debugger(void) {
    recv_int(c);
    note(gr_debug_call(whom, call_it, NULL) ? "yes" : "no");
}

static void debug_call(void) {
    c = chan_of_int(0);
    together(NULL, debugged, debugger);
}

CASES(C(goexit, "ok"), C(main_ends_by_goexit, "fatal error: no goroutines (main called runtime.Goexit) - deadlock!"),
      C(main_does_not_wait, "; ran"), C(system_call_beside_a_handover, "1"), C(two_system_calls, "ok"),
      C(fewer_ps_beside_a_handover, "1"), C(two_change_the_number_of_ps, "1; 4"), C(stop_beside_a_system_call, "ok"),
      C(locked_goroutines_meet, "1"), C(debug_call, "cyes; no"))
