/* picture.h: where the host finds the picture; see picture.c. */
#ifndef RT_PICTURE_H
#define RT_PICTURE_H

#include <stdint.h>

/* {width, height, address of the pixels}, NULL if there is no picture. */
const uint32_t *rt_image(void);
/* Where that will be; width 0 until then. */
const uint32_t *rt_image_place(void);

#endif
