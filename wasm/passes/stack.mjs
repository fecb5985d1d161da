// stack.mjs: stores to the C stack pointer become checked. A goroutine's stack is a segment, and grows by further ones
// (wasm/port/stacks.c): where a function makes room for its frame, for an array of variable size or by alloca, and the
// room is not there, its address becomes another one; where the pointer goes back, that may be into another segment.
//
// Nothing is guessed. Which instruction stores is known by the number of the global. What it stores is found by
// walking over the function with the stack of operands and its locals, of which is known, over joins and loops:
//     settled   it is or was the stack pointer
//     down      a settled one less something, or aligned: room is made, if it is stored
//     up        a settled one plus something, as at a function's end
//     constant
// A store of anything else stops the build with the function's name. So does a store of what has been computed
// before a branch, and an address that was derived from one that is then moved.
//
// Making room, where the address is computed and not where it is stored, so that every copy is right:
//     (i32.sub (global.get $__stack_pointer) (i32.const 32))       becomes
//     (if (result i32) (i32.lt_u (local.tee $at (i32.sub …)) (global.get $port_stack_lo))
//      (then (call $port_stack_grow (local.get $at) (i32.const 16)))
//      (else (global.set $__stack_pointer (local.get $at)) (local.get $at)))
// and its store a drop. Frames of 64 KiB or more, of unknown size, or aligned: (call $port_sp_far …). Below an address
// that the pointer no longer has (the arrays of a loop's last turn) the pointer goes back to that first. Going back:
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
 * @typedef {{ sp: number, lo: number, size: number, grow: number, shrink: number, far: number, up: number }} StackParts
 */

/** @param {import('./binary.mjs').Module} m @returns {StackParts} */
export function stackParts(m) {
  return {
    sp: m.globalNamed('__stack_pointer'), lo: m.globalNamed('port_stack_lo'), size: m.globalNamed('port_stack_size'),
    grow: m.functionNamed('port_stack_grow'), shrink: m.functionNamed('port_stack_shrink'),
    far: m.functionNamed('port_sp_far'), up: m.functionNamed('port_sp_up'),
  };
}

/**
 * What is known of a value. Two are the same value if they are the same object.
 * @typedef {object} Value
 * @property {'settled' | 'down' | 'up' | 'constant' | 'other'} is
 * @property {number} n of a constant
 * @property {Value | null} base of down and up: what it was computed from
 * @property {boolean} aligned down: by `and`
 * @property {number} size down: of the frame in bytes, -1: not known
 * @property {number} at where it is computed
 * @property {number} end behind that
 * @property {number} serial down: number of the straight piece of code where it is computed
 * @property {boolean} back down: the stack pointer may be another one than the base
 * @property {number} stored down: where it is stored first, -1: nowhere
 */

/** @type {Value} */
const OTHER = { is: 'other', n: 0, base: null, aligned: false, size: -1, at: -1, end: -1, serial: -1, back: false,
  stored: -1 };

/** It is an address that the stack pointer has or had. @param {Value | undefined} v */
const isSettled = (v) => v !== undefined && (v.is === 'settled' || (v.is === 'down' && v.stored >= 0));

/** What is known at one place. @typedef {{ locals: Map<number, Value>, sp: Value | null }} State sp: null: not known */

/** @typedef {{ end: State | null, otherwise: State | null }} Block */

/** @param {State} s @returns {State} */
const copy = (s) => ({ locals: new Map(s.locals), sp: s.sp });

/**
 * Checks the stores to the stack pointer in all functions but those of `trusted`.
 * @param {import('./binary.mjs').Module} m
 * @param {StackParts} parts
 * @param {{ trusted?: (name: string) => boolean, mayRestore?: (name: string) => boolean }} [options] mayRestore: functions
 *   that set the pointer to a parameter
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
    /** By where they are computed, and at joins by label and local: the same object in every round. @type {Map<string, Value>} */
    this.values = new Map();
    /** What is known where a loop begins, by where that is. @type {Map<number, State>} */
    this.heads = new Map();
    /** Where the stack pointer was stored in memory (not optimised code): offsets from an address of the frame. @type {Set<string>} */
    this.slots = new Set();
    /** Stores that take the pointer back. @type {Map<number, number>} start -> end */
    this.ups = new Map();
    /** Stores of what makes room. @type {Map<number, number>} start -> end */
    this.downs = new Map();
    this.changed = true;
    // Where the walk is.
    this.code = new Code(f.body, name);
    this.operands = new Operands(m, this.code, OTHER);
    /** What is known here; null: it is never reached. @type {State | null} */
    this.state = null;
    /** What is known at the ends of the blocks that the walk is in, and where `else` would begin. @type {Block[]} */
    this.blocks = [];
    /** Number of the straight piece of code. */
    this.serial = 0;
  }

  /** @param {{ down: number, far: number, up: number }} count @returns {Uint8Array} the new body */
  run(count) {
    for (let round = 0; this.changed; round++) {
      if (round === 100) this.#fail('its loops do not settle');
      this.changed = false;
      this.#walk();
    }
    return this.#edit(count);
  }

  /** @param {string} what @returns {never} */
  #fail(what) {
    throw new BuildError(`${this.name} uses the stack pointer in a way that is not known here: ${what}`,
      { symbol: this.name });
  }

  /** @param {string} key @param {Partial<Value>} value @returns {Value} */
  #value(key, value) {
    const known = this.values.get(key);
    if (!known) {
      const made = { ...OTHER, ...value };
      this.values.set(key, made);
      return made;
    }
    if (value.back) known.back = true;
    if (known.base !== (value.base ?? null) || known.size !== (value.size ?? -1)) {
      known.base = value.base ?? null;
      known.size = value.size === known.size ? known.size : -1;
    }
    return known;
  }

  // ---- one walk over the function ----------------------------------------------------------------------------------

  #walk() {
    const code = this.code = new Code(this.f.body, this.name);
    this.operands = new Operands(this.m, code, OTHER);
    this.state = { locals: new Map(), sp: null };
    this.blocks = [{ end: null, otherwise: null }];
    this.serial = 0;
    while (code.next()) {
      const branches = this.#before();
      const taken = this.operands.step();
      if (branches) this.#branch();
      else if (this.state) this.#plain(taken);
    }
  }

  /** Whether the instruction ends a straight piece of code. */
  #before() {
    const { op } = this.code;
    const endsPiece = (op >= OP.BLOCK && op <= OP.RETURN) || op === OP.UNREACHABLE || op === OP.RETURN_CALL ||
      op === OP.RETURN_CALL_INDIRECT;
    if (endsPiece) this.serial++;
    return endsPiece;
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
    if (head && joined.sp === head.sp && joined.locals.size === head.locals.size &&
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
    for (const [local, v] of a.locals) {
      const both = this.#joinValue(`${where}:${local}`, v, b.locals.get(local));
      if (both) locals.set(local, both);
    }
    return { locals, sp: a.sp && b.sp ? this.#joinValue(`${where}:sp`, a.sp, b.sp) ?? null : null };
  }

  /** @param {string} where @param {Value} a @param {Value | undefined} b @returns {Value | undefined} */
  #joinValue(where, a, b) {
    if (a === b) return a;
    if (b?.is === 'constant' && a.is === 'constant' && a.n === b.n) return a;
    return isSettled(a) && isSettled(b) ? this.#value(where, { is: 'settled' }) : undefined;
  }

  // ---- instructions without branches ---------------------------------------------------------------------------------

  /** @param {Value[]} taken */
  #plain(taken) {
    const code = this.code, ops = this.operands;
    const state = /** @type {State} */ (this.state), { op } = code;
    switch (op) {
      case OP.LOCAL_GET: return ops.put(state.locals.get(code.value) ?? OTHER);
      case OP.LOCAL_TEE: case OP.LOCAL_SET:
        if (op === OP.LOCAL_TEE) ops.put(taken[0]);
        if (taken[0] === OTHER) state.locals.delete(code.value);
        else state.locals.set(code.value, taken[0]);
        return undefined;
      case OP.GLOBAL_GET:
        if (code.value !== this.parts.sp) return undefined;
        // Read again with nothing in between: the same value, and it keeps its place.
        state.sp ??= this.#value(`get${code.start}`, { is: 'settled' });
        return ops.put(state.sp);
      case OP.GLOBAL_SET: return code.value === this.parts.sp ? this.#store(taken[0]) : undefined;
      case OP.I32_CONST: return ops.put(this.#value(`const${code.start}`, { is: 'constant', n: code.value }));
      case OP.I32_SUB: case OP.I32_AND: case OP.I32_ADD: return ops.put(this.#computed(taken[0], taken[1]));
      case OP.I32_STORE: {
        const slot = slotAt(taken[0], code.value);
        if (slot && isSettled(taken[1])) this.slots.add(slot);
        return undefined;
      }
      case OP.I32_LOAD: {
        const slot = slotAt(taken[0], code.value);
        if (slot && this.slots.has(slot)) ops.put(this.#value(`load${code.start}`, { is: 'settled' }));
        return undefined;
      }
      case OP.CALL: case OP.CALL_INDIRECT: {
        state.sp = null; // afterwards the pointer may be at the top of another segment
        const argument = op === OP.CALL ? this.returned.argument(code.value) : -1;
        return argument >= 0 ? ops.put(taken[argument]) : undefined;
      }
      default: return undefined;
    }
  }

  /** @param {Value} a @param {Value} b @returns {Value} */
  #computed(a, b) {
    const { op, start, end } = this.code, state = /** @type {State} */ (this.state);
    const place = { at: start, end, serial: this.serial };
    if (op === OP.I32_ADD) {
      const [base, n] = a.is === 'constant' ? [b, a] : [a, b];
      if (isSettled(base) && n.is === 'constant' && n.n < 0) {
        return this.#value(`down${start}`, { is: 'down', base, size: -n.n, back: state.sp !== base, ...place });
      }
      if (base.is === 'down' || base.is === 'settled') return this.#value(`add${start}`, { is: 'up', base, n: n.n, ...place });
      return OTHER;
    }
    // (A negative size subtracted would be an address further up.)
    const size = op === OP.I32_SUB && b.is === 'constant' && b.n >= 0 ? b.n : -1;
    if (isSettled(a)) {
      return this.#value(`down${start}`, { is: 'down', base: a, size, aligned: op === OP.I32_AND, back: state.sp !== a,
        ...place });
    }
    if (op === OP.I32_AND && a.is === 'down' && !a.aligned) {
      return this.#value(`down${start}`, { is: 'down', base: a, aligned: true, ...place });
    }
    return OTHER;
  }

  /** The stack pointer becomes v. @param {Value} v */
  #store(v) {
    const { start, end } = this.code, state = /** @type {State} */ (this.state);
    const down = v.is === 'down' && (v.stored < 0 || v.stored === start);
    if (down) {
      if (v.serial !== this.serial) this.#fail('it makes room in one place and moves the pointer in another');
      if (v.stored < 0) this.changed = true;
      v.stored = start;
      this.#noOldCopies(v);
      this.downs.set(start, end);
    } else if (isSettled(v) || (v.is === 'up' && isSettled(v.base ?? undefined)) || this.mayRestore) {
      this.ups.set(start, end);
    } else this.#fail('it is set to something else than room for a frame or what it was before');
    state.sp = v.is === 'down' || v.is === 'settled' ? v : this.#value(`set${start}`, { is: 'settled' });
    if (v.is === 'up') {
      // Locals that hold the same sum are the stack pointer as well.
      for (const [local, held] of state.locals) if (held === v) state.locals.set(local, state.sp);
    }
  }

  /** What was computed on the way to an aligned address must not be used any more: it is not moved. @param {Value} v */
  #noOldCopies(v) {
    const inner = v.base;
    if (!v.aligned || inner?.is !== 'down' || isSettled(inner)) return;
    const state = /** @type {State} */ (this.state), { stack } = this.operands;
    for (const held of [...state.locals.values(), ...stack]) {
      if (held === inner || (held.is === 'up' && held.base === inner)) this.#fail('an address that is then aligned is kept');
    }
  }

  // ---- the new code --------------------------------------------------------------------------------------------------

  /** @param {{ down: number, far: number, up: number }} count */
  #edit(count) {
    const { parts } = this, code = new Code(this.f.body, this.name), edits = new Edits();
    const at = localsOf(this.m.types[this.f.type], code), base = at + 1;
    const get = (/** @type {number} */ i) => [OP.LOCAL_GET, ...leb(i)];
    for (const v of this.values.values()) {
      if (v.is !== 'down' || v.stored < 0) continue;
      const first = v.base?.is === 'down' && !isSettled(v.base) ? v.base : v;
      if (first.back) {
        edits.insert(first.at, [OP.LOCAL_SET, ...leb(at), OP.LOCAL_TEE, ...leb(base), OP.CALL, ...leb(parts.up),
          ...get(base), ...get(at)]);
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
        OP.GLOBAL_GET, ...leb(parts.size), OP.I32_GT_U, OP.IF, EMPTY, ...get(at), OP.CALL, ...leb(parts.shrink), OP.ELSE,
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
      this.#fail('room is made without a store of the pointer (is -disable-red-zone missing?)');
    }
  }
}

/** A place in the frame, as far as it can be told. @param {Value} base @param {number} offset */
function slotAt(base, offset) {
  if (isSettled(base)) return `${offset}`;
  return base.is === 'up' && isSettled(base.base ?? undefined) ? `${base.n + offset}` : '';
}
