/**
 * The matrix of the pairing runs: every way of a client, every kind of backend, one engine and two, with every subject. A cell is covered by a
 * case, or has a reason why there is none. All cases run through one engine and through two, so the number of engines is no dimension of its own.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { UPSTREAMS } from './bootstrap.ts';
import { WAYS } from './client.ts';
import { type PairingCase, pairings } from './run.ts';
import { STREAM_PAIRINGS, STREAM_UPSTREAMS, STREAM_WAYS, type StreamCase } from './streams.ts';

/** Octets of a body, each way. */
export const MATRIX_SIZES = [0, 1, 16_383, 16_385, 104_857_600] as const;
export const SUBJECTS = [
  ...MATRIX_SIZES.map((size) => `${size} octets`),
  'trailers',
  'reset by the client',
  'reset by the backend',
  'half-close by the client',
  'half-close by the backend',
  'the client reads slowly',
  'the client writes slowly',
  'the backend reads slowly',
  'the backend writes slowly',
] as const;

/** Why cells have no case. A list that is left out: all of them. */
export interface MatrixReason {
  readonly ways?: readonly string[];
  readonly upstreams?: readonly string[];
  readonly subjects?: readonly string[];
  readonly reason: string;
}

export interface MatrixInput {
  readonly cases: readonly PairingCase[];
  readonly streams: readonly StreamCase[];
  readonly reasons: readonly MatrixReason[];
}

export const readMatrixReasons = (file: string): readonly MatrixReason[] =>
  (parse(readFileSync(file, 'utf8')) as { readonly reasons: readonly MatrixReason[] }).reasons;

const cell = (way: string, upstream: string, subject: string): string => `${way} to ${upstream}: ${subject}`;

const subjectsOf = (shows: readonly string[] = [], sizes: readonly number[] = []): readonly string[] => [
  ...shows,
  ...sizes.map((size) => `${size} octets`),
];

/** Everything that is wrong with the matrix: cells with neither case nor reason, with both, subjects that there are not, reasons without a cell. */
export function matrixFaults({ cases, streams, reasons }: MatrixInput): string[] {
  const faults: string[] = [];
  const covered = new Set<string>();
  const known: readonly string[] = SUBJECTS;
  for (const { name, shows } of [...cases, ...streams])
    for (const subject of shows ?? [])
      if (!known.includes(subject)) faults.push(`${name}: no such subject: ${subject}`);
  for (const one of cases)
    for (const { way, upstream } of pairings(one))
      for (const subject of subjectsOf(one.shows, one.sizes)) covered.add(cell(way, upstream, subject));
  for (const one of streams)
    for (const { way, upstream } of STREAM_PAIRINGS)
      for (const subject of subjectsOf(one.shows, one.sizes)) covered.add(cell(way, upstream, subject));
  const used = new Set<MatrixReason>();
  const cells = [
    ...WAYS.flatMap((way) => UPSTREAMS.map((upstream) => ({ way, upstream }))),
    ...STREAM_WAYS.flatMap((way) => STREAM_UPSTREAMS.map((upstream) => ({ way, upstream }))),
  ];
  for (const { way, upstream } of cells)
    for (const subject of SUBJECTS) {
      const found = reasons.filter(
        ({ ways = [way], upstreams = [upstream], subjects = [subject] }) =>
          (ways as readonly string[]).includes(way) &&
          (upstreams as readonly string[]).includes(upstream) &&
          (subjects as readonly string[]).includes(subject),
      );
      for (const one of found) used.add(one);
      const name = cell(way, upstream, subject);
      if (covered.has(name) && found.length > 0) faults.push(`${name}: a case, and a reason why there is none`);
      if (!covered.has(name) && found.length === 0) faults.push(`${name}: neither a case nor a reason`);
    }
  for (const one of reasons) if (!used.has(one)) faults.push(`a reason for no cell: ${one.reason}`);
  return faults;
}
