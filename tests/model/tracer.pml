/* tracer.pml: the tracer's control as a model that spin enumerates: Ms that run goroutines, sysmon, and who starts,
 * turns and stops. What is one step here is what others can see nothing in between of there. tracer.test.mjs runs it.
 *
 * Of the runtime: core/trace_gen.c (locker, turns, what follows a loss), trace_status.c (whom who tells of, tombs),
 * trace_start.c, syscall.c, and as much of proc.c and stw.c as changes states. Left out: times and what only one M
 * sees (buffers, the ring), the order of events within the bridge over a loss (tests/traces/loss.mjs), futexes, weak
 * memory: the runtime's accesses that matter here are sequentially consistent, or with the world stopped in between.
 *
 * The asserts are those of Go's reader: `rs` holds what it knows of each goroutine and P so far in a generation, `rf`
 * what it knew after the last that got through; and that in the end it knows what is true.
 *
 * BREAK_… is the model with one mistake: of each invariant of core/trace.h (here "inv. N") what breaks without it.
 */
#ifndef NM
#define NM 2 /* Ms that run goroutines; then sysmon, and who turns */
#endif
#ifndef NG
#define NG 1
#endif
#ifndef NP
#define NP 1
#endif
#ifndef NGO
#define NGO NG /* goroutines, one after the other in those Gs */
#endif
#ifndef STARTS
#define STARTS 1
#endif
#ifndef TURNS
#define TURNS 1
#endif
#ifndef LOSSES
#define LOSSES 0
#endif
#ifndef OPS
#define OPS 1
#endif
#define OP_SYSCALL (OPS & 1)
#define OP_SYSCALLBLOCK (OPS & 2)
#define OP_YIELD (OPS & 4)
#define OP_PARK (OPS & 8) /* and to make ready who waits */
#define OP_EXIT (OPS & 16) /* and to create */
#define SYSMON NM
#define TURNER (NM + 1)
#define ALLM (NM + 2)
#define NX (NGO + NP) /* whom readers know: goroutines, then Ps */
#define NONE 7
#define CLOSED 128
#define NT 3 /* tombs */

/* States, as readers call them; a P's are the same numbers: idle, running, in a system call. */
#define GONE 0 /* rs: not told of */
#define RUNNABLE 1
#define IDLE 1
#define RUNNING 2
#define SYSCALL 3
#define WAITING 4
#define GCSTOP 5 /* of a P */
#define ENDED 5  /* rs: in this generation */
#define ON_M(st) ((st) == RUNNING || (st) == SYSCALL)
#define WHERE(st, m) (ON_M(st) -> (m) : NONE)

/* ---- the scheduler ------------------------------------------------------------------------------------------- */

byte gst[NG], goid[NG], gm[NG]; /* state, goroutine, M */
bool queued[NG];                /* it is runnable and nobody has taken it yet */
bool parked[NG], gfree[NG];     /* it waits, it has ended: and has left its M */
byte goids;                     /* goroutines so far */
byte pst[NP], pm[NP];           /* state; M, with the state SYSCALL a part of that */
bool pidle[NP];                 /* nobody has it */
byte mp[NM], mg[NM];            /* P, G */
bool slock, stopping;           /* rt_sched.lock; the world */

/* ---- the tracer ---------------------------------------------------------------------------------------------- */

bool tracing;
byte gen, outside;
bool odd[ALLM]; /* trace.seqlock */
byte mgen[ALLM];
short stood[(NG + NP) * 4]; /* of Gs, then of Ps */
bool tomb_lock;
byte ntombs, tomb_goid[NT], tomb_gen[NT];
short tomb_stood[NT * 4];
byte shown; /* the last generation that got through, 0: none since the start */

#define STOOD(e, created, m, st) ((e) * 128 + (created) * 64 + (m) * 8 + (st))
#define S_GEN(w) ((w) / 128)
#define S_CREATED(w) (((w) >> 6) & 1)
#define S_M(w) (((w) >> 3) & 7)
#define S_STATE(w) ((w) & 7)
#define AT(s, e) stood[(s) * 4 + (e) % 4]
#define AFTER(s, e) (S_GEN(AT(s, e)) == (e) -> AT(s, e) : 0) /* rt_stood_after */
#define TOMB(t, e) tomb_stood[(t) * 4 + (e) % 4]
#define TOMB_AFTER(t, e) (S_GEN(TOMB(t, e)) == (e) -> TOMB(t, e) : 0)
#define OF_P(p) (NG + (p))

/* ---- the reader ---------------------------------------------------------------------------------------------- */

byte ended;                  /* the last generation that nobody may write into any more */
byte rs[2 * NX], ri[2 * NX]; /* by parity: the last state told, the first one told by a status */
byte rf[NX];                 /* 0: it knows nobody of that name */

#define KNOW(st, m) ((st) + 8 * (m))
#define K_STATE(k) ((k) & 7)
#define K_M(k) ((k) >> 3)
#define NAMELESS(k) (K_M(k) == NONE)
#define RS(e, x) rs[((e) % 2) * NX + (x)]
#define RI(e, x) ri[((e) % 2) * NX + (x)]
#define P_OF(p) (NGO + (p))
#if NP == 1
#define HAS_P(e, m) (RS(e, P_OF(0)) == KNOW(RUNNING, m))
#else
#define HAS_P(e, m) (RS(e, P_OF(0)) == KNOW(RUNNING, m) || RS(e, P_OF(1)) == KNOW(RUNNING, m))
#endif

/* About x, which was `was` on M wm and is now st on m. */
inline event(f_e_e, f_e_x, f_e_was, f_e_wm, f_e_st, f_e_n) {
  assert(f_e_e > ended);                              /* no event of a generation after its end, */
  assert(gen % CLOSED == f_e_e || RS(f_e_e + 1, f_e_x) == 0); /* nor after one of the next about the same */
  assert(RS(f_e_e, f_e_x) == KNOW(f_e_was, f_e_wm));              /* it fits what f_e_was told last */
  RS(f_e_e, f_e_x) = KNOW(f_e_st, f_e_n)
}
inline status_event(f_s_e, f_s_x, f_s_st, f_s_n) {
  assert(f_s_e > ended);
  assert(RS(f_s_e, f_s_x) == 0);
  RS(f_s_e, f_s_x) = KNOW(f_s_st, WHERE(f_s_st, f_s_n));
  RI(f_s_e, f_s_x) = RS(f_s_e, f_s_x)
}
inline forget(f__e) {
  for (i : 0 .. NX - 1) { RS(f__e, i) = 0; RI(f__e, i) = 0 }
  i = 0
}
/* Generation e has got through: how each stood at its begin is how it stood at the end of the last one; and all who are
 * there have been told of, since readers may begin with it. */
inline read(f__e, f__all) {
  for (i : 0 .. NX - 1) {
    if
    :: RI(f__e, i) && shown ->
       assert(K_STATE(RI(f__e, i)) == K_STATE(rf[i]));
       assert(K_M(RI(f__e, i)) == K_M(rf[i]) || NAMELESS(RI(f__e, i)))
    :: RS(f__e, i) == 0 && f__all -> assert(rf[i] == 0)
    :: else
    fi;
    rf[i] = (K_STATE(RS(f__e, i)) == ENDED -> 0 : RS(f__e, i))
  }
  i = 0
}

/* ---- telling (trace_status.c, trace_events.c); steps of M self, within a locker ------------------------------- */

inline tell_g(f_tg_m, f_tg_g, f_tg_st) {
  if
  :: S_GEN(AT(f_tg_g, mgen[f_tg_m])) != mgen[f_tg_m] ->
     status_event(mgen[f_tg_m], goid[f_tg_g], f_tg_st, f_tg_m);
     AT(f_tg_g, mgen[f_tg_m]) = STOOD(mgen[f_tg_m], 0, WHERE(f_tg_st, f_tg_m), f_tg_st)
  :: else
  fi
}
inline tell_p(f_tp_m, f_tp_p, f_tp_st, f_tp_n) {
  if
  :: S_GEN(AT(OF_P(f_tp_p), mgen[f_tp_m])) != mgen[f_tp_m] ->
     status_event(mgen[f_tp_m], P_OF(f_tp_p), f_tp_st, f_tp_n);
     AT(OF_P(f_tp_p), mgen[f_tp_m]) = STOOD(mgen[f_tp_m], 0, f_tp_n, f_tp_st)
  :: else
  fi
}
inline tell_own(f_to_m) {
  if
  :: f_to_m < NM && mp[f_to_m] != NONE ->
     tell_p(f_to_m, mp[f_to_m], RUNNING, f_to_m);
     if
     :: mg[f_to_m] != NONE -> tell_g(f_to_m, mg[f_to_m], gst[mg[f_to_m]])
     :: else
     fi
  :: else
  fi
}
inline g_event(f_ge_m, f_ge_g, f_ge_was, f_ge_wm, f_ge_st, f_ge_n) {
  event(mgen[f_ge_m], goid[f_ge_g], f_ge_was, f_ge_wm, f_ge_st, f_ge_n);
  AT(f_ge_g, mgen[f_ge_m]) = STOOD(mgen[f_ge_m], S_CREATED(AT(f_ge_g, mgen[f_ge_m])), f_ge_n, f_ge_st % ENDED)
}
inline p_event(f_pe_m, f_pe_p, f_pe_was, f_pe_wm, f_pe_st, f_pe_n) {
  event(mgen[f_pe_m], P_OF(f_pe_p), f_pe_was, f_pe_wm, f_pe_st, f_pe_n);
  AT(OF_P(f_pe_p), mgen[f_pe_m]) = STOOD(mgen[f_pe_m], 0, f_pe_n, f_pe_st)
}
inline go_start(f_gs_m, f_gs_g) {
  tell_g(f_gs_m, f_gs_g, RUNNABLE);
  assert(HAS_P(mgen[f_gs_m], f_gs_m));
  g_event(f_gs_m, f_gs_g, RUNNABLE, NONE, RUNNING, f_gs_m)
}
inline proc_start(f_ps_m, f_ps_p) {
  tell_p(f_ps_m, f_ps_p, IDLE, NONE);
  p_event(f_ps_m, f_ps_p, IDLE, NONE, RUNNING, f_ps_m)
}
/* Its events so far go into a tomb. The tombs' lock is held. */
inline bury(f__m, f__g) {
  assert(ntombs < NT);
  tomb_goid[ntombs] = goid[f__g];
  tomb_gen[ntombs] = mgen[f__m];
  for (i : 0 .. 3) {
    tomb_stood[ntombs * 4 + i] = stood[f__g * 4 + i];
    if
    :: i != mgen[f__m] % 4 -> stood[f__g * 4 + i] = 0
    :: else
    fi
  }
  ntombs++;
  i = 0
}

/* ---- the locker (trace_gen.c) -------------------------------------------------------------------------------- */

inline acquire(f__m) {
  lk = 0;
  if
  :: !tracing
  :: tracing ->
#ifdef BREAK_1_ORDER /* inv. 1: the generation is looked at before the M says that it writes */
     do
     :: gen < CLOSED -> tmp = gen; break
     od;
     odd[f__m] = 1;
#else
     odd[f__m] = 1;
     do
     :: atomic { gen < CLOSED -> tmp = gen; break }
     :: atomic { gen >= CLOSED -> tmp = gen }
#ifdef BREAK_3_INSIDE /* inv. 3: it waits while it says that it writes */
        gen != tmp
#else
        odd[f__m] = 0;
        gen != tmp;
        odd[f__m] = 1
#endif
     od;
#endif
     if
     :: atomic { tmp == 0 -> odd[f__m] = 0 }
     :: atomic { tmp -> mgen[f__m] = tmp; lk = 1; tell_own(f__m) }
     fi
  fi;
  tmp = 0
}
inline release(f__m) {
  atomic {
    if
    :: lk -> odd[f__m] = 0; lk = 0
    :: else
    fi
  }
}
/* It counts while it has not seen that there is tracing. */
inline acquire_outside(f__m) {
  do
  :: outside++;
     if
     :: !tracing -> lk = 0; break
     :: tracing ->
#ifdef BREAK_2_STALE /* inv. 2: that it is enabled may be stale, and it looks no further */
        outside--;
        atomic { odd[f__m] = 1; lk = 1 }
        break
#else
#ifndef BREAK_2_WAIT /* inv. 2: who waits for the start is waited for */
        outside--;
#endif
        acquire(f__m);
#ifdef BREAK_2_WAIT
        outside--;
#endif
        if
        :: lk -> break
        :: else
        fi
#endif
     fi
  od
}
inline release_outside(f__m) {
  if
  :: lk -> release(f__m)
  :: else -> outside--
  fi
}

/* ---- the scheduler's steps ------------------------------------------------------------------------------------ */

#if NP == 1
#define ANY_IDLE (pidle[0])
#define ALL_STOPPED (pst[0] == GCSTOP)
#else
#define ANY_IDLE (pidle[0] || pidle[1])
#define ALL_STOPPED (pst[0] == GCSTOP && pst[1] == GCSTOP)
#endif
#if NG == 1
#define ANY_QUEUED (queued[0])
#else
#define ANY_QUEUED (queued[0] || queued[1])
#endif

inline pidle_get(f__p) { /* an atomic one's */
  if
  :: pidle[0] -> f__p = 0; pidle[0] = 0
#if NP > 1
  :: !pidle[0] && pidle[1] -> f__p = 1; pidle[1] = 0
#endif
  :: else -> f__p = NONE
  fi
}
inline acquirep(f__p) {
  acquire(me);
  atomic {
    mp[me] = f__p; pm[f__p] = me; pst[f__p] = RUNNING;
    if
    :: lk -> proc_start(me, f__p)
    :: else
    fi
  }
  release(me)
}
inline releasep() {
  acquire(me);
  atomic {
    p = mp[me]; pm[p] = NONE; mp[me] = NONE; pst[p] = IDLE;
    if
    :: lk -> p_event(me, p, RUNNING, me, IDLE, NONE)
    :: else
    fi
  }
  release(me)
}
/* rt_sched.lock is held. */
inline retake(f__m, f__p) {
  acquire(f__m);
  atomic {
    got = (pst[f__p] == SYSCALL);
    if
    :: got -> pst[f__p] = IDLE
    :: else
    fi
  }
  if
  :: got ->
     atomic {
       from = pm[f__p]; pm[f__p] = NONE;
       if
       :: lk ->
          if
          :: from == f__m -> tell_p(f__m, f__p, SYSCALL, from)
          :: else -> tell_p(f__m, f__p, SYSCALL, NONE)
          fi;
          assert(K_STATE(RS(mgen[f__m], P_OF(f__p))) == SYSCALL);
          assert(K_M(RS(mgen[f__m], P_OF(f__p))) == from || NAMELESS(RS(mgen[f__m], P_OF(f__p))));
          p_event(f__m, f__p, SYSCALL, K_M(RS(mgen[f__m], P_OF(f__p))), IDLE, NONE)
       :: else
       fi;
       from = 0
     }
  :: else
  fi;
  release(f__m)
}
/* p belongs to nobody. */
inline handoff(f__p) {
  atomic {
    !slock ->
    if
    :: stopping -> pst[f__p] = GCSTOP
    :: else -> pidle[f__p] = 1
    fi;
    f__p = 0
  }
}

/* ---- goroutines ----------------------------------------------------------------------------------------------- */

/* What a running goroutine does on M m, s: from running to runnable, waiting or gone. */
inline leave_m(f__st) {
  acquire(me);
#ifdef BREAK_1_STATE /* inv. 1: a state changes before rt_trace_acquire */
  atomic { s = mg[me]; gst[s] = f__st }
  release(me);
  acquire(me);
#endif
  atomic {
    s = mg[me];
    gst[s] = f__st; gm[s] = NONE; mg[me] = NONE;
    if
    :: lk && f__st != GONE -> g_event(me, s, RUNNING, me, f__st, NONE)
#ifdef BREAK_7_TOMB /* inv. 7: the end can be seen before the tomb is there */
    :: lk && f__st == GONE -> g_event(me, s, RUNNING, me, ENDED, NONE)
#endif
    :: else
    fi
  }
#ifdef BREAK_7_TOMB
  if
  :: f__st == GONE && lk && !S_CREATED(AT(s, mgen[me])) -> atomic { !tomb_lock -> bury(me, s) }
  :: else
  fi;
#else
  if
  :: f__st == GONE && lk ->
     if
     :: atomic { S_CREATED(AT(s, mgen[me])) -> g_event(me, s, RUNNING, me, ENDED, NONE) }
     :: atomic { !S_CREATED(AT(s, mgen[me])) && !tomb_lock -> g_event(me, s, RUNNING, me, ENDED, NONE); bury(me, s) }
     fi
  :: else
  fi;
#endif
  release(me)
}
inline put(f__g) {
  atomic { queued[f__g] = 1; f__g = 0 }
}

inline entersyscall() {
  acquire(me);
  atomic {
    s = mg[me]; p = mp[me];
    gst[s] = SYSCALL; mp[me] = NONE;
    if
    :: lk ->
       assert(RS(mgen[me], P_OF(p)) == KNOW(RUNNING, me));
       g_event(me, s, RUNNING, me, SYSCALL, me);
       p_event(me, p, RUNNING, me, SYSCALL, me)
    :: else
    fi
  }
  pst[p] = SYSCALL;
  release(me);
  if
  :: stopping ->
     atomic { !slock -> slock = 1 }
     if
     :: stopping ->
        retake(me, p);
        if
        :: got -> pst[p] = GCSTOP
        :: else
        fi
     :: else
     fi;
     slock = 0
  :: else
  fi;
  atomic { s = 0; got = 0; oldp = p; p = 0 }
}
inline entersyscallblock() {
  acquire(me);
  atomic {
    s = mg[me]; p = mp[me];
    gst[s] = SYSCALL; mp[me] = NONE; pm[p] = NONE; pst[p] = IDLE;
    if
    :: lk ->
       g_event(me, s, RUNNING, me, SYSCALL, me);
       p_event(me, p, RUNNING, me, SYSCALL, me);
       p_event(me, p, SYSCALL, me, IDLE, NONE)
    :: else
    fi
  }
  release(me);
  handoff(p);
  atomic { oldp = NONE; s = 0 }
}
inline exitsyscall() {
  got = 0;
  s = mg[me];
  if
  :: oldp != NONE -> /* take_back */
     acquire_outside(me);
     atomic {
       got = (pst[oldp] == SYSCALL && pm[oldp] == me);
       if
       :: got -> pst[oldp] = RUNNING
       :: else
       fi
     }
     if
     :: got ->
        atomic {
          mp[me] = oldp; gst[s] = RUNNING;
          if
          :: lk ->
             tell_p(me, oldp, SYSCALL, me);
             tell_g(me, s, SYSCALL);
             g_event(me, s, SYSCALL, me, RUNNING, me);
             p_event(me, oldp, SYSCALL, me, RUNNING, me)
          :: else
          fi
        }
     :: else
     fi;
     release_outside(me)
  :: else
  fi;
  if
  :: !got ->
     atomic { !slock -> pidle_get(p) }
     if
     :: p != NONE -> /* take_idle */
        acquire_outside(me);
        atomic {
          mp[me] = p; pm[p] = me; pst[p] = RUNNING;
          if
          :: lk ->
             proc_start(me, p);
             tell_g(me, s, SYSCALL);
             g_event(me, s, SYSCALL, me, RUNNABLE, NONE);
             go_start(me, s)
          :: else
          fi;
          gst[s] = RUNNING
        }
        release_outside(me)
     :: else -> /* rt_after_syscall */
        acquire_outside(me);
        atomic {
          gst[s] = RUNNABLE; gm[s] = NONE; mg[me] = NONE;
          if
          :: lk ->
             tell_g(me, s, SYSCALL);
             g_event(me, s, SYSCALL, me, RUNNABLE, NONE)
          :: else
          fi
        }
        release_outside(me);
        atomic { !slock -> pidle_get(p); queued[s] = 1 }
        if
        :: p != NONE -> acquirep(p)
        :: else
        fi
     fi
  :: else
  fi;
  atomic { oldp = NONE; s = 0; p = 0; got = 0 }
}

/* A G that is free runs a new goroutine; one that waits is made ready. */
inline create() {
  acquire(me);
  atomic {
    goid[s] = goids; goids++;
    gst[s] = RUNNABLE;
    if
    :: lk ->
       event(mgen[me], goid[s], GONE, 0, RUNNABLE, NONE);
       AT(s, mgen[me]) = STOOD(mgen[me], 1, NONE, RUNNABLE)
    :: else
    fi
  }
  release(me);
  put(s)
}
inline ready() {
  acquire(me);
  atomic {
    gst[s] = RUNNABLE;
    if
    :: lk -> tell_g(me, s, WAITING); g_event(me, s, WAITING, NONE, RUNNABLE, NONE)
    :: else
    fi
  }
  release(me);
  put(s)
}

#define RUNS (mg[me] != NONE && mp[me] != NONE)

proctype worker(byte me) {
  byte s, p, tmp, from, i;
  byte oldp = NONE;
  bool lk, got, resting;
end:
  do
  /* The goroutine may compute from here on, without an end; when it is asked to stop it does. */
  :: atomic { RUNS && !resting -> resting = 1 }
  :: RUNS && stopping -> leave_m(RUNNABLE); put(s)
#if OP_YIELD
  :: RUNS && !resting && !stopping -> leave_m(RUNNABLE); put(s)
#endif
#if OP_SYSCALL
  :: RUNS && !resting && !stopping -> entersyscall()
#endif
#if OP_SYSCALLBLOCK
  :: RUNS && !resting && !stopping -> entersyscallblock()
#endif
  :: mg[me] != NONE && mp[me] == NONE -> exitsyscall()
#if OP_PARK
  :: RUNS && !resting && !stopping -> leave_m(WAITING); atomic { parked[s] = 1; s = 0 }
#if NG > 1
  :: RUNS && !resting && !stopping && parked[1 - mg[me]] -> s = 1 - mg[me]; parked[s] = 0; ready()
#endif
#endif
#if OP_EXIT
  :: RUNS && !resting && !stopping -> leave_m(GONE); atomic { gfree[s] = 1; s = 0 }
#if NG > 1
  :: RUNS && !resting && !stopping && goids < NGO && gfree[1 - mg[me]] -> s = 1 - mg[me]; gfree[s] = 0; create()
#endif
#endif
  :: mg[me] == NONE && mp[me] != NONE && stopping -> /* gcstop */
     releasep();
     handoff(p)
  :: mg[me] == NONE && mp[me] != NONE && !stopping && !ANY_QUEUED ->
     releasep();
     handoff(p)
  :: atomic { mg[me] == NONE && mp[me] != NONE && !stopping && ANY_QUEUED ->
     if
     :: queued[0] -> s = 0
#if NG > 1
     :: queued[1] -> s = 1
#endif
     fi;
     queued[s] = 0 }
     acquire(me);
     atomic {
       mg[me] = s; gm[s] = me; gst[s] = RUNNING;
       if
       :: lk -> go_start(me, s)
       :: else
       fi
     }
     release(me);
     s = 0
  :: atomic { mg[me] == NONE && mp[me] == NONE && ANY_IDLE && ANY_QUEUED && !resting && !slock -> pidle_get(p) }
     acquirep(p);
     p = 0
  od
}

proctype sysmon() {
  byte p, tmp, from, i;
  bool lk, got;
end:
  do
  :: atomic { !slock && pst[0] == SYSCALL -> p = 0; slock = 1 }
     retake(SYSMON, p); slock = 0;
     if
     :: got -> handoff(p)
     :: else
     fi;
     got = 0
#if NP > 1
  :: atomic { !slock && pst[1] == SYSCALL -> p = 1; slock = 1 }
     retake(SYSMON, p); slock = 0;
     if
     :: got -> handoff(p)
     :: else
     fi;
     got = 0
#endif
  od
}

/* ---- turning, starting, stopping ------------------------------------------------------------------------------- */

#define P_STATE(q) (pm[q] == NONE -> IDLE : (pst[q] == SYSCALL -> SYSCALL : RUNNING))

/* Everybody has left e, and has not begun with the next: what readers are told is what is true. */
inline all_true(f__e) {
  for (i : 0 .. NG - 1) {
    w = (AFTER(i, f__e) -> AFTER(i, f__e) : AFTER(i, f__e - 1));
    assert(S_STATE(w) == gst[i]);
    assert(!ON_M(gst[i]) || S_M(w) == gm[i])
  }
  for (i : 0 .. NP - 1) {
    w = (AFTER(OF_P(i), f__e) -> AFTER(OF_P(i), f__e) : AFTER(OF_P(i), f__e - 1));
    assert(S_STATE(w) == P_STATE(i));
    assert(!ON_M(P_STATE(i)) || S_M(w) == pm[i])
  }
  i = 0; w = 0
}

inline note_all(f__e) {
  for (i : 0 .. NG - 1) { AT(i, f__e) = STOOD(f__e, 0, WHERE(gst[i], gm[i]), gst[i]) }
  for (i : 0 .. NP - 1) { AT(OF_P(i), f__e) = STOOD(f__e, 0, pm[i], P_STATE(i)) }
  i = 0
}

inline wait_left(f__e) {
#ifndef BREAK_5_WAIT /* inv. 5: a generation is shown that is still being written */
  for (i : 0 .. ALLM - 1) {
    !odd[i] || mgen[i] == (f__e)
  }
  i = 0
#else
  skip
#endif
}

/* x, which stood as it did after e - 1 if nobody told of it in e. */
inline tell_late(f__x, f__g) {
  if
  :: AFTER(f__g, e) == 0 && S_STATE(AFTER(f__g, e - 1)) != GONE ->
     w = AFTER(f__g, e - 1);
     AT(f__g, e) = STOOD(e, 0, S_M(w), S_STATE(w));
     status_event(e, f__x, S_STATE(w), S_M(w));
     w = 0
  :: else
  fi
}
#define IS_GONE(s, e) (S_GEN(AT(s, e + 1)) == e + 1 && (S_STATE(AT(s, e + 1)) == GONE || S_CREATED(AT(s, e + 1))))

inline tell_rest(f__all) { /* all: else only of what is on an M */
  i = 0;
  do
  :: atomic { i < NP -> tell_late(P_OF(i), OF_P(i)); i++ }
  :: atomic { i == NP && !tomb_lock -> tomb_lock = 1; i = 0; break }
  od;
  do
  :: atomic { i < NG ->
       if
       :: IS_GONE(i, e) || !(f__all || ON_M(gst[i]))
       :: else -> tell_late(goid[i], i)
       fi;
       i++
     }
  :: atomic { i == NG -> i = 0; break }
  od;
  atomic {
    for (i : 0 .. NT - 1) {
      if
      :: i < ntombs && tomb_gen[i] > e && TOMB_AFTER(i, e) == 0 && S_STATE(TOMB_AFTER(i, e - 1)) != GONE ->
         w = TOMB_AFTER(i, e - 1);
         TOMB(i, e) = STOOD(e, 0, S_M(w), S_STATE(w));
         status_event(e, tomb_goid[i], S_STATE(w), S_M(w))
      :: else
      fi
    }
    i = 0; w = 0;
    tomb_lock = 0
  }
}

inline drop_tombs(up_to) { /* of who ended in these generations */
  n = 0;
  for (i : 0 .. NT - 1) {
    if
    :: i < ntombs && tomb_gen[i] > up_to ->
       tomb_goid[n] = tomb_goid[i]; tomb_gen[n] = tomb_gen[i];
       for (k : 0 .. 3) { tomb_stood[n * 4 + k] = tomb_stood[i * 4 + k] }
       n++
    :: else
    fi
  }
  ntombs = n;
  for (i : 0 .. NT - 1) {
    if
    :: i >= n ->
       tomb_goid[i] = 0; tomb_gen[i] = 0;
       for (k : 0 .. 3) { tomb_stood[i * 4 + k] = 0 }
    :: else
    fi
  }
  i = 0; n = 0; k = 0
}

/* Every M has left e: it gets through (`kept`), or it is lost. */
inline end_generation(f__all) {
  tell_rest(f__all);
  if
  :: kept = 1
  :: atomic { losses -> losses--; kept = 0 }
  fi;
  atomic {
    ended = e;
    if
    :: kept -> read(e, f__all); shown = e
    :: else
    fi
  }
  if
  :: kept -> atomic { !tomb_lock -> drop_tombs(e) }
  :: else
  fi
}

/* The bridge over what was lost, from what readers know (how all stood after `shown`) to what is true now. */
inline bridge(f__e) {
  for (i : 0 .. NT - 1) {
    w = TOMB_AFTER(i, shown);
    if
    :: S_STATE(w) == GONE -> tomb_gen[i] = 0
    :: else
    fi
  }
  drop_tombs(0);
  for (i : 0 .. NX - 1) { RI(f__e, i) = rf[i]; RS(f__e, i) = (rf[i] && i < NGO -> ENDED : 0) }
  for (i : 0 .. NT - 1) {
    if
    :: i < ntombs -> /* known, and now it ends */
       assert(K_STATE(rf[tomb_goid[i]]) == S_STATE(TOMB_AFTER(i, shown)));
       TOMB(i, f__e) = STOOD(f__e, 0, NONE, GONE);
       seen[tomb_goid[i]] = 1
    :: else
    fi
  }
  for (i : 0 .. NG - 1) {
    w = AFTER(i, shown);
    if
    :: S_STATE(w) != GONE || gst[i] != GONE ->
       assert(S_STATE(w) == K_STATE(rf[goid[i]]));
       assert(!ON_M(S_STATE(w)) || S_M(w) == K_M(rf[goid[i]]));
       assert(gst[i] != GONE); /* else it would lie in a tomb */
       seen[goid[i]] = 1;
       RS(f__e, goid[i]) = KNOW(gst[i], WHERE(gst[i], gm[i]));
       AT(i, f__e) = STOOD(f__e, (S_STATE(w) == GONE -> 1 : 0), WHERE(gst[i], gm[i]), gst[i])
    :: else
    fi
  }
  for (i : 0 .. NGO - 1) {
    assert(seen[i] || !rf[i]); /* nobody whom readers know is forgotten */
    seen[i] = 0
  }
  for (i : 0 .. NP - 1) {
    w = AFTER(OF_P(i), shown);
    assert(S_STATE(w) == K_STATE(rf[P_OF(i)]));
    RS(f__e, P_OF(i)) = KNOW(P_STATE(i), pm[i]);
    AT(OF_P(i), f__e) = STOOD(f__e, 0, pm[i], P_STATE(i))
  }
  i = 0; w = 0
}

inline go_on(f__e) {
#ifdef BREAK_4_LOCK /* inv. 4: the generation changes while somebody takes Ps */
  gen = f__e;
#else
  atomic { !slock -> gen = (f__e) }
#endif
  wait_left(f__e)
}

#ifndef AHEAD
#define AHEAD 4 /* so many later than a lost one the next begins */
#endif
inline begin_anew() {
#ifndef BREAK_6_OPEN /* inv. 6: others write while the bridge is built */
  go_on((e + 1) | CLOSED);
#endif
  atomic {
    all_true(e + 1);
    ended = e + 1;
    forget(e); forget(e + 1);
    if
    :: shown -> bridge(e + AHEAD)
    :: else ->
       drop_tombs(e + 1);
       note_all(e + AHEAD - 1)
    fi;
    e = e + AHEAD;
    gen = e
  }
}

inline advance() {
  atomic { forget(e + 1) }
  go_on(e + 1);
  end_generation(1);
  if
  :: kept -> atomic { forget(e); e++ }
  :: else -> begin_anew()
  fi
}

inline stop_world() {
  atomic {
    !slock -> slock = 1; stopping = 1;
    for (i : 0 .. NP - 1) {
      if
      :: pidle[i] -> pidle[i] = 0; pst[i] = GCSTOP
      :: else
      fi
    }
    i = 0
  }
  do
  :: p < NP ->
     if
     :: pst[p] == SYSCALL ->
        retake(TURNER, p);
        if
        :: got -> pst[p] = GCSTOP
        :: else
        fi
     :: else
     fi;
     atomic { got = 0; p++ }
  :: p == NP -> break
  od;
  atomic { slock = 0; p = 0 }
  ALL_STOPPED
}
inline start_world() {
  atomic {
    !slock -> stopping = 0;
    for (i : 0 .. NP - 1) { pst[i] = IDLE; pidle[i] = 1 }
    i = 0
  }
}

inline start() {
#ifndef BREAK_2_WORLD /* inv. 2: enabled is set while others run */
  stop_world();
#endif
  atomic { e = e + AHEAD; gen = e | CLOSED }
  tracing = 1;
#ifndef BREAK_2_COUNT /* inv. 2: it is not waited for those outside of the world */
  outside == 0;
#endif
  atomic {
    forget(e); forget(e + 1);
    for (i : 0 .. NX - 1) { rf[i] = 0 }
    shown = 0;
    drop_tombs(CLOSED);
    note_all(e - 1)
  }
  gen = e;
#ifndef BREAK_2_WORLD
  start_world()
#endif
}

inline stop() {
  stop_world();
  go_on(e | CLOSED);
  atomic { all_true(e) }
  end_generation(0);
  tracing = 0;
  gen = 0;
  start_world()
}

proctype turner() {
  byte p, tmp, from, i, k, n, e = 1, starts = STARTS, turns = TURNS, losses = LOSSES;
  short w;
  bool lk, got, kept, seen[NGO];
  do
  :: atomic { !tracing && starts -> starts-- } start()
  :: atomic { tracing && turns -> turns-- } advance()
  :: tracing -> stop()
  :: atomic { !tracing && !starts -> break }
  od
}

init {
  atomic {
    byte i;
    for (i : 0 .. ALLM - 1) { mgen[i] = 0 }
    for (i : 0 .. NG - 1) { gst[i] = RUNNABLE; goid[i] = i; gm[i] = NONE; queued[i] = 1 }
    goids = NG;
    for (i : 0 .. NP - 1) { pst[i] = IDLE; pm[i] = NONE; pidle[i] = 1 }
    for (i : 0 .. NM - 1) { mp[i] = NONE; mg[i] = NONE; run worker(i) }
    run sysmon();
    run turner();
    i = 0
  }
}
