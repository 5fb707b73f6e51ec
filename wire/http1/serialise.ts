/**
 * Heads and trailers written from a parsed section: fields that stay are copied as ranges of octets, dropped ones are left out, new
 * ones come behind. Names keep the case they were sent in.
 */
import type { ByteWriter } from './byte-writer.ts';
import type { FieldBlock } from './field-block.ts';
import { KNOWN, spells } from './names.ts';
import { nextListElement } from './octets.ts';

/** Octets of a field line after its value: a line keeps its own white space, so its end is where the next line starts. */
function lineEnd(fields: FieldBlock, index: number): number {
  return index + 1 < fields.count ? fields.nameStart(index + 1) : fields.at - 2;
}

/** Every field that is not dropped, each run of neighbours in one copy. */
export function writeFields(out: ByteWriter, fields: FieldBlock): void {
  const { bytes, count } = fields;
  let index = 0;
  while (index < count) {
    if (fields.dropped(index)) {
      index += 1;
      continue;
    }
    const start = fields.nameStart(index);
    while (index + 1 < count && !fields.dropped(index + 1)) index += 1;
    out.octets(bytes, start, lineEnd(fields, index));
    index += 1;
  }
}

/** `GET /path HTTP/1.1` and its line end, the path as text. */
export function writeRequestLine(out: ByteWriter, method: string, target: string): void {
  out.text(method);
  out.text(' ');
  out.text(target);
  out.text(' HTTP/1.1\r\n');
}

/** `HTTP/1.1 200 OK` and its line end. */
export function writeStatusLine(out: ByteWriter, status: number, reason: string): void {
  out.text('HTTP/1.1 ');
  out.decimal(status);
  out.text(' ');
  out.text(reason);
  out.crlf();
}

/** The last chunk with the trailers that are not dropped. */
export function writeLastChunk(out: ByteWriter, trailers: FieldBlock | undefined): void {
  out.text('0\r\n');
  if (trailers !== undefined) writeFields(out, trailers);
  out.crlf();
}

const span = { start: 0, end: 0 };

/**
 * Marks what must not travel further (RFC 9110, 7.6.1): Connection and every field it names, Keep-Alive, Proxy-Connection,
 * Transfer-Encoding, Upgrade, HTTP2-Settings and TE. A Connection header cannot take away fields that proxies write or that
 * route and frame (they are kept whatever it names): nobody may strip the identity of a caller.
 */
export function dropHopByHop(fields: FieldBlock, nominates: boolean): void {
  if (nominates) dropNominated(fields);
  for (let index = 0; index < fields.count; index += 1) if (HOP_BY_HOP[fields.known(index)] === 1) fields.drop(index);
}

/** 1 at the numbers of those names. */
const HOP_BY_HOP = Uint8Array.from({ length: 256 }, (_, known) =>
  Number(
    known === KNOWN.connection ||
      known === KNOWN['keep-alive'] ||
      known === KNOWN['proxy-connection'] ||
      known === KNOWN['transfer-encoding'] ||
      known === KNOWN.upgrade ||
      known === KNOWN['http2-settings'] ||
      known === KNOWN.te,
  ),
);

function dropNominated(fields: FieldBlock): void {
  const { bytes } = fields;
  for (
    let index = fields.findKnown(KNOWN.connection);
    index >= 0;
    index = fields.findKnown(KNOWN.connection, index + 1)
  ) {
    const end = fields.valueEnd(index);
    let at = nextListElement(bytes, fields.valueStart(index), end, span);
    for (; at >= 0; at = nextListElement(bytes, at, end, span)) dropUnlessProtected(fields, span.start, span.end);
  }
}

/** Fields with a number in KNOWN are the ones the engine itself reads or writes. */
function dropUnlessProtected(fields: FieldBlock, start: number, end: number): void {
  for (let index = 0; index < fields.count; index += 1) {
    if (fields.known(index) !== 0 || fields.nameEnd(index) - fields.nameStart(index) !== end - start) continue;
    if (spells(fields.bytes, start, end, fields.name(index).toLowerCase())) fields.drop(index);
  }
}
