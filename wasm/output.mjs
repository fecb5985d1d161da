// output.mjs: what the program prints, from the output ring in its memory (host.h) to callbacks that take whole lines.
import { HOST } from './abi.mjs';

/** The one reader of a program's output ring. */
export class OutputRing {
  /**
   * @param {import('./abi.mjs').MemoryLike} memory
   * @param {number} host address of the host block
   */
  constructor(memory, host) {
    this.memory = memory;
    this.host = host >>> 0;
  }

  /**
   * Hands over everything printed so far, in order; the bytes are a copy.
   * @param {(fd: number, bytes: Uint8Array) => void} sink
   */
  drain(sink) {
    let words = new Int32Array(this.memory.buffer, this.host, HOST.threads / 4);
    Atomics.store(words, HOST.outTold / 4, 0); // first: what is written from now on will be told
    const out = words[HOST.out / 4] >>> 0;
    const size = words[HOST.outBytes / 4] >>> 0;
    let read = Atomics.load(words, HOST.outRead / 4) >>> 0;
    const write = Atomics.load(words, HOST.outWrite / 4) >>> 0;
    const ring = new Uint8Array(this.memory.buffer, out, size);
    const ringWords = new Uint32Array(this.memory.buffer, out, size / 4);
    while (read !== write) {
      const head = ringWords[(read & (size - 1)) / 4];
      const n = head & 0xffffff;
      const at = (read + 4) & (size - 1);
      const first = Math.min(n, size - at);
      const bytes = new Uint8Array(n);
      bytes.set(ring.subarray(at, at + first));
      bytes.set(ring.subarray(0, n - first), first);
      read = (read + 4 + ((n + 3) & ~3)) >>> 0;
      Atomics.store(words, HOST.outRead / 4, read | 0);
      Atomics.notify(words, HOST.outRead / 4);
      sink(head >>> 24, bytes);
    }
  }
}

/** Puts pieces of output together to whole lines, per file descriptor, and bytes to text. */
export class Lines {
  /**
   * @param {(text: string) => void} stdout gets one or more whole lines
   * @param {(text: string) => void} stderr
   */
  constructor(stdout, stderr) {
    this.#to = [() => {}, stdout, stderr];
  }

  /** @type {((text: string) => void)[]} */ #to;
  #rest = ['', '', ''];
  #decoders = [0, 1, 2].map(() => new TextDecoder());

  /**
   * @param {number} fd 1 or 2
   * @param {Uint8Array} bytes
   */
  add(fd, bytes) {
    if (fd !== 1 && fd !== 2) return;
    const text = this.#rest[fd] + this.#decoders[fd].decode(bytes, { stream: true });
    const end = text.lastIndexOf('\n') + 1;
    this.#rest[fd] = text.slice(end);
    if (end > 0) this.#to[fd](text.slice(0, end));
  }

  /** The program has ended: what is left has no newline. */
  end() {
    for (const fd of [1, 2]) {
      const text = this.#rest[fd] + this.#decoders[fd].decode();
      this.#rest[fd] = '';
      if (text) this.#to[fd](text);
    }
  }
}
