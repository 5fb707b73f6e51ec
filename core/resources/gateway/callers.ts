/** Which workloads are meant as callers, where their own proxies decide: by namespace, account and labels. */
import { dnsLabel, dnsSubdomain, labelKey, labelValue, type Format } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { array, map, object, optional, string } from '../schema/schema.ts';

export const namespaceOrAny: Format = {
  name: 'namespace-or-any',
  expected: 'a namespace, or `*`',
  pattern: `^(?:\\*|${(dnsLabel.pattern ?? '').slice(1, -1)})$`,
  maxLength: dnsLabel.maxLength,
  accepts: (text) => text === '*' || dnsLabel.accepts(text),
};

const callers = object(
  {
    namespaces: optional(
      array(string({ format: namespaceOrAny }), { minItems: 1, maxItems: 64, uniqueBy: 'item' }),
      'Namespaces of the callers; `*`: every one of the mesh. Absent: the object’s own.',
    ),
    accounts: optional(
      array(string({ format: dnsSubdomain }), { minItems: 1, maxItems: 64, uniqueBy: 'item' }),
      'Service accounts of the callers, in those namespaces. Absent: every one.',
    ),
    labels: optional(
      map(string({ format: labelValue, minLength: 0 }), { keys: labelKey, maxEntries: 16 }),
      'Labels of the callers’ Workloads, all of which they carry. Absent: whatever they carry.',
    ),
  },
  (value, report) => {
    if (Object.values(value).every((field) => field === undefined))
      report([], 'missing-field', 'says nothing', 'add `namespaces`, `accounts` or `labels`');
  },
);

/** Any one entry. */
export const callerList = array(callers, { minItems: 1, maxItems: 16 });

export type CallerList = Complete<typeof callerList>;
