// perfetto.mjs: Perfetto's protobuf with track events (protos/perfetto/trace there). Numbers of fields are those
// of its .proto files; tests/export/perfetto.test.mjs has them a second time, for reading.
//
// All is one sequence of packets. Names and texts of arguments are sent once and then called by number, until there
// are too many: then the sequence begins anew, so that neither side keeps a long trace's texts.
import { Protobuf } from '../protobuf.mjs';
import { GROUPS } from './story.mjs';
import { stackText, told } from './told.mjs';

/** @typedef {import('./story.mjs').Track} Track */
/** @typedef {import('./story.mjs').Args} Args */

const TRACE = { packet: 1 };
const PACKET = { timestamp: 8, sequence: 10, event: 11, interned: 12, flags: 13, descriptor: 60 };
const FLAG = { CLEARED: 1, NEEDS: 2 };
const DESCRIPTOR = { uuid: 1, name: 2, parent: 5, counter: 8, ordering: 11, rank: 12 };
const COUNTER = { unit: 3 };
const UNIT = { count: 2, bytes: 3 };
const EXPLICIT = 3;
const EVENT = {
  categories: 3, annotations: 4, type: 9, name: 10, track: 11, value: 30, flows: 47, flowsEnding: 48,
};
const TYPE = { BEGIN: 1, END: 2, INSTANT: 3, COUNTER: 4 };
const ANNOTATION = { name: 1, int: 4, text: 17 };
const INTERNED = { categories: 1, names: 2, annotations: 3, texts: 29 };

const SEQUENCE = 1;
/** Numbers of tracks up to here are groups'. */
const GROUP_UUIDS = 100;
/** Texts kept at once, and how long together. */
const TEXTS = 20_000;
const TEXT_BYTES = 4 << 20;

class Perfetto {
  constructor() {
    this.out = new Protobuf();
    /** What the reader of the file knows, by kind and text. @type {Map<string, number>} */
    this.known = new Map();
    this.knownBytes = 0;
    /** To be told with this packet. @type {{kind: number, id: number, text: string}[]} */
    this.news = [];
    this.cleared = true;
    GROUPS.forEach((name, group) => this.#describe(group + 1, name, { rank: group, isGroup: true }));
  }

  get size() { return this.out.size; }
  take() { return this.out.take(); }

  /** @param {number} uuid @param {string} name @param {{parent?: number, rank: number, isGroup?: boolean,
   *   unit?: Track['unit']}} more */
  #describe(uuid, name, { parent, rank, isGroup = false, unit = null }) {
    const { out } = this;
    out.begin(TRACE.packet);
    out.varint(PACKET.sequence, SEQUENCE);
    out.begin(PACKET.descriptor);
    out.varint(DESCRIPTOR.uuid, uuid);
    out.string(DESCRIPTOR.name, name);
    if (parent) out.varint(DESCRIPTOR.parent, parent);
    if (isGroup) out.varint(DESCRIPTOR.ordering, EXPLICIT);
    out.varint(DESCRIPTOR.rank, Math.min(2 ** 31 - 1, Math.max(0, rank)));
    if (unit) {
      out.begin(DESCRIPTOR.counter);
      out.varint(COUNTER.unit, UNIT[unit]);
      out.end();
    }
    out.end();
    out.end();
  }

  /** The number of a text. @param {number} kind @param {string} text */
  #id(kind, text) {
    const key = `${kind} ${text}`;
    let id = this.known.get(key);
    if (id === undefined) {
      this.known.set(key, id = this.known.size + 1);
      this.knownBytes += text.length;
      this.news.push({ kind, id, text });
    }
    return id;
  }

  /** A packet with an event begins. @param {Track} track @param {number} type @param {number} t ns */
  #open({ uuid }, type, t) {
    if (this.known.size > TEXTS || this.knownBytes > TEXT_BYTES) {
      this.known.clear();
      this.knownBytes = 0;
      this.cleared = true;
    }
    const { out } = this;
    out.begin(TRACE.packet);
    out.varint(PACKET.timestamp, t);
    out.varint(PACKET.sequence, SEQUENCE);
    out.varint(PACKET.flags, FLAG.NEEDS + (this.cleared ? FLAG.CLEARED : 0));
    this.cleared = false;
    out.begin(PACKET.event);
    out.varint(EVENT.type, type);
    out.varint(EVENT.track, GROUP_UUIDS + uuid);
  }

  /** … and ends, with the texts that are new in it. */
  #close() {
    const { out, news } = this;
    out.end();
    if (news.length) {
      out.begin(PACKET.interned);
      for (const { kind, id, text } of news) {
        out.begin(kind);
        out.varint(1, id);
        out.string(2, text);
        out.end();
      }
      out.end();
      news.length = 0;
    }
    out.end();
  }

  /** @param {Args} args */
  #annotate(args) {
    const { out } = this;
    for (const [name, value] of Object.entries(args)) {
      if (value === undefined) continue;
      out.begin(EVENT.annotations);
      out.varint(ANNOTATION.name, this.#id(INTERNED.annotations, name));
      const text = Array.isArray(value) ? stackText(value) : value;
      if (typeof text === 'number') out.varint(ANNOTATION.int, text);
      else out.varint(ANNOTATION.text, this.#id(INTERNED.texts, text));
      out.end();
    }
  }

  /** @param {Track} track */
  track({ uuid, group, id, name, unit }) {
    this.#describe(GROUP_UUIDS + uuid, name, { parent: group + 1, rank: id, unit });
  }

  /** @param {Track} track @param {number} t @param {string} name @param {string} category @param {Args} args
   * @param {number} arrow */
  begin(track, t, name, category, args, arrow) {
    const { out } = this;
    this.#open(track, TYPE.BEGIN, t);
    out.varint(EVENT.categories, this.#id(INTERNED.categories, category));
    out.varint(EVENT.name, this.#id(INTERNED.names, name));
    if (arrow) out.fixed64(EVENT.flowsEnding, arrow);
    this.#annotate(args);
    this.#close();
  }

  /** @param {Track} track @param {number} t */
  end(track, t) {
    this.#open(track, TYPE.END, t);
    this.#close();
  }

  /** @param {Track} track @param {number} t @param {string} name @param {Args} args @param {number} arrow */
  instant(track, t, name, args, arrow) {
    this.#open(track, TYPE.INSTANT, t);
    this.out.varint(EVENT.name, this.#id(INTERNED.names, name));
    if (arrow) this.out.fixed64(EVENT.flows, arrow);
    this.#annotate(args);
    this.#close();
  }

  /** @param {Track} track @param {number} t @param {number} value */
  counter(track, t, value) {
    this.#open(track, TYPE.COUNTER, t);
    this.out.varint(EVENT.value, value);
    this.#close();
  }
}

/** @type {import('./index.mjs').Make} */
export const make = (chunks, making) => told(chunks, making, new Perfetto());
