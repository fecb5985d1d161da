/* strptime.c: strptime in the C locale: strftime backwards. */
#include "core/sched.h"
#include "wasm/libc/zone.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <stdbool.h>
#include <stdint.h>
#include <strings.h>
#include <time.h>

static const char *const days[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};

/* What is read before the fields can be said. */
typedef struct Read {
    int century, year_of_century; /* -1: not read */
    bool pm, has_half;
} Read;

static const char *get_number(const char *s, int digits, int least, int most, int *n) {
    while (isspace((unsigned char)*s))
        s++;
    if (!isdigit((unsigned char)*s))
        return NULL;
    int v = 0;
    while (digits-- > 0 && isdigit((unsigned char)*s))
        v = v * 10 + (*s++ - '0');
    *n = v;
    return v >= least && v <= most ? s : NULL;
}

static const char *get_name(const char *s, const char *const *names, int n, int *found) {
    for (int i = 0; i < n; i++) {
        size_t whole = strlen(names[i]), k = strncasecmp(s, names[i], whole) == 0 ? whole : 3;
        if (strncasecmp(s, names[i], k) == 0) {
            *found = i;
            return s + k;
        }
    }
    return NULL;
}

static const char *get_half(const char *s, Read *r) {
    r->has_half = true;
    r->pm = (*s | 0x20) == 'p';
    return strncasecmp(s, "AM", 2) == 0 || strncasecmp(s, "PM", 2) == 0 ? s + 2 : NULL;
}

static const char *get_zone(const char *s, struct tm *tm) {
    int hours, minutes = 0, sign = *s == '-' ? -1 : 1;
    if (*s == 'Z') {
        tm->__tm_gmtoff = 0;
        return s + 1;
    }
    if (*s != '+' && *s != '-')
        return NULL;
    s = get_number(s + 1, 2, 0, 14, &hours);
    if (s && *s == ':')
        s++;
    if (s && isdigit((unsigned char)*s))
        s = get_number(s, 2, 0, 59, &minutes);
    tm->__tm_gmtoff = sign * (hours * 3600L + minutes * 60L);
    return s;
}

static const char *get_seconds(const char *s, struct tm *tm) {
    char *end;
    time_t t = (time_t)strtoll(s, &end, 10);
    return end != s && localtime_r(&t, tm) ? end : NULL;
}

static const char *get_year(const char *s, struct tm *tm) {
    int sign = *s == '-' ? -1 : 1, year;
    if (*s == '-' || *s == '+')
        s++;
    s = get_number(s, 4, 0, 9999, &year);
    tm->tm_year = sign * year - 1900;
    return s;
}

static const char *parse(const char *s, const char *f, struct tm *tm, Read *r);

/* One conversion; NULL: it does not match. */
static const char *convert(const char *s, char c, struct tm *tm, Read *r) {
    int ignored;
    const char *with = c == '+' ? NULL : rt_date_expansion(c);
    if (with)
        return parse(s, with, tm, r);
    switch (c) {
    case 'a':
    case 'A':
        return get_name(s, days, 7, &tm->tm_wday);
    case 'b':
    case 'B':
    case 'h':
        return get_name(s, months, 12, &tm->tm_mon);
    case 'C':
        return get_number(s, 2, 0, 99, &r->century);
    case 'd':
    case 'e':
        return get_number(s, 2, 1, 31, &tm->tm_mday);
    case 'H':
    case 'k':
        return get_number(s, 2, 0, 23, &tm->tm_hour);
    case 'I':
    case 'l':
        return get_number(s, 2, 1, 12, &tm->tm_hour);
    case 'j':
        return (s = get_number(s, 3, 1, 366, &tm->tm_yday)) ? (tm->tm_yday--, s) : NULL;
    case 'm':
        return (s = get_number(s, 2, 1, 12, &tm->tm_mon)) ? (tm->tm_mon--, s) : NULL;
    case 'M':
        return get_number(s, 2, 0, 59, &tm->tm_min);
    case 'p':
        return get_half(s, r);
    case 's':
        return get_seconds(s, tm);
    case 'S':
        return get_number(s, 2, 0, 60, &tm->tm_sec);
    case 'u':
        return (s = get_number(s, 1, 1, 7, &tm->tm_wday)) ? (tm->tm_wday %= 7, s) : NULL;
    case 'U':
    case 'V':
    case 'W':
        return get_number(s, 2, 0, 53, &ignored);
    case 'w':
        return get_number(s, 1, 0, 6, &tm->tm_wday);
    case 'y':
        return get_number(s, 2, 0, 99, &r->year_of_century);
    case 'Y':
        return get_year(s, tm);
    case 'z':
        return get_zone(s, tm);
    case 'Z':
        while (isalpha((unsigned char)*s))
            s++;
        return s;
    case '%':
        return *s == '%' ? s + 1 : NULL;
    default:
        return NULL;
    }
}

static const char *skip_space(const char *s) {
    while (isspace((unsigned char)*s))
        s++;
    return s;
}

static const char *parse(const char *s, const char *f, struct tm *tm, Read *r) {
    for (; s && *f; f++) {
        if (isspace((unsigned char)*f)) {
            s = skip_space(s);
        } else if (*f != '%') {
            s = *s == *f ? s + 1 : NULL;
        } else {
            f++;
            f += strspn(f, "_-0^#");
            while (isdigit((unsigned char)*f))
                f++;
            if (*f == 'E' || *f == 'O')
                f++;
            s = *f == 'n' || *f == 't' ? skip_space(s) : convert(s, *f, tm, r);
        }
    }
    return s;
}

char *strptime(const char *restrict s, const char *restrict f, struct tm *restrict tm) {
    Read r = {.century = -1, .year_of_century = -1};
    const char *end = parse(s, f, tm, &r);
    if (!end)
        return NULL;
    if (r.has_half)
        tm->tm_hour = tm->tm_hour % 12 + (r.pm ? 12 : 0);
    if (r.century >= 0)
        tm->tm_year = r.century * 100 - 1900 + (r.year_of_century >= 0 ? r.year_of_century : 0);
    else if (r.year_of_century >= 0)
        tm->tm_year = r.year_of_century + (r.year_of_century < 69 ? 100 : 0);
    return (char *)(uintptr_t)end;
}
