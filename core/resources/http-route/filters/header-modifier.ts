/** Gateway API HTTPHeaderFilter. Removals come first, then `set`, then `add`. */
import { headerName, headerValue } from '../../schema/formats.ts';
import { array, object, optional, required, string } from '../../schema/schema.ts';
import { warnOfEquivalentNames } from '../match.ts';

const header = object({
  name: required(string({ format: headerName }), 'The header’s name; case does not matter.'),
  value: required(string({ format: headerValue }), 'The value.'),
});

/** Written by each proxy for its own connections (RFC 9110, 7.6.1; RFC 9112, 6): changed here they would cut messages at the wrong place. */
const OF_CONNECTIONS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const headers = array(header, { maxItems: 16, uniqueBy: ['name'] });

export const headerModifier = object(
  {
    set: optional(headers, 'Headers that replace those of the same name.'),
    add: optional(headers, 'Headers that are added to those of the same name.'),
    remove: optional(
      array(string({ format: headerName }), { maxItems: 16, uniqueBy: 'item' }),
      'Names of headers that are removed; case does not matter.',
    ),
  },
  ({ set, add, remove }, report) => {
    warnOfEquivalentNames(['set'], set ?? [], report);
    warnOfEquivalentNames(['add'], add ?? [], report);
    const changed = new Map<string, string>();
    const note = (where: string, name: string, at: readonly (string | number)[]): void => {
      if (name.toLowerCase() === 'host')
        report(at, 'invalid-value', 'Host cannot be changed here', 'use a filter `URLRewrite` with `hostname`');
      if (OF_CONNECTIONS.has(name.toLowerCase()))
        report(at, 'invalid-value', `${name} belongs to a connection, proxies write it themselves`, 'remove the entry');
      const before = changed.get(name.toLowerCase());
      if (before === undefined || before === where) changed.set(name.toLowerCase(), where);
      else
        report(
          at,
          'duplicate-entry',
          `stands in \`${before}\` too: removals come first, then \`set\`, then \`add\``,
          'change a header in one way only',
          'warning',
        );
    };
    for (const [index, { name }] of (set ?? []).entries()) note('set', name, ['set', index, 'name']);
    for (const [index, { name }] of (add ?? []).entries()) note('add', name, ['add', index, 'name']);
    for (const [index, name] of (remove ?? []).entries()) note('remove', name, ['remove', index]);
  },
);
