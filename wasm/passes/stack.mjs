// stack.mjs: stores to the C stack pointer become checked. A goroutine's stack is a segment, and grows by further
// ones (wasm/port/stacks.c): where a function makes room for its frame, for an array of variable size or by alloca,
// and the room is not there, its address becomes another one; where the pointer goes back, that may be into another
// segment.
//
// Nothing is guessed. Which instruction stores is known by the number of the global. What it stores is found by
// walking over the function with the stack of operands and its locals, of which is known, over joins and loops:
//     settled   it is or was the stack pointer
//     down      a settled one less something, or aligned: room is made, if it is stored
//     up        a settled one plus something, as at a function's end
//     constant
// A store of anything else stops the build with the function's name.
//
// Room is made where the address is computed and not where it is stored, so that every copy is right. From there on
// all ways must lead to the store, and on them nothing may look at the stack pointer: no call, no other store. (They
// are apart where LLVM has split a block between them, for a conversion of floating point.) What was computed on the
// way to an aligned address is not moved with it, so nobody may use it then.
//
// A frame without bytes is aligned and the pointer not stored (LLVM, if only arrays of variable size are aligned); if
// they are computed from it, the pointer goes there all the same, and every way out must take it back.
//
//     (i32.sub (global.get $__stack_pointer) (i32.const 32))       becomes
//     (if (result i32) (i32.lt_u (local.tee $at (i32.sub …)) (global.get $port_stack_lo))
//      (then (call $port_stack_grow (local.get $at) (i32.const 16)))
//      (else (global.set $__stack_pointer (local.get $at)) (local.get $at)))
// and its store a drop. Frames of 64 KiB or more, of unknown size, or aligned: (call $port_sp_far …). Below an
// address that the pointer no longer has (the arrays of a loop's last turn) the pointer goes back to that first.
// Going back:
//     (global.set $__stack_pointer X)                              becomes
//     (if (i32.gt_u (i32.sub (local.tee $at X) (global.get $port_stack_lo)) (global.get $port_stack_size))
//      (then (call $port_stack_shrink (local.get $at)))
//      (else (global.set $__stack_pointer (local.get $at))))
import { I32 } from './binary.mjs';
import { leb } from './bytes.mjs';
import { BuildError } from './errors.mjs';
import { Code, EMPTY, Edits, OP, localsOf } from './instructions.mjs';
import { Operands } from './operands.mjs';
import { Returned } from './returned.mjs';

/** Frames from this size on are checked by port_sp_far: below, an address less the size cannot wrap. */
const FAR = 65536;
/** LLVM's leaf functions use so many bytes below the stack pointer without a store; stacks.c leaves them room. */
const RED_ZONE = 128;

/**
 * Numbers in the module: of globals and of functions.
 * @typedef {{ sp: number, lo: number, size: number, grow: number, shrink: number, far: number, up: number }}
 *   StackParts
 */

/** @param {import('./binary.mjs').Module} m @returns {StackParts} */
export function stackParts(m) {
  return {
    sp: m.globalNamed('__stack_pointer'), lo: m.globalNamed('port_stack_lo'),
      size: m.globalNamed('port_stack_size'),
    grow: m.functionNamed('port_stack_grow'), shrink: m.functionNamed('port_stack_shrink'),
    far: m.functionNamed('port_sp_far'), up: m.functionNamed('port_sp_up'),
  };
}

/**
 * What is known of a value. Two are the same value if they are the same object.
 * @typedef {object} Value
 * @property {'settled' | 'down' | 'up' | 'constant' | 'stale' | 'other'} is stale: nobody may use it any more
 * @property {number} n of a constant
 * @property {Value | null} base of down and up: what it was computed from
 * @property {boolean} aligned down: by `and`
 * @property {number} size down: of the frame in bytes, -1: not known
 * @property {number} at where it is computed
 * @property {number} end behind that
 * @property {boolean} swapped down: the base is the second operand
 * @property {boolean} back down: the stack pointer may be another one than the base
 * @property {boolean} stored down: somewhere it is stored
 * @property {boolean} unsaid down: as if it were, though it is not
 * @property {boolean} inner down: what is stored is this one aligned
 * @property {boolean} used down: by more than an alignment
 */

/** @type {Value} */
const OTHER = { is: 'other', n: 0, base: null, aligned: false, size: -1, at: -1, end: -1, swapped: false, back: false,
  stored: false, unsaid: false, inner: false, used: false };
/** @type {Value} */
const STALE = { ...OTHER, is: 'stale' };

/** It is an address that the stack pointer has or had. @param {Value | undefined} v */
const isSettled = (v) => v !== undefined && (v.is === 'settled' || (v.is === 'down' && v.stored));
/** It may become one. @param {Value | null} v @returns {v is Value} */
const isOpen = (v) => v?.is === 'down' && !v.stored;

/**
 * What is known at one place.
 * @typedef {object} State
 * @property {Map<number, Value>} locals
 * @property {Value | null} sp null: not known
 * @property {Value | null} room it is made for this one, which must be stored next
 * @property {boolean} unsaid the stack pointer may be lower than the program has stored
 */

/** @typedef {{ end: State | null, otherwise: State | null }} Block */

/** @param {State} s @returns {State} */
const copy = (s) => ({ ...s, locals: new Map(s.locals) });

/**
 * Checks the stores to the stack pointer in all functions but those of `trusted`.
 * @param {import('./binary.mjs').Module} m
 * @param {StackParts} parts
 * @param {{ trusted?: (name: string) => boolean, mayRestore?: (name: string) => boolean }} [options] mayRestore:
 *   functions that set the pointer to a parameter
 * @returns {{ down: number, far: number, up: number }} how many of each there were
 */
export function checkStack(m, parts, { trusted = () => false, mayRestore = () => false } = {}) {
  const count = { down: 0, far: 0, up: 0 }, returned = new Returned(m);
  m.functions.forEach((f, i) => {
    const name = m.nameOf(m.importedFunctions + i);
    if (trusted(name) || !mentions(f.body, name, parts.sp)) return;
    const pass = new Checker(m, f, name, parts, mayRestore(name), returned);
    f.body = pass.run(count);
  });
  return count;
}

/** Whether a function uses a global. @param {Uint8Array} body @param {string} name @param {number} global */
function mentions(body, name, global) {
  const code = new Code(body, name);
  while (code.next()) {
    if ((code.op === OP.GLOBAL_SET || code.op === OP.GLOBAL_GET) && code.value === global) return true;
  }
  return false;
}

/** Checks one function. */
class Checker {
  /**
   * @param {import('./binary.mjs').Module} m
   * @param {import('./binary.mjs').Func} f
   * @param {string} name
   * @param {StackParts} parts
   * @param {boolean} mayRestore
   * @param {Returned} returned
   */
  constructor(m, f, name, parts, mayRestore, returned) {
    this.returned = returned;
    this.m = m;
    this.f = f;
    this.name = name;
    this.parts = parts;
    this.mayRestore = mayRestore;
    /**
     * By where they are computed, and at joins by label and local: the same object in every round.
     * @type {Map<string, Value>}
     */
    this.values = new Map();
    /** What they were in a loop's last turn. @type {Map<Value, Value>} */
    this.olds = new Map();
    /** What is known where a loop begins, by where that is. @type {Map<number, State>} */
    this.heads = new Map();
    /**
     * Where the stack pointer was stored in memory (not optimised code): offsets from addresses of the frame. false:
     * something else, too.
     * @type {Map<Value, Map<number, boolean>>}
     */
    this.slots = new Map();
    /** Stores that take the pointer back. @type {Map<number, number>} start -> end */
    this.ups = new Map();
    /** Stores of what makes room. @type {Map<number, number>} start -> end */
    this.downs = new Map();
    /** Something was found out that the walk so far did not know: of a value, or of where a loop begins. */
    this.learned = true;
    this.changed = true;
    /** What this walk cannot understand; the next one may. */
    this.failure = '';
    // Where the walk is.
    this.code = new Code(f.body, name);
    this.operands = new Operands(m, this.code, OTHER);
    /** What is known here; null: it is never reached. @type {State | null} */
    this.state = null;
    /**
     * What is known at the ends of the blocks that the walk is in, and where `else` would begin.
     * @type {Block[]}
     */
    this.blocks = [];
  }

  /** @param {{ down: number, far: number, up: number }} count @returns {Uint8Array} the new body */
  run(count) {
    for (let round = 0; this.changed || this.learned; round++) {
      if (round === 200) this.#stop('its loops do not settle');
      if (this.learned) {
        this.heads.clear();
        for (const v of this.values.values()) v.back = v.used = false;
      }
      this.changed = this.learned = false;
      this.failure = '';
      this.#walk();
    }
    if (this.failure) this.#stop(this.failure);
    return this.#edit(count);
  }

  /** @param {string} what @returns {never} */
  #stop(what) {
    throw new BuildError(`${this.name} uses the stack pointer in a way that is not known here: ${what}`,
      { symbol: this.name });
  }

  /** @param {string} what */
  #fail(what) { this.failure ||= what; }

  /** @param {string} key @param {Partial<Value>} value @returns {Value} */
  #value(key, value) {
    const known = this.values.get(key);
    if (!known) {
      const made = { ...OTHER, ...value };
      this.values.set(key, made);
      return made;
    }
    if (value.back) known.back = true;
    this.#ofLastTurn(known);
    known.swapped = value.swapped ?? false;
    if (known.base !== (value.base ?? null) || known.size !== (value.size ?? -1)) {
      known.base = value.base ?? null;
      known.size = value.size === known.size ? known.size : -1;
    }
    return known;
  }

  /** A value is computed anew: what holds it holds that of a loop's last turn. @param {Value} v */
  #ofLastTurn(v) {
    if (v.is === 'constant' || !this.state) return;
    const old = isSettled(v) ? this.#older(v) : OTHER, { stack } = this.operands;
    for (const [local, held] of this.state.locals) if (held === v) this.state.locals.set(local, old);
    for (const [i, held] of stack.entries()) if (held === v) stack[i] = old;
    if (this.state.sp === v) this.state.sp = old;
  }

  /** @param {Value} v */
  #older(v) {
    let old = this.olds.get(v);
    if (!old) this.olds.set(v, old = { ...OTHER, is: 'settled' });
    return old;
  }

  // ---- one walk over the function -------------------------------------------------------------------------------

  #walk() {
    const code = this.code = new Code(this.f.body, this.name);
    this.operands = new Operands(this.m, code, OTHER);
    this.state = { locals: new Map(), sp: null, room: null, unsaid: false };
    this.blocks = [{ end: null, otherwise: null }];
    this.ups.clear();
    this.downs.clear();
    while (code.next()) {
      const branches = this.#before();
      const taken = this.operands.step();
      if (branches) this.#branch();
      else if (this.state) this.#plain(taken);
    }
    this.#leave();
  }

  /** Whether the instruction is one of those that lead elsewhere, or where others lead to. */
  #before() {
    const { op, value, labels } = this.code, { frames, stack } = this.operands;
    const isBranch = (op >= OP.BLOCK && op <= OP.RETURN) || op === OP.UNREACHABLE || op === OP.RETURN_CALL ||
      op === OP.RETURN_CALL_INDIRECT;
    // What goes along as a result is not followed.
    const to = op === OP.ELSE || op === OP.END ? 0 : op === OP.BR || op === OP.BR_IF ? value
      : op === OP.BR_TABLE ? labels[0] : op === OP.RETURN ? frames.length - 1 : -1;
    if (to >= 0) {
      const frame = this.operands.label(to), all = to === frames.length - 1;
      const n = all ? this.m.types[this.f.type].results.length : frame.op === OP.LOOP ? frame.params : frame.results;
      const condition = op === OP.BR_IF || op === OP.BR_TABLE ? 1 : 0;
      if (n > 0) for (const v of stack.slice(-n - condition)) this.#use(v);
    } else if (op === OP.RETURN_CALL || op === OP.RETURN_CALL_INDIRECT) for (const v of stack) this.#use(v);
    return isBranch;
  }

  /** @param {Value} v something that is no copy */
  #use(v) {
    if (isOpen(v)) v.used = true;
  }

  /** The function returns. */
  #leave() {
    if (this.state?.room) this.#fail('it makes room and does not move the pointer');
    if (this.state?.unsaid) this.#fail('it aligns the pointer and does not take it back');
  }

  #branch() {
    const { op, start, value, labels } = this.code;
    const { blocks } = this;
    if (op === OP.BLOCK || op === OP.IF) {
      blocks.push({ end: null, otherwise: op === OP.IF && this.state ? copy(this.state) : null });
    } else if (op === OP.LOOP) {
      blocks.push({ end: null, otherwise: null });
      if (!this.state) return;
      this.#joinHead(start, this.state);
      this.state = copy(/** @type {State} */ (this.heads.get(start)));
    } else if (op === OP.ELSE) {
      const block = blocks[blocks.length - 1];
      block.end = this.#join(`then${start}`, block.end, this.state);
      this.state = block.otherwise;
      block.otherwise = null;
    } else if (op === OP.END) {
      const block = blocks.pop();
      if (!block) return;
      const without = this.#join(`else${start}`, block.end, block.otherwise); // an `if` without `else`
      this.state = this.#join(`end${start}`, without, this.state);
    } else {
      for (const label of op === OP.BR_TABLE ? new Set(labels) : op === OP.BR || op === OP.BR_IF ? [value] : []) {
        this.#to(label);
      }
      if (op === OP.RETURN || op === OP.RETURN_CALL || op === OP.RETURN_CALL_INDIRECT) this.#leave();
      if (op !== OP.BR_IF) this.state = null;
    }
  }

  /** A branch to a label. @param {number} label */
  #to(label) {
    if (!this.state) return;
    const frame = this.operands.label(label);
    const { blocks } = this, block = blocks[blocks.length - 1 - label];
    if (frame.op === OP.LOOP) this.#joinHead(frame.start, this.state);
    else block.end = this.#join(`to${frame.start}`, block.end, copy(this.state));
  }

  /** @param {number} start of the loop @param {State} state that comes to its begin */
  #joinHead(start, state) {
    const head = this.heads.get(start) ?? null;
    const joined = /** @type {State} */ (this.#join(`loop${start}`, head, copy(state)));
    if (head && joined.sp === head.sp && joined.unsaid === head.unsaid && joined.locals.size === head.locals.size &&
        [...joined.locals].every(([local, v]) => head.locals.get(local) === v)) return;
    this.heads.set(start, joined);
    if (head) this.changed = true;
  }

  /**
   * What is known whichever way control came.
   * @param {string} where
   * @param {State | null} a
   * @param {State | null} b
   * @returns {State | null}
   */
  #join(where, a, b) {
    if (!a || !b) return a ?? b;
    /** @type {Map<number, Value>} */ const locals = new Map();
    for (const local of new Set([...a.locals.keys(), ...b.locals.keys()])) {
      const both = this.#joinValue(`${where}:${local}`, a.locals.get(local) ?? OTHER, b.locals.get(local) ?? OTHER);
      if (both !== OTHER) locals.set(local, both);
    }
    const sp = this.#joinValue(`${where}:sp`, a.sp ?? OTHER, b.sp ?? OTHER);
    if (a.room !== b.room) this.#fail('it makes room in one place and moves the pointer in another');
    return { locals, sp: sp === OTHER ? null : sp, room: a.room, unsaid: a.unsaid || b.unsaid };
  }

  /** @param {string} where @param {Value} a @param {Value} b @returns {Value} */
  #joinValue(where, a, b) {
    if (a === b) return a;
    if (a === STALE || b === STALE) return STALE;
    if (b.is === 'constant' && a.is === 'constant' && a.n === b.n) return a;
    if (!isSettled(a) || !isSettled(b)) return OTHER;
    const key = `join${where}`;
    let both = this.values.get(key);
    if (!both) this.values.set(key, both = { ...OTHER, is: 'settled' });
    return both;
  }

  // ---- instructions without branches ----------------------------------------------------------------------------

  /** @param {Value[]} taken */
  #plain(taken) {
    const code = this.code, ops = this.operands;
    const state = /** @type {State} */ (this.state), { op } = code;
    switch (op) {
      case OP.LOCAL_GET: {
        const held = state.locals.get(code.value) ?? OTHER;
        if (held === STALE) this.#fail('an address that is then aligned is kept');
        return ops.put(held);
      }
      case OP.LOCAL_TEE: case OP.LOCAL_SET:
        if (op === OP.LOCAL_TEE) ops.put(taken[0]);
        if (taken[0] === OTHER) state.locals.delete(code.value);
        else state.locals.set(code.value, taken[0]);
        return undefined;
      case OP.GLOBAL_GET:
        if (code.value !== this.parts.sp) return undefined;
        if (state.room) this.#fail('it looks at the pointer when it has made room and not moved it');
        // Read again with nothing in between: the same value, and it keeps its place.
        state.sp ??= this.#value(`get${code.start}`, { is: 'settled' });
        return ops.put(state.sp);
      case OP.GLOBAL_SET: return code.value === this.parts.sp ? this.#store(taken[0]) : undefined;
      case OP.I32_CONST: return ops.put(this.#value(`const${code.start}`, { is: 'constant', n: code.value }));
      case OP.I32_SUB: case OP.I32_AND: case OP.I32_ADD: return ops.put(this.#computed(taken[0], taken[1]));
      case OP.I32_STORE: {
        for (const v of taken) this.#use(v);
        const slot = slotAt(taken[0], code.value);
        if (slot) this.#keep(slot, isSettled(taken[1]));
        return undefined;
      }
      case OP.I32_LOAD: {
        this.#use(taken[0]);
        const slot = slotAt(taken[0], code.value);
        if (slot && this.slots.get(slot.base)?.get(slot.offset)) {
          ops.put(this.#value(`load${code.start}`, { is: 'settled' }));
        }
        return undefined;
      }
      case OP.CALL: case OP.CALL_INDIRECT: {
        for (const v of taken) this.#use(v);
        if (state.room) this.#fail('it calls when it has made room and not moved the pointer');
        state.sp = null; // afterwards the pointer may be at the top of another segment
        const argument = op === OP.CALL ? this.returned.argument(code.value) : -1;
        return argument >= 0 ? ops.put(taken[argument]) : undefined;
      }
      case OP.DROP: return undefined;
      default:
        for (const v of taken) this.#use(v);
        return undefined;
    }
  }

  /**
   * A word of the frame is set.
   * @param {{ base: Value, offset: number }} slot @param {boolean} settled to an address that the pointer had
   */
  #keep({ base, offset }, settled) {
    let offsets = this.slots.get(base);
    if (!offsets) this.slots.set(base, offsets = new Map());
    const known = offsets.get(offset);
    if (known === settled || known === false || (known === undefined && !settled)) return;
    offsets.set(offset, known === undefined);
    this.learned = true;
  }

  /** @param {Value} a @param {Value} b @returns {Value} */
  #computed(a, b) {
    const { op, start, end } = this.code, state = /** @type {State} */ (this.state);
    const place = { at: start, end };
    if (op === OP.I32_ADD) {
      const [base, n] = a.is === 'constant' ? [b, a] : [a, b];
      if (isBase(base) && n.is === 'constant' && n.n < 0) {
        return this.#down(base, { size: -n.n, swapped: n === a, ...place });
      }
      this.#use(a);
      this.#use(b);
      if (base.is !== 'down' && base.is !== 'settled') return OTHER;
      return this.#value(`add${start}`, { is: 'up', base, n: n.n, ...place });
    }
    const swapped = op === OP.I32_AND && a.is === 'constant'; // clang 22 without optimising: the mask first
    if (swapped) [a, b] = [b, a];
    this.#use(b);
    // (A negative size subtracted would be an address further up.)
    const size = op === OP.I32_SUB && b.is === 'constant' && b.n >= 0 ? b.n : -1;
    if (op === OP.I32_AND ? isSettled(a) || (isOpen(a) && !a.aligned) : isBase(a)) {
      return this.#down(a, { size, aligned: op === OP.I32_AND, swapped, ...place });
    }
    this.#use(a);
    return OTHER;
  }

  /**
   * An address below a base; if it is known that it is stored, that has room now.
   * @param {Value} base @param {Partial<Value>} value
   */
  #down(base, value) {
    const state = /** @type {State} */ (this.state);
    const inner = isOpen(base) && base.inner && !base.aligned ? base : null;
    const back = !inner && state.sp !== base;
    const v = this.#value(`down${value.at}`, { is: 'down', base, back, ...value });
    if (v.stored || v.inner) {
      if (state.room !== inner) this.#fail('it makes room twice and moves the pointer once');
      if (inner && v.stored) this.#noOldCopies(inner);
      state.sp = v.stored ? v : base;
      if (v.unsaid) state.unsaid = true;
      else state.room = v;
    }
    return v;
  }

  /** The stack pointer becomes v. @param {Value} v */
  #store(v) {
    const { start, end } = this.code, state = /** @type {State} */ (this.state);
    if (state.room ? state.room === v : isOpen(v)) this.downs.set(start, end);
    else if (isSettled(v) || (v.is === 'up' && isSettled(v.base ?? undefined)) || this.mayRestore) {
      this.ups.set(start, end);
      if (state.room) this.#fail('it makes room and moves the pointer elsewhere');
    } else this.#fail('it is set to something else than room for a frame or what it was before');
    if (isOpen(v)) this.#stored(v);
    state.room = null;
    state.unsaid = false;
    state.sp = v.is === 'down' || v.is === 'settled' ? v : this.#value(`set${start}`, { is: 'settled' });
    if (v.is === 'up') {
      // Locals that hold the same sum are the stack pointer as well.
      for (const [local, held] of state.locals) if (held === v) state.locals.set(local, state.sp);
    }
  }

  /** It is found out that v is stored, and so what it was computed from. @param {Value} v */
  #stored(v) {
    v.stored = this.learned = true;
    for (let base = v.base; isOpen(base); base = base.base) {
      if (base.aligned) base.stored = base.unsaid = true;
      else base.inner = true;
    }
  }

  /** What was computed on the way to an aligned address is not moved with it. @param {Value} inner */
  #noOldCopies(inner) {
    const state = /** @type {State} */ (this.state);
    for (const [local, held] of state.locals) if (held === inner) state.locals.set(local, STALE);
    if (inner.used || this.operands.stack.includes(inner)) this.#fail('an address that is then aligned is kept');
  }

  // ---- the new code ---------------------------------------------------------------------------------------------

  /** @param {{ down: number, far: number, up: number }} count */
  #edit(count) {
    const { parts } = this, code = new Code(this.f.body, this.name), edits = new Edits();
    const at = localsOf(this.m.types[this.f.type], code), base = at + 1;
    const get = (/** @type {number} */ i) => [OP.LOCAL_GET, ...leb(i)];
    for (const v of this.values.values()) {
      if (v.is !== 'down' || !v.stored) continue;
      const first = isOpen(v.base) ? v.base : v;
      if (first.back) {
        const back = [OP.LOCAL_TEE, ...leb(base), OP.CALL, ...leb(parts.up), ...get(base)];
        edits.insert(first.at, first.swapped ? back : [OP.LOCAL_SET, ...leb(at), ...back, ...get(at)]);
      }
      if (first === v && !v.aligned && !v.back && v.size >= 0 && v.size < FAR) {
        count.down++;
        edits.insert(v.end, [OP.LOCAL_TEE, ...leb(at), OP.GLOBAL_GET, ...leb(parts.lo), OP.I32_LT_U, OP.IF, I32,
          ...get(at), OP.I32_CONST, 16, OP.CALL, ...leb(parts.grow), OP.ELSE,
          ...get(at), OP.GLOBAL_SET, ...leb(parts.sp), ...get(at), OP.END]);
      } else {
        count.far++;
        edits.insert(v.end, [OP.CALL, ...leb(parts.far)]);
      }
    }
    for (const [start, end] of this.downs) edits.replace(start, end, [OP.DROP]);
    for (const [start, end] of this.ups) {
      count.up++;
      edits.replace(start, end, [OP.LOCAL_TEE, ...leb(at), OP.GLOBAL_GET, ...leb(parts.lo), OP.I32_SUB,
        OP.GLOBAL_GET, ...leb(parts.size), OP.I32_GT_U, OP.IF, EMPTY, ...get(at), OP.CALL, ...leb(parts.shrink),
          OP.ELSE,
        ...get(at), OP.GLOBAL_SET, ...leb(parts.sp), OP.END]);
    }
    this.#noRedZone();
    return edits.size ? edits.apply(code, [I32, I32]) : this.f.body;
  }

  /** A frame that is used without a store: of a leaf function, and small. */
  #noRedZone() {
    if (this.downs.size + this.ups.size > 0) return;
    for (const v of this.values.values()) {
      if (v.is !== 'down' || (v.size >= 0 && v.size <= RED_ZONE && !v.aligned)) continue;
      this.#stop('room is made without a store of the pointer (is -disable-red-zone missing?)');
    }
  }
}

/** Room can be made below it: a frame without bytes may be aligned only. @param {Value} v */
const isBase = (v) => isSettled(v) || (isOpen(v) && v.aligned);

/**
 * A place in the frame, as far as it can be told.
 * @param {Value} at @param {number} offset
 */
function slotAt(at, offset) {
  if (isSettled(at)) return { base: at, offset };
  return at.is === 'up' && at.base && isSettled(at.base) ? { base: at.base, offset: at.n + offset } : null;
}
