// protobuf-reader.mjs: reads Perfetto's traces by a description of their messages, for tests. Written after the
// .proto files of Perfetto (protos/perfetto/trace/trace_packet.proto, track_event/*.proto), not after our
// encoder.

/**
 * @typedef {Record<number, [string, string]>} Message field number → name and type; "x[]": it may come many times
 */

/** @type {Record<string, Message>} */
const MESSAGES = {
  Trace: { 1: ['packet', 'TracePacket[]'] },
  TracePacket: { 8: ['timestamp', 'uint64'], 10: ['trusted_packet_sequence_id', 'uint32'],
    11: ['track_event', 'TrackEvent'], 12: ['interned_data', 'InternedData'], 13: ['sequence_flags', 'uint32'],
    60: ['track_descriptor', 'TrackDescriptor'] },
  TrackDescriptor: { 1: ['uuid', 'uint64'], 2: ['name', 'string'], 5: ['parent_uuid', 'uint64'],
    8: ['counter', 'CounterDescriptor'], 11: ['child_ordering', 'enum'], 12: ['sibling_order_rank', 'int32'] },
  CounterDescriptor: { 3: ['unit', 'enum'] },
  TrackEvent: { 3: ['category_iids', 'uint64[]'], 4: ['debug_annotations', 'DebugAnnotation[]'],
    9: ['type', 'enum'], 10: ['name_iid', 'uint64'], 11: ['track_uuid', 'uint64'], 30: ['counter_value', 'int64'],
    47: ['flow_ids', 'fixed64[]'], 48: ['terminating_flow_ids', 'fixed64[]'] },
  DebugAnnotation: { 1: ['name_iid', 'uint64'], 4: ['int_value', 'int64'], 17: ['string_value_iid', 'uint64'] },
  InternedData: { 1: ['event_categories', 'Text[]'], 2: ['event_names', 'Text[]'],
    3: ['debug_annotation_names', 'Text[]'], 29: ['debug_annotation_string_values', 'Text[]'] },
  Text: { 1: ['iid', 'uint64'], 2: ['str', 'string'] }, // EventCategory, EventName, …, InternedString: all alike
};

const WIRE = { varint: 0, fixed64: 1, bytes: 2 };

/**
 * @param {Buffer} bytes @param {string} type @returns {any} the message
 */
export function read(bytes, type) {
  /** @type {Record<string, any>} */ const message = {};
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      if (at >= bytes.length || shift > 63n) throw new Error(`${type}: a varint does not end at ${at}`);
      const b = bytes[at++];
      value |= BigInt(b & 127) << shift;
      if (b < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = Number(varint()), [name, as] = MESSAGES[type][key >> 3] ?? [];
    if (!as) throw new Error(`${type} has no field ${key >> 3}`);
    const single = as.replace('[]', '');
    const wire = MESSAGES[single] || single === 'string' ? WIRE.bytes
      : single === 'fixed64' ? WIRE.fixed64 : WIRE.varint;
    if ((key & 7) !== wire) throw new Error(`${type}.${name} comes as wire type ${key & 7}, not ${wire}`);
    let value;
    if (wire === WIRE.varint) value = Number(varint());
    else if (wire === WIRE.fixed64) {
      value = Number(bytes.readBigUInt64LE(at));
      at += 8;
    } else {
      const n = Number(varint()), part = bytes.subarray(at, at += n);
      if (at > bytes.length) throw new Error(`${type}.${name} is longer than its message`);
      value = single === 'string' ? new TextDecoder('utf-8', { fatal: true }).decode(part) : read(part, single);
    }
    if (as.endsWith('[]')) (message[name] ??= []).push(value);
    else message[name] = value;
  }
  return message;
}
