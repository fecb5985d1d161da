// calls.mjs: calls of the program's functions that wait for their answers. A call goes into the input ring like an
// answer; its own answer comes as a request (abi.md).
import { ANSWER, HOST_CALLS } from './abi.mjs';
import { decode } from './utf8.mjs';

const GOID = 8; // bytes

/** The calls into one program. */
export class Calls {
  /** @param {(id: number, what: number, bytes: Uint8Array) => void} send */
  constructor(send) {
    this.#send = send;
  }

  /** @type {(id: number, what: number, bytes: Uint8Array) => void} */ #send;
  /** @type {Map<number, {resolve: (bytes: Uint8Array) => void, reject: (error: Error) => void}>} */
  #waiting = new Map();
  #last = 0;

  /**
   * @param {string} name of the function
   * @param {string | Uint8Array} arg
   * @param {number} [goid] of the goroutine that is to stand still meanwhile
   * @returns {Promise<Uint8Array>}
   */
  call(name, arg, goid) {
    if (typeof name !== 'string' || name === '' || name.includes('\0'))
      throw new TypeError('call needs the name of a function');
    const utf8 = new TextEncoder();
    const head = utf8.encode(`${name}\0`);
    const tail = typeof arg === 'string' ? utf8.encode(arg) : arg;
    if (!(tail instanceof Uint8Array)) throw new TypeError('the argument of a call must be a text or a Uint8Array');
    const at = goid === undefined ? 0 : GOID;
    const bytes = new Uint8Array(at + head.length + tail.length);
    if (goid !== undefined) new DataView(bytes.buffer).setBigUint64(0, BigInt(goid), true);
    bytes.set(head, at);
    bytes.set(tail, at + head.length);
    do this.#last = (this.#last + 1) % HOST_CALLS;
    while (this.#waiting.has(HOST_CALLS + this.#last));
    const id = HOST_CALLS + this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send(id, goid === undefined ? ANSWER.CALL : ANSWER.DEBUG_CALL, bytes);
    });
  }

  /**
   * The program has answered: a byte that says how, and the answer.
   * @param {{id: number, bytes: Uint8Array}} request
   */
  reply({ id, bytes }) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    const answer = bytes.subarray(1);
    if (bytes[0] === 0) waiting?.resolve(answer);
    else waiting?.reject(new Error(decode(answer)));
  }

  /** The program has ended: nobody will answer. */
  end() {
    for (const { reject } of this.#waiting.values()) reject(new Error('the program ended before it answered'));
    this.#waiting.clear();
  }
}
