/* zone.h: the time zone that the environment variable TZ names, and what strftime and strptime share. */
#ifndef RT_LIBC_ZONE_H
#define RT_LIBC_ZONE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct ZoneInstant {
    bool is_dst;      /* daylight saving time is on */
    int32_t offset;   /* seconds east of Greenwich */
    const char *name; /* such as CET; stays */
} ZoneInstant;

/* What holds at t, seconds since 1970. */
ZoneInstant rt_zone_at(int64_t t);
/* The offset without and with daylight saving time; the same where there is none. */
int32_t rt_zone_offset(bool dst);
/* Days from 1970-01-01 to the first of the month; month from 0, may be anything. */
int64_t rt_days_to(int64_t year, int64_t month);
void tzset(void); /* wasi-libc's headers do not have it */
/* The year of t. */
int64_t rt_year_of(int64_t t);
/* The conversions that c stands for, in C's locale; NULL: it stands for itself. strptime knows no '+'. */
const char *rt_date_expansion(char c);

#endif
