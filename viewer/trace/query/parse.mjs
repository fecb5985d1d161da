// parse.mjs: a query's text as a tree: `state:runnable dur>5ms fn:worker -reason:sleep`.
//
// Terms side by side must all hold; "or" (or "|") stands between those of which one must; "-" (or "not") turns round
// what follows; parentheses group. A term is FIELD OP VALUE with OP one of : = != > >= < <=, or a bare word, which is
// looked for in names. Values may be "quoted", several of them a,b or a range 1ms..5ms.
import { FIELDS, fieldOf, nearest, timeOf } from './fields.mjs';

/** @typedef {import('./fields.mjs').Field} Field */
/** @typedef {':' | '=' | '!=' | '>' | '>=' | '<' | '<='} Op */
/** @typedef {{text: string, number: number, to: number}} Value   of a number or time; to: the range's other end */

/**
 * @typedef {{type: 'all' | 'any', of: Node[]} | {type: 'not', of: Node} | {type: 'word', text: string}
 *   | {type: 'term', field: Field, op: Op, values: Value[]}} Node
 */

/** What is wrong with a query, and where: characters from..to of its text. */
export class QueryError extends Error {
  /** @param {string} message one sentence @param {number} from @param {number} to */
  constructor(message, from, to) {
    super(message);
    this.name = 'QueryError';
    this.from = from;
    this.to = Math.max(to, from + 1);
  }

  /** As it is counted for people, from 1. */
  get column() {
    return this.from + 1;
  }
}

/** Deeper than this is no question but an attack: the tree is walked by recursion. */
const DEEPEST = 64;
const OP = /^(?::|!=|>=|<=|>|<|=)/;

class Parser {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.at = 0;
    this.depth = 0;
  }

  space() {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
    return this.at < this.text.length;
  }

  /** @param {RegExp} what anchored @returns {string} '' when something else comes */
  take(what) {
    const found = what.exec(this.text.slice(this.at))?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  /** @returns {Node} */
  any() {
    const of = [this.all()];
    while (this.space()) {
      const from = this.at;
      const or = this.take(/^(?:\||or(?=[\s(]|$))/i);
      if (!or) break;
      if (!this.space() || this.text[this.at] === ')' || this.text[this.at] === '|')
        throw new QueryError('Something must stand on both sides of “or”.', from, from + or.length);
      of.push(this.all());
    }
    return of.length === 1 ? of[0] : { type: 'any', of };
  }

  /** @returns {Node} */
  all() {
    const of = [];
    while (this.space() && !/^(?:\)|\||or(?=[\s(]|$))/i.test(this.text.slice(this.at))) {
      if (!this.take(/^and(?=[\s(]|$)/i)) of.push(this.unary());
    }
    if (!of.length && this.at < this.text.length && this.text[this.at] !== ')')
      throw new QueryError('Something must stand on both sides of “or”.', this.at, this.at + 2);
    return of.length === 1 ? of[0] : { type: 'all', of };
  }

  /** @returns {Node} */
  unary() {
    const from = this.at;
    if (++this.depth > DEEPEST) throw new QueryError('This query is nested too deeply.', from, from + 1);
    const node = this.plain(from);
    this.depth--;
    return node;
  }

  /** @param {number} from @returns {Node} */
  plain(from) {
    if (this.take(/^(?:-|!(?!=)|not(?=[\s(]))/i)) {
      if (!this.space() || this.text[this.at] === ')')
        throw new QueryError('Nothing follows the “-”: write what must not be, as in -reason:sleep.', from, from + 1);
      return { type: 'not', of: this.unary() };
    }
    if (!this.take(/^\(/)) return this.term(from);
    const inside = this.any();
    if (!this.take(/^\)/)) throw new QueryError('This parenthesis is not closed.', from, from + 1);
    return inside;
  }

  /** @param {number} from @returns {Node} */
  term(from) {
    const name = /^[A-Za-z]+(?=(?::|!=|>=|<=|>|<|=))/.exec(this.text.slice(from))?.[0];
    if (!name) {
      if (OP.test(this.text.slice(from)))
        throw new QueryError('The name of a field is missing here, as dur in dur>5ms.', from, from + 1);
      return { type: 'word', text: this.value() };
    }
    const field = fieldOf(name);
    if (!field) throw new QueryError(noSuch('field', name, FIELDS.map((f) => f.name)), from, from + name.length);
    this.at += name.length;
    const op = /** @type {Op} */ (this.take(OP));
    const numeric = field.type === 'time' || field.type === 'count';
    if (!numeric && /[<>]/.test(op)) {
      throw new QueryError(`“${field.name}” is no number, so it can be neither more nor less: use ${field.name}:…`,
        this.at - op.length, this.at);
    }
    const values = [this.operand(field, op)];
    while (this.take(/^,/)) values.push(this.operand(field, op));
    return { type: 'term', field, op, values };
  }

  /** @param {Field} field @param {Op} op @returns {Value} */
  operand(field, op) {
    const from = this.at;
    if (from >= this.text.length || /[\s,)]/.test(this.text[from]))
      throw new QueryError(`A value is missing after “${field.name}${op}”.`, from, from + 1);
    const text = this.value();
    if (field.type === 'text') return { text, number: NaN, to: NaN };
    if (field.type === 'word') return { text: wordOf(field, text, from, this.at), number: NaN, to: NaN };
    const dots = text.indexOf('..');
    const [low, high] = dots < 0 ? [text, text] : [text.slice(0, dots), text.slice(dots + 2)];
    if (dots >= 0 && op !== ':' && op !== '=')
      throw new QueryError(`A range goes with a colon: ${field.name}:${text}.`, from, this.at);
    // 1..5ms: the unit of the end is that of the beginning too.
    const unit = dots >= 0 && /^[\d.]+$/.test(low) ? /[a-zµμ]+$/i.exec(high)?.[0] ?? '' : '';
    const number = low || dots < 0 ? numberOf(field, low + unit, from, this.at) : -Infinity;
    const to = high || dots < 0 ? numberOf(field, high, from, this.at) : Infinity;
    if (to < number) {
      throw new QueryError(`The range ends before it begins: write ${field.name}:${high}..${low}${unit}.`,
        from, this.at);
    }
    return { text, number, to };
  }

  /** Quoted, or up to a space or comma; parentheses belong to it in pairs, as in main.(*T).run. */
  value() {
    const { text } = this;
    const from = this.at;
    if (text[from] === '"') {
      const end = text.indexOf('"', from + 1);
      if (end < 0) throw new QueryError('This quotation mark has no end.', from, text.length);
      this.at = end + 1;
      return text.slice(from + 1, end);
    }
    for (let depth = 0; this.at < text.length && !/[\s,"]/.test(text[this.at]); this.at++) {
      depth += text[this.at] === '(' ? 1 : text[this.at] === ')' ? -1 : 0;
      if (depth < 0) break;
    }
    if (this.at === from) throw new QueryError(`“${text[from]}” means nothing here.`, from, from + 1);
    return text.slice(from, this.at);
  }
}

/** @param {string} what @param {string} name @param {ReadonlyArray<string>} all */
function noSuch(what, name, all) {
  const near = nearest(name, [...all]);
  return `There is no ${what} “${name}”${near ? `; did you mean ${near}?` : `: there are ${all.join(', ')}.`}`;
}

/** @param {Field} field @param {string} text @param {number} from @param {number} to */
function wordOf(field, text, from, to) {
  const word = text.toLowerCase();
  const found = field.meant?.[word] ?? word;
  if (!field.words?.includes(found)) throw new QueryError(noSuch(field.name, text, field.words ?? []), from, to);
  return found;
}

/** @param {Field} field @param {string} text @param {number} from @param {number} to */
function numberOf(field, text, from, to) {
  if (field.type === 'count') {
    const digits = /^(?:[gpm])?(\d+)$/i.exec(text)?.[1];
    if (digits === undefined)
      throw new QueryError(`“${text}” is no whole number: ${field.name} is one, as in ${field.name}:17.`, from, to);
    return Number(digits);
  }
  const ns = timeOf(text);
  if (ns === null) throw new QueryError(`“${text}” is no time: write it as 5ms (ns, us, ms, s, min).`, from, to);
  if (Number.isNaN(ns))
    throw new QueryError(`“${text}” needs a unit: ${text}ns, ${text}us, ${text}ms or ${text}s.`, from, to);
  return ns;
}

/**
 * @param {string} text @returns {Node | null} null: nothing is asked
 * @throws {QueryError}
 */
export function parseQuery(text) {
  const parser = new Parser(text);
  if (!parser.space()) return null;
  const tree = parser.any();
  if (parser.space())
    throw new QueryError('This parenthesis closes nothing.', parser.at, parser.at + 1);
  return tree;
}
