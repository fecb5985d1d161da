// Goal: each rule of the trace format has a trace that keeps it and one that breaks just it; the error names rule,
// byte, M and event.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { asked, goSays, hashOf } from '../lib/verdicts.mjs';
import { assemble } from './assemble.mjs';
import { dumped, validated } from './reader.mjs';
import { busy, go126, oneM, tables, twoGenerations } from './samples.mjs';
import { readerSources } from './sources.mjs';

console.log(asked);

/**
 * The trace of Go 1.23 as 1.25 would have written it: Go's validator wants a clock snapshot in each generation.
 * @param {string} text
 */
const with125 = (text) => {
  let n = 0;
  return !text.startsWith('Trace Go1.23') ? text
    : text.replace('Trace Go1.23', 'Trace Go1.25').replace(/^Frequency freq=.*$/gm,
      (line) => `Sync\n${line}\nClockSnapshot dt=${++n} mono=${77 + n} sec=${17 + n} nsec=5`);
};

/**
 * Generation 1 with `events`, then generation 2 with P 0 and goroutine 1 still running and `more`.
 * @param {string} events @param {string} more
 */
const later = (events, more) => oneM(events, `
EventBatch gen=2 m=0 time=5000
ProcStatus dt=1 p=0 pstatus=1
GoStatus dt=1 g=1 m=0 gstatus=2
${more}
${tables(2)}`);

/** M 5 takes P 3 and goes into a syscall; M 6 says it is about to be stolen. @param {string} seq */
const abandoned = (seq) => `EventBatch gen=1 m=5 time=300
ProcStatus dt=1 p=3 pstatus=1
GoStatus dt=1 g=8 m=5 gstatus=2
GoSyscallBegin dt=1 p_seq=${seq} stack=0
EventBatch gen=1 m=6 time=400
ProcStatus dt=1 p=3 pstatus=4`;

/** M 5 is entered from C, gets P 9 and does `events`. @param {string} events */
const callback = (events) => `EventBatch gen=1 m=5 time=300
GoCreateSyscall dt=1 new_g=50
GoSyscallEndBlocked dt=1
ProcStatus dt=1 p=9 pstatus=2
ProcStart dt=1 p=9 p_seq=1
GoStart dt=1 g=50 g_seq=1
${events}`;

const manyStrings = Array.from({ length: 11 }, (_, k) => `EventBatch gen=1 m=- time=0\nStrings\n${
  Array.from({ length: 100 }, (_, i) => `String id=${100 + 100 * k + i} data="kind ${100 * k + i}"`).join('\n')}`)
  .join('\n');

/** The same twice, the second time as generation 2 with no news and with another clock. @param {string} clock */
const twice126 = (clock) =>
  go126 + go126.slice(go126.indexOf('\n') + 1).replaceAll('gen=1', 'gen=2').replace(/mono=77.*/, clock)
    .replace('GoStatusStack dt=1 g=1 m=0 gstatus=2 stack=1\n', '').replace('pstatus=1', 'pstatus=2')
    .replace(/STWBegin[^]*?ProcStop dt=5\n/, '').replace('ClockSnapshot dt=1', 'ClockSnapshot dt=2');

const good = {
  'two Ms hand goroutines over, one loses its P in a syscall': busy,
  'two generations, tasks, regions, coroutine switches': twoGenerations,
  'Go 1.26: clock snapshot, label, STW, CPU sample, experiment': go126,
  'one running goroutine': oneM(''),
  'GC phases': oneM(
    'GCBegin dt=1 gc_seq=7 stack=0\nGCMarkAssistBegin dt=1 stack=0\nGCMarkAssistEnd dt=1\nGCEnd dt=1 gc_seq=8\n' +
    'GCSweepBegin dt=1 stack=0\nGCSweepEnd dt=1 swept=4096 reclaimed=1024\nHeapGoal dt=1 heapgoal=1'),
  'a region that began before the trace': oneM('UserRegionEnd dt=1 task=3 name=7 stack=0'),
  'a callback from C that comes and goes': oneM('',
    'EventBatch gen=1 m=5 time=300\nGoCreateSyscall dt=1 new_g=50\nGoDestroySyscall dt=5'),
  'an abandoned P is stolen': oneM('',
    'EventBatch gen=1 m=5 time=300\nProcStatus dt=1 p=9 pstatus=4\nProcSteal dt=1 p=9 p_seq=1 m=77'),
  'experimental allocation events':
    oneM('SpanAlloc dt=1 id=5 npages=1 kindclass=3\nHeapObject dt=1 id=9 type=2\nGoroutineStackFree dt=1 id=4'),
  'an empty batch': oneM('', 'EventBatch gen=1 m=0 time=900'),
  'a goroutine in a syscall, told by another M': oneM('',
    'EventBatch gen=1 m=5 time=300\nGoStatus dt=1 g=8 m=6 gstatus=3'),
  'a P in a syscall said to be abandoned': oneM('', abandoned('1')),
  'a GC, an assist and a sweep that were under way':
    oneM('GCActive dt=1 gc_seq=4\nGCMarkAssistActive dt=1 g=1\nGCSweepActive dt=1 p=0\nGCMarkAssistEnd dt=1\n' +
    'GCSweepEnd dt=1 swept=1 reclaimed=1\nGCEnd dt=1 gc_seq=5\nGCBegin dt=1 gc_seq=6 stack=0'),
  'an assist and a GC that go on in the next generation':
    later('GCBegin dt=1 gc_seq=1 stack=0\nGCMarkAssistBegin dt=1 stack=0',
    'GCActive dt=1 gc_seq=2\nGCMarkAssistActive dt=1 g=1\nGCMarkAssistEnd dt=1\nGCEnd dt=1 gc_seq=3'),
  'a callback from C that has a P': oneM('', callback('GoSyscallBegin dt=1 p_seq=2 stack=0\nGoDestroySyscall dt=1')),
  'as many ranges at once as there may be':
    oneM(Array.from({ length: 1000 }, (_, i) => `STWBegin dt=1 kind=${100 + i} stack=0`).join('\n'), manyStrings),
  'strings of all kinds': oneM('GoLabel dt=1 label=7').replace('"a task"',
    JSON.stringify('a\u0000\u001b\u007f\u0080\u00a0\u00ad\u0378é\u200b\u2028' +
      '日\ue72c\ufeff\ufffd😀\u{e0001}\u{1fbca}\u{10ffff}\t"\\')),
  'what 1.25 has, and its validator likes it': with125(oneM('GoBlock dt=1 reason=1 stack=1')),
  'two generations of 1.26 with clocks that grow': twice126('mono=78 sec=1700000001 nsec=0'),
  'two generations of 1.26 on both sides of 1970': twice126('mono=78 sec=1700000001 nsec=0')
    .replace('sec=1700000000', 'sec=18446744073709551615'),
  'a clock long before year 0':
    go126.replace('sec=1700000000 nsec=500', 'sec=9223372036854775808 nsec=18446744073709551615'),
  '1.26 with tables of a generation that was cut off before its events':
    `${go126}EventBatch gen=2 m=- time=5\nStrings\nString id=1 data="x"`,
  '1.26 with a batch for the end of a generation':
    go126.replace('EndOfGeneration', 'EventBatch gen=9 m=- time=0\nBytes 34'),
  'cut off behind the first byte of an experimental batch': `${oneM('')}\nEventBatch gen=1 m=0 time=1 size=0\nBytes 31`,
  'a status over a byte': oneM('GoStatus dt=1 g=5 m=- gstatus=260'),
  'a goroutine and a P with the id that means none': oneM(
    'GoCreate dt=1 new_g=- new_stack=2 stack=0\nProcStatus dt=1 p=- pstatus=2\nGoUnblock dt=1 g=3 g_seq=1 stack=0',
    'EventBatch gen=1 m=7 time=5\nGoStatus dt=1 g=3 m=- gstatus=4'),
  'a thread that has an empty batch first': oneM('',
    'EventBatch gen=1 m=9 time=0\nEventBatch gen=1 m=8 time=100\nProcStatus dt=1 p=8 pstatus=2\n' +
    'EventBatch gen=1 m=9 time=100\nProcStatus dt=1 p=9 pstatus=2'),
  '30 threads that do everything at the same time and wait for one another': oneM('',
    Array.from({ length: 30 }, (_, i) =>
      `EventBatch gen=1 m=${50 + i} time=${100 + (i * 7) % 3}\nProcStatus dt=0 p=${50 + i} pstatus=2\n` +
      `ProcStart dt=0 p=${50 + (i * 11) % 30} p_seq=1\nProcStop dt=0`).join('\n')),
  '60 CPU samples of a few times': oneM('', `EventBatch gen=1 m=- time=0\nCPUSamples\n${
    Array.from({ length: 60 }, (_, i) => `CPUSample time=${100 + (i * 37) % 7} m=0 p=0 g=${i + 1} stack=1`)
      .join('\n')}`),
  'an unknown experiment': oneM('', 'ExperimentalBatch exp=9 gen=1 m=0 time=0\nBytes 01 02 03'),
  'a damaged batch of a known experiment': oneM('',
    'ExperimentalBatch exp=1 gen=1 m=0 time=0\nBytes 00 01 02 03 04 7f 61'),
};

for (const [name, text] of Object.entries(good)) {
  test(`accepted: ${name}`, async () => {
    const bytes = assemble(text);
    const { ok, fault } = await validated(bytes);
    assert.ok(ok, JSON.stringify(fault));
    const go = await goSays(bytes);
    // Go's own printing of events falls over one
    if (name === 'an unknown experiment') return assert.match(go.why, /index out of range/);
    assert.ok(go.reads && go.valid !== false, go.why);
    assert.equal(hashOf((await dumped(bytes)).raw), go.dump, 'the dump is what Go prints');
  });
}

/** @type {Array<[name: string, text: string, rule: string, message: RegExp, goAccepts?: boolean]>} */
const bad = [
  ['not a trace', 'Bytes 50 4b 03 04 00 00 00 00 00 00 00 00 00 00 00 00', 'header', /not a Go execution trace/],
  ['a header with another white space', 'Bytes 67 6f 20 31 2e 32 36 0b 74 72 61 63 65 00 00 00',
    'header', /not a Go execution trace/, true],
  ['an old trace', 'Trace Go1.21', 'version', /Go 1\.21 are in the old format/],
  ['a version that never was', 'Trace Go1.24', 'version', /unknown trace version go 1\.24/],
  ['a version of the future', 'Trace Go1.31', 'version', /unknown trace version go 1\.31/],
  ['nothing in it', 'Trace Go1.23', 'empty', /no events/],
  ['something that is no batch',
    `Trace Go1.23\nEventBatch gen=1 m=0 time=1\nProcStop dt=1\nEventBatch gen=1 m=0 time=1 size=0\nBytes 09`,
    'batch', /found byte 9/],
  ['a batch over 64 KiB', 'Trace Go1.23\nEventBatch gen=1 m=0 time=1 size=65537',
    'batch-size', /65537 bytes; 65536 is the most/],
  ['generation 0', 'Trace Go1.23\nEventBatch gen=0 m=0 time=1', 'generation', /generation 0/],
  ['a generation left out', oneM('', 'EventBatch gen=3 m=0 time=1\nProcStop dt=1'),
    'generation', /generation 3 stands among those of generation 1/],
  ['an end of generation too many', `${go126}EndOfGeneration`, 'generation', /no generation has begun/],
  ['an end of generation before the first', go126.replace('EventBatch', 'EndOfGeneration\nEventBatch'),
    'generation', /no generation has begun/],
  ['1.26 with broken tables of a generation that was cut off',
    `${go126}EventBatch gen=2 m=- time=5\nStrings\nString id=0 data="x"`,
    'string-id', /string id 0 is defined twice/],
  ['the end of a STW whose kind the generation does not know', later('STWBegin dt=1 kind=90 stack=0', 'STWEnd dt=1')
    .replace('String id=7', 'String id=90 data="once"\nString id=7'),
    'string-id', /STWEnd ends one named by string 90/],
  ['generations mixed', go126.replace('EventBatch gen=1 m=- time=100', 'EventBatch gen=2 m=- time=100'),
    'generation', /before generation 1 was ended/],
  ['1.26 without its end of generation', go126.replace('EndOfGeneration', ''),
    'truncated', /ends before generation 1 does/],
  ['no frequency', oneM('').replace('Frequency freq=1000000000', ''), 'frequency', /no Frequency/],
  ['two frequencies', oneM('', 'EventBatch gen=1 m=- time=0\nFrequency freq=5'), 'frequency', /two frequencies/],
  ['a frequency of 0', oneM('').replace('freq=1000000000', 'freq=0'), 'frequency', /frequency is 0/, true],
  ['1.26 without a clock snapshot', go126.replace(/ClockSnapshot.*/, ''), 'clock', /no clock snapshot/],
  ['a string that is too long',
    oneM('').replace('String id=1 data="chan receive"', `String id=1 data="${'x'.repeat(1025)}"`),
    'string-size', /1025 bytes; 1024 is the most/],
  ['a string that leaves its batch',
    oneM('').replace('String id=7 data="a task"', 'String id=7 length=700 data="a task"'),
    'string-size', /ends inside string 7/],
  ['a string id twice', oneM('').replace('String id=2', 'String id=1'), 'string-id', /string id 1 is defined twice/],
  ['string id 0', oneM('').replace('String id=7', 'String id=0'), 'string-id', /string id 0 is defined twice/],
  ['a stack id twice', oneM('').replace('Stack id=2', 'Stack id=1'), 'stack-id', /stack id 1 is defined twice/],
  ['a stack of 129 frames', oneM('').replace('Stack id=2', 'Stack id=2 nframes=129'),
    'stack-size', /129 frames; 128 is the most/],
  ['a frame of an unknown function', oneM('').replace('pc=4104 func=2', 'pc=4104 func=99'),
    'stack-string', /names string 99 as a function/],
  ['a frame of an unknown file', oneM('').replace('pc=4104 func=2 file=4', 'pc=4104 func=2 file=98'),
    'stack-string', /names string 98 as a file/],
  ['another entry among strings', oneM('').replace('String id=7 data="a task"', 'Frequency freq=1'),
    'table-entry', /expected a String entry, found byte 8/],
  ['an event that does not exist', oneM('Bytes 63'), 'event-type', /no event number 99/],
  ['a structural event among timed ones', oneM('Bytes 02'), 'event-type', /Stacks has no time/],
  ['a number over 64 bits', oneM('Bytes 25 01 ff ff ff ff ff ff ff ff ff 7f'),
    'varint', /argument 2 of HeapAlloc is over 64 bits/],
  ['a batch that ends inside an event', oneM('Bytes 25 01'), 'varint', /ends inside argument 2 of HeapAlloc/],
  ['a stack id that is not there', oneM('GoBlock dt=1 reason=1 stack=8'), 'stack-id', /GoBlock names stack 8/],
  ['a string id that is not there', oneM('GoBlock dt=1 reason=88 stack=1'), 'string-id', /GoBlock names string 88/],
  ['a table entry cut off between its arguments', oneM('', 'EventBatch gen=1 m=- time=0\nStrings\nBytes 05 09'),
    'varint', /the batch ends inside the string length/, true],
  ['a P status that does not exist', oneM('ProcStatus dt=1 p=3 pstatus=9'), 'proc-status', /status 9/],
  ['a P status over a byte', oneM('', abandoned('1').replace('pstatus=4', 'pstatus=260')),
    'proc-status', /status 260/, true],
  ['a P status that contradicts', oneM('ProcStatus dt=1 p=0 pstatus=2'),
    'proc-status', /said to be idle, but it was running/],
  ['ProcStop without a P', oneM('ProcStop dt=1\nProcStop dt=1'), 'context', /ProcStop needs a P/],
  ['a P started twice', oneM('ProcStop dt=1\nProcStart dt=1 p=0 p_seq=2'),
    'order', /ProcStart of P 0 as number 2, but it is idle at number 0/],
  ['a P stolen from the wrong M', busy.replace('p_seq=2 m=0', 'p_seq=2 m=1'),
    'proc-steal', /stolen from M 1, which has P 1/],
  ['a P stolen from nobody', busy.replace('p_seq=2 m=0', 'p_seq=2 m=44'),
    'proc-steal', /stolen from M 44, which does not exist/],
  ['a goroutine status that does not exist', oneM('GoStatus dt=1 g=5 m=- gstatus=7'), 'go-status', /status 7/],
  ['a goroutine status that contradicts', oneM('GoStatus dt=1 g=1 m=0 gstatus=4'),
    'go-status', /said to be waiting, but it was running/],
  ['a goroutine out of nowhere in generation 2',
    twoGenerations.replace('GoStatus dt=1 g=2 m=- gstatus=4', 'GoStatus dt=1 g=3 m=- gstatus=4'),
    'go-status', /after the first generation/],
  ['in a syscall without a thread', oneM('GoStatus dt=1 g=5 m=- gstatus=3'),
    'go-status', /in a syscall without a thread/],
  ['a goroutine created twice', oneM('GoCreate dt=1 new_g=1 new_stack=2 stack=0'), 'go-create', /already is one/],
  ['a goroutine started while another runs',
    oneM('GoCreate dt=1 new_g=2 new_stack=2 stack=0\nGoStart dt=1 g=2 g_seq=1'),
    'context', /GoStart must not have a goroutine, and its thread has 1/],
  ['a goroutine started before it is', oneM('GoBlock dt=1 reason=1 stack=0\nGoStart dt=1 g=2 g_seq=1'),
    'order', /GoStart of goroutine 2 as number 1, but it is unknown/],
  ['a sequence number skipped', oneM('GoStop dt=1 reason=5 stack=0\nGoStart dt=1 g=1 g_seq=2'),
    'order', /as number 2, but it is runnable at number 0/],
  ['unblocked while running', oneM('GoUnblock dt=1 g=1 g_seq=1 stack=0'),
    'order', /GoUnblock of goroutine 1 as number 1, but it is running/],
  ['blocked without running', oneM('GoBlock dt=1 reason=1 stack=0\nGoBlock dt=1 reason=1 stack=0'),
    'context', /GoBlock needs a goroutine/],
  ['a syscall that ends but never began', oneM('GoSyscallEnd dt=1'), 'go-state', /which is running, not in a syscall/],
  ['a syscall with the wrong P number', oneM('GoSyscallBegin dt=1 p_seq=5 stack=0'),
    'order', /takes number 5 of P 0, which is at number 0/],
  ['a syscall that blocked and kept its P', oneM('GoSyscallBegin dt=1 p_seq=1 stack=0\nGoSyscallEndBlocked dt=5'),
    'order', /waits at GoSyscallEndBlocked/],
  ['GC ends twice', oneM('GCBegin dt=1 gc_seq=1 stack=0\nGCEnd dt=1 gc_seq=2\nGCEnd dt=1 gc_seq=3'),
    'gc', /no GC is going on/],
  ['an assist in an assist', oneM('GCMarkAssistBegin dt=1 stack=0\nGCMarkAssistBegin dt=1 stack=0'),
    'range', /while that already goes on/],
  ['a sweep that ends but never began', oneM('GCSweepEnd dt=1 swept=0 reclaimed=0'),
    'range', /GCSweepEnd without its begin/],
  ['a task begun twice',
    oneM('UserTaskBegin dt=1 task=4 parent_task=0 name=7 stack=0\n' +
      'UserTaskBegin dt=1 task=4 parent_task=0 name=7 stack=0'),
    'task', /task 4 begins while/],
  ['regions that cross',
    oneM('UserRegionBegin dt=1 task=1 name=7 stack=0\nUserRegionEnd dt=1 task=1 name=1 stack=0'),
    'region', /innermost open one is another/],
  ['a file of nine bytes', 'Bytes 67 6f 20 31 2e 32 33 20 74', 'header', /ends after 9 bytes/],
  ['a batch header that is a number over 64 bits',
    'Trace Go1.23\nEventBatch gen=1 m=0 time=1\nProcStop dt=1\nBytes 01 01 ff ff ff ff ff ff ff ff ff 7f',
    'frequency', /no Frequency/],
  ['a first batch whose M is over 64 bits',
    'Bytes 67 6f 20 31 2e 32 33 20 74 72 61 63 65 00 00 00 01 01 ff ff ff ff ff ff ff ff ff 7f',
    'varint', /the thread of a batch/],
  ['cut off within a batch', 'Trace Go1.23\nEventBatch gen=1 m=0 time=1 size=90\nProcStop dt=1',
    'truncated', /ends inside a batch/],
  ['two clock snapshots', go126.replace(/(ClockSnapshot.*)/, '$1\n$1'), 'clock', /two clock snapshots/],
  ['an event beside the clock snapshot', go126.replace(/(ClockSnapshot.*)/, '$1\nProcStop dt=1'),
    'table-entry', /expected Frequency or ClockSnapshot/],
  ['a CPU sample with an unknown stack', go126.replace('p=0 g=1 stack=1\nExp', 'p=0 g=1 stack=66\nExp'),
    'stack-id', /CPU sample names stack 66/],
  ['a time beyond 63 bits',
    oneM('HeapGoal dt=1 heapgoal=1\n'.repeat(1100)).replace('m=0 time=100', 'm=0 time=9223372036854774784'),
    'time', /beyond 63 bits/, true],
  ['in a syscall on an M that has another goroutine',
    oneM('', 'EventBatch gen=1 m=5 time=300\nGoStatus dt=1 g=8 m=0 gstatus=3'),
    'go-status', /on M 0, which has goroutine 1/],
  ['in a syscall, later, on its own M, which has another',
    later('GoCreate dt=1 new_g=2 new_stack=2 stack=0\nGoStop dt=1 reason=5 stack=0\n' +
      'GoStart dt=1 g=2 g_seq=1\nGoSyscallBegin dt=1 p_seq=1 stack=0', '')
      .replace('GoStatus dt=1 g=1 m=0 gstatus=2\n\n\n', 'GoStatus dt=1 g=1 m=- gstatus=1\n')
      .replace('pstatus=1\nGoStatus dt=1 g=1 m=- gstatus=1', 'pstatus=3\nGoStatus dt=1 g=1 m=0 gstatus=3'),
    'go-status', /said to be in a syscall, but it was runnable/],
  ['an abandoned P that no M has', later('ProcStop dt=1', '')
    .replace(/(gen=2 m=0 time=5000\n)[^]*?GoStatus.*\n/, '$1ProcStatus dt=1 p=0 pstatus=4\n'),
    'proc-status', /said to be abandoned in a syscall, but it was idle/],
  ['a syscall of a callback that ends with its P running', oneM('', callback('GoDestroySyscall dt=1')),
    'go-state', /which is running, not in a syscall/],
  ['a callback born twice', oneM('', 'EventBatch gen=1 m=5 time=300\nGoCreateSyscall dt=1 new_g=1'),
    'go-create', /created in a syscall, but there already is one/],
  ['a callback on an M that has a goroutine', oneM('GoCreateSyscall dt=1 new_g=9'),
    'context', /GoCreateSyscall must not have a goroutine/],
  ['an assist going on for nobody', oneM('GCMarkAssistActive dt=1 g=44'),
    'go-state', /GCMarkAssistActive for goroutine 44, which does not exist/],
  ['a sweep going on nowhere', oneM('GCSweepActive dt=1 p=44'),
    'proc-state', /GCSweepActive on P 44, which does not exist/],
  ['an assist going on twice', oneM('GCMarkAssistActive dt=1 g=1\nGCMarkAssistActive dt=1 g=1'),
    'range', /twice in the first generation/],
  ['an assist going on later that never began', later('', 'GCMarkAssistActive dt=1 g=1'),
    'range', /GCMarkAssistActive without its begin/],
  ['more ranges at once than there may be',
    oneM(Array.from({ length: 1025 }, (_, i) => `STWBegin dt=1 kind=${100 + i} stack=0`).join('\n'), manyStrings),
    'range', /more than 1024/, true],
  ['a GC going on after another event of it', oneM('GCBegin dt=1 gc_seq=1 stack=0\nGCActive dt=1 gc_seq=2'),
    'gc', /not its first GC event/],
  ['a GC going on later that had ended',
    later('GCBegin dt=1 gc_seq=1 stack=0\nGCEnd dt=1 gc_seq=2', 'GCActive dt=1 gc_seq=3'),
    'gc', /GCActive while no GC/],
  ['a GC begun in a GC', oneM('GCBegin dt=1 gc_seq=1 stack=0\nGCBegin dt=1 gc_seq=2 stack=0'),
    'gc', /GCBegin while a GC is going on/],
  ['a GC number left out', oneM('GCBegin dt=1 gc_seq=1 stack=0\nGCEnd dt=1 gc_seq=3'), 'order', /waits at GCEnd/],
  ['a region with a name that is not there', oneM('UserRegionBegin dt=1 task=1 name=77 stack=0'),
    'string-id', /UserRegionBegin names string 77/],
  ['a task with a name that is not there', oneM('UserTaskBegin dt=1 task=1 parent_task=0 name=77 stack=0'),
    'string-id', /UserTaskBegin names string 77/],
  ['a coroutine switch to one that runs', oneM('GoSwitch dt=1 g=1 g_seq=1'),
    'order', /GoSwitch of goroutine 1 as number 1, but it is running/],
  ['a heap metric without a P', oneM('GoBlock dt=1 reason=1 stack=0\nProcStop dt=1\nHeapAlloc dt=1 heapalloc=1'),
    'context', /HeapAlloc needs a P/],
  ['an annotation without a goroutine', oneM('GoBlock dt=1 reason=1 stack=0\nGoLabel dt=1 label=7'),
    'context', /GoLabel needs a goroutine/],
];

for (const [name, text, rule, message, goAccepts] of bad) {
  test(`refused: ${name}`, async () => {
    const bytes = assemble(text);
    const { ok, fault } = await validated(bytes);
    assert.ok(!ok && fault, 'it was accepted');
    assert.equal(fault.rule, rule, fault.message);
    assert.match(fault.message, message);
    assert.ok(fault.offset <= bytes.length, `offset ${fault.offset}`);
    const go = await goSays(bytes);
    assert.equal(go.reads, goAccepts === true, `Go: ${go.why || 'accepts it'}`);
  });
}

/** What only Go's validator refuses, not Go's reader. @type {Array<[name: string, text: string, rule: string]>} */
const invalid = [
  ['nothing but a header, in 1.26', 'Trace Go1.26', 'empty'],
  ['a wall clock at the time that is zero to Go',
    go126.replace('sec=1700000000 nsec=500', 'sec=18446744011573954816 nsec=0'),
    'validate-clock'],
  ['a wall clock that goes back over 1970', twice126('mono=99 sec=18446744073709551615 nsec=0'), 'validate-clock'],
  ['a goroutine in no state', oneM('GoStatus dt=1 g=5 m=- gstatus=0'), 'validate-state'],
  ['a P in no state', oneM('ProcStatus dt=1 p=3 pstatus=0'), 'validate-state'],
  ['a generation numbered like the first, with somebody new',
    go126 + go126.slice(go126.indexOf('\n') + 1).replace(/mono=77.*/, 'mono=99 sec=1700000001 nsec=0')
      .replace('ClockSnapshot dt=1', 'ClockSnapshot dt=2').replaceAll('g=1 m=0 gstatus=2', 'g=7 m=0 gstatus=2')
      .replace('pstatus=1', 'pstatus=2\nProcStart dt=1 p=0 p_seq=1'),
    'validate-state'],
  ['a frame without a function', oneM('GoBlock dt=1 reason=1 stack=1').replace('pc=4100 func=3', 'pc=4100 func=0'),
    'validate-stack'],
  ['an empty label', oneM('GoLabel dt=1 label=0'), 'validate-label'],
  ['a task with a reserved id', oneM('UserTaskBegin dt=1 task=0 parent_task=0 name=7 stack=0'), 'validate-task'],
  ['a goroutine that ends inside an assist', oneM('GCMarkAssistBegin dt=1 stack=0\nGoDestroy dt=1'), 'validate-range'],
  ['two goroutines said to run on one M', oneM('GoStatus dt=1 g=2 m=0 gstatus=2'), 'validate-thread'],
  ['a clock of zero', go126.replace('mono=77', 'mono=0'), 'validate-clock'],
  ['a P said to run where another does', oneM('ProcStatus dt=1 p=1 pstatus=1'), 'validate-thread'],
  ['a STW that ends on one that did not begin it', oneM('GCMarkAssistBegin dt=1 stack=0\nGoDestroy dt=1'),
    'validate-range'],
  ['a clock that stands still', twice126('mono=77 sec=1700000000 nsec=500'), 'validate-clock'],
];

for (const [name, text, rule] of invalid) {
  test(`refused by the validator alone: ${name}`, async () => {
    const bytes = assemble(with125(text));
    const plain = await dumped(bytes);
    assert.ok(plain.ok, JSON.stringify(plain.fault));
    const { ok, fault } = await validated(bytes);
    assert.ok(!ok && fault, 'it was accepted');
    assert.equal(fault.rule, rule, fault.message);
    const go = await goSays(bytes);
    assert.deepEqual([go.reads, go.valid], [true, false], go.why);
    assert.equal(hashOf(plain.raw), go.dump);
  });
}

test('a clock before 1970 is shown as such', async () => {
  /** @type {[sec: string, nsec: string, shown: string][]} */
  const clocks = [['-1', '51363844', '1969-12-31T23:59:59.051363844Z'],
    ['0', '-1', '1969-12-31T23:59:59.999999999Z'], ['-62135596801', '0', '0000-12-31T23:59:59Z'],
    ['-62198755200', '7000000000', '-0001-01-01T00:00:07Z'], ['1709164800', '0', '2024-02-29T00:00:00Z'],
    ['253402300800', '0', '10000-01-01T00:00:00Z']];
  for (const [sec, nsec, shown] of clocks) {
    const unsigned = (/** @type {string} */ v) => BigInt.asUintN(64, BigInt(v));
    const { ok, text } = await dumped(assemble(
      go126.replace('sec=1700000000 nsec=500', `sec=${unsigned(sec)} nsec=${unsigned(nsec)}`)));
    assert.ok(ok);
    assert.match(text, new RegExp(`^M=-1 .* Wall=${shown}\n`));
  }
});

test('an error says where: byte, generation, M, event; what stands before it stays', async () => {
  const bytes = assemble(oneM('GoCreate dt=1 new_g=2 new_stack=2 stack=0\nGoSyscallEnd dt=1'));
  const { fault, store } = await validated(bytes);
  assert.ok(fault);
  const at = Buffer.from(bytes).indexOf(Buffer.from([23, 1]), 16);
  assert.deepEqual([fault.offset, fault.generation, fault.m, fault.event], [at, 1, 0, 'GoSyscallEnd']);
  const info = store.info();
  assert.equal(info.goroutines, 2);
  assert.equal(info.lanes.length, 1);
  const tiles = store.query({ t0: 0, t1: info.t1, px: 10, lanes: [0] });
  assert.equal(tiles.lanes[0].n, 1, 'goroutine 1 can still be seen');
});

test('a truncated trace keeps the generations before it', async () => {
  const bytes = assemble(twoGenerations);
  const { ok, fault, store } = await validated(bytes.subarray(0, bytes.length - 30));
  assert.ok(!ok && fault);
  assert.equal(fault.rule, 'truncated');
  assert.ok(store.completeOffset > 16 && store.completeOffset < bytes.length - 30);
  const kept = await validated(bytes.subarray(0, store.completeOffset));
  assert.ok(kept.ok, 'the bytes up to completeOffset are a valid trace');
});

test('every rule the reader knows has a trace here that breaks it', () => {
  const rules = new Set(readerSources.flatMap((f) =>
    [...readFileSync(f, 'utf8').matchAll(/fail\(\s*(?:e->)?r,\s*(?:what\[[^?]*\? )?"([a-z-]+)"/g)].map((m) => m[1])));
  const broken = new Set([...bad.map(([, , rule]) => rule), ...invalid.map(([, , rule]) => rule)]);
  // memory: damage.test.mjs; generation-size: a gigabyte.
  const elsewhere = ['memory', 'generation-size'];
  assert.deepEqual([...rules].filter((rule) => !broken.has(rule)).sort(), elsewhere.sort());
  console.log(`rules: ${[...rules].sort().join(' ')}`);
});
