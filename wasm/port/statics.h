/* statics.h: where the runtime's own static data lie. */
#ifndef PORT_STATICS_H
#define PORT_STATICS_H

extern char port_first_data[4], port_last_data[4]; /* of those with values at first, */
extern char port_first_zero[4], port_last_zero[4]; /* and of those that are 0 */

#endif
