/* files.c: files that a program is given. */
#include "core/sched.h"

/* A system call, as a read is in Go: a long file takes the host a while. */
char *gr_readfile(const char *path, size_t *n) {
    static gr_site site = {"gr_readfile", "", 0, 0};
    G *g = port_get_g();
    if (!g || rt_gstate(g) != G_RUNNING)
        return port_readfile(path, n); /* before gr_main, or in a system call already */
    gr_entersyscall_at(&site);
    char *text = port_readfile(path, n);
    gr_exitsyscall();
    return text;
}
