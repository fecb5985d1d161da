/* attention.c: see attention.h. */
#include "base/attention.h"

_Atomic uint32_t rt_attention;
