/** What a terminal shows of a line: written over, coloured, erased. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Terminal } from '../../shell/playground/terminal.mjs';

/** @param {string[]} lines shown one after the other: each as its runs, a look's parts before the text */
function shown(...lines) {
  const terminal = new Terminal();
  return lines.map((line) => terminal.show(line).map(({ text, look: { color, ground, marks } }) =>
    [color, ground && `on ${ground}`, marks, text].filter(Boolean).join(':')));
}

test('what is written over, and erased', () => {
  assert.deepEqual(shown('plain'), [['plain']]);
  assert.deepEqual(shown(''), [[]]);
  assert.deepEqual(shown('10 %\r99 %', 'a line of CRLF\r', '100\b\b\b7', '\b\bx'),
    [['99 %'], ['a line of CRLF'], ['700'], ['x']]);
  assert.deepEqual(shown('a long one\rshort\x1b[K', 'abc\x1b[2Kd', 'abc\r\x1b[1Kd'), [['short'], ['   d'], ['dbc']]);
  assert.deepEqual(shown('🐹🐹\r🐍'), [['🐍🐹']]);
});

test('colours and weights, which hold until they are ended', () => {
  assert.deepEqual(shown('\x1b[31mred\x1b[0m and \x1b[1;44mbold', 'still\x1b[m', 'plain'),
    [['a1:red', ' and ', 'on a4:bold:bold'], ['on a4:bold:still'], ['plain']]);
  assert.deepEqual(shown('\x1b[92;4ma\x1b[24mb\x1b[39mc'), [['a10:under:a', 'a10:b', 'c']]);
  assert.deepEqual(shown('\x1b[38;5;9ma\x1b[38;5;21mb\x1b[38;5;255mc\x1b[38;2;1;2;3md\x1b[48;5;0me'),
    [['a9:a', 'rgb(0 0 255):b', 'rgb(238 238 238):c', 'rgb(1 2 3):d', 'rgb(1 2 3):on a0:e']]);
  assert.deepEqual(shown('\x1b[38;2;1;2;999ma\x1b[38;5;300mb\x1b[38mc\x1b[999;31md'), [['a', 'b', 'c', 'a1:d']]);
});

test('what it does not know shows nothing, and a line that goes on changes nothing yet', () => {
  assert.deepEqual(shown('a\x1b[2Jb\x1b]0;title\x07c\x1b(Bd\x1b[?25le\x1b'), [['abcde']]);
  const terminal = new Terminal();
  terminal.show('\x1b[31mred', false);
  assert.equal(terminal.show('next')[0].look.color, '');
});
