/* others.c: the C library while other goroutines run, and at its edges: what a program alone does not show. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <goroscope.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES 200 /* more than one buffer of readdir holds */

static gr_waitgroup wg;
static void forever(void *arg) {
    (void)arg;
    for (;;)
        gr_yield();
}

/* All are told once, although each is removed as soon as it is. */
static int removed_while_read(void) {
    char name[32];
    mkdir("d", 0777);
    for (int i = 0; i < FILES; i++) {
        snprintf(name, sizeof name, "d/f%d", i);
        fclose(fopen(name, "w"));
    }
    DIR *d = opendir("d");
    int removed = 0;
    for (struct dirent *e; (e = readdir(d));) {
        if (e->d_name[0] != 'f')
            continue;
        snprintf(name, sizeof name, "d/%s", e->d_name);
        removed += unlink(name) == 0;
    }
    closedir(d);
    return removed == FILES && rmdir("d") == 0;
}

static int outside_of_a_file(void) {
    char buf[8];
    int fd = open("p", O_RDWR | O_CREAT, 0666), ok = 1;
    ok &= write(fd, "abc", 3) == 3;
    ok &= pread(fd, buf, sizeof buf, -64) == -1 && errno == EINVAL;
    ok &= pwrite(fd, "zz", 2, -8) == -1 && errno == EINVAL;
    ok &= pread(fd, buf, sizeof buf, 1) == 2;
    close(fd);
    return ok;
}

static void print_parts(void *arg) {
    (void)arg;
    for (int i = 0; i < 100; i++)
        printf("%s", i % 2 ? "x\n" : "y");
}
static void print_in_calls(void *arg) {
    (void)arg;
    for (int i = 0; i < 20; i++)
        gr_blocking(print_parts, NULL);
    gr_waitgroup_done(&wg);
}
static void print_here(void *arg) {
    (void)arg;
    for (int i = 0; i < 2000; i++)
        printf("z%s", i % 10 ? "\n" : "w\n");
    gr_waitgroup_done(&wg);
}

/* Goroutines that wait for stdout are woken by one that prints in a system call, too. */
static int printed_in_system_calls(void) {
    gr_waitgroup_add(&wg, 3);
    gr_go(print_in_calls, NULL);
    gr_go(print_here, NULL);
    gr_go(print_here, NULL);
    gr_waitgroup_wait(&wg);
    return 1;
}

int gr_main(int argc, char **argv) {
    (void)argv;
    int ok = removed_while_read() && outside_of_a_file() && printed_in_system_calls();
    for (int i = 0; i < 3; i++)
        gr_go(forever, NULL);
    gr_sleep(GR_MICROSECOND);
    fprintf(fopen("left.txt", "w"), "not closed, others run\n");
    if (argc > 1)
        gr_panic("with a file open");
    return ok ? 0 : 1;
}
