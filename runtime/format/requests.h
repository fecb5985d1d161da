/* requests.h: what a program asks its host for, and what it is answered. */
#ifndef RT_REQUESTS_H
#define RT_REQUESTS_H

/* What is asked for, with what bytes. */
typedef enum PortRequest {
    PORT_AWAIT = 1, /* a function of the host's: name, NUL, argument */
    PORT_FETCH, /* address, NUL, method, NUL, headers, NUL, body; answered by the status: then a stream of this id */
    PORT_OPEN,  /* a stream: name, NUL, argument; the stream has the request's id */
    PORT_READ,  /* the next piece of a stream: u32 bytes at most */
    PORT_WRITE, /* bytes to a stream; answered when it has taken them */
    PORT_CLOSE, /* nobody uses the stream any more; not answered */
    PORT_SHUT,  /* no more will be written to the stream; answered when all has been taken */
    PORT_REPLY, /* to a PORT_CALL, with its id: 1 byte, 0: result, 1: error, and the text; not answered */
    PORT_TRACE, /* a trace begins: u32 address of its region (trace_region.h); not answered */
} PortRequest;

/* Answers. Ids from HOST_CALLS on are given by the host. */
typedef enum PortAnswer {
    PORT_OK = 1,
    PORT_END,        /* of PORT_READ: there is no more */
    PORT_ERROR,      /* the bytes are its text */
    PORT_CALL,       /* not an answer: a call of the program's function: name, NUL, argument */
    PORT_DEBUG_CALL, /* the same by a goroutine: u64 its id before the name */
} PortAnswer;
#define HOST_CALLS 0x80000000u

#endif
