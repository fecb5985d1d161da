// What a program may not use, and what its source must be: refused when it is built, by name, with file and line.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusal } from '../../wasm/cc/refused.mjs';
import { saidOf } from '../lib/cc.mjs';

const MAIN = 'int gr_main(int argc, char **argv) { (void)argc, (void)argv; return 0; }\n';

/** A use of each kind of thing that is not there, in line 4 of prog.c. @type {[string, string, RegExp][]} */
const USES = [
  ['stdlib.h', 'system("ls");', /^prog\.c:4: system is not there in wasm: there is no shell/],
  ['unistd.h', 'fork();', /^prog\.c:4: fork is not there in wasm: .* gr_go starts a goroutine/],
  ['unistd.h', 'execv("/bin/ls", 0);', /^prog\.c:4: execv is not there in wasm/],
  ['stdio.h', 'popen("ls", "r");', /^prog\.c:4: popen is not there in wasm/],
  ['pthread.h', 'pthread_create(0, 0, 0, 0);', /^prog\.c:4: pthread_create is not there in wasm: .*gr_go/],
  ['pthread.h', 'pthread_mutex_lock(0);', /^prog\.c:4: pthread_mutex_lock is not there in wasm: .*gr_mutex/],
  ['threads.h', 'thrd_create(0, 0, 0);', /^prog\.c:4: thrd_create is not there in wasm/],
  ['semaphore.h', 'sem_wait(0);', /^prog\.c:4: sem_wait is not there in wasm: .*gr_semaphore/],
  ['sys/socket.h', 'socket(AF_INET, SOCK_STREAM, 0);', /^prog\.c:4: socket is not there in wasm: .*gr_fetch/],
  ['netdb.h', 'getaddrinfo("x", "y", 0, 0);', /^prog\.c:4: getaddrinfo is not there in wasm/],
  ['signal.h', 'sigsuspend(0);', /^prog\.c:4: sigsuspend is not there in wasm: .*signal, sigaction and raise/],
  ['unistd.h', 'alarm(1);', /^prog\.c:4: alarm is not there in wasm: .*gr_timer/],
  ['dlfcn.h', 'dlopen("x", 0);', /^prog\.c:4: dlopen is not there in wasm/],
  ['sys/mman.h', 'mmap(0, 1, 0, 0, 0, 0);', /^prog\.c:4: mmap is not there in wasm/],
];

for (const [header, use, sentence] of USES) {
  test(`${use} is refused where it stands`, async () => {
    const said = await saidOf({ 'prog.c': `#include <${header}>\n${MAIN}void f(void) {\n  ${use}\n}\n` });
    assert.match(said.replace(/^[^]*\n(?=prog\.c:4: \w+ is not)/, ''), sentence);
    assert.equal(said.split('\n').filter((line) => line.includes('is not there')).length, 1);
  });
}

test('a use inside a function that is inlined has its own line', async () => {
  const said = await saidOf({ 'prog.c': `#include <unistd.h>
static inline int quietly(void) {
  return
    fork();
}
int gr_main(int c, char **v) { (void)v; return c + quietly(); }
` });
  assert.match(said, /^prog\.c:4: fork is not there/);
});

test('a use in a header is told as the header is named', async () => {
  const said = await saidOf({
    'prog.c': `#include "sub/help.h"\n${MAIN}int f(void) { return help(); }\n`,
    'sub/help.h': '#include <unistd.h>\nstatic int help(void) {\n  return fork();\n}\n',
  });
  assert.match(said, /^sub\/help\.h:3: fork is not there/);
});

test('a refused function in the value of a variable has the line of its name', async () => {
  const said = await saidOf({ 'prog.c': `#include <stdlib.h>\n${MAIN}int (*run)(const char *) =\n  system;\n` });
  assert.match(said, /^prog\.c:4: system is not there/);
});

test('a function of the program may have a name of what is refused', async () => {
  assert.equal(await saidOf({ 'prog.c': `${MAIN}int fork(void) { return 1; }\nint f(void) { return fork(); }\n` }), '');
  const two = { 'prog.c': `${MAIN}int system(const char *);\nint f(void) { return system(""); }\n`,
    'other.c': 'int system(const char *x) { return x != 0; }\n' };
  assert.equal(await saidOf(two), '');
});

test('signal, raise, sigaction, pthread_sigmask are not refused', () => {
  for (const name of ['signal', 'raise', 'sigaction', 'pthread_sigmask', 'kill', 'printf', 'sem']) {
    assert.equal(refusal(name), undefined, name);
  }
});

test('main is refused with the line where it stands', async () => {
  for (const main of ['int main(void) {', 'int main(int argc, char **argv) {\n  (void)argc, (void)argv;']) {
    const said = await saidOf({ 'prog.c': `#include <stdio.h>\n\n${main}\n  return 0;\n}\n` });
    assert.match(said,
      /^prog\.c:3: a program begins with gr_main, .*: int gr_main\(int argc, char \*\*argv\), not main$/);
  }
  assert.match(await saidOf({ 'prog.c': 'int x;\n' }), /no source defines gr_main/);
});

test('gr_main in C++ must be extern "C"', async () => {
  const said = await saidOf({ 'prog.cpp': '\nint gr_main(int, char **) { return 0; }\n' });
  assert.match(said, /^prog\.cpp:2: in C\+\+ gr_main must be extern "C"$/);
});

test('exceptions and RTTI are refused with file and line', async () => {
  const main = 'extern "C" int gr_main(int, char **) { return 0; }\n';
  const thrown = await saidOf({ 'prog.cpp': `${main}void f() {\n  throw 1;\n}\n` });
  assert.match(thrown, /^prog\.cpp:3:3: error: cannot use 'throw' with exceptions disabled\n/);
  assert.match(thrown, /^goroscope: prog\.cpp:3: C\+\+ exceptions are not there; .*gr_panic$/m);
  const typed = await saidOf({ 'prog.cpp': `struct A { virtual ~A(); };\nstruct B : A {};\n${main}`
    + 'B *f(A *a) { return dynamic_cast<B *>(a); }\n' });
  assert.match(typed, /^goroscope: prog\.cpp:4: C\+\+ run-time type information/m);
});

test('the slips of who begins: what the compiler says, and how it is written', async () => {
  const said = await saidOf({ 'prog.c': '#include <goroscope.h>\nvoid work(gr_chan *c) { gr_chan_close(c); }\n'
    + 'int gr_main() {\n  gr_chan *c = gr_chan_make(4, 0);\n  gr_go(work, c);\n  return gr_chan_recv(c);\n}\n' });
  assert.match(said, /^goroscope: prog\.c:3: gr_main is written int gr_main\(int argc, char \*\*argv\)$/m);
  assert.match(said, /^goroscope: prog\.c:5: what a goroutine begins with is written void work\(void \*arg\)$/m);
  assert.match(said, /^goroscope: prog\.c:6: gr_chan_recv takes a channel and a place for .*: gr_chan_recv\(c, &v\)$/m);
});

test('an implicit declaration is an error with the name', async () => {
  const said = await saidOf({ 'prog.c': `${MAIN}int f(void) { return undeclared(1); }\n` });
  assert.match(said, /^prog\.c:2:22: error: call to undeclared function 'undeclared'/);
});

test('a source at which the compiler itself fails is told by name, with what may help', async () => {
  const main = `${MAIN}#warning mind\n`;
  const fails = (/** @type {string} */ text) => saidOf({ 'prog.c': main, 'sub/other.c': text });
  const deep = await fails('#pragma clang __debug overflow_stack\n'), words = '^prog\\.c:2:2: warning: mind[^]*\n';
  assert.match(deep, new RegExp(`${words}sub/other\\.c:: the compiler has failed \\(Maximum call stack size `
    + 'exceeded\\); something is nested too deeply, .* does the same$'));
  assert.match(await fails('#pragma clang __debug parser_crash\n'),
    new RegExp(`${words}sub/other\\.c:: the compiler has failed \\(unreachable\\)$`));
  assert.match(await fails('#pragma clang __debug assert\n'), /failed \(unreachable\): This is an assertion!$/);
});
