// Goal: a playground goes into an address and comes out of it the same; whatever else stands there is one sentence and
// costs little. What goes into HTML comes out of it the same.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { embedHtml } from '../../shell/playground/embed.mjs';
import { fromFragment, toFragment } from '../../shell/playground/share.mjs';
import { ROOT } from '../lib/run.mjs';

const DEMOS = join(ROOT, 'shell/demos');

/** @param {unknown} value @param {string} [version] */
const packed = (value, version = '1') => `#goroscope=${version}.${
  deflateRawSync(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')}`;
/** @param {string} hash @returns {Promise<string>} */
const refused = (hash) => fromFragment(hash).then(() => 'taken', (e) => `${e.message}`);

test('every demo comes out of its link as it went in, smaller', async () => {
  for (const name of readdirSync(DEMOS).filter((n) => n.endsWith('.c'))) {
    const settings = { source: readFileSync(join(DEMOS, name), 'utf8'), procs: '4', mode: 'sim', seed: '7',
      files: { 'ring.h': '#define Ä "<\\0>"\n', '__proto__.h': '' } };
    const view = { version: 1, mode: 'free', t0: 0, t1: 12.5, lanes: {} };
    const fragment = await toFragment({ settings, view });
    assert.match(fragment, /^#goroscope=1\.[\w-]+$/);
    const { length } = settings.source;
    assert.ok(fragment.length < length * 0.7, `${name}: ${fragment.length} of ${length}`);
    assert.deepEqual(await fromFragment(fragment), { settings, view });
  }
});

test('what only the embedder decides neither goes in nor comes out', async () => {
  const shared = { source: 'x', procs: '2' };
  const all = { ...shared, fetch: ['https://a.example'], messages: 'https://b.example', src: '/x.c', wasm: '/x.wasm',
    memory: '64', timeout: '1', expect: 'y', autorun: true, onclick: 'z' };
  // How the timeline is set belongs to who looks.
  const view = { version: 1, t0: 3 }, set = { ...view, settings: { theme: 'dark' } };
  const only = { settings: shared, view };
  assert.deepEqual(await fromFragment(await toFragment({ settings: all, view: set })), only);
  assert.deepEqual(await fromFragment(packed({ settings: all, view: set, more: 1 })), only);
});

test('an address without a program is no mistake', async () => {
  for (const hash of ['', '#', '#view=abc', '#goroscop=1.abc']) assert.equal(await fromFragment(hash), null);
});

test('what is wrong in a link is one sentence', async () => {
  const good = packed({ settings: { source: 'x'.repeat(50) } });
  /** @type {Record<string, string>} */
  const damaged = {
    empty: '#goroscope=', 'no text': '#goroscope=1.', 'no version': '#goroscope=abc', 'odd version': packed({}, '01'),
    'odd letters': '#goroscope=1.a%20b', 'cut': good.slice(0, -4),
    'no deflate': `#goroscope=1.${Buffer.from('{"settings":{}}').toString('base64url')}`,
    'no JSON': packed('{"settings":'),
    'no UTF-8': `#goroscope=1.${deflateRawSync(Buffer.from([0xff])).toString('base64url')}`,
    list: packed([]), nothing: packed('null'), number: packed(7), 'no settings': packed({}),
    'settings a list': packed({ settings: [] }), 'source a number': packed({ settings: { source: 7 } }),
    'files a list': packed({ settings: { files: ['x'] } }),
    'a file a number': packed({ settings: { files: { a: 1 } } }),
    deep: packed(`{"settings":{"args":${'['.repeat(99)}${']'.repeat(99)}}}`),
    'very deep': packed(`{"settings":{"args":${'['.repeat(900_000)}${']'.repeat(900_000)}}}`),
    long: `#goroscope=1.${'A'.repeat(500_000)}`,
  };
  for (const [what, hash] of Object.entries(damaged)) {
    assert.match(await refused(hash), /^The program in this link is damaged: .*\.$/, what);
  }
  assert.match(await refused(packed({ settings: {} }, '2')), /^This link was made by another version .*\(2, here 1\)/);
});

test('a link that would unpack to a gigabyte is refused before it has', async () => {
  const bomb = deflateRawSync(Buffer.alloc(300 << 20)).toString('base64url');
  assert.ok(bomb.length < 500_000);
  const before = process.memoryUsage().rss;
  const sentence = 'This link holds more than a playground takes: it is not opened.';
  assert.equal(await refused(`#goroscope=1.${bomb}`), sentence);
  const grown = (process.memoryUsage().rss - before) / 2 ** 20;
  assert.ok(grown < 64, `${Math.round(grown)} MB more`);
});

test('a program too large for a link is said to be', async () => {
  const long = 'x'.repeat(3 << 20);
  await assert.rejects(toFragment({ settings: { source: long } }), /^Error: This program is too large for a link/);
  const noise = Array.from({ length: 600_000 }, () => String.fromCharCode(33 + Math.random() * 90)).join('');
  await assert.rejects(toFragment({ settings: { source: noise } }), /^Error: This program is too large for a link/);
});

test('the HTML of a playground has its settings as attributes, and nothing that a stranger could put there', () => {
  const settings = { source: 'if (a < b && c) puts("</goroscope-playground>");\n', procs: 4, mode: 'sim',
    args: '"x" <y>', autorun: true, check: false, readonly: '', onclick: 'alert(1)', messages: 'https://b.example',
    show: ['output', 'editor'], files: { 'a"b.h': 'int x;\n' }, expect: null };
  const html = embedHtml(settings, 'https://a.example/g');
  assert.equal(html, `<script type="module" src="https://a.example/g/playground.mjs"></script>
<goroscope-playground procs="4" mode="sim" args="&quot;x&quot; &lt;y&gt;" show="output editor" readonly autorun>
if (a &lt; b &amp;&amp; c) puts("&lt;/goroscope-playground&gt;");
<script type="text/x-c" name="a&quot;b.h">
int x;
</script>
</goroscope-playground>
`);
  assert.equal(embedHtml({ src: 'sieve.c', source: 'int x;' }, 'https://a.example/g/').split('\n')[1],
    '<goroscope-playground src="sieve.c"></goroscope-playground>');
  const cxx = embedHtml({ name: 'p.cpp', source: 'if (a < b)\n' }, 'https://a.example/').split('\n').slice(1);
  assert.deepEqual(cxx, ['<goroscope-playground>', '<script type="text/x-c" name="p.cpp" main>', 'if (a < b)',
    '</script>', '</goroscope-playground>', '']);
  for (const text of ['"</SCRIPT>"', 'a<!--b']) {
    assert.throws(() => embedHtml({ files: { 'a.h': text } }, 'https://a.example'),
      /^Error: a\.h contains .*: take it apart/);
  }
});
