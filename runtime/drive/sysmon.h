/* sysmon.h: the M that watches over the others; see sysmon.c. */
#ifndef RT_SYSMON_H
#define RT_SYSMON_H

void rt_sysmon_start(void);

#endif
