/* names.h: what a goroutine's state and what it waits for are called in dumps. */
#ifndef RT_NAMES_H
#define RT_NAMES_H

#include "format/states.h"
#include "format/wait_reasons.h"
#include <stdint.h>

const char *rt_text_gstate(uint32_t state);
const char *rt_text_reason(WaitReason r);

#endif
