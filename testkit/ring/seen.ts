/** What a server behind the engine understood of one request. */
import { type Message, valuesOf } from '../attacks/message.ts';
import type { Field } from './payload.ts';
import { HOP_BY_HOP } from './reference.ts';

export interface Seen {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly body: string;
  /** Names in lower case. */
  readonly fields: Message['fields'];
}

export function seenOf({ line, fields, body }: Message): Seen {
  const [method = '', target = ''] = line.split(' ');
  return { method, target, host: valuesOf(fields, 'host').join(','), body, fields };
}

export function http2Seen(fields: readonly Field[], body: string): Seen {
  const value = (name: string): string | undefined => fields.find(([other]) => other === name)?.[1];
  return {
    method: value(':method') ?? '',
    target: value(':path') ?? '',
    host: value(':authority') ?? value('host') ?? '',
    body,
    fields: fields.filter(([name]) => !name.startsWith(':')),
  };
}

/** What was understood by number: an answer carries its number, so that it tells what it answers. */
export class Memory {
  readonly #all = new Map<number, Seen>();
  #last = 0;

  keep(seen: Seen): number {
    this.#last += 1;
    this.#all.set(this.#last, seen);
    return this.#last;
  }

  /** Undefined for a number that nobody was given, or that was asked for before. */
  take(number: number): Seen | undefined {
    const seen = this.#all.get(number);
    this.#all.delete(number);
    return seen;
  }
}

/** The field with the number. */
export const SAW = 'x-ring-saw';
/** The engine's word about where a request came from. */
export const FROM = 'x-ring-from';

/** Fields that proxies add or may leave out. */
const OWN = /^(?:x-request-id|x-forwarded-.*|x-envoy-.*|x-ring-from|via|user-agent|date|server)$/;

/** Repetitions joined, as a list is the same in one line and in several (RFC 9110, 5.3); white space and `;` count for nothing. */
export function fieldTable(fields: Message['fields']): Map<string, string> {
  const table = new Map<string, string>();
  for (const [name, value] of fields) {
    if (HOP_BY_HOP.has(name) || OWN.test(name)) continue;
    const before = table.get(name);
    const bare = value.replace(/[\s;,]/g, '');
    // Envoy leaves a cookie out that says nothing.
    if (name === 'cookie' && bare === '') continue;
    table.set(name, before === undefined ? bare : before + bare);
  }
  return table;
}

/** Where `got` is not `wanted`, in words; undefined: nowhere. */
export function difference(
  wanted: Omit<Seen, 'fields'> & { readonly fields: Message['fields'] },
  got: Seen,
): string | undefined {
  for (const part of ['method', 'target', 'body'] as const)
    if (wanted[part] !== got[part]) return `${part} ${shown(got[part])} instead of ${shown(wanted[part])}`;
  if (wanted.host.toLowerCase() !== got.host.toLowerCase())
    return `host ${shown(got.host)} instead of ${shown(wanted.host)}`;
  const sent = fieldTable(wanted.fields);
  const seen = fieldTable(got.fields);
  for (const [name, value] of seen) {
    if (sent.get(name) !== value) return `field ${name}: ${shown(value)} instead of ${shown(sent.get(name) ?? 'none')}`;
    sent.delete(name);
  }
  for (const name of sent.keys()) return `field ${name} is missing`;
  return undefined;
}

const shown = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
