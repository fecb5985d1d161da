/** What a terminal shows of a line: written over, coloured, erased. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Terminal, afterSequence } from '../../shell/playground/terminal.mjs';

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
  assert.deepEqual(shown('\x1b[38:2::255:0:0ma\x1b[38:5:9mb\x1b[48:2:1:2:3mc\x1b[0;4:3md\x1b[4:0me'),
    [['rgb(255 0 0):a', 'a9:b', 'a9:on rgb(1 2 3):c', 'under:d', 'e']]);
  assert.deepEqual(shown('\x1b[58;5;1ma\x1b[58;2;1;2;3mb\x1b[58:2::1:2:3mc\x1b[>4;2md\x1b[?1me'), [['abcde']]);
  assert.deepEqual(shown('\x1b[38;2;1;2;999ma\x1b[38;5;300mb\x1b[38mc\x1b[999;31md'), [['abc', 'a1:d']]);
});

test('what it does not know shows nothing, and a line that goes on changes nothing yet', () => {
  assert.deepEqual(shown('a\x1b[2Jb\x1b]0;title\x07c\x1b(Bd\x1b[?25le\x1b'), [['abcde']]);
  assert.deepEqual(shown('a\x1bPq#0;2~~@@\x1b\\b', 'c\x1b_private\x1b\\d', 'e\x1b[1;3', 'f\x1b]0;tit'),
    [['ab'], ['cd'], ['e'], ['f']]);
  const terminal = new Terminal();
  terminal.show('\x1b[31mred', false);
  assert.equal(terminal.show('next')[0].look.color, '');
});

test('the same look again is one run, and of very many looks in a line some are drawn plain', () => {
  assert.deepEqual(shown('\x1b[31ma\x1b[31mb\x1b[0;31mc'), [['a1:abc']]);
  const many = new Terminal().show(Array.from({ length: 3000 }, (_, i) => `\x1b[38;5;${i % 256}mX`).join(''));
  assert.ok(many.length <= 201, `${many.length} runs`);
  assert.equal(many.map(({ text }) => text).join(''), 'X'.repeat(3000));
});

test('a line is not cut within a sequence', () => {
  const line = 'ab\x1b[38;5;196mc';
  assert.deepEqual([1, 2, 3, 8, 13, 14].map((at) => afterSequence(line, at)), [1, 13, 13, 13, 13, 14]);
});
