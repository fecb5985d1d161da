// host-services.mjs: what a host does for a program in its own time: calls asynchronous functions, fetches, reads
// and writes streams. A program reaches what the load options give it and nothing else. Runs where load() was
// called; answers go to the input ring.
import { ANSWER, ASK } from './abi.mjs';
import { decode } from './utf8.mjs';

/**
 * A request as it comes from the program (port.h says what its bytes are).
 * @typedef {{kind: number, id: number, stream: number, bytes: Uint8Array<ArrayBuffer>}} Request
 *
 * @typedef {import('./types.d.mts').HostValue} HostValue
 * @typedef {import('./types.d.mts').HostStream} HostStream
 * @typedef {Pick<import('./types.d.mts').LoadOptions, 'host' | 'streams' | 'fetch' | 'stdin'>} HostOptions
 *
 * @typedef {object} Open a stream that the program has open
 * @property {ReadableStreamDefaultReader | null} reader
 * @property {WritableStreamDefaultWriter | null} writer
 * @property {Uint8Array | null} rest of the chunk that was read last
 */

const NOTHING = new Uint8Array(0);
const utf8 = new TextEncoder();

/** Serves one program. */
export class HostServices {
  /**
   * @param {HostOptions} options
   * @param {(id: number, what: number, bytes: Uint8Array) => void} answer
   */
  constructor(options, answer) {
    this.#options = options;
    this.#answer = (id, what, bytes) => { if (!this.#closed) answer(id, what, bytes); };
  }

  /** @type {HostOptions} */ #options;
  /** @type {(id: number, what: number, bytes: Uint8Array) => void} */ #answer;
  /** @type {Map<number, Open>} */ #streams = new Map();
  #abort = new AbortController();
  #closed = false;

  /**
   * Does what is asked, and answers it.
   * @param {Request} request
   */
  async request(request) {
    const { kind, id, stream, bytes } = request;
    if (kind === ASK.CLOSE) return this.#close(stream);
    try {
      if (kind === ASK.READ) return await this.#read(id, stream, new DataView(bytes.buffer).getUint32(0, true));
      this.#answer(id, ANSWER.OK, await this.#do(request));
    } catch (error) {
      this.#answer(id, ANSWER.ERROR, utf8.encode(messageOf(error)));
    }
  }

  /** The program has ended: nothing is answered any more, and what was under way is given up. */
  close() {
    this.#closed = true;
    this.#abort.abort();
    for (const id of [...this.#streams.keys()]) this.#close(id);
  }

  /**
   * @param {Request} request
   * @returns {Promise<Uint8Array>} the answer
   */
  async #do({ kind, id, stream, bytes }) {
    switch (kind) {
      case ASK.AWAIT: {
        const [name, arg] = cut(bytes);
        const text = decode(arg);
        return bytesOf(await given(this.#options.host, name, 'function', 'host')(text, arg), name);
      }
      case ASK.FETCH: return this.#fetch(id, bytes);
      case ASK.OPEN: {
        const [name, arg] = cut(bytes);
        const { readable, writable } = await given(this.#options.streams, name, 'stream', 'streams')(decode(arg));
        this.#open(id, { reader: readable?.getReader() ?? null, writer: writable?.getWriter() ?? null, rest: null });
        return NOTHING;
      }
      case ASK.WRITE:
        await this.#writer(stream).write(bytes);
        return NOTHING;
      case ASK.SHUT:
        await this.#writer(stream).close();
        return NOTHING;
      default: throw new Error(`this host does not know requests of kind ${kind}`);
    }
  }

  /**
   * Answers with the status as soon as it is known; the body is a stream then.
   * @param {number} id
   * @param {Uint8Array<ArrayBuffer>} bytes
   */
  async #fetch(id, bytes) {
    const [url, afterUrl] = cut(bytes);
    const [method, afterMethod] = cut(afterUrl);
    const [headers, body] = cut(afterMethod);
    const list = headers.split('\n').filter((line) => line.includes(':'));
    /** @type {RequestInit} */
    const init = {
      method, signal: this.#abort.signal, body: body.length ? body : undefined,
      headers: list.map((line) => /** @type {[string, string]} */ ([
        line.slice(0, line.indexOf(':')).trim(), line.slice(line.indexOf(':') + 1).trim(),
      ])),
    };
    const response = await allowedFetch(this.#options.fetch, url)(init);
    this.#open(id, { reader: response.body?.getReader() ?? null, writer: null, rest: response.body ? null : NOTHING });
    return utf8.encode(String(response.status));
  }

  /**
   * @param {number} id
   * @param {Open} stream
   */
  #open(id, stream) {
    this.#streams.set(id, stream);
    if (this.#closed) this.#close(id);
  }

  /** @param {number} id @returns {Open} */
  #stream(id) {
    const open = this.#streams.get(id);
    if (open) return open;
    if (id !== 0) throw new Error('the stream is closed');
    const stdin = openStdin(this.#options.stdin);
    this.#streams.set(0, stdin);
    return stdin;
  }

  /** @param {number} id */
  #writer(id) {
    const { writer } = this.#stream(id);
    if (!writer) throw new Error('this stream cannot be written to');
    return writer;
  }

  /**
   * The next piece of a stream, at most `most` bytes of it.
   * @param {number} id of the request
   * @param {number} stream
   * @param {number} most
   */
  async #read(id, stream, most) {
    const open = this.#stream(stream);
    if (!open.reader && !open.rest) throw new Error('this stream cannot be read');
    while (!open.rest?.length) {
      const { done, value } = await open.reader?.read() ?? { done: true, value: undefined };
      if (done) return this.#answer(id, ANSWER.END, NOTHING);
      open.rest = bytesOf(value, 'the stream');
    }
    const piece = open.rest.subarray(0, most);
    open.rest = open.rest.subarray(piece.length);
    this.#answer(id, ANSWER.OK, piece);
  }

  /** @param {number} id */
  #close(id) {
    const open = this.#streams.get(id);
    this.#streams.delete(id);
    // What goes wrong now concerns nobody.
    open?.reader?.cancel().catch(() => {});
    open?.writer?.close().catch(() => {});
  }
}

/**
 * What was given under a name, or an error that says that nothing was.
 * @template T
 * @param {{[name: string]: T} | undefined} things
 * @param {string} name
 * @param {string} what
 * @param {string} option
 * @returns {T}
 */
function given(things, name, what, option) {
  if (things && Object.hasOwn(things, name)) return things[name];
  throw new Error(`the host gives the program no ${what} "${name}" (load option ${option})`);
}

/**
 * @param {HostOptions['fetch']} allowed
 * @param {string} url
 * @returns {(init: RequestInit) => Promise<Response>}
 */
function allowedFetch(allowed, url) {
  if (!allowed) throw new Error('the program may not fetch (load option fetch)');
  if (typeof allowed === 'function') return (init) => allowed(url, init);
  if (allowed === true) return (init) => fetch(url, init);
  const base = globalThis.location?.href ?? allowed[0];
  const target = new URL(url, base);
  if (!allowed.map((origin) => new URL(origin).origin).includes(target.origin))
    throw new Error(`the program may not fetch from ${target.origin} (load option fetch)`);
  return (init) => fetch(target, { ...init, redirect: 'error' }); // it might lead elsewhere
}

/**
 * @param {HostOptions['stdin']} stdin
 * @returns {Open}
 */
function openStdin(stdin) {
  const source = typeof stdin === 'function' ? stdin() : stdin;
  if (source instanceof ReadableStream) return { reader: source.getReader(), writer: null, rest: null };
  return { reader: null, writer: null, rest: bytesOf(source, 'stdin') };
}

/**
 * All of it, for WASI programs that cannot wait for more.
 * @param {HostOptions['stdin']} stdin
 * @param {AbortSignal} signal ends the reading
 * @returns {Promise<Uint8Array>}
 */
export async function wholeStdin(stdin, signal) {
  const { reader, rest } = openStdin(stdin);
  signal.addEventListener('abort', () => { reader?.cancel().catch(() => {}); }, { once: true });
  const chunks = [rest ?? NOTHING];
  for (;;) {
    const { done, value } = await reader?.read() ?? { done: true, value: undefined };
    if (done) return new Uint8Array(await new Blob(/** @type {BlobPart[]} */ (chunks)).arrayBuffer());
    chunks.push(bytesOf(value, 'stdin'));
  }
}

/**
 * A text that ends with a NUL, and what is behind it.
 * @param {Uint8Array<ArrayBuffer>} bytes @returns {[string, Uint8Array<ArrayBuffer>]}
 */
function cut(bytes) {
  const end = bytes.indexOf(0);
  return [decode(bytes.subarray(0, end)), bytes.subarray(end + 1)];
}

/**
 * @param {unknown} value
 * @param {string} whose
 * @returns {Uint8Array}
 */
export function bytesOf(value, whose) {
  if (typeof value === 'string') return utf8.encode(value);
  if (value === undefined || value === null) return NOTHING;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (['number', 'bigint', 'boolean'].includes(typeof value)) return utf8.encode(String(value));
  throw new TypeError(`${whose} gave neither text nor bytes`);
}

/** @param {unknown} error @returns {string} one that is not empty */
function messageOf(error) {
  const { message, cause } = /** @type {{message?: unknown, cause?: {message?: unknown}}} */ (error ?? {});
  const text = typeof message === 'string' && message ? message : String(error);
  // node's fetch says what only there
  return typeof cause?.message === 'string' && cause.message ? `${text}: ${cause.message}` : text;
}
