/**
 * Request targets that came before in the same octets: clients repeat themselves, and text that was made once needs no making, no search for what
 * is not canonical, and has its hash where the route table looks it up. One of each thread; a target is kept when it is met for the second time.
 */
import { isPlainPath } from '@weft/core/decide';
import { latin1Text } from './octets.ts';

/** The target of a request in origin or absolute form (RFC 9112, 3.2), as it was sent. */
export interface RequestTarget {
  readonly text: string;
  /** Before the first `?`. */
  readonly path: string;
  /** Behind it; undefined: there is none. */
  readonly query: string | undefined;
  /** The path is not '', and canonical under every option. */
  readonly plain: boolean;
}

interface Kept {
  readonly octets: Uint8Array;
  readonly target: RequestTarget;
}

const SLOTS = 256;
/** Longer ones have something of their own in them. Octets kept by a thread: SLOTS times this, and as much text. */
const MAX_OCTETS = 128;
/** Octets that are looked at to tell targets apart, before all of them are. */
const SAMPLES = 24;

const kept: (Kept | undefined)[] = new Array<Kept | undefined>(SLOTS).fill(undefined);
const met = new Int32Array(SLOTS * 4);

/** bytes[start, end) as a target. */
export function targetOf(bytes: Uint8Array, start: number, end: number): RequestTarget {
  if (end - start > MAX_OCTETS) return parsed(bytes, start, end);
  const sample = sampleOf(bytes, start, end);
  const slot = sample & (SLOTS - 1);
  const known = kept[slot];
  if (known !== undefined && same(known.octets, bytes, start, end)) return known.target;
  const target = parsed(bytes, start, end);
  const place = sample & (met.length - 1);
  if (met[place] === sample) kept[slot] = { octets: bytes.slice(start, end), target };
  else met[place] = sample;
  return target;
}

function parsed(bytes: Uint8Array, start: number, end: number): RequestTarget {
  const text = latin1Text(bytes, start, end);
  const question = text.indexOf('?');
  const path = question < 0 ? text : text.slice(0, question);
  const query = question < 0 ? undefined : text.slice(question + 1);
  return { text, path, query, plain: path !== '' && isPlainPath(path) };
}

/** Not 0; what differs at most is at the end. */
function sampleOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = Math.imul(end - start + 1, 0x9e3779b1) | 0;
  const from = end - start > SAMPLES ? end - SAMPLES : start;
  for (let at = from; at < end; at += 1) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x85ebca6b);
  return (hash ^ (hash >>> 13)) | 1;
}

function same(octets: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const { length } = octets;
  if (end - start !== length) return false;
  for (let at = 0; at < length; at += 1) if (octets[at] !== bytes[start + at]) return false;
  return true;
}
