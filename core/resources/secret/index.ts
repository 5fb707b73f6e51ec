/**
 * core/v1 Secret of type kubernetes.io/tls: a certificate chain with its key. Its values leave the store for the gateway that a Gateway
 * binds them to, and for nobody else: no answer of the API, no log and no origin holds them.
 */
import { defineKind } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { base64, configKey, dnsSubdomain } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { boolean, map, object, oneOf, optional, required, string } from '../schema/schema.ts';

/** Of all values together, as Kubernetes. */
const LONGEST = 1_048_576;

export const CERTIFICATE_KEY = 'tls.crt';
export const PRIVATE_KEY = 'tls.key';

/** What stands in answers instead of a value; as a value it is refused. */
export const REDACTED = '<redacted>';

const spec = object(
  {
    type: required(
      oneOf(['kubernetes.io/tls'], {
        Opaque: 'Weft has a use for certificates only',
        'kubernetes.io/service-account-token': 'Weft has a use for certificates only',
      }),
      '`kubernetes.io/tls`. May not change.',
    ),
    data: optional(
      map(string({ minLength: 0, maxLength: LONGEST }), { keys: configKey, maxEntries: 64 }),
      '`tls.crt` (PEM, the leaf first) and `tls.key` (PEM), in base64. Never shown again.',
    ),
    stringData: optional(
      map(string({ minLength: 0, maxLength: LONGEST }), { keys: configKey, maxEntries: 64 }),
      'The same as plain text; goes before `data`.',
    ),
    immutable: optional(boolean(), 'Written by Kubernetes; kept, without effect here.'),
  },
  ({ data = {}, stringData = {} }, report) => {
    // In our words alone: a value that is quoted would stand in answers and logs.
    for (const [key, text] of Object.entries(data))
      if (!base64.accepts(text))
        report(['data', key], 'invalid-value', `expected ${base64.expected}`, 'write plain text below `stringData`');
    for (const key of [CERTIFICATE_KEY, PRIVATE_KEY]) {
      const text = stringData[key];
      const [field, given] = text === undefined ? (['data', data[key]] as const) : (['stringData', text] as const);
      if (given === undefined) {
        report(['data', key], 'missing-field', 'is required and missing', `add \`${key}\``);
        continue;
      }
      const marker = key === CERTIFICATE_KEY ? 'CERTIFICATE-----' : 'PRIVATE KEY-----';
      if (text === undefined && !base64.accepts(given)) continue;
      const pem = text ?? atob(given);
      if (!pem.includes(marker)) report([field, key], 'invalid-value', `expected PEM with \`${marker.slice(0, -5)}\``);
    }
  },
);

export type SecretSpec = Complete<typeof spec>;
export type Secret = StoredObject<SecretSpec>;

/** The text of one value, which is ASCII; undefined when it is not there. */
export function secretText({ spec: { data = {} } }: Secret, key: string): string | undefined {
  const encoded = data[key];
  return encoded === undefined ? undefined : atob(encoded);
}

const encoded = (text: string): string =>
  btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));

export const SECRET = defineKind({
  group: '',
  kind: 'Secret',
  plural: 'secrets',
  singular: 'secret',
  scope: 'Namespaced',
  doc: 'A certificate with its key, for the listeners of Gateways. What it holds is never shown again, and goes only to the gateways that refer to it.',
  name: dnsSubdomain,
  spec,
  layout: 'root',
  confidential: ['data', 'stringData'],
  example: {
    type: 'kubernetes.io/tls',
    stringData: {
      [CERTIFICATE_KEY]: '-----BEGIN CERTIFICATE-----\n...\n-----END CERTIFICATE-----\n',
      [PRIVATE_KEY]: '-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n',
    },
  },
  status: 'conditions',
  normalize: ({ stringData = {}, data = {}, ...rest }) => ({
    ...rest,
    data: { ...data, ...Object.fromEntries(Object.entries(stringData).map(([key, text]) => [key, encoded(text)])) },
  }),
  checkUpdate(before, after, report) {
    if (before.immutable === true && JSON.stringify(before) !== JSON.stringify(after))
      report(['immutable'], 'immutable-field', 'the Secret says that it does not change', 'delete it first');
  },
  columns: [
    { name: 'Type', type: 'string', doc: 'type', priority: 0, value: ({ spec: { type } }) => type },
    {
      name: 'Data',
      type: 'integer',
      doc: 'How many values.',
      priority: 0,
      value: ({ spec: { data = {} } }) => Object.keys(data).length,
    },
  ],
});
