// breather.mjs: lets waiting messages in between two pieces of work.

/** A message channel is not slowed down as timers are. */
export class Breather {
  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.near = port1;
    this.far = port2;
    /** @type {Array<() => void>} */
    this.waiting = [];
    this.near.onmessage = () => this.waiting.shift()?.();
  }

  /** @returns {Promise<void>} */
  breathe() {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.far.postMessage(null);
    });
  }

  close() {
    this.near.close();
  }
}
