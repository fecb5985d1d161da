/* host.h: what the loader gives a program to call, and how a program gives it functions. The first are the module's
 * imports, all named host_…. They are not the poller's rt_host_… (drive/netpoll.h), by which goroutines ask and park;
 * none of these parks. */
#ifndef RT_HOST_IMPORTS_H
#define RT_HOST_IMPORTS_H

#include "format/host_block.h"

#define EXPORT(name) __attribute__((used, export_name(#name)))
#define HOST(name) __attribute__((import_module("goroscope"), import_name(#name)))
HOST(host_now) double port_host_now(void);       /* ms since the start, the same on all threads */
HOST(host_date) double port_host_date(void);     /* ms since 1970 */
HOST(host_random) double port_host_random(void); /* an integer of 52 random bits */
HOST(host_output) void port_host_output(void);   /* the ring has output */
HOST(host_input) void port_host_input(void);     /* the ring has room again */
HOST(host_request)
void port_host_request(uint32_t kind, uint32_t id, uint32_t stream, const void *bytes,
                       size_t n);                      /* port_request; copies */
HOST(host_threads) void port_host_threads(uint32_t n); /* there must be n workers now */
HOST(host_exit) _Noreturn void port_host_exit(int code);
HOST(host_file_size) double port_host_file_size(const char *path, size_t path_bytes); /* -1: there is no such file */
HOST(host_file_read) void port_host_file_read(const char *path, size_t path_bytes, void *to);
/* What the host has given: strings, each with a NUL. Returns their bytes; to: where they go, or NULL. */
HOST(host_strings) uint32_t port_host_strings(HostStrings what, char *to);
/* What port_stack_text says. */
HOST(host_stack) uint32_t port_host_stack(char *to, size_t most);

#endif
