// Goal: a page of another origin drives a playground in a frame by messages alone, and a page that may not gets
// nothing. The playground is a small element with what messages.mjs uses of the real one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ROOT } from '../lib/run.mjs';
import { chromiumPath, launch, playgroundRoutes, serve } from './chromium.mjs';

const skip = !chromiumPath() && 'no Chromium';

/** What the frame's page has: elements that take messages of the origins in its address. */
const FRAME = `<!doctype html><script type="module">
const at = '/shell/playground/messages.mjs', { answerMessages } = await import(at);
class Fake extends HTMLElement {
  source = 'int x;'; settings = { source: 'int x;', procs: '2', src: '/secret.c', messages: 'https://a.example' };
  output = ''; state = 'idle'; diagnostics = [];
  viewer = { save: async () => new Blob(this.output ? ['go 1.25 trace'] : []) };
  tell(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail })); }
  async run() {
    if (this.source === 'fail') throw new Error('the compiler cannot be loaded');
    this.state = 'running'; this.tell('statechange');
    this.output += 'hi\\n'; this.tell('output', { stream: 'stdout', text: 'hi\\n' });
    if (this.source === 'loop') await new Promise((end) => { this.stop = end; });
    this.state = 'done'; this.tell('statechange');
    return { exitCode: this.source === 'loop' ? 130 : 0, stopped: this.source === 'loop' };
  }
  stop() {}
}
customElements.define('fake-playground', Fake);
const query = new URLSearchParams(location.search);
document.querySelectorAll('fake-playground').forEach((f, i) => {
  if (query.has('nameless')) f.removeAttribute('id');
  try { f.end = answerMessages(f, i && query.get('second') || query.get('messages')); }
  catch (e) { f.wrong = e.message; }
});
</script><fake-playground id="one"></fake-playground><fake-playground id="two"></fake-playground>`;

/** @type {import('playwright-core').Browser} */ let browser;
/** The playground's origin, and two of pages that frame it. @type {Awaited<ReturnType<typeof serve>>[]} */ let servers;

before(async () => {
  if (skip) return;
  const routes = await playgroundRoutes({ '/frame': FRAME, '/page': '<!doctype html>' });
  [browser, ...servers] = await Promise.all([launch(), ...[0, 1, 2].map(() => serve(ROOT, { routes }))]);
});
after(() => Promise.all([browser?.close(), ...servers?.map((s) => s.close()) ?? []]));

/**
 * A page of that origin with the playground in a frame, and `ask` in it.
 * @param {string} origin @param {string} messages @param {Record<string, string>} [more] of the frame's address
 */
async function framing(origin, messages, more = {}) {
  const page = await browser.newPage();
  await page.goto(`${origin}/page`);
  const ready = await page.evaluate((src) => new Promise((resolve) => {
    const here = /** @type {any} */ (globalThis), frame = document.createElement('iframe');
    let number = 0;
    /** @type {Map<number, (answer: any) => void>} */ const waiting = new Map();
    here.heard = [];
    here.send = (/** @type {any} */ message) => frame.contentWindow?.postMessage(message, '*');
    here.ask = (/** @type {any} */ message) => new Promise((answered) => {
      waiting.set(++number, answered);
      here.send({ goroscope: 1, id: number, ...message });
    });
    here.sources = [];
    addEventListener('message', ({ data, source, origin }) => {
      here.sources.push(source === frame.contentWindow && new URL(src).origin === origin);
      if (data.event) here.heard.push(data);
      if (here.heard.length === 2) resolve(here.heard.map((/** @type {any} */ h) => `${h.event} ${h.from}`));
      if (!data.event) waiting.get(data.id)?.(data);
    });
    frame.src = src;
    document.body.append(frame);
  }), `${servers[0].url}/frame?${new URLSearchParams({ messages, ...more })}`);
  /** @param {object} message @returns {Promise<any>} the answer, without what is always there */
  const ask = (message) => page.evaluate(async (message) => {
    const { goroscope, id, ...rest } = await /** @type {any} */ (globalThis).ask(message);
    if (!(rest.value instanceof ArrayBuffer)) return rest;
    return { ...rest, value: `bytes: ${new TextDecoder().decode(rest.value)}` };
  }, message);
  return { page, ready, ask, frame: () => page.frames()[1] };
}

test('another page loads, sets, runs, stops a program and gets output, trace and events', { skip }, async () => {
  const { page, ready, ask, frame } = await framing(servers[1].url, `${servers[1].url} https://a.example`);
  assert.deepEqual(ready, ['ready one', 'ready two']);
  const from = 'one', done = { from, value: null };
  assert.deepEqual(await ask({ ask: 'trace' }), { from, error: 'there is no trace yet: run the program first' });
  assert.deepEqual(await ask({ ask: 'hello' }), { from, value: { version: 1, state: 'idle', diagnostics: [] } });
  assert.deepEqual(await ask({ ask: 'load', source: 'int y;' }), done);
  assert.deepEqual(await ask({ ask: 'set', settings: { procs: '4', expect: 'hi' } }), done);
  assert.deepEqual(await ask({ ask: 'get' }), { from, value: { source: 'int x;', procs: '4', expect: 'hi' } });
  assert.deepEqual(await frame().evaluate(() => {
    const { source, settings } = /** @type {any} */ (document.querySelector('#one'));
    return { source, ...settings };
  }), { source: 'int x;', procs: '4', expect: 'hi', src: '/secret.c', messages: 'https://a.example' });
  assert.deepEqual(await ask({ ask: 'run' }), { from, value: { exitCode: 0, stopped: false } });
  assert.deepEqual(await ask({ ask: 'output' }), { from, value: 'hi\n' });
  assert.deepEqual(await ask({ ask: 'trace' }), { from, value: 'bytes: go 1.25 trace' });
  assert.deepEqual(await page.evaluate(() => /** @type {any} */ (globalThis).heard.slice(2)), [
    { goroscope: 1, from, event: 'statechange', state: 'running' },
    { goroscope: 1, from, event: 'output', stream: 'stdout', text: 'hi\n' },
    { goroscope: 1, from, event: 'statechange', state: 'done' }]);
  // A run that goes on answers when it has ended; others are answered meanwhile.
  await ask({ ask: 'load', source: 'loop' });
  const running = ask({ ask: 'run' });
  assert.deepEqual(await ask({ ask: 'stop' }), done);
  assert.deepEqual(await running, { from, value: { exitCode: 130, stopped: true } });
  await ask({ ask: 'load', source: 'fail' });
  assert.deepEqual(await ask({ ask: 'run' }), { from, error: 'the compiler cannot be loaded' });
  // Others of the frame are named, and tell nothing to those who have not asked them.
  assert.deepEqual((await ask({ ask: 'run', to: 'two' })).from, 'two');
  assert.deepEqual(await ask({ ask: 'run', to: 'three' }),
    { from, error: 'no playground here is called three: there is one, two' });
  assert.ok(await page.evaluate(() => /** @type {any} */ (globalThis).sources.every(Boolean)));
  assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).heard.filter(
    (/** @type {any} */ h) => h.from === 'two').length), 1);
  await page.close();
});

test('a flood of programs: the last one is put in, all are answered, and what is asked then is about it', { skip },
  async () => {
    const { page, ask, frame } = await framing(servers[1].url, servers[1].url);
    await frame().evaluate(() => {
      const one = /** @type {any} */ (document.querySelector('#one'));
      let source = '';
      one.taken = [];
      Object.defineProperty(one, 'source', { get: () => source, set: (text) => one.taken.push(source = text) });
    });
    const { answers, after } = await page.evaluate(async () => {
      const here = /** @type {any} */ (globalThis);
      const load = (/** @type {number} */ i) => here.ask({ ask: 'load', source: `int x${i};` });
      const all = Array.from({ length: 2000 }, (_, i) => load(i));
      await here.ask({ ask: 'hello' });
      here.last = load(2000);
      return { answers: (await Promise.all(all)).map(({ value }) => value), after: (await here.last).value };
    });
    assert.deepEqual([new Set(answers), after], [new Set([null]), null]);
    const taken = await frame().evaluate(() => /** @type {any} */ (document.querySelector('#one')).taken);
    assert.ok(taken.length < 500, `${taken.length} of them were put in`);
    assert.deepEqual([taken[0], taken.includes('int x1999;'), taken.at(-1)], ['int x0;', true, 'int x2000;']);
    // It is there by the time of what comes behind it.
    await page.evaluate(() => {
      const here = /** @type {any} */ (globalThis);
      void here.ask({ ask: 'load', source: 'int a;' });
      void here.ask({ ask: 'load', source: 'int b;' });
    });
    await ask({ ask: 'hello' });
    assert.equal(await frame().evaluate(() => /** @type {any} */ (document.querySelector('#one')).source), 'int b;');
    await page.close();
  });

test('one of several answers: the first that the page may speak to, with names or without', { skip }, async () => {
  const ours = servers[1].url;
  for (const [messages, second, outputs] of [[ours, ours, ['hi\n', '']], ['https://a.example', ours, ['', 'hi\n']]]) {
    const { page, ask, frame } = await framing(ours, String(messages), { second: String(second), nameless: '' });
    assert.deepEqual(await ask({ ask: 'run' }), { from: '', value: { exitCode: 0, stopped: false } });
    assert.deepEqual(await ask({ ask: 'output', to: '' }), { from: '', value: 'hi\n' });
    assert.deepEqual(await frame().evaluate(() =>
      [...document.querySelectorAll('fake-playground')].map((f) => /** @type {any} */ (f).output)), outputs);
    await page.close();
  }
});

test('what is wrong is said in a sentence', { skip }, async () => {
  const { page, ask } = await framing(servers[1].url, servers[1].url);
  /** @type {[object, RegExp][]} */
  const wrong = [
    [{ ask: 'fly' }, /^nobody can ask for fly here: hello, load, set, get, run, stop, output, trace are possible$/],
    [{ ask: 'constructor' }, /^nobody can ask/], [{ ask: 7 }, /^nobody can ask for 7/],
    [{ ask: 'load' }, /^load wants a text/], [{ ask: 'load', source: 7 }, /^load wants a text/],
    [{ ask: 'set', settings: [] }, /^set wants settings/],
    [{ ask: 'set', settings: { src: '/x' } }, /^src is no setting/],
    [{ ask: 'set', settings: { messages: 'https://b.example' } }, /^messages is no setting for messages: source, /],
    [{ ask: 'hello', goroscope: 2 }, /^this playground speaks version 1, not 2$/],
  ];
  for (const [message, sentence] of wrong) assert.match((await ask(message)).error, sentence);
  await page.close();
});

test('a page that is not named gets nothing but that there is a playground', { skip }, async () => {
  const { page, ready, frame } = await framing(servers[2].url, servers[1].url);
  assert.deepEqual(ready, ['ready one', 'ready two']);
  await frame().evaluate(() => {
    // Messages come in order: when the last one is here all have been looked at.
    /** @type {any} */ (globalThis).last = new Promise((resolve) => {
      addEventListener('message', ({ data, source }) => {
        if (data !== 'last') return;
        source?.postMessage({ id: 3, event: 'over' }, { targetOrigin: '*' });
        resolve(/** @type {any} */ (document.querySelector('#one')).source);
      });
    });
  });
  const answers = await page.evaluate(() => {
    const { send, heard } = /** @type {any} */ (globalThis);
    let answers = 0;
    const over = new Promise((resolve) => {
      addEventListener('message', ({ data }) => (data.event ? heard.length === 3 && resolve(answers) : answers++));
    });
    send({ goroscope: 1, id: 1, ask: 'hello' });
    send({ goroscope: 1, id: 2, ask: 'load', source: 'stolen' });
    send('last');
    return over;
  });
  assert.equal(await frame().evaluate(() => /** @type {any} */ (globalThis).last), 'int x;');
  assert.equal(answers, 0);
  await page.close();
});

test('the attribute takes origins only, and an end ends it', { skip }, async () => {
  /** @type {[string, string][]} */
  const wrong = [['*', '*'], ['null', 'null'], ['https://a.example/', 'https://a.example/'], ['a.example', 'a.example'],
    [`${servers[1].url} file:///x`, 'file:///x'], ['data:,x', 'data:,x']];
  for (const [messages, word] of wrong) {
    const page = await browser.newPage();
    await page.goto(`${servers[0].url}/frame?${new URLSearchParams({ messages })}`);
    const said = await page.waitForFunction(() => /** @type {any} */ (document.querySelector('#one'))?.wrong);
    assert.equal(await said.jsonValue(),
      `messages="…": ${word} is no origin; write scheme, host and port, as in https://a.example`);
    await page.close();
  }
  const { page, ask, frame } = await framing(servers[1].url, servers[1].url);
  await frame().evaluate(() => /** @type {any} */ (document.querySelector('#one')).end());
  assert.deepEqual(await ask({ ask: 'output' }), { from: 'two', value: '' });
  await page.close();
});
