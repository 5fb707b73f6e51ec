/** A request as the control plane keeps it: what a tap shows of it, with few headers, and what it was addressed to. */
import type { Addressed, Outcome } from '@weft/core/documents';
import { ENTRY_OCTETS, octetsOf } from '@weft/core/kernel';
import type { Entered, TapRecord } from '@weft/core/tap';

export interface KeptRequest {
  /** Key of the workload whose proxy told it, with the suffix of the instance. */
  readonly workload: string;
  readonly record: TapRecord;
  /** undefined: nobody knows (its proxy was gone before it could be asked). */
  readonly addressed: Addressed | undefined;
}

export function outcomeOf({ kind, status, grpc, flags, details }: TapRecord): Outcome {
  if (kind === 'tcp')
    return flags === '' && details === '' ? 'answered' : details.startsWith('rbac') ? 'refused' : 'failed';
  if (status === 401 || status === 403 || grpc === 7 || grpc === 16) return 'refused';
  return status === 0 || status >= 500 || FAULTS.has(grpc) ? 'failed' : 'answered';
}

const FAULTS: ReadonlySet<number> = new Set([2, 4, 12, 13, 14, 15]);

/** Headers that are kept: they say what kind of request it was, and lead to its trace. */
const KEPT_HEADERS: ReadonlySet<string> = new Set([
  'accept',
  'content-type',
  'grpc-timeout',
  'range',
  'traceparent',
  'upgrade',
  'user-agent',
  'x-b3-traceid',
  'x-forwarded-for',
  'x-forwarded-host',
]);

/** Characters of a header, and of any other text of a caller. */
const HEADER_TEXT = 128;
const TEXT = 256;

/** A copy: a part of a text would keep all of it. */
const cut = (text: string, most: number): string =>
  text.length > most ? Buffer.from(`${text.slice(0, most - 1)}…`).toString() : text;

/** `same` gives one text for equal ones, so that names that come again and again are held once. */
export const keptRecord = (record: TapRecord, same: (text: string) => string): TapRecord => ({
  ...record,
  peer: same(record.peer),
  identity: same(record.identity),
  service: same(record.service),
  route: same(record.route),
  method: same(cut(record.method, 32)),
  authority: same(cut(record.authority, TEXT)),
  path: cut(record.path, TEXT),
  protocol: same(record.protocol),
  flags: same(record.flags),
  details: same(cut(record.details, TEXT)),
  requestId: cut(record.requestId, HEADER_TEXT),
  headers: record.headers.flatMap(([name, value]): [string, string][] =>
    KEPT_HEADERS.has(name) ? [[same(name), same(cut(value, HEADER_TEXT))]] : [],
  ),
  ...(record.entered === undefined ? {} : { entered: keptEntered(record.entered, same) }),
});

const keptEntered = (entered: Entered, same: (text: string) => string): Entered => ({
  address: same(cut(entered.address, HEADER_TEXT)),
  client: same(cut(entered.client, HEADER_TEXT)),
  certificate: entered.certificate,
  identity: same(entered.identity),
  serverName: same(cut(entered.serverName, TEXT)),
});

/** Octets that it takes, its place among others included; texts as if nothing was held twice. */
export const sizeOf = (kept: KeptRequest): number => ENTRY_OCTETS + octetsOf(kept);
