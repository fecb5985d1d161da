/* m.h: the life of Ms: see m.c. */
#ifndef RT_M_H
#define RT_M_H

#include "core/sched.h"

M *rt_m_by_id(uint32_t id);
M *rt_m_new(bool counted); /* counted: it will hold Ps (rt_sched.lock) */

#endif
