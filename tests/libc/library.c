/* library.c: what the C library gives besides stdin and the end: files, the environment, the calendar, numbers; the
 * first argument says which. A case prints "ok" or each line that failed; the calendar prints what libc.test.mjs
 * compares with the native port's. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <float.h>
#include <goroscope.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifdef __wasi__ /* its headers leave them out */
void tzset(void);
extern char *tzname[2];
extern long timezone;
extern int daylight;
#endif

static int failed;
#define CHECK(cond) ((cond) ? (void)0 : (void)(failed++, printf("line %d: %s (errno %d)\n", __LINE__, #cond, errno)))
#define FAILS(call, error) (errno = 0, CHECK((call) && errno == (error)))

/* ---- files ---- */

static void write_text(const char *name, const char *mode, const char *text) {
    FILE *f = fopen(name, mode);
    CHECK(f && fputs(text, f) >= 0);
    CHECK(f && fclose(f) == 0);
}

static bool holds(const char *name, const char *text) {
    char s[64] = "";
    FILE *f = fopen(name, "r");
    if (!f)
        return false;
    size_t n = fread(s, 1, sizeof s - 1, f);
    fclose(f);
    s[n] = 0;
    return strcmp(s, text) == 0;
}

static void single_file(void) {
    char s[16];
    FAILS(!fopen("none.txt", "r"), ENOENT);
    FAILS(!fopen("none/a.txt", "w"), ENOENT);
    write_text("a.txt", "w", "one\n");
    write_text("a.txt", "a", "two\n");
    CHECK(holds("a.txt", "one\ntwo\n") && holds("./a.txt", "one\ntwo\n"));
    FAILS(!fopen("a.txt/b", "r"), ENOTDIR);
    FAILS(open("a.txt", O_CREAT | O_EXCL | O_WRONLY, 0666) < 0, EEXIST);
    FILE *f = fopen("a.txt", "r+");
    CHECK(f && fseek(f, 4, SEEK_SET) == 0 && fgets(s, sizeof s, f) && strcmp(s, "two\n") == 0);
    CHECK(fseek(f, 0, SEEK_SET) == 0 && fputs("ONE", f) >= 0 && fseek(f, 2, SEEK_END) == 0 && fputc('!', f) == '!');
    CHECK(ftell(f) == 11 && fclose(f) == 0);
    int fd = open("a.txt", O_RDONLY);
    struct stat st;
    CHECK(fd >= 3 && read(fd, s, 3) == 3 && memcmp(s, "ONE", 3) == 0);
    CHECK(pread(fd, s, 3, 8) == 3 && memcmp(s, "\0\0!", 3) == 0);
    FAILS(write(fd, "x", 1) < 0, EBADF);
    CHECK(fstat(fd, &st) == 0 && st.st_size == 11 && S_ISREG(st.st_mode));
    CHECK(close(fd) == 0);
    FAILS(close(fd) < 0, EBADF);
    CHECK(truncate("a.txt", 3) == 0 && holds("a.txt", "ONE"));
    CHECK(stat("a.txt", &st) == 0 && st.st_size == 3 && st.st_mtime > 1000000000);
}

static void names(void) {
    write_text("b.txt", "w", "b");
    CHECK(rename("b.txt", "c.txt") == 0 && holds("c.txt", "b") && access("b.txt", F_OK) != 0);
    write_text("d.txt", "w", "d");
    CHECK(rename("d.txt", "c.txt") == 0 && holds("c.txt", "d"));
    int fd = open("c.txt", O_RDONLY);
    char c;
    CHECK(remove("c.txt") == 0 && access("c.txt", F_OK) != 0);
    CHECK(read(fd, &c, 1) == 1 && c == 'd'); /* it goes with the last that has it open */
    close(fd);
    FAILS(remove("c.txt") < 0, ENOENT);
    FAILS(rename("none", "d") < 0, ENOENT);
}

static void folders(void) {
    CHECK(mkdir("dir", 0777) == 0 && mkdir("dir/sub", 0777) == 0);
    FAILS(mkdir("dir", 0777) < 0, EEXIST);
    write_text("dir/x", "w", "x");
    write_text("dir/sub/y", "w", "y");
    FAILS(rmdir("dir/sub") < 0, ENOTEMPTY);
    FAILS(!fopen("dir", "w"), EISDIR);
    CHECK(rename("dir", "moved") == 0 && holds("moved/sub/y", "y") && holds("moved/../moved/./x", "x"));
    DIR *d = opendir("moved");
    int found = 0;
    for (struct dirent *e; d && (e = readdir(d)) != NULL;)
        found += strcmp(e->d_name, "x") == 0 ? 1 : strcmp(e->d_name, "sub") == 0 ? 10 : e->d_name[0] == '.' ? 0 : 100;
    CHECK(found == 11);
    CHECK(d && closedir(d) == 0);
    FAILS(!opendir("moved/x"), ENOTDIR);
    CHECK(unlink("moved/sub/y") == 0 && rmdir("moved/sub") == 0);
    char cwd[64];
    CHECK(chdir("moved") == 0 && holds("x", "x") && holds("/moved/x", "x"));
    CHECK(getcwd(cwd, sizeof cwd) && strcmp(cwd, "/moved") == 0 && chdir("/") == 0);
}

/* In the host's hands before: gr_readfile and the C library see the same. */
static void given(void) {
    CHECK(holds("given.txt", "from the host\n") && holds("sub/deep.txt", "deep\n"));
    size_t n = 0;
    char *text = gr_readfile("given.txt", &n);
    CHECK(text && n == 14);
    free(text);
    write_text("sub/deep.txt", "a", "deeper\n");
    text = gr_readfile("sub/deep.txt", &n);
    CHECK(text && strcmp(text, "deep\ndeeper\n") == 0);
    free(text);
    CHECK(!gr_readfile("none", &n));
}

static gr_waitgroup all;

static void write_own(void *arg) {
    char name[16], text[16];
    snprintf(name, sizeof name, "p%d", (int)(intptr_t)arg);
    for (int i = 0; i < 50; i++) {
        FILE *f = fopen(name, "a");
        fprintf(f, "%04d", i);
        fclose(f);
        gr_yield();
    }
    FILE *f = fopen(name, "r");
    bool good = f != NULL;
    for (int i = 0; good && i < 50; i++)
        good = fread(text, 1, 4, f) == 4 && (text[4] = 0, atoi(text) == i);
    fclose(f);
    CHECK(good);
    gr_waitgroup_done(&all);
}

static void from_many(void) {
    gr_waitgroup_add(&all, 8);
    for (int i = 0; i < 8; i++)
        gr_go(write_own, (void *)(intptr_t)i);
    gr_waitgroup_wait(&all);
}

static void rights(void) {
#ifdef __EMSCRIPTEN__
    CHECK(chmod("a.txt", 0444) == 0);
    FAILS(!fopen("a.txt", "w"), EACCES);
    CHECK(dup2(open("redirected", O_CREAT | O_WRONLY, 0666), 7) == 7 && write(7, "hi", 2) == 2 && close(7) == 0);
    CHECK(holds("redirected", "hi"));
    FILE *t = tmpfile();
    CHECK(t && fputs("t", t) >= 0 && fclose(t) == 0);
    FAILS(lseek(0, 0, SEEK_SET) < 0, ESPIPE);
    FAILS(ftruncate(open("big", O_CREAT | O_RDWR, 0666), (off_t)1 << 40) < 0, EFBIG);
    CHECK(write(open("/dev/null", O_WRONLY), "x", 1) == 1);
#endif
}

static void files(void) {
    single_file();
    names();
    folders();
    given();
    rights();
    from_many();
}

/* More than there is memory for: an errno, not a trap. */
static void no_space(void) {
    static char block[1 << 20];
    FILE *f = fopen("huge", "w");
    setvbuf(f, NULL, _IONBF, 0);
    int i = 0;
    errno = 0;
    while (i < 400 && fwrite(block, 1, sizeof block, f) == sizeof block)
        i++;
    CHECK(i < 400 && errno == ENOSPC);
    fclose(f);
}

/* ---- the environment ---- */

static void environment(void) {
    CHECK(getenv("NAME") && strcmp(getenv("NAME"), "a=b ü") == 0);
    CHECK(!getenv("NONE"));
    CHECK(setenv("NONE", "1", 0) == 0 && strcmp(getenv("NONE"), "1") == 0);
    CHECK(setenv("NAME", "2", 1) == 0 && strcmp(getenv("NAME"), "2") == 0);
    CHECK(unsetenv("NAME") == 0 && !getenv("NAME"));
    CHECK(setlocale(LC_ALL, "C") && strcmp(setlocale(LC_ALL, NULL), "C") == 0);
    unsigned char a[32], b[32];
    CHECK(getentropy(a, 32) == 0 && getentropy(b, 32) == 0 && memcmp(a, b, 32) != 0);
    FAILS(getentropy(a, 257) != 0, EIO);
    FAILS(!isatty(99), EBADF);
}

static void entropy(void) {
    unsigned char a[8];
    getentropy(a, sizeof a);
    for (int i = 0; i < 8; i++)
        printf("%02x", a[i]);
    printf("\n");
}

/* ---- the calendar ---- */

static void show(time_t t) {
    static const char *const formats[] = {
        "%c|%F %T|%D %R|%a %A %b %B %h|%C %d %e %g %G %H %I|%j %k %l %m %M %n %p %P %r %S %t %u %U %V %w %W",
        "%x %X %y %Y %z %Z %% %s|%_d|%-d|%05d|%^a|%#a|%10Y|%-H|%_H|%Ey %Od"};
    struct tm tm;
    char s[400];
    for (int i = 0; i < 2; i++) {
        if (!localtime_r(&t, &tm))
            return;
        strftime(s, sizeof s, formats[i], &tm);
        printf("%lld %s isdst %d yday %d\n", (long long)t, s, tm.tm_isdst, tm.tm_yday);
    }
    tm.tm_isdst = -1;
    if (tm.tm_hour > 4) /* not where the hour is there twice */
        CHECK(mktime(&tm) == t);
    gmtime_r(&t, &tm);
    CHECK(timegm(&tm) == t);
    strftime(s, sizeof s, "%Y-%m-%d %H:%M:%S %z", &tm);
    printf("%s\n", s);
}

static void calendar(void) {
    static const char *const zones[] = {"UTC0",         "CET-1CEST,M3.5.0,M10.5.0/3",   "EST5EDT,M3.2.0,M11.1.0",
                                        "<+0545>-5:45", "AEST-10AEDT,M10.1.0,M4.1.0/3", "IST-2IDT,J60/2,300/1:30:15"};
    for (size_t z = 0; z < sizeof zones / sizeof *zones; z++) {
        setenv("TZ", zones[z], 1);
        tzset();
        printf("== %s %s %s %ld %d\n", zones[z], tzname[0], daylight ? tzname[1] : "-", timezone, daylight);
        /* Before 1970 glibc has no daylight saving time by such rules. */
        for (long long t = daylight ? 0 : -2100000000LL; t < 2100000000LL; t += 54321987)
            show((time_t)t);
        for (long long t = 1700000000LL; t < 1735000000LL; t += 1234567)
            show((time_t)t);
    }
    struct tm tm = {.tm_year = 124, .tm_mon = 14, .tm_mday = -3, .tm_hour = 49, .tm_min = -70, .tm_sec = 130};
    CHECK(timegm(&tm) == 1740613930 && tm.tm_mon == 1 && tm.tm_mday == 26 && tm.tm_wday == 3);
    if (sizeof(time_t) == 8) { /* 32 bits with Emscripten 3.1.6 */
        time_t far = (time_t)253402300799LL;
        CHECK(gmtime_r(&far, &tm) && tm.tm_year == 8099 && tm.tm_mon == 11 && tm.tm_mday == 31 && tm.tm_sec == 59);
        far = (time_t)-62167219201LL;
        CHECK(gmtime_r(&far, &tm) && tm.tm_year == -1901 && tm.tm_yday == 364 && timegm(&tm) == far);
        tm.tm_year = 124;
    }
    char s[8];
    CHECK(strftime(s, 4, "%Y", &tm) == 0 && strftime(s, 5, "%Y", &tm) == 4);
    memset(&tm, 0, sizeof tm);
    const char *end = strptime("  Tue, 03 Mar 2026 4:05:06 PM +0130 rest", " %a, %d %b %Y %I:%M:%S %p %z", &tm);
    CHECK(end && strcmp(end, " rest") == 0 && tm.tm_hour == 16 && tm.tm_mon == 2 && tm.tm_year == 126 &&
          tm.tm_wday == 2);
    CHECK(!strptime("25:00", "%H:%M", &tm));
    struct tm *u = gmtime(&(time_t){86400 * 365});
    CHECK(strcmp(asctime(u), "Fri Jan  1 00:00:00 1971\n") == 0);
}

/* ---- long double: binary128 here, so every digit below is right ---- */

static void numbers(void) {
    long double x = 0, tenth = 1.0L / 10;
    printf("%.34Lg %.33Lg %.0Lf %La\n", 1.0L / 3, tenth, 0x1p112L + 1, 1.5L);
    printf("%.5Lg %.5Lg %Lf\n", LDBL_MAX, LDBL_MIN, strtold("1e4932", NULL) / 1e4900L);
    CHECK(strtold("0.1", NULL) == 0.1L && strtold("0x1.8p3", NULL) == 12 && strtold("1e5000", NULL) > LDBL_MAX);
    CHECK(sscanf("0.1 -2.5e10", "%Lf %Le", &x, &(long double){0}) == 2 && x == 0.1L);
    char s[80];
    snprintf(s, sizeof s, "%.36Lg", x / 7);
    CHECK(strtold(s, NULL) == x / 7);
    printf("%.20g %g\n", 0.1, 1e308);
}

int gr_main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*fn)(void);
    } cases[] = {{"files", files},     {"no-space", no_space}, {"environment", environment},
                 {"entropy", entropy}, {"calendar", calendar}, {"numbers", numbers}};
    for (size_t i = 0; argc > 1 && i < sizeof cases / sizeof *cases; i++)
        if (strcmp(cases[i].name, argv[1]) == 0) {
            cases[i].fn();
            if (!failed)
                printf("ok\n");
            return failed > 0;
        }
    return 99;
}
