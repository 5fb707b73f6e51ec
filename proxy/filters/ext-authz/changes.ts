/** What a verdict changes of headers and of the query; never what frames a message or routes it as another host. */
import { Buffer } from 'node:buffer';
import type { HeaderChange } from '@weft/core/services';
import type { Exchange } from '../../http/exchange.ts';
import { type HeaderEdit, preparedName } from '../../http/header-edit.ts';
import { queryWithout } from './query.ts';

const KEPT: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

export const mayChange = (name: string): boolean => !name.startsWith(':') && !KEPT.has(name);

const FIELD_VALUE = /^[\t\x20-\x7e\x80-\uffff]*$/;

/** Whether all of them can stand in a message. */
export const areFields = (changes: readonly HeaderChange[]): boolean =>
  changes.every(({ name, value }) => (name.startsWith(':') || isName(name)) && FIELD_VALUE.test(value));

const isName = (name: string): boolean => /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) && preparedName(name) !== undefined;

export function changeFields(edit: HeaderEdit, changes: readonly HeaderChange[]): void {
  for (const { name, value: text, action } of changes) {
    if (!mayChange(name)) continue;
    const value = octets(text);
    switch (action) {
      case 'set':
        edit.set(name, value);
        break;
      case 'add':
        edit.add(name, value);
        break;
      case 'add-if-absent':
        if (!edit.has(name)) edit.add(name, value);
        break;
      case 'set-if-exists':
        if (edit.has(name)) edit.set(name, value);
        break;
      case 'append-if-exists': {
        const present = edit.get(name);
        if (present !== undefined) edit.set(name, `${present},${value}`);
      }
    }
  }
}

/** Of an answer of our own. */
export const deniedFields = (changes: readonly HeaderChange[]): [string, string][] =>
  changes
    .filter(({ name }) => mayChange(name) && name !== 'date' && name !== 'server')
    .map(({ name, value }) => [name, octets(value)]);

/** One character an octet, as header values are here; texts of HTTP are that already. */
const octets = (text: string): string =>
  /[^\0-\xff]/.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;

export function changeQuery(
  exchange: Exchange,
  set: readonly (readonly [string, string])[],
  remove: readonly string[],
): void {
  const { head } = exchange;
  if (exchange.reader.form === 'authority' || exchange.reader.form === 'asterisk') return;
  head.query = queryWithout(head.query, set, remove);
  exchange.setTarget(head.path);
  head.originalPath = exchange.target ?? head.originalPath;
}
