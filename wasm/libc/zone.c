/* zone.c: time zones by the environment variable TZ in POSIX's form, such as CET-1CEST,M3.5.0,M10.5.0/3. Unset,
 * empty or anything else is UTC: there is no data base of places. Looked at anew whenever it has changed. */
#include "core/sched.h"
#include "wasm/libc/zone.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY 86400

/* When daylight saving time begins or ends. */
typedef struct Rule {
    char kind;              /* 'M': month, week, day of the week; 'J': day 1-365 without February 29; 'n': day 0-365 */
    int month, week, day;   /* 'M'; the others use day */
    int32_t seconds_of_day; /* local time before the change */
} Rule;

typedef struct Zone {
    char text[64]; /* the TZ it is made of */
    char name[2][12];
    int32_t offset[2]; /* seconds east of Greenwich: standard, daylight */
    bool has_dst;
    Rule begin, end;
} Zone;

static const Zone utc = {.name = {"UTC", "UTC"}};
static Zone zones[8]; /* used so far: names handed out stay where they are; the last ones are used again */
static int nzones, newest;
static rt_mutex lock;

/* POSIX's; set by tzset. */
char *tzname[2];
long timezone;
int daylight;

/* ---- reading TZ ---------------------------------------------------------------------------------------------- */

static bool get_name(const char **s, char *name) {
    const char *from = *s;
    size_t n = 0;
    if (*from == '<') {
        n = strcspn(++from, ">");
        *s = from + n + 1;
        if (from[n] != '>')
            return false;
    } else {
        while (isalpha((unsigned char)from[n]))
            n++;
        *s = from + n;
    }
    if (n < 3 || n > 11)
        return false;
    memcpy(name, from, n);
    name[n] = 0;
    return true;
}

static bool get_number(const char **s, int least, int most, int *n) {
    char *end;
    if (!isdigit((unsigned char)**s))
        return false;
    long v = strtol(*s, &end, 10);
    *s = end;
    *n = (int)v;
    return v >= least && v <= most;
}

/* [+-]hh[:mm[:ss]] */
static bool get_time(const char **s, int32_t *seconds) {
    int sign = 1, part[3] = {0, 0, 0};
    if (**s == '+' || **s == '-')
        sign = *(*s)++ == '-' ? -1 : 1;
    if (!get_number(s, 0, 167, &part[0]))
        return false;
    for (int i = 1; i < 3 && **s == ':'; i++) {
        ++*s;
        if (!get_number(s, 0, 59, &part[i]))
            return false;
    }
    *seconds = sign * (part[0] * 3600 + part[1] * 60 + part[2]);
    return true;
}

static bool get_rule(const char **s, Rule *r) {
    r->seconds_of_day = 7200;
    r->kind = **s == 'M' || **s == 'J' ? *(*s)++ : 'n';
    if (r->kind == 'M') {
        if (!get_number(s, 1, 12, &r->month) || *(*s)++ != '.' || !get_number(s, 1, 5, &r->week) || *(*s)++ != '.' ||
            !get_number(s, 0, 6, &r->day))
            return false;
    } else if (!get_number(s, r->kind == 'J', 365, &r->day)) {
        return false;
    }
    if (**s != '/')
        return true;
    ++*s;
    return get_time(s, &r->seconds_of_day);
}

static bool parse(const char *s, Zone *z) {
    int32_t west;
    if (!get_name(&s, z->name[0]) || !get_time(&s, &west))
        return false;
    z->offset[0] = z->offset[1] = -west;
    memcpy(z->name[1], z->name[0], sizeof z->name[0]);
    if (!*s)
        return true;
    if (!get_name(&s, z->name[1]))
        return false;
    z->has_dst = true;
    z->offset[1] = z->offset[0] + 3600;
    if (*s && *s != ',') {
        if (!get_time(&s, &west))
            return false;
        z->offset[1] = -west;
    }
    if (!*s)
        s = ",M3.2.0,M11.1.0"; /* as POSIX's examples: the United States' */
    return *s++ == ',' && get_rule(&s, &z->begin) && *s++ == ',' && get_rule(&s, &z->end) && !*s;
}

/* The zone of now. Whoever holds one may go on with it: it is changed only after many others. */
static const Zone *current(void) {
    const char *text = getenv("TZ");
    if (!text || !*text || strlen(text) >= sizeof utc.text)
        return &utc;
    const Zone *z = NULL;
    rt_lock(&lock, RANK_FILES);
    for (int i = 0; i < nzones && !z; i++)
        if (strcmp(zones[i].text, text) == 0)
            z = &zones[i];
    if (!z) {
        newest = nzones < 8 ? nzones++ : (newest + 1) % 8;
        Zone *made = &zones[newest];
        memset(made, 0, sizeof *made);
        if (!parse(*text == ':' ? text + 1 : text, made))
            *made = utc;
        strcpy(made->text, text);
        z = made;
    }
    rt_unlock(&lock);
    return z;
}

void tzset(void) {
    const Zone *z = current();
    tzname[0] = (char *)(uintptr_t)z->name[0];
    tzname[1] = (char *)(uintptr_t)z->name[1];
    timezone = -z->offset[0];
    daylight = z->has_dst;
}

/* ---- what holds when ----------------------------------------------------------------------------------------- */

/* Hinnant, "chrono-compatible low-level date algorithms": years begin in March, eras have 400 years. */
int64_t rt_days_to(int64_t year, int64_t month) {
    year += month / 12;
    month %= 12;
    if (month < 0)
        month += 12, year--;
    if (month < 2)
        year--;
    int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    int64_t day = (153 * (month + (month > 1 ? -2 : 10)) + 2) / 5;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + day - 719468;
}

int64_t rt_year_of(int64_t t) {
    int64_t days = t / DAY - (t % DAY < 0), year = 1970 + days / 366;
    while (rt_days_to(year + 1, 0) <= days)
        year++;
    while (rt_days_to(year, 0) > days)
        year--;
    return year;
}

/* When r applies in a year, in seconds since 1970 by the clock on the wall. */
static int64_t rule_time(const Rule *r, int64_t year) {
    int64_t first = rt_days_to(year, 0), day;
    if (r->kind == 'M') {
        int64_t month = rt_days_to(year, r->month - 1), next = rt_days_to(year, r->month);
        int64_t weekday = ((month + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
        day = month + (r->day - weekday + 7) % 7 + 7 * (r->week - 1);
        if (day >= next)
            day -= 7;
    } else {
        bool leap = rt_days_to(year + 1, 0) - first == 366;
        day = first + r->day - (r->kind == 'J' && !(leap && r->day >= 60));
    }
    return day * DAY + r->seconds_of_day;
}

static bool is_dst(const Zone *z, int64_t t) {
    if (!z->has_dst)
        return false;
    int64_t year = rt_year_of(t + z->offset[0]);
    int64_t begin = rule_time(&z->begin, year) - z->offset[0], end = rule_time(&z->end, year) - z->offset[1];
    return begin < end ? t >= begin && t < end : t >= begin || t < end;
}

ZoneInstant rt_zone_at(int64_t t) {
    const Zone *z = current();
    bool dst = is_dst(z, t);
    return (ZoneInstant){dst, z->offset[dst], z->name[dst]};
}

int32_t rt_zone_offset(bool dst) { return current()->offset[dst]; }
