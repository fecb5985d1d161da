/* jumps: longjmp where it must not go; wasm only, since a machine's own longjmp goes anywhere. */
#include "goroscope.h"
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

static jmp_buf place;

/* With a frame of its own, by which it is seen to have returned. */
__attribute__((noinline)) static void set(void) {
    volatile char frame[100];
    frame[3] = 1;
    if (setjmp(place))
        puts("set returned twice");
}

static void returned(void) {
    set();
    longjmp(place, 1);
}

static void never_set(void) {
    jmp_buf other;
    memset(other, 0x5a, sizeof other);
    longjmp(other, 1);
}

static void jump(void *arg) {
    (void)arg;
    longjmp(place, 1);
}

static void of_another(void) {
    if (setjmp(place))
        puts("another goroutine came here");
    gr_go(jump, NULL);
    gr_sleep(GR_SECOND);
}

static void a_copy_goes(void) {
    jmp_buf copy;
    if (setjmp(place))
        puts("ok");
    else {
        memcpy(copy, place, sizeof copy);
        longjmp(copy, 1);
    }
}

int gr_main(int argc, char **argv) {
    const char *how = argc > 1 ? argv[1] : "";
    if (!strcmp(how, "returned"))
        returned();
    if (!strcmp(how, "never-set"))
        never_set();
    if (!strcmp(how, "of-another"))
        of_another();
    a_copy_goes();
    return 0;
}
