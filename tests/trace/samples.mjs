// samples.mjs: traces in text that several tests use, each valid by itself.

/** The tables every sample's first generation ends with. @param {number} [gen] @param {string} [more] */
export const tables = (gen = 1, more = '') => `
EventBatch gen=${gen} m=- time=0
Strings
String id=1 data="chan receive"
String id=2 data="main.worker"
String id=3 data="main.main"
String id=4 data="demo.c"
String id=5 data="preempted"
String id=6 data="GC mark termination"
String id=7 data="a task"
EventBatch gen=${gen} m=- time=0
Stacks
Stack id=1
Frame pc=4096 func=2 file=4 line=42
Frame pc=4100 func=3 file=4 line=7
Stack id=2
Frame pc=4104 func=2 file=4 line=10
EventBatch gen=${gen} m=- time=0
Frequency freq=1000000000
${more}`;

/** One P, one M, goroutine 1 running; `events` follow on M 0. @param {string} events @param {string} [rest] */
export const oneM = (events, rest = '') => `Trace Go1.23
EventBatch gen=1 m=0 time=100
ProcStatus dt=1 p=0 pstatus=1
GoStatus dt=1 g=1 m=0 gstatus=2
${events}
${tables()}${rest}`;

/**
 * G1 creates goroutines, `apart` ns one after the other, each of which comes to wait at stack 1; the trace ends 1 ms
 * after the last.
 * @param {{n?: number, apart?: number, reason?: string, fn?: string, before?: boolean}} how before: each has gone on
 *   from there once
 */
export function waiting({ n = 12, apart = 100_000, reason = 'chan receive', fn = 'main.worker', before = false }) {
  /** @type {string[]} */
  const lines = [];
  let own = 0;
  for (let g = 2; g < n + 2; g++) {
    lines.push(`GoCreate dt=${apart} new_g=${g} new_stack=2 stack=1`);
    for (let round = before ? 0 : 1; round < 2; round++) {
      const seq = before ? 2 * round : 0;
      lines.push('GoStop dt=1 reason=5 stack=1', `GoStart dt=1 g=${g} g_seq=${seq + 1}`,
        'GoBlock dt=1 reason=1 stack=1', `GoStart dt=1 g=1 g_seq=${++own}`);
      if (round === 0) lines.push(`GoUnblock dt=5 g=${g} g_seq=2 stack=2`);
    }
  }
  lines.push('GoStop dt=1000000 reason=5 stack=1');
  return oneM(lines.join('\n')).replace('chan receive', reason).replace('main.worker', fn);
}

/** Two Ms hand goroutines to each other: create, start, block, unblock, syscall, steal. */
export const busy = `Trace Go1.23
EventBatch gen=1 m=0 time=100
ProcStatus dt=1 p=0 pstatus=1
GoStatus dt=1 g=1 m=0 gstatus=2
GoCreate dt=10 new_g=2 new_stack=2 stack=1
GoCreate dt=10 new_g=3 new_stack=2 stack=1
GoBlock dt=10 reason=1 stack=1
GoStart dt=10 g=3 g_seq=1
GoSyscallBegin dt=10 p_seq=1 stack=1
GoSyscallEndBlocked dt=200
EventBatch gen=1 m=1 time=150
ProcStatus dt=1 p=1 pstatus=2
ProcStart dt=1 p=1 p_seq=1
GoStart dt=10 g=2 g_seq=1
GoUnblock dt=10 g=1 g_seq=1 stack=1
ProcSteal dt=10 p=0 p_seq=2 m=0
GoStop dt=20 reason=5 stack=1
GoStart dt=10 g=1 g_seq=2
GoBlock dt=100 reason=1 stack=1
GoStart dt=10 g=2 g_seq=2
GoDestroy dt=50
ProcStop dt=10
${tables()}`;

/** Two generations; goroutine 1 runs through, 2 waits through. */
export const twoGenerations = `Trace Go1.23
EventBatch gen=1 m=0 time=100
ProcStatus dt=1 p=0 pstatus=1
GoStatus dt=1 g=1 m=0 gstatus=2
GoCreateBlocked dt=5 new_g=2 new_stack=2 stack=1
UserTaskBegin dt=5 task=9 parent_task=0 name=7 stack=1
UserRegionBegin dt=5 task=9 name=7 stack=0
${tables(1)}
EventBatch gen=2 m=0 time=200
ProcStatus dt=1 p=0 pstatus=1
GoStatus dt=1 g=1 m=0 gstatus=2
GoStatus dt=1 g=2 m=- gstatus=4
UserRegionEnd dt=5 task=9 name=7 stack=0
UserTaskEnd dt=5 task=9 stack=1
GoSwitch dt=5 g=2 g_seq=1
GoSwitchDestroy dt=5 g=1 g_seq=1
GoBlock dt=5 reason=1 stack=1
ProcStop dt=5
${tables(2)}`;

/** The same kind of thing as Go 1.26 writes it: clock snapshot, end of generation in band. */
export const go126 = `Trace Go1.26
EventBatch gen=1 m=0 time=100
ProcStatus dt=1 p=0 pstatus=1
GoStatusStack dt=1 g=1 m=0 gstatus=2 stack=1
STWBegin dt=5 kind=6 stack=1
STWEnd dt=5
GoLabel dt=5 label=7
HeapAlloc dt=5 heapalloc=4096
GoBlock dt=5 reason=1 stack=1
ProcStop dt=5
EventBatch gen=1 m=- time=100
Sync
Frequency freq=1000000000
ClockSnapshot dt=1 mono=77 sec=1700000000 nsec=500
EventBatch gen=1 m=- time=0
Strings
String id=1 data="chan receive"
String id=2 data="main.worker"
String id=3 data="main.main"
String id=4 data="demo.c"
String id=6 data="GC mark termination"
String id=7 data="a \\"label\\"\\n"
EventBatch gen=1 m=- time=0
Stacks
Stack id=1
Frame pc=4096 func=2 file=4 line=42
Frame pc=4100 func=3 file=4 line=7
EventBatch gen=1 m=- time=0
CPUSamples
CPUSample time=112 m=0 p=0 g=1 stack=1
ExperimentalBatch exp=1 gen=1 m=0 time=0
Bytes 01 02 03
EndOfGeneration
`;
