/* m.h: the life of Ms: see m.c. */
#ifndef RT_M_H
#define RT_M_H

#include "core/sched.h"

M *m_by_id(uint32_t id);
M *m_new(bool counted); /* counted: it will hold Ps (sched.lock) */

#endif
