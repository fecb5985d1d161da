/* calendar.c: the calendar of the C library: gmtime, localtime, mktime, timegm, and strftime in the C locale.
 * Emscripten takes them from its JS, wasi-libc knows no time zone but UTC. What time it is, wasm/libc/time.c knows. */
#include "core/sched.h"
#include "wasm/libc/zone.h"
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#define DAY 86400

/* ---- seconds and dates --------------------------------------------------------------------------------------- */

/* t, which is so many seconds ahead of Greenwich already, in fields. False: the year does not fit. */
static bool to_fields(int64_t t, struct tm *tm) {
    if (t / (366 * DAY) > INT_MAX || t / (365 * DAY) < INT_MIN)
        return false;
    int64_t days = t / DAY - (t % DAY < 0), left = t - days * DAY, year = rt_year_of(t);
    if (year - 1900 > INT_MAX || year - 1900 < INT_MIN)
        return false;
    int month = 11;
    while (rt_days_to(year, month) > days)
        month--;
    tm->tm_year = (int)(year - 1900);
    tm->tm_mon = month;
    tm->tm_mday = (int)(days - rt_days_to(year, month)) + 1;
    tm->tm_yday = (int)(days - rt_days_to(year, 0));
    tm->tm_wday = (int)((days % 7 + 11) % 7);
    tm->tm_hour = (int)(left / 3600);
    tm->tm_min = (int)(left / 60 % 60);
    tm->tm_sec = (int)(left % 60);
    return true;
}

/* The fields, which may be out of range, in seconds as if they were UTC's. */
static int64_t to_seconds(const struct tm *tm) {
    int64_t days = rt_days_to(tm->tm_year + INT64_C(1900), tm->tm_mon) + tm->tm_mday - 1;
    return days * DAY + tm->tm_hour * INT64_C(3600) + tm->tm_min * INT64_C(60) + tm->tm_sec;
}

static struct tm *too_far(void) {
    errno = EOVERFLOW;
    return NULL;
}

struct tm *gmtime_r(const time_t *t, struct tm *tm) {
    if (!to_fields(*t, tm))
        return too_far();
    tm->tm_isdst = 0;
    tm->__tm_gmtoff = 0;
    tm->__tm_zone = "GMT";
    return tm;
}
struct tm *__gmtime_r(const time_t *t, struct tm *tm) {
    return gmtime_r(t, tm);
}

struct tm *localtime_r(const time_t *t, struct tm *tm) {
    ZoneInstant z = rt_zone_at(*t);
    if (!to_fields(*t + z.offset, tm))
        return too_far();
    tm->tm_isdst = z.is_dst;
    tm->__tm_gmtoff = z.offset;
    tm->__tm_zone = z.name;
    return tm;
}
struct tm *__localtime_r(const time_t *t, struct tm *tm) {
    return localtime_r(t, tm);
}

/* C promises one place for both; what a program that runs in parallel does with it is its business. */
static struct tm shared;
struct tm *gmtime(const time_t *t) {
    return gmtime_r(t, &shared);
}
struct tm *localtime(const time_t *t) {
    tzset();
    return localtime_r(t, &shared);
}

static time_t result(int64_t t, struct tm *tm, struct tm *(*fields)(const time_t *, struct tm *)) {
    time_t at = (time_t)t;
    struct tm normal;
    if (at != t || !fields(&at, &normal)) {
        too_far();
        return -1;
    }
    *tm = normal;
    return at;
}

time_t timegm(struct tm *tm) { return result(to_seconds(tm), tm, gmtime_r); }

time_t mktime(struct tm *tm) {
    tzset();
    int64_t local = to_seconds(tm);
    bool dst = tm->tm_isdst < 0 ? rt_zone_at(local - rt_zone_offset(false)).is_dst : tm->tm_isdst > 0;
    int64_t t = local - rt_zone_offset(dst);
    return result(t, tm, localtime_r);
}

/* ---- strftime ------------------------------------------------------------------------------------------------ */

static const char *const days[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};

static const char *name_of(const char *const *names, int n, int i) { return i >= 0 && i < n ? names[i] : "?"; }

/* What %G, %g, %V tell: the year and the week by ISO 8601, in which a week belongs to the year of its Thursday. */
static int iso_week(const struct tm *tm, int64_t *year) {
    int weekday = (tm->tm_wday + 6) % 7; /* Monday is 0 */
    int64_t thursday = rt_days_to(tm->tm_year + INT64_C(1900), 0) + tm->tm_yday - weekday + 3;
    *year = rt_year_of(thursday * DAY);
    return (int)(thursday - rt_days_to(*year, 0)) / 7 + 1;
}

/* The piece for one conversion. */
typedef struct Piece {
    char text[128];
    const char *from; /* the text, or a constant one */
    int64_t value;
    int width; /* of a number; 0: it is a text */
    char pad;
} Piece;

static void number(Piece *p, int64_t value, int width, char pad) {
    p->value = value;
    p->width = width;
    p->pad = pad;
}

static int hour12(int hour) { return hour % 12 ? hour % 12 : 12; }

static void zone_offset(Piece *p, const struct tm *tm) {
    long minutes = labs(tm->__tm_gmtoff) / 60;
    snprintf(p->text, sizeof p->text, "%c%02ld%02ld", tm->__tm_gmtoff < 0 ? '-' : '+', minutes / 60, minutes % 60);
    p->from = p->text;
}

const char *rt_date_expansion(char c) {
    switch (c) {
    case 'c':
        return "%a %b %e %H:%M:%S %Y";
    case 'D':
    case 'x':
        return "%m/%d/%y";
    case 'F':
        return "%Y-%m-%d";
    case 'r':
        return "%I:%M:%S %p";
    case 'R':
        return "%H:%M";
    case 'T':
    case 'X':
        return "%H:%M:%S";
    case '+':
        return "%a %b %e %H:%M:%S %Z %Y";
    default:
        return NULL;
    }
}

/* Numbers and dates. False: c is none of them. */
static bool date_piece(char c, const struct tm *tm, Piece *p) {
    int64_t year = tm->tm_year + INT64_C(1900), iso;
    int week = iso_week(tm, &iso);
    switch (c) {
    case 'C':
        number(p, year / 100 - (year % 100 < 0), 2, '0');
        return true;
    case 'd':
        number(p, tm->tm_mday, 2, '0');
        return true;
    case 'e':
        number(p, tm->tm_mday, 2, ' ');
        return true;
    case 'g':
        number(p, (iso % 100 + 100) % 100, 2, '0');
        return true;
    case 'G':
        number(p, iso, 1, '0');
        return true;
    case 'j':
        number(p, tm->tm_yday + 1, 3, '0');
        return true;
    case 'm':
        number(p, tm->tm_mon + 1, 2, '0');
        return true;
    case 'u':
        number(p, tm->tm_wday ? tm->tm_wday : 7, 1, '0');
        return true;
    case 'U':
        number(p, (tm->tm_yday + 7 - tm->tm_wday) / 7, 2, '0');
        return true;
    case 'V':
        number(p, week, 2, '0');
        return true;
    case 'w':
        number(p, tm->tm_wday, 1, '0');
        return true;
    case 'W':
        number(p, (tm->tm_yday + 7 - (tm->tm_wday + 6) % 7) / 7, 2, '0');
        return true;
    case 'y':
        number(p, (year % 100 + 100) % 100, 2, '0');
        return true;
    case 'Y':
        number(p, year, 1, '0');
        return true;
    default:
        return false;
    }
}

static bool time_piece(char c, const struct tm *tm, Piece *p) {
    struct tm copy = *tm;
    switch (c) {
    case 'H':
        number(p, tm->tm_hour, 2, '0');
        return true;
    case 'I':
        number(p, hour12(tm->tm_hour), 2, '0');
        return true;
    case 'k':
        number(p, tm->tm_hour, 2, ' ');
        return true;
    case 'l':
        number(p, hour12(tm->tm_hour), 2, ' ');
        return true;
    case 'M':
        number(p, tm->tm_min, 2, '0');
        return true;
    case 's':
        number(p, mktime(&copy), 1, '0');
        return true;
    case 'S':
        number(p, tm->tm_sec, 2, '0');
        return true;
    default:
        return false;
    }
}

static bool text_piece(char c, const struct tm *tm, Piece *p) {
    switch (c) {
    case 'a':
        snprintf(p->text, sizeof p->text, "%.3s", name_of(days, 7, tm->tm_wday));
        p->from = p->text;
        return true;
    case 'b':
    case 'h':
        snprintf(p->text, sizeof p->text, "%.3s", name_of(months, 12, tm->tm_mon));
        p->from = p->text;
        return true;
    case 'A':
        p->from = name_of(days, 7, tm->tm_wday);
        return true;
    case 'B':
        p->from = name_of(months, 12, tm->tm_mon);
        return true;
    case 'n':
        p->from = "\n";
        return true;
    case 'p':
        p->from = tm->tm_hour >= 12 ? "PM" : "AM";
        return true;
    case 'P':
        p->from = tm->tm_hour >= 12 ? "pm" : "am";
        return true;
    case 't':
        p->from = "\t";
        return true;
    case 'z':
        zone_offset(p, tm);
        return true;
    case 'Z':
        p->from = tm->__tm_zone ? tm->__tm_zone : "";
        return true;
    case '%':
        p->from = "%";
        return true;
    default:
        return false;
    }
}

/* The flags and the width between % and the letter. */
typedef struct Spec {
    char pad; /* '_', '-', '0', or 0: the conversion's own */
    bool upper, swap;
    int width;
} Spec;

static const char *get_spec(const char *f, Spec *spec) {
    *spec = (Spec){0};
    for (;; f++) {
        if (*f == '_' || *f == '-' || *f == '0')
            spec->pad = *f;
        else if (*f == '^')
            spec->upper = true;
        else if (*f == '#')
            spec->swap = true;
        else
            break;
    }
    while (isdigit((unsigned char)*f)) {
        spec->width = spec->width > 1000 ? 1000 : spec->width * 10 + (*f - '0');
        f++;
    }
    return *f == 'E' || *f == 'O' ? f + 1 : f;
}

static void print_number(Piece *p, const Spec *spec) {
    char pad = spec->pad ? spec->pad : p->pad;
    int width = pad == '-' ? 1 : spec->width ? spec->width : p->width;
    if (width > (int)sizeof p->text - 1)
        width = (int)sizeof p->text - 1;
    snprintf(p->text, sizeof p->text, pad == '_' || pad == ' ' ? "%*lld" : "%0*lld", width, (long long)p->value);
    p->from = p->text;
}

static bool put(char **to, size_t *room, char c) {
    if (*room <= 1)
        return false;
    *(*to)++ = c;
    --*room;
    return true;
}

static bool put_piece(char **to, size_t *room, const Piece *p, const Spec *spec, char c) {
    int fill = p->width ? 0 : spec->width - (int)strlen(p->from);
    while (fill-- > 0)
        if (!put(to, room, spec->pad == '0' ? '0' : ' '))
            return false;
    for (const char *s = p->from; *s; s++) {
        char k = *s;
        if (spec->upper || (spec->swap && c != 'p' && c != 'Z'))
            k = (char)toupper((unsigned char)k);
        else if (spec->swap)
            k = (char)tolower((unsigned char)k);
        if (!put(to, room, k))
            return false;
    }
    return true;
}

size_t strftime(char *s, size_t n, const char *f, const struct tm *tm);

/* %c and the like, made of others. */
static void expand(Piece *p, const char *with, const struct tm *tm) {
    strftime(p->text, sizeof p->text, with, tm);
    p->from = p->text;
    p->width = 0;
}

size_t strftime(char *s, size_t n, const char *f, const struct tm *tm) {
    char *to = s;
    size_t room = n;
    for (; *f; f++) {
        if (*f != '%') {
            if (!put(&to, &room, *f))
                return 0;
            continue;
        }
        Spec spec;
        Piece p = {.width = 0};
        f = get_spec(f + 1, &spec);
        const char *with = rt_date_expansion(*f);
        if (with)
            expand(&p, with, tm);
        else if (date_piece(*f, tm, &p) || time_piece(*f, tm, &p))
            print_number(&p, &spec);
        else if (!text_piece(*f, tm, &p))
            return 0; /* C leaves it open; so do other libraries */
        if (!put_piece(&to, &room, &p, &spec, *f))
            return 0;
    }
    if (room == 0)
        return 0;
    *to = 0;
    return (size_t)(to - s);
}
size_t strftime_l(char *s, size_t n, const char *f, const struct tm *tm, locale_t locale) {
    (void)locale;
    return strftime(s, n, f, tm);
}
size_t __strftime_l(char *s, size_t n, const char *f, const struct tm *tm, locale_t locale) {
    return strftime_l(s, n, f, tm, locale);
}

/* Through the multibyte one: all that is not the format's own is ASCII. */
size_t wcsftime(wchar_t *s, size_t n, const wchar_t *f, const struct tm *tm) {
    size_t bytes = wcstombs(NULL, f, 0), done = 0;
    if (bytes == (size_t)-1 || n == 0)
        return 0;
    char *format = malloc(bytes + 1), *text = malloc(4 * n);
    if (format && text) {
        wcstombs(format, f, bytes + 1);
        size_t got = strftime(text, 4 * n, format, tm);
        size_t wide = got ? mbstowcs(NULL, text, 0) : 0;
        if (wide > 0 && wide < n)
            done = mbstowcs(s, text, n);
    }
    free(format);
    free(text);
    return done == (size_t)-1 ? 0 : done;
}
size_t wcsftime_l(wchar_t *s, size_t n, const wchar_t *f, const struct tm *tm, locale_t locale) {
    (void)locale;
    return wcsftime(s, n, f, tm);
}
size_t __wcsftime_l(wchar_t *s, size_t n, const wchar_t *f, const struct tm *tm, locale_t locale) {
    return wcsftime_l(s, n, f, tm, locale);
}

double difftime(time_t a, time_t b) { return (double)a - (double)b; }
