/* signal.c: raise and abort. A signal without a handler ends the program as Go's do: its name, every goroutine,
 * exit code 2. Nobody but the program itself sends one. */
#include "wasm/port/switch.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* As Go's runtime names them. */
static const struct {
    int sig;
    const char *name;
} names[] = {
    {SIGABRT, "SIGABRT: abort"},
    {SIGALRM, "SIGALRM: alarm clock"},
    {SIGBUS, "SIGBUS: bus error"},
    {SIGFPE, "SIGFPE: floating-point exception"},
    {SIGHUP, "SIGHUP: terminal line hangup"},
    {SIGILL, "SIGILL: illegal instruction"},
    {SIGINT, "SIGINT: interrupt"},
    {SIGKILL, "SIGKILL: kill"},
    {SIGPIPE, "SIGPIPE: write to broken pipe"},
    {SIGQUIT, "SIGQUIT: quit"},
    {SIGSEGV, "SIGSEGV: segmentation violation"},
    {SIGSYS, "SIGSYS: bad system call"},
    {SIGTERM, "SIGTERM: termination"},
    {SIGTRAP, "SIGTRAP: trace trap"},
    {SIGUSR1, "SIGUSR1: user-defined signal 1"},
    {SIGUSR2, "SIGUSR2: user-defined signal 2"},
};

static _Noreturn void die_of(int sig) {
    char text[40] = "signal ";
    const char *what = text;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].sig == sig)
            what = names[i].name;
    if (what == text) {
        size_t n = strlen(text);
        if (sig >= 10)
            text[n++] = (char)('0' + sig / 10);
        text[n] = (char)('0' + sig % 10);
    }
    gr_trap(2, what);
    __builtin_trap();
}

static bool is_ignored(int sig) { return sig == SIGCHLD || sig == SIGCONT || sig == SIGURG || sig == SIGWINCH; }

#ifdef __EMSCRIPTEN__

/* The table of handlers is the C library's. What is blocked and what waits is ours: pthread_sigmask of Emscripten 3.1.6
 * reads through a NULL set. As a thread's in C, the mask is the goroutine's. */
int __sig_is_blocked(int sig);
sigset_t __sig_pending;
static _Thread_local sigset_t blocked;

int __sig_is_blocked(int sig) { return sigismember(&blocked, sig); }

static void change_mask(int how, const sigset_t *set) {
    for (int sig = 1; sig < _NSIG; sig++) {
        bool named = sigismember(set, sig) == 1;
        if (how == SIG_BLOCK ? named : how == SIG_SETMASK && named)
            sigaddset(&blocked, sig);
        else if (how == SIG_UNBLOCK ? named : how == SIG_SETMASK)
            sigdelset(&blocked, sig);
    }
    sigdelset(&blocked, SIGKILL);
    sigdelset(&blocked, SIGSTOP);
}

int pthread_sigmask(int how, const sigset_t *restrict set, sigset_t *restrict old) {
    if (set && how != SIG_BLOCK && how != SIG_UNBLOCK && how != SIG_SETMASK)
        return EINVAL;
    if (old)
        *old = blocked;
    if (!set)
        return 0;
    change_mask(how, set);
    for (int sig = 1; sig < _NSIG; sig++) {
        if (sigismember(&__sig_pending, sig) != 1 || sigismember(&blocked, sig))
            continue;
        sigdelset(&__sig_pending, sig);
        raise(sig);
    }
    return 0;
}

int sigpending(sigset_t *set) {
    *set = __sig_pending;
    return 0;
}

int raise(int sig) {
    struct sigaction a;
    if (sigaction(sig, NULL, &a) != 0)
        return -1;
    if (sigismember(&blocked, sig)) {
        sigaddset(&__sig_pending, sig);
        return 0;
    }
    if (a.sa_flags & SA_SIGINFO)
        a.sa_sigaction(sig, &(siginfo_t){.si_signo = sig}, NULL);
    else if (a.sa_handler != SIG_DFL && a.sa_handler != SIG_IGN)
        a.sa_handler(sig);
    else if (a.sa_handler == SIG_DFL && !is_ignored(sig))
        die_of(sig);
    return 0;
}

#else

typedef void Handler(int);
static Handler *handlers[_NSIG];

/* The addresses are what SIG_IGN and SIG_ERR mean. */
void __SIG_IGN(int sig) { (void)sig; }
_Noreturn void __SIG_ERR(int sig) { die_of(sig); }

static bool is_signal(int sig) {
    if (sig > 0 && sig < _NSIG)
        return true;
    errno = EINVAL;
    return false;
}

Handler *signal(int sig, Handler *handler) {
    if (!is_signal(sig) || sig == SIGKILL || sig == SIGSTOP) {
        errno = EINVAL;
        return SIG_ERR;
    }
    return __atomic_exchange_n(&handlers[sig], handler, __ATOMIC_SEQ_CST);
}

int raise(int sig) {
    if (!is_signal(sig))
        return -1;
    Handler *handler = __atomic_load_n(&handlers[sig], __ATOMIC_SEQ_CST);
    if (handler)
        handler(sig);
    else if (!is_ignored(sig))
        die_of(sig);
    return 0;
}

#endif

_Noreturn void abort(void) {
    raise(SIGABRT); /* a handler may have returned */
    die_of(SIGABRT);
}
