/**
 * Attacks on the wire as data (e2e/attacks/*.yaml): bytes as a hostile peer sends them, and what a proxy must do. Every probe runs on a
 * fresh and on a reused connection, through one engine and through two; the backend's own record judges what was forwarded.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export interface Attack {
  /** Row of the attack list. */
  readonly row: number;
  readonly title: string;
  /** RFC section or CVE. */
  readonly source: string;
  readonly probes: readonly Probe[];
}

/** Text, or a list of texts and repetitions, joined. `{GET}`, `{POST}`, `{CHUNKED}` stand for the head of a good request (see HEADS). */
export type Bytes = string | readonly (string | { readonly text: string; readonly times: number })[];

export interface Probe {
  readonly name: string;
  /** Listener of the harness (bootstrap.ts); default `safe`. */
  readonly listener?: string;
  readonly send: Bytes;
  /** The backend answers the request with these bytes instead of a good answer. */
  readonly answer?: Bytes;
  /** The backend closes after `answer`. */
  readonly backendCloses?: boolean;
  /** Exactly one of the next three. The engine answers with this status (any of these), closes, and no whole request goes upstream. */
  readonly refuse?: number | readonly number[];
  /** The head was good: the backend may have seen the begin of the request, never its end, and loses the connection. */
  readonly partial?: boolean;
  /** The engine answers itself; nothing goes upstream; the connection goes on. */
  readonly reply?: number | readonly number[];
  /** What the backend got: exactly these requests, then the connection serves the next good request (unless `closes`). */
  readonly forward?: readonly Forwarded[];
  /** Status of the answer to `forward`; default 200. */
  readonly status?: number | readonly number[];
  /** Answers the client gets; default one for each of `forward`. */
  readonly answers?: number;
  /** The same request may have come more than once. */
  readonly retried?: boolean;
  /** The engine closes after the answer. */
  readonly closes?: boolean;
  /** The probe's answer has no body whatever its header says. */
  readonly head?: boolean;
  /** What the client must not see. */
  readonly unseen?: string;
  /** Why accepting is right, by the RFC's text. */
  readonly why?: string;
}

export interface Forwarded {
  /** Request line. */
  readonly line: string;
  /** Exactly these fields beside the engine's own (OWN_FIELDS), names in lower case. Default: the good request's host. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What an engine adds; present at most once, never judged by value here. */
export const OWN_FIELDS = ['x-request-id', 'x-forwarded-proto', 'x-envoy-expected-rq-timeout-ms'];

const HEADS: Readonly<Record<string, string>> = {
  '{GET}': 'GET /probe HTTP/1.1\r\nHost: good.test\r\n',
  '{POST}': 'POST /probe HTTP/1.1\r\nHost: good.test\r\n',
  '{CHUNKED}': 'POST /probe HTTP/1.1\r\nHost: good.test\r\nTransfer-Encoding: chunked\r\n\r\n',
};

/** One character an octet. */
export function octets(bytes: Bytes): Buffer {
  const parts = typeof bytes === 'string' ? [bytes] : bytes;
  const text = parts.map((part) => (typeof part === 'string' ? part : part.text.repeat(part.times))).join('');
  return Buffer.from(
    text.replace(/\{[A-Z]+\}/g, (name) => HEADS[name] ?? name),
    'latin1',
  );
}

export const readAttacks = (file: string): readonly Attack[] =>
  (parse(readFileSync(file, 'utf8')) as { readonly attacks: readonly Attack[] }).attacks;

export const statuses = (wanted: number | readonly number[]): readonly number[] =>
  typeof wanted === 'number' ? [wanted] : wanted;
