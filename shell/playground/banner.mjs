// The message above the program: why it failed, and what can be done about that.

/** @typedef {{ word: string, act: () => void }} Action of its button */

export class Banner {
  /** What it says; '': nothing. */
  sentence = '';
  /** @type {Action | null} */
  #action = null;
  #parts;

  /** @param {import('./parts.mjs').Parts} parts */
  constructor(parts) {
    this.#parts = parts;
    parts.messageClose.addEventListener('click', () => this.say(''));
    parts.messageAction.addEventListener('click', () => this.#action?.act());
  }

  /**
   * @param {string} sentence '' clears it @param {Action | null} [action]
   * @param {boolean} [isElsewhere] it stands in another place already
   */
  say(sentence, action = null, isElsewhere = false) {
    const { message, messageText, messageAction } = this.#parts;
    this.sentence = sentence;
    this.#action = action;
    message.hidden = !sentence || isElsewhere;
    messageText.textContent = sentence;
    messageAction.hidden = !action;
    messageAction.textContent = action?.word ?? '';
  }
}
